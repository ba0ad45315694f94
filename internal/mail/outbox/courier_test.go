package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"liaison/internal/mail"
	"liaison/internal/table"
)

func TestRefusedIsNotTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.fail = func(int) error { return fmt.Errorf("%w: bad address", mail.ErrRefused) }
	w.post("a")
	w.run(5 * time.Hour)
	w.want("a", "refused", 0)
	if w.calls != 1 {
		t.Errorf("%d calls", w.calls)
	}
}

func TestThrottledIsSentWhenTheServiceOpens(t *testing.T) {
	for name, err := range map[string]error{"throttled": mail.ErrThrottled, "stopped": mail.ErrStopped, "quota": mail.ErrExhausted} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			opens := w.now.Add(30 * time.Hour) // longer than a daily quota lasts
			w.fail = func(int) error {
				if w.now.Before(opens) {
					return err
				}
				return nil
			}
			for n := range 5 {
				w.post(fmt.Sprint("m", n))
			}
			w.run(32 * time.Hour)
			for n := range 5 {
				w.want(fmt.Sprint("m", n), "sent", 5)
			}
			most := 5 * 60
			if name == "throttled" {
				most *= 4 // each time it is tried for some seconds
			}
			if w.calls > most {
				t.Errorf("%d calls of a service that does not take mails", w.calls)
			}
		})
	}
}

// The rate of a service is counted by the second, and somebody waits for the mail.
func TestThrottledForAMoment(t *testing.T) {
	w := newWorld(t)
	w.fail = func(n int) error {
		if n <= 3 {
			return mail.ErrThrottled
		}
		return nil
	}
	w.post("a")
	w.want("a", "sent", 1)
	if w.paused < 3*time.Second || w.paused > 15*time.Second {
		t.Errorf("paused %v", w.paused)
	}
}

func TestOnlyThrottlingIsTriedAgainAtOnce(t *testing.T) {
	for _, err := range []error{mail.ErrStopped, mail.ErrExhausted, mail.ErrDoubt, mail.ErrRefused} {
		w := newWorld(t)
		w.fail = func(int) error { return err }
		w.post("a")
		if w.calls != 1 || w.paused != 0 {
			t.Errorf("%v: %d calls", err, w.calls)
		}
	}
}

func TestGivenUp(t *testing.T) {
	w := newWorld(t)
	w.fail = func(int) error { return mail.ErrStopped }
	w.post("a")
	w.run(71 * time.Hour)
	w.want("a", "waiting", 0)
	w.run(3 * time.Hour)
	w.want("a", "given-up", 0)
}

func TestLostAnswersAreTriedAgainWithinBounds(t *testing.T) {
	w := newWorld(t)
	w.fail = func(n int) error {
		if n <= 2 {
			return mail.ErrDoubt
		}
		return nil
	}
	w.post("a")
	w.advance(time.Minute)
	if w.tick(); len(w.sent) != 1 {
		t.Errorf("sent again while the first call may still be under way")
	}
	w.run(time.Hour)
	w.want("a", "sent", 3)

	w = newWorld(t)
	w.fail = func(int) error { return mail.ErrDoubt }
	w.post("a")
	w.run(80 * time.Hour)
	w.want("a", "given-up", 8)
}

