package distribution_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table/sqlite"
)

// crowd is an audience of n, a queue that gives each task to two workers at once, and a mail service, for real goroutines.
type crowd struct {
	n     int
	tasks chan distribution.Task
	open  atomic.Int64
	mu    sync.Mutex
	got   map[people.EmailAddress]int
	again atomic.Int64
}

func (c *crowd) Page(_ context.Context, _ string, segment int, after string, limit int) (page []distribution.Member, next string, err error) {
	for i := segment; i < c.n; i += distribution.Segments {
		id := fmt.Sprintf("m%08d", i)
		if id <= after {
			continue
		}
		if len(page) == limit || len(page) > 0 && rand.IntN(30) == 0 {
			return page, page[len(page)-1].ID, nil
		}
		page = append(page, distribution.Member{ID: id, Language: []string{"en", "fr"}[i/16%2], Format: "html"})
	}
	return page, "", nil
}

func (c *crowd) Standing(_ context.Context, _ string, ids []string) ([]distribution.Recipient, error) {
	out := make([]distribution.Recipient, len(ids))
	for i, id := range ids {
		out[i] = distribution.Recipient{ID: id, Address: people.EmailAddress(id + "@example.org"), Name: id, Active: true}
	}
	return out, nil
}

func (c *crowd) Letter(context.Context, distribution.Which) (distribution.Letter, error) {
	return distribution.Letter{Content: mail.Content{Subject: "s", Text: "Dear {{name}}"}}, nil
}

func (c *crowd) Send(_ context.Context, tasks ...distribution.Task) error {
	for _, t := range tasks {
		c.open.Add(2)
		c.tasks <- t
		c.tasks <- t
	}
	return nil
}

func (c *crowd) SendBatch(_ context.Context, b mail.Batch) ([]mail.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	results := make([]mail.Result, len(b.Entries))
	for i, e := range b.Entries {
		if c.again.Add(1)%7 == 0 {
			results[i] = mail.Result{Outcome: mail.Retry}
			continue
		}
		c.got[e.To.Mail]++
	}
	return results, nil
}

func (c *crowd) Account(context.Context) (mail.Account, error) {
	return mail.Account{PerSecond: 1e6, PerDay: -1, Enabled: true}, nil
}

// TestWorkersAtOnce runs eight workers on a file, each task given to two of them.
func TestWorkersAtOnce(t *testing.T) {
	db, err := sqlite.Open(filepath.Join(t.TempDir(), "t.db"), "delivery")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	const n = 3000
	c := &crowd{n: n, tasks: make(chan distribution.Task, 100_000), got: map[people.EmailAddress]int{}}
	var serial, offset atomic.Int64
	o := distribution.Options{Table: db.Table("delivery"), Queue: c, NewID: func() string { return fmt.Sprint(serial.Add(1)) },
		Now: func() time.Time { return time.Now().Add(time.Duration(offset.Load())) }, Limits: distribution.Limits{Window: 100}}
	control := distribution.NewControl(o)
	spec := distribution.Spec{ID: "c", Kind: "newsletter", Issue: "1", Editions: []string{"en", "fr"}, Default: "en", Formats: []string{"html"}}
	if _, err := control.Start(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	done := make(chan struct{})
	for range 8 {
		planner := distribution.NewPlanner(o, c)
		deliverer := distribution.NewDeliverer(o, distribution.Post{Standing: c, Letters: c, Sender: &sender{c},
			Personal: func(_ string, r distribution.Recipient, _ string) (map[string]string, []mail.Header) {
				return map[string]string{"name": r.Name}, nil
			}})
		wg.Go(func() {
			for {
				select {
				case <-done:
					return
				case task := <-c.tasks:
					handler := planner.Handle
					if task.Kind == distribution.Deliver {
						handler = deliverer.Handle
					}
					var notYet *distribution.NotYet
					if err := handler(t.Context(), task); errors.As(err, &notYet) || errors.Is(err, context.Canceled) {
						c.open.Add(1)
						c.tasks <- task
					} else if err != nil {
						t.Error(err)
					}
					c.open.Add(-1)
				}
			}
		})
	}
	sweeper := distribution.NewSweeper(o, nil)
	deadline := time.Now().Add(time.Minute)
	for p := (distribution.Progress{}); p.State != distribution.Finished && time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		offset.Add(int64(time.Second)) // so that what waits for a while is soon due
		if err := sweeper.Sweep(t.Context()); err != nil {
			t.Error(err)
		}
		if p, err = control.Progress(t.Context(), "c"); err != nil {
			t.Error(err)
		}
	}
	close(done)
	wg.Wait()
	p, err := control.Progress(t.Context(), "c")
	if err != nil || p.State != distribution.Finished || p.Sent != n || p.Planned != n {
		t.Errorf("%+v, %v", p, err)
	}
	for i := range n {
		if got := c.got[people.EmailAddress(fmt.Sprintf("m%08d@example.org", i))]; got != 1 {
			t.Errorf("member %d: %d", i, got)
		}
	}
	u := db.Table("delivery").Units()
	t.Logf("%.3f write units and %.3f read units a recipient with every task twice and a seventh throttled", u.Write/n, u.Read/n)
}

