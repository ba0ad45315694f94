package edition

import (
	"fmt"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/letter/markup"
	"liaison/internal/mail"
	"liaison/internal/programme"
	"liaison/internal/prose"
	"liaison/internal/words"
)

const css = "@media (prefers-color-scheme:dark){body,.page{background:#15171a!important;color:#e9e6df!important} " +
	".sheet{background:#1d2024!important;border-color:#383d43!important} .soft{color:#a8adb2!important} a{color:#63c5c2!important} " +
	"td,th,pre{border-color:#4a5057!important} .rule{border-color:#e9e6df!important} a.go{background:#63c5c2!important;color:#0d1a1a!important} }\n" +
	"@media (max-width:480px){.sheet{padding:24px 18px!important} .title{font-size:26px!important} }"

// page is the sheet on its way to HTML.
type page struct {
	*Sheet
	cover bool
	near  markup.CSS // the side on which lines begin
}

func (s *Sheet) html(f Format) (string, error) {
	p := &page{Sheet: s, cover: f == Cover, near: "left"}
	dir := s.Language.Direction()
	if dir == "rtl" {
		p.near = "right"
	}
	aligned := ";text-align:" + p.near
	return markup.Render(markup.Page{Lang: string(s.Language), Dir: dir, Title: s.Title, CSS: css, Style: "margin:0;padding:0;background:#fbfaf7;color:#1c1f23"}.Holding(
		h.Div(markup.Style("display:none;max-height:0;overflow:hidden"), g.Text(s.Doc.Lead(140))), markup.Line, markup.MarkHere,
		markup.Table("page", "background:#fbfaf7;color:#1c1f23", markup.Row(g.Attr("align", "center"), markup.Style("padding:28px 12px;border:0"), markup.Line,
			markup.Table("", "max-width:600px",
				markup.Row(markup.Style("padding:0 4px 16px;border:0;font:600 20px/1.25 "+markup.Serif+aligned), g.Text(s.Name), h.Br(),
					h.Span(soft("font:13px/1.5 "+markup.Sans), g.Text(s.Group))), markup.Line,
				markup.Row(h.Class("sheet"), markup.Style("background:#ffffff;border:1px solid #dcd8cf;border-radius:4px;padding:32px 36px;font:17px/1.62 "+markup.Serif+aligned), markup.Line,
					p.head(), markup.Line, p.inside(), p.onTheWeb()), markup.Line,
				markup.Row(h.Class("soft"), p.worded(), markup.Style("padding:18px 4px;border:0;color:#555c63;font:13px/1.6 "+markup.Sans+aligned), p.foot())), markup.Line))))
}

// soft is the dress of what is read last.
func soft(style markup.CSS) g.Node {
	return g.Group{h.Class("soft"), markup.Style(style + ";color:#555c63")}
}

// link is text that leads to an address, or stays text where there is none.
func link(address, label string, attrs ...g.Node) g.Node {
	if href := markup.Href(address); href != nil {
		return h.A(href, g.Group(attrs), markup.Style("color:#0b5d5e"), g.Text(label))
	}
	return g.Text(label)
}

// head is number, date and title between two double rules, and the other editions.
func (p *page) head() g.Node {
	var also g.Group
	for i, a := range p.also() {
		also = append(also, g.If(i > 0, g.Text(" · ")), link(a.Href, a.Name, h.Lang(string(a.Lang)), g.Attr("hreflang", string(a.Lang))))
	}
	return h.Div(h.Class("rule"), markup.Style("border-top:3px double #1c1f23;border-bottom:3px double #1c1f23;padding:18px 0;margin:0 0 26px"),
		h.P(soft("margin:0 0 8px;font:14px/1.4 "+markup.Sans), g.Text(p.Kicker)), markup.Line,
		h.H1(h.Class("title"), markup.Style("margin:0;font:600 30px/1.2 "+markup.Serif), h.Dir("auto"), g.Text(p.Title)),
		g.If(len(also) > 0, g.Group{markup.Line, h.P(soft("margin:12px 0 0;font:14px/1.5 "+markup.Sans), g.Text(p.P.T("issue.also")+" "), also)}))
}

// inside is the text, or on a cover how it begins; above a long one what it holds.
func (p *page) inside() g.Node {
	if p.cover {
		return g.Group{h.P(h.Dir("auto"), markup.Style("margin:0 0 16px"), g.Text(p.Doc.Lead(600))), markup.Line, p.contents(0),
			h.P(markup.Style("margin:0 0 16px;font:16px/1.55 "+markup.Sans), g.Text(p.P.T("issue.attached"))), markup.Line}
	}
	return g.Group{p.contents(2), p.Doc.HTML(prose.Dress{Style: styles(string(p.near)), Link: p.Link})}
}

