// Package apptest is an Outside that lives in memory, for tests that go through pages: SQLite tables, a clock that stands still until
// it is moved, a mail sender that keeps what it was given, and a queue of single mails whose messages the deliver function handles at once.
package apptest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/app"
	"liaison/internal/app/deliver"
	"liaison/internal/app/rooms"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/subscription"
	"liaison/internal/table/sqlite"
	"liaison/internal/web"
)

// Start is the moment at which every test begins.
var Start = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// World is one programme in memory.
type World struct {
	*app.Outside
	DB    *sqlite.DB
	Mails *Mails
	mu    sync.Mutex
	now   time.Time
	lag   time.Duration
	ids   int
	heard metric.Counts
}

// New makes a programme in four languages whose surveys are open for a year, with one person of each role.
func New(t testing.TB) *World {
	t.Helper()
	w := &World{now: Start, Mails: &Mails{}, heard: metric.Counts{}}
	db, err := sqlite.Options{Now: w.Now, Lag: w.lagging}.Open(":memory:", "people", "records", "delivery")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.DB = db
	p := Programme()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	w.Outside = &app.Outside{Programme: p, People: db.Table("people"), Records: db.Table("records"), Delivery: db.Table("delivery"), Mail: w.Mails,
		Keys: []link.Key{{1, 2, 3}}, Now: w.Now, NewID: w.newID, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Meter: w.meter}
	w.Wake = w.deliver
	return w
}

// deliver is the queue of single mails and the function behind it.
func (w *World) deliver(ctx context.Context, ids ...string) error {
	handle, err := deliver.New(w.Outside)
	if err != nil {
		return err
	}
	for _, id := range ids {
		body, err := json.Marshal(outbox.Nudge{ID: id})
		if err != nil {
			return err
		}
		if err := handle(context.WithoutCancel(ctx), body); err != nil { // it is a call of its own, with a time of its own
			return err
		}
	}
	return nil
}

// Programme is the configuration of New.
func Programme() *programme.Programme {
	open := programme.Survey{Opens: Start.AddDate(0, -1, 0), Closes: Start.AddDate(1, 0, 0)}
	return &programme.Programme{
		ID: "update", Name: programme.Text{"en": "Stewardship Update", "fr": "Actualités", "es": "Novedades", "ru": "Вестник"},
		Group:     programme.Text{"en": "Working group on stewardship", "fr": "Groupe de travail", "es": "Grupo de trabajo", "ru": "Рабочая группа"},
		Languages: []people.Language{"en", "fr", "es", "ru"}, Default: "en", BaseURL: "http://127.0.0.1:8080",
		Sender: "update@example.org", ReplyTo: "secretary@example.org", Postal: "1 Example Street, Geneva", TimeZone: "Europe/Zurich",
		Secretariat: []programme.Desk{
			{Name: "Sam Secretary", Email: "secretary@example.org", Role: programme.Secretary, Language: "en"},
			{Name: "Eva Editor", Email: "editor@example.org", Role: programme.Editor, Language: "en"},
			{Name: "Vic Viewer", Email: "viewer@example.org", Role: programme.Viewer, Language: "en"}},
		Surveys: map[string]programme.Survey{programme.Subscribers: open, programme.Events: open, programme.Questions: open},
		Topics:  []programme.Topic{{ID: "labour", Name: programme.Text{"en": "Labour practices"}}, {ID: "environment", Name: programme.Text{"en": "Environment"}}},
	}
}

// Subscribers is the list of subscribers as the functions that face the public have it.
func (w *World) Subscribers() (*subscription.List, error) {
	links, err := w.Links()
	if err != nil {
		return nil, err
	}
	list := rooms.Subscribers(w.Outside, links)
	list.Allow = (&web.Limiter{Table: w.People, Now: w.Now}).Allow
	return list, nil
}

func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Heard is how often a number was counted.
func (w *World) Heard(n metric.Name) int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.heard[n]
}

