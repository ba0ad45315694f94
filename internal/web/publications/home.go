package publications

import (
	"net/http"
	"time"

	"liaison/internal/programme"
	"liaison/internal/web"
)

// Home is the programme's front page.
type Home struct{ Site *web.Site }

// Routes implements web.Function.
func (h *Home) Routes() []web.Route { return []web.Route{web.Get("/{lang}/{$}", h.show)} }

type homePage struct {
	*web.View
	Surveys []openSurvey
}

type openSurvey struct {
	Name   string
	Closes time.Time
}

func (h *Home) show(w http.ResponseWriter, r *http.Request) error {
	p := &homePage{View: h.Site.View(r), Surveys: h.open()}
	p.Title = p.Name()
	return pages.Render(h.Site, w, http.StatusOK, "home", p)
}

// open lists the surveys that take answers now.
func (h *Home) open() []openSurvey {
	var out []openSurvey
	for _, name := range programme.Surveys {
		if open, _ := h.Site.Programme.Open(name, h.Site.Now()); open {
			out = append(out, openSurvey{name, h.Site.Programme.Surveys[name].Closes})
		}
	}
	return out
}
