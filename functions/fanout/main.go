// A message on the plan queue sets off fanout: it plans one segment of an audience into shards.
package main

import (
	"liaison/internal/app/fanout"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartQueue(fanout.New, queue.Part) }
