package all_test

import (
	"context"
	"strings"
	"testing"

	ical "github.com/arran4/golang-ical"

	"liaison/internal/app/apptest"
	"liaison/internal/event"
)

// book is the events as the intake of surveys reaches them.
func (o *outreach) book() *event.Book {
	return &event.Book{Table: o.Records, Programme: o.Programme, Now: o.Now, NewID: o.NewID}
}

func TestEventsAtTheDesk(t *testing.T) {
	o := begin(t)
	o.want(o.secretary.Get("/desk/events"), 200, "No event is coming")
	form := fields(o.want(o.editor.Get("/desk/events/new"), 200, "Add an event").Body)
	bad := with(form, "name", "", "start", "soon", "country", "Atlantis", "email", "x\r\nBcc: all@example.org", "url", "javascript:alert(1)", "languages", "Klingonish", "topics", "none", "presenters", "99", "travel", "x", "mode", "y")
	a := o.want(o.editor.Post("/desk/events", bad), 422, "There is a problem", "like 2027-05-14", "Choose a country", "Klingonish", "from 1 to 50")
	if !strings.Contains(a.Body, "javascript:alert(1)") || strings.Contains(a.Body, `href="javascript`) {
		t.Error("what was typed is lost, or became a link")
	}
	o.want(o.editor.Post("/desk/events", with(form, "name", "X", "start", "2027-06-02", "end", "2027-06-01")), 422, "The last day is before the first")
	good := with(form, "name", "Forum & <b>friends</b>", "start", "2027-06-01", "end", "2027-06-02", "country", "CH", "place", "Geneva", "languages", "French", "topics", "labour")
	a = o.want(o.editor.Post("/desk/events", good), 303)
	if again := o.want(o.editor.Post("/desk/events", good), 303); again.Location != a.Location {
		t.Errorf("sent twice, it is two events: %s, %s", a.Location, again.Location)
	}
	if other := o.want(o.editor.Post("/desk/events", with(form, "name", "Another")), 303); other.Location == a.Location {
		t.Error("another event under the same key is lost")
	}
	at := a.Location
	page := o.want(o.editor.Get(at), 200, "Forum & <b>friends</b>", "1 – 2 June 2027", "Geneva · Switzerland", "French", "The presenter bank is still empty")
	o.never(page, "<b>friends</b>")
	o.want(o.editor.Get("/desk/events"), 200, "Forum & <b>friends</b>", "Another", "Date to be announced")

	edit := fields(o.want(o.editor.Get(at+"/edit"), 200, "Edit this event").Body)
	o.want(o.editor.Post(at, with(edit, "name", "Forum", "start", "2027-06-01", "place", "Bern")), 303)
	conflict := o.want(o.secretary.Post(at, with(edit, "name", "Forum", "start", "2027-06-01", "place", "Basel")), 409, "Somebody else has changed this", "Bern", "Basel")
	o.want(o.secretary.Post(at, with(fields(conflict.Body), "name", "Forum", "start", "2027-06-01", "place", "Basel")), 303)
	o.want(o.editor.Get(at), 200, "Basel")
	o.want(o.editor.Post(at, with(nil, "name", "Forum", "withdrawn", "yes", "start", "2027-06-01")), 303)
	public := strings.Replace(at, "/desk/", "/en/", 1)
	o.want(o.public.Get(public), 404)
	o.want(o.public.PostJSON("/desk/events", `{"name":"X"}`), 401)
	o.want(o.onlooker.PostJSON("/desk/events", `{"name":"X"}`), 403)
	o.want(o.editor.PostJSON(at, `{"name":"X","nonsense":true}`), 422)
	o.want(o.editor.Get("/desk/events/nothing"), 404)
	o.want(o.editor.Get("/desk/events/%00"), 404)
	a = o.want(o.onlooker.Get("/desk/events", "Accept", "application/json"), 200)
	if o.get(a, "items.0.name") != "Forum" || o.get(a, "items.1.name") != "Another" {
		t.Errorf("%s", a.Body)
	}
}

