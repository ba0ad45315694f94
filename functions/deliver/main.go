// A message on the deliver queue sets off deliver: it sends one shard of a distribution through SES. So does one on the mail queue: one single mail.
package main

import (
	"liaison/internal/app/deliver"
	"liaison/internal/cloud"
	"liaison/internal/cloud/mail"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartQueue(deliver.New, mail.Part, queue.Part) }
