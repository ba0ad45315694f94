package all_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/app/clock"
	"liaison/internal/link"
	"liaison/internal/metric"
	"liaison/internal/presenter"
)

func (o *outreach) tick() {
	o.t.Helper()
	box, err := clock.New(o.Outside)
	if err != nil {
		o.t.Fatal(err)
	}
	if err := box(o.t.Context()); err != nil {
		o.t.Fatal(err)
	}
}

func TestRegistrationByForm(t *testing.T) {
	o := begin(t)
	o.experts()
	amina := o.invite()["amina"]
	page := o.want(o.public.Get(amina), 200, "Personal link of Amina Otieno", "a…@experts.example.org", "Do you wish to be registered", "Two questions about balance")
	for _, s := range []string{`value="Amina Otieno"`, `value="Consumers Forum"`, `value="KE" selected`, `value="amina@experts.example.org"`, `value="consumers" selected`, `value="" checked`} {
		if !strings.Contains(page.Body, s) {
			t.Errorf("not prefilled from the roster: %s", s)
		}
	}
	if page.Header.Get("Cache-Control") != "no-store" || page.Header.Get("Referrer-Policy") != "same-origin" {
		t.Errorf("headers of a personal page: %v", page.Header)
	}
	wrong := with(fields(page.Body), "wish", "yes", "name", "", "email", "nope", "country", "XX", "regions", "africa", "regions", "Kenya, Atlantis", "unavailable.0.from", "2027-05-10",
		"unavailable.0.to", "2027-05-01", "yearly", "0", "biography", strings.Repeat("x", 1501), "gender", "self", "gender_own", "as I am", "languages", "English, Klingonish")
	a := o.want(o.public.Post(amina, wrong), 422, "There is a problem", "Enter your name", "Enter an e-mail address", "Choose a country", "Atlantis", "The last day is before the first", "from 1 to 50", "At most 1,500", "Klingonish")
	for _, s := range []string{`value="nope"`, "Kenya, Atlantis", `value="2027-05-10"`, `value="as I am"`, `value="africa" checked`, "<title>Error: "} {
		if !strings.Contains(a.Body, s) {
			t.Errorf("what was typed is lost: %s", s)
		}
	}
	o.want(o.public.Post(amina, fields(page.Body)), 422, "Choose Yes or No")

	good := with(fields(page.Body), "wish", "yes", "name", "Amina Otieno", "organisation", "Consumers Forum", "country", "KE", "email", "amina@work.example.org", "telephone", "+254 20 000 000",
		"languages", "English, Swahili", "topics", "labour", "regions", "africa", "regions", "Brésil", "unavailable.0.from", "2027-07-01", "unavailable.0.to", "2027-07-31", "yearly", "3",
		"travel", "host", "category", "consumers", "gender", "woman", "gender_own", "", "biography", "Economist.\n<b>Bold</b>")
	a = o.want(o.public.Post(amina, good), 303)
	receipt := o.want(o.public.Get(a.Location), 200, "Thank you: you are a designated presenter", "English, Swahili", "Africa, Brazil", "1 – 31 July 2027", "Labour practices", "Woman", "<b>Bold</b>")
	o.never(receipt, "<b>Bold</b>")
	if got := o.Mails.To("amina@experts.example.org"); len(got) != 2 || !strings.Contains(got[1].Content.Text, "/presenters/registration?link=") {
		t.Errorf("the address on record: %d mails", len(got))
	}
	if got := o.Mails.To("amina@work.example.org"); len(got) != 1 || strings.Contains(got[0].Content.Text, "link=") {
		t.Errorf("the other address gets the confirmation without the link: %+v", got)
	}

	before := len(o.Mails.All())
	o.want(o.public.Post(amina, good), 303) // pressed twice
	if n := len(o.Mails.All()) - before; n != 0 {
		t.Errorf("a double submit sent %d mails", n)
	}
	if n := o.Heard(metric.Registrations); n != 1 || o.Heard(metric.Mails) != int64(before) {
		t.Errorf("%d registrations and %d of %d mails were counted", n, o.Heard(metric.Mails), before)
	}
	page = o.want(o.public.Get(amina), 200)
	if !strings.Contains(page.Body, `value="English, Swahili"`) || !strings.Contains(page.Body, `value="yes" checked`) || !strings.Contains(page.Body, `value="Brazil"`) {
		t.Error("an answer that stands is not shown for change")
	}
	o.want(o.public.Post(amina, with(fields(page.Body), "wish", "no")), 303)
	o.want(o.public.Get(receiptOf(amina)), 200, "we have recorded your No")
	a = o.want(o.public.Get(amina, "Accept", "application/json"), 200)
	if o.get(a, "wish") != "no" || strings.Contains(a.Body, "Economist") {
		t.Errorf("a No keeps what the Yes had told: %s", a.Body)
	}
}

func receiptOf(registration string) string {
	return strings.Replace(registration, "/registration?", "/registration/receipt?", 1)
}

