// An HTTP request below /desk sets off desk: the secretariat at work.
package main

import (
	"liaison/internal/app/desk"
	"liaison/internal/cloud"
	"liaison/internal/cloud/queue"
)

func main() { cloud.StartHTTP(desk.New, queue.Part) }
