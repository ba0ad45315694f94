// An HTTP request for signing up, a subscription or leaving sets off subscriptions; mail programs ask for the last by themselves (RFC 8058).
package main

import (
	"liaison/internal/app/subscriptions"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartHTTP(subscriptions.New, queue.Part) }
