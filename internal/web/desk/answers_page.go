package desk

import (
	"net/url"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// Content implements web.Page.
func (p *queuesPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("answers.lede")),
		web.Map(p.Queues, p.queue),
		g.If(p.Quarantined > 0, h.P(h.Class("note"), web.A("/desk/surveys/"+quarantined, p.T("answers.quarantine.link", "Count", p.Quarantined)))),
		h.H2(p.W("answers.find")),
		p.finder(),
	}
}

func (p *queuesPage) queue(q queueLine) g.Node {
	until := "answers.shut"
	if q.Open {
		until = "answers.until"
	}
	content := h.P(p.W("answers.none.yet"), g.Text(" "), web.A(p.At("/surveys/"+q.Survey), p.T("answers.open.form")))
	if q.Answers > 0 {
		content = g.Group{p.bar(q), p.counts(q)}
	}
	return h.Section(h.Class("card"),
		h.H2(h.Class("first"), web.A("/desk/surveys/"+q.Survey, p.T("answers.of."+q.Survey))),
		h.P(h.Class("soft"), p.W(until, "Date", p.DateTime(q.Closes))),
		content)
}

// bar draws how far the decisions on a survey's rows have come.
func (p *queuesPage) bar(q queueLine) g.Node {
	accepted, pending := strconv.Itoa(q.Share(q.Accepted)), strconv.Itoa(q.Share(q.Pending))
	return h.SVG(h.Class("bar"), g.Attr("viewBox", "0 0 1000 14"), g.Attr("preserveAspectRatio", "none"), h.Role("img"),
		h.Aria("label", p.T("answers.bar", "Pending", q.Pending, "Accepted", q.Accepted, "Rejected", q.Rejected)),
		g.El("rect", h.Class("sent"), h.Width(accepted), h.Height("14")),
		g.El("rect", h.Class("doubt"), g.Attr("x", accepted), h.Width(pending), h.Height("14")))
}

func (p *queuesPage) counts(q queueLine) g.Node {
	return h.Dl(h.Class("facts"),
		fact(p.T("answers.answers"), g.Text(p.Number(q.Answers))),
		fact(p.T("answers.pending"), g.Text(p.Number(q.Pending))),
		fact(p.T("answers.accepted"), g.Text(p.Number(q.Accepted))),
		fact(p.T("answers.rejected"), g.Text(p.Number(q.Rejected))))
}

// finder asks for a reference, and says so where none is called what was asked for.
func (p *queuesPage) finder() g.Node {
	return h.Form(h.Method("get"), web.Action("/desk/surveys"),
		h.Div(h.Class("field"), h.Label(h.For("reference"), p.W("answers.reference")),
			g.If(p.Asked != "", h.P(h.Class("error"), p.W("answers.find.none", "Reference", p.Asked))),
			h.Input(h.ID("reference"), h.Name("reference"), h.Value(p.Asked), h.AutoComplete("off"))),
		web.Acts(h.Button(h.Class("plain"), p.W("answers.find.button")), g.Text(" "), web.A("/desk/candidates", p.T("answers.candidates.link"))))
}

// Content implements web.Page.
func (p *answersListPage) Content() g.Node {
	content := h.P(p.W("answers.none.open"))
	switch {
	case len(p.Answers) > 0:
		content = p.table()
	case p.All:
		content = h.P(p.W("answers.none"))
	}
	return g.Group{kicker("/desk/surveys", p.T("answers.title")), h.H1(g.Text(p.Title)), p.which(), content}
}

// which leads from the answers that wait to all of them and back.
func (p *answersListPage) which() g.Node {
	if p.Survey == quarantined {
		return h.P(h.Class("lede"), p.W("answers.quarantine.lede"))
	}
	open, all := p.T("answers.which.open"), p.T("answers.which.all")
	if p.All {
		return h.P(h.Class("acts"), web.A("?which=open", open), g.Text(" "), h.Strong(g.Text(all)))
	}
	return h.P(h.Class("acts"), h.Strong(g.Text(open)), g.Text(" "), web.A("?which=all", all))
}

