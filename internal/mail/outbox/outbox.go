// Package outbox makes single mails durable: a mail is written down before anybody is told that it will come. Who posts it wakes the sender, and
// what nobody was woken for, or what could not be sent, the clock wakes when it is due.
//
// Promise: every posted mail is handed to the mail service within minutes, or as soon as the service takes mails again within three days, and
// exactly once unless an answer of the service was lost or the process died inside the call: then it is handed over again, at longer and longer
// intervals and at most eight times, for a second copy can be ignored and a missing mail is not noticed. A mail that the service refuses is not
// tried again. Posting the same id again is the same mail. For newsletters, where twice is too often, see package distribution.
//
//	outbox.go    what functions use that write to people, and the clock: nobody of them speaks to the mail service
//	nudge.go     the message that wakes; the item is the truth, and the message may be lost, late or there twice
//	courier.go   the one that sends
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liaison/internal/mail"
	"liaison/internal/table"
)

const (
	patience = time.Minute     // a posted mail is left to who posted it so long; then the clock wakes its sender
	wakeTime = 3 * time.Second // a page does not wait longer for the queue: the mail is written down
)

// Outbox takes mails. They stand in the Programme table. Keys: OUTBOX#id / MAIL; index1 OUTBOX / due time, while waiting.
type Outbox struct {
	Table table.Table
	Wake  Wake
	Now   func() time.Time
	Log   *slog.Logger
}

// Wake puts a Nudge for each id on the queue of single mails. After an error some may be on it: a mail that is woken twice is sent once.
type Wake func(ctx context.Context, ids ...string) error

type record struct {
	State   string        `json:"state"` // waiting, sent, refused, given-up
	Posted  time.Time     `json:"posted"`
	Due     time.Time     `json:"due"` // the clock wakes it then; before that nobody calls the service who is not the first
	Tries   int           `json:"tries"`
	Calling bool          `json:"calling,omitempty"` // a call was begun whose end is not known yet
	Doubts  int           `json:"doubts,omitempty"`  // calls whose end was never known
	Message *mail.Message `json:"message,omitempty"` // gone once settled
	Reason  string        `json:"reason,omitempty"`
	Service string        `json:"service,omitempty"` // the service's message id
}

const indexPK = "OUTBOX"

func key(id string) table.Key { return table.Key{PK: "OUTBOX#" + id, SK: "MAIL"} }

func waiting(id string, r record) table.Item {
	it := table.NewItem(key(id), r)
	it.Index1 = table.Key{PK: indexPK, SK: r.Due.UTC().Format(time.RFC3339) + "#" + id}
	return it
}

// Post writes the mail down under id and wakes its sender. A nil error means that it is durable, not that it was sent.
// An id that was posted before is left alone, whatever its message.
func (o *Outbox) Post(ctx context.Context, id string, m mail.Message) error {
	written, err := o.write(ctx, id, m, patience)
	if !written || err != nil {
		return err
	}
	ring, cancel := context.WithTimeout(ctx, wakeTime)
	defer cancel()
	if err := o.Wake(ring, id); err != nil {
		o.Log.WarnContext(ctx, "mail is written down, and its sender was not woken: the clock will do it", "mail", id, "error", err)
	}
	return nil
}

// Later writes the mail down under id and leaves the waking to the clock: for an act that mails many people, so that its page need not
// wait for each. Like Post, it leaves an id alone that was posted before.
func (o *Outbox) Later(ctx context.Context, id string, m mail.Message) error {
	_, err := o.write(ctx, id, m, 0)
	return err
}

// write tells whether the id was new.
func (o *Outbox) write(ctx context.Context, id string, m mail.Message, wait time.Duration) (written bool, err error) {
	now := o.Now().UTC()
	_, err = o.Table.Put(ctx, waiting(id, record{State: "waiting", Posted: now, Due: now.Add(wait), Message: &m}), table.Absent)
	switch {
	case errors.Is(err, table.ErrConflict):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("outbox: write down %s: %w", id, err)
	}
	return true, nil
}

// WakeDue wakes the sender of what is due, at most limit mails, and says of how many; the clock calls it every minute. A record that cannot be read
// is told and does not keep the others waiting. The index may lag: what is settled already is woken for nothing.
func (o *Outbox) WakeDue(ctx context.Context, limit int) (int, error) {
	page, err := o.Table.Query(ctx, table.Query{Index: 1, PK: indexPK, To: o.Now().UTC().Format(time.RFC3339) + "#~", Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("outbox: what is due: %w", err)
	}
	var ids []string
	var errs []error
	for _, it := range page.Items {
		var r record
		if err := it.Decode(&r); err != nil {
			errs = append(errs, fmt.Errorf("outbox: %s: %w", it.PK, err))
			continue
		}
		ids = append(ids, it.PK[len("OUTBOX#"):])
	}
	if len(ids) > 0 {
		if err := o.Wake(ctx, ids...); err != nil {
			return 0, errors.Join(append(errs, fmt.Errorf("outbox: wake the sender: %w", err))...)
		}
	}
	return len(ids), errors.Join(errs...)
}
