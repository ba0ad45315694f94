package main

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestLogsNameNobody walks the main job, provokes every mishap that there is, and looks through all that was logged at any level. The
// local run's log strikes nothing out, so this sees what the call sites log, and not what is left of it in the cloud.
func TestLogsNameNobody(t *testing.T) {
	p := newProgram(t, "-demo=false", "-v")
	w := walkOn(t, p)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
	}
	must(mainJob(w))
	must(mishaps(w))
	var mails []mail
	must(w.public.get("/_local/mailbox.json?limit=1000", &mails))
	secrets := map[string]string{secretaryAddress: "the secretary's address"}
	for _, m := range mails {
		secrets[m.To] = "an address that was written to"
		for _, l := range append(m.Links, m.Headers["List-Unsubscribe"]) {
			for _, token := range regexp.MustCompile(`v4\.local\.[A-Za-z0-9_-]+`).FindAllString(l, -1) {
				secrets[token] = "the token of a link"
			}
		}
	}
	for _, to := range append(append(w.organisations, w.experts...), w.address("refused"), w.address("stopped"), w.address("in-a-path"), w.address("typed")) {
		secrets[to] = "an address that was typed"
	}
	base, _ := url.Parse(w.base)
	for _, c := range w.secretary.client.Jar.Cookies(base) {
		secrets[c.Value] = "a session"
	}
	p.stop()
	log := p.log.String()
	if len(secrets) < 40 || len(mails) < 25 || !strings.Contains(log, "level=WARN") || !strings.Contains(log, "mail refused") {
		t.Fatalf("this run shows nothing: %d secrets, %d mails\n%s", len(secrets), len(mails), log)
	}
	for line := range strings.Lines(log) {
		for secret, what := range secrets {
			if strings.Contains(line, secret) || strings.Contains(line, url.QueryEscape(secret)) || strings.Contains(strings.ToLower(line), strings.ToLower(secret)) {
				t.Errorf("%s is logged: %s", what, line)
			}
		}
		if m := regexp.MustCompile(`v4\.(local|public)\.|[\w.+-]+@[\w-]+\.\w+|\.example\b`).FindString(line); m != "" && !strings.Contains(line, "@v") {
			t.Errorf("%q is logged: %s", m, line)
		}
	}
	t.Logf("%d lines, %d addresses and tokens in none of them", strings.Count(log, "\n"), len(secrets))
}

// mishaps are what makes programs talkative.
func mishaps(w *walk) error {
	signUp := func(to string) error {
		a, err := w.public.do(http.MethodPost, "/en/subscribe", "application/json", asJSON, fmt.Appendf(nil,
			`{"email":%q,"organisation":"Union","country":"CH","language":"en","format":"html","category":"labour","consent":"yes"}`, to))
		if err != nil || a.status/100 != 2 {
			return fmt.Errorf("signing %s up: %v %v", to, a, err)
		}
		return nil
	}
	fault := func(order string) error { return w.fault(order) }
	for _, do := range []func() error{
		func() error { return fault("reject=" + url.QueryEscape(w.address("refused"))) },
		func() error { return signUp(w.address("refused")) }, // the mail service names the address that it refuses
		func() error { return fault("throttle=3") },
		func() error { return signUp(w.address("stopped")) },
		func() error { return fault("throttle=0") },
		func() error { return w.strange() },
		func() error { _, err := importReaders(w); return err },
		func() error { _, err := write(w); return err },
		func() error {
			return fault("throttle=2&lost=2&kill=accepted&lag=300ms&reject=" + url.QueryEscape(w.address("reader1")) + "&bounce=" + url.QueryEscape(w.address("reader2")) +
				"&complaint=" + url.QueryEscape(w.address("reader3")))
		},
		func() error {
			now, err := w.now()
			if err != nil {
				return err
			}
			return w.secretary.post(w.issuePath("/schedule"), map[string]string{"at": now.Add(2 * time.Second).UTC().Format(time.RFC3339)}, nil)
		},
		func() error { return w.advance(20 * time.Second) },
		func() error { return fault("kill=settle&lost=1") },
		func() error { return w.advance(time.Minute) },
		func() error { return fault("kill=claim") },
		func() error { return w.advance(10 * time.Minute) },
		func() error { return w.advance(48 * time.Hour) },
	} {
		if err := do(); err != nil {
			return err
		}
	}
	return nil
}

// strange sends what nobody expects, with addresses and tokens where they do not belong.
func (w *walk) strange() error {
	token := "v4.local." + strings.Repeat("A", 200)
	typed := w.address("typed")
	for _, x := range []struct{ method, to, kind, body string }{
		{http.MethodGet, "/en/" + w.address("in-a-path"), "", ""},
		{http.MethodGet, "/en/subscription%3Flink=" + token, "", ""},
		{http.MethodGet, "/unsubscribe?link=" + token, "", ""},
		{http.MethodPost, "/unsubscribe?link=" + token, "application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		{http.MethodPut, "/en/subscribe?email=" + url.QueryEscape(typed), "", ""},
		{http.MethodPost, "/en/subscribe", "application/json", `{"email": "` + typed},
		{http.MethodPost, "/en/subscribe", "application/json", `{"email": ["` + typed + `"]}`},
		{http.MethodPost, "/en/subscribe", "multipart/form-data; boundary=" + typed, typed},
		{http.MethodPost, "/en/subscribe", "text/" + typed, typed},
		{http.MethodPost, "/en/subscribe", "application/x-www-form-urlencoded", "email=" + url.QueryEscape(typed) + "&" + strings.Repeat("x", 3<<20)},
		{http.MethodPost, "/en/surveys/subscribers", "application/json", `{"organisations": [{"email": "` + typed + `", "name": 1}]}`},
		{http.MethodGet, "/desk/subscribers?cursor=" + url.QueryEscape(typed), "", ""},
		{http.MethodGet, "/desk/subscribers/" + url.PathEscape(typed), "", ""},
		{http.MethodPost, "/desk/sign-in", "application/json", `{"email": "` + typed + `"}`},
	} {
		for _, v := range []*visitor{w.public, w.secretary} {
			a, err := v.do(x.method, x.to, x.kind, asPage, []byte(x.body))
			if err != nil {
				return err
			}
			if a.status >= 500 {
				return fmt.Errorf("%s %s: %s", x.method, x.to, a)
			}
		}
	}
	return nil
}
