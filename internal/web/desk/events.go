package desk

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strconv"

	"liaison/internal/event"
	"liaison/internal/form"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Events is the calendar at the desk: the list, each event with the presenters whom it could have, and what is asked of them.
type Events struct {
	Site *web.Site
	Book *event.Book
	Bank *presenter.Bank
	// Rank ranks the whole presenter bank for an event; the map holds every presenter of the result.
	Rank func(ctx context.Context, e event.Event) (matching.Result, map[string]presenter.Expert, error)
}

// Routes implements web.Function. Who may edit events may not mail anybody.
func (d *Events) Routes() []web.Route {
	return []web.Route{
		web.Get("/desk/events", d.list).For(programme.Viewer),
		web.Post("/desk/events", d.add).For(programme.Editor),
		web.Get("/desk/events/new", d.new).For(programme.Editor),
		web.Get("/desk/events/{id}", d.one).For(programme.Viewer),
		web.Post("/desk/events/{id}", d.edit).For(programme.Editor),
		web.Get("/desk/events/{id}/edit", d.editing).For(programme.Editor),
		web.Get("/desk/events/{id}/ask", d.asking).For(programme.Secretary),
		web.Post("/desk/events/{id}/ask", d.ask).For(programme.Secretary),
		web.Post("/desk/events/{id}/requests", d.record).For(programme.Editor),
		web.Post("/desk/events/{id}/host", d.host).For(programme.Secretary),
	}
}

const eventsPerPage = 50

// Which events a list shows.
const (
	upcoming = "upcoming"
	past     = "past"
	every    = "all"
)

type eventRow struct {
	event.Event
	Accepted int
}

type eventsPage struct {
	*web.View
	Events []eventRow
	When   string
	Next   string
}

// list answers ?when=upcoming (the page's default), past or all (the default of JSON), and ?cursor=.
func (d *Events) list(w http.ResponseWriter, r *http.Request) error {
	when := r.URL.Query().Get("when")
	if when != upcoming && when != past && when != every {
		if when = upcoming; web.WantsJSON(r) {
			when = every
		}
	}
	today := d.Book.Today()
	rows, next, err := d.rows(r.Context(), when, today, r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		full := d.Site.View(r).Can(programme.Editor)
		items := []event.Event{}
		for _, e := range rows {
			if !full {
				e.Email = ""
			}
			items = append(items, e.Event)
		}
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": items, "next": next})
	}
	page := &eventsPage{View: d.Site.View(r), When: when, Next: next, Events: rows}
	page.Title, page.Section = page.T("event.desk.title"), "events"
	return d.Site.Show(w, http.StatusOK, page)
}

func (d *Events) rows(ctx context.Context, when string, today people.Date, cursor string) (rows []eventRow, next string, err error) {
	var page event.Page
	switch when {
	case past:
		page, err = d.Book.Between(ctx, "1900-01-01", today, eventsPerPage, cursor)
	case every:
		page, err = d.Book.From(ctx, "", eventsPerPage, cursor)
	default:
		page, err = d.Book.From(ctx, today.Add(-60), eventsPerPage, cursor)
	}
	if err != nil || len(page.Events) == 0 {
		return nil, page.Cursor, err
	}
	first, last := page.Events[0].Start, page.Events[0].Start
	for _, e := range page.Events {
		first, last = min(first, e.Start), max(last, e.Start)
	}
	bookings, err := d.Book.Bookings(ctx, first, max(last, first))
	if err != nil {
		return nil, "", err
	}
	accepted := map[string]int{}
	for _, b := range bookings {
		accepted[b.Event]++
	}
	for _, e := range page.Events {
		if over := e.Past(today); when == every || over == (when == past) {
			rows = append(rows, eventRow{e, accepted[e.ID]})
		}
	}
	return rows, page.Cursor, nil
}

