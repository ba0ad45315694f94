// An HTTP request below /desk sets off desk: the secretariat at work.
package main

import (
	"liaison/internal/app/desk"
	"liaison/internal/cloud"
)

func main() { cloud.StartHTTP(desk.New, cloud.Mail, cloud.Queues) }