// TestWorkerWithLittleTimeLeft puts its task back instead of making a claim that it could not settle.
func TestWorkerWithLittleTimeLeft(t *testing.T) {
	w := oneShard(t, 1)
	w.options.Limits.Lease = 12 * time.Minute
	w.restart()
	w.start()
	for w.ses.calls == 0 && len(w.queue) > 0 {
		m := w.queue[0]
		w.queue = w.queue[1:]
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if m.task.Kind != distribution.Deliver {
			if err := w.planner.Handle(ctx, *m.task); err != nil {
				t.Fatal(err)
			}
		} else if err := w.deliverer.Handle(ctx, *m.task); !errors.As(err, new(*distribution.NotYet)) {
			t.Errorf("%v", err)
		}
		cancel()
	}
	if w.ses.calls > 0 || w.progress().Planned != 40 {
		t.Errorf("%d calls, %+v", w.ses.calls, w.progress())
	}
	w.start()
	w.do(w.control.Resume, nil)
	w.once(w.run(w.over))
}

type sender struct{ *crowd }

func (s *sender) Send(context.Context, mail.Message) (string, error) { return "", mail.ErrRefused }

// TestCost holds the price of an undisturbed distribution: at most 0.35 write units a recipient.
func TestCost(t *testing.T) {
	w := newWorld(t, 1, 0)
	for i := range 4000 {
		id := fmt.Sprintf("0197%04x-5b2c-7d31-9f00-0123456789ab", i) // as long as a UUID
		w.members[id] = &member{distribution.Recipient{ID: id, Name: "N", Address: people.EmailAddress(fmt.Sprintf("m%d@example.org", i)), Language: "en", Format: "html", Active: true}}
		w.order[i*distribution.Segments/4000] = append(w.order[i*distribution.Segments/4000], id)
	}
	w.start()
	p := w.run(w.over)
	u := w.table.(*faultyTable).Table.(*sqlite.Table).Units()
	if perRecipient := u.Write / 4000; p.Sent != 4000 || perRecipient > 0.35 {
		t.Errorf("%.3f write units a recipient; %+v", perRecipient, p)
	} else {
		t.Logf("%.3f write units a recipient", perRecipient)
	}
}

// The sweeper looks once a minute; whoever watches the page should not wait for it. However planners and workers overtake each other, one of them
// sees that nothing is left.
func TestTheEndIsSeenWithoutTheSweeper(t *testing.T) {
	for seed := range uint64(60) {
		w := newWorld(t, seed, 20+int(seed)*10)
		w.unswept, w.faults.interleave = true, 2
		w.start()
		for w.next() {
			w.clock = w.clock.Add(time.Millisecond)
		}
		if p := w.progress(); p.State != distribution.Finished || len(w.queue) > 0 {
			t.Fatalf("seed %d: %s %+v with %d messages to come", seed, p.State, p.Counts, len(w.queue))
		}
	}
}
