package app_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	ical "github.com/arran4/golang-ical"

	"liaison/internal/app/apptest"
	"liaison/internal/event"
	"liaison/internal/link"
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

func TestRequestToAPresenter(t *testing.T) {
	o := begin(t)
	o.registered()
	id, amina := o.event(""), o.expert("amina")
	ask := "/desk/events/" + id + "/ask"
	page := o.want(o.secretary.Get(ask+"?presenter="+amina), 200, "Ask amina to present", "amina@work.example.org")
	o.want(o.editor.Get(ask+"?presenter="+amina), 403)
	o.want(o.editor.PostJSON(ask, `{"presenter":"`+amina+`"}`), 403)
	o.want(o.secretary.PostJSON(ask, `{"presenter":"nobody"}`), 404)
	a := o.want(o.secretary.Post(ask, with(fields(page.Body), "note", "Twenty minutes,\nplease")), 303)
	o.want(o.secretary.Get(a.Location), 200, "The request is on its way", "asked")
	o.want(o.secretary.Post(ask, fields(page.Body)), 303) // pressed twice
	mails := o.Mails.To("amina@work.example.org")
	if len(mails) != 2 || !strings.Contains(mails[1].Content.Text, "Twenty minutes,") || !strings.Contains(mails[1].Content.Text, "10 June 2027") {
		t.Fatalf("%d mails: %+v", len(mails), mails[len(mails)-1].Content.Text)
	}
	request := o.link("amina@work.example.org")
	shown := o.want(o.public.Get(request), 200, "Will you present at this event?", "Labour forum", "Kenya", "Twenty minutes", "I accept")
	if strings.Contains(shown.Body, `name="answer" value="accept" checked`) || strings.Contains(shown.Body, "host@forum") {
		t.Error("an answer is chosen in advance, or the host's address is shown")
	}
	o.want(o.public.Post(request, fields(shown.Body)), 422, "Choose whether you accept or decline")
	o.want(o.public.Post(request, with(fields(shown.Body), "answer", "maybe")), 422)
	o.want(o.public.Post(request, with(fields(shown.Body), "answer", "accept", "words", "Gladly <i>")), 303)
	o.want(o.public.Get(request), 200, "You accepted", "Gladly <i>")
	o.want(o.public.Post(request, with(fields(shown.Body), "answer", "decline")), 303)
	o.want(o.public.Get(request), 200, "You accepted")
	if n := len(o.Mails.To("amina@work.example.org")); n != 3 {
		t.Errorf("%d mails, want one confirmation", n)
	}
	o.want(o.secretary.Get("/desk/events/"+id), 200, "accepted", "Gladly <i>", "Presenters accepted 1")
	o.want(o.secretary.Get("/desk/presenters/"+amina), 200, "Labour forum", "accepted")
	if a := o.want(o.secretary.PostJSON(ask, `{"presenter":"`+amina+`"}`), 200); o.get(a, "status") != "accepted" {
		t.Errorf("asked again after the answer: %s", a.Body)
	}
	other := o.event(`,"end":"2027-06-12"`) // on the same day
	o.want(o.secretary.Get("/desk/events/"+other), 200, "2 of 3 presenters in the bank fit", "At another event on these dates (1)", "presents elsewhere 10 June 2027")
}

