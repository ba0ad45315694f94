package publications

import (
	"cmp"
	"context"
	"net/http"
	"time"

	g "maragu.dev/gomponents"

	"liaison/internal/event"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Home is the programme's front page: the latest issue, the next events, the surveys that are open, and the way to subscribe.
type Home struct {
	Site     *web.Site
	Issues   *Issues
	Calendar *Calendar
}

// Routes implements web.Function.
func (h *Home) Routes() []web.Route { return []web.Route{web.Get("/{lang}/{$}", h.show)} }

type homePage struct {
	*web.View
	Latest  *entry
	Opening string
	Past    []entry
	Ahead   []event.Event
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
	p.Head = g.Group{description(cmp.Or(p.Text(p.Site.Programme.About), p.Group())), feed(p.View), alternates(p.View, p.Languages(), "/")}
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
		if p.Opening, err = h.Issues.opening(r.Context(), i, e.In); err != nil {
			return err
		}
	}
	if p.Ahead, err = h.Calendar.ahead(r.Context(), 4); err != nil {
		return err
	}
	return page(w, r, p)
}

// ahead lists the events that come next, those that are on among them.
func (c *Calendar) ahead(ctx context.Context, limit int) ([]event.Event, error) {
	today := c.Book.Today()
	found, err := c.Book.From(ctx, today.Add(-running), perPage, "")
	var out []event.Event
	for _, e := range found.Events {
		if !e.Withdrawn && !e.Past(today) && e.Start != "" && len(out) < limit {
			out = append(out, e)
		}
	}
	return out, err
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
