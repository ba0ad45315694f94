package desk

import (
	"cmp"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/subscription"
	"liaison/internal/web"
)

// Content implements web.Page.
func (p *subscriberPage) Content() g.Node {
	s := p.Subscriber
	return g.Group{
		kicker("/desk/subscribers", p.T("subscribers.title")),
		h.H1(web.Auto(), g.Text(p.Title)),
		p.Summary(p.Form.Findings()),
		h.P(subscriberState(p.View, s.State), g.Text(" "), h.Span(h.Class("soft"), p.W("subscribers.since", "Date", p.Date(s.Since)))),
		g.If(s.Held, p.held()),
		g.If(s.Email != "", g.Group{p.facts(), p.act("kind", "subscribers.kind.save", web.Field(p.Form.Field("kind")))}),
		p.evidence(),
		g.If(s.Email != "", p.requests()),
	}
}

// held tells why nothing was mailed, and lets it go.
func (p *subscriberPage) held() g.Node {
	return h.Div(h.Class("note"), h.P(p.W("subscribers.held.text")),
		h.Form(h.Method("post"), p.Once(), h.Button(h.Name("action"), h.Value("release"), p.W("subscribers.release"))))
}

// act is a form of one button, which does this.
func (p *subscriberPage) act(action, label string, content ...g.Node) g.Node {
	return h.Form(h.Method("post"), p.Once(), g.Group(content), web.Acts(h.Button(h.Class("plain"), h.Name("action"), h.Value(action), p.W(label))))
}

func (p *subscriberPage) facts() g.Node {
	s := p.Subscriber
	line := func(field, value string, attrs ...g.Node) g.Node {
		return web.Fact(p.T("subscription.form."+field+".label"), cmp.Or(value, nothing), attrs...)
	}
	return web.Facts(
		line("email", string(s.Email)),
		line("name", s.Name, web.Auto()),
		line("organisation", s.Organisation, web.Auto()),
		line("country", countryOf(p.View, s.Country)),
		line("category", p.option("category", string(s.Category))),
		line("language", languageOf(p.View, s.Language)),
		line("format", p.option("format", string(s.Format))))
}

// option words an answer to a field of the sign-up form; empty where there is none.
func (p *subscriberPage) option(field, value string) string {
	if value == "" {
		return ""
	}
	return p.say("subscription.form."+field+".option.", value)
}

// evidence is what is on record of consent.
func (p *subscriberPage) evidence() g.Node {
	if len(p.Evidence) == 0 {
		return nil
	}
	when, what, how, shown := p.T("subscribers.when"), p.T("subscribers.what"), p.T("subscribers.how"), p.T("subscribers.shown")
	return g.Group{
		h.H2(p.W("subscribers.evidence")),
		h.Table(h.Class("stack"), h.THead(h.Tr(web.Col(when), web.Col(what), web.Col(how), web.Col(shown))), h.TBody(web.Map(p.Evidence, func(e subscription.Evidence) g.Node {
			return h.Tr(web.Cell(when, h.Time(h.DateTime(p.ISO(e.At)), g.Text(p.DateTime(e.At)))), web.RowHead(p.what(e)), web.Cell(how, p.how(e)), web.Cell(shown, p.shown(e)))
		}))),
	}
}

func (p *subscriberPage) what(e subscription.Evidence) g.Node {
	return h.Span(g.Text(p.say("subscribers.act.", string(e.Act))),
		g.If(e.Round > 0, g.Group{g.Text(" "), h.Span(h.Class("soft opt"), p.W("subscribers.round", "N", e.Round))}))
}

// how an act came about, who did or proposed it, and what was said of the organisation.
func (p *subscriberPage) how(e subscription.Evidence) g.Node {
	return h.Span(g.Text(p.say("subscribers.how.", e.How)),
		g.If(e.By != "", g.Group{h.Br(), h.Span(h.Class("soft"), web.Auto(), g.Text(e.By))}),
		g.If(e.About != "", g.Group{h.Br(), h.Span(web.Auto(), g.Text(e.About))}),
		g.If(e.URL != "", g.Group{h.Br(), web.A(e.URL, e.URL, h.Rel("noreferrer noopener nofollow"))}))
}

// shown is what stood on the page, and in which language.
func (p *subscriberPage) shown(e subscription.Evidence) g.Node {
	return h.Span(
		g.Iff(e.Given != nil, func() g.Node { return g.Group{p.W("subscribers.given", "Date", p.Date(*e.Given)), h.Br()} }),
		h.Span(h.Class("mono"), web.Auto(), g.Text(e.Text)),
		g.If(e.Shown.Language != "", g.Group{g.Text(" "), h.Span(h.Class("soft"), g.Text(string(e.Shown.Language)))}))
}

// requests are what a person may ask the secretariat for: to be left alone, and to be forgotten.
func (p *subscriberPage) requests() g.Node {
	s := p.Subscriber
	return g.Group{
		h.H2(p.W("subscribers.request")),
		h.P(p.W("subscribers.request.text")),
		g.If(s.Subscribed() || s.State == subscription.Candidate, p.act("leave", "subscribers.leave")),
		p.act("erase", "subscribers.erase", web.NoValidate(), web.Field(p.Form.Field("sure"))),
	}
}

// say words a value of the record, or shows it as it stands.
func (p *subscriberPage) say(prefix, value string) string {
	if p.P.Has(prefix + value) {
		return p.T(prefix + value)
	}
	return value
}
