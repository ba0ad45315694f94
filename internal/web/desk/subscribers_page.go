package desk

import (
	"cmp"
	"net/url"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

// nothing stands where a subscriber said nothing.
const nothing = "–"

// Content implements web.Page.
func (p *subscribersPage) Content() g.Node {
	content := h.Div(h.Class("note"), h.P(p.W("subscribers.empty")))
	if p.Total > 0 {
		content = g.Group{p.finder(), p.table(), g.If(p.Next != "", h.P(web.A("?"+p.Search.Query(p.Next), p.T("subscribers.more"))))}
	}
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("subscribers.lede")),
		g.If(p.Total > 0, p.counts()),
		p.files(),
		content,
	}
}

func (p *subscribersPage) counts() g.Node {
	return g.Group{
		h.Dl(h.Class("facts"), web.Map(p.Shown, func(s subscription.State) g.Node {
			return fact(p.state(s), web.A("?state="+url.QueryEscape(string(s)), p.Number(p.Counts.In(s)), g.If(s == p.Search.Filter.State, h.Aria("current", "true"))))
		})),
		h.P(h.Class("soft"), p.W("subscribers.kinds", "NMB", p.Active(subscription.NMB), "Liaisons", p.Active(subscription.DLiaison))),
	}
}

// files are the ways in and out of the list for those who may see people.
func (p *subscribersPage) files() g.Node {
	if !p.People {
		return h.P(h.Class("soft"), p.W("subscribers.hidden"))
	}
	query := p.Search.Query("")
	return g.Group{
		web.Acts(h.A(h.Class("button"), web.Href("/desk/subscribers/import"), p.W("subscribers.import.link")),
			g.If(p.Total > 0 && len(p.Parts) == 0, g.Group{g.Text(" "), web.A("/desk/subscribers/export?"+query, p.T("subscribers.export.link"))})),
		g.If(len(p.Parts) > 0, h.Details(h.Summary(p.W("subscribers.export.parts", "Count", len(p.Parts))), h.P(web.Join(p.Parts, " ", func(n int) g.Node {
			return web.A("/desk/subscribers/export?part="+strconv.Itoa(n)+"&of="+strconv.Itoa(len(p.Parts))+web.When(query != "", "&"+query), strconv.Itoa(n))
		})))),
	}
}

func (p *subscribersPage) finder() g.Node {
	label := p.T("subscribers.search.organisation")
	if p.People {
		label = p.T("subscribers.search")
	}
	field, anything := h.Class("field"), p.T("subscribers.any")
	return h.Form(h.Method("get"), web.Action("/desk/subscribers"), h.Role("search"),
		h.Div(h.Class("pair"),
			h.Div(field, h.Label(h.For("q"), g.Text(label)), h.Input(h.ID("q"), h.Name("q"), h.Value(p.Search.Q), web.Auto())),
			h.Div(field, chooser("state", p.T("subscribers.state"), anything, p.States, p.Search.Filter.State, p.state)),
			h.Div(field, chooser("kind", p.T("subscribers.kind"), anything, p.Kinds, p.Search.Filter.Kind, p.kind)),
			h.Div(field, chooser("language", p.T("subscribers.language"), anything, p.Languages(), p.Search.Filter.Language, p.SelfName))),
		web.Acts(h.Button(h.Class("plain"), p.W("subscribers.find")), g.If(p.Search.Narrow(), g.Group{g.Text(" "), web.A("/desk/subscribers", p.T("subscribers.all"))})))
}

func (p *subscribersPage) state(s subscription.State) string {
	return p.T("subscribers.state." + string(s))
}

func (p *subscribersPage) kind(k subscription.Kind) string {
	return p.T("subscribers.kind." + string(k))
}

func (p *subscribersPage) table() g.Node {
	if len(p.Subscribers) == 0 {
		return h.P(p.W("subscribers.nobody"))
	}
	country, language, kind, state := p.T("subscribers.country"), p.T("subscribers.language"), p.T("subscribers.kind"), p.T("subscribers.state")
	return h.Table(h.Class("stack"), h.Caption(p.W("subscribers.caption")),
		h.THead(h.Tr(web.Col(p.T("subscribers.organisation")), web.Col(country), web.Col(language), web.Col(kind), web.Col(state))),
		h.TBody(web.Map(p.Subscribers, func(s listed) g.Node {
			return h.Tr(web.RowHead(p.who(s)), web.Cell(country, g.Text(countryOf(p.View, s.Country))), web.Cell(language, g.Text(languageOf(p.View, s.Language))),
				web.Cell(kind, g.Text(p.kind(s.Kind))), web.Cell(state, p.standing(s)))
		})))
}

// who names a subscriber, and to those who may see people leads to its page.
func (p *subscribersPage) who(s listed) g.Node {
	if !p.People {
		return h.Span(h.Span(web.Auto(), g.Text(cmp.Or(s.Organisation, nothing))))
	}
	name := cmp.Or(s.Organisation, string(s.Email), p.T("subscribers.erased"))
	return h.Span(web.A("/desk/subscribers/"+url.PathEscape(s.ID), name, web.Auto()),
		g.If(s.Organisation != "", g.Group{h.Br(), h.Span(h.Class("soft opt mono"), g.Text(string(s.Email)))}))
}

func (p *subscribersPage) standing(s listed) g.Node {
	return h.Span(subscriberState(p.View, s.State), g.If(s.Held, g.Group{g.Text(" "), badge("bad", p.T("subscribers.held"))}),
		h.Br(), h.Span(h.Class("soft"), g.Text(p.Date(s.Since))))
}

func subscriberState(v *web.View, s subscription.State) g.Node {
	mood := ""
	switch s {
	case subscription.Active:
		mood = "ok"
	case subscription.Candidate, subscription.Paused:
		mood = "wait"
	case subscription.Bounced, subscription.Complained:
		mood = "bad"
	}
	return badge(mood, v.T("subscribers.state."+string(s)))
}

func countryOf(v *web.View, c people.Country) string {
	if c == "" {
		return nothing
	}
	return v.Country(c)
}

func languageOf(v *web.View, l people.Language) string {
	if l == "" {
		return nothing
	}
	return v.SelfName(l)
}
