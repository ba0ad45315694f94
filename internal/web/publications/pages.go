package publications

import (
	"net/url"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/event"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/web"
)

// Content implements web.Page.
func (p *aboutPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), g.Text(p.Lede)),
		web.Map(p.Parts, func(a aboutPart) g.Node { return g.Group{h.H2(g.Text(a.Heading)), h.P(g.Text(a.Text))} }),
	}
}

// description is what search engines show of a page.
func description(text string) g.Node { return h.Meta(h.Name("description"), h.Content(text)) }

// alternates name the same page in other languages, below the programme's own address.
func alternates(v *web.View, languages []people.Language, path string) g.Node {
	return web.Map(languages, func(l people.Language) g.Node {
		return h.Link(h.Rel("alternate"), g.Attr("hreflang", string(l)), web.Href(v.Site.Programme.BaseURL+"/"+string(l)+path))
	})
}

func feed(v *web.View) g.Node {
	return h.Link(h.Rel("alternate"), h.Type("application/atom+xml"), web.Href(v.At("/feed.xml")), g.Attr("title", v.Name()))
}

// kicker says which issue this is and when it came out.
func (e entry) kicker(v *web.View) g.Node {
	return g.Group{v.W("issue.kicker", "Number", e.Number), g.Text(" · "), h.Time(h.DateTime(v.ISO(e.Day)), g.Text(v.Date(e.Day)))}
}

func (e entry) path() string { return "/issues/" + strconv.Itoa(e.Number) }

// headline leads to the issue.
func (e entry) headline(v *web.View) g.Node { return web.A(v.At(e.path()), e.Headline) }

// in is the language of the issue's own words; their direction is told by their letters.
func (e entry) in() g.Node { return g.Group{web.Lang(e.In), web.Auto()} }

// current is the latest issue as a page opens with it; more is what one can do besides reading it.
func (e entry) current(v *web.View, kicker, opening string, more ...g.Node) g.Node {
	return h.Section(h.Class("latest"),
		h.P(h.Class("kicker"), v.W(kicker), g.Text(" · "), e.kicker(v)),
		h.H2(e.in(), e.headline(v)),
		g.If(opening != "", h.P(h.Class("prose"), e.in(), g.Text(opening))),
		h.P(web.A(v.At(e.path()), v.T("publications.read")), web.Map(more, func(n g.Node) g.Node { return g.Group{g.Text(" · "), n} })))
}

// editions lead to an issue in each of some languages.
func editions(v *web.View, number int, languages []people.Language, between string) g.Node {
	return web.Join(languages, between, func(l people.Language) g.Node {
		return web.A("/"+string(l)+"/issues/"+strconv.Itoa(number), v.SelfName(l), web.Lang(l), g.Attr("hreflang", string(l)))
	})
}

// signup invites to subscribe.
func signup(v *web.View) g.Node {
	return h.Div(h.Class("sample"), h.H2(v.W("publications.signup.title")), h.P(v.W("publications.signup.text")),
		h.P(web.A(v.At("/subscribe"), v.T("publications.signup.button"), h.Class("button"))))
}

// Content implements web.Page.
func (p *homePage) Content() g.Node {
	about := p.Text(p.Site.Programme.About)
	return h.Div(h.Class("two"),
		h.Div(
			h.Header(h.Class("opening"), h.P(h.Class("kicker"), g.Text(p.Group())), h.H1(g.Text(p.Name())), g.If(about != "", h.P(h.Class("lede"), g.Text(about)))),
			p.latest(), p.ahead()),
		h.Aside(signup(p.View), p.surveys(), p.past()))
}

func (p *homePage) latest() g.Node {
	if p.Latest == nil {
		return nil
	}
	if len(p.Past) == 0 {
		return p.Latest.current(p.View, "publications.latest", p.Opening)
	}
	return p.Latest.current(p.View, "publications.latest", p.Opening, web.A(p.At("/issues"), p.T("publications.all")))
}

func (p *homePage) ahead() g.Node {
	if len(p.Ahead) == 0 {
		return nil
	}
	return h.Section(h.H2(p.W("publications.events.title")),
		h.Ol(h.Class("plain-list days"), web.Map(p.Ahead, func(e event.Event) g.Node {
			place := p.Where(e.Place, e.Country)
			if e.Mode == "online" {
				place = dotted(place, p.T("publications.events.online"))
			}
			return h.Li(h.P(h.Class("when"), days(p.View, e)), h.Div(h.H3(named(p.View, e)), h.P(h.Class("soft"), web.Auto(), g.Text(place))))
		})),
		h.P(web.A(p.At("/events"), p.T("publications.events.all"))))
}

