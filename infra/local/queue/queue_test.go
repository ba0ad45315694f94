package queue

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func (c *clock) Now() time.Time { c.mu.Lock(); defer c.mu.Unlock(); return c.t }
func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

var settings = Settings{Visibility: 30 * time.Second, Timeout: 5 * time.Second, Receives: 3, Batch: 10, Workers: 2}

func open(t *testing.T, path string, c *clock) *Broker {
	t.Helper()
	b, err := Open(path, c.Now, slog.New(slog.DiscardHandler), map[string]Settings{"work": settings, "other": settings})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func newClock() *clock { return &clock{t: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)} }

// once handles what is visible on a queue with h and returns the bodies it saw.
func once(t *testing.T, b *Broker, name string, h func(Message) *Verdict) []string {
	t.Helper()
	var seen []string
	for b.turn(b.queue(name), func(_ context.Context, batch []Message) (out []Verdict) {
		for _, m := range batch {
			seen = append(seen, string(m.Body))
			if v := h(m); v != nil {
				v.ID = m.ID
				out = append(out, *v)
			}
		}
		return out
	}) {
	}
	return seen
}

func done(Message) *Verdict { return nil }
func fail(Message) *Verdict { return &Verdict{Cause: errors.New("no")} }

func send(t *testing.T, b *Broker, delay time.Duration, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := b.Send(t.Context(), "work", Outgoing{Body: []byte(body), Delay: delay}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestPartialBatchFailureComesBackAfterVisibility(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	send(t, b, 0, "good", "bad", "fine")
	saw := once(t, b, "work", func(m Message) *Verdict {
		if string(m.Body) == "bad" {
			return fail(m)
		}
		return nil
	})
	if len(saw) != 3 {
		t.Fatalf("first receive saw %v", saw)
	}
	c.Advance(29 * time.Second)
	if saw := once(t, b, "work", done); len(saw) != 0 {
		t.Fatalf("visible before the timeout passed: %v", saw)
	}
	c.Advance(2 * time.Second)
	receives := 0
	if saw := once(t, b, "work", func(m Message) *Verdict { receives = m.Receives; return nil }); len(saw) != 1 || saw[0] != "bad" || receives != 2 {
		t.Fatalf("after the timeout saw %v, received %d times", saw, receives)
	}
	c.Advance(time.Hour)
	if saw := once(t, b, "work", done); len(saw) != 0 {
		t.Fatalf("deleted messages came back: %v", saw)
	}
}

func TestVerdictAfterShortensTheWait(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	send(t, b, 0, "later")
	once(t, b, "work", func(Message) *Verdict { return &Verdict{After: 3 * time.Second} })
	c.Advance(2 * time.Second)
	if saw := once(t, b, "work", done); len(saw) != 0 {
		t.Fatal("came back early")
	}
	c.Advance(2 * time.Second)
	if saw := once(t, b, "work", done); len(saw) != 1 {
		t.Fatal("did not come back when asked")
	}
}

func TestDelayFollowsTheProgramsClock(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	send(t, b, 10*time.Minute, "slow")
	if saw := once(t, b, "work", done); len(saw) != 0 {
		t.Fatal("a delayed message was visible at once")
	}
	at, ok, err := b.Next(t.Context())
	if err != nil || !ok || !at.Equal(c.Now().Add(10*time.Minute)) {
		t.Fatalf("next is %v %v %v", at, ok, err)
	}
	c.Advance(11 * time.Minute)
	if saw := once(t, b, "work", done); len(saw) != 1 {
		t.Fatal("the delay did not pass")
	}
	for _, m := range []Outgoing{{Body: []byte("x"), Delay: MaxDelay + 1}, {}, {Body: make([]byte, MaxBody+1)}} {
		if err := b.Send(t.Context(), "work", m); !errors.Is(err, ErrInvalid) {
			t.Errorf("SQS would not take %d bytes with delay %v, but: %v", len(m.Body), m.Delay, err)
		}
	}
}

func TestDeadLettersAndRedrive(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	send(t, b, 0, "poison")
	for n := range settings.Receives {
		if saw := once(t, b, "work", fail); len(saw) != 1 {
			t.Fatalf("receive %d saw %v", n+1, saw)
		}
		c.Advance(time.Minute)
	}
	if saw := once(t, b, "work", fail); len(saw) != 0 {
		t.Fatalf("received more than %d times", settings.Receives)
	}
	dead, err := b.Dead(t.Context(), "work", 10)
	if err != nil || len(dead) != 1 || string(dead[0].Body) != "poison" || dead[0].Fault != "no" || dead[0].Receives != settings.Receives {
		t.Fatalf("dead letters %+v %v", dead, err)
	}
	if n, err := b.Redrive(t.Context(), "work"); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	if saw := once(t, b, "work", done); len(saw) != 1 {
		t.Fatal("the redriven message did not come")
	}
}

func TestPanicFailsTheBatch(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	send(t, b, 0, "a")
	b.turn(b.queue("work"), func(context.Context, []Message) []Verdict { panic("oh") })
	c.Advance(time.Minute)
	if saw := once(t, b, "work", done); len(saw) != 1 {
		t.Fatal("a message was lost to a panic")
	}
}

// A message in hands that are too slow goes to somebody else, and the slow ones cannot delete it then.
func TestLateDeletionDoesNotTouchALaterReceipt(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	send(t, b, 0, "slow")
	var again []Message
	b.turn(b.queue("work"), func(context.Context, []Message) []Verdict {
		c.Advance(time.Minute)
		var err error
		if again, err = b.receive(t.Context(), b.queue("work")); err != nil || len(again) != 1 {
			t.Fatalf("second receipt: %v %v", again, err)
		}
		return nil
	})
	if err := b.settle(t.Context(), again, []Verdict{{ID: again[0].ID}}); err != nil {
		t.Fatal(err)
	}
	c.Advance(time.Minute)
	if saw := once(t, b, "work", done); len(saw) != 1 {
		t.Fatal("the first receipt deleted what the second had failed")
	}
}

func TestMessagesOutliveTheProcess(t *testing.T) {
	c, path := newClock(), filepath.Join(t.TempDir(), "queue.db")
	b := open(t, path, c)
	send(t, b, 0, "waiting", "in hand")
	// The process dies with both messages received and neither deleted.
	if batch, err := b.receive(t.Context(), b.queue("work")); err != nil || len(batch) != 2 {
		t.Fatal(batch, err)
	}
	b.Close()
	b = open(t, path, c)
	defer b.Close()
	if saw := once(t, b, "work", done); len(saw) != 0 {
		t.Fatalf("visibility was forgotten: %v", saw)
	}
	c.Advance(time.Minute)
	if saw := once(t, b, "work", done); len(saw) != 2 {
		t.Fatalf("after a restart saw %v", saw)
	}
}

func TestRunAndHold(t *testing.T) {
	c := newClock()
	b := open(t, ":memory:", c)
	defer b.Close()
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	handled, started, finish := 0, make(chan bool, 1), make(chan bool)
	ended := make(chan bool)
	go func() {
		b.Run(ctx, "work", func(_ context.Context, batch []Message) []Verdict {
			started <- true
			<-finish
			mu.Lock()
			defer mu.Unlock()
			handled += len(batch)
			return nil
		})
		close(ended)
	}()
	send(t, b, 0, "one")
	<-started
	if idle, _ := b.Idle(t.Context(), "work", "other"); idle {
		t.Fatal("idle while a worker is at work")
	}
	held := make(chan func())
	go func() { held <- b.Hold("work") }()
	select {
	case <-held:
		t.Fatal("held while a worker is at work")
	case <-time.After(20 * time.Millisecond):
	}
	finish <- true
	release := <-held
	send(t, b, 0, "two")
	select {
	case <-started:
		t.Fatal("work began on a held queue")
	case <-time.After(3 * poll):
	}
	release()
	<-started
	finish <- true
	stop()
	<-ended
	if handled != 2 {
		t.Fatalf("handled %d", handled)
	}
	if idle, err := b.Idle(t.Context(), "work", "other"); !idle || err != nil {
		t.Fatal("not idle at the end", err)
	}
}
