// Package press puts the function together that works on the text of issues: pages to write, preview and try editions, set off by requests, and
// the printing of the issues that are due, set off by the schedule.
//
// It is apart from the desk and the clock because Markdown, fonts and PDF weigh most of all that a Lambda can link: nobody else enters.
package press

import (
	"context"
	"errors"
	"net/http"
	"sync/atomic"
	"time"

	"liaison/internal/app"
	"liaison/internal/app/site"
	"liaison/internal/letter"
	"liaison/internal/letter/edition"
	"liaison/internal/letter/pdf"
	"liaison/internal/mail"
	"liaison/internal/newsletter"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/web/issue"
	webpress "liaison/internal/web/press"
)

// New makes the handler and the tick of the Lambda.
func New(o *app.Outside) (http.Handler, app.Tick, error) {
	h, err := site.Serve(o, Pages)
	return h, Tick(o), err
}

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	s.Statuses = append(s.Statuses, issue.Statuses...)
	return []web.Function{&webpress.Editions{Site: s, Editorial: editorial(o)}}
}

// Tick prints what is due. The first one looks for issues that a release before has started without pages for the web, too.
func Tick(o *app.Outside) app.Tick {
	office := editorial(o)
	var caughtUp atomic.Bool
	return func(ctx context.Context) error {
		err := office.Tick(ctx)
		if !caughtUp.Load() {
			late := office.CatchUp(ctx)
			caughtUp.Store(late == nil)
			err = errors.Join(err, late)
		}
		return err
	}
}

func editorial(o *app.Outside) *newsletter.Editorial {
	p := &press{&edition.Letters{Programme: o.Programme}}
	// Later: a test mail waits for the clock, at most a minute, so that the press needs no queue (decision 26).
	return &newsletter.Editorial{Store: &newsletter.Store{Table: o.Records}, Programme: o.Programme, Press: p, Trials: p,
		Post: o.Outbox().Later, Audit: o.Audit(), Now: o.Now}
}

// press makes letters for the newsletter.
type press struct{ letters *edition.Letters }

func (p *press) issue(i *newsletter.Issue, e *newsletter.Edition, date time.Time) edition.Edition {
	x := edition.Edition{Number: i.Number, Leaflet: i.Kind == newsletter.Leaflet, Language: e.Language, Title: e.Title, Body: e.Body, Date: date}
	for _, l := range p.letters.Programme.Languages { // in the programme's order
		if _, ok := i.Editions[l]; ok {
			x.Also = append(x.Also, l)
		}
	}
	return x
}

var letterFormats = map[newsletter.Format]edition.Format{newsletter.HTML: edition.Full, newsletter.Text: edition.TextOnly, newsletter.PDF: edition.Cover}

// Letter implements newsletter.Press.
func (p *press) Letter(i *newsletter.Issue, e *newsletter.Edition, date time.Time, f newsletter.Format) (*newsletter.Letter, error) {
	x := p.issue(i, e, date)
	c, err := p.letters.Letter(x, letterFormats[f])
	if err != nil {
		return nil, err
	}
	return &newsletter.Letter{From: letter.From(p.letters.Programme, e.Language), ReplyTo: mail.Address{Mail: p.letters.Programme.ReplyTo}, Content: c, Headers: p.letters.Headers(x)}, nil
}

// Paper implements newsletter.Press.
func (p *press) Paper(i *newsletter.Issue, e *newsletter.Edition, date time.Time) ([]byte, error) {
	return pdf.Issue(p.letters, p.issue(i, e, date))
}

// Page implements newsletter.Press.
func (p *press) Page(i *newsletter.Issue, e *newsletter.Edition) (*newsletter.Page, error) {
	from := p.letters.Page(p.issue(i, e, time.Time{}))
	out := &newsletter.Page{HTML: newsletter.Markup(from.HTML), Lead: from.Lead, Summary: from.Summary}
	for _, h := range from.Contents {
		out.Contents = append(out.Contents, newsletter.Headline{ID: h.ID, Text: h.Text})
	}
	return out, nil
}

// Trial implements newsletter.Trial: the links of a test lead to the page about subscriptions, which changes nothing without a token.
func (p *press) Trial(l *newsletter.Letter, to programme.Desk) mail.Message {
	nowhere := p.letters.Programme.BaseURL + "/" + string(p.letters.Programme.Nearest(to.Language)) + "/subscription"
	c := newsletter.Fill(l.Content, newsletter.Substitutions(to.Name, to.Email, nowhere))
	return mail.Message{From: l.From, ReplyTo: l.ReplyTo, To: mail.Address{Name: to.Name, Mail: to.Email}, Content: p.letters.Trial(c, to), Headers: l.Headers}
}
