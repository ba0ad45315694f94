package presenters

import (
	"errors"
	"net/http"
	"strconv"

	"liaison/internal/form"
	"liaison/internal/mail"
	"liaison/internal/presenter"
	"liaison/internal/web"
)

type registrationPage struct {
	*web.View
	Expert presenter.Expert
	Form   *form.View
	picks
	Differences []form.Difference // somebody was faster
}

// opened finds the expert of the request's link, or answers it.
func (p *Presenters) opened(w http.ResponseWriter, r *http.Request) (e presenter.Expert, answered bool, err error) {
	e, err = p.Bank.Open(r.Context(), token(r))
	if err == nil {
		return e, false, nil
	}
	err = p.old(w, r, err, mail.Address{Name: e.Name, Mail: e.Email}, "/presenters/registration/renew")
	return e, err == nil, err
}

func (p *Presenters) registration(w http.ResponseWriter, r *http.Request) error {
	e, answered, err := p.opened(w, r)
	if err != nil || answered {
		return err
	}
	if web.WantsJSON(r) {
		return p.Site.JSON(w, http.StatusOK, public(&e))
	}
	return p.form(w, r, http.StatusOK, e, fill(registrationForm(p.Site.Programme), &e), nil)
}

// answerJSON is an expert's own answer, as she may see it.
type answerJSON struct {
	Name     string                  `json:"issuedTo"`
	Email    string                  `json:"issuedToAddress"` // masked
	Wish     string                  `json:"wish,omitempty"`
	Revision int                     `json:"revision"`
	Answer   *presenter.Registration `json:"registration,omitempty"`
}

func public(e *presenter.Expert) answerJSON {
	a := answerJSON{Name: e.Name, Email: e.Email.Masked(), Revision: e.Revision, Answer: e.Registration}
	if e.State == presenter.Yes || e.State == presenter.No {
		a.Wish = string(e.State)
	}
	return a
}

func (p *Presenters) form(w http.ResponseWriter, r *http.Request, status int, e presenter.Expert, v *form.Values, differences []form.Difference) error {
	page := &registrationPage{View: p.Site.View(r), Expert: e, Differences: differences}
	page.Form = labels(page.View, v.Show(page.P))
	page.picks = pick(page.View, v)
	page.Title, page.Bare, page.FormID = page.T("presenter.registration.title"), true, "registration"
	if !v.OK() {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	return p.Site.Show(w, status, page)
}

func (p *Presenters) register(w http.ResponseWriter, r *http.Request) error {
	e, answered, err := p.opened(w, r)
	if err != nil || answered {
		return err
	}
	v, err := form.Decode(r, registrationForm(p.Site.Programme))
	if err != nil {
		return err
	}
	tidy(v)
	if v.Edit() || v.Action == "switch" {
		v.Errors = nil
		return p.form(w, r, http.StatusOK, e, v, nil)
	}
	answer := presenter.Answer{Revision: revision(v), Language: p.Site.LangOf(r)}
	if v.Get("wish") != "no" { // a No answers everything
		v.Check()
		answer.Registration = read(v)
	}
	if !v.OK() {
		return p.Site.Refuse(w, r, labels(p.Site.View(r), v.Show(p.Site.View(r).P)), func(status int) error { return p.form(w, r, status, e, v, nil) })
	}
	now, err := p.Bank.Register(r.Context(), e.ID, answer)
	if errors.Is(err, presenter.ErrChanged) {
		return p.changed(w, r, now, v)
	}
	if err != nil {
		return err
	}
	return p.Site.Done(w, r, "/"+string(p.Site.LangOf(r))+"/presenters/registration/receipt?link="+token(r), public(&now))
}

// revision is the lock that the page's form carries; callers without a form have none.
func revision(v *form.Values) int {
	n, err := strconv.Atoi(v.Get("revision"))
	if err != nil || n < 0 {
		return presenter.AnyRevision
	}
	return n
}

// changed shows both versions: what stands there now, and what was typed, which another press of the button puts in its place.
func (p *Presenters) changed(w http.ResponseWriter, r *http.Request, now presenter.Expert, v *form.Values) error {
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusConflict, Key: "error.conflict"}
	}
	view := p.Site.View(r)
	there := fill(v.Def, &now)
	d := form.Differences(labels(view, there.Show(view.P)), labels(view, v.Show(view.P)))
	v.Set("revision", strconv.Itoa(now.Revision))
	return p.form(w, r, http.StatusConflict, now, v, d)
}

type receiptPage struct {
	*web.View
	Expert presenter.Expert
	Lines  []form.Line
}

// receipt is the same page whenever it is opened, until the answer is changed.
func (p *Presenters) receipt(w http.ResponseWriter, r *http.Request) error {
	e, answered, err := p.opened(w, r)
	if err != nil || answered {
		return err
	}
	page := &receiptPage{View: p.Site.View(r), Expert: e}
	page.Bare = true
	switch e.State {
	case presenter.Yes:
		page.Title = page.T("presenter.receipt.yes.title")
		s := labels(page.View, fill(registrationForm(p.Site.Programme), &e).Show(page.P))
		page.Lines = sum(page.View, s, &e)
	case presenter.No:
		page.Title = page.T("presenter.receipt.no.title")
	default:
		http.Redirect(w, r, page.At("/presenters/registration")+page.Query, http.StatusSeeOther)
		return nil
	}
	return p.Site.Show(w, http.StatusOK, page)
}

// sum words the whole answer, without what was left empty for good.
func sum(v *web.View, s *form.View, e *presenter.Expert) []form.Line {
	var out []form.Line
	for _, l := range s.Lines("", 0) {
		switch l.Href {
		case "#f-gender_own":
			continue
		case "#f-regions":
			l.Value, l.Empty = places(v, e.Registration), false
			if l.Value == "" {
				l.Value, l.Empty = v.T("form.empty"), true
			}
		case "#f-gender":
			if g := e.Registration.Gender; g != "" && v.P.Has("presenter.form.gender.option."+g) {
				l.Value = v.T("presenter.form.gender.option." + g)
			}
		}
		out = append(out, l)
	}
	spans := form.Line{Label: v.T("presenter.form.unavailable.label"), Value: v.T("form.empty"), Empty: true}
	for i, d := range e.Registration.Unavailable {
		text := v.Days(d.From.Time(), d.To.Time())
		if i == 0 {
			spans.Value, spans.Empty = text, false
			continue
		}
		spans.Value += "\n" + text
	}
	return append(out, spans)
}

func places(v *web.View, r *presenter.Registration) string {
	out := ""
	add := func(s string) {
		if out != "" {
			out += ", "
		}
		out += s
	}
	for _, g := range r.Regions {
		add(v.P.Region(g))
	}
	for _, c := range r.Countries {
		add(v.Country(c))
	}
	return out
}
