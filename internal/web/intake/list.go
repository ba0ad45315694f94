package intake

import (
	"net/http"
	"time"

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
	return pages.Render(p.Site, w, http.StatusOK, "list", page)
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
