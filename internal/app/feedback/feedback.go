// Package feedback puts the function together that takes the mail service's events.
package feedback

import (
	"context"

	"liaison/internal/app"
	"liaison/internal/app/audience"
	"liaison/internal/distribution"
	"liaison/internal/mail/sesevent"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (app.Message, error) {
	feedback := distribution.NewFeedback(o.Distribution(), audience.New(o))
	return func(ctx context.Context, body []byte) error {
		events, err := sesevent.Decode(body)
		if err != nil {
			return err
		}
		return feedback.Handle(ctx, events...)
	}, nil
}
