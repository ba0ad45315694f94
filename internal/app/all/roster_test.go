package all_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/app/feedback"
	"liaison/internal/mail"
)

func TestRosterIsUploadedByAddressAndNeverShrinks(t *testing.T) {
	o := begin(t)
	a := o.want(o.upload(o.secretary, roster, "application/json"), 200)
	if got := o.get(a, "added"); got != "3" {
		t.Fatalf("added %s: %s", got, a.Body)
	}
	if a := o.want(o.upload(o.secretary, roster, "application/json"), 200); o.get(a, "same") != "3" {
		t.Errorf("the same list again: %s", a.Body)
	}
	more := "email;name;pays\nAMINA@experts.example.org;Amina A. Otieno;\ndora@experts.example.org;Dora Novak;Tchéquie\n"
	a = o.want(o.upload(o.secretary, more, "application/json"), 200)
	if o.get(a, "added") != "1" || o.get(a, "changed") != "1" {
		t.Errorf("an update: %s", a.Body)
	}
	a = o.want(o.secretary.Get("/desk/presenters", "Accept", "application/json"), 200)
	if o.get(a, "items.3.id") == "" || o.get(a, "items.4.id") != "" || o.get(a, "next") != "" {
		t.Fatalf("four experts: %s", a.Body)
	}
	for path, want := range map[string]string{"items.0.name": "Amina A. Otieno", "items.0.country": "KE", "items.0.category": "consumers", "items.0.gender": "woman", "items.0.state": "not-asked",
		"items.0.email": "amina@experts.example.org", "items.1.country": "CH", "items.1.language": "fr", "items.3.country": "CZ"} {
		if got := o.get(a, path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	o.want(o.secretary.Get("/desk/presenters"), 200, "Amina A. Otieno", "Not asked 4", "Invite 4 who were never asked")
	o.want(o.secretary.Get("/desk/roster"), 200, "Upload the list")
	if n := len(o.Mails.All()); n != 0 {
		t.Errorf("uploading mailed %d people", n)
	}
}

func TestRosterRowsThatAreWrong(t *testing.T) {
	o := begin(t)
	bad := roster + "No Address,,Org,KE,,,,\nBad,<script>@x,Org,Atlantis,,,,\n"
	a := o.want(o.upload(o.secretary, bad, "text/html"), 422, "Nothing of experts.csv was taken over", "Row 5, E-mail", "Row 6, Country", "rows that are right: 3")
	o.never(a, "<script>@x")
	if a := o.want(o.secretary.Get("/desk/presenters", "Accept", "application/json"), 200); o.get(a, "items.0.id") != "" {
		t.Fatalf("something was written: %s", a.Body)
	}
	a = o.want(o.upload(o.secretary, bad, "application/json"), 422)
	if o.get(a, "errors.0.field") != "list" || !strings.Contains(a.Body, "Row 5") {
		t.Errorf("problem: %s", a.Body)
	}
	o.want(o.upload(o.secretary, bad, "text/html", "wrong", "skip"), 200, "3 added", "rows were left out", "Row 6")
	for name, file := range map[string]string{"empty": "", "no header": "a,b\nc,d\n", "no rows": "name,email\n", "no address": "name\nAmina\n", "binary": "\x00\x01\x02PK\x00\xff\xfe\x00"} {
		if a := o.upload(o.secretary, file, "text/html"); a.Status != 422 {
			t.Errorf("%s: %d", name, a.Status)
		}
	}
	o.want(o.secretary.Post("/desk/roster", nil), 422, "Choose a file")
	a = o.want(o.secretary.PostJSON("/desk/roster", `{"experts":[{"name":"Eva","email":"eva@experts.example.org"}]}`), 200)
	if o.get(a, "added") != "1" {
		t.Errorf("rows as JSON: %s", a.Body)
	}
}

func TestLargeRoster(t *testing.T) {
	o := begin(t)
	var b strings.Builder
	b.WriteString("name,email,country\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "Expert %05d,e%05d@experts.example.org,KE\n", i, i)
	}
	if a := o.want(o.upload(o.secretary, b.String(), "application/json"), 200); o.get(a, "added") != "10000" {
		t.Fatalf("%s", a.Body)
	}
	o.want(o.secretary.Get("/desk/presenters"), 200, "Not asked 10,000")
	b.WriteString("One More,more@experts.example.org,KE\n")
	o.want(o.upload(o.secretary, b.String(), "text/html"), 422, "more than 10,000 rows")
	seen, next := 0, ""
	for {
		a := o.want(o.secretary.Get("/desk/presenters?cursor="+next, "Accept", "application/json"), 200)
		seen += strings.Count(a.Body, `"email"`)
		if next = o.get(a, "next"); next == "" {
			break
		}
	}
	if seen != 10_000 {
		t.Errorf("the pages of the list hold %d", seen)
	}
}

// What one press does not send by itself is written down and goes out with the clock.
func TestInvitingMany(t *testing.T) {
	o := begin(t)
	const many = 350
	var b strings.Builder
	b.WriteString("name,email\n")
	for i := range many {
		fmt.Fprintf(&b, "Expert %03d,e%03d@experts.example.org\n", i, i)
	}
	o.want(o.upload(o.secretary, b.String(), "application/json"), 200)
	if a := o.want(o.secretary.PostJSON("/desk/invitations", `{"to":"all"}`), 200); o.get(a, "mailed") != fmt.Sprint(many) {
		t.Fatalf("%s", a.Body)
	}
	if n := len(o.Mails.All()); n == 0 || n > 200 {
		t.Errorf("%d mails went out at once", n)
	}
	o.want(o.secretary.Get("/desk/presenters"), 200, "Not asked 0", "Invited 350")
	for range 10 {
		o.tick()
	}
	to := map[string]int{}
	for _, m := range o.Mails.All() {
		to[string(m.To.Mail)]++
	}
	if len(to) != many || len(o.Mails.All()) != many {
		t.Errorf("%d mails to %d experts", len(o.Mails.All()), len(to))
	}
}

func TestInvitationsMailEachExpertOnce(t *testing.T) {
	o := begin(t)
	o.experts()
	var wg sync.WaitGroup
	for range 4 { // four people press at once
		wg.Go(func() { o.secretary.PostJSON("/desk/invitations", `{"to":"all"}`) })
	}
	wg.Wait()
	if n := len(o.Mails.All()); n != 3 {
		t.Fatalf("%d mails to 3 experts", n)
	}
	a := o.want(o.secretary.PostJSON("/desk/invitations", `{"to":"all"}`), 200)
	if o.get(a, "mailed") != "0" || o.get(a, "recent") != "3" {
		t.Errorf("pressed again: %s", a.Body)
	}
	if m := o.Mails.To("bruno@experts.example.org")[0]; m.Content.Subject != "Actualités\u00a0: voulez-vous être présentateur désigné\u00a0?" || !strings.Contains(o.link("bruno@experts.example.org"), "/fr/presenters/registration?link=") {
		t.Errorf("not in the expert's language: %q %s", m.Content.Subject, o.link("bruno@experts.example.org"))
	}
	o.want(o.public.PostJSON(o.link("clara@experts.example.org"), `{"wish":"no"}`), 200)
	before := len(o.Mails.All())
	o.later(time.Hour)
	a = o.want(o.secretary.PostJSON("/desk/invitations", `{"to":"all"}`), 200)
	if o.get(a, "mailed") != "2" || o.get(a, "declined") != "1" || len(o.Mails.All()) != before+2 {
		t.Errorf("a reminder: %s, %d mails", a.Body, len(o.Mails.All())-before)
	}
	if a := o.want(o.secretary.PostJSON("/desk/invitations", `{"to":["clara@experts.example.org"]}`), 200); o.get(a, "mailed") != "0" {
		t.Errorf("who said No is asked again: %s", a.Body)
	}
	o.later(time.Hour)
	a = o.secretary.Post("/desk/invitations", with(nil, "to", "AMINA@experts.example.org"))
	o.want(a, 303)
	o.want(o.secretary.Get(a.Location), 200, "1 personal link is on its way", "Invited 2", "No 1")
	o.want(o.secretary.PostJSON("/desk/invitations", `{"to":["amina@experts.example.org","stranger@example.org"]}`), 422, "stranger@example.org")
	o.want(o.secretary.Post("/desk/invitations", with(nil, "to", "not an address")), 422, "not an e-mail address")
	o.want(o.secretary.PostJSON("/desk/invitations", `{}`), 422)
	audit := o.want(o.secretary.Get("/desk/audit", "Accept", "application/json"), 200)
	for _, act := range []string{"roster.upload", "presenter.invite", "presenter.no"} {
		if !strings.Contains(audit.Body, act) {
			t.Errorf("%s is not on record", act)
		}
	}
	if strings.Contains(audit.Body, "@experts.example.org") {
		t.Error("the record names an expert's address")
	}
}

func TestInvitationThatTheServiceThrottlesGoesOutLater(t *testing.T) {
	o := begin(t)
	o.experts()
	o.Mails.Fail = func(m mail.Message) error {
		if strings.HasPrefix(string(m.To.Mail), "bruno") {
			return mail.ErrThrottled
		}
		return nil
	}
	o.want(o.secretary.PostJSON("/desk/invitations", `{"to":"all"}`), 200) // Bruno's waits in the outbox
	if n := len(o.Mails.All()); n != 2 {
		t.Fatalf("%d mails", n)
	}
	o.Mails.Fail = nil
	o.later(5 * time.Minute)
	o.tick()
	o.want(o.public.Get(o.link("bruno@experts.example.org")), 200, "Bruno Keller")
}

func TestWhoMayDoWhatWithTheRoster(t *testing.T) {
	o := begin(t)
	o.registered()
	for _, b := range []struct {
		who    string
		status int
	}{{"editor", 403}, {"viewer", 403}, {"nobody", 401}} {
		who := o.editor
		if b.who == "viewer" {
			who = o.onlooker
		} else if b.who == "nobody" {
			who = o.public
		}
		if a := who.PostJSON("/desk/invitations", `{"to":"all"}`); a.Status != b.status {
			t.Errorf("%s invites: %d", b.who, a.Status)
		}
		if a := o.upload(who, roster, "application/json"); a.Status != b.status {
			t.Errorf("%s uploads: %d", b.who, a.Status)
		}
	}
	for _, b := range []struct {
		path string
	}{{"/desk/presenters"}, {"/desk/presenters/" + o.expert("amina")}} {
		for _, accept := range []string{"text/html", "application/json"} {
			o.never(o.want(o.onlooker.Get(b.path, "Accept", accept), 200), "amina@", "+41 22", "Secret street", "woman")
			if a := o.secretary.Get(b.path, "Accept", accept); accept == "application/json" && !strings.Contains(a.Body, "amina@work.example.org") {
				t.Errorf("%s: the secretary does not see the address: %s", b.path, a.Body)
			}
		}
	}
	o.want(o.secretary.Get("/desk/presenters/"+o.expert("amina")), 200, "amina@work.example.org", "Secret street", "Biography of amina", "Mail a new personal link")
	o.want(o.secretary.Get("/desk/presenters/nobody"), 404)
	o.want(o.secretary.Get("/desk/presenters/%2e%2e%00"), 404)
	o.want(o.secretary.Get("/desk/presenters?state=yes"), 200, "amina", "bruno", "clara")
	o.want(o.secretary.Get("/desk/presenters?cursor=junk"), 400)
}

// The mail service says that an invitation never arrived: the roster shows it, nobody is mailed again at once, and an answer proves it wrong.
func TestInvitationsThatBounce(t *testing.T) {
	o := begin(t)
	o.experts()
	amina := o.invite()["amina"]
	sent := o.Mails.To("amina@experts.example.org")[0]
	h, err := feedback.New(o.Outside)
	if err != nil {
		t.Fatal(err)
	}
	tags := map[string][]string{}
	for _, tag := range sent.Tags {
		tags[tag.Name] = []string{tag.Value}
	}
	event := func(kind string) {
		body, err := json.Marshal(map[string]any{"eventType": "Bounce", "mail": map[string]any{"messageId": "m1", "timestamp": "2027-05-14T09:00:00Z", "destination": []string{"amina@experts.example.org"}, "tags": tags},
			"bounce": map[string]any{"bounceType": kind, "timestamp": "2027-05-14T09:00:01Z", "bouncedRecipients": []map[string]string{{"emailAddress": "amina@experts.example.org"}}}})
		if err != nil {
			t.Fatal(err)
		}
		if err := h(t.Context(), body); err != nil {
			t.Fatal(err)
		}
	}
	blocked := func() string {
		t.Helper()
		return o.get(o.want(o.secretary.Get("/desk/presenters", "Accept", "application/json"), 200), "items.0.blocked")
	}
	if event("Transient"); blocked() != "" {
		t.Error("a full mailbox is taken for none")
	}
	if event("Permanent"); blocked() != "bounced" {
		t.Error("the roster does not say that mail does not arrive")
	}
	o.want(o.public.Post(amina, with(fields(o.public.Get(amina).Body), "wish", "no")), 303)
	if blocked() != "" {
		t.Error("who has answered is still said not to get mail")
	}
}
