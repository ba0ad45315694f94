package web

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"log/slog"

	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/programme"
)

func testSite(t *testing.T) *Site {
	t.Helper()
	p := &programme.Programme{ID: "t", Name: programme.Text{"en": "Update"}, Group: programme.Text{"en": "Group"}, Languages: []people.Language{"en", "fr", "es", "ru"}, Default: "en",
		BaseURL: "http://127.0.0.1:8080", Sender: "s@example.org", ReplyTo: "s@example.org", TimeZone: "Europe/Zurich",
		Secretariat: []programme.Desk{{Email: "secretary@example.org", Role: programme.Secretary, Language: "fr"}, {Email: "viewer@example.org", Role: programme.Viewer, Language: "en"}}}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	links, err := link.New(p.BaseURL, time.Now, link.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	return &Site{Programme: p, Links: links, Now: time.Now, NewID: func() string { return "id" }, Log: slog.New(slog.DiscardHandler)}
}

type functionOf []Route

func (f functionOf) Routes() []Route { return f }

func TestAddresses(t *testing.T) {
	s := testSite(t)
	ok := func(w http.ResponseWriter, r *http.Request) error {
		_, err := w.Write([]byte(string(s.LangOf(r))))
		return err
	}
	h := s.Handler(functionOf{Get("/{lang}/{$}", ok), Get("/{lang}/events", ok), Post("/{lang}/subscribe", ok), Get("/desk/", ok).For(programme.Editor)})
	for _, c := range []struct {
		method, path, accept string
		status               int
		want                 string
	}{
		{"GET", "/fr/events", "", 200, "fr"},
		{"GET", "/events", "ru,en;q=0.5", 303, "/ru/events"},
		{"GET", "/events", "de", 303, "/en/events"},
		{"GET", "/", "es-MX", 303, "/es/"},
		{"GET", "/xx/events", "", 404, "Page not found"},
		{"GET", "/fr/nothing", "", 404, "Page introuvable"},
		{"GET", "/fr/events/", "", 303, "/fr/events"},
		{"GET", "/fr/events/?from=2027%2F5", "", 303, "/fr/events?from=2027%2F5"},
		{"GET", "//evil.example/x/", "", 307, "/evil.example/x/"}, // net/http cleans it, within our own host
		{"GET", "/fr/subscribe", "", 405, "Cette adresse"},
		{"DELETE", "/fr/events", "", 405, "Cette adresse"},
		{"GET", "/desk/", "", 303, "/desk/sign-in?to=%2Fdesk%2F"},
		{"HEAD", "/desk/", "", 303, "/desk/sign-in?to=%2Fdesk%2F"},
	} {
		r := httptest.NewRequest(c.method, c.path, nil)
		r.Header.Set("Accept-Language", c.accept)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if got := w.Body.String() + w.Header().Get("Location"); w.Code != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s %s: %d %.200q, want %d %q", c.method, c.path, w.Code, got, c.status, c.want)
		}
	}
}

// What a stranger puts into an address stays what it is in the addresses that a page makes of it.
func TestAPageKeepsItsAddressEscaped(t *testing.T) {
	s := testSite(t)
	for _, c := range []struct{ method, address, path, query string }{
		{"GET", "/en/what%3Fis%2Fit", "/what%3Fis%2Fit", ""},
		{"GET", "/en/events?year=2027", "/events", "?year=2027"},
		{"POST", "/en/subscription?link=a%26done%3Dsaved", "/subscription", "?link=a%26done%3Dsaved"},
		{"POST", "/en/subscription?other=1", "/subscription", ""},
	} {
		v := s.View(withLang(httptest.NewRequest(c.method, c.address, nil), "en"))
		if v.Path != c.path || v.Query != c.query || v.Switch("fr") != "/fr"+c.path+c.query {
			t.Errorf("%s %s: %q %q, switch %q", c.method, c.address, v.Path, v.Query, v.Switch("fr"))
		}
	}
}

// Another function than the desk's is asked for the desk's first page, where the gateway does not take "/desk/" for one of "/desk/{rest+}".
func TestTheDeskIsFoundWithoutItsSlash(t *testing.T) {
	s := testSite(t)
	show := func(w http.ResponseWriter, r *http.Request) error { return s.JSON(w, http.StatusOK, "shown") }
	at := func(h http.Handler, address string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest("GET", address, nil))
		return w
	}
	other, desk := s.Handler(functionOf{Get("/{lang}/events", show)}), s.Handler(functionOf{Get("/desk/{$}", show), Get("/desk", show)})
	if w := at(other, "/desk/?x=1"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/desk?x=1" {
		t.Errorf("%d to %q", w.Code, w.Header().Get("Location"))
	}
	for _, address := range []string{"/desk", "/desk/"} {
		if w := at(desk, address); w.Code != http.StatusOK {
			t.Errorf("%s: %d", address, w.Code)
		}
	}
}

func TestCrossOriginPosts(t *testing.T) {
	s := testSite(t)
	done := func(w http.ResponseWriter, r *http.Request) error { return s.JSON(w, http.StatusOK, "done") }
	h := s.Handler(functionOf{Post("/{lang}/subscribe", done), Post("/unsubscribe", done)})
	for path, want := range map[string]int{"/en/subscribe": http.StatusForbidden, "/unsubscribe?link=x": http.StatusOK} {
		for _, site := range []string{"cross-site", "same-site"} {
			r := httptest.NewRequest("POST", path, strings.NewReader("List-Unsubscribe=One-Click"))
			r.Header.Set("Sec-Fetch-Site", site)
			r.Header.Set("Origin", "null")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != want {
				t.Errorf("%s to %s: %d, want %d", site, path, w.Code, want)
			}
		}
	}
}

func TestBoth(t *testing.T) {
	one, other := errors.New("one"), errors.New("other")
	nothing := func() error { return nil }
	failing := func(err error) func() error { return func() error { return err } }
	if err := Both(nothing, nothing); err != nil {
		t.Error(err)
	}
	if err := Both(failing(one), failing(other)); !errors.Is(err, one) || !errors.Is(err, other) {
		t.Errorf("%v", err)
	}
	first := make(chan int) // at once: each waits for the other
	if err := Both(func() error { first <- 1; return nil }, func() error { <-first; return nil }); err != nil {
		t.Error(err)
	}
	for name, f := range map[string][2]func() error{"one": {func() error { panic("x") }, nothing}, "other": {nothing, func() error { panic("x") }}} {
		func() {
			defer func() {
				if recover() != "x" {
					t.Errorf("a panic of %s was lost", name)
				}
			}()
			_ = Both(f[0], f[1])
		}()
	}
}
