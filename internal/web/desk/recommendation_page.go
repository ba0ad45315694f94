package desk

import (
	"cmp"
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/event"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Content implements web.Page.
func (p *eventPage) Content() g.Node {
	return g.Group{
		kicker("/desk/events", p.T("event.desk.title"),
			g.If(p.Over, g.Text(" · "+p.T("event.over"))),
			g.If(p.Event.Withdrawn, g.Group{g.Text(" · "), badge("bad", p.T("event.desk.withdrawn"))})),
		h.H1(web.Auto(), g.Text(p.Event.Name)),
		p.lede(),
		p.facts(),
		g.If(len(p.Requests) > 0, p.asked()),
		h.H2(h.ID("recommended"), p.W("event.desk.recommended")),
		p.recommended(),
		g.If(len(p.Excluded) > 0, p.left()),
		h.H2(p.W("event.desk.about")),
		p.about(),
		p.acts(),
	}
}

// lede says when, where and how.
func (p *eventPage) lede() g.Node {
	e := p.Event
	when := p.W("event.undated")
	if e.Start != "" {
		when = h.Time(h.DateTime(string(e.Start)), g.Text(p.Days(e.Start.Time(), e.End.Time())))
	}
	var rest string
	if e.Place != "" {
		rest += " · " + e.Place
	}
	if e.Country != "" {
		rest += " · " + p.Country(e.Country)
	}
	if e.Mode != "" {
		rest += " · " + p.T("event.mode."+string(e.Mode))
	}
	return h.P(h.Class("lede"), when, g.Text(rest))
}

// facts are what a recommendation goes by.
func (p *eventPage) facts() g.Node {
	e, unsaid, words := p.Event, p.T("event.unsaid"), h.Class("words")
	topics, travel := g.Text(unsaid), unsaid
	if len(e.Topics) > 0 {
		topics = below(e.Topics, p.TopicName)
	}
	if e.Travel != "" {
		travel = p.T("event.travel." + string(e.Travel))
	}
	return h.Dl(h.Class("facts"),
		fact(p.T("event.desk.accepted"), g.Text(accepted(p.View, p.Accepted, e.Presenters))),
		fact(p.T("event.languages"), words, g.Text(cmp.Or(p.LanguageNames(e.Languages), unsaid))),
		fact(p.T("event.topics"), words, topics),
		fact(p.T("event.travel"), words, g.Text(travel)))
}

// below puts names one below the other.
func below(list []string, name func(string) string) g.Node {
	var out g.Group
	for i, s := range list {
		if i > 0 {
			out = append(out, h.Br())
		}
		out = append(out, g.Text(name(s)))
	}
	return out
}

// asked lists who was asked, and what came of it.
func (p *eventPage) asked() g.Node {
	edits := p.Can(programme.Editor)
	state, words := p.T("event.desk.state"), p.T("event.desk.words")
	head := []g.Node{web.Col(p.T("event.desk.presenter")), web.Col(state), web.Col(words), g.If(edits, web.Col(p.T("event.desk.acts")))}
	return g.Group{
		h.H2(p.W("event.desk.asked")),
		web.Table(head, web.Map(p.Requests, func(q event.Request) g.Node {
			return h.Tr(
				web.RowHead(web.A(presenterAddress(q.Presenter), q.Name, web.Auto())),
				web.Cell(state, h.Span(badge(requestMood(q.Status), p.T("event.status."+string(q.Status))), h.Br(), h.Span(h.Class("soft"), g.Text(p.since(q))))),
				web.Cell(words, web.Auto(), g.Text(q.Words)),
				g.If(edits, h.Td(p.settle(q))))
		})),
	}
}

func requestMood(s event.Status) string {
	switch s {
	case event.Accepted:
		return "ok"
	case event.Asked:
		return "wait"
	}
	return ""
}

// since says since when a request stands as it does, and who said so where that was not the presenter.
func (p *eventPage) since(q event.Request) string {
	if q.Status == event.Asked {
		if q.Link == nil {
			return ""
		}
		return p.Date(q.Link.At)
	}
	if q.By == "" || q.By == "presenter" {
		return p.Date(q.Answered)
	}
	return p.Date(q.Answered) + ", " + p.T("event.desk.by", "Who", q.By)
}

// settle are the buttons that write down what was said by telephone, and the way to ask again.
func (p *eventPage) settle(q event.Request) g.Node {
	button := func(s event.Status, class string) g.Node {
		return g.If(q.Status != s, h.Button(h.Class(class), h.Name("status"), h.Value(string(s)), p.W("event.desk.record."+string(s))))
	}
	again := p.Can(programme.Secretary) && (q.Status == event.Asked || q.Status == event.Cancelled)
	return g.Group{
		h.Form(h.Method("post"), web.Action(eventAddress(p.Event.ID)+"/requests"), h.Class("acts tight"), p.Once(), web.Hidden("presenter", q.Presenter),
			g.Text(" "), button(event.Accepted, "quiet"), button(event.Declined, "quiet"), button(event.Cancelled, "quiet stop")),
		g.If(again, web.A(p.ask(q.Presenter), p.T("event.desk.again"))),
	}
}

// ask is where a presenter is asked for this event.
func (p *eventPage) ask(presenter string) string {
	return eventAddress(p.Event.ID) + "/ask?presenter=" + url.QueryEscape(presenter)
}

func (p *eventPage) recommended() g.Node {
	switch {
	case len(p.Bands) > 0:
		return g.Group{
			h.P(p.W("event.desk.recommended.text", "Count", p.Ranked, "Bank", p.Bank), g.Text(" "), h.Span(h.Class("soft"), p.W("event.desk.legend"))),
			p.ranking(),
			g.If(p.Shown < p.Ranked, h.P(web.A("?all=1#recommended", p.T("event.desk.more", "N", p.Ranked)))),
		}
	case p.Bank > 0:
		return h.Div(h.Class("note"), h.P(p.W("event.desk.none")))
	}
	return h.Div(h.Class("note"), h.P(p.W("event.desk.nobody")), h.P(web.A("/desk/presenters", p.T("event.desk.nobody.link"))))
}

// ranking is a table with a body for each band.
func (p *eventPage) ranking() g.Node {
	head := h.THead(h.Tr(web.Col(p.T("event.desk.presenter")),
		web.Map(p.Columns, func(part string) g.Node { return web.Col(p.T("event.part." + part)) }),
		g.If(p.Can(programme.Secretary), h.Td())))
	return h.Div(h.Class("scroll"), h.Table(h.Class("stack match"), head, web.Map(p.Bands, func(b band) g.Node {
		return h.TBody(
			h.Tr(h.Class("band"), h.Th(h.Scope("rowgroup"), h.ColSpan("7"), p.W("event.band."+b.Name))),
			web.Map(b.Rows, p.match))
	})))
}

// match is the row of somebody who fits.
func (p *eventPage) match(c candidate) g.Node {
	return h.Tr(
		web.RowHead(h.Span(web.A(presenterAddress(c.ID), c.Name, web.Auto()), h.Small(web.Auto(), g.Text(c.Organisation+", "+p.Country(c.Country))),
			web.Map(c.Nudges, func(s string) g.Node { return h.Small(h.Class("nudge"), g.Text(s)) }))),
		web.Map(c.Cells, func(x cell) g.Node {
			return web.Cell(p.T("event.part."+x.Part), h.Span(h.Class("met "+x.Dot), g.Text(x.Text)))
		}),
		g.If(p.Can(programme.Secretary), h.Td(h.Class("n"), h.A(h.Class("button plain small"), web.Href(p.ask(c.ID)),
			p.W("event.desk.ask"), h.Span(h.Class("hide"), g.Text(" "+c.Name))))))
}

// left are those who do not fit, with all their reasons.
func (p *eventPage) left() g.Node {
	return g.Group{
		h.H2(p.W("event.desk.excluded")), h.P(p.W("event.desk.excluded.text")),
		web.Map(p.Excluded, func(x excluded) g.Node {
			return h.Details(h.Summary(p.W("event.excluded."+x.Part, "Count", x.Count)), h.Ul(web.Map(x.People, func(who excludedPerson) g.Node {
				return h.Li(web.A(presenterAddress(who.ID), who.Name, web.Auto()), g.Text(": "+strings.Join(who.Why, "; ")),
					g.If(p.Can(programme.Secretary), g.Group{g.Text(" · "), web.A(p.ask(who.ID), p.T("event.desk.anyway"))}))
			})))
		}),
	}
}

// about is what the event says of itself, and how it came here.
func (p *eventPage) about() g.Node {
	e, host := p.Event, ""
	if e.Host != nil {
		host = p.DateTime(e.Host.At)
	}
	return web.Facts(
		web.Fact(p.T("event.organiser"), e.Organiser, web.Auto()),
		web.Fact(p.T("event.audience"), e.Audience, web.Auto()),
		g.If(e.Email != "", fact(p.T("event.contact"), web.MailTo(e.Email))),
		web.FactLink(p.T("event.url"), e.URL, e.URL, h.Rel("noopener nofollow")),
		web.Fact(p.T("event.source"), p.T("event.source."+e.Source)+", "+p.Date(e.Created)),
		web.Fact(p.T("event.hostlink"), host))
}

func (p *eventPage) acts() g.Node {
	e := p.Event
	return web.Acts(
		g.If(p.Can(programme.Editor), web.A(eventAddress(e.ID)+"/edit", p.T("event.desk.edit"), h.Class("button plain"))), g.Text(" "),
		g.If(p.Can(programme.Secretary) && e.Email != "" && !e.Withdrawn, p.toHost()), g.Text(" "),
		g.If(!e.Withdrawn, web.A(p.At("/events/"+url.PathEscape(e.ID)), p.T("event.desk.public"))))
}

// toHost mails the recommendation to the host.
func (p *eventPage) toHost() g.Node {
	return h.Form(h.Method("post"), web.Action(eventAddress(p.Event.ID)+"/host"), p.Once(),
		abreast(h.Label(h.For("host-language"), p.W("event.hostlink.language")),
			h.Select(h.ID("host-language"), h.Name("language"), h.Class("short"), web.Map(p.Languages(), func(l people.Language) g.Node {
				return h.Option(h.Value(string(l)), g.If(l == p.HostLang, h.Selected()), g.Text(p.SelfName(l)))
			}))),
		h.Button(h.Class("plain"), p.W("event.hostlink.send")))
}
