package distribution_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

// world is everything outside of the protocol, run by one thread: a clock that moves when there is nothing to do, queues that deliver
// late, twice and out of order, a mail service that counts, and faults. Handlers interleave because a worker inside a call of the table or the
// mail service may be put aside while others do whole tasks.
type world struct {
	t       *testing.T
	rand    *rand.Rand
	clock   time.Time
	members map[string]*member
	order   [distribution.Segments][]string
	ses     *service
	queue   []*message
	faults  faults
	depth   int
	serial  int
	table   table.Table
	options distribution.Options
	twice   bool // each message is delivered twice
	unswept bool // the clock is dead
	alarms  []distribution.Progress
	told    map[string]int // suppressed members
	letters lettersFunc
	// loseWrite, when set, says of a write whether its answer is lost.
	loseWrite func(table.Key) bool

	planner   *distribution.Planner
	deliverer *distribution.Deliverer
	feedback  *distribution.Feedback
	sweeper   *distribution.Sweeper
	control   *distribution.Control
}

type member struct {
	distribution.Recipient
}

// message is on a queue until it is handled without an error.
type message struct {
	due   time.Time
	tries int
	task  *distribution.Task
	event *mail.Event
}

// faults are probabilities of one in so many; 0 is never.
type faults struct {
	dieBefore, dieAfter int // at any call of the table or the queue
	lostWrite           int // a write is done, the answer is an error
	throttledTable      int
	interleave          int
	drop                int            // a task is lost on its way
	steps               map[string]int // remaining deaths at a step
}

var errLost = errors.New("test: connection lost")

func newWorld(t *testing.T, seed uint64, members int) *world {
	w := &world{t: t, rand: rand.New(rand.NewPCG(seed, 7)), clock: time.Date(2027, 5, 14, 9, 0, 0, 0, time.UTC), members: map[string]*member{},
		told: map[string]int{}, faults: faults{steps: map[string]int{}}}
	lag := time.Duration(0)
	db, err := sqlite.Options{Now: w.now, Lag: func() time.Duration { return lag }}.Open(":memory:", "delivery")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	lag = 90 * time.Second
	w.table = &faultyTable{db.Table("delivery"), w}
	w.ses = &service{w: w, accepted: map[people.EmailAddress]int{}, refuse: map[people.EmailAddress]bool{}, bounce: map[people.EmailAddress]bool{},
		spoil: map[people.EmailAddress]bool{}, account: mail.Account{PerSecond: 1e6, PerDay: -1, Enabled: true}}
	w.letters = func(which distribution.Which) (distribution.Letter, error) {
		return distribution.Letter{Content: mail.Content{Subject: which.Edition, Text: "Dear {{name}}, " + which.Format}}, nil
	}
	w.options = distribution.Options{
		Table: w.table, Queue: w, Now: w.now, NewID: func() string { w.serial++; return fmt.Sprint("id", w.serial) },
		Sleep: func(_ context.Context, d time.Duration) error { w.clock = w.clock.Add(d); return nil },
		Step:  w.step,
	}
	w.restart()
	languages, formats := []string{"en", "fr", "fr-CA", "ru", "de", ""}, []string{"html", "text", "pdf", ""}
	for i := range members {
		id := fmt.Sprintf("m%06d", i)
		w.members[id] = &member{distribution.Recipient{ID: id, Name: "Member " + id, Address: people.EmailAddress(id + "@example.org"),
			Language: languages[w.rand.IntN(len(languages))], Format: formats[w.rand.IntN(len(formats))], Active: true}}
		seg := w.rand.IntN(distribution.Segments)
		w.order[seg] = append(w.order[seg], id)
	}
	return w
}

func (w *world) now() time.Time { return w.clock }

// restart makes new workers, that remember nothing.
func (w *world) restart() {
	w.planner = distribution.NewPlanner(w.options, w)
	w.deliverer = distribution.NewDeliverer(w.options, distribution.Post{Standing: w, Letters: w.letters, Sender: w.ses,
		Personal: func(_ string, r distribution.Recipient, edition string) (map[string]string, []mail.Header) {
			return map[string]string{"name": r.Name}, nil
		}})
	w.feedback = distribution.NewFeedback(w.options, w)
	w.sweeper = distribution.NewSweeper(w.options, w)
	w.control = distribution.NewControl(w.options)
}

var spec = distribution.Spec{ID: "issue-3", Kind: "newsletter", Issue: "3", Version: "v1", Editions: []string{"en", "fr", "ru"}, Default: "en",
	Formats: []string{"html", "text", "pdf"}}

