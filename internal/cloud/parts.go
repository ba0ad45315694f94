package cloud

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"liaison/internal/app"
)

// Part is a share of the outside world that only some functions need: it fills in what it stands for. Each has a package of its own
// below this one, since the linker keeps much of an SDK that is only imported. A function links no more than the parts that its main
// names, and its role in template.yaml grants no more.
type Part func(*Setting)

// Setting is what parts are made of.
type Setting struct {
	Outside                            *app.Outside
	Config                             func(service string) aws.Config // for a service named as in AWS_ENDPOINT_URL_<SERVICE>
	ConfigurationSet                   string                          // of SES
	PlanQueue, DeliverQueue, MailQueue string                          // URLs
}
