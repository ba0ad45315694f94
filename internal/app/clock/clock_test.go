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

// TestAMailServiceThatHangsTakesOnlyItsOwnTime: the rest of the minute's work is done though one mail uses up all the time there is.
func TestAMailServiceThatHangsTakesOnlyItsOwnTime(t *testing.T) {
	w := apptest.New(t)
	tick, err := clock.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	list, err := w.Subscribers()
	if err != nil {
		t.Fatal(err)
	}
	if err := list.SignUp(t.Context(), subscription.SignUp{Email: "old@example.org", FormKey: "a"}); err != nil {
		t.Fatal(err)
	}
	w.Advance(subscription.CandidateLife + time.Hour)
	w.Mails.Fail = func(mail.Message) error { return mail.ErrThrottled }
	if err := list.SignUp(t.Context(), subscription.SignUp{Email: "new@example.org", FormKey: "b"}); err != nil {
		t.Fatal(err)
	}
	w.Advance(time.Hour)
	ctx, timeIsUp := context.WithCancel(t.Context())
	hung := false
	w.Mails.Fail = func(mail.Message) error {
		hung = true
		timeIsUp()
		return mail.ErrDoubt
	}
	_ = tick(ctx)
	if _, err := list.Find(t.Context(), "old@example.org"); !hung || !errors.Is(err, subscription.ErrNotFound) {
		t.Errorf("hung %v; the candidate who never answered is still there: %v", hung, err)
	}
}
