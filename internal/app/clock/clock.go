// Package clock puts the function together that the schedule sets off every minute. It starts what the press has printed; it shows no
// pages and reads no text.
package clock

import (
	"context"
	"errors"

	"liaison/internal/app"
	"liaison/internal/app/rooms"
	"liaison/internal/distribution"
)

// atOnce is how many subscribers one tick tidies, and for how many mails it wakes the sender, at most.
const atOnce = 200

// New starts the issues that are printed, looks after distributions, tidies the list, and wakes the sender of mails that wait in the outbox. One
// part's trouble does not keep the others waiting.
func New(o *app.Outside) (app.Tick, error) {
	links, err := o.Links()
	if err != nil {
		return nil, err
	}
	box, office, list := o.Outbox(), rooms.Issues(o), rooms.Subscribers(o, links)
	sweeper := distribution.NewSweeper(o.Distribution(), alarm{o})
	return func(ctx context.Context) error {
		started, swept := office.Tick(ctx), sweeper.Sweep(ctx)
		_, tidied := list.Tidy(ctx, atOnce)
		_, mails := box.WakeDue(ctx, atOnce)
		return errors.Join(started, swept, tidied, mails)
	}, nil
}
