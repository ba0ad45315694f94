// An HTTP request below /{lang}/surveys/ sets off intake: survey forms, list upload, receipts and edit links.
package main

import (
	"liaison/internal/app/intake"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartHTTP(intake.New, queue.Part) }
