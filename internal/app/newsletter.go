package app

import (
	"context"
	"errors"
	"strconv"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/letter"
	"liaison/internal/letter/pdf"
	"liaison/internal/mail"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/web/publications"
)

// publications is what the public reads.
func (o *Outside) publications(site *web.Site) ([]web.Function, error) {
	issues := &publications.Issues{Site: site, Store: o.issues()}
	calendar := o.calendar(site)
	return []web.Function{
		publications.Static{},
		&publications.Home{Site: site, Issues: issues, Calendar: calendar},
		issues,
		&publications.About{Site: site},
		calendar,
	}, nil
}

// issues reads the newsletter, and nothing more: its frozen letters and PDFs were made at the start.
func (o *Outside) issues() *newsletter.Store { return &newsletter.Store{Table: o.Records} }

// office is where issues are written, planned and started. Its Tick belongs to the clock.
func (o *Outside) office() *newsletter.Office {
	p := &press{o.letters()}
	return &newsletter.Office{Store: o.issues(), Programme: o.Programme, Press: p, Trials: p,
		Distributor: &distributor{distribution.NewControl(o.distribution())},
		Post:        o.outbox().Post, Audit: o.audit(), Now: o.Now}
}

// press makes letters for the newsletter. Only functions that print link it, and with it the fonts.
type press struct{ letters *letter.Letters }

func (p *press) issue(i *newsletter.Issue, e *newsletter.Edition, date time.Time) letter.Issue {
	x := letter.Issue{Number: i.Number, Leaflet: i.Kind == newsletter.Leaflet, Language: e.Language, Title: e.Title, Body: e.Body, Date: date}
	for _, l := range p.letters.Programme.Languages { // in the programme's order
		if _, ok := i.Editions[l]; ok {
			x.Also = append(x.Also, l)
		}
	}
	return x
}

var letterFormats = map[newsletter.Format]letter.Format{newsletter.HTML: letter.Full, newsletter.Text: letter.TextOnly, newsletter.PDF: letter.Cover}

// Letter implements newsletter.Press.
func (p *press) Letter(i *newsletter.Issue, e *newsletter.Edition, date time.Time, f newsletter.Format) (*newsletter.Letter, error) {
	x := p.issue(i, e, date)
	c, err := p.letters.Issue(x, letterFormats[f])
	if err != nil {
		return nil, err
	}
	if len(c.HTML) > newsletter.MaxHTML {
		return nil, &newsletter.ErrTooLarge{Bytes: len(c.HTML), Limit: newsletter.MaxHTML}
	}
	return &newsletter.Letter{From: p.letters.From(e.Language), ReplyTo: mail.Address{Mail: p.letters.Programme.ReplyTo}, Content: c, Headers: p.letters.IssueHeaders(x)}, nil
}

// Paper implements newsletter.Press.
func (p *press) Paper(i *newsletter.Issue, e *newsletter.Edition, date time.Time) ([]byte, error) {
	return pdf.Issue(p.letters, p.issue(i, e, date))
}

// Trial implements newsletter.Trial: the links of a test lead to the page about subscriptions, which changes nothing without a token.
func (p *press) Trial(l *newsletter.Letter, to programme.Desk) mail.Message {
	nowhere := p.letters.Programme.BaseURL + "/" + string(p.letters.Programme.Nearest(to.Language)) + "/subscription"
	c := newsletter.Fill(l.Content, newsletter.Substitutions(to.Name, to.Email, nowhere, nowhere))
	return mail.Message{From: l.From, ReplyTo: l.ReplyTo, To: mail.Address{Name: to.Name, Mail: to.Email}, Content: p.letters.Trial(c, to), Headers: l.Headers}
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
