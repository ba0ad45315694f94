// Package mail lets a function send mail through SES: deliver, and no other. It is apart from package cloud, so that whoever sends nothing
// links no SES.
package mail

import (
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"liaison/internal/cloud"
	"liaison/internal/mail/ses"
)

// Part is what a main names that sends mail.
func Part(s *cloud.Setting) {
	s.Outside.Mail = ses.New(sesv2.NewFromConfig(s.Config("SESV2")), s.ConfigurationSet)
}
