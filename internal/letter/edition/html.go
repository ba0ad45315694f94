package edition

import (
	"html/template"
	"strings"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/prose"
	"liaison/internal/words"
)

// issuePage is what the layout shows. Everything that anybody typed has gone through prose.Escape, which leaves no braces.
type issuePage struct {
	Lang                                                       people.Language
	Dir, Near, Far                                             string // Near: the side on which lines begin
	Subject, Preheader, Name, Group, Kicker, Title, Body, Lead template.HTML
	Contents                                                   []contentsLine
	Cover                                                      bool
	W                                                          map[string]template.HTML // wordings by the last part of their key
	Web, Paper                                                 string
	Also                                                       []alsoIn
	Postal, Why                                                template.HTML
	LeaveHref                                                  template.HTMLAttr // empty for leaflets
	Trial                                                      template.HTML     // where Letters.Trial puts its line
}

type contentsLine struct {
	Text template.HTML
	Href string
}

func (s *Sheet) page(f Format) *issuePage {
	p := s.Letters.Programme
	d := &issuePage{
		Lang: s.Language, Dir: s.Language.Direction(), Near: "left", Far: "right", Cover: f == Cover,
		Subject: prose.Escape(s.Title), Preheader: prose.Escape(s.Doc.Lead(140)), Name: prose.Escape(s.Name), Group: prose.Escape(s.Group),
		Kicker: prose.Escape(s.Kicker), Title: prose.Escape(s.Title), Web: s.Web, Also: s.also(), Postal: prose.Escape(p.Postal),
		W: map[string]template.HTML{}, Trial: trialMark, Why: s.why(Name, prose.Escape),
	}
	if d.Dir == "rtl" {
		d.Near, d.Far = "right", "left"
	}
	for _, w := range []string{"contents", "web", "paper", "also", "attached", "leave", "forward"} {
		d.W[w] = prose.Escape(s.P.T("issue." + w))
	}
	d.W["contact"] = prose.Escape(s.P.T("letter.contact", "Address", string(p.ReplyTo)))
	if s.Web != "" {
		d.Paper = s.Web + ".pdf"
		d.LeaveHref = `href="{{` + Unsubscribe + `}}"`
	}
	if c := s.Doc.Contents(); len(c) > 2 || f == Cover {
		for _, h := range c {
			d.Contents = append(d.Contents, contentsLine{prose.Escape(h.Text), s.Link("#" + h.ID)})
		}
	}
	if f == Cover {
		d.Lead = prose.Escape(s.Doc.Lead(600))
	} else {
		d.Body = s.Doc.HTML(prose.Dress{Style: styles(d.Near), Link: s.Link})
	}
	return d
}

// why says to whom the letter went and why, with the name as a substitution.
func (s *Sheet) why(variable string, escape func(string) template.HTML) template.HTML {
	const here = "\uE000" // a private character stands in for the braces while the wording is escaped
	key := "issue.why"
	if s.Leaflet {
		key = "issue.why.leaflet"
	}
	text := escape(s.P.T(key, "Reader", here, "Name", s.Name))
	return template.HTML(strings.ReplaceAll(string(text), here, "{{"+variable+"}}"))
}

const (
	serif = "Palatino,'Palatino Linotype',Georgia,'Times New Roman',serif"
	sans  = "-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
)

// styles are inline, because half of the mail programs forget a style sheet.
func styles(near string) map[string]string {
	head := "font-family:" + sans + ";font-size:14px;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid #8b8f94;text-align:"
	cell := "font-family:" + sans + ";font-size:15px;line-height:1.45;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid #dcd8cf;word-break:break-word;text-align:"
	return map[string]string{
		"p": "margin:0 0 16px", "a": "color:#0b5d5e",
		"h2": "margin:30px 0 10px;font:600 22px/1.3 " + serif, "h3": "margin:24px 0 8px;font:600 18px/1.3 " + serif, "h4": "margin:20px 0 6px;font:600 17px/1.3 " + serif,
		"ul": "margin:0 0 16px;padding:0 24px", "ol": "margin:0 0 16px;padding:0 28px", "li": "margin:0 0 6px",
		"blockquote": "margin:0 0 16px;padding-" + near + ":16px;border-" + near + ":3px solid #8fb5b5",
		"pre":        "margin:0 0 16px;padding:12px;border:1px solid #dcd8cf;font:14px/1.5 Menlo,Consolas,monospace;white-space:pre-wrap;word-break:break-word",
		"code":       "font:15px/1.4 Menlo,Consolas,monospace", "hr": "border:0;border-top:1px solid #8b8f94;margin:28px 0",
		"table": "border-collapse:collapse;width:100%;margin:0 0 18px", "th": head + near, "th.middle": head + "center", "th.end": head + opposite(near),
		"td": cell + near, "td.middle": cell + "center", "td.end": cell + opposite(near) + ";font-variant-numeric:tabular-nums",
	}
}

func opposite(side string) string {
	if side == "left" {
		return "right"
	}
	return "left"
}

// Trial is a letter as a test for a person of the desk, who reads a mark in the subject and a line above the letter in her language.
func (l *Letters) Trial(c mail.Content, to programme.Desk) mail.Content {
	w := words.For(l.Programme.Nearest(to.Language))
	c.Subject = w.T("issue.test.subject", "Subject", c.Subject)
	note := w.T("issue.test.note")
	c.Text = note + "\n\n" + c.Text
	if at := strings.Index(c.HTML, trialMark); at >= 0 {
		c.HTML = c.HTML[:at] + `<p style="margin:0;padding:10px 16px;background:#8a5a00;color:#ffffff;font:600 14px/1.4 ` + sans + `">` +
			string(prose.Escape(note)) + "</p>" + c.HTML[at+len(trialMark):]
	}
	return c
}

const trialMark = `<!-- -->`
