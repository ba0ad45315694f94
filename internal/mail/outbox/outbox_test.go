package outbox_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/metric"
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

var (
	ctx      = context.Background()
	errDied  = errors.New("the process died")
	greeting = mail.Message{To: mail.Address{Mail: "a@forum.example"}, Content: mail.Content{Subject: "S", Text: "a secret text"}}
)

type world struct {
	*outbox.Outbox
	t     *testing.T
	mu    sync.Mutex
	now   time.Time
	lag   time.Duration
	sent  []mail.Message
	fail  func(n int) error // answers of the service, by the number of the call
	calls int
	// die, when set, decides which write dies, by its number from 0, before or after it is stored.
	die    func(n int) (before, after bool)
	writes int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)}
	db, err := sqlite.Options{Now: w.clock, Lag: func() time.Duration { return w.lag }}.Open(":memory:", "records")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.Outbox = &outbox.Outbox{Table: mortal{db.Table("records"), w}, Sender: w, Now: w.clock, Log: slog.New(slog.DiscardHandler)}
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Send is the mail service: what it answers with mail.ErrDoubt it has sent all the same.
func (w *world) Send(_ context.Context, m mail.Message) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls++
	var err error
	if w.fail != nil {
		err = w.fail(w.calls)
	}
	if err == nil || errors.Is(err, mail.ErrDoubt) {
		w.sent = append(w.sent, m)
	}
	return fmt.Sprint("m", w.calls), err
}

func (w *world) SendBatch(context.Context, mail.Batch) ([]mail.Result, error) { return nil, nil }
func (w *world) Account(context.Context) (mail.Account, error)                { return mail.Account{}, nil }

type mortal struct {
	table.Table
	w *world
}

func (m mortal) Put(ctx context.Context, i table.Item, c table.Condition) (table.Item, error) {
	m.w.mu.Lock()
	n, die := m.w.writes, m.w.die
	m.w.writes++
	m.w.mu.Unlock()
	before, after := false, false
	if die != nil {
		before, after = die(n)
	}
	if before {
		return table.Item{}, errDied
	}
	it, err := m.Table.Put(ctx, i, c)
	if after && err == nil {
		return table.Item{}, errDied
	}
	return it, err
}

// drain is one tick of the clock.
func (w *world) drain() int {
	w.t.Helper()
	n, err := w.Drain(ctx, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	return n
}

// run lets the clock tick every minute for so long.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	for range int(d / time.Minute) {
		w.advance(time.Minute)
		w.drain()
	}
}

func (w *world) post(id string) {
	w.t.Helper()
	if err := w.Post(ctx, id, greeting); err != nil {
		w.t.Fatal(err)
	}
}

// state is what is on record, and whether the text is still there.
func (w *world) state(id string) (state string, text bool) {
	w.t.Helper()
	it, err := w.Table.Get(ctx, table.Key{PK: "OUTBOX#" + id, SK: "MAIL"})
	if err != nil {
		w.t.Fatal(err)
	}
	var r struct{ State string }
	if err := it.Decode(&r); err != nil {
		w.t.Fatal(err)
	}
	return r.State, strings.Contains(string(it.Body), "secret")
}

func (w *world) want(id, state string, copies int) {
	w.t.Helper()
	got, text := w.state(id)
	if got != state || len(w.sent) != copies || text != (state == "waiting") {
		w.t.Errorf("%s is %s, text kept: %v, %d copies; want %s and %d", id, got, text, len(w.sent), state, copies)
	}
}

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

func TestLaterLeavesItToTheClock(t *testing.T) {
	w := newWorld(t)
	for range 2 {
		if err := w.Later(ctx, "a", greeting); err != nil {
			t.Fatal(err)
		}
	}
	w.want("a", "waiting", 0)
	if n := w.drain(); n != 1 {
		t.Errorf("%d sent", n)
	}
	w.want("a", "sent", 1)
	w.post("a")
	w.want("a", "sent", 1)
}

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
			if w.calls > 5*60 {
				t.Errorf("%d calls of a service that does not take mails", w.calls)
			}
		})
	}
}

