package newsletter

import (
	"context"
	"errors"
	"time"

	"liaison/internal/people"
)

// Distributor brings a started issue to its readers; package distribution, through app. Its run is named by Issue.Run.
type Distributor interface {
	// Start is idempotent by run.
	Start(ctx context.Context, r Run) error
	// Pause, Resume and Cancel answer ErrState where they make no sense; doing one twice is no error.
	Pause(ctx context.Context, run string) error
	Resume(ctx context.Context, run string) error
	Cancel(ctx context.Context, run string) error
	// Progress is ErrNotFound before the start.
	Progress(ctx context.Context, run string) (*Progress, error)
}

// Run is what the distributor needs to know.
type Run struct {
	ID       string
	Kind     Kind // newsletters go to subscribers, leaflets to experts
	Number   int
	Version  string // of the frozen letters
	Editions []people.Language
	Default  people.Language
	Formats  []Format
	Due      time.Time
	Latest   time.Time // a start after this waits for a person
}

// Counts of readers; see package distribution for their exact meaning.
type Counts struct {
	Planned    int64 `json:"planned"`
	Sent       int64 `json:"sent"`
	Refused    int64 `json:"refused"`
	Doubt      int64 `json:"doubt"`
	Skipped    int64 `json:"skipped"` // left after the plan was made
	Retry      int64 `json:"retry"`
	Bounced    int64 `json:"bounced"`
	Complained int64 `json:"complained"`
	Repeated   int64 `json:"repeated"`
}

// Progress of a distribution.
type Progress struct {
	State  State  `json:"state"`
	Reason string `json:"reason,omitempty"` // a stable name
	Counts
	ByLanguage map[people.Language]Counts `json:"byLanguage"`
	Ended      time.Time                  `json:"ended,omitzero"`
	ResumeAt   time.Time                  `json:"resumeAt,omitzero"` // of a pause that ends by itself
	Estimate   time.Time                  `json:"estimate,omitzero"` // when it will be finished; zero: unknown
}

// Progress tells where an issue stands: its own state before the start, the distribution's after.
func (o *Office) Progress(ctx context.Context, i *Issue) (*Progress, error) {
	if i.Outcome != nil {
		return i.Outcome, nil
	}
	if i.HandedOver {
		return o.distributed(ctx, i)
	}
	return &Progress{State: i.State, Reason: i.Reason, ByLanguage: map[people.Language]Counts{}}, nil
}

// distributed tells of an issue that was handed over. One that the distributor has forgotten, because its records were restored to a moment
// before, is incomplete: nobody can say who has it, and nothing more is sent.
func (o *Office) distributed(ctx context.Context, i *Issue) (*Progress, error) {
	p, err := o.Distributor.Progress(ctx, i.Run())
	if errors.Is(err, ErrNotFound) {
		return &Progress{State: Incomplete, Reason: ReasonForgotten, ByLanguage: map[people.Language]Counts{}}, nil
	}
	return p, err
}

// Schedule plans the start. The time may be moved until then; a paused or cancelled issue that has not started can be scheduled again.
func (o *Office) Schedule(ctx context.Context, who string, number int, at time.Time) (*Issue, error) {
	now := o.Now()
	at = at.UTC().Truncate(time.Second)
	switch {
	case at.Before(now.Add(-Late)):
		return nil, ErrPast
	case at.After(now.Add(Ahead)):
		return nil, ErrFar
	}
	changed := false
	i, err := o.change(ctx, number, func(i *Issue) (bool, error) {
		changed = false
		if i.Started() {
			return false, ErrStarted
		}
		if _, ok := i.Editions[o.Programme.Default]; !ok {
			return false, ErrNoEdition
		}
		if i.State == Scheduled && i.ScheduledAt.Equal(at) {
			return false, nil
		}
		i.State, i.Reason, i.ScheduledAt = Scheduled, "", at
		changed = true
		return true, nil
	})
	if err != nil || !changed {
		return i, err
	}
	return i, o.record(ctx, who, "issue.schedule", i, at.Format(time.RFC3339))
}

// Pause stops handing letters over, or takes a scheduled issue off the clock.
func (o *Office) Pause(ctx context.Context, who string, number int) (*Issue, error) {
	return o.act(ctx, who, number, "issue.pause", func(i *Issue) (bool, error) {
		switch i.State {
		case Paused:
			return false, nil
		case Scheduled:
			i.State = Paused
			return true, nil
		}
		return false, ErrState
	}, o.Distributor.Pause)
}

// Resume goes on where Pause stopped. A scheduled issue whose time has passed meanwhile starts at once.
func (o *Office) Resume(ctx context.Context, who string, number int) (*Issue, error) {
	return o.act(ctx, who, number, "issue.resume", func(i *Issue) (bool, error) {
		switch i.State {
		case Scheduled:
			return false, nil
		case Paused:
			i.State = Scheduled
			if now := o.Now().UTC().Truncate(time.Second); i.ScheduledAt.Before(now) {
				i.ScheduledAt = now
			}
			return true, nil
		}
		return false, ErrState
	}, o.Distributor.Resume)
}

// Cancel ends the distribution; who has the letter by then keeps it. Before the start it takes the issue off the programme, and it may
// be scheduled anew.
func (o *Office) Cancel(ctx context.Context, who string, number int) (*Issue, error) {
	return o.act(ctx, who, number, "issue.cancel", func(i *Issue) (bool, error) {
		if i.State == Cancelled {
			return false, nil
		}
		i.State = Cancelled
		return true, nil
	}, o.Distributor.Cancel)
}

// act decides by the issue before its start, and by the distribution after.
func (o *Office) act(ctx context.Context, who string, number int, name string, before func(*Issue) (bool, error), after func(context.Context, string) error) (*Issue, error) {
	changed := false
	i, err := o.change(ctx, number, func(i *Issue) (bool, error) {
		changed = false
		if i.HandedOver {
			return false, nil
		}
		if i.Started() {
			return false, ErrStarting
		}
		var err error
		changed, err = before(i)
		return changed, err
	})
	if err != nil {
		return i, err
	}
	if i.HandedOver {
		was, err := o.Progress(ctx, i)
		if err != nil {
			return nil, err
		}
		if err := after(ctx, i.Run()); err != nil {
			return i, err
		}
		is, err := o.Progress(ctx, i)
		if err != nil {
			return nil, err
		}
		changed = was.State != is.State
	}
	if !changed {
		return i, nil
	}
	return i, o.record(ctx, who, name, i, "")
}
