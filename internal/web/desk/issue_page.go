package desk

import (
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

// Content implements web.Page.
func (p *issuePage) Content() g.Node {
	i := p.Issue
	named := " · " + p.T("issues.kicker."+string(i.Kind), "Number", i.Number)
	body := p.plan
	if i.HandedOver {
		named, body = named+" · "+i.Title, p.way
	}
	return g.Group{kicker("/desk/issues", p.T("issues.title"), g.Text(named)), h.H1(g.Text(p.Title)), body()}
}

// at is an address below the issue's own.
func (p *issuePage) at(path string) string { return issue.Address(p.Issue.Number) + path }

// why says why the issue stands still, where it does.
func (p *issuePage) why() g.Node {
	reason := p.reason()
	return g.If(reason != "", h.P(h.Class("note"), h.Strong(g.Text(reason))))
}

// plan is what an issue still needs that has not gone out.
func (p *issuePage) plan() g.Node {
	return g.Group{
		p.standing(),
		p.why(),
		p.Summary(p.When.Findings()),
		h.H2(p.W("issues.editions")),
		g.If(p.Missing, h.P(h.Class("note"), p.W("issues.missing", "Language", p.Language(p.Site.Programme.Default)))),
		p.editions(),
		g.If(p.Can(programme.Editor) && len(p.Issue.Editions) > 0, p.trial()),
		g.If(p.Can(programme.Secretary), g.Group{h.H2(p.W("issues.schedule.title")), p.schedule(), g.If(!p.Missing, p.atOnce()), p.acts()}),
	}
}

func (p *issuePage) standing() g.Node {
	state := string(p.Now.State)
	says := p.T("issues.lede."+state, "Time", p.DateTime(p.Issue.ScheduledAt))
	return h.P(h.Class("lede"), p.anew(), badge(mood(p.Now.State), p.T("issues.state."+state)), g.Text(" · "+says))
}

func (p *issuePage) editions() g.Node {
	title, changed, look := p.T("issues.col.title"), p.T("issues.col.changed"), p.T("issues.col.look")
	return web.Table([]g.Node{web.Col(p.T("issues.col.language")), web.Col(title), web.Col(changed), web.Col(look)}, web.Map(p.Editing, func(e editionLine) g.Node {
		at := issue.EditionAddress(p.Issue.Number, e.In)
		language := web.RowHead(web.A(at, p.Language(e.In)))
		if !e.There {
			none := p.W("issues.none")
			if p.Can(programme.Editor) {
				none = web.A(at, p.T("issues.write"))
			}
			return h.Tr(language, h.Td(h.Class("soft"), h.ColSpan("3"), none))
		}
		return h.Tr(language,
			web.Cell(title, h.Span(web.Lang(e.In), web.Auto(), g.Text(e.Latest.Title))),
			web.Cell(changed, h.Span(g.Text(p.DateTime(e.Latest.UpdatedAt)), h.Br(), h.Span(h.Class("soft"), g.Text(e.Latest.By)))),
			web.Cell(look, h.Span(web.A(at+"/letter", p.T("issues.look.letter")), g.Text(" · "), web.A(at+"/letter?format=text", p.T("issues.look.text")),
				g.Text(" · "), web.A(at+"/paper.pdf", p.T("issues.look.paper")))))
	}))
}

// trial mails the editions to whoever asks.
func (p *issuePage) trial() g.Node {
	return p.PostForm(p.at("/test"), h.Class("acts"), h.Button(h.Class("plain"), p.W("issues.test.button")), g.Text(" "),
		h.Span(h.Class("soft"), p.W("issues.test.to", "Address", string(p.Desk.Email))))
}

// schedule asks when the issue is to go out.
func (p *issuePage) schedule() g.Node {
	f := p.When.Field("at")
	hint, fault := f.ID+"-hint", f.ID+"-error"
	button := "issues.schedule.button"
	if p.Now.State == newsletter.Scheduled {
		button = "issues.schedule.move"
	}
	return p.PostForm(p.at("/schedule"), web.NoValidate(),
		h.Div(web.Class("field", web.When(f.Error != "", "wrong")), h.Label(h.For(f.ID), g.Text(f.Label)),
			h.P(h.Class("hint"), h.ID(hint), p.W("issues.schedule.zone", "Zone", p.Site.Programme.TimeZone)),
			g.If(f.Error != "", h.P(h.Class("error"), h.ID(fault), g.Text(f.Error))),
			h.Input(h.Type("datetime-local"), h.Class("moment"), h.ID(f.ID), h.Name(f.Name), h.Value(p.Plan), web.Described(hint, web.When(f.Error != "", fault)))),
		web.Acts(h.Button(p.W(button))))
}

// atOnce sends the issue out without waiting.
func (p *issuePage) atOnce() g.Node {
	return fold(p.T("issues.now.title"), p.T("issues.now.text."+string(p.Issue.Kind)),
		p.PostForm(p.at("/schedule"), web.Hidden("at", "now"), h.Button(p.W("issues.now.button"))))
}

// fold hides what is not done every day below its name, and says first what it does.
func fold(name, text string, form g.Node) g.Node {
	return h.Details(h.Class("fold"), h.Summary(g.Text(name)), h.P(g.Text(text)), form)
}

// acts stop the issue, or let it go on.
func (p *issuePage) acts() g.Node {
	if !p.Can(programme.Secretary) {
		return nil
	}
	cancel, text := "issues.cancel.title", "issues.cancel.text"
	if p.Issue.HandedOver {
		cancel, text = "issues.cancel.rest", "issues.cancel.rest.text"
	}
	return g.Group{
		g.If(p.canPause() || p.canResume(), web.Acts(
			g.If(p.canResume(), p.PostForm(p.at("/resume"), h.Button(p.W("issues.resume")))),
			g.If(p.canPause(), p.PostForm(p.at("/pause"), h.Button(h.Class("plain"), p.W("issues.pause")))))),
		g.If(p.canCancel(), fold(p.T(cancel), p.T(text), p.PostForm(p.at("/cancel"), h.Button(h.Class("quiet stop"), p.W(cancel))))),
	}
}

// way is how far an issue is that goes out, or went.
func (p *issuePage) way() g.Node {
	return g.Group{
		p.times(),
		p.why(),
		h.Div(p.anew(), p.bar(p.Now.Counts)),
		p.figures(),
		g.If(p.Now.State.Running(), p.refreshing()),
		p.acts(),
		h.H2(p.W("issues.bylanguage")), p.byLanguage(),
		g.If(p.Now.Doubt > 0, g.Group{h.H2(p.W("issues.fact.doubt")), h.P(p.W("issues.doubt"))}),
		g.If(p.Issue.Kind == newsletter.Newsletter, h.P(web.A(p.At("/issues/"+strconv.Itoa(p.Issue.Number)), p.T("issues.public")))),
	}
}

// times are when it began, and when it will or did end.
func (p *issuePage) times() g.Node {
	now := p.Now
	says := p.T("issues.started", "Time", p.DateTime(p.Issue.StartedAt))
	if !now.Estimate.IsZero() {
		says += " " + p.T("issues.estimate", "Time", p.DateTime(now.Estimate))
	}
	if !now.ResumeAt.IsZero() {
		says += " " + p.T("issues.resumes", "Time", p.DateTime(now.ResumeAt))
	}
	if !now.Ended.IsZero() {
		says += " " + p.T("issues.ended", "Time", p.DateTime(now.Ended))
	}
	if now.State.Running() {
		says += " " + p.T("issues.leave")
	}
	return h.P(h.Class("lede"), g.Text(says))
}

// figures are the numbers of the whole distribution; the last three are told only where they are not 0.
func (p *issuePage) figures() g.Node {
	figure := func(name string, n int64, attrs ...g.Node) g.Node {
		return h.Div(g.Group(attrs), h.Dt(p.W("issues.fact."+name)), h.Dd(p.count(n)))
	}
	coloured := func(name string, n int64) g.Node { return figure(name, n, h.Class(name)) }
	odd := func(name string, n int64) g.Node { return g.If(n != 0, figure(name, n)) }
	c := p.Now.Counts
	return h.Dl(h.Class("facts"), figure("planned", c.Planned),
		coloured("sent", c.Sent), coloured("doubt", c.Doubt), coloured("refused", c.Refused), coloured("skipped", c.Skipped),
		odd("bounced", c.Bounced), odd("complained", c.Complained), odd("repeated", c.Repeated))
}

// anew has page.js load the page again after a while.
func (p *issuePage) anew() g.Node {
	return g.If(p.Refresh > 0, h.Data("refresh", strconv.Itoa(p.Refresh)))
}

// refresh loads a page anew after so many seconds, where no script does.
func refresh(seconds int) g.Node {
	return h.NoScript(h.Meta(g.Attr("http-equiv", "refresh"), h.Content(strconv.Itoa(seconds))))
}

// refreshing lets the reader look again, and say whether the page does so by itself.
func (p *issuePage) refreshing() g.Node {
	again, other := p.at(""), web.A(p.at("?still"), p.T("issues.refresh.off", "Count", p.Refresh))
	if p.Still {
		again, other = p.at("?still"), web.A(p.at(""), p.T("issues.refresh.on"))
	}
	return h.P(h.Class("soft"), web.A(again, p.T("issues.refresh")), g.Text(" · "), other)
}

func (p *issuePage) byLanguage() g.Node {
	state, planned, sent, doubt, refused := p.T("issues.col.state"), p.T("issues.fact.planned"), p.T("issues.fact.sent"), p.T("issues.fact.doubt"), p.T("issues.fact.refused")
	number := h.Class("n")
	head := []g.Node{web.Col(p.T("issues.col.edition")), web.Col(state), web.Col(planned, number), web.Col(sent, number), web.Col(doubt, number), web.Col(refused, number),
		web.Col(p.T("issues.col.progress"), h.Class("wide"))}
	return web.Table(head, web.Map(p.Languages(), func(l people.Language) g.Node {
		c, counted := p.Now.ByLanguage[l]
		if _, there := p.Issue.Editions[l]; !counted && !there {
			return nil
		}
		word, colour := p.editionState(c)
		return h.Tr(
			web.RowHead(web.A(issue.EditionAddress(p.Issue.Number, l), p.Language(l))),
			web.Cell(state, badge(colour, p.T(word))),
			web.Cell(planned, number, p.count(c.Planned)), web.Cell(sent, number, p.count(c.Sent)),
			web.Cell(doubt, number, p.count(c.Doubt)), web.Cell(refused, number, p.count(c.Refused)),
			h.Td(p.bar(c)))
	}))
}