func TestAcceptedEventsStandOnTheCalendarOnce(t *testing.T) {
	o := begin(t)
	ctx := context.Background()
	e := event.Event{ID: "A7K-2MQ-9PD-0", Name: "Séminaire, côté eau; suite\nfin", Start: "2027-05-14", End: "2027-05-16", Organiser: "Org", Email: "host@example.org", Country: "FR", Place: "Lyon", URL: "https://example.org/a"}
	for range 2 {
		if err := o.book().Accept(ctx, e); err != nil {
			t.Fatal(err)
		}
	}
	for _, past := range []event.Event{{ID: "old-1", Name: "Long ago", Start: "2025-02-03"}, {ID: "old-2", Name: "Last month", Start: "2027-02-03"}, {ID: "now-1", Name: "Under way", Start: "2027-02-20", End: "2027-03-05"}, {ID: "some-1", Name: "Some day"}} {
		if err := o.book().Accept(ctx, past); err != nil {
			t.Fatal(err)
		}
	}
	for _, wrong := range []event.Event{{ID: "x"}, {ID: "a/b", Name: "X"}, {Name: "X"}} {
		if o.book().Accept(ctx, wrong) == nil {
			t.Errorf("%+v was accepted", wrong)
		}
	}
	page := o.want(o.public.Get("/en/events"), 200, "Séminaire", "14 – 16 May 2027", "Lyon, France", "Under way", "Some day", "Date to be announced", "Events in 2025")
	o.never(page, "Long ago", "Last month", "host@example.org")
	if i, j := strings.Index(page.Body, "Under way"), strings.Index(page.Body, "Some day"); i > j {
		t.Error("the calendar is out of order")
	}
	o.never(o.want(o.public.Get("/fr/events?year=2025"), 200, "Événements de 2025", "Long ago"), "Séminaire")
	o.want(o.public.Get("/en/events?year=2026"), 200, "No event of that year")
	o.want(o.public.Get("/en/events?year=1066"), 200, "Séminaire")
	for lang, says := range map[string]string{"en": "Organiser", "fr": "Organisateur", "es": "Organizador", "ru": "Организатор"} {
		o.never(o.want(o.public.Get("/"+lang+"/events/A7K-2MQ-9PD-0"), 200, says, "Séminaire"), "host@example.org")
		o.want(o.public.Get("/"+lang+"/events"), 200)
	}
	a := o.want(o.public.Get("/en/events", "Accept", "application/json"), 200)
	if o.get(a, "items.0.name") != "Under way" || strings.Contains(a.Body, "host@") {
		t.Errorf("%s", a.Body)
	}
	o.want(o.public.Get("/en/events/none"), 404)
	if a := o.public.Get("/events", "Accept-Language", "ru"); a.Status != 303 || a.Location != "/ru/events" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
}

func TestEmptyCalendarSaysWhatToDo(t *testing.T) {
	o := begin(t)
	o.want(o.public.Get("/en/events"), 200, "No event is announced", "Tell us about an event")
	a := o.want(o.public.Get("/events.ics"), 200)
	if _, err := ical.ParseCalendar(strings.NewReader(a.Body)); err != nil {
		t.Error(err)
	}
}

func TestCalendarFile(t *testing.T) {
	o := begin(t)
	long := "Séminaire sur l’eau, l’air; et la terre \\ " + strings.Repeat("много слов ", 30)
	e := event.Event{ID: "ev-1", Name: long, Start: "2027-05-14", End: "2027-05-16", Place: "Lyon", Country: "FR", Audience: "tous\nEND:VEVENT\nBEGIN:VALARM", Email: "host@example.org"}
	for _, e := range []event.Event{e, {ID: "ev-2", Name: "One day", Start: "2027-07-01", Mode: "online", URL: "https://example.org/b"}, {ID: "ev-3", Name: "Undated"}} {
		if err := o.book().Accept(context.Background(), e); err != nil {
			t.Fatal(err)
		}
	}
	a := o.want(o.public.Get("/events.ics?lang=fr"), 200)
	if got := a.Header.Get("Content-Type"); got != "text/calendar; charset=utf-8" {
		t.Errorf("content type %s", got)
	}
	for _, line := range strings.Split(strings.TrimSuffix(a.Body, "\r\n"), "\r\n") {
		if len(line) > 75 || strings.ContainsAny(line, "\r\n") {
			t.Errorf("a line of %d bytes: %q", len(line), line)
		}
	}
	if strings.Contains(a.Body, "host@") {
		t.Error("the contact is in the file")
	}
	if !strings.Contains(a.Body, "REFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n") {
		t.Error("no interval to look again")
	}
	cal, err := ical.ParseCalendar(strings.NewReader(a.Body))
	if err != nil {
		t.Fatal(err)
	}
	events := cal.Events()
	if len(events) != 2 {
		t.Fatalf("%d events", len(events))
	}
	for name, want := range map[ical.ComponentProperty]string{ical.ComponentPropertySummary: long, ical.ComponentPropertyDtStart: "20270514", ical.ComponentPropertyDtEnd: "20270517", ical.ComponentPropertyUniqueId: "ev-1@update", ical.ComponentPropertyLocation: "Lyon, France"} {
		if p := events[0].GetProperty(name); p == nil || p.Value != strings.TrimSpace(want) && p.Value != want {
			t.Errorf("%s: %+v, want %q", name, p, want)
		}
	}
	if again := o.public.Get("/events.ics?lang=fr"); again.Body != a.Body {
		t.Error("the same events make another file")
	}
	o.want(o.editor.PostJSON("/desk/events/ev-2", `{"name":"One day, moved","start":"2027-07-02"}`), 200)
	if b := o.public.Get("/events.ics?lang=fr").Body; !strings.Contains(b, "UID:ev-2@update") || !strings.Contains(b, "SEQUENCE:1") || !strings.Contains(b, "20270703") {
		t.Error("a change keeps the identity and counts the revision")
	}
}

