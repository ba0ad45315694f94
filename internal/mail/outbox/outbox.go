// Package outbox makes single mails durable: a mail is written down before anybody is told that it will come, and is sent
// at once where the service allows, by the clock where not.
//
// Promise: every posted mail is handed to the mail service within minutes, or as soon as the service takes mails again within three days, and
// exactly once unless an answer of the service was lost or the process died inside the call: then it is handed over again, at longer and longer
// intervals and at most eight times, for a second copy can be ignored and a missing mail is not noticed. A mail that the service refuses is not
// tried again. Posting the same id again is the same mail. For newsletters, where twice is too often, see package distribution.
package outbox

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/table"
)

const (
	lease  = 2 * time.Minute     // longer than any call of the mail service may take
	keep   = 30 * 24 * time.Hour // what became of a mail is remembered so long, without its text
	giveUp = 72 * time.Hour      // no single mail is of use later: the links in it have expired
	doubts = 8                   // calls with an unknown end; each of them may have sent the mail
	margin = 5 * time.Second     // before the caller's deadline no call is begun: one that is cut off is in doubt
)

// Tag is the tag by which the mail service's events name a single mail; its value is the id, other characters turned to "_".
const Tag = "mail"

// Outbox keeps mails in the Programme table. Keys: OUTBOX#id / MAIL; index1 OUTBOX / due time, while waiting.
type Outbox struct {
	Table  table.Table
	Sender mail.Sender
	Now    func() time.Time
	Log    *slog.Logger
	Meter  metric.Meter // nil: nobody counts
}

type record struct {
	State   string        `json:"state"` // waiting, sent, refused, given-up
	Posted  time.Time     `json:"posted"`
	Due     time.Time     `json:"due"`
	Tries   int           `json:"tries"`
	Calling bool          `json:"calling,omitempty"` // a call was begun whose end is not known yet
	Doubts  int           `json:"doubts,omitempty"`  // calls whose end was never known
	Message *mail.Message `json:"message,omitempty"` // gone once settled
	Reason  string        `json:"reason,omitempty"`
	Service string        `json:"service,omitempty"` // the service's message id
}

const indexPK = "OUTBOX"

func key(id string) table.Key { return table.Key{PK: "OUTBOX#" + id, SK: "MAIL"} }

// Post writes the mail down under id and tries to send it. A nil error means that it is durable, not that it was sent.
// An id that was posted before is left alone, whatever its message.
func (o *Outbox) Post(ctx context.Context, id string, m mail.Message) error {
	now := o.Now().UTC()
	r := record{State: "waiting", Posted: now, Due: now.Add(lease), Tries: 1, Calling: true, Message: &m}
	it, err := o.Table.Put(ctx, waiting(id, r), table.Absent)
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("outbox: post %s: %w", id, err)
	}
	switch err := o.try(ctx, id, it.Version, r); {
	case errors.Is(err, mail.ErrRefused):
		o.Log.WarnContext(ctx, "mail refused", "mail", id, "error", err)
	case err != nil:
		o.Log.WarnContext(ctx, "mail is written down and will be sent by the clock", "mail", id, "error", err)
	}
	return nil
}

// Later writes the mail down under id and leaves the sending to the clock: for an act that mails many people, so that its page need not
// wait for each. Like Post, it leaves an id alone that was posted before.
func (o *Outbox) Later(ctx context.Context, id string, m mail.Message) error {
	now := o.Now().UTC()
	_, err := o.Table.Put(ctx, waiting(id, record{State: "waiting", Posted: now, Due: now, Message: &m}), table.Absent)
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
	it := o.after(id, r, service, sendErr)
	if _, err := o.Table.Put(context.WithoutCancel(ctx), it, table.VersionIs(version)); err != nil {
		return errors.Join(sendErr, err)
	}
	switch {
	case sendErr == nil:
		o.Meter.One(ctx, metric.Mails)
	case errors.Is(sendErr, mail.ErrRefused):
		o.Meter.One(ctx, metric.MailsLost)
	}
	return sendErr
}

