package distribution

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"liaison/internal/metric"
	"liaison/internal/table"
)

// kit is what every part is built on.
type kit struct {
	Options
}

func newKit(o Options) *kit {
	o.Limits = o.Limits.orDefaults()
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Sleep == nil {
		o.Sleep = sleep
	}
	return &kit{o}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// now is the clock as it is stored: UTC, in milliseconds, so that a time read back equals the time written.
func (k *kit) now() time.Time { return k.Now().UTC().Truncate(time.Millisecond) }

// shortOfTime tells whether ctx would end before a wait and what must follow it are over. A twelfth of the lease, 10 seconds of 2 minutes, is
// kept for that.
func (k *kit) shortOfTime(ctx context.Context, wait time.Duration) bool {
	deadline, ok := ctx.Deadline()
	return ok && time.Until(deadline) < wait+k.Limits.Lease/12
}

func (k *kit) step(ctx context.Context, name string) error {
	if k.Step == nil {
		return nil
	}
	return k.Step(ctx, name)
}

// patiently repeats f while the table asks for patience.
func (k *kit) patiently(ctx context.Context, f func() error) error {
	for try := 0; ; try++ {
		err := f()
		if !errors.Is(err, table.ErrThrottled) || try == 5 {
			return err
		}
		if err := k.Sleep(ctx, 20*time.Millisecond<<try); err != nil {
			return err
		}
	}
}

func (k *kit) head(ctx context.Context, id string) (h head, version int64, err error) {
	it, err := k.Table.Get(ctx, headKey(id))
	if errors.Is(err, table.ErrNotFound) {
		return head{}, 0, fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	if err != nil {
		return head{}, 0, err
	}
	return h, it.Version, it.Decode(&h)
}

// change lets f edit the head, again if somebody else was faster, until it is stored or f says that nothing needs to be.
func (k *kit) change(ctx context.Context, id string, f func(*head) bool) (h head, changed bool, err error) {
	for try := 0; ; try++ {
		h, version, err := k.head(ctx, id)
		if err != nil {
			return h, false, err
		}
		if !f(&h) {
			return h, false, nil
		}
		err = k.patiently(ctx, func() error {
			_, err := k.Table.Put(ctx, h.item(version), table.VersionIs(version))
			return err
		})
		if err == nil || !errors.Is(err, table.ErrConflict) || try == 20 {
			return h, err == nil, err
		}
	}
}

// hold pauses an active distribution for a reason of the program's own. A zero resumeAt waits for a person.
func (k *kit) hold(ctx context.Context, id string, why Reason, resumeAt time.Time, perDay int64) error {
	h, changed, err := k.change(ctx, id, func(h *head) bool {
		if !h.State.Active() {
			return false
		}
		h.State, h.Reason, h.ResumeAt, h.PerDay = Paused, why, resumeAt, perDay
		h.alarm(k.now())
		return true
	})
	if changed {
		k.Log.WarnContext(ctx, "distribution paused", "distribution", h.Spec.ID, "reason", why)
		k.Meter.One(ctx, metric.Held)
	}
	return err
}

// end makes an active distribution finished or incomplete.
func (k *kit) end(ctx context.Context, id string, state State, why Reason) error {
	h, changed, err := k.change(ctx, id, func(h *head) bool {
		if !h.State.Active() {
			return false
		}
		h.State, h.Reason, h.Ended, h.Due = state, why, k.now(), time.Time{}
		if state != Finished {
			h.alarm(k.now())
		}
		return true
	})
	if changed {
		k.Log.InfoContext(ctx, "distribution ended", "distribution", h.Spec.ID, "state", state, "reason", why)
		if state != Finished {
			k.Meter.One(ctx, metric.Held)
		}
	}
	return err
}

// saveLedger stores a ledger over the one of that version (0: none) that was before, and moves the counters by the difference.
func (k *kit) saveLedger(ctx context.Context, ref shardRef, before ledger, version int64, after ledger, expires time.Time) error {
	item := table.NewItem(ref.ledger(), after.pack())
	item.Expires = expires
	condition := table.Absent
	if version > 0 {
		condition = table.VersionIs(version)
	}
	moved := after.tally().since(before.tally())
	err := k.patiently(ctx, func() error {
		if len(moved) == 0 {
			_, err := k.Table.Put(ctx, item, condition)
			return err
		}
		return k.Table.Transact(ctx, table.Put(item, condition), table.AddTo(tallyKey(ref.id, ref.seg, after.Edition), moved))
	})
	if err == nil {
		k.Meter.All(ctx, metric.Counts{metric.Sent: moved["sent"], metric.Refused: moved["refused"], metric.Skipped: moved["skipped"],
			metric.Doubt: moved["doubt"], metric.Repeated: moved["repeated"], metric.Bounces: moved["bounced"], metric.Complaints: moved["complained"]})
	}
	return err
}

// readLedger decodes an item found at a ledger's key.
func readLedger(it table.Item) (ledger, error) {
	var l ledger
	if err := it.Decode(&l); err != nil {
		return l, err
	}
	if l.Tries != nil && len(l.Tries) != len(l.Slots) {
		return l, fmt.Errorf("distribution: ledger %v: %d tries for %d slots", it.Key, len(l.Tries), len(l.Slots))
	}
	l.open()
	return l, nil
}

// overview is everything about a distribution but its shards, as one query reads it.
type overview struct {
	head
	plans   [Segments]plan
	tallies [Segments]map[string]tally
}

func (k *kit) overview(ctx context.Context, id string) (overview, error) {
	var o overview
	found := false
	err := table.All(ctx, k.Table, table.Query{PK: distPK(id), Limit: 1000}, func(it table.Item) error {
		kind, rest, _ := strings.Cut(it.SK, "#")
		number, edition, _ := strings.Cut(rest, "#")
		seg, err := strconv.Atoi(number)
		switch {
		case kind == "HEAD":
			found = true
			return it.Decode(&o.head)
		case err != nil || seg < 0 || seg >= Segments:
			return fmt.Errorf("distribution: strange item %v", it.Key)
		case kind == "PLAN":
			return it.Decode(&o.plans[seg])
		}
		if o.tallies[seg] == nil {
			o.tallies[seg] = map[string]tally{}
		}
		var t tally
		err = it.Decode(&t)
		o.tallies[seg][edition] = t
		return err
	})
	if err == nil && !found {
		err = fmt.Errorf("%w: %q", ErrNotFound, id)
	}
	return o, err
}

func (o *overview) allPlanned() bool {
	for _, p := range o.plans {
		if !p.Done {
			return false
		}
	}
	return true
}

func (c *Counts) add(t tally) {
	c.Sent += t.Sent
	c.Refused += t.Refused
	c.Skipped += t.Skipped
	c.Doubt += t.Doubt + t.Unknown
	c.Retry += t.Retry
	c.Bounced += t.Bounced
	c.Complained += t.Complained
	c.Repeated += t.Repeated
}

// done are the members of whom is known what became of them.
func (c Counts) done() int64 { return c.Sent + c.Refused + c.Skipped }

// counts sums up; unknown are the slots in doubt that are left alone.
func (o *overview) counts() (all Counts, byEdition map[string]Counts, unknown int64) {
	byEdition = map[string]Counts{}
	for seg := range o.plans {
		for edition, n := range o.plans[seg].Counts {
			c := byEdition[edition]
			c.Planned += n
			byEdition[edition], all.Planned = c, all.Planned+n
		}
		for edition, t := range o.tallies[seg] {
			c := byEdition[edition]
			c.add(t)
			byEdition[edition] = c
			all.add(t)
			unknown += t.Unknown
		}
	}
	return all, byEdition, unknown
}

// advance looks whether the distribution has reached its next state, and moves it there.
func (k *kit) advance(ctx context.Context, id string) (overview, error) {
	o, err := k.overview(ctx, id)
	if err != nil || !o.State.Active() || !o.allPlanned() {
		return o, err
	}
	all, _, unknown := o.counts()
	switch {
	case all.done() == all.Planned:
		return o, k.end(ctx, id, Finished, "")
	case all.done()+unknown == all.Planned && k.now().Sub(o.MarkAt) >= k.Limits.Stall: // a Resume has had its chance
		return o, k.end(ctx, id, Incomplete, Unsettled)
	case o.Planned:
		return o, nil
	}
	_, changed, err := k.change(ctx, id, func(h *head) bool {
		if h.Planned || h.State != Planning {
			return false
		}
		h.Planned, h.State = true, Sending
		return true
	})
	if !changed || err != nil {
		return o, err
	}
	return k.advance(ctx, id) // the last shard may have been settled since the overview, by a worker that saw the planning not done
}
