// Package app is the only assembly: it takes what we need from the outside world and puts the rooms together, once per function.
//
// Lambdas and the local run share it word for word. Each constructor links only what its function uses; All joins them for one machine.
package app

import (
	"context"
	"log/slog"
	"time"

	"liaison/internal/audit"
	"liaison/internal/distribution"
	"liaison/internal/letter"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/programme"
	"liaison/internal/table"
	"liaison/internal/web"
)

// Outside is everything that the programme needs and does not make itself.
type Outside struct {
	Programme *programme.Programme
	People    table.Table // subscribers, experts, presenters, consent, suppression
	Records   table.Table // surveys, answers, events, issues, audit, outbox
	Delivery  table.Table // distributions and shards; expires
	Mail      mail.Sender
	Queue     distribution.Queue
	Limits    distribution.Limits // zero: the protocol's own
	// Step, when set, is called at the named steps of a distribution (distribution.Options.Step); tests and local faults only.
	Step func(ctx context.Context, step string) error
	Keys []link.Key // the first makes links, any opens them
	// Retired keys open nothing but the way out of a newsletter; what they hid stays found.
	Retired []link.Key
	Now     func() time.Time
	NewID   func() string
	Log     *slog.Logger
}

// site makes the kernel that all HTTP functions share.
func (o *Outside) site() (*web.Site, error) {
	links, err := o.links()
	if err != nil {
		return nil, err
	}
	return &web.Site{Programme: o.Programme, Links: links, Now: o.Now, NewID: o.NewID, Log: o.Log}, nil
}

func (o *Outside) links() (*link.Links, error) {
	l, err := link.New(o.Programme.BaseURL, o.Now, o.Keys...)
	if err != nil {
		return nil, err
	}
	return l, l.Remember(o.Retired...)
}

func (o *Outside) outbox() *outbox.Outbox {
	return &outbox.Outbox{Table: o.Records, Sender: o.Mail, Now: o.Now, Log: o.Log}
}

func (o *Outside) audit() *audit.Log {
	return &audit.Log{Table: o.Records, Now: o.Now, NewID: o.NewID}
}

func (o *Outside) letters() *letter.Letters { return &letter.Letters{Programme: o.Programme} }