func TestRecommendedPresentersWithReasons(t *testing.T) {
	o := begin(t)
	links := o.registered()
	o.want(o.public.PostJSON(links["bruno"], `{"wish":"yes","name":"bruno","organisation":"Org","country":"CH","email":"bruno@work.example.org","languages":["en"],"unavailable":[{"from":"2027-06-01","to":"2027-06-30"}]}`), 200)
	o.want(o.public.PostJSON(links["clara"], `{"wish":"yes","name":"clara","organisation":"Org","country":"ES","email":"clara@work.example.org","languages":["es"]}`), 200)
	id := o.event("")
	page := o.want(o.secretary.Get("/desk/events/"+id), 200, "1 of 3 presenters in the bank fits", "Strong fit", "amina", "Labour practices", "English", "Based in Kenya", "Own funds", "None in 2027",
		"Not available on these dates (1)", "away 1 – 30 June 2027", "No common language (1)", "does not speak English")
	o.never(page, "amina@work.example.org")
	a := o.want(o.onlooker.Get("/desk/events/"+id, "Accept", "application/json"), 200)
	if o.get(a, "recommended.0.name") != "amina" || o.get(a, "recommended.0.band") != "strong" || o.get(a, "recommended.0.reasons.0.text") != "Labour practices" || o.get(a, "excluded.1.name") == "" {
		t.Errorf("%s", a.Body)
	}
	o.never(a, "@work.example.org", "@experts.example.org", "host@")
	o.want(o.public.PostJSON(links["amina"], `{"wish":"no"}`), 200)
	o.never(o.want(o.secretary.Get("/desk/events/"+id), 200, "Nobody else in the bank fits"), "amina")
}

// The desk speaks its user's language: every wording of an event's page exists in all four.
func TestEventPageInEveryLanguage(t *testing.T) {
	for _, lang := range apptest.Programme().Languages {
		o := begin(t)
		for i := range o.Programme.Secretariat {
			o.Programme.Secretariat[i].Language = lang
		}
		links := o.registered()
		o.want(o.public.PostJSON(links["bruno"], `{"wish":"yes","name":"bruno","organisation":"Org","country":"CH","email":"bruno@work.example.org","languages":["en"],"unavailable":[{"from":"2027-06-01"}],"regions":["africa"],"gender":"man","category":"industry"}`), 200)
		id := o.event(`,"presenters":2,"travel":"own"`)
		second := o.event(`,"travel":"shared"`)
		third := o.event(`,"languages":["en","fr"],"topics":["labour","environment"],"country":"UG","start":"2027-09-01"`)
		o.want(o.secretary.PostJSON("/desk/events/"+second+"/requests", `{"presenter":"`+o.expert("amina")+`","status":"accepted"}`), 200)
		o.want(o.secretary.PostJSON("/desk/events/"+third+"/ask", `{"presenter":"`+o.expert("clara")+`"}`), 200)
		for _, at := range []string{"/desk/events", "/desk/events?when=past", "/desk/events/" + id, "/desk/events/" + second, "/desk/events/" + third + "?done=asked", "/desk/events/" + id + "/edit", "/desk/events/new", "/desk/events/" + id + "/ask?presenter=" + o.expert("bruno"),
			"/desk/presenters?done=invited&mailed=3&recent=1&declined=2", "/desk/presenters?done=upload&added=1", "/desk/roster", "/desk/presenters/" + o.expert("bruno"), "/desk/audit"} {
			o.want(o.secretary.Get(at), 200)
		}
	}
}
