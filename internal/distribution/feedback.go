package distribution

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/table"
)

// Feedback takes what the mail service reports: it clears up doubt, corrects what was thought sent, and counts bounces and complaints.
type Feedback struct {
	*kit
	suppressor Suppressor

	mu     sync.Mutex
	closed map[shardRef]bool // shards that no further Send event can change
	seen   time.Time         // watermark as last written
}

// NewFeedback handles events.
func NewFeedback(o Options, s Suppressor) *Feedback {
	return &Feedback{kit: newKit(o), suppressor: s, closed: map[shardRef]bool{}}
}

// Handle takes events of any mails, in any order, as often as they come. After an error the queue must bring them all again.
func (f *Feedback) Handle(ctx context.Context, events ...mail.Event) error {
	type report struct {
		seen []observation
		bad  []mail.Event // bounces and complaints, beside the observations of their slots in badAt
		slot []int
	}
	reports := map[shardRef]*report{}
	var refs []shardRef
	var errs []error
	for _, e := range events {
		ref, slot, attempt, ours := place(e.Tags)
		if !ours {
			if e.Kind == mail.EventBounce && e.Permanent || e.Kind == mail.EventComplaint {
				errs = append(errs, f.single(ctx, e))
			}
			continue
		}
		fate, known := fateOf(e)
		if !known || fate == fateSent && f.isClosed(ref) {
			continue
		}
		r := reports[ref]
		if r == nil {
			r = &report{}
			reports[ref], refs = r, append(refs, ref)
		}
		r.seen = append(r.seen, observation{slot, attempt, fate, e.Reason})
		if fate == fateBounced || fate == fateComplained {
			r.bad, r.slot = append(r.bad, e), append(r.slot, slot)
		}
	}
	keys := make([]table.Key, len(refs))
	for i, ref := range refs {
		keys[i] = ref.ledger()
	}
	items, err := f.Table.BatchGet(ctx, keys)
	if err != nil {
		return errors.Join(append(errs, err)...)
	}
	stored := make(map[table.Key]table.Item, len(items))
	for _, it := range items {
		stored[it.Key] = it
	}
	for _, ref := range refs {
		it, ok := stored[ref.ledger()]
		if !ok {
			continue // expired, or never ours
		}
		r := reports[ref]
		if len(r.bad) > 0 {
			if err := f.suppress(ctx, ref, r.bad, r.slot); err != nil {
				errs = append(errs, err)
				continue // counted when it comes again: who is counted is suppressed
			}
		}
		errs = append(errs, f.record(ctx, ref, it, r.seen))
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return f.watermark(ctx, events)
}

// single takes a report of a mail that no distribution sent.
func (f *Feedback) single(ctx context.Context, e mail.Event) error {
	if err := f.suppressor.Suppress(ctx, "", "", e); err != nil {
		return err
	}
	n := metric.Bounces
	if e.Kind == mail.EventComplaint {
		n = metric.Complaints
	}
	f.Meter.One(ctx, n)
	return nil
}

// fateOf says what an event tells of its slot; known is false for kinds that tell nothing.
func fateOf(e mail.Event) (f fate, known bool) {
	switch e.Kind {
	case mail.EventBounce:
		if e.Permanent {
			return fateBounced, true
		}
		return fateSent, true
	case mail.EventComplaint:
		return fateComplained, true
	case mail.EventReject, mail.EventRendering:
		return fateFailed, true
	case mail.EventSend, mail.EventDelivery:
		return fateSent, true
	}
	return 0, false
}

// record applies what was seen to one ledger, again where somebody else was faster.
func (f *Feedback) record(ctx context.Context, ref shardRef, it table.Item, what []observation) error {
	for try := 0; ; try++ {
		before, err := readLedger(it)
		if err != nil {
			return err
		}
		after := before.clone()
		for _, o := range what {
			after.observe(o)
		}
		after.rest()
		if same(before, after) {
			f.remember(ref, after)
			return nil
		}
		err = f.saveLedger(ctx, ref, before, it.Version, after, it.Expires)
		if err == nil {
			f.remember(ref, after)
			return f.consequences(ctx, ref, before, after)
		}
		if !errors.Is(err, table.ErrConflict) || try == 20 {
			return err
		}
		if it, err = f.Table.Get(ctx, ref.ledger()); errors.Is(err, table.ErrNotFound) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

func same(a, b ledger) bool {
	return a.Slots == b.Slots && a.Phase == b.Phase && slices.Equal(a.Tries, b.Tries) && slices.Equal(a.Repeats, b.Repeats) &&
		slices.Equal(a.Failures, b.Failures) && slices.Equal(a.Bounced, b.Bounced) && slices.Equal(a.Complained, b.Complained)
}

// consequences of a change for the distribution. Those of a worker that dies here are found by the next event, or the sweeper.
func (f *Feedback) consequences(ctx context.Context, ref shardRef, before, after ledger) error {
	was, is := before.tally(), after.tally()
	if is.Bounced > was.Bounced || is.Complained > was.Complained || is.Refused > was.Refused {
		if err := f.judge(ctx, ref.id); err != nil {
			return err
		}
	}
	if after.Phase == phaseSettled && before.Phase != phaseSettled {
		_, err := f.advance(ctx, ref.id)
		return err
	}
	return nil
}

// suppress tells the domain which members must not be mailed again.
func (f *Feedback) suppress(ctx context.Context, ref shardRef, events []mail.Event, slots []int) error {
	items, err := f.Table.BatchGet(ctx, []table.Key{headKey(ref.id), ref.roster()})
	if err != nil {
		return err
	}
	var h head
	var r roster
	for _, it := range items {
		if it.Key == ref.roster() {
			err = it.Decode(&r)
		} else {
			err = it.Decode(&h)
		}
		if err != nil {
			return err
		}
	}
	ids := r.members()
	for i, e := range events {
		member := ""
		if slots[i] < len(ids) {
			member = ids[slots[i]]
		}
		if err := f.suppressor.Suppress(ctx, h.Spec.Kind, member, e); err != nil {
			return fmt.Errorf("distribution: suppress a member: %w", err)
		}
	}
	return nil
}

func (f *Feedback) isClosed(ref shardRef) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.closed[ref]
}

// remember keeps shards that every further Send event would find as they are, so that most events cost no read.
func (f *Feedback) remember(ref shardRef, l ledger) {
	if l.Phase != phaseSettled || l.Attempt != 1 || l.has(string(slotRefused)+string(slotFailed)+string(slotUnknown)) {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.closed) >= 20_000 {
		clear(f.closed)
	}
	f.closed[ref] = true
}

// watermark tells that events up to the latest of these have come in: the line is alive.
func (f *Feedback) watermark(ctx context.Context, events []mail.Event) error {
	var latest time.Time
	for _, e := range events {
		if e.At.After(latest) {
			latest = e.At
		}
	}
	if now := f.now(); latest.After(now) {
		latest = now
	}
	f.mu.Lock()
	due := latest.Sub(f.seen) >= time.Second
	f.mu.Unlock()
	if !due {
		return nil
	}
	if _, err := f.Table.Put(ctx, table.NewItem(seenKey(), seen{latest.UTC()}), table.Any); err != nil {
		return err // the same events come again, and must find it still to be written
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if latest.After(f.seen) {
		f.seen = latest
	}
	return nil
}
