package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"sync/atomic"
	"time"

	"liaison/internal/app"
	"liaison/internal/app/clock"
	delivery "liaison/internal/app/deliver"
	"liaison/internal/app/fanout"
	"liaison/internal/distribution"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/mail/ses"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/table"
)

const workers = 2 // as many as deliver functions run in the cloud

// deliver plans and sends the issue that list started, and measures nothing else.
func deliver(ctx context.Context, folder string, n int, url, profile string) (f figures, err error) {
	w, err := open(folder)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, w.db.Close()) }()
	issue, letter, err := w.issue(ctx)
	if err != nil {
		return f, err
	}
	f = figures{Recipients: n, LetterKB: float64(len(letter.Content.HTML)+len(letter.Content.Text)) / 1000}
	post, clock := &counting{Sender: ses.At(url)}, &engineClock{}
	q := &queue{plan: make(chan []byte, distribution.Segments*4), deliver: make(chan []byte, 1<<17)}
	w.Mail, w.Queue = post, q
	for _, t := range []*table.Table{&w.People, &w.Records, &w.Delivery} {
		*t = &timed{*t, clock}
	}
	if profile != "" {
		out, err := os.Create(profile)
		if err != nil {
			return f, err
		}
		if err := pprof.StartCPUProfile(out); err != nil {
			return f, err
		}
		defer pprof.StopCPUProfile()
	}
	m := begin()
	for seg := range distribution.Segments { // what was lost when the list was made
		if err := q.Send(ctx, distribution.Task{Kind: distribution.Plan, Distribution: issue.Run(), Segment: seg}); err != nil {
			return f, err
		}
	}
	if err := w.work(ctx, q, issue.Run()); err != nil {
		return f, err
	}
	m.end(&f)
	for _, name := range []string{"people", "records", "delivery"} {
		u := w.db.Table(name).Units()
		f.ReadUnits, f.WriteUnits = f.ReadUnits+u.Read, f.WriteUnits+u.Write
	}
	p, err := distribution.NewControl(distribution.Options{Table: w.Delivery, Now: w.Now}).Progress(ctx, issue.Run())
	f.Calls, f.TableCPU, f.Sent = int(post.calls.Load()), clock.total().Seconds(), int(p.Sent)
	if err == nil && p.State != distribution.Finished {
		err = fmt.Errorf("the distribution is %s %s: %+v", p.State, p.Reason, p.Counts)
	}
	return f, err
}

// issue is what list has written, and its English letter.
func (w *world) issue(ctx context.Context) (*newsletter.Issue, *newsletter.Letter, error) {
	s := &newsletter.Store{Table: w.Records}
	issue, err := s.Issue(ctx, 1)
	if err != nil {
		return nil, nil, err
	}
	letter, err := s.Letter(ctx, 1, issue.Frozen, "en", newsletter.HTML)
	return issue, letter, err
}

// queue is the two queues of a distribution, in memory: the messages are bytes, as on SQS.
type queue struct{ plan, deliver chan []byte }

// Send implements distribution.Queue. Nothing of an undisturbed run has to wait.
func (q *queue) Send(_ context.Context, tasks ...distribution.Task) error {
	for _, t := range tasks {
		body, err := json.Marshal(t)
		if err != nil {
			return err
		}
		if t.Kind == distribution.Deliver {
			q.deliver <- body
		} else {
			q.plan <- body
		}
	}
	return nil
}

// work runs a planner and the workers until the distribution is finished.
func (w *world) work(ctx context.Context, q *queue, run string) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var all sync.WaitGroup
	handle := func(from chan []byte, make func(*app.Outside) (app.Message, error)) error {
		h, err := make(w.Outside)
		if err != nil {
			return err
		}
		all.Go(func() {
			for {
				select {
				case <-ctx.Done():
					return
				case body := <-from:
					if err := h(ctx, body); err != nil && ctx.Err() == nil {
						cancel(err)
					}
				}
			}
		})
		return nil
	}
	if err := handle(q.plan, fanout.New); err != nil {
		return err
	}
	for range workers {
		if err := handle(q.deliver, delivery.New); err != nil {
			return err
		}
	}
	tick, err := clock.New(w.Outside) // as in the cloud, every minute; it sees an end that the workers missed
	if err != nil {
		return err
	}
	all.Go(func() {
		for minute := time.Tick(time.Minute); ; {
			select {
			case <-ctx.Done():
				return
			case <-minute:
				if err := tick(ctx); err != nil && ctx.Err() == nil {
					cancel(err)
				}
			}
		}
	})
	control := distribution.NewControl(distribution.Options{Table: w.db.Table("delivery"), Now: w.Now})
	for ctx.Err() == nil {
		time.Sleep(50 * time.Millisecond)
		p, err := control.Progress(ctx, run)
		if err != nil || !p.State.Active() {
			cancel(err)
		}
	}
	all.Wait()
	if err := context.Cause(ctx); !errors.Is(err, context.Canceled) {
		return err
	}
	return nil
}

// counting counts calls.
type counting struct {
	mail.Sender
	calls atomic.Int64
}

func (c *counting) SendBatch(ctx context.Context, b mail.Batch) ([]mail.Result, error) {
	c.calls.Add(1)
	return c.Sender.SendBatch(ctx, b)
}

// engineClock adds up the CPU time that goroutines spend inside the storage engine.
type engineClock struct{ spent atomic.Int64 }

