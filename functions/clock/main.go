// The schedule sets off clock every minute: what is due opens, closes, is reminded of, or starts.
package main

import (
	"liaison/internal/app/clock"
	"liaison/internal/cloud"
)

func main() { cloud.StartTick(clock.New, cloud.Mail, cloud.Queues) }