func TestRequestLinks(t *testing.T) {
	o := begin(t)
	o.registered()
	id, amina := o.event(""), o.expert("amina")
	links, _ := link.New(o.Programme.BaseURL, o.Now, o.Keys...)
	ask := func() string {
		o.want(o.secretary.PostJSON("/desk/events/"+id+"/ask", `{"presenter":"`+amina+`"}`), 200)
		return o.link("amina@work.example.org")
	}
	first := ask()
	for name, bad := range map[string]string{"forged": "v4.local.AAAA", "of another purpose": links.Token(link.Registration, amina, "1", time.Hour), "of nobody": links.Token(link.Request, id+" nobody", "1", time.Hour),
		"of no event": links.Token(link.Request, "x", "1", time.Hour), "strange": links.Token(link.Request, "../a \x00", "1", time.Hour)} {
		at := "/en/presenters/request?link=" + bad
		if g, p := o.public.Get(at).Status, o.public.PostJSON(at, `{"answer":"accept"}`).Status; g != 400 || p != 400 {
			t.Errorf("%s: GET %d, POST %d", name, g, p)
		}
	}
	o.later(event.Quiet)
	second := ask()
	o.want(o.public.Get(first), 410, "A newer link replaces this one", "a…@work.example.org")
	o.want(o.public.PostJSON(first, `{"answer":"accept"}`), 410)
	o.want(o.public.Post(strings.Replace(first, "/request?", "/request/renew?", 1), nil), 303)
	o.later(event.Quiet)
	o.want(o.public.Post(strings.Replace(first, "/request?", "/request/renew?", 1), nil), 303)
	third := o.link("amina@work.example.org")
	o.want(o.public.Get(second), 410)
	o.want(o.public.Get(third), 200)

	o.want(o.editor.PostJSON("/desk/events/"+id+"/requests", `{"presenter":"`+amina+`","status":"cancelled"}`), 200)
	o.want(o.public.Get(third), 200, "This request was taken back")
	o.want(o.public.PostJSON(third, `{"answer":"accept"}`), 200)
	o.want(o.public.Get(third), 200, "This request was taken back")
	o.later(event.Quiet)
	fourth := ask()
	o.later(120 * 24 * time.Hour) // the event is over
	o.want(o.public.Get(fourth), 200, "This event is over")
	o.want(o.public.PostJSON(fourth, `{"answer":"accept"}`), 409)
	o.later(100 * 24 * time.Hour)
	o.want(o.public.Get(fourth), 410, "This link has expired")
	o.want(o.editor.PostJSON("/desk/events/"+id+"/requests", `{"presenter":"`+amina+`","status":"asked"}`), 422)
	o.want(o.onlooker.PostJSON("/desk/events/"+id+"/requests", `{"presenter":"`+amina+`","status":"accepted"}`), 403)
}

func TestAnswersAtOnceAreOneAnswer(t *testing.T) {
	o := begin(t)
	o.registered()
	id, amina := o.event(""), o.expert("amina")
	o.want(o.secretary.PostJSON("/desk/events/"+id+"/ask", `{"presenter":"`+amina+`"}`), 200)
	request := o.link("amina@work.example.org")
	var wg sync.WaitGroup
	answers := make([]string, 8)
	for i := range answers {
		wg.Go(func() {
			a := o.public.PostJSON(request, fmt.Sprintf(`{"answer":"%s"}`, []string{"accept", "decline"}[i%2]))
			answers[i] = fmt.Sprint(a.Status, " ", a.Body)
		})
	}
	wg.Wait()
	for _, a := range answers {
		if a != answers[0] || !strings.HasPrefix(a, "200") {
			t.Errorf("%q and %q", a, answers[0])
		}
	}
	if n := len(o.Mails.To("amina@work.example.org")); n != 3 {
		t.Errorf("%d mails, want 3", n)
	}
}

// Bookings follow their event when its days move.
func TestMovingAnEventMovesItsBookings(t *testing.T) {
	o := begin(t)
	o.registered()
	first, second, amina := o.event(""), o.event(`,"name":"Second"`), o.expert("amina")
	o.want(o.editor.PostJSON("/desk/events/"+first+"/requests", `{"presenter":"`+amina+`","status":"accepted"}`), 200)
	o.want(o.secretary.Get("/desk/events/"+second), 200, "At another event on these dates (1)")
	o.want(o.editor.PostJSON("/desk/events/"+first, `{"name":"Labour forum","start":"2027-11-01","country":"KE"}`), 200)
	o.never(o.want(o.secretary.Get("/desk/events/"+second), 200, "3 of 3 presenters", "1 in 2027"), "At another event")
}

