package publications

import (
	"context"
	"net/http"
	"time"

	"liaison/internal/programme"
	"liaison/internal/web"
)

// NextEvent is one line of the calendar on the front page.
type NextEvent struct {
	ID       string
	Name     string
	From, To time.Time // days; To may be zero
	Place    string    // "Nairobi, Kenya", worded in the reader's language; empty when it is not known
	Online   bool
}

// NextEvents finds what is ahead, soonest first. The calendar is one.
type NextEvents interface {
	Next(ctx context.Context, v *web.View, now time.Time, limit int) ([]NextEvent, error)
}

// Home is the programme's front page: the latest issue, the next events, the surveys that are open, and the way to subscribe.
type Home struct {
	Site   *web.Site
	Issues *Issues
	Events NextEvents // nil: no calendar
}

// Routes implements web.Function.
func (h *Home) Routes() []web.Route { return []web.Route{web.Get("/{lang}/{$}", h.show)} }

type homePage struct {
	*web.View
	Latest  *entry
	Opening string
	Past    []entry
	Ahead   []NextEvent
	Surveys []openSurvey
	Feed    string
}

type openSurvey struct {
	Name   string
	Closes time.Time
}

func (h *Home) show(w http.ResponseWriter, r *http.Request) error {
	p := &homePage{View: h.Site.View(r), Surveys: h.open()}
	p.Title, p.Feed = p.Name(), p.At("/feed.xml")
	list, err := h.Issues.Store.Published(r.Context(), 4)
	if err != nil {
		return err
	}
	for k, i := range list {
		e := h.Issues.entry(i, p.Lang)
		if k > 0 {
			p.Past = append(p.Past, e)
			continue
		}
		p.Latest = &e
		if p.Opening, err = h.Issues.opening(r.Context(), e); err != nil {
			return err
		}
	}
	if h.Events != nil {
		if p.Ahead, err = h.Events.Next(r.Context(), p.View, h.Site.Now(), 4); err != nil {
			return err
		}
	}
	return page(w, r, "home", p)
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
