package queue

import (
	"context"
	"database/sql"
	"slices"
	"time"
)

func dead(name string) string { return name + "-dead" }

// Depth is what a queue holds.
type Depth struct {
	Name    string `json:"name"`
	Visible int    `json:"visible"`
	Hidden  int    `json:"hidden"` // delayed, or received and not yet deleted
	Dead    int    `json:"dead"`
}

// Depths of all queues, by name.
func (b *Broker) Depths(ctx context.Context) ([]Depth, error) {
	now := b.now().UnixMilli()
	var out []Depth
	for name := range b.queues {
		d := Depth{Name: name}
		err := b.db.QueryRowContext(ctx, `SELECT count(*) FILTER (WHERE queue = ?1 AND visible <= ?3), count(*) FILTER (WHERE queue = ?1 AND visible > ?3),
			count(*) FILTER (WHERE queue = ?2) FROM messages WHERE queue IN (?1, ?2)`, name, dead(name), now).Scan(&d.Visible, &d.Hidden, &d.Dead)
		if err != nil {
			return nil, err
		}
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b Depth) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out, nil
}

// Idle tells whether nothing is visible on these queues and nobody is at work on them.
func (b *Broker) Idle(ctx context.Context, names ...string) (bool, error) {
	release, ok := b.tryHold(names)
	if !ok {
		return false, nil
	}
	defer release()
	for _, name := range names {
		if any, err := b.visible(ctx, name, b.now()); err != nil || any {
			return false, err
		}
	}
	return true, nil
}

// tryHold holds the queues if nobody is at work on any of them.
func (b *Broker) tryHold(names []string) (release func(), ok bool) {
	var held []*state
	release = func() {
		for _, q := range held {
			q.gate.Unlock()
		}
	}
	for _, name := range names {
		q := b.queue(name)
		if !q.gate.TryLock() {
			release()
			return nil, false
		}
		held = append(held, q)
	}
	return release, true
}

// Next is when the next hidden message of any queue becomes visible; ok is false when there is none.
func (b *Broker) Next(ctx context.Context) (at time.Time, ok bool, err error) {
	for name := range b.queues {
		var ms sql.NullInt64
		if err := b.db.QueryRowContext(ctx, "SELECT min(visible) FROM messages WHERE queue = ? AND visible > ?", name, b.now().UnixMilli()).Scan(&ms); err != nil {
			return time.Time{}, false, err
		}
		if t := time.UnixMilli(ms.Int64); ms.Valid && (!ok || t.Before(at)) {
			at, ok = t, true
		}
	}
	return at, ok, nil
}

// Letter is a dead letter.
type Letter struct {
	Message
	Fault string
	Died  time.Time
}

// Dead lists the latest dead letters of a queue, at most limit.
func (b *Broker) Dead(ctx context.Context, name string, limit int) ([]Letter, error) {
	b.queue(name)
	rows, err := b.db.QueryContext(ctx, "SELECT id, body, sent, visible, receives, fault FROM messages WHERE queue = ? ORDER BY id DESC LIMIT ?", dead(name), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Letter
	for rows.Next() {
		var l Letter
		var sent, died int64
		if err := rows.Scan(&l.ID, &l.Body, &sent, &died, &l.Receives, &l.Fault); err != nil {
			return nil, err
		}
		l.Sent, l.Died = time.UnixMilli(sent), time.UnixMilli(died)
		out = append(out, l)
	}
	return out, rows.Err()
}

// Redrive puts the dead letters of a queue back on it, as a message move task does, and returns how many.
func (b *Broker) Redrive(ctx context.Context, name string) (int, error) {
	q := b.queue(name)
	var n int64
	err := b.write(ctx, func(tx *sql.Tx) error {
		r, err := tx.ExecContext(ctx, "UPDATE messages SET queue = ?, visible = ?, receives = 0 WHERE queue = ?", name, b.now().UnixMilli(), dead(name))
		if err != nil {
			return err
		}
		n, err = r.RowsAffected()
		return err
	})
	q.ring()
	return int(n), err
}