func TestHostSeesWhatPresentersAgreedTo(t *testing.T) {
	o := begin(t)
	links := o.registered()
	id, amina := o.event(`,"languages":["fr"]`), o.expert("amina")
	host := "/desk/events/" + id + "/host"
	o.want(o.editor.Post(host, nil), 403)
	a := o.want(o.secretary.Post(host, url.Values{"language": {"fr"}}), 303)
	o.want(o.secretary.Get(a.Location), 200, "on its way to the host")
	o.want(o.secretary.Get(o.secretary.Post(host, nil).Location), 200, "nobody was mailed twice")
	if n := len(o.Mails.To("host@forum.example.org")); n != 1 {
		t.Fatalf("%d mails to the host", n)
	}
	at := o.link("host@forum.example.org")
	page := o.want(o.public.Get(at), 200, "Présentateurs pour « Labour forum »", "Personne pour l’instant", "amina", "Org of bruno", "Suisse", "Biography of clara", "anglais, français")
	o.never(page, "@work.example.org", "@experts.example.org", "+41 22", "Secret street")
	o.want(o.editor.PostJSON("/desk/events/"+id+"/requests", `{"presenter":"`+amina+`","status":"accepted"}`), 200)
	o.want(o.editor.PostJSON("/desk/events/"+id+"/requests", `{"presenter":"`+o.expert("clara")+`","status":"declined"}`), 200)
	page = o.want(o.public.Get(at), 200, "amina@work.example.org", "+41 22 000 00 00", "bruno")
	o.never(page, "bruno@", "Secret street", "clara")
	j := o.want(o.public.Get(at, "Accept", "application/json"), 200)
	if o.get(j, "accepted.0.email") != "amina@work.example.org" || o.get(j, "recommended.0.name") != "bruno" || o.get(j, "recommended.0.email") != "" {
		t.Errorf("%s", j.Body)
	}
	for _, name := range []string{"amina", "bruno"} {
		o.want(o.public.PostJSON(links[name], `{"wish":"no"}`), 200)
	}
	o.never(o.want(o.public.Get(at), 200), "amina", "bruno")

	other := o.event(`,"name":"Other"`)
	o.want(o.public.Get(strings.Replace(at, id, other, 1)), 400)
	o.want(o.public.Get("/en/events/"+id+"/presenters"), 400)
	o.later(event.Quiet)
	o.want(o.secretary.Post(host, nil), 303)
	o.want(o.public.Get(at), 410, "Un lien plus récent", "h…@forum.example.org")
	o.later(event.Quiet)
	renew := strings.Replace(at, "/presenters?", "/presenters/renew?", 1)
	a = o.want(o.public.Post(renew, nil), 303)
	o.want(o.public.Get(a.Location), 200)
	o.want(o.public.Get(o.link("host@forum.example.org")), 200)
	o.want(o.editor.PostJSON("/desk/events/"+id, `{"name":"Labour forum","withdrawn":true}`), 200)
	o.want(o.public.Get(o.link("host@forum.example.org")), 400)
	silent := o.event(`,"email":""`)
	o.want(o.secretary.PostJSON("/desk/events/"+silent+"/host", `{}`), 409)
}

// Nothing that decides waits for a secondary index: who is in the bank, what was answered, and what a host may see.
func TestIndexesMayLag(t *testing.T) {
	o := begin(t)
	links := o.registered()
	amina, bruno := o.expert("amina"), o.expert("bruno")
	o.Lag(time.Hour)
	id := o.event("")
	o.want(o.secretary.PostJSON("/desk/events/"+id+"/ask", `{"presenter":"`+amina+`"}`), 200)
	o.want(o.public.PostJSON(o.link("amina@work.example.org"), `{"answer":"accept"}`), 200)
	o.want(o.public.PostJSON(links["bruno"], `{"wish":"no"}`), 200)
	o.never(o.want(o.secretary.Get("/desk/events/"+id), 200, "Presenters accepted 1", "clara"), "bruno")
	o.want(o.secretary.PostJSON("/desk/events/"+id+"/ask", `{"presenter":"`+bruno+`"}`), 404)
	o.want(o.secretary.PostJSON("/desk/events/"+id+"/host", `{}`), 200)
	o.never(o.want(o.public.Get(o.link("host@forum.example.org")), 200, "amina@work.example.org", "clara"), "bruno")
	o.want(o.upload(o.secretary, roster, "application/json"), 200, `"same":3`)
	o.want(o.secretary.Get("/desk/presenters/"+amina), 200)
}
