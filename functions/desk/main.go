// An HTTP request below /desk sets off desk: the secretariat at work.
package main

import (
	"liaison/internal/app/desk"
	"liaison/internal/cloud"
	"liaison/internal/cloud/mail"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartHTTP(desk.New, mail.Part, queue.Part) }
