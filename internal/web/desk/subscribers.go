package desk

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"liaison/internal/audit"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/subscription"
	"liaison/internal/table"
	"liaison/internal/web"
)

const (
	subscribersShown  = 50  // on a page
	subscribersListed = 100 // in a JSON answer that names no limit
	subscribersMost   = 500
)

// Subscribers is the list of subscribers at the desk. Secretaries see people; editors and viewers see organisations, without names and addresses.
type Subscribers struct {
	Site *web.Site
	List *subscription.List
	Log  *audit.Log
}

// Routes implements web.Function.
func (d *Subscribers) Routes() []web.Route {
	return []web.Route{
		web.Get("/desk/subscribers", d.list).For(programme.Viewer),
		web.Get("/desk/subscribers/import", d.upload).For(programme.Secretary),
		web.Post("/desk/subscribers/import", d.take).For(programme.Secretary),
		web.Get("/desk/subscribers/template", d.template).For(programme.Secretary),
		web.Get("/desk/subscribers/export", d.export).For(programme.Secretary),
		web.Get("/desk/subscribers/{id}", d.one).For(programme.Secretary),
		web.Post("/desk/subscribers/{id}", d.act).For(programme.Secretary),
	}
}

// listed is a subscriber as the desk's lists show it.
type listed struct {
	ID           string              `json:"id"`
	Email        people.EmailAddress `json:"email,omitempty"`
	Name         string              `json:"name,omitempty"`
	Organisation string              `json:"organisation"`
	Country      people.Country      `json:"country"`
	Language     people.Language     `json:"language"`
	Format       subscription.Format `json:"format"`
	Category     people.Category     `json:"category"`
	Kind         subscription.Kind   `json:"kind"`
	State        subscription.State  `json:"state"`
	Since        time.Time           `json:"since"`
	Held         bool                `json:"held,omitempty"`
}

// entry leaves out what only secretaries may see.
func entry(s subscription.Subscriber, whole bool) listed {
	l := listed{ID: s.ID, Organisation: s.Organisation, Country: s.Country, Language: s.Language, Format: s.Format, Category: s.Category, Kind: s.Kind,
		State: s.State, Since: s.Since, Held: s.Held}
	if whole {
		l.Email, l.Name = s.Email, s.Name
	}
	return l
}

// search is what a listing is asked for.
type search struct {
	Q      string
	Filter subscription.Filter
	Cursor string
	Limit  int
}

func searchOf(r *http.Request) search {
	q := r.URL.Query()
	s := search{Q: people.OneLine(q.Get("q")), Cursor: q.Get("cursor"), Filter: subscription.Filter{
		State: subscription.State(q.Get("state")), Kind: subscription.Kind(q.Get("kind")), Language: people.Language(q.Get("language"))}}
	s.Limit = subscribersShown
	if web.WantsJSON(r) {
		s.Limit = subscribersListed
	}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil && n > 0 {
		s.Limit = min(n, subscribersMost)
	}
	return s
}

// Query is the search as an address, with another cursor.
func (s search) Query(cursor string) string {
	v := url.Values{}
	for name, value := range map[string]string{"q": s.Q, "state": string(s.Filter.State), "kind": string(s.Filter.Kind), "language": string(s.Filter.Language), "cursor": cursor} {
		if value != "" {
			v.Set(name, value)
		}
	}
	return v.Encode()
}

// Narrow tells whether the search leaves anybody out.
func (s search) Narrow() bool { return s.Q != "" || s.Filter != (subscription.Filter{}) }

// find looks an address up exactly, an organisation by the beginning of its name, and otherwise walks through the list. Only secretaries may look for addresses:
// an answer would tell the others who is there.
func (d *Subscribers) find(r *http.Request, s search, whole bool) ([]listed, string, error) {
	var found []subscription.Subscriber
	var next string
	var err error
	switch {
	case s.Q == "":
		found, next, err = d.List.Page(r.Context(), s.Filter, s.Cursor, s.Limit)
	case strings.Contains(s.Q, "@"):
		if whole {
			found, err = d.byAddress(r, s.Q)
		}
	default:
		found, next, err = d.List.ByOrganisation(r.Context(), s.Q, s.Cursor, s.Limit)
	}
	if errors.Is(err, subscription.ErrCursor) || errors.Is(err, table.ErrInvalid) {
		return nil, "", &web.Error{Status: http.StatusBadRequest, Key: "error.malformed", Err: err}
	}
	out := []listed{}
	for _, sub := range found {
		if s.Filter.Lets(sub) {
			out = append(out, entry(sub, whole))
		}
	}
	return out, next, err
}

func (d *Subscribers) byAddress(r *http.Request, q string) ([]subscription.Subscriber, error) {
	a, err := people.ParseAddress(q)
	if err != nil {
		return nil, nil
	}
	s, err := d.List.Find(r.Context(), a)
	if errors.Is(err, subscription.ErrNotFound) {
		return nil, nil
	}
	return []subscription.Subscriber{s}, err
}

type subscribersPage struct {
	*web.View
	Search      search
	People      bool
	Subscribers []listed
	Next        string
	Counts      subscription.Counts
	Total       int // without the erased
	Shown       []subscription.State
	States      []subscription.State
	Kinds       []subscription.Kind
	Parts       []int // numbers of its files, when the list is too long for one
}

func (d *Subscribers) list(w http.ResponseWriter, r *http.Request) error {
	s := searchOf(r)
	view := d.Site.View(r)
	seesPeople := view.Can(programme.Secretary)
	found, next, err := d.find(r, s, seesPeople)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": found, "next": next})
	}
	p := &subscribersPage{View: view, Search: s, People: seesPeople, Subscribers: found, Next: next, States: subscription.States, Kinds: subscription.Kinds,
		Shown: subscription.States[:len(subscription.States)-1]}
	p.Section, p.Title = "subscribers", p.T("subscribers.title")
	if p.Counts, err = d.List.Counts(r.Context()); err != nil {
		return err
	}
	for _, state := range p.Shown {
		p.Total += p.Counts.In(state)
	}
	if of := partsOf(p.Total); of > 1 {
		for n := range of {
			p.Parts = append(p.Parts, n+1)
		}
	}
	return d.Site.Show(w, http.StatusOK, p)
}

// Active is how many of a kind receive issues.
func (p *subscribersPage) Active(k subscription.Kind) int { return p.Counts[k][subscription.Active] }