func (w *world) start() {
	w.t.Helper()
	for try := 0; ; try++ {
		_, err := w.control.Start(context.Background(), spec)
		if err == nil {
			return
		}
		if try == 50 {
			w.t.Fatal(err)
		}
	}
}

func (w *world) Page(_ context.Context, kind string, segment int, after string, limit int) ([]distribution.Member, string, error) {
	if kind != spec.Kind {
		return nil, "", fmt.Errorf("kind %q", kind)
	}
	ids := w.order[segment]
	i, found := slices.BinarySearch(ids, after)
	if found {
		i++
	}
	var page []distribution.Member
	next := ""
	for end := i + 1 + w.rand.IntN(limit); i < len(ids) && i < end && len(page) < limit; i++ { // pages are as short as they like
		if m := w.members[ids[i]]; m.Active {
			page = append(page, distribution.Member{ID: m.ID, Language: m.Language, Format: m.Format})
		}
		next = ids[i]
	}
	if i == len(ids) && w.rand.IntN(2) == 0 {
		next = "" // otherwise the end is an empty page
	}
	if i >= len(ids) && len(page) == 0 {
		next = ""
	}
	return page, next, nil
}

func (w *world) Standing(_ context.Context, _ string, ids []string) ([]distribution.Recipient, error) {
	var out []distribution.Recipient
	for _, id := range ids {
		if m := w.members[id]; m != nil {
			out = append(out, m.Recipient)
		}
	}
	w.rand.Shuffle(len(out), func(i, j int) { out[i], out[j] = out[j], out[i] })
	return out, nil
}

type lettersFunc func(distribution.Which) (distribution.Letter, error)

func (f lettersFunc) Letter(_ context.Context, w distribution.Which) (distribution.Letter, error) {
	return f(w)
}

func (w *world) Suppress(_ context.Context, _, member string, e mail.Event) error {
	if m := w.members[member]; m != nil && m.Address != e.Recipient {
		w.t.Errorf("suppress %s for %s", member, e.Recipient)
	}
	w.told[member]++
	return nil
}

func (w *world) Alarm(_ context.Context, p distribution.Progress) error {
	w.alarms = append(w.alarms, p)
	return nil
}

// Send is the task queue.
func (w *world) Send(_ context.Context, tasks ...distribution.Task) error {
	if err := w.before(); err != nil {
		return err
	}
	for _, t := range tasks {
		if w.one(w.faults.drop) {
			continue
		}
		b, err := t.MarshalJSON()
		if err != nil {
			return err
		}
		copied, err := distribution.ParseTask(b)
		if err != nil {
			return err
		}
		w.put(&message{due: w.clock.Add(t.Delay(w.clock)), task: &copied}, w.twice)
	}
	return w.after()
}

// put puts a message on the queue, or two of the same: the second may come at once, while the first is being handled, or later.
func (w *world) put(m *message, twice bool) {
	w.queue = append(w.queue, m)
	if twice {
		second := *m
		second.due = m.due.Add(time.Duration(w.rand.IntN(2)*w.rand.IntN(60)) * time.Second)
		w.queue = append(w.queue, &second)
	}
}

func (w *world) one(in int) bool { return in > 0 && w.rand.IntN(in) == 0 }

func (w *world) before() error {
	if w.one(w.faults.interleave) && w.depth < 3 {
		w.depth++
		for range 1 + w.rand.IntN(3) {
			w.next()
		}
		w.depth--
	}
	if w.one(w.faults.dieBefore) {
		return distribution.ErrKilled
	}
	return nil
}

func (w *world) after() error {
	if w.one(w.faults.dieAfter) {
		return distribution.ErrKilled
	}
	if w.one(w.faults.lostWrite) {
		return errLost
	}
	return nil
}

func (w *world) step(_ context.Context, name string) error {
	if w.faults.steps[name] > 0 && w.rand.IntN(2) == 0 {
		w.faults.steps[name]--
		return distribution.ErrKilled
	}
	return nil
}

// next handles one message that is due, any of them; false when there is none.
func (w *world) next() bool {
	var due []int
	for i, m := range w.queue {
		if !m.due.After(w.clock) {
			due = append(due, i)
		}
	}
	if len(due) == 0 {
		return false
	}
	i := due[w.rand.IntN(len(due))]
	m := w.queue[i]
	w.queue = slices.Delete(w.queue, i, i+1)
	err := w.handle(m)
	var notYet *distribution.NotYet
	switch {
	case errors.Is(err, distribution.ErrKilled):
		if w.depth == 0 {
			w.restart()
		}
		fallthrough
	case err != nil && !errors.As(err, &notYet):
		m.tries++
		if m.tries > 200 {
			w.t.Fatalf("message %+v fails for ever: %v", m.task, err)
		}
		m.due = w.clock.Add(time.Minute)
		w.queue = append(w.queue, m)
	case err != nil:
		m.due = w.clock.Add(max(notYet.After, time.Second))
		w.queue = append(w.queue, m)
	}
	return true
}

