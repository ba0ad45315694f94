package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"liaison/infra/local/disk"
	"liaison/infra/local/stage"
)

func testConfig(t *testing.T) config {
	t.Helper()
	return config{addr: "127.0.0.1:0", data: filepath.Join(t.TempDir(), "data"), rate: 500, logger: slog.New(slog.DiscardHandler)}
}

func up(t *testing.T, c config) *instance {
	t.Helper()
	in, err := start(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := in.close(); err != nil {
			t.Error(err)
		}
	})
	return in
}

// ask sends a request; a body is a form.
func ask(t *testing.T, in *instance, method, path, body string, header ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, in.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i < len(header); i += 2 {
		if r.Header.Set(header[i], header[i+1]); header[i] == "Host" {
			r.Host = header[i+1]
		}
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(text)
}

func TestOnlyLoopback(t *testing.T) {
	for _, addr := range []string{":8080", "0.0.0.0:8080", "192.0.2.1:80", "[::]:80", "example.org:80", "nonsense"} {
		c := testConfig(t)
		c.addr = addr
		if in, err := start(t.Context(), c); err == nil {
			in.close()
			t.Errorf("%s was accepted", addr)
		}
	}
}

func TestWorkbench(t *testing.T) {
	in := up(t, testConfig(t))
	const html = "text/html"
	for _, c := range []struct {
		method, path, body, accept string
		status                     int
		want                       string
	}{
		{"GET", "/_local/health", "", "", 200, "ready"},
		{"GET", "/_local/", "", html, 200, "Workbench"},
		{"GET", "/_local/mailbox", "", html, 200, "No mail yet"},
		{"GET", "/_local/mailbox.json", "", "", 200, "[]"},
		{"GET", "/_local/mailbox.json?limit=x", "", "", 422, "limit"},
		{"GET", "/_local/mailbox/nothing", "", html, 404, "No such mail"},
		{"GET", "/_local/mailbox/nothing.eml", "", "", 404, "no such mail"},
		{"GET", "/_local/static/local.css", "", "", 200, ".mails"},
		{"GET", "/_local/static/..%2fpage.go", "", "", 400, ""},
		{"GET", "/_local/nowhere", "", "", 404, "/_local/"},
		{"GET", "/_local/sent.json", "", "", 422, "issue"},
		{"GET", "/_local/sent.json?issue=7", "", "", 200, `"total":0`},
		{"GET", "/_local/signin?as=SECRETARY@example.org", "", "", 303, ""},
		{"GET", "/_local/signin?as=stranger@example.org", "", html, 404, "secretary@example.org"},
		{"GET", "/_local/signin", "", "", 404, ""},
		{"POST", "/_local/clock", "advance=1m", "", 200, `"now"`},
		{"POST", "/_local/clock", "advance=1m", html, 303, ""},
		{"POST", "/_local/clock", "advance=-1h", "", 422, "does not go back"},
		{"POST", "/_local/clock", "advance=soon", "", 422, "36h"},
		{"POST", "/_local/clock", "", "", 422, "advance"},
		{"POST", "/_local/queues/plan/redrive", "", "", 200, `"redriven":0`},
		{"POST", "/_local/queues/none/redrive", "", "", 404, "none"},
		{"POST", "/_local/faults", "throttle=2&lost=1&kill=accepted&lag=500ms&reject=A%40example.org&bounce=b%40example.org&complaint=c%40example.org", "", 200, `"kill":"accepted"`},
		{"GET", "/_local/faults", "", "", 200, `{"throttle":2,"lost":1,"reject":["a@example.org"],"bounce":["b@example.org"],"complaint":["c@example.org"],"kill":"accepted","lag":"500ms"}`},
		{"POST", "/_local/faults", "throttle=0&lost=&kill=0&lag=0&reject=0&bounce=&complaint=0", "", 200, `{"throttle":0,"lost":0,"reject":[],"bounce":[],"complaint":[],"kill":"","lag":"0s"}`},
		{"POST", "/_local/faults", "", "", 422, "nothing ordered"},
		{"POST", "/_local/faults", "throttle=-1", "", 422, "throttle"},
		{"POST", "/_local/faults", "lost=many", "", 422, "many"},
		{"POST", "/_local/faults", "kill=everybody", "", 422, "claim, accepted, settle, plan"},
		{"POST", "/_local/faults", "reject=nobody", "", 422, "e-mail address"},
		{"POST", "/_local/faults", "lag=fast", "", 422, "500ms"},
		{"POST", "/_local/faults", "explode=1", "", 422, "explode"},
		{"POST", "/_local/faults", "throttle=1&kill=nonsense", "", 422, "kill"},
		{"GET", "/_local/faults", "", "", 200, `"throttle":0`}, // a bad order does nothing at all
	} {
		status, _, body := ask(t, in, c.method, c.path, c.body, "Accept", c.accept)
		if status != c.status || !strings.Contains(body, c.want) {
			t.Errorf("%s %s %s: %d %.300s, want %d %q", c.method, c.path, c.body, status, body, c.status, c.want)
		}
	}
}

func TestStrangersPagesAreKeptOut(t *testing.T) {
	in := up(t, testConfig(t))
	if status, _, _ := ask(t, in, "GET", "/_local/signin?as=secretary@example.org", "", "Host", "rebound.example"); status != http.StatusMisdirectedRequest {
		t.Errorf("a name that points here signs in: %d", status)
	}
	if status, _, _ := ask(t, in, "POST", "/_local/faults", "throttle=9", "Sec-Fetch-Site", "cross-site"); status != http.StatusForbidden {
		t.Errorf("another site's page sets faults: %d", status)
	}
}

// Who sends far too much gets to read so, and who sends slowly does not keep the clock.
func TestLargeAndSlowBodies(t *testing.T) {
	in := up(t, testConfig(t))
	if status, _, _ := ask(t, in, "POST", "/en/subscribe", strings.Repeat("a", 10<<20)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("10 MB: %d", status)
	}
	underWay := body(func([]byte) (int, error) {
		moved := make(chan bool)
		go func() {
			in.Gate.Lock()
			defer in.Gate.Unlock()
			close(moved)
		}()
		select {
		case <-moved:
		case <-time.After(10 * time.Second):
			t.Error("a request whose body is still under way keeps the clock from being moved")
		}
		return 0, io.EOF
	})
	in.gated(httptest.NewRecorder(), httptest.NewRequest("POST", "/en/subscribe", underWay))
}

type body func([]byte) (int, error)

func (b body) Read(p []byte) (int, error) { return b(p) }

func TestSignInLeadsToTheDesk(t *testing.T) {
	in := up(t, testConfig(t))
	for to, want := range map[string]string{
		"": "/desk/", "/desk/issues": "/desk/issues", "https://example.com/desk/": "/desk/", "//example.com/desk/": "/desk/", "/en/": "/desk/", "/desk/..//example.com": "/desk/", `/desk/\\example.com`: "/desk/",
	} {
		_, h, _ := ask(t, in, "GET", "/_local/signin?as=secretary@example.org&to="+url.QueryEscape(to), "")
		if h.Get("Location") != want || !strings.Contains(h.Get("Set-Cookie"), "HttpOnly") {
			t.Errorf("to %q leads to %q, cookie %q", to, h.Get("Location"), h.Get("Set-Cookie"))
		}
	}
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := (&http.Client{Jar: jar}).Get(in.base + "/_local/signin?as=secretary@example.org&to=/desk/audit")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Request.URL.Path != "/desk/audit" {
		t.Errorf("landed at %s with %d", res.Request.URL, res.StatusCode)
	}
}

// Pages send nothing themselves, and yet whoever looks into the mailbox right after a form was sent sees its mail: the clock would wake nobody before a minute has passed.
func TestAMailIsThereAtOnce(t *testing.T) {
	in := up(t, testConfig(t))
	for n := range 5 {
		address := fmt.Sprintf("reader%d@example.org", n)
		form := url.Values{"email": {address}, "name": {"R"}, "organisation": {"Org"}, "country": {"PE"}, "language": {"en"}, "format": {"html"}, "category": {"labour"}, "consent": {"true"}}
		if status, _, body := ask(t, in, "POST", "/en/subscribe", form.Encode()); status != http.StatusSeeOther {
			t.Fatalf("sign-up: %d %.300s", status, body)
		}
		if _, _, body := ask(t, in, "GET", "/_local/mailbox.json?to="+address, ""); !strings.Contains(body, address) {
			t.Errorf("%s has no mail yet: %s", address, body)
		}
	}
}

// A mail comes by the production client over SES's protocol, and is there after a restart, as are clock, key and programme.
func TestEverythingIsKept(t *testing.T) {
	c := testConfig(t)
	in := up(t, c)
	if status, _, body := ask(t, in, "POST", "/desk/sign-in", "email=secretary%40example.org"); status != 200 {
		t.Fatalf("sign-in: %d %s", status, body)
	}
	ask(t, in, "POST", "/_local/clock", "advance=36h")
	mails := func(in *instance) (out []struct {
		ID, To, Subject, Text, HTML string
		Headers                     map[string]string
		Links                       []string
	}) {
		_, _, body := ask(t, in, "GET", "/_local/mailbox.json?to=Secretary@example.org", "")
		if err := json.Unmarshal([]byte(body), &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	got := mails(in)
	if len(got) != 1 || got[0].To != "secretary@example.org" || got[0].HTML == "" || got[0].Headers["Auto-Submitted"] != "auto-generated" || len(got[0].Links) == 0 {
		t.Fatalf("mailbox %+v", got)
	}
	if err := in.close(); err != nil {
		t.Fatal(err)
	}
	again := up(t, c)
	if m := mails(again); len(m) != 1 || m[0].ID != got[0].ID {
		t.Errorf("after a restart the mailbox holds %+v", m)
	}
	if ahead := time.Until(again.Clock.Now()); ahead < 35*time.Hour {
		t.Errorf("after a restart the clock is %v ahead", ahead)
	}
	u, err := url.Parse(got[0].Links[0])
	if err != nil {
		t.Fatal(err)
	}
	if status, _, _ := ask(t, again, "GET", u.RequestURI(), ""); status != http.StatusGone {
		t.Errorf("a link of before, expired since: %d; another key would have made it forged", status)
	}
	for _, name := range []string{"key", "tables.db", "mail.db", "queues.db", "programme.json", "clock"} {
		info, err := os.Stat(filepath.Join(c.data, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s may be read by others: %v", name, info.Mode())
		}
	}
}

func TestOneProcessPerFolder(t *testing.T) {
	c := testConfig(t)
	up(t, c)
	if in, err := start(t.Context(), c); !errors.Is(err, disk.ErrLocked) {
		t.Errorf("two at once: %v %v", in, err)
	}
}

func TestEmptyProgramme(t *testing.T) {
	c := testConfig(t)
	in := up(t, c)
	p := in.programme
	if len(p.Secretariat) != 1 || p.Secretariat[0].Email != "secretary@example.org" || len(p.Languages) != 4 {
		t.Errorf("programme %+v", p)
	}
	for _, s := range []string{"subscribers", "events", "questions"} {
		for _, at := range []time.Time{time.Now(), time.Now().AddDate(0, 11, 25)} {
			if open, _ := p.Open(s, at); !open {
				t.Errorf("survey %s is closed at %v", s, at)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(c.data, seedMarker)); !errors.Is(err, fs.ErrNotExist) {
		t.Error("an empty programme is being seeded")
	}
}

// A process that died while it filled the folder with demo data left nothing of a person's there: the next one begins anew.
func TestFillingThatWasCutOffBeginsAnew(t *testing.T) {
	c := testConfig(t)
	in := up(t, c)
	ask(t, in, "POST", "/desk/sign-in", "email=secretary%40example.org")
	key, err := in.key()
	if err != nil {
		t.Fatal(err)
	}
	if err := in.close(); err != nil {
		t.Fatal(err)
	}
	if err := stage.Write(filepath.Join(c.data, seedMarker), nil); err != nil {
		t.Fatal(err)
	}
	if err := stage.Write(filepath.Join(c.data, "programme.json"), []byte(`{"half": "written`)); err != nil {
		t.Fatal(err)
	}
	again := up(t, c)
	if _, _, body := ask(t, again, "GET", "/_local/mailbox.json", ""); strings.TrimSpace(body) != "[]" {
		t.Errorf("mails of the half-told story are left: %.200s", body)
	}
	if k, err := again.key(); err != nil || k != key {
		t.Error("the key was lost", err)
	}
}
