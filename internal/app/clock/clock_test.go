package clock_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"liaison/internal/app/apptest"
	"liaison/internal/app/clock"
	"liaison/internal/mail"
	"liaison/internal/subscription"
)

// TestAQueueThatHangsTakesOnlyItsOwnTime: the rest of the minute's work is done though waking the sender of one mail uses up all the time there is.
func TestAQueueThatHangsTakesOnlyItsOwnTime(t *testing.T) {
	w := apptest.New(t)
	ctx, timeIsUp := context.WithCancel(t.Context())
	hung, wake := false, w.Wake
	_, list := world(t, w)
	if err := list.SignUp(t.Context(), subscription.SignUp{Email: "old@example.org", FormKey: "a"}); err != nil {
		t.Fatal(err)
	}
	w.Advance(subscription.CandidateLife + time.Hour)
	w.Wake = func(context.Context, ...string) error { return errors.New("no queue") }
	_, list = world(t, w)
	if err := list.SignUp(t.Context(), subscription.SignUp{Email: "new@example.org", FormKey: "b"}); err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Hour)
	w.Wake = func(ctx context.Context, _ ...string) error {
		hung = true
		timeIsUp()
		return ctx.Err()
	}
	tick, _ := world(t, w)
	if err := tick(ctx); err == nil {
		t.Error("nobody is told that the sender was not woken")
	}
	if _, err := list.Find(t.Context(), "old@example.org"); !hung || !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("hung %v; the candidate who never answered is still there: %v", hung, err)
	}

	w.Wake = wake
	tick, _ = world(t, w)
	if err := tick(t.Context()); err != nil || len(w.Mails.To("new@example.org")) != 1 {
		t.Errorf("afterwards: %v, %d mails", err, len(w.Mails.To("new@example.org")))
	}
}

func world(t *testing.T, w *apptest.World) (tick func(context.Context) error, list *subscription.List) {
	t.Helper()
	made, err := clock.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	if list, err = w.Subscribers(); err != nil {
		t.Fatal(err)
	}
	return made, list
}

// TestTheClockSendsNothing: it wakes who does.
func TestTheClockSendsNothing(t *testing.T) {
	w := apptest.New(t)
	var woken []string
	w.Wake = func(_ context.Context, ids ...string) error {
		woken = append(woken, ids...)
		return nil
	}
	tick, _ := world(t, w)
	if err := w.Outbox().Later(t.Context(), "a", mail.Message{To: mail.Address{Mail: "a@example.org"}}); err != nil {
		t.Fatal(err)
	}
	if err := tick(t.Context()); err != nil || len(woken) != 1 || woken[0] != "a" || len(w.Mails.All()) != 0 {
		t.Errorf("%v; woken %v, %d mails", err, woken, len(w.Mails.All()))
	}
}