func TestRegistrationInEveryLanguage(t *testing.T) {
	o := begin(t)
	o.experts()
	amina := o.invite()["amina"]
	for lang, h1 := range map[string]string{"fr": "S’inscrire comme présentateur désigné", "es": "Registrarse como ponente designado", "ru": "Регистрация назначенного докладчика"} {
		at := strings.Replace(amina, "/en/", "/"+lang+"/", 1)
		page := o.want(o.public.Get(at), 200, h1)
		a := o.want(o.public.Post(at, with(fields(page.Body), "action", "switch", "wish", "yes", "name", "Typed", "biography", "half")), 200, h1)
		if !strings.Contains(a.Body, `value="Typed"`) || !strings.Contains(a.Body, ">half</textarea>") {
			t.Errorf("%s: switching the language loses what was typed", lang)
		}
		a = o.want(o.public.Post(at, with(fields(page.Body), "action", "add:unavailable", "unavailable.0.from", "2027-01-01")), 200)
		if !strings.Contains(a.Body, `name="unavailable.1.from"`) || !strings.Contains(a.Body, "2027-01-01") {
			t.Errorf("%s: no second period", lang)
		}
		o.want(o.public.Post(at, with(fields(page.Body), "wish", "yes", "name", "A", "organisation", "B", "country", "KE", "email", "amina@experts.example.org")), 303)
		o.want(o.public.Get(receiptOf(at)), 200)
		o.want(o.public.Post(at, with(url.Values{}, "wish", "no")), 303)
		o.want(o.public.Get(receiptOf(at)), 200)
	}
	if a := o.public.Get(strings.Replace(amina, "/en/", "/", 1), "Accept-Language", "fr"); a.Status != 303 || !strings.Contains(a.Location, "/fr/presenters/registration?link=") {
		t.Errorf("without a language: %s", a.Location)
	}
}

