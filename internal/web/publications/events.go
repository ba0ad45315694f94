package publications

import (
	"net/http"
	"strconv"

	"liaison/internal/event"
	"liaison/internal/people"
	"liaison/internal/web"
)

const (
	perPage = 50
	// running is how many days back an event may have begun and still be looked for among those that are not over.
	running = 60
)

// Calendar is the events: what comes, what was, each by itself, and all as a file for calendar programs.
type Calendar struct {
	Site *web.Site
	Book *event.Book
}

// Routes implements web.Function.
func (c *Calendar) Routes() []web.Route {
	return []web.Route{
		web.Get("/{lang}/events", c.list),
		web.Get("/{lang}/events/{id}", c.one),
		web.Get("/events.ics", c.ics),
	}
}

type calendarPage struct {
	*web.View
	Events []event.Event
	Year   int // 0: what comes
	Years  []int
	Next   string
}

// list answers what comes, or ?year=2026; ?cursor= goes on.
func (c *Calendar) list(w http.ResponseWriter, r *http.Request) error {
	ctx, cursor := r.Context(), r.URL.Query().Get("cursor")
	p := &calendarPage{View: c.Site.View(r)}
	p.Section = "events"
	today := c.Book.Today()
	first, err := c.Book.FirstYear(ctx)
	if err != nil {
		return err
	}
	for y := today.Time().Year(); y >= first; y-- {
		p.Years = append(p.Years, y)
	}
	var found event.Page
	if y, err := strconv.Atoi(r.URL.Query().Get("year")); err == nil && y >= first && y <= today.Time().Year() {
		p.Year = y
		p.Title = p.T("event.calendar.past", "Year", strconv.Itoa(y))
		year := strconv.Itoa(y)
		if found, err = c.Book.Between(ctx, people.Date(year+"-01-01"), people.Date(year+"-12-31"), perPage, cursor); err != nil {
			return err
		}
	} else {
		p.Title = p.T("event.calendar.title")
		if found, err = c.Book.From(ctx, today.Add(-running), perPage, cursor); err != nil {
			return err
		}
	}
	for _, e := range found.Events {
		if !e.Withdrawn && e.Past(today) == (p.Year != 0) {
			p.Events = append(p.Events, e)
		}
	}
	p.Next = found.Cursor
	items := []publicEvent{}
	for _, e := range p.Events {
		items = append(items, publish(e))
	}
	return either(w, r, p, map[string]any{"items": items, "next": p.Next})
}

// publicEvent is an event without what only the desk may know.
type publicEvent struct {
	ID        string            `json:"id"`
	Name      string            `json:"name"`
	Start     people.Date       `json:"start,omitempty"`
	End       people.Date       `json:"end,omitempty"`
	Organiser string            `json:"organiser,omitempty"`
	Audience  string            `json:"audience,omitempty"`
	URL       string            `json:"url,omitempty"`
	Place     string            `json:"place,omitempty"`
	Country   people.Country    `json:"country,omitempty"`
	Mode      people.Mode       `json:"mode,omitempty"`
	Languages []people.Language `json:"languages,omitempty"`
	Topics    []string          `json:"topics,omitempty"`
}

func publish(e event.Event) publicEvent {
	return publicEvent{e.ID, e.Name, e.Start, e.End, e.Organiser, e.Audience, e.URL, e.Place, e.Country, e.Mode, e.Languages, e.Topics}
}

type eventPage struct {
	*web.View
	Event event.Event
	Over  bool
}

func (c *Calendar) one(w http.ResponseWriter, r *http.Request) error {
	e, err := c.Book.Shown(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	p := &eventPage{View: c.Site.View(r), Event: e, Over: e.Past(c.Book.Today())}
	p.Title, p.Section = e.Name, "events"
	return either(w, r, p, publish(e))
}