// after is the record once a call has ended.
func (o *Outbox) after(id string, r record, service string, sendErr error) table.Item {
	now := o.Now().UTC()
	switch {
	case sendErr == nil:
		return o.settled(id, record{State: "sent", Service: service}, r)
	case errors.Is(sendErr, mail.ErrRefused):
		return o.settled(id, record{State: "refused", Reason: sendErr.Error()}, r)
	case errors.Is(sendErr, mail.ErrDoubt):
		r.Due = now.Add(max(lease, backoff(r.Doubts+1))) // still calling: whoever comes next counts the doubt
	default: // nothing was sent, and that is known
		r.Calling, r.Due = false, now.Add(backoff(r.Tries))
	}
	return waiting(id, r)
}

// settled is the record of a mail with which nothing more will be done; its text goes.
func (o *Outbox) settled(id string, end, r record) table.Item {
	end.Posted, end.Due, end.Tries, end.Doubts = r.Posted, r.Due, r.Tries, r.Doubts
	it := table.NewItem(key(id), end)
	it.Expires = o.Now().Add(keep)
	return it
}

func backoff(tries int) time.Duration { return min(time.Minute<<min(tries, 6), time.Hour) }

// Drain sends what is due, at most limit mails; the clock calls it every minute. It returns how many it sent. A mail that cannot be read or
// settled does not keep the others waiting; what is left when ctx is about to end waits for the next time.
func (o *Outbox) Drain(ctx context.Context, limit int) (int, error) {
	page, err := o.Table.Query(ctx, table.Query{Index: 1, PK: indexPK, To: o.Now().UTC().Format(time.RFC3339) + "#~", Limit: limit})
	if err != nil {
		return 0, err
	}
	sent := 0
	var errs []error
	for _, old := range page.Items {
		if end, ok := ctx.Deadline(); ok && time.Until(end) < margin {
			break
		}
		done, err := o.drain(ctx, old.Key)
		switch {
		case done:
			sent++
		case err == nil:
		case errors.Is(err, mail.ErrThrottled), errors.Is(err, mail.ErrStopped):
			return sent, errors.Join(errs...) // the others would fare the same
		case errors.Is(err, mail.ErrRefused), errors.Is(err, mail.ErrDoubt): // on record
		default:
			errs = append(errs, err)
		}
		if ctx.Err() != nil {
			return sent, errors.Join(append(errs, ctx.Err())...)
		}
	}
	return sent, errors.Join(errs...)
}

// drain sends one mail if it is due and nobody else has it. The index may lag: only the item is believed.
func (o *Outbox) drain(ctx context.Context, k table.Key) (sent bool, err error) {
	it, err := o.Table.Get(ctx, k)
	if errors.Is(err, table.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	var r record
	if err := it.Decode(&r); err != nil {
		return false, err
	}
	id, now := it.PK[len("OUTBOX#"):], o.Now().UTC()
	if r.State != "waiting" || r.Message == nil || r.Due.After(now) {
		return false, nil
	}
	if r.Calling {
		r.Doubts++
	}
	if r.Doubts >= doubts || now.Sub(r.Posted) >= giveUp {
		o.Log.WarnContext(ctx, "mail given up", "mail", id, "tries", r.Tries, "doubts", r.Doubts)
		_, err := o.Table.Put(ctx, o.settled(id, record{State: "given-up"}, r), table.VersionIs(it.Version))
		if err == nil {
			o.Meter.One(ctx, metric.MailsLost)
		}
		return false, unlessTaken(err)
	}
	r.Due, r.Tries, r.Calling = now.Add(lease), r.Tries+1, true
	claimed, err := o.Table.Put(ctx, waiting(id, r), table.VersionIs(it.Version))
	if err != nil {
		return false, unlessTaken(err)
	}
	if err := o.try(ctx, id, claimed.Version, r); err != nil {
		o.Log.WarnContext(ctx, "mail not sent", "mail", id, "tries", r.Tries, "error", err)
		return false, err
	}
	return true, nil
}

// unlessTaken is nil where another clock has the mail.
func unlessTaken(err error) error {
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return err
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
