// An HTTP request below /{lang}/surveys/ sets off intake: survey forms, list upload, receipts and edit links.
package main

import (
	"liaison/internal/app"
	"liaison/internal/cloud"
)

func main() { cloud.StartHTTP(app.Intake, cloud.Mail) }
