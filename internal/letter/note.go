// Package letter turns what the programme has to say into mails: here every transactional mail, below it a newsletter issue as HTML,
// plain text (edition) and A4 PDF (pdf).
//
// Everything here is pure: programme, words and content in, mail.Content out; nothing is sent or stored. One file per subject.
package letter

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"strings"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

//go:embed note.html
var layout string

var noteTemplate = template.Must(template.New("").Parse(layout))

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
	Name, Group, Contact, Postal, Why string
}

// Note renders the HTML and text twins and the headers of automatic mail (Auto-Submitted, RFC 3834).
func (l *Letters) Note(n Note) mail.Message {
	p := l.Programme
	w := words.For(n.Language)
	if n.Heading == "" {
		n.Heading = n.Subject
	}
	d := noteData{Note: n, Name: p.Name.In(n.Language, p.Default), Group: p.Group.In(n.Language, p.Default), Contact: string(p.ReplyTo), Postal: p.Postal,
		Why: w.T("letter.contact", "Address", string(p.ReplyTo))}
	var html bytes.Buffer
	if err := noteTemplate.ExecuteTemplate(&html, "note", d); err != nil {
		panic(fmt.Sprintf("letter: note: %v", err)) // the template and its data are ours alone
	}
	return mail.Message{
		From:    From(p, n.Language),
		To:      n.To,
		ReplyTo: mail.Address{Mail: p.ReplyTo},
		Content: mail.Content{Subject: n.Subject, HTML: html.String(), Text: d.text()},
		Headers: []mail.Header{{Name: "Auto-Submitted", Value: "auto-generated"}},
	}
}

// From is the programme as sender, named in lang.
func From(p *programme.Programme, lang people.Language) mail.Address {
	return mail.Address{Name: p.Name.In(lang, p.Default), Mail: p.Sender}
}

func (d noteData) text() string {
	var b strings.Builder
	b.WriteString(d.Heading + "\n\n")
	for _, p := range d.Paragraphs {
		b.WriteString(p + "\n\n")
	}
	if d.Link != "" {
		b.WriteString(d.Button + ":\n" + d.Link + "\n\n")
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