func TestOneThrottledAnswerEndsATick(t *testing.T) {
	w := newWorld(t)
	for n := range 4 {
		if err := w.Later(ctx, fmt.Sprint("m", n), greeting); err != nil {
			t.Fatal(err)
		}
	}
	w.fail = func(int) error { return mail.ErrThrottled }
	if n := w.drain(); n != 0 || w.calls != 1 {
		t.Errorf("%d sent in %d calls", n, w.calls)
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
	if w.drain(); len(w.sent) != 1 {
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
						w.advance(time.Minute)
						_, err := w.Drain(ctx, 10)
						if err != nil && !errors.Is(err, errDied) {
							t.Fatal(err)
						}
					}
					state, _ := w.state("a")
					if state != "sent" || len(w.sent) < 1 || len(w.sent) > 2 {
						t.Errorf("%s, %d copies", state, len(w.sent))
					}
				})
			}
		}
	}
}

func TestTwoClocks(t *testing.T) {
	w := newWorld(t)
	for n := range 20 {
		if err := w.Later(ctx, fmt.Sprint("m", n), greeting); err != nil {
			t.Fatal(err)
		}
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if _, err := w.Drain(ctx, 100); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(w.sent) != 20 {
		t.Errorf("%d mails, want 20", len(w.sent))
	}
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

func TestASlowServiceDoesNotOutliveItsLease(t *testing.T) {
	w := newWorld(t)
	for n := range 5 {
		if err := w.Later(ctx, fmt.Sprint("m", n), greeting); err != nil {
			t.Fatal(err)
		}
	}
	w.advance(10 * time.Minute)
	w.lag = 5 * time.Minute // the index still shows the others as due
	w.fail = func(n int) error {
		w.now = w.now.Add(90 * time.Second) // a call that takes so long; five together take longer than a lease
		if n == 5 {
			w.mu.Unlock()
			defer w.mu.Lock()
			if _, err := w.Drain(ctx, 10); err != nil { // another clock, meanwhile
				t.Error(err)
			}
		}
		return nil
	}
	w.drain()
	if len(w.sent) != 5 {
		t.Errorf("%d mails, want 5", len(w.sent))
	}
}

func TestABrokenRecordDoesNotBlockTheOthers(t *testing.T) {
	w := newWorld(t)
	broken := table.Item{Key: table.Key{PK: "OUTBOX#0", SK: "MAIL"}, Index1: table.Key{PK: "OUTBOX", SK: "2000-01-01T00:00:00Z#0"}, Body: json.RawMessage(`{"state":7}`)}
	if _, err := w.Table.Put(ctx, broken, table.Any); err != nil {
		t.Fatal(err)
	}
	if err := w.Later(ctx, "a", greeting); err != nil {
		t.Fatal(err)
	}
	if n, err := w.Drain(ctx, 10); n != 1 || err == nil {
		t.Errorf("%d sent, error %v: want the other mail sent, and the broken one told", n, err)
	}
	w.want("a", "sent", 1)
}

func TestATimeoutOfTheCallerDoesNotLoseTheAnswer(t *testing.T) {
	w := newWorld(t)
	c, cancel := context.WithCancel(ctx)
	w.fail = func(int) error { cancel(); return nil }
	if err := w.Post(c, "a", greeting); err != nil {
		t.Fatal(err)
	}
	w.run(time.Hour)
	w.want("a", "sent", 1)
}

func TestNoCallIsBegunWhenTheTimeIsNearlyUp(t *testing.T) {
	w := newWorld(t)
	if err := w.Later(ctx, "a", greeting); err != nil {
		t.Fatal(err)
	}
	c, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	if n, err := w.Drain(c, 10); n != 0 || err != nil || w.calls != 0 {
		t.Errorf("%d sent, %v, %d calls", n, err, w.calls)
	}
	w.run(time.Minute)
	w.want("a", "sent", 1)
}

// Each mail is counted when what became of it is known, once.
func TestMailsAreCounted(t *testing.T) {
	w := newWorld(t)
	heard := metric.Counts{}
	w.Meter = func(_ context.Context, c metric.Counts) {
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