func (w *world) handle(m *message) error {
	ctx := context.Background()
	switch {
	case m.event != nil:
		return w.feedback.Handle(ctx, *m.event)
	case m.task.Kind == distribution.Deliver:
		return w.deliverer.Handle(ctx, *m.task)
	}
	return w.planner.Handle(ctx, *m.task)
}

// run lets the world go on until f says that it is enough, sweeping each minute; it fails after a week.
func (w *world) run(f func() bool) distribution.Progress {
	w.t.Helper()
	for end := w.clock.Add(7 * 24 * time.Hour); w.clock.Before(end); {
		for i := 0; w.next(); i++ {
			if i > 200_000 {
				w.t.Fatal("the queue never empties")
			}
			w.clock = w.clock.Add(time.Millisecond)
			if i%16 == 0 && f() {
				return w.progress()
			}
		}
		if !w.unswept {
			w.sweep()
		}
		if f() {
			return w.progress()
		}
		w.clock = w.clock.Add(time.Minute)
	}
	w.t.Fatalf("not reached: %+v; %d messages", w.progress(), len(w.queue))
	return distribution.Progress{}
}

// over: the distribution has ended and nothing is under way.
func (w *world) over() bool {
	if len(w.queue) > 0 {
		return false
	}
	p := w.progress()
	return !p.State.Active() && p.ResumeAt.IsZero()
}

func (w *world) sweep() {
	if err := w.sweeper.Sweep(context.Background()); err != nil && w.quiet() {
		w.t.Fatal(err)
	}
}

func (w *world) quiet() bool {
	f := w.faults
	return f.dieBefore+f.dieAfter+f.lostWrite+f.throttledTable == 0
}

func (w *world) progress() distribution.Progress {
	saved := w.faults
	w.faults = faults{steps: map[string]int{}}
	defer func() { w.faults = saved }()
	p, err := w.control.Progress(context.Background(), spec.ID)
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

// faultyTable dies, loses answers and lets others go first.
type faultyTable struct {
	table.Table
	w *world
}

func (f *faultyTable) guarded(do func() error) error {
	if err := f.w.before(); err != nil {
		return err
	}
	if f.w.one(f.w.faults.throttledTable) {
		return fmt.Errorf("test: %w", table.ErrThrottled)
	}
	err := do()
	if err != nil {
		return err
	}
	return f.w.after()
}

func (f *faultyTable) Put(ctx context.Context, item table.Item, c table.Condition) (out table.Item, err error) {
	err = f.guarded(func() (err error) { out, err = f.Table.Put(ctx, item, c); return })
	if err == nil && f.w.loseWrite != nil && f.w.loseWrite(item.Key) {
		err = errLost
	}
	if errors.Is(err, errLost) && f.w.rand.IntN(2) == 0 { // the engine's own second try finds what its first one wrote
		return f.Table.Put(ctx, item, c)
	}
	return out, err
}

func (f *faultyTable) Transact(ctx context.Context, writes ...table.Write) error {
	return f.guarded(func() error { return f.Table.Transact(ctx, writes...) })
}

func (f *faultyTable) Get(ctx context.Context, key table.Key) (out table.Item, err error) {
	err = f.guarded(func() (err error) { out, err = f.Table.Get(ctx, key); return })
	return out, err
}

func (f *faultyTable) BatchGet(ctx context.Context, keys []table.Key) (out []table.Item, err error) {
	err = f.guarded(func() (err error) { out, err = f.Table.BatchGet(ctx, keys); return })
	return out, err
}

func (f *faultyTable) Query(ctx context.Context, q table.Query) (out table.Page, err error) {
	err = f.guarded(func() (err error) { out, err = f.Table.Query(ctx, q); return })
	return out, err
}

// rosters are the members of every shard, from the table itself.
func (w *world) rosters() (ids []string, shards int) {
	inner := w.table.(*faultyTable).Table
	for seg := range distribution.Segments {
		q := table.Query{PK: fmt.Sprintf("SHARDS#%s#%02d", spec.ID, seg), Prefix: "ROSTER#"}
		err := table.All(context.Background(), inner, q, func(it table.Item) error {
			var r struct{ IDs string }
			if err := it.Decode(&r); err != nil {
				return err
			}
			if r.IDs != "" {
				shards++
			}
			ids = append(ids, strings.Fields(r.IDs)...)
			return nil
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return ids, shards
}
