// An HTTP request below /desk sets off desk: the secretariat at work.
package main

import (
	"liaison/internal/app"
	"liaison/internal/cloud"
)

func main() { cloud.StartHTTP(app.Desk, cloud.Mail, cloud.Queues) }