func (p *answersListPage) table() g.Node {
	from, received := p.T("answers.from"), p.T("answers.received")
	pending, accepted, rejected := p.T("answers.pending"), p.T("answers.accepted"), p.T("answers.rejected")
	number := h.Class("n")
	return g.Group{
		web.Table([]g.Node{web.Col(p.T("answers.reference")), web.Col(from), web.Col(received), web.Col(pending, number), web.Col(accepted, number), web.Col(rejected, number)},
			web.Map(p.Answers, func(a survey.Answer) g.Node {
				return h.Tr(web.RowHead(web.A(answerPath(&a), a.Reference)),
					web.Cell(from, web.Auto(), g.Text(respondent(&a)+" ("+p.Country(a.Respondent.Country)+")")),
					web.Cell(received, g.Text(p.DateTime(a.Received))),
					web.Cell(pending, number, g.Text(p.Number(a.Pending))),
					web.Cell(accepted, number, g.Text(p.Number(a.Accepted))),
					web.Cell(rejected, number, g.Text(p.Number(a.Rejected))))
			})),
		g.If(p.Next != "", h.P(web.A("?cursor="+url.QueryEscape(p.Next)+web.When(p.All, "&which=all"), p.T("answers.more")))),
	}
}

// respondent is who answered, with the organisation where one was named.
func respondent(a *survey.Answer) string {
	return a.Respondent.Name + web.When(a.Respondent.Organisation != "", ", "+a.Respondent.Organisation)
}

// Content implements web.Page.
func (p *answerPage) Content() g.Node {
	of := p.Answer.Survey
	return g.Group{
		kicker("/desk/surveys/"+of, p.T("answers.of."+of)),
		h.H1(g.Text(p.Title)),
		p.facts(),
		g.If(p.Answer.Quarantine != "", h.P(h.Class("note"), p.W("answers.quarantine.why."+p.Answer.Quarantine), g.Text(" "), p.W("answers.quarantine.release"))),
		g.If(p.Can(programme.Editor) && p.Answer.Pending > 0, h.Form(h.Method("post"), h.Class("acts"),
			decision(survey.Accept, "", p.T("answers.accept.all", "Count", p.Answer.Pending)),
			decision(survey.Reject, "quiet stop", p.T("answers.reject.all", "Count", p.Answer.Pending)))),
		web.Map(p.Cards, p.card),
		g.If(p.Next > 0, h.P(web.A("?from="+strconv.Itoa(p.Next), p.T("answers.rows.more")))),
	}
}

func (p *answerPage) facts() g.Node {
	a := p.Answer
	received := p.DateTime(a.Received)
	if !a.Changed.IsZero() {
		received += " · " + p.T("answers.changed", "Date", p.DateTime(a.Changed))
	}
	return web.Facts(
		web.Fact(p.T("answers.from"), respondent(a)+", "+p.Country(a.Respondent.Country), web.Auto()),
		g.If(a.Respondent.Email != "", fact(p.T("answers.email"), web.MailTo(a.Respondent.Email))),
		web.Fact(p.T("answers.received"), received),
		web.Fact(p.T("answers.language"), p.Language(a.Language)))
}

// decision is a button; class "" makes it the main one.
func decision(d survey.Decision, class, text string) g.Node {
	return h.Button(web.Class(class), h.Name("decision"), h.Value(string(d)), g.Text(text))
}

func (p *answerPage) card(c rowCard) g.Node {
	n := strconv.Itoa(c.N)
	return h.Section(h.Class("card"), h.ID("row-"+n),
		h.H2(h.Class("first"), web.Auto(), g.Text(n+". "+c.Head)),
		h.P(rowState(p.View, c.State),
			g.If(c.By != "", g.Group{g.Text(" "), h.Span(h.Class("soft"), g.Text(string(c.By)))}),
			g.If(c.List != "", g.Group{g.Text(" "), h.Span(h.Class("soft"), p.W("answers.line", "List", c.List))})),
		web.Lines(c.Lines),
		web.Map(c.Same, func(s sameRow) g.Node {
			return h.P(h.Class("soft"), p.W("answers.same"), g.Text(" "), web.A(s.Href, s.Reference), g.Text(" ("+p.T("answers.state."+string(s.State))+")"))
		}),
		g.If(p.Can(programme.Editor) && (c.Waits() || c.Rejected()), p.decisions(c)))
}

// rowState says what was decided on a row.
func rowState(v *web.View, s survey.State) g.Node {
	kind := "wait"
	switch s {
	case survey.Accepted:
		kind = "ok"
	case survey.Rejected:
		kind = "bad"
	}
	return badge(kind, v.T("answers.state."+string(s)))
}

func (p *answerPage) decisions(c rowCard) g.Node {
	return h.Form(h.Method("post"), h.Class("acts"),
		web.Hidden("row", strconv.Itoa(c.Index)),
		g.If(p.From > 0, web.Hidden("from", strconv.Itoa(p.From))),
		decision(survey.Accept, "plain", p.T("answers.accept")),
		g.If(c.State == survey.Pending, decision(survey.Reject, "quiet stop", p.T("answers.reject"))))
}
