package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/metric"
	"liaison/internal/table"
)

func TestPostSendsAtOnceAndOnce(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.post("hello é#1")
	}
	w.run(3 * time.Hour)
	w.want("hello é#1", "sent", 1)
	if tags := w.sent[0].Tags; len(tags) != 1 || tags[0].Name != outbox.Tag || tags[0].Value != "hello____1" {
		t.Errorf("tags %v", tags)
	}
	if greeting.Tags != nil {
		t.Error("the caller's message was changed")
	}
}

func TestPostNeedsNoClock(t *testing.T) {
	w := newWorld(t)
	w.post("a")
	w.want("a", "sent", 1)
}

// What is on the queue names the mail, and holds nothing of it.
func TestANudgeHoldsNoAddress(t *testing.T) {
	w := newWorld(t)
	if err := w.Post(ctx, "a", greeting); err != nil {
		t.Fatal(err)
	}
	if len(w.queue) != 1 || string(w.queue[0]) != `{"v":1,"kind":"mail","id":"a"}` {
		t.Errorf("%s", w.queue)
	}
}

// The process died between writing and waking, or the queue did not take the message: the clock wakes the sender, after a minute and not before.
func TestNobodyWasWoken(t *testing.T) {
	w := newWorld(t)
	w.deaf = errors.New("no queue")
	w.post("a")
	w.deaf = nil
	w.tick()
	w.want("a", "waiting", 0)
	w.run(time.Minute)
	w.want("a", "sent", 1)
}

func TestAQueueThatHangsDoesNotHoldThePage(t *testing.T) {
	w := newWorld(t)
	w.Outbox.Wake = func(ctx context.Context, _ ...string) error {
		if end, ok := ctx.Deadline(); !ok || time.Until(end) > 5*time.Second {
			t.Error("the queue has all the time there is")
		}
		return context.DeadlineExceeded
	}
	w.post("a")
	w.want("a", "waiting", 0)
}

func TestTheClockTellsThatItCannotWake(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	w.deaf = errors.New("no queue")
	if n, err := w.WakeDue(ctx, 10); n != 0 || !errors.Is(err, w.deaf) {
		t.Errorf("%d woken, %v", n, err)
	}
}

func TestLaterLeavesItToTheClock(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	w.later("a")
	if len(w.queue) != 0 {
		t.Error("somebody was woken")
	}
	w.want("a", "waiting", 0)
	w.tick()
	w.want("a", "sent", 1)
	w.post("a")
	w.want("a", "sent", 1)
}

// The clock wakes nobody for what waits for its time, and does not wake for ever what is settled.
func TestTheClockWakesWhatIsDue(t *testing.T) {
	w := newWorld(t)
	w.fail = func(int) error { return mail.ErrStopped }
	w.post("a")
	w.advance(time.Minute)
	if n, err := w.WakeDue(ctx, 10); n != 0 || err != nil {
		t.Errorf("%d woken before it is due, %v", n, err)
	}
	w.fail = nil
	w.run(2 * time.Minute)
	w.want("a", "sent", 1)
	w.advance(24 * time.Hour)
	if n, err := w.WakeDue(ctx, 10); n != 0 || err != nil {
		t.Errorf("%d woken afterwards, %v", n, err)
	}
}

// TestDeathAtEveryWrite kills the process at each write, before and after it. The mail goes out all the same, once where the call was not
// begun, and at most once more where the process died inside it.
func TestDeathAtEveryWrite(t *testing.T) {
	for n := range 4 {
		for _, after := range []bool{false, true} {
			for _, later := range []bool{false, true} {
				t.Run(fmt.Sprintf("write %d, after %v, later %v", n, after, later), func(t *testing.T) {
					w := newWorld(t)
					dead := false
					w.die = func(k int) (bool, bool) {
						if k == n && !dead {
							dead = true
							return !after, after
						}
						return false, false
					}
					write := w.Post
					if later {
						write = w.Later
					}
					if err := write(ctx, "a", greeting); err != nil { // the caller's caller comes again
						if !errors.Is(err, errDied) {
							t.Fatal(err)
						}
						if err := write(ctx, "a", greeting); err != nil {
							t.Fatal(err)
						}
					}
					for range 60 {
						if err := w.work(); err != nil && !errors.Is(err, errDied) { // messages of the dead come again
							t.Fatal(err)
						}
						w.advance(time.Minute)
						if _, err := w.WakeDue(ctx, 10); err != nil {
							t.Fatal(err)
						}
					}
					state, _ := w.state("a")
					most := 1
					if n == 2 && !after { // it died with the service's answer
						most = 2
					}
					if state != "sent" || len(w.sent) < 1 || len(w.sent) > most {
						t.Errorf("%s, %d copies, want at most %d", state, len(w.sent), most)
					}
				})
			}
		}
	}
}

