package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/table"
)

// TestDeathAtEveryWrite kills the process at each write of each act, before and after it, does the act again as a person or the queue would,
// and wants what an undisturbed run leaves.
func TestDeathAtEveryWrite(t *testing.T) {
	rows := []subscription.Row{
		{Email: "a@forum.example", Kind: subscription.Ordinary, Details: subscription.Details{Organisation: "A"}},
		{Email: "b@forum.example", Kind: subscription.NMB, Details: subscription.Details{Organisation: "B"}, Given: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Text: "paper form"},
		{Email: "c@forum.example", Kind: subscription.Ordinary, Details: subscription.Details{Organisation: "C"}},
	}
	for name, c := range map[string]struct {
		before func(w *world)
		act    func(w *world) error
		after  func(w *world)
	}{
		"sign-up": {nil, func(w *world) error { return w.SignUp(ctx, signUp(forum, "k")) }, func(w *world) {
			if w.post.to(forum) != 1 || w.state(forum) != subscription.Candidate {
				w.t.Errorf("%d mails, %s", w.post.to(forum), w.state(forum))
			}
		}},
		"nomination": {nil, func(w *world) error {
			_, err := w.Nominate(ctx, subscription.Nomination{ID: "a-1", Email: forum, Organisation: "F", By: "R"})
			return err
		}, func(w *world) {
			if w.post.to(forum) != 1 || w.state(forum) != subscription.Candidate {
				w.t.Errorf("%d mails, %s", w.post.to(forum), w.state(forum))
			}
		}},
		"confirmation": {func(w *world) {
			if err := w.SignUp(ctx, signUp(forum, "k")); err != nil {
				w.t.Fatal(err)
			}
		}, func(w *world) error {
			_, err := w.Confirm(ctx, w.claim(forum), subscription.Shown{Text: "c"})
			return err
		}, func(w *world) {
			s := must[subscription.Subscriber](w.t)(w.Find(ctx, forum))
			h := must[[]subscription.Evidence](w.t)(w.History(ctx, s.ID))
			if s.State != subscription.Active || len(h) != 3 {
				w.t.Errorf("%s with %d pieces of evidence", s.State, len(h))
			}
		}},
		"erasure": {func(w *world) { w.join(forum) }, func(w *world) error {
			s, err := w.Find(ctx, forum)
			if errors.Is(err, subscription.ErrNotFound) { // erased; what is left the clock tidies away
				_, err = w.Tidy(ctx, 10)
				return err
			}
			w.last = s.ID
			return w.Erase(ctx, s.ID)
		}, func(w *world) {
			if h := must[[]subscription.Evidence](w.t)(w.History(ctx, w.last)); len(h) != 0 {
				w.t.Errorf("evidence is left: %+v", h)
			}
			if un := must[map[people.EmailAddress]bool](w.t)(w.Unwelcome(ctx, forum)); !un[forum] || w.state(forum) != "" {
				w.t.Errorf("unwelcome %v, state %q", un, w.state(forum))
			}
		}},
		"upload": {nil, func(w *world) error {
			_, err := w.Import(ctx, "secretary@example.org", rows, true)
			return err
		}, func(w *world) {
			if a, b, c := w.state("a@forum.example"), w.state("b@forum.example"), w.state("c@forum.example"); a != subscription.Candidate || b != subscription.Active || c != a {
				w.t.Errorf("%s %s %s", a, b, c)
			}
			if a, b, c := w.post.to("a@forum.example"), w.post.to("b@forum.example"), w.post.to("c@forum.example"); a != 1 || b != 0 || c != 1 {
				w.t.Errorf("mails %d %d %d", a, b, c)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			for n := 0; ; n++ {
				reached := false
				for _, after := range []bool{false, true} {
					w := newWorld(t)
					if c.before != nil {
						c.before(w)
					}
					w.fuse.armed, w.fuse.left, w.fuse.after = true, n, after
					err := c.act(w)
					if reached = w.fuse.left < 0; !reached {
						break
					}
					// An erasure swallows what fails after the point of no return: it is on record for the clock.
					if !errors.Is(err, errDied) && name != "erasure" {
						t.Fatalf("dying at write %d gives %v", n, err)
					}
					w.fuse.armed = false
					if err := c.act(w); err != nil {
						t.Fatalf("after dying at write %d: %v", n, err)
					}
					c.after(w)
					w.check()
				}
				if !reached {
					if n == 0 {
						t.Fatalf("no write at all")
					}
					return
				}
			}
		})
	}
}

func TestOneAddressAtOnce(t *testing.T) {
	for name, key := range map[string]func(int) string{
		"the same form": func(int) string { return "k" }, "different forms": func(n int) string { return fmt.Sprint("k", n) }} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			var wg sync.WaitGroup
			errs := make([]error, 8)
			for n := range errs {
				wg.Go(func() { errs[n] = w.SignUp(ctx, signUp(forum, key(n))) })
			}
			wg.Wait()
			if err := errors.Join(errs...); err != nil {
				t.Fatal(err)
			}
			want := 1
			if name != "the same form" {
				want = len(errs)
			}
			if got := w.post.to(forum); got != want {
				t.Errorf("%d mails, want %d", got, want)
			}
			w.check()
			if c := must[subscription.Counts](t)(w.Counts(ctx)); c.In(subscription.Candidate) != 1 {
				t.Errorf("%d candidates", c.In(subscription.Candidate))
			}
		})
	}
}

