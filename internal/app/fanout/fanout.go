// Package fanout puts the function together that plans one segment of an audience into shards.
package fanout

import (
	"liaison/internal/app"
	"liaison/internal/app/audience"
	"liaison/internal/distribution"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (app.Message, error) {
	return app.Task(distribution.NewPlanner(o.Distribution(), audience.New(o)).Handle), nil
}
