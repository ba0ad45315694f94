package subscriptions_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/subscription"
)

func act(action string, pairs ...string) url.Values {
	v := url.Values{"form_key": {"k" + action}, "action": {action}}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

func TestLinksThatNoLongerConfirm(t *testing.T) {
	s := open(t)
	s.wants(s.Post("/en/subscribe", form("language", "en")), 303)
	_, first := s.latest(forum)
	for name, bad := range map[string]string{"cut": first[:len(first)-30], "forged": "/en/subscription?link=v4.local.AAAA", "none": "/en/subscription", "huge": "/en/subscription?link=" + strings.Repeat("A", 5000),
		"of another purpose": "/en/subscription?link=" + s.token(link.Unsubscribe, s.find(forum).ID, "1", time.Hour)} {
		if a := s.Get(bad); a.Status != 400 {
			t.Errorf("%s link: GET %d", name, a.Status)
		}
		if a := s.Post(bad, nil); a.Status != 400 {
			t.Errorf("%s link: POST %d", name, a.Status)
		}
	}
	s.wants(s.Post("/en/subscribe", form("language", "en", "name", "Second")), 303)
	_, second := s.latest(forum)
	s.wants(s.Get(first), 410, "A newer link was sent")
	s.wants(s.Post(first, nil), 410, "A newer link was sent", "i…@forum.example")

	s.Advance(72 * time.Hour)
	s.wants(s.Get(second), 410, "This link has expired")
	s.wants(s.Post(second, nil), 410)
	if got := s.state(forum); got != subscription.Candidate {
		t.Fatalf("an old link made it %q", got)
	}
	again := s.wants(s.Post(second, act("again")), 303)
	s.wants(s.Get(again.Location), 410, "A new link is on its way", "i…@forum.example")
	s.wants(s.Post(second, act("again")), 303) // pressed twice
	mails := s.Mails.To(forum)
	if len(mails) != 3 {
		t.Fatalf("%d mails, want 3", len(mails))
	}
	_, third := s.latest(forum)
	s.wants(s.Get(third), 200, "Second")
	s.wants(s.Post(third, nil), 303)
	if sub := s.find(forum); sub.State != subscription.Active || sub.Name != "Second" {
		t.Errorf("%+v", sub)
	}
	s.Advance(73 * time.Hour)
	s.wants(s.Get(third), 200, "You are subscribed") // an old link that has confirmed says so
	if a := s.Get(third); strings.Contains(a.Body, "Change language") {
		t.Error("an expired link leads to the preferences")
	}
}

func TestConfirmedLinkNeverBringsBack(t *testing.T) {
	s := open(t)
	l := s.subscribe(forum, "language", "en")
	s.wants(s.Post("/unsubscribe?link="+s.token(link.Unsubscribe, s.find(forum).ID, "", time.Hour), nil), 200)
	s.wants(s.Post(l, nil), 303)
	if got := s.state(forum); got != subscription.Left {
		t.Errorf("the used link made it %q", got)
	}
	s.wants(s.Get(l), 200, "You had subscribed, and have left")
}

func TestPreferences(t *testing.T) {
	s := open(t)
	confirm := s.subscribe(forum, "language", "en")
	page := s.wants(s.Get(confirm), 200, "You are subscribed")
	if !strings.Contains(page.Body, "Change language") {
		t.Fatal("no way from the confirmation to the preferences")
	}
	l := s.list.PreferencesURL(s.find(forum))
	s.wants(s.Get(l), 200, "Your subscription", forum, "is sent to you")
	s.Do("HEAD", l, "", "")
	done := s.wants(s.Post(l, act("save", "organisation", "Forum 2", "name", "", "country", "FR", "category", "", "language", "fr", "format", "pdf")), 303)
	s.wants(s.Get(done.Location), 200, "Enregistré", "Votre abonnement")
	if sub := s.find(forum); sub.Organisation != "Forum 2" || sub.Name != "" || sub.Country != "FR" || sub.Category != "" || sub.Language != "fr" || sub.Format != "pdf" {
		t.Errorf("saved %+v", sub.Details)
	}
	if sub := s.find(forum); string(sub.Email) != forum || sub.Kind != subscription.Ordinary {
		t.Errorf("saving changed %+v", sub)
	}
	s.wants(s.Post(l, act("save", "language", "tlh", "organisation", "<i>Kept")), 422, "Choose a language")
	s.wants(s.Post(l, act("save", "email", "thief@evil.example")), 422)
	s.wants(s.PostJSON(l, `{"format":"text"}`), 200)
	if sub := s.find(forum); sub.Format != "text" || sub.Organisation != "Forum 2" || sub.Language != "fr" {
		t.Errorf("a JSON body of one field changed %+v", sub.Details)
	}
	for _, step := range []struct {
		action string
		state  subscription.State
	}{{"pause", "paused"}, {"pause", "paused"}, {"resume", "active"}, {"leave", "left"}, {"leave", "left"}} {
		s.wants(s.Post(l, act(step.action)), 303)
		if got := s.state(forum); got != step.state {
			t.Fatalf("%s made it %q", step.action, got)
		}
		s.wants(s.Get(l), 200)
	}
	for _, action := range []string{"resume", "pause"} { // whoever left comes back by a new consent only
		if a := s.Post(l, act(action)); a.Status != 409 {
			t.Errorf("%s after leaving: %d", action, a.Status)
		}
	}
	if got := s.state(forum); got != subscription.Left {
		t.Error(got)
	}
}

func TestExport(t *testing.T) {
	s := open(t)
	s.subscribe(forum, "organisation", "=cmd|'/c calc'!A1", "language", "en")
	l := s.list.PreferencesURL(s.find(forum))
	a := s.wants(s.Get(l+"&export=json"), 200)
	var rec struct {
		Email, State string
		Evidence     []struct{ Act string }
	}
	if err := json.Unmarshal([]byte(a.Body), &rec); err != nil || rec.Email != forum || rec.State != "active" || len(rec.Evidence) != 3 {
		t.Errorf("JSON: %v %+v", err, rec)
	}
	if d := a.Header.Get("Content-Disposition"); !strings.HasPrefix(d, "attachment") {
		t.Errorf("disposition %q", d)
	}
	a = s.wants(s.Get(l+"&export=csv"), 200)
	lines, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\uFEFF"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, line := range lines {
		for _, cell := range line {
			if strings.HasPrefix(cell, "=") {
				t.Errorf("a cell that a spreadsheet runs: %q", cell)
			}
			found = found || cell == forum
		}
	}
	if !found {
		t.Error("the address is not in the CSV")
	}
	if a := s.Get(l + "&export=exe"); a.Status != 404 {
		t.Errorf("unknown format: %d", a.Status)
	}
}

