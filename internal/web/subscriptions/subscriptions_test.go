package subscriptions_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/app/apptest"
	"liaison/internal/app/subscriptions"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/subscription"
)

const forum = "info@forum.example"

type site struct {
	*apptest.World
	*apptest.Browser
	t    *testing.T
	list *subscription.List
}

func open(t *testing.T) *site {
	t.Helper()
	w := apptest.New(t)
	h, err := subscriptions.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	l, err := w.Subscribers()
	if err != nil {
		t.Fatal(err)
	}
	return &site{World: w, Browser: w.Browse(t, h), t: t, list: l}
}

func form(pairs ...string) url.Values {
	v := url.Values{"email": {forum}, "organisation": {"Consumers Forum"}, "name": {"Ana Ruiz"}, "country": {"ES"}, "language": {"es"}, "format": {"html"},
		"category": {"consumers"}, "consent": {"yes"}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// state is where the address stands; "" when it is not on the list.
func (s *site) state(a people.EmailAddress) subscription.State {
	s.t.Helper()
	sub, err := s.list.Find(context.Background(), a)
	if err == subscription.ErrNotFound {
		return ""
	}
	if err != nil {
		s.t.Fatal(err)
	}
	return sub.State
}

func (s *site) find(a people.EmailAddress) subscription.Subscriber {
	s.t.Helper()
	sub, err := s.list.Find(context.Background(), a)
	if err != nil {
		s.t.Fatal(err)
	}
	return sub
}

// latest is the newest mail to an address and the link in it.
func (s *site) latest(a people.EmailAddress) (mail.Message, string) {
	s.t.Helper()
	mails := s.Mails.To(a)
	if len(mails) == 0 {
		s.t.Fatalf("no mail to %s", a)
	}
	m := mails[len(mails)-1]
	return m, apptest.Link(m)
}

// subscribe takes an address all the way and returns the link that confirmed it.
func (s *site) subscribe(a string, pairs ...string) string {
	s.t.Helper()
	s.wants(s.Post("/en/subscribe", form(append([]string{"email", a}, pairs...)...)), 303)
	_, l := s.latest(people.EmailAddress(a))
	s.wants(s.Post(l, nil), 303)
	if got := s.state(people.EmailAddress(a)); got != subscription.Active {
		s.t.Fatalf("%s is %q after confirming", a, got)
	}
	return l
}

func (s *site) wants(a apptest.Answer, status int, texts ...string) apptest.Answer {
	s.t.Helper()
	if a.Status != status {
		s.t.Fatalf("status %d, want %d: %.400s", a.Status, status, a.Body)
	}
	for _, text := range texts {
		if !strings.Contains(words(s.t, a.Body), text) {
			s.t.Errorf("the page does not say %q:\n%s", text, words(s.t, a.Body))
		}
	}
	if strings.Contains(a.Body, "[[") {
		s.t.Errorf("a wording is missing: %.200s", a.Body[strings.Index(a.Body, "[["):])
	}
	return a
}

// words is the text of a page, parsed.
func words(t *testing.T, body string) string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// token makes a link of the list's kind, as an issue would carry it.
func (s *site) token(p link.Purpose, id, nonce string, life time.Duration) string {
	return s.list.Links.Token(p, id, nonce, life)
}

func TestDoubleOptIn(t *testing.T) {
	s := open(t)
	s.wants(s.Get("/fr/subscribe"), 200, "S’abonner à Actualités", "Ce que deviennent vos données")
	a := s.wants(s.Post("/en/subscribe", form()), 303)
	s.wants(s.Get(a.Location), 200, "Almost done, one step away", forum, "You will not be registered until you confirm", "spam folder", "72 hours")
	if got := s.state(forum); got != subscription.Candidate {
		t.Fatalf("state %q before confirming", got)
	}
	mails := s.Mails.To(forum)
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	if c := mails[0].Content; !strings.Contains(c.Text, "Novedades") || !strings.Contains(c.Text, "/es/subscription?link=") {
		t.Errorf("the mail is not in the subscriber's language: %s", c.Text)
	}
	_, l := s.latest(forum)
	for range 3 { // scanners look, with every harmless method
		s.wants(s.Get(l), 200, "i…@forum.example", "Consumers Forum", "Sí, envíennos el boletín")
		s.Do("HEAD", l, "", "")
	}
	if got := s.state(forum); got != subscription.Candidate {
		t.Fatalf("looking made it %q", got)
	}
	s.Advance(time.Hour)
	done := s.wants(s.Post(l, nil), 303)
	s.wants(s.Get(done.Location), 200, "Ya está suscrito", "11:00") // 10:00 UTC in Zurich
	s.Advance(time.Hour)
	s.wants(s.Post(l, nil), 303) // a second press shows what the first recorded
	s.wants(s.Get(l), 200, "11:00")

	sub := s.find(forum)
	if sub.State != subscription.Active || sub.Organisation != "Consumers Forum" || sub.Country != "ES" || sub.Language != "es" || sub.Category != people.Consumers {
		t.Errorf("recorded %+v", sub)
	}
	var acts []string
	h, err := s.list.History(context.Background(), sub.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range h {
		acts = append(acts, string(e.Act))
		if (e.Act == subscription.Asked || e.Act == subscription.Confirmed) && (!strings.Contains(e.Text, "@") || e.Language == "") {
			t.Errorf("%s does not say what was shown: %+v", e.Act, e)
		}
	}
	if got := strings.Join(acts, " "); got != "asked mailed confirmed" {
		t.Errorf("evidence: %s", got)
	}
	if n := len(s.Mails.All()); n != 1 {
		t.Errorf("%d mails in all", n)
	}
}

func TestAnswerTellsNothing(t *testing.T) {
	s := open(t)
	s.subscribe("member@forum.example")
	s.subscribe("gone@forum.example")
	if _, err := s.list.Leave(context.Background(), s.find("gone@forum.example").ID, subscription.ByDesk, "x"); err != nil {
		t.Fatal(err)
	}
	before := len(s.Mails.All())
	var pages []string
	for _, a := range []string{"member@forum.example", "gone@forum.example", "none@forum.example"} {
		answer := s.wants(s.Post("/en/subscribe", form("email", a)), 303)
		page := s.wants(s.Get(answer.Location), 200)
		pages = append(pages, strings.ReplaceAll(words(t, page.Body), a, "ADDRESS"))
		if got := s.wants(s.PostJSON("/en/subscribe", `{"email":"x`+a+`","organisation":"O","consent":true}`), 200).Body; strings.TrimSpace(got) != `{"status":"asked"}` {
			t.Errorf("JSON: %s", got)
		}
	}
	if pages[0] != pages[1] || pages[1] != pages[2] {
		t.Errorf("the pages differ:\n%s", strings.Join(pages, "\n"))
	}
	if n := len(s.Mails.All()) - before; n != 6 {
		t.Errorf("%d mails, want one for each", n)
	}
	m, l := s.latest("member@forum.example")
	if !strings.Contains(m.Content.Text, "ya está suscrita") {
		t.Errorf("the mail does not say that the address is subscribed: %s", m.Content.Text)
	}
	s.wants(s.Get(l), 200, "Su suscripción")
	if got := s.state("gone@forum.example"); got != subscription.Left {
		t.Errorf("asking again made it %q", got)
	}
	_, l = s.latest("gone@forum.example")
	s.wants(s.Post(l, nil), 303)
	if got := s.state("gone@forum.example"); got != subscription.Active {
		t.Errorf("confirming again made it %q", got)
	}
}

func TestBadSignUps(t *testing.T) {
	s := open(t)
	long := strings.Repeat("ж", 400)
	for name, c := range map[string]struct {
		set  []string
		says string
	}{
		"empty address":    {[]string{"email", ""}, "Enter an e-mail address"},
		"no address":       {[]string{"email", "forum.example"}, "Enter an e-mail address"},
		"header injection": {[]string{"email", "a@b.example\r\nBcc: c@d.example"}, "Enter an e-mail address"},
		"two addresses":    {[]string{"email", "a@b.example,c@d.example"}, "Enter an e-mail address"},
		"no consent":       {[]string{"consent", ""}, "Tick the box"},
		"no organisation":  {[]string{"organisation", " \u200b "}, "Enter the name of your organisation"},
		"long name":        {[]string{"name", long}, "At most 100 characters"},
		"country":          {[]string{"country", "XX"}, "Choose a country"},
		"language":         {[]string{"language", "tlh"}, "Choose a language"},
		"format":           {[]string{"format", "fax"}, "is not one of the choices"},
		"category":         {[]string{"category", "<b>"}, "is not one of the choices"},
		"unknown field":    {[]string{"role", "secretary"}, "no field"},
	} {
		t.Run(name, func(t *testing.T) {
			v := form(c.set...)
			a := s.wants(s.Post("/en/subscribe", v), 422, "There is a problem", c.says)
			if name != "no organisation" && !strings.Contains(a.Body, `value="Consumers Forum"`) {
				t.Error("what was typed is lost")
			}
			if strings.Contains(a.Body, "<b>") {
				t.Error("typed text is not escaped")
			}
		})
	}
	evil := `<script>alert(1)</script>{{.}}`
	s.wants(s.Post("/en/subscribe", form("organisation", evil, "name", evil)), 303)
	m, l := s.latest(forum)
	if strings.Contains(m.Content.HTML, "<script>") || strings.Contains(s.Get(l).Body, "<script>alert") {
		t.Error("typed text is not escaped")
	}
	a := s.wants(s.Do("POST", "/en/subscribe", "application/json", `{"email":"a","consent":false,"nested":{"a":[1]}}`), 422)
	for _, field := range []string{`"email"`, `"consent"`, `"organisation"`, `"nested"`} {
		if !strings.Contains(a.Body, `"field":`+field) {
			t.Errorf("no finding about %s in %s", field, a.Body)
		}
	}
	if ct := a.Header.Get("Content-Type"); ct != "application/problem+json" {
		t.Errorf("content type %s", ct)
	}
	for body, status := range map[string]int{"{": 400, strings.Repeat("x", 10<<20): 413} {
		if a := s.Do("POST", "/en/subscribe", "application/json", body); a.Status != status {
			t.Errorf("a body of %d bytes: %d, want %d", len(body), a.Status, status)
		}
	}
	if n := len(s.Mails.All()); n != 1 {
		t.Errorf("%d mails", n)
	}
	if a := s.Get("/xx/subscribe"); a.Status != 404 {
		t.Errorf("an unknown language: %d", a.Status)
	}
}

func TestLanguageSwitchKeepsWhatWasTyped(t *testing.T) {
	s := open(t)
	v := form("action", "switch", "email", "half@")
	v.Del("consent")
	a := s.wants(s.Post("/ru/subscribe", v), 200, "Подписка: Вестник")
	if !strings.Contains(a.Body, `value="half@"`) || !strings.Contains(a.Body, `value="Consumers Forum"`) || strings.Contains(words(t, a.Body), "Есть ошибка") {
		t.Error("typed text is lost, or errors are shown too early")
	}
}

func TestTrapIsKeptAndNotMailed(t *testing.T) {
	s := open(t)
	a := s.wants(s.Post("/en/subscribe", form("homepage_2", "http://spam.example")), 303)
	s.wants(s.Get(a.Location), 200, "Almost done")
	sub := s.find(forum)
	if !sub.Held || sub.State != subscription.Candidate || len(s.Mails.All()) != 0 {
		t.Fatalf("%+v, %d mails", sub, len(s.Mails.All()))
	}
	if _, err := s.list.Release(context.Background(), sub.ID, "secretary@example.org"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.list.Release(context.Background(), sub.ID, "secretary@example.org"); err != nil {
		t.Fatal(err)
	}
	if n := len(s.Mails.To(forum)); n != 1 || s.find(forum).Held {
		t.Errorf("%d mails after release", n)
	}
	_, l := s.latest(forum)
	s.wants(s.Post(l, nil), 303)
	s.wants(s.Post("/en/subscribe", form("homepage_2", "x")), 303) // a machine types a subscribed address
	if n := len(s.Mails.To(forum)); n != 1 || s.state(forum) != subscription.Active {
		t.Errorf("%d mails, %s", n, s.state(forum))
	}
}

func TestMailsToOneAddressAreBounded(t *testing.T) {
	s := open(t)
	for hour := range 5 {
		for range 5 {
			s.wants(s.Post("/en/subscribe", form()), 303)
		}
		want := min(3*(hour+1), 10)
		if n := len(s.Mails.To(forum)); n != want {
			t.Errorf("%d mails after hour %d, want %d", n, hour+1, want)
		}
		s.Advance(time.Hour)
	}
	_, l := s.latest(forum)
	s.wants(s.Post(l, nil), 303) // the latest link is good
	if s.state(forum) != subscription.Active {
		t.Error(s.state(forum))
	}
}

func TestStrangersNetworksAreBounded(t *testing.T) {
	w := apptest.New(t)
	h, err := subscriptions.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	remote := http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = "203.0.113.7:1234"
		h.ServeHTTP(rw, r)
	})
	b := w.Browse(t, remote)
	var last apptest.Answer
	for n := range 102 {
		last = b.Post("/en/subscribe", form("email", "a"+strings.Repeat("b", n%60)+"@forum.example", "name", strings.Repeat("n", n/2)))
	}
	if last.Status != http.StatusTooManyRequests || !strings.Contains(last.Body, `value="`+strings.Repeat("n", 50)+`"`) {
		t.Errorf("sign-up 102 of one network in an hour: %d, with what was typed: %s", last.Status, last.Body)
	}
}
