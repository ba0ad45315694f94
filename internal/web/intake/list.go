package intake

import (
	"net/http"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/programme"
	"liaison/internal/web"
)

type listPage struct {
	*web.View
	Surveys []listed
}

type listed struct {
	Name          string
	State         string // open, soon, closed
	Opens, Closes time.Time
}

// list shows the programme's surveys and whether they are open.
func (p *Pages) list(w http.ResponseWriter, r *http.Request) error {
	page := &listPage{View: p.Site.View(r)}
	page.Title, page.Section = page.T("survey.list.title"), "surveys"
	for _, name := range programme.Surveys {
		if s, ok := p.Site.Programme.Surveys[name]; ok {
			page.Surveys = append(page.Surveys, listed{name, state(s, p.Site.Now()), s.Opens, s.Closes})
		}
	}
	if web.WantsJSON(r) {
		items := []map[string]any{}
		for _, s := range page.Surveys {
			items = append(items, map[string]any{"survey": s.Name, "state": s.State, "opens": s.Opens, "closes": s.Closes, "title": page.T("survey." + s.Name + ".title")})
		}
		return p.Site.JSON(w, http.StatusOK, map[string]any{"items": items})
	}
	return p.Site.Show(w, http.StatusOK, page)
}

func state(s programme.Survey, now time.Time) string {
	switch {
	case now.Before(s.Opens):
		return "soon"
	case now.Before(s.Closes):
		return "open"
	}
	return "closed"
}

// Content implements web.Page.
func (p *listPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("survey.list.lede", "Group", p.Group())),
		p.surveys(),
	}
}

func (p *listPage) surveys() g.Node {
	if len(p.Surveys) == 0 {
		return h.P(p.W("survey.list.empty"))
	}
	return h.Ul(h.Class("plain-list"), web.Map(p.Surveys, func(s listed) g.Node {
		return h.Li(
			h.H2(s.link(p.View)),
			h.P(p.W("survey."+s.Name+".lede")),
			h.P(web.Class("state", s.tone()), p.W("survey.state."+s.State, "Date", p.DateTime(s.turns()))))
	}))
}

// link leads to the survey's form.
func (s listed) link(v *web.View) g.Node {
	return web.A(v.At("/surveys/"+s.Name), v.T("survey."+s.Name+".title"))
}

// turns is when the survey's state changes, or has changed for the last time.
func (s listed) turns() time.Time {
	if s.State == "soon" {
		return s.Opens
	}
	return s.Closes
}

// tone is the class that colours the state.
func (s listed) tone() string {
	switch s.State {
	case "open":
		return "ok"
	case "soon":
		return "wait"
	}
	return ""
}
