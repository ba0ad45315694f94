package desk_test

import (
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/app/apptest"
	"liaison/internal/app/desk"
	"liaison/internal/app/press"
	"liaison/internal/app/site"
)

// An editor who wrote for longer than her session lasts signs in elsewhere and sends what she wrote from the page that says so.
func TestASessionThatEndsUnderAForm(t *testing.T) {
	w := apptest.New(t)
	h, err := site.Serve(w.Outside, desk.Pages, press.Pages)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browse(t, h).As(w, "secretary@example.org")
	b.PostJSON("/desk/issues", `{"number":1,"kind":"newsletter","title":"First"}`)
	w.Advance(13 * time.Hour)
	written := url.Values{"title": {"First"}, "body": {"The \"long\" road"}}
	for name, a := range map[string]apptest.Answer{"form": b.Post("/desk/issues/1/editions/en", written),
		"multipart": b.Do("POST", "/desk/issues/1/editions/en", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"body\"\r\n\r\nThe \"long\" road\r\n--b--\r\n")} {
		page := html.UnescapeString(a.Body)
		if a.Status != 401 || !strings.Contains(page, `name="body" value="The "long" road"`) || !strings.Contains(page, `action="/desk/issues/1/editions/en"`) ||
			!strings.Contains(page, `href="/desk/sign-in"`) || a.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s: %d %s", name, a.Status, page)
		}
	}
	if a := b.Post("/desk/issues/1/pause", nil); a.Status != 303 || a.Location != "/desk/sign-in" {
		t.Errorf("nothing was typed: %d %s", a.Status, a.Location)
	}
	if a := b.As(w, "secretary@example.org").Post("/desk/issues/1/editions/en", written); a.Status != 303 {
		t.Errorf("sent again: %d %s", a.Status, a.Body)
	}
}

func TestSignIn(t *testing.T) {
	w := apptest.New(t)
	h, err := desk.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browse(t, h)
	if a := b.Get("/desk/audit?month=2027-03"); a.Status != 303 || !strings.HasPrefix(a.Location, "/desk/sign-in?to=%2Fdesk%2Faudit") {
		t.Fatalf("a stranger gets %d %s", a.Status, a.Location)
	}
	if a := b.Post("/desk/sign-in", url.Values{"email": {"nobody"}}); a.Status != 422 || !strings.Contains(a.Body, `value="nobody"`) {
		t.Errorf("a wrong address: %d, typed text kept: %v", a.Status, strings.Contains(a.Body, `value="nobody"`))
	}
	known := b.Post("/desk/sign-in", url.Values{"email": {"Secretary@example.org"}, "to": {"/desk/audit"}})
	unknown := b.Post("/desk/sign-in", url.Values{"email": {"stranger@example.org"}, "to": {"//evil.example"}})
	if known.Status != 200 || strings.ReplaceAll(known.Body, "Secretary@", "stranger@") != unknown.Body {
		t.Errorf("the answer tells who is listed")
	}
	if m := w.Mails.To("stranger@example.org"); len(m) != 1 || apptest.Link(m[0]) != "" {
		t.Errorf("a stranger must get one mail without a link: %+v", m)
	}
	mails := w.Mails.To("secretary@example.org")
	if len(mails) != 1 {
		t.Fatalf("%d mails to the secretary", len(mails))
	}
	address := apptest.Link(mails[0])
	for range 3 { // a scanner looks
		if a := b.Get(address); a.Status != 200 || len(a.Header["Set-Cookie"]) > 0 {
			t.Fatalf("landing page: %d, cookies %v", a.Status, a.Header["Set-Cookie"])
		}
	}
	if a := b.Post(address, nil); a.Status != 303 || a.Location != "/desk/audit" {
		t.Fatalf("open: %d to %q", a.Status, a.Location)
	}
	if a := b.Get("/desk/audit"); a.Status != 200 || strings.Contains(a.Body, "[[") {
		t.Errorf("signed in, but %d", a.Status)
	}
	if a := w.Browse(t, h).Post(address, nil); a.Status != http.StatusGone || !strings.Contains(a.Body, "used already") {
		t.Errorf("a used link answers %d", a.Status)
	}
	if a := w.Browse(t, h).Get(address[:len(address)-40]); a.Status != http.StatusBadRequest {
		t.Errorf("a cut link answers %d", a.Status)
	}
	w.Advance(13 * time.Hour)
	if a := b.Get("/desk/audit"); a.Status != 303 {
		t.Errorf("the session outlives its 12 hours: %d", a.Status)
	}
}

func TestSignInMailsAreLimited(t *testing.T) {
	w := apptest.New(t)
	h, err := desk.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browse(t, h)
	for range 9 {
		if a := b.Post("/desk/sign-in", url.Values{"email": {"editor@example.org"}}); a.Status != 200 {
			t.Fatalf("%d", a.Status)
		}
	}
	if n := len(w.Mails.To("editor@example.org")); n != 5 {
		t.Errorf("%d mails within an hour, want 5", n)
	}
	w.Advance(2 * time.Hour)
	b.Post("/desk/sign-in", url.Values{"email": {"editor@example.org"}})
	if n := len(w.Mails.To("editor@example.org")); n != 6 {
		t.Errorf("%d mails after two hours, want 6", n)
	}
}

func TestSignInLeadsNowhereElse(t *testing.T) {
	w := apptest.New(t)
	h, err := desk.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browse(t, h)
	b.Post("/desk/sign-in", url.Values{"email": {"secretary@example.org"}})
	b.Post(apptest.Link(w.Mails.To("secretary@example.org")[0]), nil)
	for to, want := range map[string]string{
		"/desk/audit?month=2027-03": "/desk/audit?month=2027-03", "/desk/?a=/../..": "/desk/?a=/../..", "/desk": "/desk/", "": "/desk/", "/desk/events/": "/desk/events",
		"//evil.example": "/desk/", "https://evil.example/desk/": "/desk/", "/desk/..//evil.example": "/desk/", "/desk/../en/": "/desk/", "/desk/./sign-out": "/desk/",
		`/desk/\evil.example`: "/desk/",
	} {
		if a := b.Get("/desk/sign-in?to=" + url.QueryEscape(to)); a.Location != want {
			t.Errorf("to %q leads to %q, want %q", to, a.Location, want)
		}
	}
}

func TestOneNetworkCannotHaveTheWorldMailed(t *testing.T) {
	w := apptest.New(t)
	h, err := desk.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	ask := func(n int, from string) int {
		r := httptest.NewRequest("POST", "/desk/sign-in", strings.NewReader(url.Values{"email": {fmt.Sprintf("a%d@example.org", n)}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.RemoteAddr = from
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, r)
		return rec.Code
	}
	for n := range 30 {
		if code := ask(n, "192.0.2.9:4000"); code != 200 {
			t.Fatalf("request %d: %d", n, code)
		}
	}
	if code := ask(30, "192.0.2.9:4001"); code != 429 || len(w.Mails.All()) != 30 {
		t.Errorf("%d, %d mails", code, len(w.Mails.All()))
	}
	if code := ask(31, "198.51.100.7:4000"); code != 200 {
		t.Errorf("another network: %d", code)
	}
}
