// A report of SES on the feedback queue (by way of SNS) sets off feedback: sends that settle doubt, bounces, complaints.
package main

import (
	"liaison/internal/app/feedback"
	"liaison/internal/cloud"
)

func main() { cloud.StartQueue(feedback.New) }
