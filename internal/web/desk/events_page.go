package desk

import (
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// eventAddress is an event's page at the desk.
func eventAddress(id string) string { return "/desk/events/" + url.PathEscape(id) }

// presenterAddress is a presenter's page at the desk.
func presenterAddress(id string) string { return "/desk/presenters/" + url.PathEscape(id) }

// Content implements web.Page.
func (p *eventsPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("event.desk.lede")),
		web.Acts(
			g.If(p.Can(programme.Editor), g.Group{web.A("/desk/events/new", p.T("event.desk.new"), h.Class("button")), g.Text(" ")}),
			p.choose(upcoming, "event.desk.upcoming"), g.Text(" "), p.choose(past, "event.desk.past")),
		p.table(),
	}
}

// choose leads to another part of the list, or says that this is it.
func (p *eventsPage) choose(when, key string) g.Node {
	if p.When == when {
		return h.Strong(p.W(key))
	}
	return web.A("?when="+when, p.T(key))
}

func (p *eventsPage) table() g.Node {
	if len(p.Events) == 0 {
		return h.Div(h.Class("note"), h.P(p.W("event.desk.empty"+web.When(p.When == past, ".past"))))
	}
	when, where, presenters := p.T("event.when"), p.T("event.where"), p.T("event.desk.presenters")
	return g.Group{
		web.Table([]g.Node{web.Col(when), web.Col(p.T("event.name")), web.Col(where), web.Col(presenters)}, web.Map(p.Events, func(e eventRow) g.Node {
			return h.Tr(
				web.Cell(when, g.Text(p.days(e))),
				web.RowHead(web.A(eventAddress(e.ID), e.Name, web.Auto()),
					g.If(e.Withdrawn, g.Group{g.Text(" "), badge("bad", p.T("event.desk.withdrawn"))})),
				web.Cell(where, web.Auto(), g.Text(p.place(e))),
				web.Cell(presenters, badge(e.mood(), accepted(p.View, e.Accepted, e.Presenters))))
		})),
		g.If(p.Next != "", h.P(web.A("?when="+url.QueryEscape(p.When)+"&cursor="+url.QueryEscape(p.Next), p.T("event.calendar.more")))),
	}
}

func (p *eventsPage) days(e eventRow) string {
	if e.Start == "" {
		return p.T("event.undated")
	}
	return p.Days(e.Start.Time(), e.End.Time())
}

func (p *eventsPage) place(e eventRow) string {
	if e.Place == "" && e.Country == "" && e.Mode == people.Online {
		return p.T("event.mode.online")
	}
	return p.Where(e.Place, e.Country)
}

// mood tells whether an event has the presenters it wants.
func (e *eventRow) mood() string {
	switch {
	case e.Accepted >= max(e.Presenters, 1):
		return "ok"
	case e.Presenters > 0:
		return "wait"
	}
	return ""
}

// accepted is how many presenters have accepted, of how many are wanted where that was said.
func accepted(v *web.View, have, want int) string {
	if want == 0 {
		return v.Number(have)
	}
	return v.T("event.desk.of", "Have", have, "Want", want)
}

// Content implements web.Page.
func (p *eventFormPage) Content() g.Node {
	title, back := "event.desk.new", "/desk/events"
	if p.ID != "" {
		title, back = "event.desk.edit", eventAddress(p.ID)
	}
	return g.Group{
		kicker("/desk/events", p.T("event.desk.title")),
		h.H1(p.W(title)),
		p.Summary(p.Form.Findings()), p.View.Differences(p.Differences),
		h.Form(h.Method("post"), web.Action(p.Action), web.NoValidate(), p.Housekeeping(web.Housekeeping{Key: p.Key}),
			web.Named(p.Form, "revision", "name"),
			h.Div(h.Class("pair"), web.Named(p.Form, "start", "end", "mode")),
			h.Div(h.Class("pair"), web.Named(p.Form, "place", "country", "organiser", "audience", "email", "url")),
			h.H2(p.W("event.form.fit")), h.P(p.W("event.form.fit.text")),
			web.Named(p.Form, "languages"), g.If(len(p.Site.Programme.Topics) > 0, web.Named(p.Form, "topics")),
			h.Div(h.Class("pair"), web.Named(p.Form, "presenters", "travel")),
			g.If(p.ID != "", web.Named(p.Form, "withdrawn")),
			web.Acts(h.Button(p.W("event.form.save")), g.Text(" "), web.A(back, p.T("event.form.back")))),
	}
}
