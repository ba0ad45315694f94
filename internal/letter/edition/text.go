package edition

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"liaison/internal/prose"
)

const textWidth = 72

// text sets the plain twin. The author's part is calmed as a whole; our substitutions stand in the foot alone.
func (s *Sheet) text(f Format) string {
	var b strings.Builder
	line := func(parts ...string) { b.WriteString(strings.Join(parts, "") + "\n") }
	line(s.Name)
	line(s.Group)
	line(s.Kicker)
	line(strings.Repeat("=", textWidth))
	line()
	title := prose.Wrap(s.Title, textWidth)
	longest := 0
	for _, t := range title {
		line(t)
		longest = max(longest, utf8.RuneCountInString(t))
	}
	line(strings.Repeat("=", longest))
	line()
	if s.Web != "" {
		colon := s.P.T("letter.colon") + " "
		line(s.P.T("issue.web"), colon, s.Web)
		for _, a := range s.also() {
			line(a.Name, colon, a.Href)
		}
		line()
	}
	if f == Cover {
		s.cover(line)
	} else {
		s.full(line)
	}
	return calm(b.String()) + s.foot()
}

func (s *Sheet) cover(line func(...string)) {
	for _, t := range prose.Wrap(s.Doc.Lead(600), textWidth) {
		line(t)
	}
	line()
	if c := s.Doc.Contents(); len(c) > 0 {
		line(s.P.T("issue.contents"), s.P.T("letter.colon"))
		for _, h := range c {
			line("* ", h.Text)
		}
		line()
	}
	line(s.P.T("issue.attached"))
	line()
}

func (s *Sheet) full(line func(...string)) {
	text, links := s.Doc.Text(prose.Plain{Width: textWidth, Link: s.Link})
	line(text)
	line()
	if len(links) > 0 {
		for i, l := range links {
			line(fmt.Sprintf("[%d] ", i+1), l)
		}
		line()
	}
}

func (s *Sheet) foot() string {
	p := s.Letters.Programme
	var b strings.Builder
	b.WriteString("-- \n")
	wrapped := func(t string) { b.WriteString(strings.Join(prose.Wrap(t, textWidth), "\n") + "\n") }
	why := s.why()
	for i := range why {
		why[i] = calm(why[i])
	}
	wrapped(strings.Join(why, "{{"+PlainName+"}}"))
	if s.Web != "" {
		b.WriteString(calm(s.P.T("issue.leave")) + "\n{{" + Unsubscribe + "}}\n")
		wrapped(calm(s.P.T("issue.forward")))
	}
	wrapped(calm(s.P.T("letter.contact", "Address", string(p.ReplyTo))))
	if p.Postal != "" {
		wrapped(calm(s.Name + ", " + p.Postal))
	}
	return b.String()
}
