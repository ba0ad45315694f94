package desk

import (
	"net/http"
	"strconv"
	"time"

	"liaison/internal/event"
	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Roster is the list of experts, their invitations and their answers.
type Roster struct {
	Site *web.Site
	Bank *presenter.Bank
	Book *event.Book // for what a presenter was asked
}

// Routes implements web.Function. Everybody at the desk may read who is on the roster; addresses are the secretary's.
func (d *Roster) Routes() []web.Route {
	return []web.Route{
		web.Get("/desk/presenters", d.list).For(programme.Viewer),
		web.Get("/desk/presenters/{id}", d.one).For(programme.Viewer),
		web.Get("/desk/roster", d.uploading).For(programme.Secretary),
		web.Post("/desk/roster", d.upload).For(programme.Secretary),
		web.Post("/desk/invitations", d.invite).For(programme.Secretary),
	}
}

const expertsPerPage = 100

// expert is what the desk shows of one; contact and equality data are the secretary's alone.
type expert struct {
	ID           string                  `json:"id"`
	Name         string                  `json:"name"`
	Email        people.EmailAddress     `json:"email,omitempty"`
	Organisation string                  `json:"organisation,omitempty"`
	Country      people.Country          `json:"country,omitempty"`
	Category     people.Category         `json:"category,omitempty"`
	Gender       string                  `json:"gender,omitempty"`
	Role         string                  `json:"role,omitempty"`
	Language     people.Language         `json:"language,omitempty"`
	State        presenter.State         `json:"state"`
	Blocked      string                  `json:"blocked,omitempty"`
	Invited      time.Time               `json:"invited,omitzero"`
	Answered     time.Time               `json:"answered,omitzero"`
	Registration *presenter.Registration `json:"registration,omitempty"`
}

func show(e presenter.Expert, full bool) expert {
	x := expert{ID: e.ID, Name: e.CalledName(), Email: e.Email, Organisation: e.Organisation, Country: e.Country, Category: e.Category, Gender: e.Gender,
		Role: e.Role, Language: e.Language, State: e.State, Blocked: e.Blocked}
	if e.Invitation != nil {
		x.Invited = e.Invitation.At
	}
	if e.Consent != nil {
		x.Answered = e.Consent.At
	}
	if e.Registration != nil {
		r := *e.Registration
		x.Organisation, x.Country = r.Organisation, r.Country
		if !full {
			r.Address, r.Telephone, r.Fax, r.Email, r.Gender, r.Category = "", "", "", "", "", ""
		}
		x.Registration = &r
	}
	if !full {
		x.Email, x.Gender = "", ""
	}
	return x
}

type rosterPage struct {
	*web.View
	Experts []expert
	Counts  []stateCount
	Total   int
	Waiting int // who have not answered
	New     int // who were never asked
	State   presenter.State
	Next    string
	Form    *form.View
}

type stateCount struct {
	State presenter.State
	Count int
	On    bool
}

// list answers ?state= and ?cursor=.
func (d *Roster) list(w http.ResponseWriter, r *http.Request) error {
	page := &rosterPage{View: d.Site.View(r)}
	if page.notice(r) {
		page.Notice = page.done(r)
	}
	return d.render(w, r, http.StatusOK, page, form.New(inviteForm, 0))
}

func (d *Roster) render(w http.ResponseWriter, r *http.Request, status int, page *rosterPage, v *form.Values) error {
	ctx := r.Context()
	for _, s := range presenter.States {
		if string(s) == r.URL.Query().Get("state") {
			page.State = s
		}
	}
	experts, next, err := d.Bank.List(ctx, page.State, expertsPerPage, r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	page.Experts, page.Next = []expert{}, next
	for _, e := range experts {
		page.Experts = append(page.Experts, show(e, page.Can(programme.Secretary)))
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, status, map[string]any{"items": page.Experts, "next": next})
	}
	counts, err := d.Bank.Counts(ctx)
	if err != nil {
		return err
	}
	for _, s := range presenter.States {
		page.Counts = append(page.Counts, stateCount{s, counts[s], s == page.State})
		page.Total += counts[s]
	}
	page.New, page.Waiting = counts[presenter.NotAsked], counts[presenter.NotAsked]+counts[presenter.Asked]
	page.Title, page.Section, page.Form = page.T("roster.title"), "presenters", v.Show(page.P)
	return d.Site.Show(w, status, page)
}

func (p *rosterPage) notice(r *http.Request) bool { return r.URL.Query().Get("done") != "" }

// done words what a press of a button did, from the numbers in the address.
func (p *rosterPage) done(r *http.Request) string {
	n := func(name string) int { i, _ := strconv.Atoi(r.URL.Query().Get(name)); return i }
	switch r.URL.Query().Get("done") {
	case "upload":
		return p.T("roster.done.upload", "Added", n("added"), "Changed", n("changed"), "Same", n("same"))
	case "invited":
		text := p.T("roster.done.mailed", "Count", n("mailed"))
		if k := n("recent"); k > 0 {
			text += " " + p.T("roster.done.recent", "Count", k)
		}
		if k := n("declined"); k > 0 {
			text += " " + p.T("roster.done.declined", "Count", k)
		}
		return text
	}
	return ""
}

type expertPage struct {
	*web.View
	Expert   expert
	Lines    []form.Line
	Requests []requestRow
}

type requestRow struct {
	event.Request
	EventName string
}

func (d *Roster) one(w http.ResponseWriter, r *http.Request) error {
	e, err := d.Bank.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := &expertPage{View: d.Site.View(r)}
	page.Expert = show(e, page.Can(programme.Secretary))
	requests, err := d.Book.RequestsOf(r.Context(), e.ID)
	if err != nil {
		return err
	}
	for _, q := range requests {
		row := requestRow{Request: q}
		if ev, err := d.Book.Get(r.Context(), q.Event); err == nil {
			row.EventName = ev.Name
		}
		if !page.Can(programme.Secretary) {
			row.To.Mail = ""
		}
		page.Requests = append(page.Requests, row)
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, page.Expert)
	}
	page.Lines = page.lines()
	page.Title, page.Section = page.Expert.Name, "presenters"
	return d.Site.Show(w, http.StatusOK, page)
}