// Each message comes three times, to four couriers at once.
func TestManyCouriersAndMessagesTwice(t *testing.T) {
	w := newWorld(t)
	for n := range 20 {
		if err := w.Post(ctx, fmt.Sprint("m", n), greeting); err != nil {
			t.Fatal(err)
		}
	}
	messages := w.queue
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				for _, body := range messages {
					if err := w.courier.Handle(ctx, body); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wg.Wait()
	if len(w.sent) != 20 || w.calls != 20 {
		t.Errorf("%d mails in %d calls, want 20", len(w.sent), w.calls)
	}
}

// A message that comes again while the first is in the call, and after it.
func TestTheSameMessageMeanwhile(t *testing.T) {
	w := newWorld(t)
	if err := w.Post(ctx, "a", greeting); err != nil {
		t.Fatal(err)
	}
	message := w.queue[0]
	w.fail = func(n int) error {
		if n == 1 {
			w.mu.Unlock()
			defer w.mu.Lock()
			if err := w.courier.Handle(ctx, message); err != nil {
				t.Error(err)
			}
		}
		return nil
	}
	if err := w.work(); err != nil {
		t.Fatal(err)
	}
	w.advance(24 * time.Hour)
	if err := w.courier.Handle(ctx, message); err != nil {
		t.Fatal(err)
	}
	w.want("a", "sent", 1)
}

// Two couriers have read the record, and each thinks that the mail is his.
func TestTwoReadBeforeOneClaims(t *testing.T) {
	w := newWorld(t)
	if err := w.Post(ctx, "a", greeting); err != nil {
		t.Fatal(err)
	}
	w.meanwhile = func() {
		if err := w.courier.Handle(ctx, w.queue[0]); err != nil {
			t.Error(err)
		}
	}
	if err := w.courier.Handle(ctx, w.queue[0]); err != nil {
		t.Fatal(err)
	}
	w.want("a", "sent", 1)
	if w.calls != 1 {
		t.Errorf("%d calls", w.calls)
	}
}

func TestAMailThatIsGone(t *testing.T) {
	w := newWorld(t)
	if err := w.wake(ctx, "nobody's"); err != nil {
		t.Fatal(err)
	}
	if err := w.work(); err != nil || w.calls != 0 {
		t.Errorf("%v, %d calls", err, w.calls)
	}
}

// An older release wrote the mail down, began the call in its own process and died there.
func TestAnOlderReleaseDiedInTheCall(t *testing.T) {
	w := newWorld(t)
	body := fmt.Sprintf(`{"state":"waiting","posted":%[1]q,"due":"2027-03-01T09:02:00Z","tries":1,"calling":true,"message":{"to":{"mail":"a@forum.example"},"content":{"subject":"S","text":"a secret text"}}}`,
		w.now.Format(time.RFC3339))
	it := table.Item{Key: table.Key{PK: "OUTBOX#a", SK: "MAIL"}, Index1: table.Key{PK: "OUTBOX", SK: "2027-03-01T09:02:00Z#a"}, Body: json.RawMessage(body)}
	if _, err := w.Table.Put(ctx, it, table.Any); err != nil {
		t.Fatal(err)
	}
	if err := w.wake(ctx, "a"); err != nil {
		t.Fatal(err)
	}
	w.run(time.Minute)
	w.want("a", "waiting", 0)
	w.run(2 * time.Minute)
	w.want("a", "sent", 1)
}

func TestATimeoutOfTheCallerDoesNotLoseTheAnswer(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	c, cancel := context.WithCancel(ctx)
	w.fail = func(int) error { cancel(); return nil }
	if err := w.courier.Handle(c, []byte(`{"v":1,"kind":"mail","id":"a"}`)); err != nil {
		t.Fatal(err)
	}
	w.run(time.Hour)
	w.want("a", "sent", 1)
}

func TestNoCallIsBegunWhenTheTimeIsNearlyUp(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	c, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	if err := w.courier.Handle(c, []byte(`{"v":1,"kind":"mail","id":"a"}`)); err != nil || w.calls != 0 {
		t.Errorf("%v, %d calls", err, w.calls)
	}
	w.run(time.Minute)
	w.want("a", "sent", 1)
}

// A courier that is throttled does not wait beyond its time.
func TestNoPauseBeyondTheTime(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	c, cancel := context.WithTimeout(ctx, 6500*time.Millisecond) // one more call may be begun after a second, and none after three
	defer cancel()
	w.fail = func(int) error { return mail.ErrThrottled }
	if err := w.courier.Handle(c, []byte(`{"v":1,"kind":"mail","id":"a"}`)); err != nil || w.calls != 2 {
		t.Errorf("%v, %d calls", err, w.calls)
	}
}

// A table that does not answer brings the message again.
func TestATableThatFails(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	w.die = func(int) (bool, bool) { return true, false }
	if err := w.courier.Handle(ctx, []byte(`{"v":1,"kind":"mail","id":"a"}`)); !errors.Is(err, errDied) || w.calls != 0 {
		t.Errorf("%v, %d calls", err, w.calls)
	}
}
