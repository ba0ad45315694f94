// Package outbox makes single mails durable: a mail is written down before anybody is told that it will come, and is sent
// at once where the service allows, by the clock where not.
//
// Promise: every posted mail is handed to the mail service at least once within a day, and exactly once unless an answer of the
// service was lost or the process died inside the call. Posting the same id again is the same mail. For newsletters, where twice is
// too often, see package distribution.
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
	lease = 2 * time.Minute     // longer than any function that sends may live
	keep  = 30 * 24 * time.Hour // that a mail was sent is remembered so long, without its text
	tries = 24                  // refusals end at once; throttling and doubt are tried so often, an hour apart at the end
)

// Tag is the tag by which the mail service's events name a single mail; its value is the id, other characters turned to "_".
const Tag = "mail"

// Outbox keeps mails in the Programme table. Keys: OUTBOX#id / MAIL; index1 OUTBOX / due time, while waiting.
type Outbox struct {
	Table  table.Table
	Sender mail.Sender
	Now    func() time.Time
	Log    *slog.Logger
}

type record struct {
	State   string        `json:"state"` // waiting, sent, refused, given-up
	Due     time.Time     `json:"due"`
	Tries   int           `json:"tries"`
	Message *mail.Message `json:"message,omitempty"` // gone once settled
	Reason  string        `json:"reason,omitempty"`
	Service string        `json:"service,omitempty"` // the service's message id
}

const indexPK = "OUTBOX"

func key(id string) table.Key { return table.Key{PK: "OUTBOX#" + id, SK: "MAIL"} }

func item(id string, version int64, r record) table.Item {
	it := table.NewItem(key(id), r)
	it.Version = version
	return it
}

// Post writes the mail down under id and tries to send it. A nil error means that it is durable, not that it was sent.
// An id that was posted before is left alone, whatever its message.
func (o *Outbox) Post(ctx context.Context, id string, m mail.Message) error {
	now := o.Now()
	r := record{State: "waiting", Due: now.Add(lease), Tries: 1, Message: &m}
	it := waiting(id, r)
	it, err := o.Table.Put(ctx, it, table.Absent)
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("outbox: post %s: %w", id, err)
	}
	if err := o.try(ctx, id, it.Version, r); err != nil {
		o.Log.WarnContext(ctx, "mail is written down and will be sent by the clock", "mail", id, "error", err)
	}
	return nil
}

// Later writes the mail down under id and leaves the sending to the clock: for an act that mails many people, so that its page need not
// wait for each. Like Post, it leaves an id alone that was posted before.
func (o *Outbox) Later(ctx context.Context, id string, m mail.Message) error {
	_, err := o.Table.Put(ctx, waiting(id, record{State: "waiting", Due: o.Now(), Message: &m}), table.Absent)
	if err != nil && !errors.Is(err, table.ErrConflict) {
		return fmt.Errorf("outbox: write down %s: %w", id, err)
	}
	return nil
}

func waiting(id string, r record) table.Item {
	it := table.NewItem(key(id), r)
	it.Index1 = table.Key{PK: indexPK, SK: r.Due.UTC().Format(time.RFC3339) + "#" + id}
	return it
}

// try sends under a lease that the caller has written, and settles.
func (o *Outbox) try(ctx context.Context, id string, version int64, r record) error {
	m := *r.Message
	m.Tags = append(m.Tags[:len(m.Tags):len(m.Tags)], mail.Tag{Name: Tag, Value: tagValue(id)})
	service, sendErr := o.Sender.Send(ctx, m)
	var it table.Item
	switch {
	case sendErr == nil:
		it = item(id, version, record{State: "sent", Due: r.Due, Tries: r.Tries, Service: service})
	case errors.Is(sendErr, mail.ErrRefused):
		it = item(id, version, record{State: "refused", Due: r.Due, Tries: r.Tries, Reason: sendErr.Error()})
	case errors.Is(sendErr, mail.ErrDoubt):
		return sendErr // the lease runs out and the clock sends again: rather twice than never
	case r.Tries >= tries:
		it = item(id, version, record{State: "given-up", Due: r.Due, Tries: r.Tries, Reason: sendErr.Error()})
	default:
		r.Due = o.Now().Add(backoff(r.Tries))
		it = waiting(id, r)
	}
	if it.Index1.IsZero() {
		it.Expires = o.Now().Add(keep)
	}
	if _, err := o.Table.Put(context.WithoutCancel(ctx), it, table.VersionIs(version)); err != nil {
		return errors.Join(sendErr, err)
	}
	return sendErr
}

func backoff(tries int) time.Duration {
	d := time.Minute << min(tries, 6)
	return min(d, time.Hour)
}

// Drain sends what is due, at most limit mails; the clock calls it every minute. It returns how many it sent.
func (o *Outbox) Drain(ctx context.Context, limit int) (int, error) {
	now := o.Now()
	page, err := o.Table.Query(ctx, table.Query{Index: 1, PK: indexPK, To: now.UTC().Format(time.RFC3339) + "#~", Limit: limit})
	if err != nil {
		return 0, err
	}
	sent := 0
	for _, old := range page.Items {
		it, err := o.Table.Get(ctx, old.Key) // the index may lag: believe the item only
		if errors.Is(err, table.ErrNotFound) {
			continue
		}
		if err != nil {
			return sent, err
		}
		var r record
		if err := it.Decode(&r); err != nil {
			return sent, err
		}
		if r.State != "waiting" || r.Due.After(now) {
			continue
		}
		id := it.PK[len("OUTBOX#"):]
		r.Due, r.Tries = now.Add(lease), r.Tries+1
		claim := waiting(id, r)
		claimed, err := o.Table.Put(ctx, claim, table.VersionIs(it.Version))
		if errors.Is(err, table.ErrConflict) {
			continue // another clock has it
		}
		if err != nil {
			return sent, err
		}
		if err := o.try(ctx, id, claimed.Version, r); err != nil {
			o.Log.WarnContext(ctx, "mail not sent", "mail", id, "tries", r.Tries, "error", err)
			if errors.Is(err, mail.ErrThrottled) || errors.Is(err, mail.ErrStopped) {
				return sent, nil // the others would fare the same
			}
			continue
		}
		sent++
	}
	return sent, nil
}

func tagValue(id string) string {
	b := []byte(id)
	for i, c := range b {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_') {
			b[i] = '_'
		}
	}
	if len(b) > 256 {
		b = b[:256]
	}
	return string(b)
}
