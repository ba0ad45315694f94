package desk_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/app"
	"liaison/internal/app/apptest"
	"liaison/internal/app/clock"
	"liaison/internal/app/desk"
	"liaison/internal/app/press"
	"liaison/internal/app/site"
	"liaison/internal/distribution"
)

// room is the desk in memory with one browser for each role.
type room struct {
	*testing.T
	*apptest.World
	secretary, editor, viewer, stranger *apptest.Browser
	tick                                app.Tick
}

// tasks is a queue that nobody works on: what is planned stays planned.
type tasks struct {
	mu   sync.Mutex
	list []distribution.Task
}

func (q *tasks) Send(_ context.Context, t ...distribution.Task) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.list = append(q.list, t...)
	return nil
}

func enter(t *testing.T) *room {
	t.Helper()
	w := apptest.New(t)
	w.Outside.Queue = &tasks{}
	h, err := site.Serve(w.Outside, desk.Pages, press.Pages) // one desk, as it looks
	if err != nil {
		t.Fatal(err)
	}
	start, err := clock.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	print := press.Tick(w.Outside)
	tick := func(ctx context.Context) error { return errors.Join(print(ctx), start(ctx)) }
	return &room{T: t, World: w, tick: tick, stranger: w.Browse(t, h), secretary: w.Browse(t, h).As(w, "secretary@example.org"),
		editor: w.Browse(t, h).As(w, "editor@example.org"), viewer: w.Browse(t, h).As(w, "viewer@example.org")}
}

// want checks the status and that words are on the page; every page is parsed, and may hold no missing wording.
func (r *room) want(a apptest.Answer, status int, words ...string) apptest.Answer {
	r.Helper()
	if a.Status != status {
		r.Fatalf("status %d, want %d: %.600s", a.Status, status, a.Body)
	}
	text := a.Body
	if strings.HasPrefix(a.Header.Get("Content-Type"), "text/html") {
		doc, err := html.Parse(strings.NewReader(a.Body))
		if err != nil {
			r.Fatal(err)
		}
		text = readable(doc)
		if strings.Contains(text, "[[") || strings.Contains(text, "%!") || strings.Contains(text, "<no value>") {
			r.Errorf("a wording is missing: %s", regexp.MustCompile(`\[\[[^\]]*\]\]`).FindString(text))
		}
	}
	for _, w := range words {
		if !strings.Contains(text, w) {
			r.Errorf("no %q in %.3000s", w, text)
		}
	}
	return a
}

