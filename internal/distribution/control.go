package distribution

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"time"

	"liaison/internal/table"
)

// Control is what the clock and the desk do with distributions.
type Control struct{ *kit }

// NewControl needs the table and the queue alone.
func NewControl(o Options) *Control { return &Control{newKit(o)} }

func (s *Spec) check() error {
	switch {
	case !validName(s.ID):
		return fmt.Errorf("%w: id %q", ErrInvalid, s.ID)
	case !validName(s.Issue):
		return fmt.Errorf("%w: issue %q", ErrInvalid, s.Issue)
	case s.Kind == "", len(s.Editions) == 0, len(s.Formats) == 0:
		return fmt.Errorf("%w: no kind, edition or format", ErrInvalid)
	}
	for _, e := range s.Editions {
		if e == s.Default {
			return nil
		}
	}
	return fmt.Errorf("%w: the default edition %q does not exist", ErrInvalid, s.Default)
}

// edition is the one a member of that language gets.
func (s *Spec) edition(language string) string {
	best := s.Default
	for _, e := range s.Editions {
		if e == language {
			return e
		}
		if e == base(language) {
			best = e
		}
	}
	return best
}

func base(language string) string {
	for i := range len(language) {
		if language[i] == '-' {
			return language[:i]
		}
	}
	return language
}

func (s *Spec) format(wanted string) string {
	for _, f := range s.Formats {
		if f == wanted {
			return f
		}
	}
	return s.Formats[0]
}

// Start begins the distribution, or finds it begun: it may be called again, by anybody, at any time, and the first Spec stands. Started after
// LatestStart it is paused as Overdue, with nothing planned, until Resume.
func (c *Control) Start(ctx context.Context, s Spec) (Progress, error) {
	if err := s.check(); err != nil {
		return Progress{}, err
	}
	now := c.now()
	if s.LatestStart.IsZero() && !s.Due.IsZero() {
		s.LatestStart = s.Due.Add(24 * time.Hour)
	}
	h := head{Spec: s, State: Planning, Started: now, Due: now.Add(sweepEvery), MarkAt: now}
	if !s.LatestStart.IsZero() && now.After(s.LatestStart) {
		h.State, h.Reason = Paused, Overdue
		h.alarm(now)
	}
	err := c.patiently(ctx, func() error {
		_, err := c.Table.Put(ctx, h.item(0), table.Absent)
		return err
	})
	if errors.Is(err, table.ErrConflict) {
		if h, _, err = c.head(ctx, s.ID); err == nil && h.State != Planning {
			return c.Progress(ctx, s.ID)
		}
	}
	if err != nil {
		return Progress{}, err
	}
	if h.State == Planning { // also for one that stood: whoever put it there may have died before this line
		if err := c.sendAll(ctx, Plan, s.ID); err != nil {
			return Progress{}, err
		}
	}
	return c.Progress(ctx, s.ID)
}

// sendAll puts one task for each segment on the queue.
func (k *kit) sendAll(ctx context.Context, kind, id string) error {
	tasks := make([]Task, Segments)
	for seg := range tasks {
		tasks[seg] = Task{Kind: kind, Distribution: id, Segment: seg}
	}
	return k.Queue.Send(ctx, tasks...)
}

// Pause holds an active distribution until Resume; ErrState for one that is not. Pausing a paused one takes away its own resumption.
func (c *Control) Pause(ctx context.Context, id string) error {
	return c.move(ctx, id, func(h *head) bool {
		if !h.State.Active() && h.State != Paused {
			return false
		}
		h.State, h.Reason, h.ResumeAt, h.Due, h.Alarm = Paused, "", time.Time{}, time.Time{}, time.Time{}
		return true
	})
}

// Cancel ends it for good: who has not been handed over counts as skipped. ErrState once it is finished; a second one changes nothing.
func (c *Control) Cancel(ctx context.Context, id string) error {
	return c.move(ctx, id, func(h *head) bool {
		if h.State == Finished {
			return false
		}
		if h.State != Cancelled {
			h.State, h.Reason, h.Ended, h.ResumeAt, h.Due, h.Alarm = Cancelled, "", c.now(), time.Time{}, time.Time{}, time.Time{}
		}
		return true
	})
}

