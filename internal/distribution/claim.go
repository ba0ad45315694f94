package distribution

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/table"
)

// pending are the letters of slots that a claim may take; of those out and unknown because what comes first has been waited for.
const pending = string(slotPlanned) + string(slotRetry) + string(slotOut) + string(slotUnknown)

// claim is what a worker has written into the ledger before it calls the mail service.
type claim struct {
	*job
	token string
	slots []int // in the order of the batch's entries
	after ledger
	batch mail.Batch
}

// deliver claims what fits into one call, makes it, and settles it.
func (d *Deliverer) deliver(ctx context.Context, j *job) (again bool, err error) {
	open := j.ledger.which(pending)
	most := len(open)
	if j.ledger.Width > 0 {
		most = min(most, j.ledger.Width)
	}
	most, err = d.pace.take(ctx, most)
	switch {
	case errors.Is(err, mail.ErrExhausted):
		return false, d.hold(ctx, j.id, Quota, d.now().Add(time.Hour), d.pace.perDay())
	case errors.Is(err, mail.ErrStopped):
		return false, d.hold(ctx, j.id, Stopped, time.Time{}, 0)
	case err != nil:
		return false, err
	}
	c, err := d.prepare(ctx, j, open, most)
	if errors.Is(err, ErrNoText) || errors.Is(err, errBlank) {
		d.Log.ErrorContext(ctx, "letter cannot be sent", "distribution", j.id, "edition", j.roster.Edition, "format", j.roster.Format, "error", err)
		return false, d.hold(ctx, j.id, BadLetter, time.Time{}, 0)
	}
	if err != nil {
		return false, err
	}
	taken, err := d.take(ctx, c)
	if !taken || err != nil {
		return err == nil, err
	}
	if len(c.slots) == 0 { // everybody left since the planning
		return c.after.Phase == phaseWaiting, d.progressed(ctx, j, len(open))
	}
	if err := d.step(ctx, StepClaim); err != nil {
		return false, err
	}
	return d.send(ctx, c)
}

// prepare decides who is in the batch and builds it whole, so that nothing but the call is left to do once the claim stands.
func (d *Deliverer) prepare(ctx context.Context, j *job, open []int, most int) (*claim, error) {
	c := &claim{job: j, token: d.NewID(), after: j.ledger.clone()}
	which := Which{j.head.Spec.Issue, j.head.Spec.Version, j.roster.Edition, j.roster.Format}
	rendered, err := d.letters.get(ctx, which)
	if err != nil {
		return nil, fmt.Errorf("distribution: letter %+v: %w", which, err)
	}
	ids := make([]string, len(open))
	for i, slot := range open {
		ids[i] = j.ids[slot]
	}
	standing, err := d.Standing.Standing(ctx, j.head.Spec.Kind, ids)
	if err != nil {
		return nil, fmt.Errorf("distribution: standing: %w", err)
	}
	by := make(map[string]*Recipient, len(standing))
	for i := range standing {
		by[standing[i].ID] = &standing[i]
	}
	l := &c.after
	l.Attempt++
	c.batch = mail.Batch{From: rendered.From, ReplyTo: rendered.ReplyTo, Content: rendered.Content, Headers: rendered.Headers,
		Entries: make([]mail.Entry, 0, most)}
	for _, slot := range open {
		r := by[j.ids[slot]]
		switch {
		case r == nil || !r.Active:
			l.set(slot, slotSkipped, l.Tries[slot])
		case len(c.slots) < most:
			e := d.entry(j, *r, slot, l.Attempt)
			if err := rendered.check(e.Data); err != nil {
				return nil, err
			}
			c.slots, c.batch.Entries = append(c.slots, slot), append(c.batch.Entries, e)
			l.set(slot, slotOut, l.Attempt)
		case l.Slots[slot] != slotPlanned:
			l.set(slot, slotRetry, l.Tries[slot]) // no longer in doubt: never reported, to be sent next
		}
	}
	now := d.now()
	l.Claim, l.Since, l.Until, l.Phase = c.token, now, now.Add(d.Limits.Lease), phaseSending
	if len(c.slots) == 0 {
		l.Attempt--
		l.Until = now
		l.rest()
	}
	return c, nil
}

func (d *Deliverer) entry(j *job, r Recipient, slot, attempt int) mail.Entry {
	data, headers := d.Personal(j.head.Spec.Kind, r, j.roster.Edition)
	return mail.Entry{
		To: mail.Address{Name: r.Name, Mail: r.Address}, Data: data, Headers: headers,
		Tags: []mail.Tag{{Name: tagIssue, Value: j.head.Spec.Issue}, {Name: tagShard, Value: j.shardRef.tag()},
			{Name: tagSlot, Value: strconv.Itoa(slot)}, {Name: tagAttempt, Value: strconv.Itoa(attempt)}},
	}
}

// take writes the claim. Not taken: somebody else was faster. A claim whose answer was lost is known by its token.
func (d *Deliverer) take(ctx context.Context, c *claim) (taken bool, err error) {
	err = d.saveLedger(ctx, c.shardRef, c.ledger, c.version, c.after, c.head.expires(d.Limits.Retention))
	if err == nil {
		c.version++
		return true, nil
	}
	if errors.Is(err, ErrKilled) {
		return false, err
	}
	it, readErr := d.Table.Get(ctx, c.shardRef.ledger())
	if readErr != nil {
		if errors.Is(err, table.ErrConflict) && errors.Is(readErr, table.ErrNotFound) {
			return false, nil
		}
		return false, err
	}
	l, readErr := readLedger(it)
	switch {
	case readErr != nil:
		return false, readErr
	case l.Claim == c.token:
		c.after, c.version = l, it.Version
		return true, nil
	case errors.Is(err, table.ErrConflict):
		return false, nil
	}
	return false, err
}

// Tags of every mail. The mail service gives them back in its events.
const (
	tagIssue   = "issue"
	tagShard   = "shard" // distribution-segment-number
	tagSlot    = "slot"
	tagAttempt = "attempt"
)

func (r shardRef) tag() string { return fmt.Sprintf("%s-%02d-%06d", r.id, r.seg, r.shard) }

// place reads the tags of a mail; ok is false for mails that no distribution sent.
func place(tags map[string]string) (ref shardRef, slot, attempt int, ok bool) {
	rest, number, found := cutLast(tags[tagShard])
	id, seg, found2 := cutLast(rest)
	var errs [4]error
	ref.id = id
	ref.shard, errs[0] = strconv.Atoi(number)
	ref.seg, errs[1] = strconv.Atoi(seg)
	slot, errs[2] = strconv.Atoi(tags[tagSlot])
	attempt, errs[3] = strconv.Atoi(tags[tagAttempt])
	ok = found && found2 && errors.Join(errs[:]...) == nil && validName(id) &&
		ref.seg >= 0 && ref.seg < Segments && ref.shard >= 0 && ref.shard <= maxShard && slot >= 0 && slot < ShardSize && attempt > 0
	return ref, slot, attempt, ok
}

func cutLast(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, '-')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}
