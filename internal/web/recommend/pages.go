package recommend

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/web"
)

// Content implements web.Page.
func (p *hostPage) Content() g.Node {
	kicker := p.T("event.host.kicker")
	if p.Event.Start != "" {
		kicker += " · " + p.Days(p.Event.Start.Time(), p.Event.End.Time())
	}
	return g.Group{
		h.P(h.Class("kicker"), g.Text(kicker)),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("event.host.lede")),
		h.H2(p.W("event.host.accepted")),
		g.If(len(p.Accepted) == 0, h.P(p.W("event.host.accepted.none"))),
		web.Map(p.Accepted, p.person),
		p.others(),
		h.P(h.Class("soft"), p.W("event.host.private")),
	}
}

// others are the presenters beside those who accepted.
func (p *hostPage) others() g.Node {
	switch {
	case len(p.Recommended) > 0:
		return g.Group{
			h.H2(p.W("event.host.recommended")),
			h.P(p.W("event.host.recommended.text"), g.Text(" "), p.Secretariat()),
			web.Map(p.Recommended, p.person),
		}
	case len(p.Accepted) == 0:
		return h.P(h.Class("note"), p.W("event.host.none"))
	}
	return nil
}

func (p *hostPage) person(of person) g.Node {
	return h.Article(h.Class("card"),
		h.H3(web.Auto(), g.Text(of.Name)),
		h.P(h.Class("soft"), web.Auto(), g.Text(of.Organisation+", "+p.Country(of.Country))),
		web.Facts(
			web.Fact(p.T("event.languages"), p.LanguageNames(of.Languages)),
			web.Fact(p.T("event.topics"), p.TopicNames(of.Topics)),
			g.If(of.Email != "", web.FactLink(p.T("event.host.email"), web.Mailbox(of.Email), string(of.Email))),
			web.Fact(p.T("event.host.telephone"), of.Telephone)),
		g.If(of.Biography != "", h.P(web.Auto(), h.Class("said"), g.Text(of.Biography))))
}

// Content implements web.Page.
func (p *oldPage) Content() g.Node {
	key := "event.host.expired"
	if p.Superseded {
		key = "event.host.superseded"
	}
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W(key, "Event", p.Event.Name)),
		p.offer(),
	}
}

// offer is a new link to the contact on record, where there is one.
func (p *oldPage) offer() g.Node {
	if p.Event.Email == "" {
		return p.Moved()
	}
	return g.Group{h.P(p.W("presenter.old.offer", "Address", p.Event.Email.Masked())), p.Renewal("/events/" + p.Event.ID + "/presenters/renew")}
}
