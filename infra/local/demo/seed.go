package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Mail is what the Seeder reads of a mail that the programme sent.
type Mail struct {
	Links       []string
	Unsubscribe string // from List-Unsubscribe
}

// Seeder tells the demo's story to a programme that is new. It uses the addresses that everybody uses, and nothing else.
type Seeder struct {
	Start time.Time    // when the story ends
	HTTP  http.Handler // the programme's pages
	Base  string       // its base URL
	Now   func() time.Time
	// Advance moves the programme's clock and lets what becomes due run.
	Advance func(ctx context.Context, d time.Duration) error
	// SignIn gives a session to the secretary.
	SignIn func(w http.ResponseWriter)
	// Newest is the latest mail to an address; nil when there is none.
	Newest func(ctx context.Context, to string) (*Mail, error)
	// Bounce lets mails to the addresses bounce from now on; without one no more.
	Bounce func(addresses ...string)
	Log    *slog.Logger
}

// chapter is a part of the story that begins so many days before its end.
type chapter struct {
	name string
	days int
	tell func(context.Context, *Seeder, *client) error
}

var story = []chapter{
	{"the list of subscribers", 50, func(ctx context.Context, s *Seeder, c *client) error {
		return c.upload(ctx, "/desk/subscribers/import", "subscribers.csv", subscribers(s.Start), map[string]string{"consent": "recorded"})
	}},
	{"the roster of experts", 49, func(ctx context.Context, _ *Seeder, c *client) error {
		if err := c.upload(ctx, "/desk/roster", "experts.csv", experts(), nil); err != nil {
			return err
		}
		return c.post(ctx, "/desk/invitations", map[string]string{"to": "all"}, nil)
	}},
	{"presenters", 48, register},
	{"issue 1", 40, sendFirst},
	{"a reader who leaves", 39, leave},
	{"events", 20, tellEvents},
	{"answers that wait", 2, answers},
	{"issue 2", 1, func(ctx context.Context, s *Seeder, c *client) error { return draft(ctx, c, Issues(s.Start)[1]) }},
}

// Run tells the story. A chapter that fails does not keep the others from being told; the errors are joined.
func (s *Seeder) Run(ctx context.Context) error {
	c := &client{handler: s.HTTP, base: s.Base}
	var errs []error
	for _, ch := range story {
		if err := s.until(ctx, s.Start.AddDate(0, 0, -ch.days)); err != nil {
			return err
		}
		w := &answer{header: http.Header{}}
		s.SignIn(w)
		c.cookies = w.cookies()
		s.Log.Info("demo data", "chapter", ch.name)
		if err := ch.tell(ctx, s, c); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", ch.name, err))
		}
	}
	return errors.Join(append(errs, s.until(ctx, s.Start))...)
}

func (s *Seeder) until(ctx context.Context, t time.Time) error {
	if d := t.Sub(s.Now()); d > 0 {
		return s.Advance(ctx, d)
	}
	return nil
}

// link is the link of the newest mail to an address whose path contains part.
func (s *Seeder) link(ctx context.Context, to, part string) (string, error) {
	m, err := s.Newest(ctx, to)
	if err != nil {
		return "", err
	}
	if m != nil {
		for _, l := range m.Links {
			if strings.Contains(l, part) {
				return l, nil
			}
		}
	}
	return "", fmt.Errorf("no mail to %s has a link to %s", to, part)
}

// register answers the invitations of some experts: twelve say Yes, three No.
func register(ctx context.Context, s *Seeder, c *client) error {
	var list []map[string]any
	load("registrations.json", &list)
	roster := map[string][]string{}
	for _, r := range table("experts.csv")[1:] {
		roster[r[1]] = r
	}
	for _, r := range list {
		to := r["email"].(string)
		l, err := s.link(ctx, to, "/presenters/registration")
		if err != nil {
			return err
		}
		if e := roster[to]; r["wish"] == "yes" {
			r["name"], r["organisation"], r["country"], r["category"], r["gender"] = e[0], e[2], e[3], e[4], e[5]
		}
		if from, ok := r["unavailableFrom"].(float64); ok {
			r["unavailable"] = []map[string]string{{"from": s.date(int(from)), "to": s.date(int(r["unavailableTo"].(float64)))}}
		}
		delete(r, "unavailableFrom")
		delete(r, "unavailableTo")
		if err := c.post(ctx, l, r, nil); err != nil {
			return err
		}
	}
	return nil
}

func (s *Seeder) date(days int) string { return day(s.Start, days).Format(time.DateOnly) }

