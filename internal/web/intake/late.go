package intake

import (
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/programme"
	"liaison/internal/web"
)

type latePage struct {
	*web.View
	Name  string
	Lede  string
	Typed bool // a POST: show what was typed
	You   []form.Line
	Rows  []shownRow
	List  string // file that was sent along
	Open  []listed
}

// late answers for a survey that takes no answers now: 410 after it has closed, 403 before it opens. What was typed is shown, for copying.
func (p *Pages) late(w http.ResponseWriter, r *http.Request, f *filled) error {
	window, page := p.window(f.name), &latePage{View: p.Site.View(r), Name: f.name}
	page.Section, page.Path, page.Query = "surveys", "/surveys/"+f.name, ""
	status, key, args := http.StatusGone, "survey.closed", []any{"Date", page.DateTime(window.Closes)}
	if p.Site.Now().Before(window.Opens) {
		status, key, args = http.StatusForbidden, "survey.soon", []any{"From", page.DateTime(window.Opens), "To", page.DateTime(window.Closes)}
	}
	if web.WantsJSON(r) {
		return &web.Error{Status: status, Key: key, Args: args}
	}
	page.Title, page.Lede = page.T(key), page.T(key+".more", args...)
	shown := showIn(p.Site.Programme, f.v, page.P)
	filledIn := f.v.Filled(f.group())
	f.v.Groups[f.group()] = filledIn
	for i := range filledIn {
		page.Rows = append(page.Rows, shownRow{Legend: f.def.Word(page.P, f.group()+".one", "N", i+1), Lines: given(shown.Lines(f.group(), i))})
	}
	page.You = given(respondent(shown))
	if f.v.File != nil {
		page.List = f.v.File.Name
	} else if f.list != nil {
		page.List = f.list.Name
	}
	page.Typed = len(page.Rows)+len(page.You) > 0 || page.List != ""
	if page.Typed && status == http.StatusGone {
		page.Title = page.T("survey.closed.typed")
	}
	page.others(p)
	return p.Site.Show(w, status, page)
}

// others lists the surveys that are open.
func (page *latePage) others(p *Pages) {
	for _, name := range programme.Surveys {
		if s := p.window(name); p.isOpen(name) {
			page.Open = append(page.Open, listed{Name: name, State: "open", Opens: s.Opens, Closes: s.Closes})
		}
	}
}

// given leaves out what was not answered.
func given(lines []form.Line) []form.Line {
	var out []form.Line
	for _, l := range lines {
		if !l.Empty {
			out = append(out, l)
		}
	}
	return out
}

// Content implements web.Page.
func (p *latePage) Content() g.Node {
	return g.Group{
		kicker(p.View, p.Name),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), g.Text(p.Lede)),
		p.typed(),
		p.elsewhere(),
	}
}

// typed is what was typed, for copying.
func (p *latePage) typed() g.Node {
	if !p.Typed {
		return h.P(p.W("survey.closed.contact"), g.Text(" "), p.Secretariat())
	}
	return g.Group{
		h.P(p.W("survey.closed.copy"), g.Text(" "), p.Secretariat()),
		web.Map(p.Rows, shownRow.card),
		g.If(p.List != "", h.P(h.Class("note"), web.Auto(), g.Text(p.T("survey.list.label")+": "+p.List))),
		g.If(len(p.You) > 0, card(h.H2(h.Class("first"), p.W("survey.you")), p.You)),
	}
}

// elsewhere leads to the surveys that are open.
func (p *latePage) elsewhere() g.Node {
	if len(p.Open) == 0 {
		return nil
	}
	return g.Group{
		h.H2(p.W("survey.closed.others")),
		h.Ul(h.Class("plain-list"), web.Map(p.Open, func(s listed) g.Node {
			return h.Li(h.H3(s.link(p.View)), h.P(h.Class("soft"), p.W("survey.state.open", "Date", p.DateTime(s.Closes))))
		})),
	}
}