func eventForm(p *programme.Programme) *form.Definition {
	topics := make([]string, len(p.Topics))
	for i, t := range p.Topics {
		topics[i] = t.ID
	}
	return &form.Definition{Words: "event.form", Fields: []form.Field{
		{Name: "name", Kind: form.Text, Required: true, Limit: people.MaxName},
		{Name: "start", Kind: form.Date},
		{Name: "end", Kind: form.Date},
		{Name: "mode", Kind: form.Select, Options: texts(people.Modes)},
		{Name: "place", Kind: form.Text, Limit: people.MaxName},
		{Name: "country", Kind: form.Country},
		{Name: "organiser", Kind: form.Text, Limit: people.MaxName},
		{Name: "audience", Kind: form.Text, Limit: people.MaxShort},
		{Name: "email", Kind: form.Email},
		{Name: "url", Kind: form.URL},
		{Name: "languages", Kind: form.Languages, Max: 10},
		{Name: "topics", Kind: form.Checks, Options: topics},
		{Name: "presenters", Kind: form.Number, Min: 1, Max: 50},
		{Name: "travel", Kind: form.Select, Options: texts(people.Travels)},
		{Name: "withdrawn", Kind: form.Consent},
		{Name: "revision", Kind: form.Hidden, Limit: 12},
	}}
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func fillEvent(d *form.Definition, e *event.Event) *form.Values {
	v := form.New(d, 0)
	for name, value := range map[string]string{
		"name": e.Name, "start": string(e.Start), "end": string(e.End), "mode": string(e.Mode), "place": e.Place, "country": string(e.Country), "organiser": e.Organiser,
		"audience": e.Audience, "email": string(e.Email), "url": e.URL, "travel": string(e.Travel), "revision": strconv.Itoa(e.Revision),
	} {
		if value != "" {
			v.Set(name, value)
		}
	}
	v.Set("languages", texts(e.Languages)...)
	v.Set("topics", e.Topics...)
	if e.Presenters > 0 {
		v.Set("presenters", strconv.Itoa(e.Presenters))
	}
	if e.Withdrawn {
		v.Set("withdrawn", "yes")
	}
	return v
}

// readEvent takes a checked form, or adds the finding that concerns two fields.
func readEvent(v *form.Values) event.Event {
	e := event.Event{
		Name: v.Get("name"), Start: people.Date(v.Get("start")), End: people.Date(v.Get("end")), Mode: people.Mode(v.Get("mode")), Place: v.Get("place"),
		Country: people.Country(v.Get("country")), Organiser: v.Get("organiser"), Audience: v.Get("audience"), Email: people.EmailAddress(v.Get("email")),
		URL: v.Get("url"), Topics: v.All("topics"), Presenters: v.Fields.Int("presenters"), Travel: people.Travel(v.Get("travel")),
		Withdrawn: v.Get("withdrawn") == "yes", Revision: event.AnyRevision,
	}
	for _, l := range v.All("languages") {
		e.Languages = append(e.Languages, people.Language(l))
	}
	if n, err := strconv.Atoi(v.Get("revision")); err == nil && n >= 0 {
		e.Revision = n
	}
	if v.OK() && e.Start != "" && e.End != "" && e.End < e.Start {
		v.Fail("end", "event.error.span")
	}
	return e
}

type eventFormPage struct {
	*web.View
	Form        *form.View
	Action      string
	ID          string // empty for a new event
	Key         string
	Differences []form.Difference
}

func (d *Events) form(w http.ResponseWriter, r *http.Request, status int, id, title string, v *form.Values, differences []form.Difference) error {
	page := &eventFormPage{View: d.Site.View(r), Action: "/desk/events", ID: id, Key: v.Key, Differences: differences}
	page.Form = topicLabels(page.View, v.Show(page.P))
	if id != "" {
		page.Action = eventAddress(id)
	}
	page.Title, page.Section = title, "events"
	if !v.OK() {
		page.Title = page.T("form.title.error", "Title", title)
	}
	return d.Site.Show(w, status, page)
}

func topicLabels(v *web.View, s *form.View) *form.View {
	s.Label = func(field, value string) (string, bool) { return v.TopicName(value), field == "topics" }
	return s
}

func (d *Events) new(w http.ResponseWriter, r *http.Request) error {
	return d.form(w, r, http.StatusOK, "", d.Site.View(r).T("event.desk.new"), form.New(eventForm(d.Site.Programme), 0), nil)
}

// add takes its id from the form's key, so that a form sent twice is one event.
func (d *Events) add(w http.ResponseWriter, r *http.Request) error {
	v, e, done, err := d.read(w, r, "", "event.desk.new")
	if err != nil || done {
		return err
	}
	who, _ := d.Site.SignedIn(r)
	e.ID = d.Site.NewID()
	if v.Key != "" {
		sum := sha256.Sum256([]byte(string(who.Email) + "\n" + v.Key))
		e.ID = hex.EncodeToString(sum[:12])
	}
	if e, err = d.Book.Add(r.Context(), string(who.Email), e); err != nil {
		return err
	}
	return d.Site.Done(w, r, "/desk/events/"+e.ID, e)
}

// read decodes and checks the form of an event; done when it was answered with what is wrong.
func (d *Events) read(w http.ResponseWriter, r *http.Request, id, title string) (v *form.Values, e event.Event, done bool, err error) {
	if v, err = form.Decode(r, eventForm(d.Site.Programme)); err != nil {
		return nil, e, false, err
	}
	v.Check()
	e = readEvent(v)
	if !v.OK() {
		view := d.Site.View(r)
		err = d.Site.Refuse(w, r, topicLabels(view, v.Show(view.P)), func(status int) error { return d.form(w, r, status, id, view.T(title), v, nil) })
		return v, e, true, err
	}
	return v, e, false, nil
}

func (d *Events) editing(w http.ResponseWriter, r *http.Request) error {
	e, err := d.Book.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	return d.form(w, r, http.StatusOK, e.ID, d.Site.View(r).T("event.desk.edit"), fillEvent(eventForm(d.Site.Programme), &e), nil)
}

func (d *Events) edit(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := d.Book.Get(r.Context(), id); err != nil {
		return err
	}
	v, e, done, err := d.read(w, r, id, "event.desk.edit")
	if err != nil || done {
		return err
	}
	e.ID = id
	who, _ := d.Site.SignedIn(r)
	now, err := d.Book.Edit(r.Context(), string(who.Email), e)
	if errors.Is(err, event.ErrChanged) {
		return d.changed(w, r, now, v)
	}
	if err != nil {
		return err
	}
	return d.Site.Done(w, r, "/desk/events/"+id, now)
}

// changed shows both versions; another press of the button puts what was typed in place of what stands there.
func (d *Events) changed(w http.ResponseWriter, r *http.Request, now event.Event, v *form.Values) error {
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusConflict, Key: "error.conflict"}
	}
	view := d.Site.View(r)
	there := fillEvent(v.Def, &now)
	differences := form.Differences(topicLabels(view, there.Show(view.P)), topicLabels(view, v.Show(view.P)))
	v.Set("revision", strconv.Itoa(now.Revision))
	return d.form(w, r, http.StatusConflict, now.ID, view.T("event.desk.edit"), v, differences)
}
