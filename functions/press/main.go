// An HTTP request for an edition at the desk, or the schedule every minute, sets off press: editions are written, shown and tried; issues
// that are due are printed.
package main

import (
	"liaison/internal/app/press"
	"liaison/internal/cloud"
)

func main() { cloud.StartHTTPAndTick(press.New) }
