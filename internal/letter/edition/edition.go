// Package edition turns one edition of a newsletter issue into a letter, HTML and its plain twin or a short cover to the PDF, and into the body of
// its page on the web.
//
// It is apart from package letter because authors' Markdown needs a reader: only functions that print link it. Everything here is
// pure, as there. What may enter: how an edition reads on a screen; paper is package pdf's.
package edition

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/prose"
	"liaison/internal/words"
)

// Edition is one edition of an issue, to be set as a letter or on paper.
type Edition struct {
	Number   int
	Leaflet  bool // for members: no address on the web, no unsubscribing
	Language people.Language
	Title    string
	Body     string // Markdown
	Date     time.Time
	Also     []people.Language // the other editions
}

// Format of a letter.
type Format int

const (
	Full     Format = iota // HTML and its text twin
	TextOnly               // text alone
	Cover                  // a short letter to an attached PDF
)

// Names of the substitutions that a newsletter letter may hold; leaflets hold the names alone. The mail service fills them in for
// each recipient.
const (
	Name        = "name"      // HTML-escaped
	PlainName   = "plainname" // for the text twin
	Unsubscribe = "unsubscribe"
)

// Letters sets the editions of one programme.
type Letters struct{ Programme *programme.Programme }

// errStray: a substitution that is none of ours would reach the mail service. Escaping makes that impossible; this is the proof.
var errStray = errors.New("edition: stray braces")

// Letter renders an edition; for equal arguments the bytes are equal.
func (l *Letters) Letter(x Edition, f Format) (mail.Content, error) {
	s := l.Sheet(x)
	c := mail.Content{Subject: s.subject(), Text: s.text(f)}
	if f != TextOnly {
		var err error
		if c.HTML, err = s.html(f); err != nil {
			return mail.Content{}, fmt.Errorf("edition: letter: %w", err)
		}
	}
	for _, part := range []string{c.Subject, c.HTML, c.Text} {
		if !ours(part) {
			return mail.Content{}, errStray
		}
	}
	return c, nil
}

// Headers are the headers that every copy of a letter has. List-Unsubscribe differs from reader to reader and is not among them.
func (l *Letters) Headers(x Edition) []mail.Header {
	p := l.Programme
	list, host := p.ID, "localhost"
	if u, err := url.Parse(p.BaseURL); err == nil && u.Hostname() != "" {
		host = u.Hostname()
	}
	if x.Leaflet {
		list += "-members"
	}
	h := []mail.Header{{Name: "List-Id", Value: fmt.Sprintf("<%s.%s>", list, host)}}
	if !x.Leaflet {
		h = append(h, mail.Header{Name: "List-Archive", Value: "<" + p.BaseURL + "/" + string(x.Language) + "/issues>"})
	}
	return append(h, mail.Header{Name: "List-Help", Value: "<mailto:" + string(p.ReplyTo) + ">"})
}

// Sheet is an edition read and worded, before it takes a form.
type Sheet struct {
	Edition
	Letters *Letters
	P       *words.Printer
	Doc     *prose.Document
	Name    string
	Group   string
	Kicker  string // "Issue 2 · 14 May 2027"
	Web     string // address of the edition on the web; empty for leaflets
}

func (l *Letters) Sheet(x Edition) *Sheet {
	p := l.Programme
	s := &Sheet{Edition: x, Letters: l, P: words.For(x.Language), Doc: prose.Parse(x.Body), Name: p.Name.In(x.Language, p.Default), Group: p.Group.In(x.Language, p.Default)}
	s.Title = people.OneLine(s.Title)
	s.Kicker = Kicker(s.P, x.Leaflet, x.Number) + " · " + s.P.Date(x.Date.In(p.Zone()))
	if !x.Leaflet {
		s.Web = s.on(x.Language)
	}
	return s
}

// Kicker is the line above an issue's title: "Issue 2", "Members’ leaflet 3".
func Kicker(p *words.Printer, leaflet bool, number int) string {
	if leaflet {
		return p.T("issue.kicker.leaflet", "Number", number)
	}
	return p.T("issue.kicker", "Number", number)
}

func (s *Sheet) on(lang people.Language) string {
	return fmt.Sprintf("%s/%s/issues/%d", s.Letters.Programme.BaseURL, lang, s.Number)
}

// Link makes addresses whole: paths of the site, and headings of the web edition.
func (s *Sheet) Link(href string) string {
	switch {
	case strings.HasPrefix(href, "/"):
		return s.Letters.Programme.BaseURL + href
	case strings.HasPrefix(href, "#") && s.Web == "":
		return ""
	case strings.HasPrefix(href, "#"):
		return s.Web + href
	}
	return href
}

func (s *Sheet) subject() string {
	key := "issue.subject"
	if s.Leaflet {
		key = "issue.subject.leaflet"
	}
	return calm(s.P.T(key, "Name", s.Name, "Number", s.Number, "Title", s.Title))
}

// also lists the other editions on the web.
func (s *Sheet) also() []alsoIn {
	var out []alsoIn
	for _, l := range s.Also {
		if l != s.Language && s.Web != "" {
			out = append(out, alsoIn{Lang: l, Name: words.SelfName(l), Href: s.on(l)})
		}
	}
	return out
}

type alsoIn struct {
	Lang       people.Language
	Name, Href string
}

var substitutions = strings.NewReplacer("{{"+Name+"}}", "\x00", "{{"+PlainName+"}}", "\x00", "{{"+Unsubscribe+"}}", "\x00")

// ours tells that every pair of braces is one of our substitutions.
func ours(s string) bool {
	left := substitutions.Replace(s)
	return !strings.Contains(left, "{{") && !strings.Contains(left, "}}") && !strings.Contains(left, "{\x00") && !strings.Contains(left, "\x00}")
}

// calm parts braces that stand together, so that plain text and subjects can hold no substitution of an author's. HTML has
// entities for that.
func calm(s string) string {
	for _, brace := range []string{"{", "}"} {
		for strings.Contains(s, brace+brace) {
			s = strings.ReplaceAll(s, brace+brace, brace+" "+brace)
		}
	}
	return s
}