// lines words what is known of an expert; what is not known is left out.
func (p *expertPage) lines() []form.Line {
	var out []form.Line
	add := func(key, value string) {
		if value != "" {
			out = append(out, form.Line{Label: p.T(key), Value: value})
		}
	}
	e := p.Expert
	add("presenter.form.organisation.label", e.Organisation)
	if e.Country != "" {
		add("presenter.form.country.label", p.Country(e.Country))
	}
	add("roster.role", e.Role)
	add("presenter.form.email.label", string(e.Email))
	if e.Language != "" {
		add("roster.language", p.Language(e.Language))
	}
	category := e.Category
	r := e.Registration
	if r == nil {
		r = &presenter.Registration{}
	} else if r.Category != "" {
		category = r.Category
	}
	if category != "" {
		add("presenter.form.category.label", p.T("presenter.form.category.option."+string(category)))
	}
	if r.Email != e.Email {
		add("roster.contact", string(r.Email))
	}
	add("presenter.form.telephone.label", r.Telephone)
	add("presenter.form.fax.label", r.Fax)
	add("presenter.form.address.label", r.Address)
	add("event.languages", p.LanguageNames(r.Languages))
	add("event.topics", topicNames(p.View, r.Topics))
	add("roster.goes", p.places(r))
	for _, s := range r.Unavailable {
		add("roster.away", p.Days(s.From.Time(), s.To.Time()))
	}
	if r.Yearly > 0 {
		add("presenter.form.yearly.label", p.Number(r.Yearly))
	}
	if r.Travel != "" {
		add("event.travel", p.T("roster.travel."+string(r.Travel)))
	}
	add("presenter.form.biography.label", r.Biography)
	return out
}

func (p *expertPage) places(r *presenter.Registration) string {
	out := ""
	add := func(s string) {
		if out != "" {
			out += ", "
		}
		out += s
	}
	for _, g := range r.Regions {
		add(p.P.Region(g))
	}
	for _, c := range r.Countries {
		add(p.Country(c))
	}
	return out
}
