// An HTTP request from a personal link sets off presenters: registration as designated presenter, and answers to requests.
package main

import (
	"liaison/internal/app/presenters"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartHTTP(presenters.New, queue.Part) }
