package distribution

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"liaison/internal/mail"
	"liaison/internal/table"
)

// answer is what came of one call, slot by slot.
type answer struct {
	seen     []observation
	lost     bool          // whether it was taken is not known
	halve    bool          // refused whole: try fewer at a time
	wait     time.Duration // until what was turned away is tried again
	stop     Reason        // pause the distribution
	refused  bool
	accepted int
}

// lostInARow is how many answers are lost until a worker takes the mail service for unreachable.
const lostInARow = 3

// errSlow: the call was never made.
var errSlow = fmt.Errorf("%w: too late for the call", mail.ErrThrottled)

// send makes the one call that the claim is for.
func (d *Deliverer) send(ctx context.Context, c *claim) (again bool, err error) {
	// A worker that is too slow must not call, or wait for the answer, after its lease: others would take it for dead.
	calling, cancel := context.WithTimeout(ctx, d.Limits.Lease/2)
	var results []mail.Result
	if err = errSlow; d.now().Before(c.after.Until.Add(-d.Limits.Lease*3/4)) && ctx.Err() == nil {
		results, err = d.Sender.SendBatch(calling, c.batch)
	}
	cancel()
	if errors.Is(err, ErrKilled) {
		return false, err
	}
	// What is known now must be written even when the worker has been told to stop.
	ctx, cancel = context.WithTimeout(context.WithoutCancel(ctx), d.Limits.Lease/4)
	defer cancel()
	a := d.read(c, results, err)
	if a.lost {
		return false, d.settleLost(ctx, c, err)
	}
	d.lost.Store(0)
	if err := d.step(ctx, StepAccepted); err != nil {
		return false, err
	}
	return d.settle(ctx, c, a)
}

// read turns the service's words into observations.
func (d *Deliverer) read(c *claim, results []mail.Result, err error) (a answer) {
	whole := func(f fate) {
		for _, slot := range c.slots {
			a.seen = append(a.seen, observation{slot, c.after.Attempt, f, fmt.Sprint(err)})
		}
	}
	backoff := func() {
		a.wait = min(time.Second<<min(c.ledger.Throttles, 10), 5*time.Minute)
		a.wait += time.Duration(rand.Int64N(int64(a.wait)/4 + 1))
	}
	switch {
	case err == nil && len(results) == len(c.slots):
	case errors.Is(err, mail.ErrThrottled):
		whole(fateRetry)
		backoff()
		return a
	case errors.Is(err, mail.ErrExhausted):
		whole(fateRetry)
		a.stop, a.wait = Quota, time.Minute
		return a
	case errors.Is(err, mail.ErrStopped):
		whole(fateRetry)
		a.stop, a.wait = Stopped, time.Minute
		return a
	case errors.Is(err, mail.ErrRefused) && len(c.slots) == 1:
		whole(fateRefused)
		a.refused = true
		return a
	case errors.Is(err, mail.ErrRefused):
		whole(fateRetry)
		a.halve = true
		return a
	default:
		a.lost = true
		return a
	}
	for i, r := range results {
		o := observation{slot: c.slots[i], attempt: c.after.Attempt, why: r.Reason}
		switch r.Outcome {
		case mail.Sent:
			o.fate, a.accepted = fateSent, a.accepted+1
		case mail.Refused:
			o.fate, a.refused = fateRefused, true
		case mail.Stopped:
			o.fate, a.stop, a.wait = fateRetry, Stopped, time.Minute
		case mail.Exhausted:
			o.fate, a.stop, a.wait = fateRetry, Quota, time.Minute
		default:
			o.fate = fateRetry
			if a.wait == 0 {
				backoff()
			}
		}
		a.seen = append(a.seen, o)
	}
	return a
}

