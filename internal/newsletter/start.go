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

// due lists the issues that wait at this moment and that the caller wants. It is found through an index that may lag: what it lists
// was read again, what it misses comes with a later minute.
func (s *Store) due(ctx context.Context, now time.Time, wanted func(*Issue) bool) ([]*Issue, error) {
	var out []*Issue
	q := table.Query{Index: 1, PK: duePK, To: dueSK(now) + "#~"}
	err := table.All(ctx, s.Table, q, func(it table.Item) error {
		i, err := s.fresh(ctx, it)
		if err != nil || i == nil {
			return err
		}
		if !i.HandedOver && wanted(i) {
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

// Tick is the clock's minute: it hands over what is printed and notes what has ended. One issue's trouble does not keep the others waiting.
func (o *Office) Tick(ctx context.Context) error {
	var errs []error
	due, err := o.due(ctx, o.Now(), func(i *Issue) bool { return i.Printed })
	errs = append(errs, err)
	for _, i := range due {
		if err := o.Start(ctx, i.Number); err != nil {
			errs = append(errs, fmt.Errorf("start issue %d: %w", i.Number, err))
		}
	}
	return errors.Join(append(errs, o.settle(ctx))...)
}

// Start hands an issue over that is printed. It may be called again, and by several at once, until it succeeds. An issue that is not
// printed is left alone.
func (o *Office) Start(ctx context.Context, number int) error {
	i, err := o.Issue(ctx, number)
	if err != nil || !i.Printed || i.HandedOver {
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
