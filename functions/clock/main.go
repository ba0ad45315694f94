// The schedule sets off clock every minute: it starts what is printed, looks after distributions and the list, and wakes the sender of mails that wait.
package main

import (
	"liaison/internal/app/clock"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartTick(clock.New, queue.Part) }
