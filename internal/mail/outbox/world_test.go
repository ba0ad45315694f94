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
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

var (
	ctx      = context.Background()
	errDied  = errors.New("the process died")
	greeting = mail.Message{To: mail.Address{Mail: "a@forum.example"}, Content: mail.Content{Subject: "S", Text: "a secret text"}}
)

// world is an outbox with the queue of its nudges, at least once, and a courier.
type world struct {
	*outbox.Outbox
	courier *outbox.Courier
	t       *testing.T
	mu      sync.Mutex
	now     time.Time
	lag     time.Duration
	queue   [][]byte
	deaf    error // of the queue
	sent    []mail.Message
	fail    func(n int) error // answers of the service, by the number of the call
	calls   int
	paused  time.Duration // between throttled calls
	// die, when set, decides which write dies, by its number from 0, before or after it is stored.
	die    func(n int) (before, after bool)
	writes int
	// meanwhile, when set, happens once, between a reading of a record and what is done with it.
	meanwhile func()
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)}
	db, err := sqlite.Options{Now: w.clock, Lag: func() time.Duration { return w.lag }}.Open(":memory:", "records")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	records := mortal{db.Table("records"), w}
	w.Outbox = &outbox.Outbox{Table: records, Wake: w.wake, Now: w.clock, Log: slog.New(slog.DiscardHandler)}
	w.courier = &outbox.Courier{Table: records, Sender: w, Now: w.clock, Log: slog.New(slog.DiscardHandler), Sleep: w.sleep}
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

func (w *world) sleep(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.paused += d
	return nil
}

func (w *world) wake(_ context.Context, ids ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.deaf != nil {
		return w.deaf
	}
	for _, id := range ids {
		body, err := json.Marshal(outbox.Nudge{ID: id})
		if err != nil {
			return err
		}
		w.queue = append(w.queue, body)
	}
	return nil
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

func (m mortal) Get(ctx context.Context, k table.Key) (table.Item, error) {
	it, err := m.Table.Get(ctx, k)
	m.w.mu.Lock()
	happens := m.w.meanwhile
	m.w.meanwhile = nil
	m.w.mu.Unlock()
	if happens != nil {
		happens()
	}
	return it, err
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

// work handles what is on the queue. A message that failed comes again the next time.
func (w *world) work() error {
	w.mu.Lock()
	batch := w.queue
	w.queue = nil
	w.mu.Unlock()
	var errs []error
	for _, body := range batch {
		if err := w.courier.Handle(ctx, body); err != nil {
			errs = append(errs, err)
			w.queue = append(w.queue, body)
		}
	}
	return errors.Join(errs...)
}

// tick is one minute's work of the clock, and what it sets off.
func (w *world) tick() {
	w.t.Helper()
	if _, err := w.WakeDue(ctx, 10); err != nil {
		w.t.Fatal(err)
	}
	if err := w.work(); err != nil {
		w.t.Fatal(err)
	}
}

// run lets the clock tick every minute for so long.
func (w *world) run(d time.Duration) {
	w.t.Helper()
	for range int(d / time.Minute) {
		w.advance(time.Minute)
		w.tick()
	}
}

// post writes a mail down, and its sender is at hand.
func (w *world) post(id string) {
	w.t.Helper()
	if err := w.Post(ctx, id, greeting); err != nil {
		w.t.Fatal(err)
	}
	if err := w.work(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) later(id string) {
	w.t.Helper()
	if err := w.Later(ctx, id, greeting); err != nil {
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
