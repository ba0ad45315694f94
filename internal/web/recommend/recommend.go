// Package recommend is what the host of an event sees: the presenters who have accepted, and others whom we recommend.
//
// What may enter: pages opened by a link that was mailed to an event's contact address. They show what presenters agreed to show to hosts
// when they registered: name, organisation, country, languages, topics, biography; how to reach them only of those who accepted this event.
package recommend

import (
	"context"
	"errors"
	"net/http"

	"liaison/internal/event"
	"liaison/internal/link"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/web"
)

// shown is how many presenters are recommended beside those who accepted.
const shown = 10

// Rank ranks the whole presenter bank for an event; the map holds every presenter of the result.
type Rank func(ctx context.Context, e event.Event) (matching.Result, map[string]presenter.Expert, error)

// Recommend is the HTTP function.
type Recommend struct {
	Site *web.Site
	Book *event.Book
	Rank Rank
}

// Routes implements web.Function.
func (f *Recommend) Routes() []web.Route {
	return []web.Route{
		web.Get("/{lang}/events/{id}/presenters", f.host),
		web.Post("/{lang}/events/{id}/presenters/renew", f.renew),
		web.Get("/{lang}/events/{id}/presenters/renewed", f.Site.Renewed),
	}
}

// person is all that a host may know of a presenter.
type person struct {
	Name         string              `json:"name"`
	Organisation string              `json:"organisation"`
	Country      people.Country      `json:"country"`
	Languages    []people.Language   `json:"languages,omitempty"`
	Topics       []string            `json:"topics,omitempty"`
	Biography    string              `json:"biography,omitempty"`
	Email        people.EmailAddress `json:"email,omitempty"`     // of those who accepted
	Telephone    string              `json:"telephone,omitempty"` // of those who accepted
}

func public(r *presenter.Registration) person {
	return person{Name: r.Name, Organisation: r.Organisation, Country: r.Country, Languages: r.Languages, Topics: r.Topics, Biography: r.Biography}
}

type hostPage struct {
	*web.View
	Event                 event.Event
	Accepted, Recommended []person
}

type oldPage struct {
	*web.View
	Event      event.Event
	Superseded bool
}

func (f *Recommend) host(w http.ResponseWriter, r *http.Request) error {
	e, err := f.Book.OpenHost(r.Context(), r.PathValue("id"), r.URL.Query().Get("link"))
	if errors.Is(err, event.ErrSuperseded) || errors.Is(err, link.ErrExpired) {
		return f.old(w, r, e, err)
	}
	if err != nil {
		return err
	}
	page := &hostPage{View: f.Site.View(r), Event: e}
	if err := f.fill(r.Context(), page); err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return f.Site.JSON(w, http.StatusOK, map[string]any{"event": e.ID, "name": e.Name, "accepted": list(page.Accepted), "recommended": list(page.Recommended)})
	}
	page.Title, page.Bare = page.T("event.host.title", "Event", e.Name), true
	return f.Site.Show(w, http.StatusOK, page)
}

// list is never null in JSON.
func list(p []person) []person {
	if p == nil {
		return []person{}
	}
	return p
}

// fill finds whom to show. Everybody shown stands in the bank at this moment: a presenter who says No is gone from every host's page.
func (f *Recommend) fill(ctx context.Context, page *hostPage) error {
	result, experts, err := f.Rank(ctx, page.Event)
	if err != nil {
		return err
	}
	requests, err := f.Book.Requests(ctx, page.Event.ID)
	if err != nil {
		return err
	}
	asked := map[string]bool{}
	better := false // somebody fits well
	for _, q := range requests {
		e, ok := experts[q.Presenter]
		if q.Status == event.Accepted && ok && e.Registration != nil {
			p := public(e.Registration)
			p.Email, p.Telephone = e.Registration.Email, e.Registration.Telephone
			page.Accepted = append(page.Accepted, p)
		}
		asked[q.Presenter] = q.Status != event.Asked // accepted, declined, cancelled: not recommended beside
	}
	for _, m := range result.Ranked { // best band first: those who are merely possible are shown only where nobody fits better
		if len(page.Recommended) == shown || m.Band == matching.Possible && better {
			break
		}
		if e := experts[m.ID]; !asked[m.ID] && e.Registration != nil {
			page.Recommended = append(page.Recommended, public(e.Registration))
			better = better || m.Band != matching.Possible
		}
	}
	return nil
}

func (f *Recommend) old(w http.ResponseWriter, r *http.Request, e event.Event, err error) error {
	superseded := errors.Is(err, event.ErrSuperseded)
	key := "presenter.old.expired"
	if superseded {
		key = "presenter.old.superseded"
	}
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusGone, Key: key}
	}
	page := &oldPage{View: f.Site.View(r), Event: e, Superseded: superseded}
	page.Title, page.Bare = page.T(key), true
	return f.Site.Show(w, http.StatusGone, page)
}

func (f *Recommend) renew(w http.ResponseWriter, r *http.Request) error {
	lang := f.Site.LangOf(r)
	e, err := f.Book.RenewHost(r.Context(), r.PathValue("id"), r.URL.Query().Get("link"), lang)
	if err != nil && !errors.Is(err, event.ErrNoContact) { // the answer is the same whether or not there is an address
		return err
	}
	return f.Site.Done(w, r, "/"+string(lang)+"/events/"+e.ID+"/presenters/renewed", map[string]string{"status": "mailed"})
}
