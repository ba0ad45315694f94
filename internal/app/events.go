package app

import (
	"context"
	"errors"
	"net/http"

	"liaison/internal/distribution"
	"liaison/internal/mail/sesevent"
)

// Message handles the body of one queue message. An error, and the queue brings it again; *distribution.NotYet says when, and is
// no failure.
type Message func(ctx context.Context, body []byte) error

// Tick is what the clock does every minute.
type Tick func(ctx context.Context) error

// drained is how many waiting mails one tick sends at most.
const drained = 200

// Clock starts the issues that are due, looks after distributions, tidies the list, and sends mails that wait in the outbox. One
// part's trouble does not keep the others waiting; the mails come last, because a mail service that hangs takes all the time there is.
func Clock(o *Outside) (Tick, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	box, office, list := o.outbox(), o.office(), o.subscribers(links)
	sweeper := distribution.NewSweeper(o.distribution(), alarm{o})
	return func(ctx context.Context) error {
		started, swept := office.Tick(ctx), sweeper.Sweep(ctx)
		_, tidied := list.Tidy(ctx, drained)
		_, mails := box.Drain(ctx, drained)
		return errors.Join(started, swept, tidied, mails)
	}, nil
}

// FanOut plans one segment of an audience.
func FanOut(o *Outside) (Message, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	planner := distribution.NewPlanner(o.distribution(), &audience{o.subscribers(links), o.bank(links)})
	return task(planner.Handle), nil
}

// Deliver sends one shard.
func Deliver(o *Outside) (Message, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	deliverer := distribution.NewDeliverer(o.distribution(), distribution.Post{
		Standing: &audience{o.subscribers(links), o.bank(links)}, Letters: frozen{o.issues()}, Sender: o.Mail, Personal: personal(links)})
	return task(deliverer.Handle), nil
}

// Feedback takes the mail service's events.
func Feedback(o *Outside) (Message, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	feedback := distribution.NewFeedback(o.distribution(), suppressor{&audience{o.subscribers(links), o.bank(links)}})
	return func(ctx context.Context, body []byte) error {
		events, err := sesevent.Decode(body)
		if err != nil {
			return err
		}
		return feedback.Handle(ctx, events...)
	}, nil
}

func task(handle func(context.Context, distribution.Task) error) Message {
	return func(ctx context.Context, body []byte) error {
		t, err := distribution.ParseTask(body)
		if err != nil {
			return err
		}
		return handle(ctx, t)
	}
}

// Everything is the whole programme on one machine.
type Everything struct {
	HTTP                    http.Handler
	Tick                    Tick
	Plan, Deliver, Feedback Message
}

// All joins every function for the local run.
func All(o *Outside) (*Everything, error) {
	var e Everything
	var errs [5]error
	e.HTTP, errs[0] = o.serve(o.intake, o.subscriptions, o.presenters, o.recommend, o.publications, o.desk)
	e.Tick, errs[1] = Clock(o)
	e.Plan, errs[2] = FanOut(o)
	e.Deliver, errs[3] = Deliver(o)
	e.Feedback, errs[4] = Feedback(o)
	return &e, errors.Join(errs[:]...)
}