func TestMessagesOfOtherReleases(t *testing.T) {
	w := newWorld(t)
	w.later("a")
	for _, body := range []string{`{"v":2,"kind":"mail","id":"a"}`, `{"kind":"mail","id":"a"}`, `{"v":1,"kind":"letter","id":"a"}`, `{"v":1,"kind":"mail"}`, `{"v":1,"kind":"mail","id":7}`,
		`{"v":1,"kind":"mail","id":"` + strings.Repeat("a", 1025) + `"}`, `poison`, ``} {
		if err := w.courier.Handle(ctx, []byte(body)); !errors.Is(err, outbox.ErrNudge) {
			t.Errorf("%.50s: %v", body, err)
		}
	}
	w.want("a", "waiting", 0)
	if err := w.courier.Handle(ctx, []byte(`{"v":1,"kind":"mail","id":"a","fromTheNextRelease":{}}`)); err != nil {
		t.Fatal(err)
	}
	w.want("a", "sent", 1)
}

func TestNudgesAreToldFromOtherMessages(t *testing.T) {
	for body, want := range map[string]bool{`{"v":1,"kind":"mail","id":"a"}`: true, `{"v":9,"kind":"mail"}`: true, `{"v":1,"kind":"deliver","distribution":"d"}`: false, `{"kind":["mail"]}`: false, `x`: false} {
		if outbox.IsNudge([]byte(body)) != want {
			t.Errorf("%s: %v", body, !want)
		}
	}
}

func FuzzNudge(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"mail","id":"a"}`))
	f.Add([]byte(`{"v":1,"kind":"mail","id":"\u0000é"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		n, err := outbox.ParseNudge(body)
		if err != nil {
			if !errors.Is(err, outbox.ErrNudge) {
				t.Fatal(err)
			}
			return
		}
		again, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := outbox.ParseNudge(again); err != nil || back != n || !outbox.IsNudge(again) {
			t.Fatalf("%q became %q, %v", n, back, err)
		}
	})
}

func TestIndexThatLags(t *testing.T) {
	w := newWorld(t)
	w.lag = 5 * time.Minute
	w.fail = func(n int) error {
		if n == 1 {
			return mail.ErrThrottled
		}
		return nil
	}
	w.post("a")
	w.run(30 * time.Minute)
	w.want("a", "sent", 1)
}

func TestABrokenRecordDoesNotBlockTheOthers(t *testing.T) {
	w := newWorld(t)
	broken := table.Item{Key: table.Key{PK: "OUTBOX#0", SK: "MAIL"}, Index1: table.Key{PK: "OUTBOX", SK: "2000-01-01T00:00:00Z#0"}, Body: json.RawMessage(`{"state":7}`)}
	if _, err := w.Table.Put(ctx, broken, table.Any); err != nil {
		t.Fatal(err)
	}
	w.later("a")
	if n, err := w.WakeDue(ctx, 10); n != 1 || err == nil {
		t.Errorf("%d woken, error %v: want the sender of the other woken, and the broken one told", n, err)
	}
	if err := w.work(); err != nil {
		t.Fatal(err)
	}
	w.want("a", "sent", 1)
	if err := w.courier.Handle(ctx, []byte(`{"v":1,"kind":"mail","id":"0"}`)); err == nil {
		t.Error("the message of a broken record is let go of")
	}
}

// Each mail is counted when what became of it is known, once.
func TestMailsAreCounted(t *testing.T) {
	w := newWorld(t)
	heard := metric.Counts{}
	w.courier.Meter = func(_ context.Context, c metric.Counts) {
		for n, by := range c {
			heard[n] += by
		}
	}
	w.post("taken")
	w.post("taken")
	w.fail = func(int) error { return mail.ErrRefused }
	w.post("refused")
	w.fail = func(int) error { return mail.ErrThrottled }
	w.post("late")
	w.run(10 * time.Minute)
	if heard[metric.Mails] != 1 || heard[metric.MailsLost] != 1 {
		t.Errorf("heard %v", heard)
	}
	w.run(80 * time.Hour) // nobody waits for it any more
	if heard[metric.Mails] != 1 || heard[metric.MailsLost] != 2 {
		t.Errorf("heard %v", heard)
	}
}
