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

// material is the letter that list has written, for the ways of sending it that remember nothing.
type material struct {
	*newsletter.Letter
	links  *link.Links
	sender mail.Sender
}

func gather(ctx context.Context, folder, url string) (m *material, err error) {
	w, err := open(folder)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.db.Close()) }()
	_, letter, err := w.issue(ctx)
	if err != nil {
		return nil, err
	}
	links, err := link.New(w.Programme.BaseURL, w.Now, w.Keys...)
	return &material{letter, links, ses.At(url)}, err
}

// reader is the i-th recipient, with her own link and headers.
func (m *material) reader(i int) (to mail.Address, data map[string]string, headers []mail.Header) {
	to = mail.Address{Name: "Élodie Reader", Mail: people.EmailAddress(fmt.Sprintf("office%06d@organisation%04d.example.org", i, i%5000))}
	leave := m.links.URL("/unsubscribe", m.links.Token(link.Unsubscribe, fmt.Sprint(i), "", 365*24*time.Hour))
	return to, newsletter.Substitutions(to.Name, to.Mail, leave), []mail.Header{
		{Name: "List-Unsubscribe", Value: "<" + leave + ">"}, {Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"}}
}

// measure has the workers make n calls between them, for so many recipients.
func (m *material) measure(n, recipients int, call func(i int) error) (figures, error) {
	f := figures{Recipients: recipients, LetterKB: float64(len(m.Content.HTML)+len(m.Content.Text)) / 1000}
	var done atomic.Int64
	var all sync.WaitGroup
	errs := make([]error, workers)
	t := begin()
	for part := range workers {
		all.Go(func() {
			for i := part; i < n && errs[part] == nil; i += workers {
				if errs[part] = call(i); errs[part] == nil {
					done.Add(1)
				}
			}
		})
	}
	all.Wait()
	t.end(&f)
	f.Calls = int(done.Load())
	f.Sent = f.Calls * (recipients / n)
	return f, errors.Join(errs...)
}

// calls makes the bulk calls alone: one batch again and again, built once, with nothing read, nobody looked up and nothing kept. Nobody who
// sends through the SDK does it for less.
func calls(ctx context.Context, folder string, n int, url string) (figures, error) {
	m, err := gather(ctx, folder, url)
	if err != nil {
		return figures{}, err
	}
	batch := mail.Batch{From: m.From, ReplyTo: m.ReplyTo, Content: m.Content, Headers: m.Headers}
	for i := range mail.MaxBatch {
		to, data, headers := m.reader(i)
		batch.Entries = append(batch.Entries, mail.Entry{To: to, Data: data, Headers: headers,
			Tags: []mail.Tag{{Name: "issue", Value: "1"}, {Name: "shard", Value: "issue-1-00-000001"}, {Name: "slot", Value: "1"}, {Name: "attempt", Value: "1"}}})
	}
	return m.measure(max(n/mail.MaxBatch, 1), n, func(int) error {
		results, err := m.sender.SendBatch(ctx, batch)
		for _, r := range results {
			if r.Outcome != mail.Sent {
				return fmt.Errorf("a recipient of the bulk calls: %s", r.Reason)
			}
		}
		return err
	})
}

// loop sends the same letter with one call for each recipient and keeps no record: what it costs to do less.
func loop(ctx context.Context, folder string, n int, url string) (figures, error) {
	m, err := gather(ctx, folder, url)
	if err != nil {
		return figures{}, err
	}
	return m.measure(n, n, func(i int) error {
		to, data, headers := m.reader(i)
		_, err := m.sender.Send(ctx, mail.Message{From: m.From, ReplyTo: m.ReplyTo, To: to, Content: newsletter.Fill(m.Content, data),
			Headers: append(headers, m.Headers...), Tags: []mail.Tag{{Name: "issue", Value: "1"}}})
		return err
	})
}
