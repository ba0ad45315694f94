package distribution

import (
	"context"
	"errors"
	"time"

	"liaison/internal/metric"
	"liaison/internal/table"
)

// Sweeper is the clock's part: it finds what nobody else will, because a worker died or a message got lost. When nothing is due a sweep
// costs one query that finds nothing.
type Sweeper struct {
	*kit
	alarm Alarm
}

// NewSweeper takes a nil alarm for nobody to tell.
func NewSweeper(o Options, a Alarm) *Sweeper { return &Sweeper{newKit(o), a} }

const (
	sweepEvery = time.Minute
	pushes     = 20 // in vain, before a distribution is given up: a clock that jumps, or an outage, is no lack of progress
)

// Sweep looks at each distribution that is due, once. It may run twice at a time.
func (s *Sweeper) Sweep(ctx context.Context) error {
	var errs []error
	q := table.Query{Index: indexDue, PK: duePK, To: dueSK(s.now()) + "#\x7f"}
	err := table.All(ctx, s.Table, q, func(it table.Item) error {
		var h head
		if err := it.Decode(&h); err != nil {
			return err
		}
		errs = append(errs, s.one(ctx, h.Spec.ID)) // the index may show an old head
		return ctx.Err()
	})
	return errors.Join(append(errs, err)...)
}

func (s *Sweeper) one(ctx context.Context, id string) (failed error) {
	now := s.now()
	h, _, err := s.head(ctx, id)
	if err != nil || h.Due.IsZero() || h.Due.After(now) {
		return err
	}
	if !h.Alarm.IsZero() {
		err := s.tell(ctx, id)
		if err == nil {
			return nil
		}
		// An alarm that cannot be raised must not keep a distribution from going on.
		defer func() { failed = errors.Join(failed, err) }()
	}
	switch {
	case h.State == Paused:
		if h.ResumeAt.IsZero() || h.ResumeAt.After(now) {
			return s.due(ctx, id, h.ResumeAt)
		}
		if !s.fresh(&h) {
			return s.due(ctx, id, time.Time{})
		}
		return s.resume(ctx, id, false)
	case !h.State.Active():
		return s.due(ctx, id, time.Time{})
	case now.Sub(h.Due) > s.Limits.Stale:
		return s.hold(ctx, id, Overdue, time.Time{}, 0)
	case !s.fresh(&h):
		return s.end(ctx, id, Incomplete, Expired)
	}
	return s.push(ctx, id)
}

// due says when to look again.
func (s *Sweeper) due(ctx context.Context, id string, at time.Time) error {
	_, _, err := s.change(ctx, id, func(h *head) bool {
		if !h.Alarm.IsZero() || h.State.Active() || h.Due.Equal(at) {
			return false
		}
		h.Due = at
		return true
	})
	return err
}

// tell raises the alarm and then notes that it did.
func (s *Sweeper) tell(ctx context.Context, id string) error {
	o, err := s.overview(ctx, id)
	if err != nil {
		return err
	}
	if s.alarm != nil {
		if err := s.alarm.Alarm(ctx, o.progress(s.now())); err != nil {
			return err
		}
	}
	_, _, err = s.change(ctx, id, func(h *head) bool {
		if !h.Alarm.Equal(o.Alarm) { // it stopped again meanwhile
			return false
		}
		h.Alarm, h.Due = time.Time{}, h.ResumeAt
		return true
	})
	return err
}

// push looks at an active distribution: is it at its end, does it get on?
func (s *Sweeper) push(ctx context.Context, id string) error {
	o, err := s.advance(ctx, id)
	if err != nil {
		return err
	}
	all, _, _ := o.counts()
	mark, now := all.Planned+all.done(), s.now()
	stalled, givenUp := false, false
	_, _, err = s.change(ctx, id, func(h *head) bool {
		if !h.State.Active() {
			return false
		}
		if mark > h.Mark {
			h.Mark, h.MarkAt, h.Pushes = mark, now, 0
		}
		quiet := now.Sub(h.MarkAt)
		givenUp = quiet > s.Limits.GiveUp && h.Pushes >= pushes
		stalled = quiet >= s.Limits.Stall && now.Sub(h.Pushed) >= s.Limits.Stall
		if stalled {
			h.Pushed, h.Pushes = now, h.Pushes+1
		}
		h.Due = now.Add(sweepEvery)
		return true
	})
	switch {
	case err != nil:
		return err
	case givenUp:
		return s.end(ctx, id, Incomplete, Stalled)
	case stalled:
		s.Log.WarnContext(ctx, "distribution does not get on; reviewing", "distribution", id, "planned", all.Planned, "done", all.done())
		return s.sendAll(ctx, Review, id)
	}
	return nil
}

// judge holds a distribution that goes badly, and has a finished one reported.
func (k *kit) judge(ctx context.Context, id string) error {
	o, err := k.overview(ctx, id)
	if err != nil {
		return err
	}
	all, _, _ := o.counts()
	why := k.Limits.verdict(all, o.Base)
	if why == "" {
		return nil
	}
	if o.State.Active() {
		return k.hold(ctx, id, why, time.Time{}, 0)
	}
	_, changed, err := k.change(ctx, id, func(h *head) bool {
		if h.State != Finished || h.Reason != "" {
			return false
		}
		h.Reason = why
		h.alarm(k.now())
		return true
	})
	if changed {
		k.Meter.One(ctx, metric.Held)
	}
	return err
}

// verdict is what is wrong with the mails sent since base, if anything.
func (l Limits) verdict(now, base Counts) Reason {
	sent, refused := now.Sent-base.Sent, now.Refused-base.Refused
	bounced, complained := now.Bounced-base.Bounced, now.Complained-base.Complained
	enough := sent >= l.Sample
	switch {
	case enough && float64(bounced) > l.Bounces*float64(sent):
		return Bounces
	case enough && complained > 1 && float64(complained) > l.Complaints*float64(sent):
		return Complaints
	case refused > 0 && refused >= l.Sample/5 && float64(refused) > l.Refusals*float64(sent+refused):
		return Refusals
	}
	return ""
}
