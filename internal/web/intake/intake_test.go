package intake_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/app/apptest"
	"liaison/internal/app/intake"
	"liaison/internal/programme"
)

// public opens a world and its public surveys.
func public(t *testing.T) (*apptest.World, *apptest.Browser) {
	t.Helper()
	w := apptest.New(t)
	return w, w.Browse(t, handler(t, w))
}

func handler(t *testing.T, w *apptest.World) http.Handler {
	t.Helper()
	h, err := intake.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// fill is a form as pairs.
func fill(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// three organisations and a respondent.
func three(more ...string) url.Values {
	v := fill("respondent.name", "Ana Quispe", "respondent.country", "PE", "respondent.email", "ana@example.org", "form_key", "key-1",
		"organisations.0.name", "Red de Empresas", "organisations.0.email", "info@red.example", "organisations.0.about", "Forty <small> enterprises",
		"organisations.1.name", "Consumers Forum", "organisations.1.email", "hello@forum.example", "organisations.1.url", "forum.example",
		"organisations.2.name", "Labour & Co", "organisations.2.email", "post@labour.example")
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// form reads the page's survey form as a browser would send it, without its buttons.
func formOf(t *testing.T, page string) (action string, v url.Values) {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	v = url.Values{}
	var walk func(n *html.Node, inside bool)
	walk = func(n *html.Node, inside bool) {
		if n.Type == html.ElementNode {
			switch {
			case n.Data == "form" && attr(n, "id") == "survey":
				action, inside = attr(n, "action"), true
			case inside && n.Data == "input" && attr(n, "name") != "" && attr(n, "type") != "file" && (attr(n, "type") != "checkbox" && attr(n, "type") != "radio" || has(n, "checked")):
				v.Add(attr(n, "name"), attr(n, "value"))
			case inside && n.Data == "textarea":
				text := ""
				if n.FirstChild != nil {
					text = n.FirstChild.Data
				}
				v.Add(attr(n, "name"), text)
			case inside && n.Data == "select":
				for o := n.FirstChild; o != nil; o = o.NextSibling {
					if has(o, "selected") {
						v.Add(attr(n, "name"), attr(o, "value"))
					}
				}
			}
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c, inside)
		}
	}
	walk(root, false)
	if action == "" {
		t.Fatalf("no form on the page: %.3000s", page)
	}
	return action, v
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

// sound tells what no page may hold: missing wording, variables without a value, raw mark-up of a respondent's.
func sound(t *testing.T, where string, a apptest.Answer) {
	t.Helper()
	for _, bad := range []string{"[[", "<no value>", "%!", "<small> enterprises", "<script>alert"} {
		if strings.Contains(a.Body, bad) {
			i := strings.Index(a.Body, bad)
			t.Errorf("%s: %q on the page: …%s…", where, bad, a.Body[max(0, i-80):min(len(a.Body), i+120)])
		}
	}
	if strings.Count(a.Body, "<h1") != 1 && a.Status != http.StatusSeeOther {
		t.Errorf("%s: %d h1", where, strings.Count(a.Body, "<h1"))
	}
}

func want(t *testing.T, where string, a apptest.Answer, status int, texts ...string) {
	t.Helper()
	if a.Status != status {
		t.Fatalf("%s: status %d, want %d: %.2000s", where, a.Status, status, a.Body)
	}
	for _, s := range texts {
		if !strings.Contains(a.Body, s) {
			t.Errorf("%s: no %q in %.6000s", where, s, a.Body)
		}
	}
	if strings.Contains(a.Header.Get("Content-Type"), "html") {
		sound(t, where, a)
	}
}

func TestMainPath(t *testing.T) {
	w, b := public(t)
	a := b.Get("/en/surveys/subscribers")
	want(t, "form", a, 200, "Which organisations should hear from us?", "open until 1 March 2028, 10:00 (CET)", "secretary@example.org", "Brightwater Consulting", "No"+"body is added")
	action, v := formOf(t, a.Body)
	if action != "/en/surveys/subscribers" || v.Get("form_key") == "" || v.Get("form_stamp") == "" {
		t.Fatalf("%s %v", action, v)
	}
	for name, values := range three() {
		v[name] = values
	}
	v.Set("organisations.1.email", "forum.example")
	v.Set("action", "check")
	a = b.Post(action, v)
	want(t, "wrong address", a, 422, "Error: ", "There is a problem", "Organisation 2: Enter an e-mail address, like name@example.org", `value="forum.example"`, `value="Red de Empresas"`, `href="#f-organisations-1-email"`)

	_, v = formOf(t, a.Body)
	v.Set("organisations.1.email", "hello@forum.example")
	v.Set("action", "check")
	a = b.Post(action, v)
	want(t, "check", a, 200, "Check your answers", "Nothing has been sent yet", "Red de Empresas", "https://forum.example", "Peru", "Forty &lt;small&gt; enterprises")
	action, v = formOf(t, a.Body)
	v.Set("action", "change")
	want(t, "change", b.Post(action, v), 200, `value="info@red.example"`, "Peru", `value="key-1"`)
	if n := len(w.Mails.All()); n != 0 {
		t.Fatalf("%d mails before anything was sent", n)
	}
	v.Set("action", "submit")
	a = b.Post(action, v)
	want(t, "send", a, 303)
	if !strings.HasPrefix(a.Location, "/en/surveys/answers?link=") {
		t.Fatal(a.Location)
	}
	receipt := b.Get(a.Location)
	want(t, "receipt", receipt, 200, "Thank you. Your answer has arrived", "3 organisations", "a…@example.org", "Change your answer", "Waiting to be read", "Labour &amp; Co")
	mails := w.Mails.To("ana@example.org")
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	want(t, "the mail's link", b.Get(apptest.Link(mails[0])), 200, "Your answer", "Red de Empresas")

	again := b.Post(action, v)
	want(t, "double submit", again, 303)
	if r := b.Get(again.Location); !strings.Contains(r.Body, referenceIn(t, receipt.Body)) || len(w.Mails.To("ana@example.org")) != 1 {
		t.Error("a double submit is one answer and one mail")
	}
}

// referenceIn finds the reference on a page.
func referenceIn(t *testing.T, page string) string {
	t.Helper()
	_, rest, ok := strings.Cut(page, `<dd class="words mono">`)
	ref, _, ok2 := strings.Cut(rest, "<")
	if !ok || !ok2 || len(ref) != 11 {
		t.Fatalf("no reference on the page")
	}
	return ref
}

const jsonAnswer = `{"respondent":{"name":"Ana","country":"pe","email":"ana@example.org"},"organisations":[{"email":"a@one.example","name":"One"},{"email":"b@two.example","name":"Two","url":"two.example"}]}`

func TestJSON(t *testing.T) {
	_, b := public(t)
	a := b.PostJSON("/en/surveys/subscribers", jsonAnswer)
	want(t, "JSON", a, 200)
	var got struct{ Reference, Edit string }
	if err := json.Unmarshal([]byte(a.Body), &got); err != nil || len(got.Reference) != 11 || !strings.HasPrefix(got.Edit, "http://127.0.0.1:8080/en/surveys/answers?link=") {
		t.Fatalf("%s %v", a.Body, err)
	}
	want(t, "edit link", b.Get(got.Edit), 200, got.Reference, "https://two.example")
	want(t, "edit link as JSON", b.Get(got.Edit, "Accept", "application/json"), 200, `"row":1`, `"state":"pending"`, `"email":"b@two.example"`, `"version":1`)

	a = b.PostJSON("/fr/surveys/subscribers", `{"respondent":{"name":"","country":"XX"},"organisations":[{"email":"nope","name":"One","extra":1}],"admin":true}`)
	want(t, "errors", a, 422, `"field":"organisations.0.email"`, `"field":"respondent.name"`, `"field":"respondent.country"`, `"field":"organisations.0.extra"`, `"field":"admin"`, "Indiquez votre nom")
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Error(ct)
	}
	want(t, "list of surveys", b.Get("/en/surveys", "Accept", "application/json"), 200, `"survey":"events"`, `"state":"open"`)
}

func TestIdempotency(t *testing.T) {
	w, b := public(t)
	send := func(body, key string) apptest.Answer {
		return b.Do("POST", "/en/surveys/subscribers", "application/json", body, "Idempotency-Key", key)
	}
	reference := func(a apptest.Answer) string {
		var got struct{ Reference string }
		_ = json.Unmarshal([]byte(a.Body), &got)
		return got.Reference
	}
	first, again := send(jsonAnswer, "k1"), send(jsonAnswer, "k1")
	if reference(first) == "" || reference(first) != reference(again) {
		t.Errorf("%s %s", first.Body, again.Body)
	}
	other := strings.Replace(jsonAnswer, "One", "Another", 1)
	want(t, "same key, other body", send(other, "k1"), 409, "was sent before", reference(first))
	if r := reference(send(other, "k2")); r == reference(first) || r == "" {
		t.Errorf("another key is another answer: %s", r)
	}
	if a, c := send(jsonAnswer, ""), send(jsonAnswer, ""); reference(a) == reference(c) {
		t.Error("without a key each is one of its own")
	}
	w.Advance(2 * 365 * 24 * time.Hour)
	want(t, "a new answer after closing", send(other, "k9"), 410)

	// The page offers to send what was typed as an answer of its own.
	_, b = public(t)
	b.Post("/en/surveys/subscribers", three())
	a := b.Post("/en/surveys/subscribers", three("organisations.0.name", "Changed"))
	want(t, "page", a, 409, "was sent before, with other content", "Changed", "Send as a separate answer")
	action, v := formOf(t, a.Body)
	v.Set("action", "submit")
	want(t, "as its own", b.Post(action, v), 303)
}

func TestRepeatAfterClosing(t *testing.T) {
	w, b := public(t)
	first := b.Do("POST", "/en/surveys/subscribers", "application/json", jsonAnswer, "Idempotency-Key", "k")
	w.Advance(366 * 24 * time.Hour)
	again := b.Do("POST", "/en/surveys/subscribers", "application/json", jsonAnswer, "Idempotency-Key", "k")
	if again.Status != 200 || !strings.Contains(again.Body, first.Body[14:28]) {
		t.Errorf("a repeated submit leads to its answer also after closing: %d %s", again.Status, again.Body)
	}
}

func TestDeadlineToTheSecond(t *testing.T) {
	w, b := public(t)
	closes := w.Programme.Surveys["subscribers"].Closes
	w.Advance(closes.Sub(w.Now()) - time.Second)
	want(t, "a second before", b.Post("/en/surveys/subscribers", three()), 303)
	w.Advance(time.Second)
	a := b.Post("/ru/surveys/subscribers", three("form_key", "key-2", "organisations.0.name", "Слишком поздно"))
	want(t, "at the closing time", a, 410, "Слишком поздно", "info@red.example", "Ana Quispe")
	want(t, "incomplete and late", b.Post("/en/surveys/subscribers", fill("organisations.0.about", "typed in vain")), 410, "typed in vain")
	want(t, "JSON", b.PostJSON("/en/surveys/subscribers", jsonAnswer), 410, "This survey is closed")
	want(t, "page", b.Get("/en/surveys/subscribers"), 410, "This survey is closed", "1 March 2028")
	w.Advance(-closes.Sub(w.Programme.Surveys["subscribers"].Opens) - time.Second)
	want(t, "before it opens", b.Get("/en/surveys/subscribers"), 403, "not open yet")
	want(t, "POST before it opens", b.Post("/en/surveys/subscribers", three("form_key", "key-3")), 403, "Red de Empresas")
	w.Advance(time.Second)
	want(t, "as it opens", b.Get("/en/surveys/subscribers"), 200)
}

// What a reader is told depends on where each survey stands, and a survey that takes nothing leads to those that do.
func TestOpenSoonAndClosed(t *testing.T) {
	w, b := public(t)
	day := 24 * time.Hour
	of := func(opens, closes time.Duration) programme.Survey {
		return programme.Survey{Opens: w.Now().Add(opens), Closes: w.Now().Add(closes), Intro: programme.Text{"en": "For <members> first."}}
	}
	w.Programme.Surveys = map[string]programme.Survey{programme.Subscribers: of(-2*day, -day), programme.Events: of(-day, day), programme.Questions: of(day, 2*day)}
	list := b.Get("/en/surveys")
	want(t, "list", list, 200, "Closed since", "Open until", "Opens on", `class="state ok"`, `class="state wait"`, `class="state"`)
	for _, name := range []string{programme.Subscribers, programme.Events, programme.Questions} {
		want(t, "list", list, 200, `href="/en/surveys/`+name+`"`)
	}
	want(t, "open", b.Get("/en/surveys/events"), 200, "For &lt;members&gt; first.")
	for name, status := range map[string]int{programme.Subscribers: 410, programme.Questions: 403} {
		a := b.Get("/en/surveys/" + name)
		want(t, name, a, status, "Other surveys", `<a href="/en/surveys/events">`, "mailto:secretary@example.org")
	}
	w.Programme.Surveys = nil
	want(t, "none", b.Get("/en/surveys"), 200, "No survey has been announced.")
	want(t, "none", b.Get("/en/surveys/events"), 404)
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	_, b := public(t)
	for _, lang := range []string{"en", "fr", "es", "ru"} {
		want(t, lang+" list", b.Get("/"+lang+"/surveys"), 200)
		for _, s := range []string{"subscribers", "events", "questions"} {
			a := b.Get("/" + lang + "/surveys/" + s)
			want(t, lang+" "+s, a, 200, `enctype="multipart/form-data"`, `name="form_key"`)
			if len(a.Body) > 40<<10 {
				t.Errorf("%s %s: %d bytes", lang, s, len(a.Body))
			}
			want(t, lang+" "+s+" errors", b.Post("/"+lang+"/surveys/"+s, fill("action", "check")), 422)
		}
	}
	want(t, "unknown survey", b.Get("/en/surveys/nothing"), 404)
	want(t, "unknown survey", b.Post("/en/surveys/nothing", three()), 404)
	want(t, "unknown language", b.Get("/de/surveys/events"), 404)
	if a := b.Get("/surveys/events", "Accept-Language", "ru"); a.Status != 303 || a.Location != "/ru/surveys/events" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
}

// strange is a request from somewhere on the network, where limits and suspicion hold.
func strange(h http.Handler, path, address string, v url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest("POST", path, strings.NewReader(v.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.RemoteAddr = address
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}
