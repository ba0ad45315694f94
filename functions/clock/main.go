// The schedule sets off clock every minute: what is due opens, closes, is reminded of, or starts.
package main

import (
	"liaison/internal/app/clock"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartTick(clock.New, queue.Part) }
