package presenters

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/event"
	"liaison/internal/presenter"
	"liaison/internal/web"
)

// Content implements web.Page.
func (p *oldPage) Content() g.Node {
	text := "presenter.old.expired.text"
	if p.Superseded {
		text = "presenter.old.superseded.text"
	}
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W(text, "Person", p.To.Name)),
		h.P(p.W("presenter.old.offer", "Address", p.To.Mail.Masked())),
		p.Renewal(p.Action),
	}
}

// issued says whose link this is.
func issued(v *web.View, name, address string) g.Node {
	return h.P(h.Class("kicker"), v.W("presenter.issued", "Person", name, "Address", address))
}

// Content implements web.Page.
func (p *receiptPage) Content() g.Node {
	address := p.Expert.Email.Masked()
	said := h.P(h.Class("lede"), p.W("presenter.receipt.no.lede"))
	if p.Expert.State == presenter.Yes {
		said = g.Group{
			h.P(h.Class("lede"), p.W("presenter.receipt.yes.lede", "Address", address)),
			h.H2(p.W("presenter.receipt.next")),
			h.Ol(h.Li(p.W("presenter.receipt.next.1")), h.Li(p.W("presenter.receipt.next.2")), h.Li(p.W("presenter.receipt.next.3"))),
			h.H2(p.W("presenter.receipt.answers")),
			web.Lines(p.Lines),
		}
	}
	return g.Group{
		issued(p.View, p.Expert.Name, address),
		h.H1(g.Text(p.Title)),
		said,
		h.P(p.W("presenter.receipt.keep")),
		web.Acts(web.A(p.At("/presenters/registration")+p.Query, p.T("presenter.receipt.change"), h.Class("button plain"))),
	}
}

// Content implements web.Page.
func (p *registrationPage) Content() g.Node {
	return g.Group{
		issued(p.View, p.Expert.Name, p.Expert.Email.Masked()),
		h.H1(p.W("presenter.registration.title")),
		h.P(h.Class("lede"), p.W("presenter.registration.lede")),
		p.Summary(p.Form.Findings()),
		p.View.Differences(p.Differences),
		h.Form(h.ID("registration"), h.Method("post"), web.Action(p.At("/presenters/registration")+p.Query), web.NoValidate(), p.Housekeeping(web.Housekeeping{}),
			web.Named(p.Form, "revision"), web.Named(p.Form, "wish"),
			h.Div(h.Class("if-yes"), p.you(), p.fit(), p.balance(),
				h.Div(h.Class("note"), h.P(p.W("presenter.form.consent")),
					h.P(p.W("presenter.form.consent.more"), g.Text(" "), web.A(p.At("/privacy"), p.T("layout.privacy"))))),
			web.Acts(h.Button(p.W("presenter.form.send")))),
	}
}

func (p *registrationPage) you() g.Node {
	return g.Group{
		h.H2(p.W("presenter.form.you")),
		h.Div(h.Class("pair"), web.Named(p.Form, "name", "organisation", "country", "email", "telephone", "fax")),
		web.Named(p.Form, "address"),
	}
}

func (p *registrationPage) fit() g.Node {
	return g.Group{
		h.H2(p.W("presenter.form.fit")),
		h.P(p.W("presenter.form.fit.text")),
		web.Named(p.Form, "languages"),
		g.If(len(p.Site.Programme.Topics) > 0, web.Named(p.Form, "topics")),
		p.regions(),
		h.FieldSet(
			h.Legend(p.W("presenter.form.unavailable.label"), g.Text(" "), h.Span(h.Class("opt"), p.W("form.optional"))),
			h.P(h.Class("hint"), p.W("presenter.form.unavailable.hint")),
			web.Group(p.Form.Group("unavailable"))),
		h.Div(h.Class("pair"), web.Named(p.Form, "yearly", "travel")),
		web.Named(p.Form, "biography"),
	}
}

func (p *registrationPage) balance() g.Node {
	return g.Group{
		h.H2(p.W("presenter.form.balance")),
		h.P(p.W("presenter.form.balance.text")),
		web.Named(p.Form, "category"),
		p.gender(),
	}
}