func TestEverybodyAtOnce(t *testing.T) {
	w := newWorld(t)
	id := w.join(forum)
	var wg sync.WaitGroup
	for n := range 6 {
		wg.Go(func() {
			switch n % 3 {
			case 0:
				_, _ = w.Pause(ctx, id)
			case 1:
				_, _ = w.Update(ctx, id, subscription.Details{Organisation: fmt.Sprint("O", n), Language: "en", Format: "html"})
			default:
				_ = w.Suppress(ctx, id, subscription.Complains, true)
			}
		})
	}
	wg.Wait()
	if got := w.state(forum); got != subscription.Complained {
		t.Errorf("a complaint was overwritten: %s", got)
	}
	w.check()
}

func TestReportsOfTheMailService(t *testing.T) {
	w := newWorld(t)
	id := w.join(forum)
	for _, c := range []struct {
		trouble   subscription.Trouble
		permanent bool
		want      subscription.State
	}{{subscription.Bounce, false, "active"}, {subscription.Bounce, true, "bounced"}, {subscription.Bounce, true, "bounced"},
		{subscription.Complains, false, "complained"}, {subscription.Bounce, true, "complained"}} {
		if err := w.Suppress(ctx, id, c.trouble, c.permanent); err != nil {
			t.Fatal(err)
		}
		if got := w.state(forum); got != c.want {
			t.Errorf("%s (permanent %v) made it %q, want %q", c.trouble, c.permanent, got, c.want)
		}
	}
	if err := w.Suppress(ctx, "nobody", subscription.Complains, true); err != nil {
		t.Errorf("a report about nobody: %v", err)
	}
	if n, err := w.Nominate(ctx, subscription.Nomination{ID: "n", Email: "INFO@forum.example"}); err != nil || n != id || w.post.to("INFO@forum.example") != 0 {
		t.Errorf("a nomination asked who complained: %q, %v", n, err)
	}
	if err := w.SignUp(ctx, signUp(forum, "again")); err != nil { // by herself she may
		t.Fatal(err)
	}
	if got := w.state(forum); got != subscription.Complained {
		t.Errorf("asking made it %q", got)
	}
	must[subscription.Landing](t)(w.Confirm(ctx, w.claim(forum), subscription.Shown{}))
	if got := w.state(forum); got != subscription.Active {
		t.Errorf("confirming made it %q", got)
	}
	w.check()
}