func TestErase(t *testing.T) {
	s := open(t)
	confirm := s.subscribe(forum, "language", "en")
	sub := s.find(forum)
	l := s.list.PreferencesURL(sub)
	s.wants(s.Post(l, act("erase")), 422, "Tick the box to confirm that everything should be erased")
	if s.state(forum) != subscription.Active {
		t.Fatal("erased without the box")
	}
	done := s.wants(s.Post(l, act("erase", "sure", "yes")), 303)
	s.wants(s.Get(done.Location), 200, "Everything is erased")
	s.wants(s.Get(l), 200, "Everything is erased")
	s.wants(s.Post(l, act("erase", "sure", "yes")), 200, "Everything is erased")
	s.wants(s.Get(confirm), 200, "Everything is erased")
	s.wants(s.Post("/unsubscribe?link="+s.token(link.Unsubscribe, sub.ID, "", time.Hour), nil), 200)
	ctx := context.Background()
	if h, err := s.list.History(ctx, sub.ID); err != nil || len(h) != 0 {
		t.Errorf("evidence is left: %v, %v", h, err)
	}
	if got, err := s.list.Get(ctx, sub.ID); err != nil || got.State != subscription.Erased || got.Email != "" || got.Organisation != "" || got.Name != "" {
		t.Errorf("tombstone: %+v, %v", got, err)
	}
	if got := s.state(forum); got != "" {
		t.Errorf("the address is still reserved: %q", got)
	}
	fates, err := s.list.Import(ctx, "x", []subscription.Row{{Email: "Info@Forum.example", Kind: subscription.Ordinary, Given: s.Now(), Text: "paper"}}, true)
	if err != nil || fates[0] != subscription.FateSkipped {
		t.Errorf("an upload brought it back: %v, %v", fates, err)
	}
	s.subscribe(forum)
}

func TestOldPreferencesLinksAreRenewedToTheAddressOnly(t *testing.T) {
	s := open(t)
	s.subscribe(forum, "language", "en")
	id := s.find(forum).ID
	l := s.list.PreferencesURL(s.find(forum))
	forwarded := "/en/subscription?link=" + s.token(link.Subscription, id, "", 10*365*24*time.Hour)
	s.wants(s.Get(forwarded), 200, forum)
	s.Advance(subscription.PreferencesLife)
	for _, old := range []string{l, forwarded} {
		a := s.wants(s.Get(old), 410, "This link has expired", "i…@forum.example")
		if strings.Contains(a.Body, "Ana Ruiz") || strings.Contains(a.Body, forum) {
			t.Error("an old link shows who is behind it")
		}
		s.wants(s.Get(old+"&export=json"), 410)
		s.wants(s.Post(old, act("erase", "sure", "yes")), 410)
		s.wants(s.Post(old, act("pause")), 410)
	}
	before := len(s.Mails.To(forum))
	s.wants(s.Post(l, act("again")), 303)
	if n := len(s.Mails.To(forum)) - before; n != 1 {
		t.Fatalf("%d mails", n)
	}
	_, fresh := s.latest(forum)
	s.wants(s.Get(fresh), 200, forum)
}

