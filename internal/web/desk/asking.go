package desk

import (
	"errors"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/event"
	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/web"
)

var askForm = &form.Definition{Words: "event.ask", Fields: []form.Field{
	{Name: "presenter", Kind: form.Hidden, Required: true, Limit: 64},
	{Name: "note", Kind: form.Area, Limit: 2000},
}}

var recordForm = &form.Definition{Words: "event.record", Fields: []form.Field{
	{Name: "presenter", Kind: form.Hidden, Required: true, Limit: 64},
	{Name: "status", Kind: form.Select, Required: true, Options: []string{string(event.Accepted), string(event.Declined), string(event.Cancelled)}},
}}

var hostForm = &form.Definition{Words: "event.hostlink", Fields: []form.Field{{Name: "language", Kind: form.Text, Limit: 35}}}

type askPage struct {
	*web.View
	Event  event.Event
	Expert presenter.Expert
	Form   *form.View
}

// Content implements web.Page.
func (p *askPage) Content() g.Node {
	event := eventAddress(p.Event.ID)
	return g.Group{
		h.P(h.Class("kicker"), web.A(event, p.Event.Name, web.Auto())),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("event.ask.lede", "Address", string(p.Expert.Contact().Mail))),
		p.Summary(p.Form.Findings()),
		p.PostForm(event+"/ask", web.NoValidate(),
			web.Named(p.Form, "presenter", "note"),
			web.Acts(h.Button(p.W("event.ask.send")), g.Text(" "), web.A(event, p.T("event.form.back")))),
	}
}

// whom finds an event and a presenter. Who did not say Yes, or no longer does, is asked nothing (registered).
func (d *Events) whom(r *http.Request, id string, registered bool) (event.Event, presenter.Expert, error) {
	e, err := d.Book.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return e, presenter.Expert{}, err
	}
	x, err := d.Bank.Get(r.Context(), id)
	if err == nil && registered && x.State != presenter.Yes {
		err = web.NotFound()
	}
	return e, x, err
}

func known(x *presenter.Expert) event.Presenter {
	p := event.Presenter{ID: x.ID, To: x.Contact(), Language: x.Language}
	if x.Consent != nil {
		p.Language = x.Consent.Language
	}
	return p
}

// asking shows whom a mail would go to before it goes.
func (d *Events) asking(w http.ResponseWriter, r *http.Request) error {
	e, x, err := d.whom(r, r.URL.Query().Get("presenter"), true)
	if err != nil {
		return err
	}
	v := form.New(askForm, 0)
	v.Set("presenter", x.ID)
	return d.askForm(w, r, http.StatusOK, e, x, v)
}

func (d *Events) askForm(w http.ResponseWriter, r *http.Request, status int, e event.Event, x presenter.Expert, v *form.Values) error {
	page := &askPage{View: d.Site.View(r), Event: e, Expert: x}
	page.Form, page.Section = v.Show(page.P), "events"
	page.Title = page.T("event.ask.title", "Person", x.CalledName())
	return d.Site.Show(w, status, page)
}

func (d *Events) ask(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, askForm)
	if err != nil {
		return err
	}
	v.Check()
	e, x, err := d.whom(r, v.Get("presenter"), true)
	if err != nil {
		return err
	}
	if !v.OK() {
		return d.Site.Refuse(w, r, v.Show(d.Site.View(r).P), func(status int) error { return d.askForm(w, r, status, e, x, v) })
	}
	who, _ := d.Site.SignedIn(r)
	q, err := d.Book.Ask(r.Context(), string(who.Email), e, known(&x), v.Get("note"))
	done := "asked"
	if err == nil && q.Status != event.Asked {
		done = "answered"
	}
	return d.after(w, r, e.ID, done, q, err)
}

// after goes back to the event's page with what was done, or why not.
func (d *Events) after(w http.ResponseWriter, r *http.Request, id, done string, v any, err error) error {
	switch {
	case errors.Is(err, event.ErrQuiet):
		done = "quiet"
	case errors.Is(err, event.ErrFull):
		done = "full"
	case errors.Is(err, event.ErrNoContact):
		done = "no-contact"
	case err != nil:
		return err
	}
	if err != nil && web.WantsJSON(r) && done != "quiet" {
		return &web.Error{Status: http.StatusConflict, Key: "event.desk.done." + done}
	}
	return d.Site.Done(w, r, "/desk/events/"+id+"?done="+done, v)
}

// record writes down what was said by telephone, or takes a request back.
func (d *Events) record(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, recordForm)
	if err != nil {
		return err
	}
	v.Check()
	if !v.OK() {
		return d.Site.Refuse(w, r, v.Show(d.Site.View(r).P), func(int) error { return &web.Error{Status: http.StatusUnprocessableEntity, Key: "form.problem"} })
	}
	status := event.Status(v.Get("status"))
	e, x, err := d.whom(r, v.Get("presenter"), status != event.Cancelled)
	if err != nil {
		return err
	}
	who, _ := d.Site.SignedIn(r)
	q, err := d.Book.Record(r.Context(), string(who.Email), e, known(&x), status)
	return d.after(w, r, e.ID, "recorded", q, err)
}

func (d *Events) host(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, hostForm)
	if err != nil {
		return err
	}
	who, _ := d.Site.SignedIn(r)
	lang := people.Language(v.Get("language"))
	e, err := d.Book.SendHost(r.Context(), string(who.Email), r.PathValue("id"), d.Site.Programme.Nearest(lang))
	return d.after(w, r, r.PathValue("id"), "host", e, err)
}