func draft(ctx context.Context, c *client, i Issue) error {
	if err := c.post(ctx, "/desk/issues", map[string]any{"number": i.Number, "kind": "newsletter", "title": i.Editions["en"].Title}, nil); err != nil {
		return err
	}
	for _, l := range slices.Sorted(maps.Keys(i.Editions)) {
		e := i.Editions[l]
		if err := c.post(ctx, fmt.Sprintf("/desk/issues/%d/editions/%s", i.Number, l), map[string]string{"title": e.Title, "body": e.Body}, nil); err != nil {
			return err
		}
	}
	return nil
}

// sendFirst sends issue 1; one reader's mailbox is gone meanwhile.
func sendFirst(ctx context.Context, s *Seeder, c *client) error {
	if err := draft(ctx, c, Issues(s.Start)[0]); err != nil {
		return err
	}
	s.Bounce("hello@makers-guild.example")
	defer s.Bounce()
	at := s.Now().Add(time.Minute).UTC()
	if err := c.post(ctx, "/desk/issues/1/schedule", map[string]string{"at": at.Format(time.RFC3339)}, nil); err != nil {
		return err
	}
	var now struct{ State string }
	for range 12 {
		if err := s.Advance(ctx, 5*time.Minute); err != nil {
			return err
		}
		if err := c.get(ctx, "/desk/issues/1", &now); err != nil {
			return err
		}
		if now.State == "finished" {
			return nil
		}
	}
	return fmt.Errorf("issue 1 is %s an hour after its time", now.State)
}

// leave unsubscribes by the button that mail programs show.
func leave(ctx context.Context, s *Seeder, c *client) error {
	const reader = "desk@harbour-consult.example"
	m, err := s.Newest(ctx, reader)
	if err != nil {
		return err
	}
	if m == nil || m.Unsubscribe == "" {
		return fmt.Errorf("no mail to %s can be unsubscribed from", reader)
	}
	public := &client{handler: c.handler, base: c.base}
	return public.form(ctx, m.Unsubscribe, url.Values{"List-Unsubscribe": {"One-Click"}})
}

type told struct {
	From       map[string]any `json:"from"`
	Respondent map[string]any `json:"respondent"`
	Event      map[string]any `json:"event"`
	Day, Days  int
}

// body is what is sent to the events survey.
func (t told) body(s *Seeder) map[string]any {
	t.Event["start"] = s.date(t.Day)
	if t.Days > 1 {
		t.Event["end"] = s.date(t.Day + t.Days - 1)
	}
	from := t.From
	if from == nil {
		from = t.Respondent
	}
	return map[string]any{"respondent": from, "events": []any{t.Event}}
}

// tellEvents answers the events survey twelve times, and the secretary accepts them all.
func tellEvents(ctx context.Context, s *Seeder, c *client) error {
	var list []told
	load("events.json", &list)
	for _, t := range list {
		if err := c.post(ctx, "/en/surveys/events", t.body(s), nil); err != nil {
			return err
		}
	}
	var page struct {
		Items []struct{ Answer, Survey string }
	}
	if err := c.get(ctx, "/desk/candidates?survey=events", &page); err != nil {
		return err
	}
	accepted := map[string]bool{}
	for _, i := range page.Items {
		if i.Survey != "events" || accepted[i.Answer] {
			continue
		}
		accepted[i.Answer] = true
		if err := c.post(ctx, "/desk/surveys/events/answers/"+url.PathEscape(i.Answer), map[string]string{"decision": "accept"}, nil); err != nil {
			return err
		}
	}
	if len(accepted) != len(list) {
		return fmt.Errorf("%d of %d events were found among the candidates", len(accepted), len(list))
	}
	return nil
}

// answers leaves something to do at the desk.
func answers(ctx context.Context, s *Seeder, c *client) error {
	var waiting struct {
		Subscribers, Questions []map[string]any
		Events                 []told
	}
	load("answers.json", &waiting)
	public := &client{handler: c.handler, base: c.base, calls: 500}
	for _, a := range waiting.Subscribers {
		if err := public.post(ctx, "/en/surveys/subscribers", a, nil); err != nil {
			return err
		}
	}
	for _, t := range waiting.Events {
		if err := public.post(ctx, "/en/surveys/events", t.body(s), nil); err != nil {
			return err
		}
	}
	for _, a := range waiting.Questions {
		if err := public.post(ctx, "/en/surveys/questions", a, nil); err != nil {
			return err
		}
	}
	return nil
}