func readable(doc *html.Node) string {
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "aria-label" || a.Key == "value" {
				b.WriteString(" " + a.Val + " ")
			}
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (r *room) json(a apptest.Answer, into any) {
	r.Helper()
	if err := json.Unmarshal([]byte(a.Body), into); err != nil {
		r.Fatalf("%v: %.300s", err, a.Body)
	}
}

// issue makes one with the editions.
func (r *room) issue(number int, kind string, langs ...string) string {
	r.Helper()
	r.want(r.editor.PostJSON("/desk/issues", fmt.Sprintf(`{"number":%d,"kind":%q,"title":"Working title"}`, number, kind)), 200)
	at := fmt.Sprintf("/desk/issues/%d", number)
	for _, l := range langs {
		r.want(r.editor.PostJSON(at+"/editions/"+l, fmt.Sprintf(`{"title":"Title %s","body":"Text %s\n\n## Part"}`, l, l)), 200)
	}
	return at
}

type state struct {
	Number                                  int
	Kind, Title, State, Reason              string
	Planned, Sent, Refused, Doubt, Skipped  int
	ByLanguage                              map[string]struct{ Planned, Sent int }
	Editions                                map[string]struct{ Version int }
	ScheduledAt, StartedAt, EndedAt, Resume time.Time
}

func (r *room) state(at string) (s state) {
	r.Helper()
	r.json(r.want(r.viewer.Get(at, "Accept", "application/json"), 200), &s)
	return s
}

func TestIssueFromDraftToStart(t *testing.T) {
	r := enter(t)
	r.want(r.viewer.Get("/desk/issues"), 200, "No issue yet")
	a := r.want(r.editor.Post("/desk/issues", url.Values{"number": {"0"}, "kind": {"newsletter"}, "title": {"The long road"}, "form_key": {"k"}}), 303)
	if a.Location != "/desk/issues/0" {
		t.Errorf("led to %s", a.Location)
	}
	r.want(r.editor.Post("/desk/issues", url.Values{"number": {"0"}, "kind": {"newsletter"}, "title": {"The long road"}, "form_key": {"k"}}), 303) // pressed twice
	r.want(r.secretary.Post("/desk/issues", url.Values{"number": {"0"}, "kind": {"leaflet"}, "title": {"x"}}), 422, "There is an issue 0 already", "x")
	r.want(r.editor.Get("/desk/issues"), 200, "0 · The long road", "draft")
	r.want(r.secretary.Get("/desk/issues/0"), 200, "The long road", "Still needed", "English", "Write it")
	r.want(r.secretary.PostJSON("/desk/issues/0/schedule", `{"at":"2027-03-01T10:00:00Z"}`), 422, "at", "First write the edition", "English")

	edit := "/desk/issues/0/editions/en"
	r.want(r.editor.Get(edit), 200, "Issue 0: English", "does not exist yet", "Save the edition, and you see here")
	a = r.want(r.editor.Post(edit, url.Values{"title": {"First <b>meeting</b>"}, "body": {"Hello **all** {{x}}\r\n\r\n## Next"}, "version": {"0"}}), 303)
	r.want(r.editor.Get(a.Location), 200, "Saved.", "Version 1, saved by editor@example.org", "First <b>meeting</b>", "Subject:", "Stewardship Update no. 0")
	r.want(r.editor.Get(edit+"?look=text"), 200, "Hello *all* { {x} }", "/desk/issues", "Eva Editor")
	letter := r.want(r.editor.Get(edit+"/letter"), 200, "First <b>meeting</b>", "Hello all {{x}}", "Eva Editor")
	if strings.Contains(letter.Body, "{{") || !strings.Contains(letter.Header.Get("Content-Security-Policy"), "sandbox") || strings.Contains(letter.Body, "<b>meeting") {
		t.Errorf("the frame: %s", letter.Header.Get("Content-Security-Policy"))
	}
	if p := r.editor.Get(edit + "/paper.pdf"); p.Status != 200 || !strings.HasPrefix(p.Body, "%PDF-") || p.Header.Get("Content-Type") != "application/pdf" {
		t.Errorf("PDF: %d %s", p.Status, p.Header)
	}

	a = r.want(r.secretary.Post("/desk/issues/0/schedule", url.Values{"at": {"2027-03-01T10:40"}}), 303)
	r.want(r.secretary.Get(a.Location), 200, "Scheduled.", "Goes out on 1 March 2027, 10:40 (CET)", "Move it", "Pause")
	if s := r.state("/desk/issues/0"); s.State != "scheduled" || !s.ScheduledAt.Equal(time.Date(2027, 3, 1, 9, 40, 0, 0, time.UTC)) || s.Editions["en"].Version != 1 {
		t.Errorf("%+v", s)
	}
	r.Advance(39 * time.Minute)
	if err := r.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := r.state("/desk/issues/0"); s.State != "scheduled" {
		t.Errorf("started early: %+v", s)
	}
	r.Advance(time.Minute)
	if err := r.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := r.state("/desk/issues/0"); s.State != "planning" || s.StartedAt.IsZero() {
		t.Errorf("not started: %+v", s)
	}
	page := r.want(r.secretary.Get("/desk/issues/0"), 200, "Being sent: 0%", "Started 1 March 2027, 10:40", "You can leave this page", "Planned", "In doubt", "Left meanwhile", "Stop refreshing every 15 seconds", "0 of 0 sent")
	if !strings.Contains(page.Body, `data-refresh="15"`) || !strings.Contains(page.Body, `<svg class="bar" role="img"`) {
		t.Error("the page stands still")
	}
	if still := r.want(r.secretary.Get("/desk/issues/0?still"), 200, "Refresh by itself"); strings.Contains(still.Body, "data-refresh") || strings.Contains(still.Body, "http-equiv") {
		t.Error("the page does not stand still")
	}
	r.want(r.editor.Post(edit, url.Values{"title": {"T"}, "body": {"other"}, "version": {"1"}}), 409, "its text is frozen")
	r.want(r.editor.Get(edit), 200, "this is the text that went out")
	r.want(r.secretary.Post("/desk/issues/0/schedule", url.Values{"at": {"now"}}), 409)
	for _, step := range []struct{ act, state string }{{"pause", "paused"}, {"pause", "paused"}, {"resume", "planning"}, {"cancel", "cancelled"}, {"cancel", "cancelled"}} {
		var s state
		r.json(r.want(r.secretary.PostJSON("/desk/issues/0/"+step.act, `{}`), 200), &s)
		if s.State != step.state {
			t.Errorf("after %s it is %s", step.act, s.State)
		}
	}
	r.want(r.secretary.Post("/desk/issues/0/resume", nil), 409, "not in a state where this is possible")
}

func TestRolesOfIssues(t *testing.T) {
	r := enter(t)
	at := r.issue(1, "newsletter", "en")
	for _, path := range []string{"/desk/issues", at, at + "/editions/en", at + "/editions/en/letter", at + "/editions/en/paper.pdf"} {
		if a := r.viewer.Get(path); a.Status != 200 {
			t.Errorf("a viewer reads %s: %d", path, a.Status)
		}
		if a := r.stranger.Get(path); a.Status != 303 || !strings.HasPrefix(a.Location, "/desk/sign-in") {
			t.Errorf("a stranger at %s: %d", path, a.Status)
		}
	}
	for path, b := range map[string][]*apptest.Browser{"/desk/issues": {r.viewer}, at + "/editions/en": {r.viewer}, at + "/test": {r.viewer},
		at + "/schedule": {r.viewer, r.editor}, at + "/pause": {r.viewer, r.editor}, at + "/resume": {r.viewer, r.editor}, at + "/cancel": {r.viewer, r.editor}} {
		for _, who := range b {
			r.want(who.PostJSON(path, `{}`), 403)
		}
		r.want(r.stranger.PostJSON(path, `{}`), 401)
	}
	if page := r.want(r.viewer.Get(at), 200); strings.Contains(page.Body, "<button>") && strings.Contains(page.Body, "/schedule") {
		t.Error("a viewer is offered what she may not do")
	}
	if page := r.want(r.editor.Get(at), 200, "Send me a test"); strings.Contains(page.Body, at+"/schedule") {
		t.Error("an editor is offered to schedule")
	}
}

func TestTwoEditorsSeeBothVersions(t *testing.T) {
	r := enter(t)
	at := r.issue(1, "newsletter", "en") + "/editions/en"
	typed := func(body, version string) url.Values {
		return url.Values{"title": {"Title en"}, "body": {body}, "version": {version}}
	}
	r.want(r.editor.Post(at, typed("Eva's words", "1")), 303)
	conflict := r.want(r.secretary.Post(at, typed("Sam's words", "1")), 409, "Somebody saved this edition while you were writing", "Eva's words", "Sam's words", "editor@example.org")
	if !strings.Contains(conflict.Body, `name="version" value="2"`) {
		t.Error("the form does not begin from the other's version")
	}
	a := r.want(r.secretary.PostJSON(at, `{"title":"Title en","body":"Sam's words","version":1}`), 409, `"current":`, "Eva's words")
	if a.Header.Get("Content-Type") != "application/json" {
		t.Error(a.Header)
	}
	r.want(r.secretary.Post(at, typed("Sam's words", "2")), 303)
	r.want(r.secretary.Get(at), 200, "Sam's words", "The last 3 versions")
	r.want(r.secretary.Get(at+"?version=2"), 200, "Eva's words", "You are looking at version 2", "Version 3")
	r.want(r.secretary.Get(at+"?version=9"), 404)
	r.want(r.secretary.PostJSON(at, `{"title":"Title en","body":"A program's words"}`), 200, `"version":4`)
	r.want(r.secretary.Get(at, "Accept", "application/json"), 200, `"body":"A program's words"`)
}

func TestBadInputOfIssues(t *testing.T) {
	r := enter(t)
	for body, field := range map[string]string{
		`{"number":-1,"kind":"newsletter","title":"x"}`: "number", `{"number":10000,"kind":"newsletter","title":"x"}`: "number", `{"kind":"newsletter","title":"x"}`: "number",
		`{"number":1,"kind":"poster","title":"x"}`: "kind", `{"number":1,"kind":"newsletter","title":" \u200b"}`: "title", `{"number":1,"kind":"newsletter","title":"x","extra":1}`: "extra",
		`{"number":1,"kind":"newsletter","title":"` + strings.Repeat("x", 151) + `"}`: "title", `{"number":"one","kind":"newsletter","title":"x"}`: "number",
	} {
		r.want(r.editor.PostJSON("/desk/issues", body), 422, `"field":"`+field+`"`)
	}
	r.want(r.editor.PostJSON("/desk/issues", `{`), 400)
	r.want(r.editor.Do("POST", "/desk/issues", "text/plain", "x"), 415)
	at := r.issue(1, "newsletter", "en")
	for _, path := range []string{"/desk/issues/2", "/desk/issues/01", "/desk/issues/-1", "/desk/issues/x", "/desk/issues/99999999999999999999", at + "/editions/de", at + "/editions/fr/letter", at + "/editions/fr/paper.pdf", at + "/editions/en-GB"} {
		r.want(r.viewer.Get(path), 404)
	}
	r.want(r.viewer.Get(at+"/editions/fr", "Accept", "application/json"), 404)
	for body, says := range map[string]string{`{"title":"","body":"x"}`: `"field":"title"`, `{"title":"x","body":" \n "}`: `"field":"body"`,
		`{"title":"x","body":"` + strings.Repeat("x ", 30_001) + `"}`: `"field":"body"`, `{"title":"x","body":"` + strings.Repeat("[a](https://example.org/) ", 2_300) + `"}`: "mail programs cut off"} {
		r.want(r.editor.PostJSON(at+"/editions/fr", body), 422, says)
	}
	kept := r.want(r.editor.Post(at+"/editions/fr", url.Values{"title": {""}, "body": {"<script>typed</script>"}, "version": {"0"}}), 422, "There is a problem", "<script>typed</script>")
	if strings.Contains(kept.Body, "<script>typed") {
		t.Error("typed HTML is HTML")
	}
	for at1, says := range map[string]string{"soon": "Enter a day", "": "at", "2027-02-28T09:00:00Z": "This time is past", "2031-01-01T00:00:00Z": "two years", "2027-13-40T99:00": "Enter a day"} {
		r.want(r.secretary.PostJSON(at+"/schedule", fmt.Sprintf(`{"at":%q}`, at1)), 422, says)
	}
	page := r.want(r.secretary.Post(at+"/schedule", url.Values{"at": {"2027-02-28T09:00"}}), 422, "This time is past. It is now 1 March 2027, 10:00 (CET)")
	if !strings.Contains(page.Body, `value="2027-02-28T09:00"`) {
		t.Error("what was typed is lost")
	}
	r.want(r.secretary.Post(at+"/pause", nil), 409)
	r.want(r.secretary.PostJSON("/desk/issues/7/cancel", `{}`), 404)
}

func TestTestMailGoesToTheOneWhoAsks(t *testing.T) {
	r := enter(t)
	at := r.issue(3, "newsletter", "en", "ru")
	for range 2 {
		a := r.want(r.editor.Post(at+"/test", url.Values{"form_key": {"once"}}), 303)
		r.want(r.editor.Get(a.Location), 200, "on its way to your mailbox")
	}
	if early := r.Mails.All(); len(early) != 0 {
		t.Errorf("%d mails before the clock's minute", len(early))
	}
	if err := r.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	mails := r.Mails.All()
	if len(mails) != 2 {
		t.Fatalf("%d mails", len(mails))
	}
	for _, m := range mails {
		if m.To.Mail != "editor@example.org" || !strings.HasPrefix(m.Content.Subject, "[Test] ") || strings.Contains(m.Content.HTML+m.Content.Text, "{{") || !strings.Contains(m.Content.Text, "Eva Editor") {
			t.Errorf("%+v", m)
		}
		test, issue := false, false
		for _, tag := range m.Tags {
			test = test || tag.Name == "kind" && tag.Value == "test"
			issue = issue || tag.Name == "issue"
		}
		if !test || issue {
			t.Errorf("tags %v: a test must not count as the issue's own", m.Tags)
		}
	}
	r.want(r.editor.PostJSON(at+"/test", `{"language":"ru"}`), 200, `"sent":1`)
	r.want(r.editor.PostJSON(at+"/test", ""), 200, `"sent":2`)
	r.want(r.editor.PostJSON(at+"/test", `{"language":"fr"}`), 409)
	r.want(r.editor.Post(r.issue(4, "leaflet")+"/test", nil), 409, "no edition to send yet")
}

func TestIssuePagesInEveryLanguage(t *testing.T) {
	for _, lang := range apptest.Programme().Languages {
		r := enter(t)
		for i := range r.Programme.Secretariat {
			r.Programme.Secretariat[i].Language = lang
		}
		draft := r.issue(1, "newsletter", "en", "fr")
		held := r.issue(2, "leaflet", "en")
		gone := r.issue(3, "newsletter", "en")
		running := r.issue(4, "newsletter", "en", "ru")
		paused := r.issue(5, "leaflet", "en")
		cancelled := r.issue(6, "newsletter", "en")
		empty := r.issue(7, "leaflet")
		for _, at := range []string{held, gone, running, paused, cancelled} {
			r.want(r.secretary.PostJSON(at+"/schedule", `{"at":"now"}`), 200)
		}
		r.want(r.secretary.PostJSON(held+"/pause", ``), 200)
		r.want(r.secretary.PostJSON(gone+"/cancel", ``), 200)
		if err := r.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		r.want(r.secretary.PostJSON(paused+"/pause", ``), 200)
		r.want(r.secretary.PostJSON(cancelled+"/cancel", ``), 200)
		r.want(r.secretary.PostJSON(draft+"/schedule", `{"at":"2027-05-01T09:00:00+02:00"}`), 200)
		for _, at := range []string{"/desk/issues", draft, held, gone, running, running + "?still", paused, cancelled, empty, draft + "?done=scheduled", draft + "?done=paused", draft + "?done=resumed", draft + "?done=cancelled", draft + "?done=tested",
			draft + "/editions/en", draft + "/editions/fr?saved", draft + "/editions/ru", running + "/editions/en?look=text", draft + "/editions/en/letter", draft + "/editions/en/letter?format=pdf", held + "/editions/en/letter"} {
			r.want(r.secretary.Get(at), 200)
		}
		r.want(r.secretary.Post("/desk/issues", url.Values{"number": {"x"}}), 422)
		r.want(r.secretary.Post(draft+"/schedule", url.Values{"at": {"x"}}), 422)
		r.want(r.secretary.Post(draft+"/editions/en", url.Values{"title": {"t"}, "body": {"b"}, "version": {"0"}}), 409)
		r.want(r.secretary.Post(paused+"/schedule", url.Values{"at": {"now"}}), 409)
	}
}

func TestListOfIssuesForPrograms(t *testing.T) {
	r := enter(t)
	r.issue(1, "newsletter", "en", "fr")
	r.issue(2, "leaflet")
	r.Lag(time.Hour) // lists are read from the primary key
	r.issue(10, "newsletter")
	var list struct {
		Items []state
		Next  string
	}
	r.json(r.want(r.viewer.Get("/desk/issues", "Accept", "application/json"), 200), &list)
	if len(list.Items) != 3 || list.Items[0].Number != 10 || list.Items[2].Number != 1 || len(list.Items[2].Editions) != 2 || list.Items[1].Kind != "leaflet" {
		t.Errorf("%+v", list)
	}
}

func TestSentNowThePageWaitsForTheClock(t *testing.T) {
	r := enter(t)
	at := r.issue(3, "newsletter", "en")
	a := r.want(r.secretary.Post(at+"/schedule", url.Values{"at": {"now"}, "form_key": {"once"}}), 303)
	page := r.want(r.secretary.Get(a.Location), 200, "It goes out within a minute", "The text can be changed until then")
	if !strings.Contains(page.Body, `data-refresh="15"`) {
		t.Error("the page stands still")
	}
	if err := r.tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	if page = r.want(r.secretary.Get(a.Location), 200); strings.Contains(page.Body, "within a minute") {
		t.Error("the page still says that the issue is about to go out")
	}
}
