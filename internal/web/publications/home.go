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
}

type openSurvey struct {
	Name   string
	Closes time.Time
}

func (h *Home) show(w http.ResponseWriter, r *http.Request) error {
	p := &homePage{View: h.Site.View(r), Surveys: h.open()}
	p.Title = p.Name()
	p.Head = g.Group{description(cmp.Or(p.Text(p.Site.Programme.About), p.Group())), feed(p.View), alternates(p.View, p.Languages(), "/")}
	err := web.Both( // neither waits for the other: this is the page that most people see first
		func() error { return h.latest(r.Context(), p) },
		func() (err error) { p.Ahead, err = h.Calendar.ahead(r.Context(), 4); return err })
	if err != nil {
		return err
	}
	return page(w, r, p)
}

// latest fills in the newest issue, with its first lines, and the few before it.
func (h *Home) latest(ctx context.Context, p *homePage) error {
	list, err := h.Issues.Store.Published(ctx, 4)
	if err != nil || len(list) == 0 {
		return err
	}
	for _, i := range list[1:] {
		p.Past = append(p.Past, h.Issues.entry(i, p.Lang))
	}
	e := h.Issues.entry(list[0], p.Lang)
	p.Latest = &e
	p.Opening, err = h.Issues.opening(ctx, list[0], e.In)
	return err
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
