package newsletter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Due lists the issues that should start, and those whose start was not brought to its end. It is found through an index that may
// lag: what it lists was read again, what it misses comes with a later tick.
func (o *Office) Due(ctx context.Context, now time.Time) ([]*Issue, error) {
	var out []*Issue
	q := table.Query{Index: 1, PK: duePK, To: dueSK(now) + "#~"}
	err := table.All(ctx, o.Table, q, func(it table.Item) error {
		i, err := o.Store.fresh(ctx, it)
		if err != nil || i == nil {
			return err
		}
		if !i.HandedOver && (i.State == Planning || i.State == Scheduled && !i.ScheduledAt.After(now)) {
			out = append(out, i)
		}
		return nil
	})
	return out, err
}

func (s *Store) fresh(ctx context.Context, seen table.Item) (*Issue, error) {
	it, err := s.Table.Get(ctx, seen.Key)
	if errors.Is(err, table.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeIssue(it)
}

// Start freezes the text and hands the issue over. It may be called again, and by several at once, until it succeeds. An issue that is
// not due is left alone.
func (o *Office) Start(ctx context.Context, number int) error {
	i, err := o.change(ctx, number, func(i *Issue) (bool, error) {
		now := o.Now().UTC()
		if i.State != Scheduled || i.ScheduledAt.After(now) {
			return false, nil
		}
		i.State, i.StartedAt, i.Frozen = Planning, now, fmt.Sprintf("v%d", i.version+1)
		return true, nil
	})
	if err != nil || i.State != Planning || i.HandedOver {
		return err
	}
	made, err := o.make(ctx, i, i.StartedAt)
	if err != nil {
		var large *ErrTooLarge
		if errors.As(err, &large) || errors.Is(err, errPress) {
			return errors.Join(err, o.giveUp(ctx, i))
		}
		return err
	}
	if err := o.freeze(ctx, i, made); err != nil {
		return err
	}
	run := Run{ID: i.Run(), Kind: i.Kind, Number: i.Number, Version: i.Frozen, Editions: languages(i), Default: o.Programme.Default, Formats: Formats,
		Due: i.ScheduledAt, Latest: i.ScheduledAt.Add(LatestSend)}
	if err := o.Distributor.Start(ctx, run); err != nil {
		return err
	}
	changed := false
	i, err = o.change(ctx, number, func(i *Issue) (bool, error) {
		changed = !i.HandedOver
		i.HandedOver = true
		return changed, nil
	})
	if err != nil || !changed {
		return err
	}
	return o.record(ctx, "programme", "issue.start", i, strings.Join(strs(run.Editions), " "))
}

// giveUp makes it a draft again: its text can be mended.
func (o *Office) giveUp(ctx context.Context, i *Issue) error {
	i.State, i.Reason, i.StartedAt, i.Frozen = Draft, ReasonLetter, time.Time{}, ""
	if err := o.put(ctx, i); err != nil {
		return err
	}
	return o.record(ctx, "programme", "issue.giveup", i, i.Reason)
}

// settle notes the outcome of distributions that have ended, so that lists need not ask for it ever after.
func (o *Office) settle(ctx context.Context) error {
	return table.All(ctx, o.Table, table.Query{Index: 1, PK: runningPK}, func(it table.Item) error {
		i, err := o.fresh(ctx, it)
		if err != nil || i == nil || !i.HandedOver || i.Outcome != nil {
			return err
		}
		p, err := o.distributed(ctx, i)
		if err != nil {
			return err
		}
		if p.State != Finished && p.State != Cancelled || o.Now().Sub(p.Ended) < unsettled {
			return nil
		}
		i.Outcome = p
		if err := o.put(ctx, i); err != nil && !errors.Is(err, errRace) {
			return err
		}
		return nil
	})
}

// unsettled is how long after the end counts may still change: bounces and complaints come late.
const unsettled = 7 * 24 * time.Hour

func languages(i *Issue) []people.Language {
	var out []people.Language
	for l := range i.Editions {
		out = append(out, l)
	}
	slices.Sort(out)
	return out
}

func strs(list []people.Language) []string {
	out := make([]string, len(list))
	for i, l := range list {
		out[i] = string(l)
	}
	return out
}
