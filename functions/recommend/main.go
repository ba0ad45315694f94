// An HTTP request from an event's host sets off recommend: the presenters recommended for the event.
package main

import (
	"liaison/internal/app/recommend"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartHTTP(recommend.New, queue.Part) }
