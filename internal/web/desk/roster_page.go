package desk

import (
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Content implements web.Page.
func (p *rosterPage) Content() g.Node {
	may := p.Can(programme.Secretary)
	content := g.Group{
		h.Div(h.Class("note"), h.P(p.W("roster.empty"))),
		g.If(may, web.Acts(h.A(h.Class("button"), web.Href("/desk/roster"), p.W("roster.upload.link")))),
	}
	if p.Total > 0 {
		content = g.Group{p.counts(), g.If(may, p.invitations()), p.table()}
	}
	return g.Group{h.H1(g.Text(p.Title)), h.P(h.Class("lede"), p.W("roster.lede")), p.Summary(p.Form.Findings()), content}
}

func (p *rosterPage) counts() g.Node {
	count := func(name, address string, n int, on bool) g.Node {
		return fact(name, web.A(address, p.Number(n), g.If(on, h.Aria("current", "true"))))
	}
	return h.Dl(h.Class("facts"),
		web.Map(p.Counts, func(c stateCount) g.Node {
			return count(p.T("roster.state."+string(c.State)), "?state="+url.QueryEscape(string(c.State)), c.Count, c.On)
		}),
		count(p.T("roster.total"), "/desk/presenters", p.Total, p.State == ""))
}

// invitations are the buttons that mail to many.
func (p *rosterPage) invitations() g.Node {
	return web.Acts(
		g.If(p.New > 0, p.PostForm("/desk/invitations", web.Hidden("to", string(presenter.Unasked)), h.Button(p.W("roster.invite.new", "Count", p.New)))),
		g.If(p.Waiting > p.New, h.Form(h.Method("post"), web.Action("/desk/invitations"), p.Once(), web.Hidden("to", string(presenter.Unanswered)),
			h.Button(h.Class("plain"), p.W("roster.invite.all", "Count", p.Waiting)))),
		web.A("/desk/roster", p.T("roster.upload.link")))
}

func (p *rosterPage) table() g.Node {
	if len(p.Experts) == 0 {
		return h.P(p.W("roster.nobody"))
	}
	organisation, role, state := p.T("presenter.form.organisation.label"), p.T("roster.role"), p.T("roster.state")
	return g.Group{
		web.Table([]g.Node{web.Col(p.T("presenter.form.name.label")), web.Col(organisation), web.Col(role), web.Col(state)}, web.Map(p.Experts, func(e expert) g.Node {
			return h.Tr(web.RowHead(web.A(presenterAddress(e.ID), e.Name, web.Auto())),
				web.Cell(organisation, web.Auto(), h.Span(g.Text(p.from(e)))),
				web.Cell(role, web.Auto(), g.Text(e.Role)),
				web.Cell(state, p.standing(e)))
		})),
		g.If(p.Next != "", h.P(web.A("?state="+url.QueryEscape(string(p.State))+"&cursor="+url.QueryEscape(p.Next), p.T("event.calendar.more")))),
	}
}

// from is an expert's organisation and country, as far as they are known.
func (p *rosterPage) from(e expert) string {
	if e.Country == "" {
		return e.Organisation
	}
	return e.Organisation + web.When(e.Organisation != "", ", ") + p.Country(e.Country)
}

func (p *rosterPage) standing(e expert) g.Node {
	since := e.Answered
	if e.State == presenter.Asked {
		since = e.Invited
	}
	return h.Span(expertState(p.View, e.State),
		g.If(e.Blocked != "", g.Group{g.Text(" "), blocked(p.View, e)}),
		g.If(e.State == presenter.Asked || !since.IsZero(), g.Group{h.Br(), h.Span(h.Class("soft"), g.Text(p.Date(since)))}))
}

func expertState(v *web.View, s presenter.State) g.Node {
	mood := ""
	switch s {
	case presenter.Yes:
		mood = "ok"
	case presenter.Asked:
		mood = "wait"
	}
	return badge(mood, v.T("roster.state."+string(s)))
}

// blocked says why an expert's address takes no mail.
func blocked(v *web.View, e expert) g.Node { return badge("bad", v.T("roster.blocked."+e.Blocked)) }

// Content implements web.Page.
func (p *expertPage) Content() g.Node {
	may := p.Can(programme.Secretary)
	return g.Group{
		kicker("/desk/presenters", p.T("roster.title")),
		h.H1(web.Auto(), g.Text(p.Expert.Name)),
		p.standing(),
		web.Lines(p.Lines),
		g.If(!may, h.P(h.Class("soft"), p.W("roster.hidden"))),
		g.If(may && p.Expert.State != presenter.No, p.invitation()),
		p.asked(),
	}
}

func (p *expertPage) standing() g.Node {
	e, since := p.Expert, ""
	switch {
	case !e.Answered.IsZero():
		since = p.T("roster.answered", "Date", p.Date(e.Answered))
	case !e.Invited.IsZero():
		since = p.T("roster.invited", "Date", p.Date(e.Invited))
	}
	return h.P(h.Class("lede"), expertState(p.View, e.State),
		g.If(since != "", g.Text(" · "+since)),
		g.If(e.Blocked != "", g.Group{g.Text(" · "), blocked(p.View, e)}))
}

// invitation mails this expert a personal link, perhaps once more.
func (p *expertPage) invitation() g.Node {
	label := "roster.invite.again"
	if p.Expert.State == presenter.NotAsked {
		label = "roster.invite.one"
	}
	return h.Form(h.Method("post"), web.Action("/desk/invitations"), p.Once(), web.Hidden("to", string(p.Expert.Email)), web.Acts(h.Button(h.Class("plain"), p.W(label))))
}

// asked lists the events for which this expert was asked.
func (p *expertPage) asked() g.Node {
	if len(p.Requests) == 0 {
		return nil
	}
	when, name, state := p.T("event.when"), p.T("event.name"), p.T("event.desk.state")
	return g.Group{
		h.H2(p.W("roster.requests")),
		web.Table([]g.Node{web.Col(when), web.Col(name), web.Col(state)}, web.Map(p.Requests, func(q requestRow) g.Node {
			days := p.T("event.undated")
			if q.Days.From != "" {
				days = p.Days(q.Days.From.Time(), q.Days.To.Time())
			}
			return h.Tr(web.Cell(when, g.Text(days)), web.RowHead(web.A(eventAddress(q.Event), q.EventName, web.Auto())),
				web.Cell(state, badge(requestMood(q.Status), p.T("event.status."+string(q.Status)))))
		})),
	}
}
