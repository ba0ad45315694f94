// Package letter turns what the programme has to say into mails: here every transactional mail, below it a newsletter issue as HTML,
// plain text (edition) and A4 PDF (pdf).
//
// Everything here is pure: programme, words and content in, mail.Content out; nothing is sent or stored. One file per subject.
package letter

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/letter/markup"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

// Letters writes mails for one programme.
type Letters struct{ Programme *programme.Programme }

// Note is a transactional mail in words: short, no promotion, one thing to do at most.
type Note struct {
	Language   people.Language
	To         mail.Address
	Subject    string
	Heading    string   // the subject where empty
	Paragraphs []string // plain text; escaped
	Button     string   // label of the link, empty without one
	Link       string
	After      []string // paragraphs below the button: what happens if nothing is done, how long the link lives
}

type noteData struct {
	Note
	Name, Group, Postal, Why, Colon string
}

// Note renders the HTML and text twins and the headers of automatic mail (Auto-Submitted, RFC 3834).
func (l *Letters) Note(n Note) mail.Message {
	p := l.Programme
	w := words.For(n.Language)
	if n.Heading == "" {
		n.Heading = n.Subject
	}
	d := noteData{Note: n, Name: p.Name.In(n.Language, p.Default), Group: p.Group.In(n.Language, p.Default), Postal: p.Postal,
		Why: w.T("letter.contact", "Address", string(p.ReplyTo)), Colon: w.T("letter.colon")}
	html, err := d.html()
	if err != nil {
		panic(fmt.Sprintf("letter: note: %v", err)) // it is written into memory
	}
	return mail.Message{
		From:    From(p, n.Language),
		To:      n.To,
		ReplyTo: mail.Address{Mail: p.ReplyTo},
		Content: mail.Content{Subject: n.Subject, HTML: html, Text: d.text()},
		Headers: []mail.Header{{Name: "Auto-Submitted", Value: "auto-generated"}},
	}
}

// From is the programme as sender, named in lang.
func From(p *programme.Programme, lang people.Language) mail.Address {
	return mail.Address{Name: p.Name.In(lang, p.Default), Mail: p.Sender}
}

const noteCSS = "@media (prefers-color-scheme:dark){body,.page{background:#15171a!important;color:#e9e6df!important}" +
	".sheet{background:#1d2024!important;border-color:#383d43!important}.soft{color:#a8adb2!important}a{color:#63c5c2!important}" +
	".go{background:#63c5c2!important;color:#0d1a1a!important}}"

func (d noteData) html() (string, error) {
	return markup.Render(markup.Page{Lang: string(d.Language), Dir: "ltr", Title: d.Subject, CSS: noteCSS,
		Style: "margin:0;padding:0;background:#fbfaf7;color:#1c1f23;font:16px/1.55 " + markup.Sans}.Holding(
		markup.Table("page", "background:#fbfaf7", markup.Row(g.Attr("align", "center"), markup.Style("padding:28px 16px"), markup.Line,
			markup.Table("", "max-width:560px",
				markup.Row(markup.Style("padding:0 4px 14px;font-family:Palatino,Georgia,serif;font-size:17px;font-weight:600"), g.Text(d.Name), h.Br(),
					h.Span(h.Class("soft"), markup.Style("font:13px/1.4 -apple-system,'Segoe UI',Roboto,Arial,sans-serif;color:#555c63"), g.Text(d.Group))), markup.Line,
				markup.Row(h.Class("sheet"), markup.Style("background:#ffffff;border:1px solid #dcd8cf;border-radius:4px;padding:28px"), markup.Line, d.sheet()), markup.Line,
				markup.Row(h.Class("soft"), markup.Style("padding:16px 4px;color:#555c63;font-size:13px"), g.Text(d.Why), g.If(d.Postal != "", g.Group{h.Br(), g.Text(d.Postal)}))), markup.Line))))
}

// sheet is what the note has to say.
func (d noteData) sheet() g.Node {
	out := g.Group{h.H1(markup.Style("margin:0 0 16px;font:600 24px/1.25 Palatino,Georgia,serif"), g.Text(d.Heading)), markup.Line}
	for _, p := range d.Paragraphs {
		out = append(out, h.P(markup.Style("margin:0 0 16px;white-space:pre-line"), g.Text(p)), markup.Line)
	}
	if d.Link != "" {
		out = append(out, h.P(markup.Style("margin:24px 0"), markup.Button(markup.Href(d.Link), "12px 22px", d.Button)), markup.Line)
	}
	for _, p := range d.After {
		out = append(out, h.P(h.Class("soft"), markup.Style("margin:0 0 12px;color:#555c63;font-size:15px"), g.Text(p)), markup.Line)
	}
	return out
}

func (d noteData) text() string {
	var b strings.Builder
	b.WriteString(d.Heading + "\n\n")
	for _, p := range d.Paragraphs {
		b.WriteString(p + "\n\n")
	}
	if d.Link != "" {
		b.WriteString(d.Button + d.Colon + "\n" + d.Link + "\n\n")
	}
	for _, p := range d.After {
		b.WriteString(p + "\n\n")
	}
	b.WriteString("-- \n" + d.Name + "\n" + d.Group + "\n" + d.Why + "\n")
	if d.Postal != "" {
		b.WriteString(d.Postal + "\n")
	}
	return b.String()
}