func (c *engineClock) total() time.Duration { return time.Duration(c.spent.Load()) }

func (c *engineClock) run(f func()) {
	runtime.LockOSThread() // the CPU time is the thread's
	defer runtime.UnlockOSThread()
	before := used(rusageOfOne)
	f()
	c.spent.Add(int64(used(rusageOfOne) - before))
}

// timed is a table whose CPU time is measured.
type timed struct {
	table.Table
	clock *engineClock
}

func (t *timed) Get(ctx context.Context, key table.Key) (it table.Item, err error) {
	t.clock.run(func() { it, err = t.Table.Get(ctx, key) })
	return it, err
}

func (t *timed) BatchGet(ctx context.Context, keys []table.Key) (its []table.Item, err error) {
	t.clock.run(func() { its, err = t.Table.BatchGet(ctx, keys) })
	return its, err
}

func (t *timed) Put(ctx context.Context, item table.Item, c table.Condition) (it table.Item, err error) {
	t.clock.run(func() { it, err = t.Table.Put(ctx, item, c) })
	return it, err
}

func (t *timed) Query(ctx context.Context, q table.Query) (p table.Page, err error) {
	t.clock.run(func() { p, err = t.Table.Query(ctx, q) })
	return p, err
}

func (t *timed) Transact(ctx context.Context, writes ...table.Write) (err error) {
	t.clock.run(func() { err = t.Table.Transact(ctx, writes...) })
	return err
}

// calls makes the bulk calls alone: the first shard again and again, built once, with nothing read, nobody looked up and nothing kept. Nobody who sends
// through the SDK does it for less.
func calls(ctx context.Context, folder string, n int, url string) (f figures, err error) {
	w, err := open(folder)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, w.db.Close()) }()
	_, letter, err := w.issue(ctx)
	if err != nil {
		return f, err
	}
	links, err := link.New(w.Programme.BaseURL, w.Now, w.Keys...)
	if err != nil {
		return f, err
	}
	f = figures{Recipients: n, LetterKB: float64(len(letter.Content.HTML)+len(letter.Content.Text)) / 1000}
	batch := mail.Batch{From: letter.From, ReplyTo: letter.ReplyTo, Content: letter.Content, Headers: letter.Headers}
	for i := range mail.MaxBatch {
		to := people.EmailAddress(fmt.Sprintf("office%06d@organisation%04d.example.org", i, i%5000))
		leave := links.URL("/unsubscribe", links.Token(link.Unsubscribe, fmt.Sprint(i), "", 365*24*time.Hour))
		batch.Entries = append(batch.Entries, mail.Entry{To: mail.Address{Name: "Élodie Reader", Mail: to}, Data: newsletter.Substitutions("Élodie Reader", to, leave),
			Headers: oneClick(leave), Tags: []mail.Tag{{Name: "issue", Value: "1"}, {Name: "shard", Value: "issue-1-00-000001"}, {Name: "slot", Value: "1"}, {Name: "attempt", Value: "1"}}})
	}
	sender := ses.At(url)
	m := begin()
	var all sync.WaitGroup
	errs := make([]error, workers)
	for part := range workers {
		all.Go(func() {
			for i := part; i < n/mail.MaxBatch && errs[part] == nil; i += workers {
				_, errs[part] = sender.SendBatch(ctx, batch)
			}
		})
	}
	all.Wait()
	m.end(&f)
	f.Sent, f.Calls = n, n/mail.MaxBatch
	return f, errors.Join(errs...)
}

// loop sends the same letter with one call for each recipient and keeps no record: what it costs to do less.
func loop(ctx context.Context, folder string, n int, url string) (f figures, err error) {
	w, err := open(folder)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, w.db.Close()) }()
	_, letter, err := w.issue(ctx)
	if err != nil {
		return f, err
	}
	links, err := link.New(w.Programme.BaseURL, w.Now, w.Keys...)
	if err != nil {
		return f, err
	}
	f = figures{Recipients: n, LetterKB: float64(len(letter.Content.HTML)+len(letter.Content.Text)) / 1000}
	sender := ses.At(url)
	m := begin()
	var sent atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, workers)
	for part := range workers {
		all.Go(func() {
			for i := part; i < n && errs[part] == nil; i += workers {
				to := people.EmailAddress(fmt.Sprintf("office%06d@organisation%04d.example.org", i, i%5000))
				leave := links.URL("/unsubscribe", links.Token(link.Unsubscribe, fmt.Sprint(i), "", 365*24*time.Hour))
				_, errs[part] = sender.Send(ctx, mail.Message{From: letter.From, ReplyTo: letter.ReplyTo, To: mail.Address{Name: "Élodie Reader", Mail: to},
					Content: newsletter.Fill(letter.Content, newsletter.Substitutions("Élodie Reader", to, leave)),
					Headers: append(oneClick(leave), letter.Headers...),
					Tags:    []mail.Tag{{Name: "issue", Value: "1"}}})
				sent.Add(1)
			}
		})
	}
	all.Wait()
	m.end(&f)
	f.Sent, f.Calls = int(sent.Load()), int(sent.Load())
	return f, errors.Join(errs...)
}

func oneClick(leave string) []mail.Header {
	return []mail.Header{{Name: "List-Unsubscribe", Value: "<" + leave + ">"}, {Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"}}
}