// regions asks for regions of the world by boxes and for single countries by name, in one field.
func (p *registrationPage) regions() g.Node {
	f := p.Form.Field("regions")
	hint, fault, more := f.ID+"-hint", f.ID+"-error", f.ID+"-more"
	return h.FieldSet(web.Class("field", web.When(f.Error != "", "wrong")), h.Aria("describedby", hint+web.When(f.Error != "", " "+fault)),
		web.Legend(f),
		h.P(h.Class("hint"), h.ID(hint), g.Text(f.Hint)),
		g.If(f.Error != "", h.P(h.Class("error"), h.ID(fault), g.Text(f.Error))),
		web.Picks(p.Regions, "checkbox", f.Name),
		h.Label(h.For(f.ID), p.W("presenter.form.regions.countries")),
		h.P(h.Class("hint"), h.ID(more), p.W("presenter.form.regions.countries.hint")),
		h.Input(h.ID(f.ID), h.Name(f.Name), h.Value(p.Countries), web.Auto(), h.Aria("describedby", more), g.If(f.Error != "", h.Aria("invalid", "true"))))
}

// gender is described by the person herself: the choices are a convenience beside words of her own.
func (p *registrationPage) gender() g.Node {
	f := p.Form.Field("gender")
	return h.FieldSet(web.Class("field", web.When(f.Error != "", "wrong")), web.Legend(f),
		g.If(f.Error != "", h.P(h.Class("error"), g.Text(f.Error))),
		web.Picks(p.Genders, "radio", f.Name),
		h.Label(h.For("f-gender_own"), p.W("presenter.form.gender_own.label")),
		h.Input(h.ID("f-gender_own"), h.Name("gender_own"), h.Value(p.GenderOwn), web.Auto()))
}

// Content implements web.Page.
func (p *requestPage) Content() g.Node {
	q := p.Request
	title, lede := p.Title, p.T("presenter.request."+string(q.Status)+".text")
	if q.Status == event.Asked {
		title, lede = p.T("presenter.request.title"), p.T("presenter.request.lede")
		if p.Over {
			lede = p.T("presenter.request.over")
		}
	}
	return g.Group{
		issued(p.View, q.To.Name, q.To.Mail.Masked()),
		h.H1(g.Text(title)),
		h.P(h.Class("lede"), g.Text(lede)),
		p.Summary(p.Form.Findings()),
		p.facts(),
		p.form(),
	}
}

func (p *requestPage) facts() g.Node {
	e := p.Event
	when := p.T("event.undated")
	if e.Start != "" {
		when = p.Days(e.Start.Time(), e.End.Time())
	}
	where := p.Where(e.Place, e.Country)
	if e.Mode != "" {
		where += " (" + p.T("event.mode."+string(e.Mode)) + ")"
	}
	travel := ""
	if e.Travel != "" {
		travel = p.T("event.travel." + string(e.Travel))
	}
	return web.Facts(
		web.Fact(p.T("event.name"), e.Name, web.Auto()),
		web.Fact(p.T("event.when"), when),
		web.Fact(p.T("event.where"), where, web.Auto()),
		web.Fact(p.T("event.organiser"), e.Organiser, web.Auto()),
		web.Fact(p.T("event.audience"), e.Audience, web.Auto()),
		web.Fact(p.T("event.languages"), p.LanguageNames(e.Languages)),
		web.Fact(p.T("event.topics"), p.TopicNames(e.Topics)),
		web.Fact(p.T("event.travel"), travel),
		web.FactLink(p.T("event.url"), e.URL, e.URL, h.Rel("noopener nofollow")),
		web.Fact(p.T("presenter.request.note"), p.Request.Note, web.Auto()),
		web.Fact(p.T("presenter.request.said"), p.Request.Words, web.Auto()),
	)
}

func (p *requestPage) form() g.Node {
	if p.Request.Status != event.Asked || p.Over {
		return h.P(h.Class("soft"), p.W("presenter.request.changed"), g.Text(" "), p.Secretariat())
	}
	return g.Group{
		web.Map(p.Clash, func(c event.Request) g.Node {
			return h.P(h.Class("note"), p.W("presenter.request.clash", "Days", p.Days(c.Days.From.Time(), c.Days.To.Time())))
		}),
		h.Form(h.ID("request"), h.Method("post"), web.Action(p.At("/presenters/request")+p.Query), web.NoValidate(), p.Housekeeping(web.Housekeeping{}),
			web.Named(p.Form, "answer", "words"),
			h.P(h.Class("note"), p.W("presenter.request.consent")),
			web.Acts(h.Button(p.W("presenter.request.send")))),
	}
}