// contents are the headings, where there are more than a few.
func (p *page) contents(few int) g.Node {
	lines := p.Doc.Contents()
	if len(lines) <= few {
		return nil
	}
	var out g.Group
	for _, l := range lines {
		out = append(out, markup.Line, h.Li(markup.Style("margin:0 0 4px"), h.Dir("auto"), link(p.Link("#"+l.ID), l.Text)))
	}
	return g.Group{h.P(markup.Style("margin:0 0 6px;font:600 15px/1.4 "+markup.Sans), g.Text(p.P.T("issue.contents"))), markup.Line,
		h.Ul(markup.Style("margin:0 0 26px;padding:0 20px;font:15px/1.5 "+markup.Sans), out), markup.Line}
}

// onTheWeb leads to the edition's page, and to its PDF where that is not attached.
func (p *page) onTheWeb() g.Node {
	if p.Web == "" {
		return nil
	}
	paper := h.A(markup.Href(p.Web+".pdf"), markup.Style("color:#0b5d5e;display:inline-block;padding:11px 10px"), g.Text(p.P.T("issue.paper")))
	return g.Group{h.P(markup.Style("margin:30px 0 4px;font:16px/1.5 "+markup.Sans), markup.Button(markup.Href(p.Web), "11px 20px", p.P.T("issue.web")),
		g.If(!p.cover, g.Group{g.Text(" "), paper})), markup.Line}
}

// worded marks our words where they are in another language than the edition: a letter in Arabic ends in English.
func (p *page) worded() g.Node {
	if p.P.Lang == p.Language {
		return nil
	}
	return g.Group{h.Lang(string(p.P.Lang)), h.Dir(p.P.Lang.Direction())}
}

// foot says why the letter came, how to end it, and who sent it.
func (p *page) foot() g.Node {
	var why g.Group
	for i, part := range p.why() {
		why = append(why, g.If(i > 0, markup.Substitute(Name)), g.Text(part))
	}
	out := g.Group{h.P(markup.Style("margin:0 0 8px"), why), markup.Line}
	if p.Web != "" {
		out = append(out, h.P(markup.Style("margin:0 0 8px"), h.A(markup.HrefSubstitute(Unsubscribe), markup.Style("color:#0b5d5e"), g.Text(p.P.T("issue.leave")))), markup.Line,
			h.P(markup.Style("margin:0 0 8px"), g.Text(p.P.T("issue.forward"))), markup.Line)
	}
	home := p.Letters.Programme
	return append(out, h.P(markup.Style("margin:0"), g.Text(p.P.T("letter.contact", "Address", string(home.ReplyTo))),
		g.If(home.Postal != "", g.Group{h.Br(), g.Text(p.Name + ", " + home.Postal)})))
}

// why says to whom the letter went and why, in parts between which the reader's name stands.
func (s *Sheet) why() []string {
	const here = "\uE000" // a private character
	key := "issue.why"
	if s.Leaflet {
		key = "issue.why.leaflet"
	}
	return strings.Split(s.P.T(key, "Reader", here, "Name", s.Name), here)
}

// styles are inline, because half of the mail programs forget a style sheet.
func styles(near string) map[string]string {
	head := "font-family:" + markup.Sans + ";font-size:14px;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid #8b8f94;text-align:"
	cell := "font-family:" + markup.Sans + ";font-size:15px;line-height:1.45;vertical-align:top;padding:6px 10px 6px 0;border-bottom:1px solid #dcd8cf;word-break:break-word;text-align:"
	return map[string]string{
		"p": "margin:0 0 16px", "a": "color:#0b5d5e",
		"h2": "margin:30px 0 10px;font:600 22px/1.3 " + markup.Serif, "h3": "margin:24px 0 8px;font:600 18px/1.3 " + markup.Serif, "h4": "margin:20px 0 6px;font:600 17px/1.3 " + markup.Serif,
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
	if before, after, marked := strings.Cut(c.HTML, markup.Mark); marked {
		line, err := markup.Render(h.P(markup.Style("margin:0;padding:10px 16px;background:#8a5a00;color:#ffffff;font:600 14px/1.4 "+markup.Sans), g.Text(note)))
		if err != nil {
			panic(fmt.Sprintf("edition: trial: %v", err)) // it is written into memory
		}
		c.HTML = before + line + after
	}
	return c
}