func TestConfirmationMailsThatBounce(t *testing.T) {
	w := newWorld(t)
	if err := w.SignUp(ctx, signUp(forum, "k")); err != nil {
		t.Fatal(err)
	}
	id, ok := subscription.OfMail(w.post.order[0])
	if s := must[subscription.Subscriber](t)(w.Find(ctx, forum)); !ok || id != s.ID {
		t.Fatalf("mail %s is of %q", w.post.order[0], id)
	}
	if err := w.Suppress(ctx, id, subscription.Bounce, true); err != nil || w.state(forum) != subscription.Bounced {
		t.Errorf("%v, %s", err, w.state(forum))
	}
	for _, other := range []string{"", "signin-abc", "confirm-", "confirm-abc", "reminder"} {
		if id, ok := subscription.OfMail(other); ok {
			t.Errorf("%q is of %q", other, id)
		}
	}
}

func TestNominationsAskOnce(t *testing.T) {
	w := newWorld(t)
	member := w.join("member@forum.example")
	for n := range 3 {
		for _, id := range []string{"a-1", "a-1", fmt.Sprint("b-", n)} {
			must[string](t)(w.Nominate(ctx, subscription.Nomination{ID: id, Email: forum, Organisation: "F", About: "40 members", URL: "https://f.example", By: "R"}))
		}
		w.Advance(time.Hour)
	}
	if got := w.post.to(forum); got != 1 {
		t.Errorf("%d mails", got)
	}
	s := must[subscription.Subscriber](t)(w.Find(ctx, forum))
	h := must[[]subscription.Evidence](t)(w.History(ctx, s.ID))
	if h[0].By != "R" || h[0].About != "40 members" || h[0].URL != "https://f.example" {
		t.Errorf("what was said of it is lost: %+v", h[0])
	}
	before := w.post.to("member@forum.example")
	if id, err := w.Nominate(ctx, subscription.Nomination{ID: "m", Email: "member@forum.example"}); id != member || err != nil || w.post.to("member@forum.example") != before {
		t.Errorf("a member was asked: %q, %v", id, err)
	}
	w.check()
}