func (p *homePage) surveys() g.Node {
	if len(p.Surveys) == 0 {
		return nil
	}
	return g.Group{h.H2(p.W("publications.surveys.title")), h.Ul(h.Class("plain-list"), web.Map(p.Surveys, func(s openSurvey) g.Node {
		return h.Li(h.H3(web.A(p.At("/surveys/"+s.Name), p.T("survey."+s.Name+".title"))), h.P(h.Class("soft"), p.W("publications.survey.until", "Date", p.Date(s.Closes))))
	}))}
}

func (p *homePage) past() g.Node {
	if len(p.Past) == 0 {
		return nil
	}
	return g.Group{h.H2(p.W("publications.past")), h.Ul(h.Class("plain-list"), web.Map(p.Past, func(e entry) g.Node {
		return h.Li(h.P(h.Class("soft"), p.W("issue.kicker", "Number", e.Number), g.Text(" · "+p.Date(e.Day))), h.H3(e.in(), e.headline(p.View)))
	}))}
}

// Content implements web.Page.
func (p *archivePage) Content() g.Node {
	list := h.P(h.Class("lede"), p.W("publications.archive.empty"))
	if p.Current != nil {
		list = g.Group{
			h.P(h.Class("lede"), p.W("publications.archive.lede", "Name", p.Name())),
			p.Current.current(p.View, "publications.current", p.Opening, web.A("/"+string(p.Current.In)+p.Current.path()+".pdf", p.T("publications.pdf"))),
			web.Map(p.Years, p.year),
		}
	}
	return h.Div(h.Class("two"), h.Div(h.H1(g.Text(p.Title)), list),
		h.Aside(signup(p.View), h.P(web.A(p.At("/feed.xml"), p.T("publications.feed")))))
}

func (p *archivePage) year(y year) g.Node {
	return g.Group{h.H2(g.Text(strconv.Itoa(y.Year))), h.Ul(h.Class("plain-list"), web.Map(y.Entries, func(e entry) g.Node {
		return h.Li(h.P(h.Class("soft"), e.kicker(p.View)), h.H3(e.in(), e.headline(p.View)),
			h.P(h.Class("soft"), editions(p.View, e.Number, e.Editions, " · ")))
	}))}
}

// Content implements web.Page.
func (p *issuePage) Content() g.Node {
	own := web.Lang(p.Lang) // the article is in the issue's language, and the words around it in the reader's
	return g.Group{
		g.If(p.Fallback, h.P(h.Class("notice"), p.W("publications.issue.fallback", "Language", p.Language(p.Issue.In)))),
		h.Div(h.Class("two"),
			h.Article(h.Class("issue"), web.Lang(p.Issue.In), h.Dir(p.Direction),
				h.Header(h.P(h.Class("kicker"), own, p.Issue.kicker(p.View)), h.H1(web.Auto(), g.Text(p.Title)),
					h.P(h.Class("meta"), own,
						g.If(len(p.Others) > 0, g.Group{p.W("issue.also"), g.Text(" "), editions(p.View, p.Issue.Number, p.Others, ", "), g.Text(" · ")}),
						web.A(p.Paper, p.T("publications.pdf"), h.Type("application/pdf")))),
				p.text(),
				h.P(h.Class("soft"), own, p.W("publications.issue.forward"))),
			h.Aside(p.contents(), p.around(), h.P(web.A(p.At("/issues"), p.T("publications.all"))), signup(p.View))),
	}
}

// text is what the press froze; where there is none, a word about the paper, which there always is.
func (p *issuePage) text() g.Node {
	if p.Text == "" {
		return h.P(h.Class("lede"), web.Lang(p.Lang), p.W("publications.issue.paper"))
	}
	return h.Div(h.Class("prose"), p.Text)
}

func (p *issuePage) contents() g.Node {
	if len(p.Contents) == 0 {
		return nil
	}
	return h.Nav(h.Aria("labelledby", "contents"), h.H2(h.ID("contents"), p.W("issue.contents")),
		h.Ol(web.Lang(p.Issue.In), web.Map(p.Contents, func(line newsletter.Headline) g.Node { return h.Li(web.Auto(), web.A("#"+line.ID, line.Text)) })))
}

