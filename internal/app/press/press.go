// Package press is the newsletter's printing works: where issues are written, planned and started, with the letters and the paper
// that they become.
//
// It is apart because Markdown, fonts and PDF weigh most of all that a Lambda can link: the desk previews, the clock prints, and
// nobody else enters.
package press

import (
	"time"

	"liaison/internal/app"
	"liaison/internal/distribution"
	"liaison/internal/letter"
	"liaison/internal/letter/edition"
	"liaison/internal/letter/pdf"
	"liaison/internal/mail"
	"liaison/internal/newsletter"
	"liaison/internal/programme"
)

// Office is where issues are written, planned and started. Its Tick belongs to the clock.
func Office(o *app.Outside) *newsletter.Office {
	p := &press{&edition.Letters{Programme: o.Programme}}
	return &newsletter.Office{Store: &newsletter.Store{Table: o.Records}, Programme: o.Programme, Press: p, Trials: p,
		Distributor: &distributor{distribution.NewControl(o.Distribution())},
		Post:        o.Outbox().Post, Audit: o.Audit(), Now: o.Now}
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
	if len(c.HTML) > newsletter.MaxHTML {
		return nil, &newsletter.ErrTooLarge{Bytes: len(c.HTML), Limit: newsletter.MaxHTML}
	}
	return &newsletter.Letter{From: letter.From(p.letters.Programme, e.Language), ReplyTo: mail.Address{Mail: p.letters.Programme.ReplyTo}, Content: c, Headers: p.letters.Headers(x)}, nil
}

// Paper implements newsletter.Press.
func (p *press) Paper(i *newsletter.Issue, e *newsletter.Edition, date time.Time) ([]byte, error) {
	return pdf.Issue(p.letters, p.issue(i, e, date))
}

// Trial implements newsletter.Trial: the links of a test lead to the page about subscriptions, which changes nothing without a token.
func (p *press) Trial(l *newsletter.Letter, to programme.Desk) mail.Message {
	nowhere := p.letters.Programme.BaseURL + "/" + string(p.letters.Programme.Nearest(to.Language)) + "/subscription"
	c := newsletter.Fill(l.Content, newsletter.Substitutions(to.Name, to.Email, nowhere))
	return mail.Message{From: l.From, ReplyTo: l.ReplyTo, To: mail.Address{Name: to.Name, Mail: to.Email}, Content: p.letters.Trial(c, to), Headers: l.Headers}
}
