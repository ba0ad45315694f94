// A message on the deliver queue sets off deliver: it sends one shard of a distribution through SES.
package main

import (
	"liaison/internal/app/deliver"
	"liaison/internal/cloud"
)

func main() { cloud.StartQueue(deliver.New, cloud.Mail, cloud.Queues) }
