// A message on the plan queue sets off fanout: it plans one segment of an audience into shards.
package main

import (
	"liaison/internal/app"
	"liaison/internal/cloud"
)

func main() { cloud.StartQueue(app.FanOut, cloud.Queues) }
