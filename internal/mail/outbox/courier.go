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
	lease  = 2 * time.Minute     // longer than the function that sends may live
	keep   = 30 * 24 * time.Hour // what became of a mail is remembered so long, without its text
	giveUp = 72 * time.Hour      // no single mail is of use later: the links in it have expired
	doubts = 8                   // calls with an unknown end; each of them may have sent the mail
	margin = 5 * time.Second     // before the caller's deadline no call is begun: one that is cut off is in doubt
)

// pauses before a throttled call is made again at once: the service counts its rate by the second, and somebody waits for this mail.
var pauses = []time.Duration{time.Second, 2 * time.Second, 4 * time.Second}

// Tag is the tag by which the mail service's events name a single mail; its value is the id, other characters turned to "_".
const Tag = "mail"

// Courier hands the mails of the outbox to the mail service, one for each message that wakes it.
//
// It claims by a conditional write before it calls, and settles afterwards, so it may die between any two lines, and there may be several of it:
// before the claim nothing has happened, after it the lease keeps others away, and a claim that nobody settled is a call in doubt.
type Courier struct {
	Table  table.Table
	Sender mail.Sender
	Now    func() time.Time
	Log    *slog.Logger
	Meter  metric.Meter // nil: nobody counts
	// Sleep waits between throttled calls; nil is a timer that ends with ctx.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Handle does for the mail that a message names what its record asks for now. Nil lets go of the message, also when the mail was not sent: the
// record says when it is due, and the clock wakes it then, so that a service that takes no mails for a day uses up no message. An error is
// about the message or the table; it wants the message again.
func (c *Courier) Handle(ctx context.Context, message []byte) error {
	n, err := ParseNudge(message)
	if err != nil {
		return err
	}
	it, err := c.Table.Get(ctx, key(n.ID))
	if errors.Is(err, table.ErrNotFound) { // expired, or of a moment that was restored over
		c.Log.WarnContext(ctx, "mail is not in the outbox any more", "mail", n.ID)
		return nil
	}
	if err != nil {
		return fmt.Errorf("outbox: read %s: %w", n.ID, err)
	}
	var r record
	if err := it.Decode(&r); err != nil {
		return fmt.Errorf("outbox: read %s: %w", n.ID, err)
	}
	switch now := c.Now().UTC(); {
	case r.State != "waiting" || r.Message == nil:
		return nil
	case r.Tries > 0 && r.Due.After(now): // another has it, or the service is to be left alone until then
		return nil
	case c.short(ctx, 0):
		return nil
	default:
		return c.turn(ctx, n.ID, it.Version, r, now)
	}
}

// turn claims the mail, calls, and settles; or gives it up.
func (c *Courier) turn(ctx context.Context, id string, version int64, r record, now time.Time) error {
	if r.Calling {
		r.Doubts++
	}
	if r.Doubts >= doubts || now.Sub(r.Posted) >= giveUp {
		_, err := c.Table.Put(ctx, c.settled(id, record{State: "given-up"}, r), table.VersionIs(version))
		if err == nil {
			c.Log.WarnContext(ctx, "mail given up", "mail", id, "tries", r.Tries, "doubts", r.Doubts)
			c.Meter.One(ctx, metric.MailsLost)
		}
		return unlessTaken(err)
	}
	r.Due, r.Tries, r.Calling = now.Add(lease), r.Tries+1, true
	claimed, err := c.Table.Put(ctx, waiting(id, r), table.VersionIs(version))
	if err != nil {
		return unlessTaken(err)
	}
	service, sendErr := c.call(ctx, id, *r.Message)
	// What the service said is kept even when the caller's time is up.
	if _, err := c.Table.Put(context.WithoutCancel(ctx), c.after(id, r, service, sendErr), table.VersionIs(claimed.Version)); err != nil {
		return fmt.Errorf("outbox: settle %s: %w", id, errors.Join(sendErr, err))
	}
	c.tell(ctx, id, r, sendErr)
	return nil
}

// call makes one call, and another after each pause while it is throttled: then nothing was sent, and that is known.
func (c *Courier) call(ctx context.Context, id string, m mail.Message) (service string, err error) {
	m.Tags = append(m.Tags[:len(m.Tags):len(m.Tags)], mail.Tag{Name: Tag, Value: tagValue(id)})
	for n := 0; ; n++ {
		service, err = c.Sender.Send(ctx, m)
		if !errors.Is(err, mail.ErrThrottled) || n == len(pauses) || c.short(ctx, pauses[n]) || c.sleep(ctx, pauses[n]) != nil {
			return service, err
		}
	}
}

// tell counts and logs what became of a call.
func (c *Courier) tell(ctx context.Context, id string, r record, sendErr error) {
	switch {
	case sendErr == nil:
		c.Meter.One(ctx, metric.Mails)
	case errors.Is(sendErr, mail.ErrRefused):
		c.Meter.One(ctx, metric.MailsLost)
		c.Log.WarnContext(ctx, "mail refused", "mail", id, "error", sendErr)
	default:
		c.Log.WarnContext(ctx, "mail not sent", "mail", id, "tries", r.Tries, "error", sendErr)
	}
}

// after is the record once a call has ended.
func (c *Courier) after(id string, r record, service string, sendErr error) table.Item {
	now := c.Now().UTC()
	switch {
	case sendErr == nil:
		return c.settled(id, record{State: "sent", Service: service}, r)
	case errors.Is(sendErr, mail.ErrRefused):
		return c.settled(id, record{State: "refused", Reason: sendErr.Error()}, r)
	case errors.Is(sendErr, mail.ErrDoubt):
		r.Due = now.Add(max(lease, backoff(r.Doubts+1))) // still calling: whoever comes next counts the doubt
	default: // nothing was sent, and that is known
		r.Calling, r.Due = false, now.Add(backoff(r.Tries))
	}
	return waiting(id, r)
}

// settled is the record of a mail with which nothing more will be done; its text goes.
func (c *Courier) settled(id string, end, r record) table.Item {
	end.Posted, end.Due, end.Tries, end.Doubts = r.Posted, r.Due, r.Tries, r.Doubts
	it := table.NewItem(key(id), end)
	it.Expires = c.Now().Add(keep)
	return it
}

func backoff(tries int) time.Duration { return min(time.Minute<<min(tries, 6), time.Hour) }

// short tells whether no call may be begun when d has passed.
func (c *Courier) short(ctx context.Context, d time.Duration) bool {
	end, ok := ctx.Deadline()
	return ok && time.Until(end)-d < margin
}

func (c *Courier) sleep(ctx context.Context, d time.Duration) error {
	if c.Sleep != nil {
		return c.Sleep(ctx, d)
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// unlessTaken is nil where another courier has the mail.
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