func TestUploads(t *testing.T) {
	w := newWorld(t)
	w.join("active@forum.example")
	for a, end := range map[people.EmailAddress]func(id string) error{
		"left@forum.example":       func(id string) error { _, err := w.Leave(ctx, id, subscription.ByOneClick, ""); return err },
		"complained@forum.example": func(id string) error { return w.Suppress(ctx, id, subscription.Complains, true) },
		"bounced@forum.example":    func(id string) error { return w.Suppress(ctx, id, subscription.Bounce, true) },
		"erased@forum.example":     func(id string) error { return w.Erase(ctx, id) },
		"paused@forum.example":     func(id string) error { _, err := w.Pause(ctx, id); return err },
	} {
		if err := end(w.join(a)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.SignUp(ctx, signUp("waiting@forum.example", "k")); err != nil {
		t.Fatal(err)
	}
	given := time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
	row := func(a people.EmailAddress, consent bool) subscription.Row {
		r := subscription.Row{Email: a, Kind: subscription.NMB, Details: subscription.Details{Organisation: "O " + string(a), Language: "fr"}}
		if consent {
			r.Given, r.Text = given, "ticked on the paper form of 2026"
		}
		return r
	}
	rows := []subscription.Row{row("new@forum.example", true), row("ask@forum.example", false), row("NEW@forum.example", true), row("active@forum.example", true),
		row("left@forum.example", true), row("complained@forum.example", true), row("bounced@forum.example", true), row("erased@forum.example", true),
		row("paused@forum.example", true), row("waiting@forum.example", true)}
	want := "added asked duplicate known skipped skipped skipped skipped known added"
	for n, want := range []string{want, "known known duplicate known skipped skipped skipped skipped known known"} {
		fates, err := w.Import(ctx, "secretary@example.org", rows, true)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Trim(fmt.Sprint(fates), "[]"); got != want {
			t.Errorf("upload %d:\n%s, want\n%s", n+1, got, want)
		}
	}
	for a, want := range map[people.EmailAddress]subscription.State{"new@forum.example": "active", "ask@forum.example": "candidate", "active@forum.example": "active",
		"left@forum.example": "left", "complained@forum.example": "complained", "bounced@forum.example": "bounced", "erased@forum.example": "", "paused@forum.example": "paused",
		"waiting@forum.example": "active"} {
		if got := w.state(a); got != want {
			t.Errorf("%s is %q, want %q", a, got, want)
		}
	}
	s := must[subscription.Subscriber](t)(w.Find(ctx, "new@forum.example"))
	h := must[[]subscription.Evidence](t)(w.History(ctx, s.ID))
	if s.Kind != subscription.NMB || len(h) != 1 || h[0].Act != subscription.Recorded || h[0].Given == nil || !h[0].Given.Equal(given) || h[0].Text != rows[0].Text || h[0].By != "secretary@example.org" {
		t.Errorf("%+v %+v", s, h)
	}
	if w.post.to("new@forum.example") != 0 || w.post.to("ask@forum.example") != 1 {
		t.Errorf("mails: %d and %d", w.post.to("new@forum.example"), w.post.to("ask@forum.example"))
	}
	asked := must[[]subscription.Fate](t)(w.Import(ctx, "x", []subscription.Row{row("third@forum.example", true)}, false))
	if asked[0] != subscription.FateAsked || w.state("third@forum.example") != subscription.Candidate {
		t.Errorf("consent=ask: %v", asked)
	}
	w.check()
}

func TestAudience(t *testing.T) {
	w := newWorld(t)
	want := map[string]bool{}
	var rows []subscription.Row
	for n := range 400 {
		rows = append(rows, subscription.Row{Email: people.EmailAddress(fmt.Sprintf("a%d@forum.example", n)), Kind: subscription.Kinds[n%3],
			Details: subscription.Details{Organisation: "O", Language: "en"}, Given: w.World.Now(), Text: "t"})
	}
	if _, err := w.Import(ctx, "x", rows, true); err != nil {
		t.Fatal(err)
	}
	for n, r := range rows {
		s := must[subscription.Subscriber](t)(w.Find(ctx, r.Email))
		switch n % 4 {
		case 0:
			must[subscription.Subscriber](t)(w.Leave(ctx, s.ID, subscription.ByOneClick, ""))
		case 1:
			must[subscription.Subscriber](t)(w.Pause(ctx, s.ID))
		default:
			want[s.ID] = true
		}
	}
	got := map[string]bool{}
	var ids []string
	for segment := range subscription.Segments {
		for after := ""; ; {
			page, next, err := w.Active(ctx, segment, after, 7)
			if err != nil {
				t.Fatal(err)
			}
			last := after
			for _, m := range page {
				if got[m.ID] || m.ID <= last || m.Language != "en" || m.Format != "html" {
					t.Fatalf("member %+v after %q", m, last)
				}
				got[m.ID], last = true, m.ID
				ids = append(ids, m.ID)
			}
			if after = next; next == "" {
				break
			}
		}
	}
	if len(got) != len(want) {
		t.Errorf("%d members, want %d", len(got), len(want))
	}
	list := must[[]subscription.Subscriber](t)(w.Recipients(ctx, append(ids, "nobody")))
	if len(list) != len(ids) || list[0].State != subscription.Active || list[0].Email == "" || list[0].Called() != "O" {
		t.Errorf("%d recipients of %d; %+v", len(list), len(ids), list[0])
	}
}

func TestSubscribersStaySmall(t *testing.T) {
	w := newWorld(t)
	s := signUp("secretariat.general@confederacion-de-consumidores.example", "k")
	s.Details = subscription.Details{Name: "María de los Ángeles Fernández-Villanueva", Organisation: "Confederación Iberoamericana de Asociaciones de Consumidores",
		Country: "ES", Language: "es", Format: "html", Category: people.Consumers}
	if err := w.SignUp(ctx, s); err != nil {
		t.Fatal(err)
	}
	id := must[subscription.Subscriber](t)(w.Find(ctx, s.Email)).ID
	it, err := w.People.Get(ctx, table.Key{PK: fmt.Sprintf("SEG#%02d", subscription.Segment(id)), SK: "SUB#" + id})
	if err != nil {
		t.Fatal(err)
	}
	if it.Index1, it.Index2 = (table.Key{}), (table.Key{}); len(it.Body) > 500 {
		t.Errorf("a large subscriber has %d bytes", len(it.Body))
	}
}

func TestListing(t *testing.T) {
	w := newWorld(t)
	var rows []subscription.Row
	for n, name := range []string{"Élan Vital", "Elan Sud", "Red de Empresas", "Союз потребителей", "#1 = weird", "E"} {
		rows = append(rows, subscription.Row{Email: people.EmailAddress(fmt.Sprintf("a%d@forum.example", n)), Kind: subscription.Ordinary, Details: subscription.Details{Organisation: name, Language: "fr"}, Given: w.World.Now(), Text: "t"})
	}
	must[[]subscription.Fate](t)(w.Import(ctx, "x", rows, true))
	for prefix, want := range map[string]int{"élan": 2, "ELAN s": 1, "союз": 1, "e": 0, "zz": 0, "#1 =": 1, "#": 0, "": 0} {
		got, _, err := w.ByOrganisation(ctx, prefix, "", 10)
		if err != nil || len(got) != want {
			t.Errorf("%q finds %d, want %d (%v)", prefix, len(got), want, err)
		}
	}
	seen := 0
	for cursor, pages := "", 0; ; pages++ {
		page, next, err := w.Page(ctx, subscription.Filter{Language: "fr", State: subscription.Active}, cursor, 2)
		if err != nil || pages > 10 {
			t.Fatal(pages, err)
		}
		seen += len(page)
		if cursor = next; next == "" {
			break
		}
	}
	if seen != len(rows) {
		t.Errorf("paging shows %d of %d", seen, len(rows))
	}
	for _, bad := range []string{"x", "16.a", "-1.a", "03.", "03.a b", "03." + strings.Repeat("a", 70)} {
		if _, _, err := w.Page(ctx, subscription.Filter{}, bad, 2); !errors.Is(err, subscription.ErrCursor) {
			t.Errorf("cursor %q: %v", bad, err)
		}
	}
}

func TestOldKeysStillRememberTheErased(t *testing.T) {
	w := newWorld(t)
	if err := w.Erase(ctx, w.join(forum)); err != nil {
		t.Fatal(err)
	}
	fresh := subscription.PepperFrom([32]byte{9})
	w.Peppers = append([]subscription.Pepper{fresh}, w.Peppers...)
	if un := must[map[people.EmailAddress]bool](t)(w.Unwelcome(ctx, forum)); !un[forum] {
		t.Error("a new key made the list forget")
	}
	w.join(forum)
	if un := must[map[people.EmailAddress]bool](t)(w.Unwelcome(ctx, forum)); un[forum] {
		t.Error("confirming does not make her welcome under the old key")
	}
}

// Who comes and who goes is counted once, however often the button is pressed.
func TestComingAndGoingIsCounted(t *testing.T) {
	w := newWorld(t)
	heard := metric.Counts{}
	w.List.Meter = func(_ context.Context, c metric.Counts) {
		for n, by := range c {
			heard[n] += by
		}
	}
	id := w.join(forum)
	must[subscription.Landing](t)(w.Confirm(ctx, w.claim(forum), subscription.Shown{}))
	for range 2 {
		must[subscription.Subscriber](t)(w.Leave(ctx, id, subscription.ByOneClick, ""))
	}
	if len(heard) != 2 || heard[metric.Confirmations] != 1 || heard[metric.Unsubscribes] != 1 {
		t.Errorf("heard %v", heard)
	}
}