// around are the issues after and before this one.
func (p *issuePage) around() g.Node {
	var out g.Group
	if e := p.Later; e != nil {
		out = append(out, h.H2(p.W("publications.later")), h.P(p.W("issue.kicker", "Number", e.Number), g.Text(" · "), web.A(p.At(e.path()), e.Headline, web.Lang(e.In))))
	}
	if len(p.Earlier) > 0 {
		out = append(out, h.H2(p.W("publications.past")), h.Ul(h.Class("plain-list"), web.Map(p.Earlier, func(e entry) g.Node {
			return h.Li(h.P(h.Class("soft"), p.W("issue.kicker", "Number", e.Number), g.Text(" · "+p.Date(e.Day))), h.P(web.A(p.At(e.path()), e.Headline, e.in())))
		})))
	}
	return out
}

// days says when an event is.
func days(v *web.View, e event.Event) g.Node {
	if e.Start == "" {
		return v.W("event.undated")
	}
	return h.Time(h.DateTime(string(e.Start)), g.Text(v.Days(e.Start.Time(), e.End.Time())))
}

// named leads to an event.
func named(v *web.View, e event.Event) g.Node {
	return web.A(v.At("/events/"+e.ID), e.Name, web.Auto())
}

// dotted joins what is not empty.
func dotted(parts ...string) string {
	out := ""
	for _, p := range parts {
		out += web.When(out != "" && p != "", " · ") + p
	}
	return out
}

// Content implements web.Page.
func (p *eventPage) Content() g.Node {
	e, mode := p.Event, ""
	if e.Mode != "" {
		mode = p.T("event.mode." + string(e.Mode))
	}
	return g.Group{
		h.P(h.Class("kicker"), web.A(p.At("/events"), p.T("event.calendar.title")), g.If(p.Over, g.Text(" · "+p.T("event.over")))),
		h.H1(web.Auto(), g.Text(e.Name)),
		h.P(h.Class("lede"), days(p.View, e)),
		web.Facts(
			web.Fact(p.T("event.where"), dotted(p.Where(e.Place, e.Country), mode), web.Auto()),
			web.Fact(p.T("event.organiser"), e.Organiser, web.Auto()),
			web.Fact(p.T("event.audience"), e.Audience, web.Auto()),
			web.Fact(p.T("event.languages"), p.LanguageNames(e.Languages)),
			web.Fact(p.T("event.topics"), p.TopicNames(e.Topics)),
			web.FactLink(p.T("event.url"), e.URL, e.URL, h.Rel("noopener nofollow"))),
		h.P(h.Class("soft"), p.W("event.others")),
	}
}

// Content implements web.Page.
func (p *calendarPage) Content() g.Node {
	lede := "event.calendar.lede"
	if p.Year != 0 {
		lede = "event.calendar.past.lede"
	}
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W(lede)),
		p.events(),
		h.H2(p.W("event.calendar.elsewhere")),
		h.Ul(
			g.If(p.Year != 0, h.Li(web.A(p.At("/events"), p.T("event.calendar.upcoming")))),
			web.Map(p.Years, func(y int) g.Node {
				year := strconv.Itoa(y)
				return g.If(y != p.Year, h.Li(web.A("?year="+year, p.T("event.calendar.past", "Year", year))))
			}),
			h.Li(web.A("/events.ics?lang="+string(p.Lang), p.T("event.calendar.ics"))),
			g.If(len(p.Events) > 0, h.Li(p.tell()))),
	}
}

// tell invites to name an event that is missing.
func (p *calendarPage) tell() g.Node {
	return web.A(p.At("/surveys/events"), p.T("event.calendar.tell"))
}

func (p *calendarPage) events() g.Node {
	if len(p.Events) == 0 {
		empty := "event.calendar.empty"
		if p.Year != 0 {
			empty = "event.calendar.past.empty"
		}
		return h.Div(h.Class("note"), h.P(p.W(empty)), h.P(p.tell()))
	}
	next := url.Values{"cursor": {p.Next}}
	if p.Year != 0 {
		next.Set("year", strconv.Itoa(p.Year))
	}
	return g.Group{
		h.Ol(h.Class("plain-list days"), web.Map(p.Events, func(e event.Event) g.Node {
			mode := ""
			if e.Mode != "" && e.Mode != "onsite" {
				mode = p.T("event.mode." + string(e.Mode))
			}
			return h.Li(h.P(h.Class("when"), days(p.View, e)),
				h.Div(h.H2(named(p.View, e)), h.P(h.Class("soft"), web.Auto(), g.Text(dotted(p.Where(e.Place, e.Country), mode, e.Organiser)))))
		})),
		g.If(p.Next != "", h.P(web.A("?"+next.Encode(), p.T("event.calendar.more")))),
	}
}
