package all_test

import (
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/event"
	"liaison/internal/link"
)

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
