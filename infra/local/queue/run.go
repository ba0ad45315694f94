package queue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Message is one message in a worker's hands.
type Message struct {
	ID       int64
	Body     []byte
	Sent     time.Time
	Receives int // this one included
	receipt  int64
}

// Verdict is what a handler says of a message that it has not dealt with. Messages without one are deleted.
type Verdict struct {
	ID    int64
	After time.Duration // make it visible again after this time; 0: when its visibility timeout passes
	Cause error
}

// Handler handles a batch, as a function with partial batch failures does (events.SQSEventResponse): it names what it has not done.
type Handler func(ctx context.Context, batch []Message) []Verdict

// poll is how often a worker looks by itself: the clock moves on without ringing a bell.
const poll = 400 * time.Millisecond

// Run feeds h from the queue until ctx is done, and returns when the last call has ended. Calls are not cut off by ctx, only by
// the queue's Timeout. A panic of h counts as a failure of the whole batch.
func (b *Broker) Run(ctx context.Context, name string, h Handler) {
	q := b.queue(name)
	var workers sync.WaitGroup
	for range q.Workers {
		workers.Go(func() {
			for ctx.Err() == nil {
				if b.turn(q, h) {
					continue
				}
				select {
				case <-ctx.Done():
				case <-q.bell:
				case <-time.After(poll):
				}
			}
		})
	}
	workers.Wait()
}

// turn receives and handles one batch; false when nothing was visible.
func (b *Broker) turn(q *state, h Handler) bool {
	q.gate.RLock()
	defer q.gate.RUnlock()
	ctx, cancel := context.WithTimeout(context.Background(), max(q.Timeout, time.Second))
	defer cancel()
	batch, err := b.receive(ctx, q)
	if err != nil {
		b.log.Error("queue: receive", "queue", q.name, "error", err)
		return false
	}
	if len(batch) == 0 {
		return false
	}
	verdicts := call(ctx, h, batch)
	if err := b.settle(context.WithoutCancel(ctx), batch, verdicts); err != nil {
		b.log.Error("queue: delete", "queue", q.name, "error", err)
	}
	return true
}

func call(ctx context.Context, h Handler, batch []Message) (verdicts []Verdict) {
	defer func() {
		if p := recover(); p != nil {
			verdicts = nil
			for _, m := range batch {
				verdicts = append(verdicts, Verdict{ID: m.ID, Cause: fmt.Errorf("panic: %v", p)})
			}
		}
	}()
	return h(ctx, batch)
}

// receive takes visible messages and hides them; messages that were received too often become dead letters instead.
func (b *Broker) receive(ctx context.Context, q *state) ([]Message, error) {
	now := b.now()
	if any, err := b.visible(ctx, q.name, now); err != nil || !any {
		return nil, err
	}
	var batch []Message
	err := b.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "UPDATE messages SET queue = ?, visible = ? WHERE queue = ? AND visible <= ? AND receives >= ?",
			dead(q.name), now.UnixMilli(), q.name, now.UnixMilli(), q.Receives); err != nil {
			return err
		}
		rows, err := tx.QueryContext(ctx, `UPDATE messages SET visible = ?, receives = receives + 1, receipt = receipt + 1
			WHERE id IN (SELECT id FROM messages WHERE queue = ? AND visible <= ? ORDER BY visible, id LIMIT ?)
			RETURNING id, body, sent, receives, receipt`, now.Add(q.Visibility).UnixMilli(), q.name, now.UnixMilli(), q.Batch)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var m Message
			var sent int64
			if err := rows.Scan(&m.ID, &m.Body, &sent, &m.Receives, &m.receipt); err != nil {
				return err
			}
			m.Sent = time.UnixMilli(sent)
			batch = append(batch, m)
		}
		return rows.Err()
	})
	return batch, err
}

func (b *Broker) visible(ctx context.Context, name string, now time.Time) (any bool, err error) {
	err = b.db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM messages WHERE queue = ? AND visible <= ?)", name, now.UnixMilli()).Scan(&any)
	return any, err
}

// settle deletes what was dealt with. A message that meanwhile became visible and was received again belongs to that receipt.
func (b *Broker) settle(ctx context.Context, batch []Message, verdicts []Verdict) error {
	failed := map[int64]Verdict{}
	for _, v := range verdicts {
		failed[v.ID] = v
	}
	return b.write(ctx, func(tx *sql.Tx) error {
		var errs []error
		for _, m := range batch {
			v, bad := failed[m.ID]
			var err error
			switch {
			case !bad:
				_, err = tx.ExecContext(ctx, "DELETE FROM messages WHERE id = ? AND receipt = ?", m.ID, m.receipt)
			case v.After > 0:
				_, err = tx.ExecContext(ctx, "UPDATE messages SET visible = ?, fault = ? WHERE id = ? AND receipt = ?", b.now().Add(v.After).UnixMilli(), fault(v.Cause), m.ID, m.receipt)
			default:
				_, err = tx.ExecContext(ctx, "UPDATE messages SET fault = ? WHERE id = ? AND receipt = ?", fault(v.Cause), m.ID, m.receipt)
			}
			errs = append(errs, err)
		}
		return errors.Join(errs...)
	})
}

func fault(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
