// A message on the plan queue sets off fanout: it plans one segment of an audience into shards.
package main

import (
	"liaison/internal/app/fanout"
	"liaison/internal/cloud"
)

func main() { cloud.StartQueue(fanout.New, cloud.Queues) }