// settle writes the answer down, and goes on or leaves the rest to a later task.
func (d *Deliverer) settle(ctx context.Context, c *claim, a answer) (again bool, err error) {
	until := d.now().Add(a.wait)
	if a.wait > 0 {
		if err := d.wake(ctx, c.job, until); errors.Is(err, ErrKilled) {
			return false, err
		} else if err != nil { // then this very message has to come again: nothing else will
			until = d.now()
			defer func() { again, err = false, errors.Join(err, &NotYet{After: a.wait}) }()
		}
	}
	after, err := d.apply(ctx, c, func(l *ledger, mine bool) {
		for _, o := range a.seen {
			l.observe(o)
		}
		l.rest()
		if !mine {
			return
		}
		l.Until = until
		l.Throttles = 0
		if a.wait > 0 && a.stop == "" {
			l.Throttles = c.ledger.Throttles + 1
		}
		if a.halve {
			l.Width = max(1, len(c.slots)/2)
		}
	})
	if err != nil {
		return false, err
	}
	if err := d.step(ctx, StepSettle); err != nil {
		return false, err
	}
	if err := d.afterwards(ctx, c, a); err != nil {
		return false, err
	}
	return after.Phase == phaseWaiting && !d.now().Before(after.Until), nil
}

// afterwards is what an answer means for the distribution. All of it is found again by the next answer or by the sweeper, should the worker die before.
func (d *Deliverer) afterwards(ctx context.Context, c *claim, a answer) error {
	switch a.stop {
	case Quota:
		return d.hold(ctx, c.id, Quota, d.now().Add(time.Hour), d.pace.perDay())
	case Stopped:
		return d.hold(ctx, c.id, Stopped, time.Time{}, 0)
	}
	if a.refused {
		if err := d.judge(ctx, c.id); err != nil {
			return err
		}
	}
	return d.progressed(ctx, c.job, len(a.seen))
}

// settleLost puts the slots in doubt: SES may have taken the batch. When answers stay out one after the other, the distribution is paused for a while, so that
// an outage does not put everybody in doubt.
func (d *Deliverer) settleLost(ctx context.Context, c *claim, cause error) error {
	d.Log.WarnContext(ctx, "answer lost", "distribution", c.id, "segment", c.seg, "shard", c.shard, "attempt", c.after.Attempt, "error", cause)
	until := d.now().Add(d.Limits.Grace)
	if err := d.wake(ctx, c.job, until); err != nil {
		return err // the lease passes, and the message comes again
	}
	_, err := d.apply(ctx, c, func(l *ledger, mine bool) {
		if mine && l.Phase == phaseSending && l.has(string(slotOut)) {
			l.doubt(until, d.doubts(&c.head))
		}
	})
	if err != nil || d.lost.Add(1) < lostInARow {
		return err
	}
	d.lost.Store(0)
	return d.hold(ctx, c.id, Unreachable, d.now().Add(d.Limits.LookAgain), 0)
}

// apply lets f change the ledger where it stands now, which is where the claim left it unless events came in or the lease passed: f is told
// whether the claim is still the latest.
func (d *Deliverer) apply(ctx context.Context, c *claim, f func(l *ledger, mine bool)) (ledger, error) {
	before, version := c.after, c.version
	for try := 0; ; try++ {
		after := before.clone()
		f(&after, before.Claim == c.token)
		err := d.saveLedger(ctx, c.shardRef, before, version, after, c.head.expires(d.Limits.Retention))
		if err == nil || try == 20 || errors.Is(err, ErrKilled) || errors.Is(err, table.ErrInvalid) {
			return after, err
		}
		if !errors.Is(err, table.ErrConflict) {
			d.Log.WarnContext(ctx, "settling again", "distribution", c.id, "segment", c.seg, "shard", c.shard, "error", err)
			if err := d.Sleep(ctx, 50*time.Millisecond<<min(try, 6)); err != nil {
				return after, err
			}
		}
		it, err := d.Table.Get(ctx, c.shardRef.ledger())
		if err != nil {
			continue // and fail again, with what is known
		}
		if before, err = readLedger(it); err != nil {
			return after, err
		}
		version = it.Version
	}
}