// HoldAll pauses as Overdue every distribution that would act by itself, and names them: for a restored copy of the table, before anybody
// works on it. The copy has forgotten what was sent since; a person must say whether to go on.
func (c *Control) HoldAll(ctx context.Context) (held []string, err error) {
	var ids []string
	err = table.All(ctx, c.Table, table.Query{Index: indexDue, PK: duePK}, func(it table.Item) error {
		var h head
		if err := it.Decode(&h); err != nil {
			return err
		}
		ids = append(ids, h.Spec.ID)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		_, changed, err := c.change(ctx, id, func(h *head) bool {
			if !h.State.Active() && (h.State != Paused || h.ResumeAt.IsZero()) {
				return false
			}
			h.State, h.Reason, h.ResumeAt = Paused, Overdue, time.Time{}
			h.alarm(c.now())
			return true
		})
		if err != nil {
			return held, err
		}
		if changed {
			held = append(held, id)
		}
	}
	return held, nil
}

// Resume lets a paused or incomplete distribution go on, and confirms an overdue one. Rates of bounces, complaints and refusals are
// counted afresh from here; slots whose answers were lost too often are tried again. Resuming an active one puts its tasks on the
// queue once more, which is harmless. ErrState when it has ended, or when its records are about to expire.
func (c *Control) Resume(ctx context.Context, id string) error { return c.kit.resume(ctx, id, true) }

func (k *kit) resume(ctx context.Context, id string, byPerson bool) error {
	o, err := k.overview(ctx, id)
	if err != nil {
		return err
	}
	all, _, _ := o.counts()
	err = k.move(ctx, id, func(h *head) bool {
		now := k.now()
		if h.State.Final() || !k.fresh(h) {
			return false
		}
		if h.State.Active() {
			return true
		}
		if !byPerson && (h.ResumeAt.IsZero() || h.ResumeAt.After(now)) {
			return false
		}
		if byPerson {
			h.Base = all
		}
		if h.State == Incomplete {
			h.Patience++
		}
		h.State, h.Reason, h.ResumeAt, h.Ended, h.Alarm = Planning, "", time.Time{}, time.Time{}, time.Time{}
		if h.Planned {
			h.State = Sending
		}
		h.Due, h.MarkAt, h.Pushed, h.Pushes = now.Add(sweepEvery), now, now, 0
		return true
	})
	if err != nil {
		return err
	}
	return k.sendAll(ctx, Review, id) // should this be lost, the sweeper sees no progress and does the same
}

// move is change for a person's wish: ok false is ErrState.
func (k *kit) move(ctx context.Context, id string, f func(*head) bool) error {
	ok := false
	_, _, err := k.change(ctx, id, func(h *head) bool {
		ok = f(h)
		return ok
	})
	if err == nil && !ok {
		err = ErrState
	}
	return err
}

// fresh: the records of who has the letter are certain to be there still.
func (k *kit) fresh(h *head) bool {
	return k.now().Before(h.expires(k.Limits.Retention).Add(-24 * time.Hour))
}

func (h *head) expires(retention time.Duration) time.Time { return h.Started.Add(retention) }

// Progress reads about three dozen small items of one partition.
func (c *Control) Progress(ctx context.Context, id string) (Progress, error) {
	o, err := c.overview(ctx, id)
	if err != nil {
		return Progress{}, err
	}
	return o.progress(c.now()), nil
}

func (o *overview) progress(now time.Time) Progress {
	all, by, _ := o.counts()
	if o.State == Cancelled {
		all = all.cancelled()
		for edition := range maps.Keys(by) {
			by[edition] = by[edition].cancelled()
		}
	}
	p := Progress{ID: o.Spec.ID, Kind: o.Spec.Kind, Issue: o.Spec.Issue, State: o.State, Reason: o.Reason, Alarm: o.Alarm, Counts: all, ByLanguage: by,
		Due: o.Spec.Due, Started: o.Started, Finished: o.Ended, ResumeAt: o.ResumeAt}
	p.Estimate = o.estimate(all, now)
	return p
}

// cancelled counts who was left out.
func (c Counts) cancelled() Counts {
	c.Skipped, c.Retry = max(0, c.Planned-c.Sent-c.Refused-c.Doubt), 0
	return c
}

func (o *overview) estimate(c Counts, now time.Time) time.Time {
	left := c.Planned - c.done()
	switch {
	case o.State == Paused && o.Reason == Quota && o.PerDay > 0:
		return o.ResumeAt.Add(time.Duration(left/o.PerDay) * 24 * time.Hour)
	case !o.State.Active() || !o.Planned || c.done() == 0 || left == 0:
		return time.Time{}
	}
	elapsed := now.Sub(o.Started).Seconds()
	return now.Add(time.Duration(elapsed * float64(left) / float64(c.done()) * float64(time.Second))).Truncate(time.Second)
}