func (w *World) meter(_ context.Context, c metric.Counts) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for n, by := range c {
		w.heard[n] += by
	}
}

// Advance moves the clock.
func (w *World) Advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Lag makes secondary indexes stay behind, by the world's own clock.
func (w *World) Lag(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.lag = d
}

func (w *World) lagging() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.lag
}

// newID counts in fixed width from a scattered start, so that ids are unlike each other and the same in every run.
func (w *World) newID() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ids++
	return fmt.Sprintf("%08x%08x", uint32(w.ids)*2654435761, w.ids)
}

// Mails is a Sender that keeps single mails. Fail, when set, decides the answer of the next calls.
type Mails struct {
	mu   sync.Mutex
	sent []mail.Message
	Fail func(m mail.Message) error
}

func (s *Mails) Send(_ context.Context, m mail.Message) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.Fail != nil {
		if err := s.Fail(m); err != nil {
			return "", err
		}
	}
	s.sent = append(s.sent, m)
	return fmt.Sprintf("m-%d", len(s.sent)), nil
}

func (s *Mails) SendBatch(context.Context, mail.Batch) ([]mail.Result, error) {
	return nil, fmt.Errorf("%w: no bulk mail in this test", mail.ErrRefused)
}

func (s *Mails) Account(context.Context) (mail.Account, error) {
	return mail.Account{PerSecond: 1000, PerDay: -1, Enabled: true}, nil
}

// To lists the mails that went to an address, oldest first.
func (s *Mails) To(a people.EmailAddress) []mail.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []mail.Message
	for _, m := range s.sent {
		if m.To.Mail == a {
			out = append(out, m)
		}
	}
	return out
}

// All lists every mail, oldest first.
func (s *Mails) All() []mail.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]mail.Message(nil), s.sent...)
}

var address = regexp.MustCompile(`https?://\S+`)

// Link is the first web address in a mail's text.
func Link(m mail.Message) string { return address.FindString(m.Content.Text) }

// Browser goes through the site as a person does: it keeps cookies and does not follow redirects.
type Browser struct {
	t      testing.TB
	client *http.Client
	base   string
}

// Browse serves h and opens a browser on it.
func (w *World) Browse(t testing.TB, h http.Handler) *Browser {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	jar, _ := cookiejar.New(nil)
	return &Browser{t: t, base: srv.URL, client: &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// As gives the browser the session of a listed person.
func (b *Browser) As(w *World, email people.EmailAddress) *Browser {
	b.t.Helper()
	links, err := link.New(w.Programme.BaseURL, w.Now, w.Keys...)
	if err != nil {
		b.t.Fatal(err)
	}
	u, _ := url.Parse(b.base)
	b.client.Jar.SetCookies(u, []*http.Cookie{{Name: "liaison", Value: links.Token(link.Session, string(email), "", time.Hour), Path: "/"}})
	return b
}

// Answer is a response read whole.
type Answer struct {
	Status   int
	Header   http.Header
	Body     string
	Location string
}

// Do sends a request; path may be a whole address of the programme. header is name, value, ….
func (b *Browser) Do(method, path, contentType, body string, header ...string) Answer {
	b.t.Helper()
	if u, err := url.Parse(path); err == nil && u.IsAbs() {
		path = u.RequestURI()
	}
	r, err := http.NewRequest(method, b.base+path, strings.NewReader(body))
	if err != nil {
		b.t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := b.client.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return Answer{Status: res.StatusCode, Header: res.Header, Body: string(text), Location: res.Header.Get("Location")}
}

func (b *Browser) Get(path string, header ...string) Answer {
	b.t.Helper()
	return b.Do("GET", path, "", "", header...)
}

func (b *Browser) Post(path string, form url.Values) Answer {
	b.t.Helper()
	return b.Do("POST", path, "application/x-www-form-urlencoded", form.Encode())
}

func (b *Browser) PostJSON(path, body string) Answer {
	b.t.Helper()
	return b.Do("POST", path, "application/json", body)
}
