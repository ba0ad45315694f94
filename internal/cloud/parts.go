package cloud

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"liaison/internal/mail/ses"
)

// Part is a share of the outside world that only some functions need. A function links no more than the parts that its main names,
// and its role in template.yaml grants no more.
type Part func(*world)

// Mail lets a function send mail.
func Mail(w *world) {
	w.out.Mail = ses.New(sesv2.NewFromConfig(w.service("SESV2")), w.cfg.configurationSet)
}

// Queues lets a function send the tasks of a distribution.
func Queues(w *world) {
	w.out.Queue = &queues{send: sqs.NewFromConfig(w.service("SQS")).SendMessageBatch, plan: w.cfg.planQueue, deliver: w.cfg.deliverQueue,
		now: w.out.Now, pause: 100 * time.Millisecond}
}
