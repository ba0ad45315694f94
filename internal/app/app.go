// Package app is the only assembly: it takes what we need from the outside world and puts the rooms together, once per function.
//
// Lambdas and the local run share it word for word. This package is what all of them have in common, and so it imports little. Each
// function has a package of its own below it, of its name, whose New makes it and whose imports are all that its Lambda links;
// app/all joins them for one machine. What several functions put together in the same way stands beside them: rooms (the ideas with
// their letters), audience (who receives), ranking (who fits an event) and site (pages).
package app

import (
	"context"
	"log/slog"
	"time"

	"liaison/internal/audit"
	"liaison/internal/distribution"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/metric"
	"liaison/internal/programme"
	"liaison/internal/table"
)

// Outside is everything that the programme needs and does not make itself.
type Outside struct {
	Programme *programme.Programme
	People    table.Table // subscribers, experts, presenters, consent, suppression
	Records   table.Table // surveys, answers, events, issues, audit, outbox
	Delivery  table.Table // distributions and shards; expires
	Mail      mail.Sender // the deliver function's alone
	Queue     distribution.Queue
	Wake      outbox.Wake         // of who sends single mails
	Limits    distribution.Limits // zero: the protocol's own
	// Step, when set, is called at the named steps of a distribution (distribution.Options.Step); tests and local faults only.
	Step func(ctx context.Context, step string) error
	Keys []link.Key // the first makes links, any opens them
	// Retired keys open nothing but the way out of a newsletter; what they hid stays found.
	Retired []link.Key
	Now     func() time.Time
	NewID   func() string
	Log     *slog.Logger
	Meter   metric.Meter // nil: nobody counts
}

// Message handles the body of one queue message. An error, and the queue brings it again; *distribution.NotYet says when, and is
// no failure.
type Message func(ctx context.Context, body []byte) error

// Task is a Message that is a task of a distribution.
func Task(handle func(context.Context, distribution.Task) error) Message {
	return func(ctx context.Context, body []byte) error {
		t, err := distribution.ParseTask(body)
		if err != nil {
			return err
		}
		return handle(ctx, t)
	}
}

// Tick is what the clock does every minute.
type Tick func(ctx context.Context) error

// Links makes and reads the programme's links.
func (o *Outside) Links() (*link.Links, error) {
	l, err := link.New(o.Programme.BaseURL, o.Now, o.Keys...)
	if err != nil {
		return nil, err
	}
	return l, l.Remember(o.Retired...)
}

// Outbox takes single mails.
func (o *Outside) Outbox() *outbox.Outbox {
	return &outbox.Outbox{Table: o.Records, Wake: o.Wake, Now: o.Now, Log: o.Log}
}

// Audit is the record of who did what.
func (o *Outside) Audit() *audit.Log {
	return &audit.Log{Table: o.Records, Now: o.Now, NewID: o.NewID}
}

// Distribution is what every part of a distribution needs.
func (o *Outside) Distribution() distribution.Options {
	return distribution.Options{Table: o.Delivery, Queue: o.Queue, Now: o.Now, NewID: o.NewID, Step: o.Step, Log: o.Log, Meter: o.Meter, Limits: o.Limits}
}
