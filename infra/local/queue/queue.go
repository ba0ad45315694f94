// Package queue keeps SQS's contract on one machine, for the local run: standard queues with at-least-once delivery, visibility
// timeouts, receive counts, partial batch failures and dead letters, and Lambda's way of feeding a function from them.
//
// What may enter: what SQS promises, and nothing kinder, so that a handler that works here works there. Messages are on disk
// before Send returns and outlive the process. All times are the program's: when its clock is advanced, what was held back
// becomes visible.
package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"liaison/infra/local/disk"
)

const schema = `
CREATE TABLE IF NOT EXISTS messages (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  queue TEXT NOT NULL,
  body BLOB NOT NULL,
  sent INTEGER NOT NULL,      -- Unix milliseconds of the program's clock
  visible INTEGER NOT NULL,
  receives INTEGER NOT NULL DEFAULT 0,
  receipt INTEGER NOT NULL DEFAULT 0,
  fault TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS due ON messages (queue, visible);
`

// MaxDelay is how long a message can be held back, and MaxBody how large one can be, in bytes; SQS's.
const (
	MaxDelay = 15 * time.Minute
	MaxBody  = 1 << 20
)

// ErrInvalid: a message that SQS would not take.
var ErrInvalid = errors.New("queue: invalid message")

// Settings of one queue.
type Settings struct {
	Visibility time.Duration // how long a received message is hidden; longer than Timeout
	Timeout    time.Duration // of one call of the handler
	Receives   int           // after so many receives a message is a dead letter
	Batch      int           // messages in one call at most
	Workers    int           // calls at a time
}

// Broker holds the queues of one file.
type Broker struct {
	db     *sql.DB
	now    func() time.Time
	log    *slog.Logger
	mu     sync.Mutex // writes take turns
	queues map[string]*state
}

type state struct {
	Settings
	name string
	gate sync.RWMutex  // held for reading by a worker from receipt to deletion; for writing while the queue is held
	bell chan struct{} // rung when something may have become visible
}

// Open opens or makes the file at path with these queues; :memory: keeps nothing.
func Open(path string, now func() time.Time, log *slog.Logger, queues map[string]Settings) (*Broker, error) {
	db, err := disk.Open(path, schema)
	if err != nil {
		return nil, err
	}
	b := &Broker{db: db, now: now, log: log, queues: map[string]*state{}}
	for name, s := range queues {
		s.Receives, s.Batch, s.Workers = max(1, s.Receives), max(1, s.Batch), max(1, s.Workers)
		b.queues[name] = &state{Settings: s, name: name, bell: make(chan struct{}, s.Workers)}
	}
	return b, nil
}

// Close closes the file. Run must have returned.
func (b *Broker) Close() error { return b.db.Close() }

func (b *Broker) queue(name string) *state {
	q, ok := b.queues[name]
	if !ok {
		panic(fmt.Sprintf("queue: no queue %q was opened", name))
	}
	return q
}

// Outgoing is a message to be sent.
type Outgoing struct {
	Body  []byte
	Delay time.Duration // 0 to MaxDelay
}

// Send puts messages on a queue, all or none; they are on disk when it returns.
func (b *Broker) Send(ctx context.Context, name string, messages ...Outgoing) error {
	q := b.queue(name)
	for _, m := range messages {
		if len(m.Body) == 0 || len(m.Body) > MaxBody || m.Delay < 0 || m.Delay > MaxDelay {
			return fmt.Errorf("%w: %d bytes, delay %v", ErrInvalid, len(m.Body), m.Delay)
		}
	}
	now := b.now()
	err := b.write(ctx, func(tx *sql.Tx) error {
		for _, m := range messages {
			if _, err := tx.ExecContext(ctx, "INSERT INTO messages (queue, body, sent, visible) VALUES (?, ?, ?, ?)",
				name, m.Body, now.UnixMilli(), now.Add(m.Delay).UnixMilli()); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		q.ring()
	}
	return err
}

// write commits what f does, or undoes it.
func (b *Broker) write(ctx context.Context, f func(*sql.Tx) error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	tx, err := b.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// Wake lets every worker look again, because the clock has been moved.
func (b *Broker) Wake() {
	for _, q := range b.queues {
		q.ring()
	}
}

func (q *state) ring() {
	for range q.Workers {
		select {
		case q.bell <- struct{}{}:
		default:
			return
		}
	}
}

// Hold lets no worker of these queues begin anything more, waits until those at work have ended, and returns a function that lets
// them go on. A queue must not be held twice at a time.
func (b *Broker) Hold(names ...string) (release func()) {
	for _, name := range names {
		b.queue(name).gate.Lock()
	}
	return func() {
		for _, name := range names {
			b.queue(name).gate.Unlock()
		}
	}
}