func TestUnsubscribe(t *testing.T) {
	s := open(t)
	for name, c := range map[string]struct{ contentType, body string }{
		"form":      {"application/x-www-form-urlencoded", "List-Unsubscribe=One-Click"},
		"multipart": {"multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--b--\r\n"},
		"no type":   {"", "List-Unsubscribe=One-Click"},
		"odd type":  {"text/x-odd; ;", "List-Unsubscribe=One-Click"},
		"no body":   {"", ""},
		"rubbish":   {"application/x-www-form-urlencoded", "%%%\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			a := strings.ReplaceAll(name, " ", "") + "@forum.example"
			s.subscribe(a)
			l := "/unsubscribe?link=" + s.token(link.Unsubscribe, s.find(people.EmailAddress(a)).ID, "", time.Hour)
			s.wants(s.Get(l), 200, "¿Darse de baja de Novedades?", a[:1]+"…@forum.example") // in her language
			s.Do("HEAD", l, "", "")
			if got := s.state(people.EmailAddress(a)); got != subscription.Active {
				t.Fatalf("looking made it %q", got)
			}
			for range 2 { // idempotent
				got := s.Do("POST", l, c.contentType, c.body)
				if got.Status != 200 || !strings.HasPrefix(got.Header.Get("Content-Type"), "text/plain") || len(got.Header["Set-Cookie"]) > 0 {
					t.Fatalf("one click: %d %v", got.Status, got.Header)
				}
			}
			if got := s.state(people.EmailAddress(a)); got != subscription.Left {
				t.Errorf("it is %q", got)
			}
			s.wants(s.Get(l), 200, "Se ha dado de baja", "Volver a suscribirse")
		})
	}
}

func TestUnsubscribeByThePage(t *testing.T) {
	s := open(t)
	s.subscribe(forum)
	id := s.find(forum).ID
	old := "/unsubscribe?link=" + s.token(link.Unsubscribe, id, "", time.Hour)
	s.Advance(24 * 365 * time.Hour) // a link to leave never refuses to let go
	s.wants(s.Get(strings.Replace(old, "/uns", "/ru/uns", 1)), 200, "Отказаться от подписки на «Вестник»?")
	before := len(s.Mails.To(forum))
	a := s.wants(s.Post(old, act("mail")), 303)
	s.wants(s.Get(a.Location), 200, "Lo hemos enviado a i…@forum.example")
	if n := len(s.Mails.To(forum)) - before; n != 1 {
		t.Errorf("%d mails", n)
	}
	_, l := s.latest(forum)
	s.wants(s.Get(l), 200, "Su suscripción")
	a = s.wants(s.Post(old, url.Values{"form_key": {"x"}}), 303)
	s.wants(s.Get(a.Location), 200, "Se ha dado de baja")
	if got := s.state(forum); got != subscription.Left {
		t.Error(got)
	}
	for _, bad := range []string{"/unsubscribe", "/unsubscribe?link=x", "/unsubscribe?link=" + s.token(link.Subscription, id, "", time.Hour)} {
		if a := s.Do("POST", bad, "", "List-Unsubscribe=One-Click"); a.Status != 400 {
			t.Errorf("%s: %d", bad, a.Status)
		}
	}
	s.wants(s.Do("POST", "/unsubscribe?link="+s.token(link.Unsubscribe, "nobody", "", time.Hour), "", ""), 200)
	if a := s.Do("POST", old, "application/x-www-form-urlencoded", "form_key=x", "Origin", "https://mail.example", "Sec-Fetch-Site", "cross-site"); a.Status != 303 {
		t.Errorf("a webmail's page posts with a signed link, which is the authority: %d", a.Status)
	}
	if a := s.Do("POST", "/en/subscribe", "application/x-www-form-urlencoded", "email=a@b.example", "Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"); a.Status != 403 {
		t.Errorf("a sign-up form on another site: %d", a.Status)
	}
}

func TestUnconfirmedRequestsAreDeleted(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	s.wants(s.Post("/en/subscribe", form("language", "en")), 303)
	s.subscribe("member@forum.example")
	_, l := s.latest(forum)
	sub := s.find(forum)
	s.Lag(time.Minute)
	if n, err := s.list.Tidy(ctx, 100); n != 0 || err != nil {
		t.Fatalf("tidied %d, %v at once", n, err)
	}
	s.Advance(subscription.CandidateLife + time.Second)
	if n, err := s.list.Tidy(ctx, 100); n != 1 || err != nil {
		t.Fatalf("tidied %d, %v after 30 days", n, err)
	}
	if got := s.state(forum); got != "" {
		t.Errorf("still there as %q", got)
	}
	if h, _ := s.list.History(ctx, sub.ID); len(h) != 0 {
		t.Errorf("evidence is left: %+v", h)
	}
	s.wants(s.Get(l), 410, "This request is no longer there")
	s.wants(s.Post(l, nil), 410)
	s.wants(s.Post(l, act("again")), 303)
	if id, err := s.list.Nominate(ctx, subscription.Nomination{ID: "n", Email: forum}); id != "" || err != nil {
		t.Errorf("asked again at once: %q, %v", id, err)
	}
	s.Advance(subscription.UnansweredLife)
	if id, err := s.list.Nominate(ctx, subscription.Nomination{ID: "n2", Email: forum}); id == "" || err != nil {
		t.Errorf("never asked again: %q, %v", id, err)
	}
	if got := s.state("member@forum.example"); got != subscription.Active {
		t.Errorf("a member is %q", got)
	}
}
