// A message on the deliver queue sets off deliver: it sends one shard of a distribution through SES.
package main

import (
	"liaison/internal/app"
	"liaison/internal/cloud"
)

func main() { cloud.StartQueue(app.Deliver, cloud.Mail, cloud.Queues) }
