package rooms

import (
	"context"
	"errors"
	"strconv"

	"liaison/internal/app"
	"liaison/internal/distribution"
	"liaison/internal/newsletter"
	"liaison/internal/people"
)

// Issues is where issues are planned and started. What is written in them is the press's.
func Issues(o *app.Outside) *newsletter.Office {
	return &newsletter.Office{Store: &newsletter.Store{Table: o.Records}, Programme: o.Programme,
		Distributor: &distributor{distribution.NewControl(o.Distribution())}, Audit: o.Audit(), Now: o.Now}
}

// distributor is the newsletter's view of package distribution.
type distributor struct{ control *distribution.Control }

func (d *distributor) Start(ctx context.Context, r newsletter.Run) error {
	s := distribution.Spec{ID: r.ID, Kind: string(r.Kind), Issue: strconv.Itoa(r.Number), Version: r.Version, Default: string(r.Default), Due: r.Due, LatestStart: r.Latest}
	for _, l := range r.Editions {
		s.Editions = append(s.Editions, string(l))
	}
	for _, f := range r.Formats {
		s.Formats = append(s.Formats, string(f))
	}
	_, err := d.control.Start(ctx, s)
	return err
}

func (d *distributor) Pause(ctx context.Context, run string) error {
	return distributed(d.control.Pause(ctx, run))
}
func (d *distributor) Resume(ctx context.Context, run string) error {
	return distributed(d.control.Resume(ctx, run))
}
func (d *distributor) Cancel(ctx context.Context, run string) error {
	return distributed(d.control.Cancel(ctx, run))
}

// distributed says a distribution's errors in the newsletter's words.
func distributed(err error) error {
	switch {
	case errors.Is(err, distribution.ErrState):
		return errors.Join(newsletter.ErrState, err)
	case errors.Is(err, distribution.ErrNotFound):
		return errors.Join(newsletter.ErrNotFound, err)
	}
	return err
}

func (d *distributor) Progress(ctx context.Context, run string) (*newsletter.Progress, error) {
	p, err := d.control.Progress(ctx, run)
	if err != nil {
		return nil, distributed(err)
	}
	out := &newsletter.Progress{State: newsletter.State(p.State), Reason: string(p.Reason), Counts: counts(p.Counts), ByLanguage: map[people.Language]newsletter.Counts{},
		Ended: p.Finished, ResumeAt: p.ResumeAt, Estimate: p.Estimate}
	for l, c := range p.ByLanguage {
		out.ByLanguage[people.Language(l)] = counts(c)
	}
	return out, nil
}

func counts(c distribution.Counts) newsletter.Counts {
	return newsletter.Counts{Planned: c.Planned, Sent: c.Sent, Refused: c.Refused, Doubt: c.Doubt, Skipped: c.Skipped, Retry: c.Retry,
		Bounced: c.Bounced, Complained: c.Complained, Repeated: c.Repeated}
}