func TestRegistrationByJSON(t *testing.T) {
	o := begin(t)
	o.experts()
	bruno := o.invite()["bruno"]
	a := o.want(o.public.PostJSON(bruno, `{"wish":"yes","name":"Bruno","organisation":"House","country":"ch","email":"bruno@experts.example.org","languages":["fr","de","gsw"],"topics":["labour"],
		"regions":["europe","KE"],"unavailable":[{"from":"2027-08-01","to":"2027-08-15"},{"from":"2027-09-01"}],"yearly":4,"travel":"own","category":"industry","gender":"man","biography":"B","address":"x","telephone":"1","fax":"2"}`), 200)
	for path, want := range map[string]string{"wish": "yes", "revision": "1", "registration.country": "CH", "registration.languages.2": "gsw", "registration.regions.0": "europe", "registration.countries.0": "KE",
		"registration.unavailable.1.from": "2027-09-01", "registration.yearly": "4"} {
		if got := o.get(a, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	a = o.want(o.public.PostJSON(bruno, `{"wish":"yes","topics":["unheard-of"],"unknown":1,"languages":"!","travel":"teleport","gender":{}}`), 422)
	for _, field := range []string{"name", "organisation", "country", "email", "topics", "unknown", "languages", "travel", "gender"} {
		if !strings.Contains(a.Body, `"field":"`+field+`"`) {
			t.Errorf("no error for %s: %s", field, a.Body)
		}
	}
	if got := a.Header.Get("Content-Type"); got != "application/problem+json" {
		t.Errorf("content type %s", got)
	}
	o.want(o.public.PostJSON(bruno, `{"wish":"perhaps"}`), 422)
	o.want(o.public.PostJSON(bruno, `[]`), 400)
	o.want(o.public.PostJSON(bruno, `{`), 400)
	o.want(o.public.PostJSON(bruno, `{"biography":"`+strings.Repeat("x", 3<<20)+`"}`), 413)
	o.want(o.public.Do("POST", bruno, "text/plain", "wish=no"), 415)
	o.want(o.public.PostJSON(bruno, `{"wish":"no"}`), 200)
	o.want(o.public.PostJSON(bruno, `{"wish":"yes","name":"Bruno","organisation":"House","country":"CH","email":"bruno@experts.example.org","travel":"no"}`), 200)
	o.want(o.secretary.Get("/desk/presenters"), 200, "Yes 1", "No 0", "Invited 2")
}

func TestRegistrationLinks(t *testing.T) {
	o := begin(t)
	o.experts()
	first := o.invite()["amina"]
	links, _ := link.New(o.Programme.BaseURL, o.Now, o.Keys...)
	id := o.expert("Amina Otieno")
	at := "/en/presenters/registration?link="
	for name, bad := range map[string]string{"none": "/en/presenters/registration", "cut": first[:len(first)-20], "made up": at + "v4.local.AAAA", "huge": at + strings.Repeat("A", 5000),
		"of another purpose": at + links.Token(link.Request, id, "1", time.Hour), "of nobody": at + links.Token(link.Registration, "nobody", "1", time.Hour),
		"of a strange subject": at + links.Token(link.Registration, "../x#y", "1", time.Hour), "without a number": at + links.Token(link.Registration, id, "x", time.Hour)} {
		want := 400
		if name == "without a number" {
			want = 410
		}
		for _, a := range []int{o.public.Get(bad).Status, o.public.Post(bad, url.Values{"wish": {"no"}}).Status} {
			if a != want {
				t.Errorf("%s: %d", name, a)
			}
		}
	}
	o.later(presenter.Quiet)
	second := o.invite()["amina"]
	if first == second {
		t.Fatal("no new link")
	}
	old := o.want(o.public.Get(first), 410, "A newer link replaces this one", "issued to Amina Otieno", "a…@experts.example.org")
	o.never(old, "amina@experts", "Consumers Forum")
	o.want(o.public.Post(first, url.Values{"wish": {"no"}}), 410)
	o.want(o.public.PostJSON(first, `{"wish":"no"}`), 410)
	o.want(o.public.Get(second), 200)

	before := len(o.Mails.All())
	renew := strings.Replace(first, "/registration?", "/registration/renew?", 1)
	a := o.want(o.public.Post(renew, nil), 303)
	o.want(o.public.Get(a.Location), 200, "A new link is on its way")
	if n := len(o.Mails.All()) - before; n != 0 {
		t.Errorf("%d mails within the quiet minutes", n)
	}
	o.later(presenter.Quiet)
	o.want(o.public.Post(renew, nil), 303)
	o.want(o.public.Post(renew, nil), 303)
	if n := len(o.Mails.All()) - before; n != 1 {
		t.Errorf("%d mails for one new link", n)
	}
	third := o.link("amina@experts.example.org")
	o.want(o.public.Get(second), 410)
	o.want(o.public.PostJSON(third, `{"wish":"no"}`), 200)
	o.later(presenter.LinkLife)
	o.want(o.public.Get(third), 410, "This link has expired", "Mail me a new link")
	o.want(o.public.Post(strings.Replace(third, "/registration?", "/registration/renew?", 1), nil), 303)
	fourth := o.link("amina@experts.example.org")
	o.want(o.public.Get(fourth), 200)
	if a := o.want(o.secretary.Get("/desk/presenters/"+id, "Accept", "application/json"), 200); o.get(a, "state") != "no" {
		t.Errorf("a new link forgets the No: %s", a.Body)
	}
	o.want(o.public.Get(renew), 405)
}

func TestReadingChangesNothing(t *testing.T) {
	o := begin(t)
	links := o.registered()
	id := o.event("")
	o.want(o.secretary.PostJSON("/desk/events/"+id+"/ask", `{"presenter":"`+o.expert("amina")+`"}`), 200)
	request := o.link("amina@work.example.org")
	state := func() string {
		return o.secretary.Get("/desk/presenters", "Accept", "application/json").Body + o.secretary.Get("/desk/events/"+id, "Accept", "application/json").Body
	}
	before, mails := state(), len(o.Mails.All())
	for _, at := range []string{links["amina"], receiptOf(links["amina"]), request, "/en/events", "/en/events/" + id, "/events.ics", "/desk/events/" + id, "/desk/presenters", "/desk/roster", "/desk/events/" + id + "/ask?presenter=" + o.expert("amina")} {
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			if a := o.secretary.Do(method, at, "", ""); a.Status != 200 {
				t.Errorf("%s %s: %d", method, at, a.Status)
			}
		}
	}
	if state() != before || len(o.Mails.All()) != mails {
		t.Error("reading changed something")
	}
}

func TestTwoPeopleWithOneLink(t *testing.T) {
	o := begin(t)
	o.experts()
	amina := o.invite()["amina"]
	form := fields(o.public.Get(amina).Body)
	answer := func(name string) url.Values {
		return with(form, "wish", "yes", "name", name, "organisation", "Org", "country", "KE", "email", "amina@experts.example.org")
	}
	o.want(o.public.Post(amina, answer("First")), 303)
	a := o.want(o.public.Post(amina, answer("Second")), 409, "Somebody else has changed this meanwhile", "First", "Second")
	o.want(o.public.Post(amina, with(fields(a.Body), "wish", "yes", "name", "Second", "organisation", "Org", "country", "KE", "email", "amina@experts.example.org")), 303)
	if a := o.public.Get(amina, "Accept", "application/json"); o.get(a, "registration.name") != "Second" {
		t.Errorf("%s", a.Body)
	}
	var wg sync.WaitGroup
	statuses := make([]int, 8)
	form = fields(o.public.Get(amina).Body)
	for i := range statuses {
		wg.Go(func() { statuses[i] = o.public.Post(amina, answer(strings.Repeat("x", i+1))).Status })
	}
	wg.Wait()
	won := 0
	for _, s := range statuses {
		if s == 303 {
			won++
		} else if s != 409 {
			t.Errorf("status %d", s)
		}
	}
	if won != 1 {
		t.Errorf("%d of 8 answers at once were recorded", won)
	}
	o.want(o.upload(o.secretary, strings.Replace(roster, "Consumers Forum", "New Forum", 1), "text/html"), 303)
	if a := o.public.Get(amina, "Accept", "application/json"); o.get(a, "registration.organisation") != "Org" {
		t.Errorf("an upload touched the answer: %s", a.Body)
	}
}
