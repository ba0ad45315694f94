package presenters

import (
	"net/http"

	"liaison/internal/event"
	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/web"
)

var answerForm = &form.Definition{Words: "presenter.request", Fields: []form.Field{
	{Name: "answer", Kind: form.Choice, Required: true, Options: []string{"accept", "decline"}},
	{Name: "words", Kind: form.Area, Limit: 2000},
}}

type requestPage struct {
	*web.View
	Request event.Request
	Event   event.Event
	Form    *form.View
	Over    bool            // the event is past: nothing to answer
	Clash   []event.Request // others that she accepted on these days
}

// opened finds the request of the page's link, or answers it.
func (p *Presenters) openedRequest(w http.ResponseWriter, r *http.Request) (q event.Request, e event.Event, answered bool, err error) {
	q, e, err = p.Book.OpenRequest(r.Context(), token(r))
	if err == nil {
		return q, e, false, nil
	}
	err = p.old(w, r, err, q.To, "/presenters/request/renew")
	return q, e, err == nil, err
}

func (p *Presenters) request(w http.ResponseWriter, r *http.Request) error {
	q, e, answered, err := p.openedRequest(w, r)
	if err != nil || answered {
		return err
	}
	if web.WantsJSON(r) {
		return p.Site.JSON(w, http.StatusOK, requestJSON(q, e))
	}
	return p.show(w, r, http.StatusOK, q, e, form.New(answerForm, 0))
}

type requestAnswer struct {
	Event  string       `json:"event"`
	Name   string       `json:"name"`
	Start  people.Date  `json:"start,omitempty"`
	Status event.Status `json:"status"`
	Words  string       `json:"words,omitempty"`
}

func requestJSON(q event.Request, e event.Event) requestAnswer {
	return requestAnswer{Event: e.ID, Name: e.Name, Start: e.Start, Status: q.Status, Words: q.Words}
}

func (p *Presenters) show(w http.ResponseWriter, r *http.Request, status int, q event.Request, e event.Event, v *form.Values) error {
	page := &requestPage{View: p.Site.View(r), Request: q, Event: e, Over: e.Past(p.Book.Today())}
	page.Form, page.Bare = v.Show(page.P), true
	switch q.Status {
	case event.Asked:
		page.Title, page.FormID = page.T("presenter.request.title"), "request"
		if page.Over {
			page.FormID = ""
		}
		if err := p.clashes(r, page); err != nil {
			return err
		}
	default:
		page.Title = page.T("presenter.request." + string(q.Status) + ".title")
	}
	if !v.OK() {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	return p.Site.Show(w, status, page)
}

// clashes warns of other events on the same days; it is hers to decide.
func (p *Presenters) clashes(r *http.Request, page *requestPage) error {
	all, err := p.Book.RequestsOf(r.Context(), page.Request.Presenter)
	for _, o := range all {
		if o.Event != page.Event.ID && o.Status == event.Accepted && o.Days.Overlaps(page.Event.Days()) {
			page.Clash = append(page.Clash, o)
		}
	}
	return err
}

// answer records the first answer; a second shows what is recorded.
func (p *Presenters) answer(w http.ResponseWriter, r *http.Request) error {
	q, e, answered, err := p.openedRequest(w, r)
	if err != nil || answered {
		return err
	}
	v, err := form.Decode(r, answerForm)
	if err != nil {
		return err
	}
	if v.Action == "switch" {
		v.Errors = nil
		return p.show(w, r, http.StatusOK, q, e, v)
	}
	if q.Status == event.Asked && e.Past(p.Book.Today()) {
		return &web.Error{Status: http.StatusConflict, Key: "presenter.request.over"}
	}
	if q.Status == event.Asked {
		v.Check()
		if !v.OK() {
			return p.Site.Refuse(w, r, v.Show(p.Site.View(r).P), func(status int) error { return p.show(w, r, status, q, e, v) })
		}
		if q, err = p.Book.Answer(r.Context(), q, e, v.Get("answer") == "accept", v.Get("words")); err != nil {
			return err
		}
	}
	return p.Site.Done(w, r, "/"+string(p.Site.LangOf(r))+"/presenters/request?link="+token(r), requestJSON(q, e))
}
