package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Edited is a typed row as the respondent wants it now.
type Edited struct {
	Index int // of the row that it changes; negative for a new one
	Entry Entry
}

// Change is an edit of an answer. Typed rows that are not in Rows and wait are taken back; rows that were decided on stay.
type Change struct {
	Revision      int // of the answer that the respondent was shown
	Language      people.Language
	Respondent    Respondent
	Rows          []Edited
	List          *Listed // more rows; nil without
	WithdrawLists bool    // take back the rows of earlier lists that wait
}

// Stale is the error of a change to an older revision; nothing was written.
type Stale struct{ Now *Answer }

func (e *Stale) Error() string { return "survey: answer has changed meanwhile" }

// Locked is the error of a change to rows that can no longer be changed; nothing was written.
type Locked struct {
	Decided []int // positions in Change.Rows of rows that were decided on
	Gone    []int // … and of rows that were taken back
}

func (e *Locked) Error() string { return "survey: rows are locked" }

// Change edits an answer until the survey closes. The same change sent twice is one. ErrClosed, *Stale, *Locked, table.ErrNotFound.
func (s *Surveys) Change(ctx context.Context, id string, c Change) (*Answer, error) {
	sum := c.digest()
	for range 8 {
		a, err := s.Answer(ctx, id)
		if err != nil {
			return nil, err
		}
		if a.Last == sum && a.Revision == c.Revision+1 {
			return a, s.receipt(ctx, a)
		}
		if err := s.open(a.Survey); err != nil {
			return nil, err
		}
		if a.Revision != c.Revision {
			return nil, &Stale{a}
		}
		err = s.change(ctx, a, &c, sum)
		if errors.Is(err, table.ErrConflict) {
			continue // a decision at the desk came between; look again
		}
		if err != nil {
			return nil, err
		}
		return a, s.receipt(ctx, a)
	}
	return nil, fmt.Errorf("survey: change: %w", table.ErrThrottled)
}

func (c *Change) digest() string {
	body, err := json.Marshal(c)
	if err != nil {
		panic(fmt.Sprintf("survey: encode change: %v", err))
	}
	return digest(string(body))
}

func (s *Surveys) change(ctx context.Context, a *Answer, c *Change, sum string) error {
	typed, listed, err := s.waiting(ctx, a, c.WithdrawLists)
	if err != nil {
		return err
	}
	before, stamp := a.Pending, s.stamp()
	a.Stamps = maps.Clone(a.Stamps)
	staged, replaced, err := a.apply(c, typed, stamp)
	if err != nil {
		return err
	}
	if c.WithdrawLists {
		for i := range a.Parts {
			a.Parts[i].Withdrawn = a.Parts[i].Withdrawn || a.Parts[i].List != ""
		}
		a.Pending -= len(listed)
	}
	var added []Entry
	for _, r := range c.Rows {
		if r.Index < 0 {
			added = append(added, r.Entry)
		}
	}
	staged = append(staged, a.append(stamp, added, c.List)...)
	if a.Rows() > maxEver {
		return ErrFull
	}
	if err := s.stage(ctx, a, staged); err != nil {
		return err
	}
	a.Revision, a.Changed, a.Last, a.Respondent, a.Language = a.Revision+1, s.Now().UTC(), sum, c.Respondent, c.Language
	if err := s.commit(ctx, a, before); err != nil {
		if errors.Is(err, table.ErrConflict) {
			s.unstage(ctx, a, staged)
		}
		return err
	}
	s.forget(ctx, a, replaced, listed)
	return nil
}

// waiting reads the typed rows, and the rows of lists that wait if they are to be withdrawn.
func (s *Surveys) waiting(ctx context.Context, a *Answer, lists bool) (typed map[int]Row, listed []Row, err error) {
	typed = map[int]Row{}
	for i := range a.Parts {
		p := &a.Parts[i]
		if p.List != "" && !lists {
			continue
		}
		err := s.each(ctx, a, p.From, func(r *Row) error {
			switch {
			case r.Index >= p.To:
				return errStop
			case p.List == "":
				typed[r.Index] = *r
			case r.State == Pending:
				listed = append(listed, *r)
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	return typed, listed, nil
}

// apply works the edited rows into the answer: which rows to stage, and which stored ones are replaced or taken back.
func (a *Answer) apply(c *Change, typed map[int]Row, stamp string) (staged, replaced []Row, err error) {
	var locked Locked
	if a.Stamps == nil {
		a.Stamps = map[int]string{}
	}
	kept := map[int]bool{}
	for i, e := range c.Rows {
		if e.Index < 0 {
			continue
		}
		old, standing := typed[e.Index]
		kept[e.Index] = true
		switch {
		case !standing:
			locked.Gone = append(locked.Gone, i)
		case equal(old.Entry, e.Entry):
		case old.Locked():
			locked.Decided = append(locked.Decided, i)
		default:
			replaced = append(replaced, old)
			a.Stamps[e.Index] = stamp
			staged = append(staged, Row{Answer: a.ID, Index: e.Index, State: Pending, Entry: e.Entry, stamp: stamp})
		}
	}
	if len(locked.Decided)+len(locked.Gone) > 0 {
		return nil, nil, &locked
	}
	for i, old := range typed {
		if !kept[i] && !old.Locked() {
			a.Stamps[i] = ""
			a.Pending--
			replaced = append(replaced, old)
		}
	}
	return staged, replaced, nil
}

// commit writes the answer over the version that was read; before is how many rows were pending then.
func (s *Surveys) commit(ctx context.Context, a *Answer, before int) error {
	writes := []table.Write{table.Put(a.item(), table.VersionIs(a.version))}
	if d := a.Pending - before; d != 0 && a.Quarantine == "" {
		writes = append(writes, s.tally(a, map[string]int64{"pending": int64(d)}))
	}
	if err := s.transact(ctx, writes...); err != nil {
		return err
	}
	a.version++
	return nil
}

// forget clears rows away that no longer count, so that queues need not pass over them. Failing does no harm.
func (s *Surveys) forget(ctx context.Context, a *Answer, replaced, withdrawn []Row) {
	s.unstage(ctx, a, replaced)
	items := make([]table.Item, len(withdrawn))
	for i := range withdrawn {
		withdrawn[i].State = Withdrawn
		items[i] = withdrawn[i].item(a)
	}
	if err := s.Table.BatchPut(context.WithoutCancel(ctx), items); err != nil {
		s.Log.WarnContext(ctx, "withdrawn rows stay in the index", "answer", a.ID, "error", err)
	}
}
