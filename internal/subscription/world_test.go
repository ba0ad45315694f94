package subscription_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/app/apptest"
	"liaison/internal/letter"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/table"
)

var ctx = context.Background()

const forum people.EmailAddress = "info@forum.example"

// errDied is what a write returns in which the process dies.
var errDied = errors.New("the process died")

// fuse lets so many writes through and then dies: before the write, or after it, when the answer never comes.
type fuse struct {
	mu    sync.Mutex
	armed bool
	left  int
	after bool
	calls int
}

// write runs do, or dies; a dead process stays dead until it is disarmed.
func (f *fuse) write(do func() error) error {
	f.mu.Lock()
	f.calls++
	die, dead := f.armed && f.left == 0, f.armed && f.left < 0
	f.left--
	f.mu.Unlock()
	if dead || die && !f.after {
		return errDied
	}
	if err := do(); err != nil {
		return err
	}
	if die {
		return errDied
	}
	return nil
}

type fusedTable struct {
	table.Table
	*fuse
}

func (t fusedTable) Put(ctx context.Context, i table.Item, c table.Condition) (out table.Item, err error) {
	err = t.write(func() (err error) { out, err = t.Table.Put(ctx, i, c); return err })
	return out, err
}
func (t fusedTable) Delete(ctx context.Context, k table.Key, c table.Condition) error {
	return t.write(func() error { return t.Table.Delete(ctx, k, c) })
}
func (t fusedTable) Transact(ctx context.Context, w ...table.Write) error {
	return t.write(func() error { return t.Table.Transact(ctx, w...) })
}
func (t fusedTable) BatchPut(ctx context.Context, items []table.Item) error {
	return t.write(func() error { return t.Table.BatchPut(ctx, items) })
}

// post keeps mails under their ids, as the outbox does.
type post struct {
	*fuse
	mu    sync.Mutex
	mails map[string]mail.Message
	order []string
}

func (p *post) Post(_ context.Context, id string, m mail.Message) error {
	return p.write(func() error {
		p.mu.Lock()
		defer p.mu.Unlock()
		if _, there := p.mails[id]; !there {
			p.mails[id] = m
			p.order = append(p.order, id)
		}
		return nil
	})
}
func (p *post) Later(ctx context.Context, id string, m mail.Message) error { return p.Post(ctx, id, m) }

// to counts the mails to an address.
func (p *post) to(a people.EmailAddress) (n int) {
	for _, m := range p.mails {
		if m.To.Mail == a {
			n++
		}
	}
	return n
}

type world struct {
	*apptest.World
	*subscription.List
	*fuse
	post *post
	t    *testing.T
	last string // id of who was erased
}

// join takes an address onto the list by its own consent and returns the subscriber's id.
func (w *world) join(a people.EmailAddress) string {
	w.t.Helper()
	if err := w.SignUp(ctx, signUp(a, "join "+string(a)+w.World.Now().String())); err != nil {
		w.t.Fatal(err)
	}
	seen, err := w.Confirm(ctx, w.claim(a), subscription.Shown{Text: "c", Language: "en"})
	if err != nil {
		w.t.Fatal(err)
	}
	return seen.Subscriber.ID
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := apptest.New(t)
	links, err := link.New(w.Programme.BaseURL, w.Now, w.Keys...)
	if err != nil {
		t.Fatal(err)
	}
	f := &fuse{}
	p := &post{fuse: f, mails: map[string]mail.Message{}}
	l := &subscription.List{Table: fusedTable{w.People, f}, Post: p, Letters: &letter.Letters{Programme: w.Programme}, Links: links, Programme: w.Programme,
		Peppers: []subscription.Pepper{subscription.PepperFrom(w.Keys[0])}, Allow: func(context.Context, string, int64, time.Duration) (bool, error) { return true, nil },
		Now: w.Now, NewID: w.NewID}
	return &world{World: w, List: l, fuse: f, post: p, t: t}
}

func (w *world) state(a people.EmailAddress) subscription.State {
	w.t.Helper()
	s, err := w.Find(ctx, a)
	if errors.Is(err, subscription.ErrNotFound) {
		return ""
	}
	if err != nil {
		w.t.Fatal(err)
	}
	return s.State
}

// claim opens the link in the latest mail to an address.
func (w *world) claim(a people.EmailAddress) link.Claim {
	w.t.Helper()
	for n := len(w.post.order) - 1; n >= 0; n-- {
		m := w.post.mails[w.post.order[n]]
		if m.To.Mail != a {
			continue
		}
		_, token, _ := strings.Cut(apptest.Link(m), "?link=")
		c, err := w.Links.Open(link.Confirm, token)
		if err != nil {
			w.t.Fatal(err)
		}
		return c
	}
	w.t.Fatalf("no mail to %s", a)
	return link.Claim{}
}

// check holds the tallies against the list.
func (w *world) check() {
	w.t.Helper()
	want := map[string]int{}
	cursor := ""
	for {
		page, next, err := w.Page(ctx, subscription.Filter{}, cursor, 50)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, s := range page {
			want[fmt.Sprint(s.Kind, s.State)]++
		}
		if cursor = next; next == "" {
			break
		}
	}
	got, err := w.Counts(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, k := range subscription.Kinds {
		for _, s := range subscription.States {
			if s != subscription.Erased && got[k][s] != want[fmt.Sprint(k, s)] {
				w.t.Errorf("tally of %s %s is %d, there are %d", k, s, got[k][s], want[fmt.Sprint(k, s)])
			}
		}
	}
}

func signUp(a people.EmailAddress, key string) subscription.SignUp {
	return subscription.SignUp{Email: a, Details: subscription.Details{Organisation: "Consumers Forum", Language: "en"}, FormKey: key,
		Shown: subscription.Shown{Text: "t", Language: "en"}}
}

func must[T any](t *testing.T) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
