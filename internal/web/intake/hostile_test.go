package intake_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/app/all"
	"liaison/internal/audit"
	"liaison/internal/letter"
	"liaison/internal/mail"
)

func TestHostileInput(t *testing.T) {
	w, b := public(t)
	long := strings.Repeat("x", 6000)
	for _, c := range []struct {
		name string
		set  []string
		text string
	}{
		{"long name", []string{"organisations.0.name", long}, "At most 200 characters"},
		{"long text", []string{"organisations.0.about", long}, "At most 2,000 characters"},
		{"long address", []string{"organisations.0.email", long + "@example.org"}, "At most 254 characters"},
		{"header injection", []string{"respondent.email", "a@example.org\r\nBcc: x@example.org"}, "Enter an e-mail address"},
		{"encoded header injection", []string{"organisations.0.email", "a@example.org%0aBcc:x@example.org"}, "Enter an e-mail address"},
		{"script link", []string{"organisations.0.url", "javascript:alert(1)"}, "Enter a web address"},
		{"wrong encoding", []string{"respondent.name", "An\xe9"}, "could not be read"},
		{"unknown field", []string{"admin", "yes"}, "no field “admin”"},
		{"unknown field of a row", []string{"organisations.0.state", "accepted"}, "no field"},
		{"unknown country", []string{"respondent.country", "XX"}, "Choose a country"},
		{"same address twice", []string{"organisations.1.email", "INFO@red.example"}, "Organisation 2: This address stands in row 1 already"},
		{"no row", []string{"organisations.0.name", "", "organisations.0.email", "", "organisations.0.about", "", "organisations.1.name", "", "organisations.1.email", "", "organisations.1.url", "",
			"organisations.2.name", " ", "organisations.2.email", "\u200b"}, "Fill in at least 1 row"},
		{"unknown button", []string{"action", "explode"}, "no button “explode”"},
	} {
		a := b.Post("/en/surveys/subscribers", three(c.set...))
		want(t, c.name, a, 422, c.text, `name="respondent.name"`)
		if c.name != "no row" && !strings.Contains(a.Body, "post@labour.example") {
			t.Errorf("%s: what was typed is lost", c.name)
		}
	}
	many := three()
	for i := range 101 {
		many.Set(fmt.Sprintf("organisations.%d.email", i), fmt.Sprintf("a%d@example.org", i))
		many.Set(fmt.Sprintf("organisations.%d.name", i), "A")
	}
	want(t, "101 rows", b.Post("/en/surveys/subscribers", many), 422, "At most 100 rows here. For more, upload a list")
	rows := strings.Repeat(`{"email":"a@example.org","name":"A"},`, 9999) + `{"email":"b@example.org","name":"A"}`
	want(t, "10,000 rows", b.PostJSON("/en/surveys/subscribers", `{"respondent":{"name":"A","country":"PE"},"organisations":[`+rows+`]}`), 422, "At most 100 rows")
	for _, c := range []struct {
		name, contentType, body string
		status                  int
	}{
		{"10 MB form", "application/x-www-form-urlencoded", "respondent.name=" + strings.Repeat("a", 10<<20), 413},
		{"10 MB JSON", "application/json", `{"a":"` + strings.Repeat("a", 10<<20) + `"}`, 413},
		{"text", "text/plain", "respondent.name=Ana", 415},
		{"not JSON", "application/json", "{", 400},
		{"JSON with a button", "application/json", `{"action":"save"}`, 422},
	} {
		a := b.Do("POST", "/ru/surveys/subscribers", c.contentType, c.body)
		if a.Status != c.status || strings.Contains(a.Body, "[[") {
			t.Errorf("%s: %d %.300s", c.name, a.Status, a.Body)
		}
	}
	if a, _, err := listAll(w); err != nil || a != 0 {
		t.Errorf("%d answers were written, %v", a, err)
	}
	if n := len(w.Mails.All()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

func TestMarkupIsTextEverywhere(t *testing.T) {
	_, b := public(t)
	const evil = `"><script>alert('x')</script>{{.}}`
	v := fill("respondent.name", evil, "respondent.organisation", evil, "respondent.country", "PE", "events.0.name", evil, "events.0.start", "2027-09-01", "events.0.organiser", evil,
		"events.0.audience", evil, "events.0.place", evil, "events.0.mode", "hybrid", "events.0.languages", "en", "events.0.topics", "labour", "action", "check")
	check := b.Post("/en/surveys/events", v)
	want(t, "check", check, 200, "&lt;script&gt;alert", "Labour practices", "Both on site and online")
	v.Set("action", "add:events")
	want(t, "form", b.Post("/en/surveys/events", v), 200, "&lt;script&gt;alert")
	v.Set("events.0.name", "")
	v.Set("action", "check")
	want(t, "errors", b.Post("/en/surveys/events", v), 422, "Enter the name of the event")
	v.Set("events.0.name", evil)
	v.Set("action", "submit")
	want(t, "receipt", b.Get(b.Post("/en/surveys/events", v).Location), 200, "&lt;script&gt;alert")
}

func TestRowsBetweenFields(t *testing.T) {
	_, b := public(t)
	event := func(more ...string) url.Values {
		return fill(append([]string{"respondent.name", "Ana", "respondent.country", "PE", "events.0.name", "Forum", "events.0.start", "2027-09-02", "events.0.organiser", "O"}, more...)...)
	}
	want(t, "backwards", b.Post("/en/surveys/events", event("events.0.end", "2027-09-01")), 422, "Event 1: The last day comes before the first")
	want(t, "twice", b.Post("/en/surveys/events", event("events.1.name", " forum ", "events.1.start", "2027-09-02", "events.1.organiser", "P")), 422, "Event 2: This event stands in row 1 already")
	want(t, "country by name", b.Post("/en/surveys/events", event("events.0.country", "Кения", "action", "check")), 200, "Kenya")
	want(t, "unknown topic", b.Post("/en/surveys/events", event("events.0.topics", "fishing")), 422, "“fishing” is not one of the choices")
	want(t, "question without an answer", b.Post("/en/surveys/questions", fill("respondent.name", "Ana", "respondent.country", "PE", "questions.0.question", "Who?")), 303)
}

func TestAddAndRemoveRows(t *testing.T) {
	_, b := public(t)
	a := b.Post("/en/surveys/subscribers", three("action", "remove:organisations:2"))
	want(t, "remove", a, 200, "Organisation 2 of 2", `value="post@labour.example"`)
	if strings.Contains(a.Body, "hello@forum.example") || strings.Contains(a.Body, "There is a problem") {
		t.Error("row 2 was to go, and nothing to be complained of")
	}
	a = b.Post("/en/surveys/subscribers", fill("action", "add:organisations", "organisations.0.name", "One"))
	want(t, "add", a, 200, "Organisation 2 of 2", `name="organisations.1.name" autofocus`, `value="One"`)
	full := url.Values{"action": {"add:organisations"}}
	for i := range 100 {
		full.Set(fmt.Sprintf("organisations.%d.name", i), "A")
	}
	a = b.Post("/en/surveys/subscribers", full)
	want(t, "the hundredth", a, 200, "Organisation 100 of 100")
	if strings.Contains(a.Body, `value="add:organisations"`) {
		t.Error("a full form offers another row")
	}
	a = b.Post("/fr/surveys/subscribers", three("action", "switch", "organisations.1.email", "still wrong"))
	want(t, "switch", a, 200, `value="still wrong"`, "Votre nom")
	if strings.Contains(a.Body, `class="summary"`) {
		t.Error("switching the language is no occasion for errors")
	}
}

func TestLimits(t *testing.T) {
	w, _ := public(t)
	w.Programme.Limits.PerNetwork, w.Programme.Limits.PerAddress = 4, 2
	h := handler(t, w)
	send := func(n int, from, email string) int {
		rec := strange(h, "/en/surveys/subscribers", from, three("form_key", fmt.Sprint("k", n, from), "respondent.email", email))
		if rec.Code == 429 && (!strings.Contains(rec.Body.String(), "Red de Empresas") || rec.Header().Get("Retry-After") == "") {
			t.Errorf("a limit loses what was typed: %.500s", rec.Body)
		}
		return rec.Code
	}
	var got []int
	for n := range 6 {
		got = append(got, send(n, "192.0.2.9:4000", fmt.Sprintf("r%d@example.org", n)))
	}
	if fmt.Sprint(got) != "[303 303 303 303 429 429]" {
		t.Errorf("per network: %v", got)
	}
	got = nil
	for n := range 3 {
		got = append(got, send(n, fmt.Sprintf("[2001:db8:%d::1]:4000", n), "one@example.org"))
	}
	if fmt.Sprint(got) != "[303 303 429]" {
		t.Errorf("per address: %v", got)
	}
	got = nil
	for n := range 8 {
		got = append(got, send(n, "127.0.0.1:4000", "one@example.org"))
	}
	if fmt.Sprint(got) != "[303 303 303 303 303 303 303 303]" {
		t.Errorf("on the machine itself: %v", got)
	}
	w.Advance(time.Hour)
	if code := send(99, "192.0.2.9:4000", "r@example.org"); code != 303 {
		t.Errorf("an hour later: %d", code)
	}
}

func TestQuarantine(t *testing.T) {
	w, b := public(t)
	h := handler(t, w)
	stamp := func() string { _, v := formOf(t, b.Get("/en/surveys/subscribers").Body); return v.Get("form_stamp") }
	for _, c := range []struct {
		name, from string
		set        []string
		wait       time.Duration
		held       bool
	}{
		{"quick", "192.0.2.1:1", []string{"form_stamp", stamp()}, time.Second, true},
		{"in its time", "192.0.2.1:1", []string{"form_stamp", stamp()}, 3 * time.Second, false},
		{"days later", "192.0.2.1:1", []string{"form_stamp", stamp()}, 72 * time.Hour, false},
		{"quick on the machine itself", "127.0.0.1:1", []string{"form_stamp", stamp()}, 0, false},
		{"trap", "127.0.0.1:1", []string{"homepage_2", "http://spam.example"}, 0, true},
		{"forged stamp", "192.0.2.1:1", []string{"form_stamp", "v4.local.xxx"}, 0, true},
		{"no stamp", "192.0.2.1:1", nil, 0, false},
	} {
		if c.wait > 0 {
			c.set[1] = stamp()
			w.Advance(c.wait)
		}
		before, heldBefore, _ := listAll(w)
		rec := strange(h, "/en/surveys/subscribers", c.from, three(append(c.set, "form_key", c.name)...))
		after, heldAfter, err := listAll(w)
		if rec.Code != http.StatusSeeOther || err != nil || after+heldAfter != before+heldBefore+1 || (heldAfter > heldBefore) != c.held {
			t.Errorf("%s: %d; %d and %d answers, then %d and %d %v", c.name, rec.Code, before, heldBefore, after, heldAfter, err)
		}
	}
	// The stamp goes with the form from page to page: whoever reads the check page and presses at once is not quick.
	a := b.Get("/en/surveys/subscribers")
	_, v := formOf(t, a.Body)
	first := v.Get("form_stamp")
	for name, values := range three("action", "check", "homepage_2", "spam") {
		if name != "form_stamp" {
			v[name] = values
		}
	}
	_, v = formOf(t, b.Post("/en/surveys/subscribers", v).Body)
	if v.Get("form_stamp") != first || v.Get("homepage_2") != "spam" {
		t.Errorf("the check page forgets when the form began, or the trap: %v", v)
	}
}

// An answer in quarantine is thanked for by mail once it is let out, and not before.
func TestQuarantineMailsLater(t *testing.T) {
	w, _ := public(t)
	all, err := all.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	strange(all.HTTP, "/en/surveys/subscribers", "127.0.0.1:1", three("homepage_2", "spam"))
	if n := len(w.Mails.All()); n != 0 {
		t.Fatalf("%d mails to addresses in suspicious answers", n)
	}
	desk := w.Browse(t, all.HTTP).As(w, "editor@example.org")
	want(t, "queues", desk.Get("/desk/surveys"), 200)
	held := items(t, desk.Get("/desk/surveys/quarantine", "Accept", "application/json"))
	if len(held) != 1 || len(items(t, desk.Get("/desk/candidates", "Accept", "application/json"))) != 0 {
		t.Fatalf("%d held", len(held))
	}
	path := "/desk/surveys/subscribers/answers/" + held[0]["id"].(string)
	want(t, "page", desk.Get(path), 200, "Red de Empresas")
	want(t, "accept one", desk.PostJSON(path, `{"decision":"accept","row":0}`), 200)
	if n := len(w.Mails.To("ana@example.org")); n != 1 {
		t.Errorf("%d receipts", n)
	}
	if n := len(items(t, desk.Get("/desk/candidates?state=pending", "Accept", "application/json"))); n != 2 {
		t.Errorf("%d candidates wait", n)
	}
}

// Whoever turns a suspicious answer away has nobody mailed.
func TestRejectedQuarantineMailsNobody(t *testing.T) {
	w, _ := public(t)
	all, err := all.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	strange(all.HTTP, "/en/surveys/subscribers", "127.0.0.1:1", three("homepage_2", "spam"))
	desk := w.Browse(t, all.HTTP).As(w, "editor@example.org")
	held := items(t, desk.Get("/desk/surveys/quarantine", "Accept", "application/json"))
	if len(held) != 1 {
		t.Fatalf("%d held", len(held))
	}
	want(t, "reject", desk.PostJSON("/desk/surveys/subscribers/answers/"+held[0]["id"].(string), `{"decision":"reject"}`), 200)
	if n := len(w.Mails.To("ana@example.org")); n != 0 {
		t.Errorf("%d receipts", n)
	}
	if n := len(items(t, desk.Get("/desk/candidates?state=rejected", "Accept", "application/json"))); n != 3 {
		t.Errorf("%d candidates rejected", n)
	}
}

// The thanks are not lost with whoever dies, or finds the table away, in the middle of letting an answer out: a second press sends them.
func TestReleaseThatBrokeOff(t *testing.T) {
	w, _ := public(t)
	strange(handler(t, w), "/en/surveys/subscribers", "127.0.0.1:1", three("homepage_2", "spam"))
	away, thanked := errors.New("the table is away"), 0
	s := surveys(w)
	s.Mails, s.Audit = &letter.Letters{Programme: w.Programme}, &audit.Log{Table: w.Records, Now: w.Now, NewID: w.NewID}
	s.Post = func(context.Context, string, mail.Message) error { return away }
	held, _, err := s.Quarantined(t.Context(), 10, "")
	if err != nil || len(held) != 1 {
		t.Fatal(held, err)
	}
	id := held[0].ID
	if _, err := s.Release(t.Context(), "editor@example.org", id); !errors.Is(err, away) {
		t.Errorf("told %v", err)
	}
	s.Post = func(context.Context, string, mail.Message) error { thanked++; return nil }
	if a, err := s.Release(t.Context(), "editor@example.org", id); err != nil || a.Quarantine != "" || thanked != 1 {
		t.Errorf("%d receipts, %v", thanked, err)
	}
}
