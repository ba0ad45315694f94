package survey

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Decision on a row.
type Decision string

const (
	Accept Decision = "accept"
	Reject Decision = "reject"
)

// AllRows in place of an index means every row that waits.
const AllRows = -1

// Outcome tells what a decision did.
type Outcome struct {
	Decided int // rows that changed their state
	Waiting int // rows of the answer that still wait
}

// chunk is the number of rows that are claimed, carried out and settled together.
const chunk = 25

// errRaced: the answer or a row was changed by somebody else since it was read; nothing was written.
var errRaced = errors.New("survey: changed meanwhile")

// Decide accepts or rejects one row, or every row that waits. It is idempotent: a row that is already as decided is left alone.
//
// Accepting claims rows first, so that the respondent can no longer change them, then lets their effects happen, then settles. A crash
// between leaves rows in state Accepting; accepting them again repeats the effect, which is idempotent by the row's id. When ctx ends
// in the middle of many rows, those done so far stay done, and the Outcome says how many wait. An answer in quarantine is let out
// first; whoever rejects thanks nobody, for the address in it may belong to somebody who never asked.
//
// ErrAccepted, ErrWithdrawn, table.ErrNotFound; for AllRows rows that cannot be changed are passed over.
func (s *Surveys) Decide(ctx context.Context, by people.EmailAddress, id string, d Decision, index int) (Outcome, error) {
	var out Outcome
	a, err := s.release(ctx, by, id, d == Accept)
	if err != nil {
		return out, err
	}
	if index != AllRows {
		return s.decideOne(ctx, by, a, d, index)
	}
	for from, races := 0, 0; ctx.Err() == nil && races < 8; {
		rows, next, err := s.waitingFrom(ctx, a, from)
		if err != nil {
			return out, err
		}
		done, err := s.decide(ctx, by, a, d, rows)
		out.Decided += done
		switch {
		case errors.Is(err, errRaced):
			races++
		case err != nil:
			return out, err
		case next == 0:
			out.Waiting = a.Pending
			return out, nil
		default:
			from, races = next, 0
		}
		if a, err = s.Answer(ctx, id); err != nil {
			return out, err
		}
	}
	a, err = s.Answer(context.WithoutCancel(ctx), id)
	if err == nil {
		out.Waiting = a.Pending
	}
	return out, err
}

func (s *Surveys) decideOne(ctx context.Context, by people.EmailAddress, a *Answer, d Decision, index int) (Outcome, error) {
	for range 8 {
		r, err := s.Row(ctx, a, index)
		if err != nil {
			return Outcome{}, err
		}
		switch {
		case d == Accept && r.State == Accepted, d == Reject && r.State == Rejected:
			return Outcome{Waiting: a.Pending}, nil
		case d == Reject && r.Locked():
			return Outcome{}, ErrAccepted
		}
		done, err := s.decide(ctx, by, a, d, []Row{*r})
		if err != nil && !errors.Is(err, errRaced) {
			return Outcome{}, err
		}
		fresh, readErr := s.Answer(ctx, a.ID)
		if readErr != nil {
			return Outcome{}, readErr
		}
		if a = fresh; err == nil {
			return Outcome{Decided: done, Waiting: a.Pending}, nil
		}
	}
	return Outcome{}, fmt.Errorf("survey: decide: %w", table.ErrThrottled)
}

// waitingFrom reads the next chunk of rows that wait, and the index to go on from, 0 at the end.
func (s *Surveys) waitingFrom(ctx context.Context, a *Answer, from int) (rows []Row, next int, err error) {
	err = s.each(ctx, a, from, func(r *Row) error {
		if len(rows) == chunk {
			next = r.Index
			return errStop
		}
		if r.State == Pending || r.State == Accepting {
			rows = append(rows, *r)
		}
		return nil
	})
	return rows, next, err
}

// decide carries a decision out on rows of one answer as both were read; errRaced when either has changed since.
func (s *Surveys) decide(ctx context.Context, by people.EmailAddress, a *Answer, d Decision, rows []Row) (int, error) {
	if d == Reject {
		var left []Row
		for _, r := range rows {
			if r.State == Pending {
				left = append(left, r)
			}
		}
		return len(left), s.settle(ctx, by, a, left, Rejected)
	}
	rows, err := s.claim(ctx, by, a, rows)
	if err != nil {
		return 0, err
	}
	done, err := s.effects(ctx, by, a, rows)
	if settleErr := s.settleAccepted(context.WithoutCancel(ctx), by, a, done); settleErr != nil {
		return 0, errors.Join(err, settleErr)
	}
	return len(done), err
}

// claim marks rows as being accepted and returns them all as claimed.
func (s *Surveys) claim(ctx context.Context, by people.EmailAddress, a *Answer, rows []Row) ([]Row, error) {
	var writes []table.Write
	var fresh []Row
	was := *a
	for i := range rows {
		r := &rows[i]
		if r.State == Accepting {
			continue
		}
		if r.State == Rejected {
			a.Rejected--
			a.Pending++
		}
		r.State, r.By = Accepting, by
		writes = append(writes, table.Put(r.item(a), table.VersionIs(r.version)))
		r.version++
		fresh = append(fresh, *r)
	}
	if len(writes) == 0 {
		return rows, nil
	}
	if err := s.write(ctx, &was, a, writes); err != nil {
		return nil, err
	}
	return rows, s.note(ctx, by, "answer.accept", a, fresh)
}

// effects lets each row's acceptance happen, until one fails or the time is up.
func (s *Surveys) effects(ctx context.Context, by people.EmailAddress, a *Answer, rows []Row) (done []Row, err error) {
	for _, r := range rows {
		if ctx.Err() != nil {
			return done, nil
		}
		from := Origin{ID: r.ID(), Reference: a.Reference, Language: s.Programme.Nearest(a.Language), Respondent: a.Respondent, By: by}
		if err := r.Entry.accept(context.WithoutCancel(ctx), s.Accept, from); err != nil {
			return done, fmt.Errorf("survey: accept row %s: %w", r.ID(), err)
		}
		done = append(done, r)
	}
	return done, nil
}

// settleAccepted writes down that rows are accepted. They are locked, so only another acceptance of the same rows can come between;
// other changes of the answer are gone round.
func (s *Surveys) settleAccepted(ctx context.Context, by people.EmailAddress, a *Answer, rows []Row) error {
	for range 8 {
		err := s.settle(ctx, by, a, rows, Accepted)
		if !errors.Is(err, errRaced) {
			return err
		}
		if a, err = s.Answer(ctx, a.ID); err != nil {
			return err
		}
		var left []Row
		for _, r := range rows {
			now, err := s.Row(ctx, a, r.Index)
			if err != nil {
				return err
			}
			if now.State == Accepting {
				left = append(left, *now)
			}
		}
		rows = left
	}
	return fmt.Errorf("survey: settle: %w", table.ErrThrottled)
}

// settle moves rows that wait to their final state.
func (s *Surveys) settle(ctx context.Context, by people.EmailAddress, a *Answer, rows []Row, to State) error {
	if len(rows) == 0 {
		return nil
	}
	was, now := *a, *a
	var writes []table.Write
	for _, r := range rows {
		r.State, r.By, r.Decided = to, by, s.Now().UTC()
		writes = append(writes, table.Put(r.item(a), table.VersionIs(r.version)))
	}
	now.Pending -= len(rows)
	if to == Accepted {
		now.Accepted += len(rows)
	} else {
		now.Rejected += len(rows)
	}
	if err := s.write(ctx, &was, &now, writes); err != nil {
		return err
	}
	*a = now
	if to == Rejected {
		return s.note(ctx, by, "answer.reject", a, rows)
	}
	return nil
}

// write commits rows together with their answer and the counts.
func (s *Surveys) write(ctx context.Context, was, now *Answer, writes []table.Write) error {
	writes = append(writes, table.Put(now.item(), table.VersionIs(was.version)))
	change := map[string]int64{}
	for name, d := range map[string]int{"pending": now.Pending - was.Pending, "accepted": now.Accepted - was.Accepted, "rejected": now.Rejected - was.Rejected} {
		if d != 0 {
			change[name] = int64(d)
		}
	}
	if len(change) > 0 {
		writes = append(writes, s.tally(now, change))
	}
	err := s.transact(ctx, writes...)
	if errors.Is(err, table.ErrConflict) {
		return errRaced
	}
	if err != nil {
		return err
	}
	now.version = was.version + 1
	return nil
}

// Release lets an answer out of quarantine, if it is in there, and thanks for it.
func (s *Surveys) Release(ctx context.Context, by people.EmailAddress, id string) (*Answer, error) {
	return s.release(ctx, by, id, true)
}

func (s *Surveys) release(ctx context.Context, by people.EmailAddress, id string, thank bool) (*Answer, error) {
	for range 8 {
		a, err := s.Answer(ctx, id)
		if err != nil || a.Quarantine == "" {
			return a, err
		}
		why := a.Quarantine
		a.Quarantine = ""
		if thank { // before the answer is out: a second press finishes what a crash left
			if err := s.receipt(ctx, a); err != nil {
				return nil, err
			}
		}
		err = s.transact(ctx, table.Put(a.item(), table.VersionIs(a.version)), s.tally(a, map[string]int64{"quarantined": -1, "pending": int64(a.Pending)}))
		if errors.Is(err, table.ErrConflict) {
			continue
		}
		if err != nil {
			return nil, err
		}
		a.version++
		return a, s.Audit.Record(ctx, string(by), "answer.release", "answer/"+a.Reference, why)
	}
	return nil, fmt.Errorf("survey: release: %w", table.ErrThrottled)
}

// note puts a decision into the record: rows are numbered from 1 there, as on pages.
func (s *Surveys) note(ctx context.Context, by people.EmailAddress, act string, a *Answer, rows []Row) error {
	numbers := make([]string, len(rows))
	for i, r := range rows {
		numbers[i] = strconv.Itoa(r.Index + 1)
	}
	return s.Audit.Record(ctx, string(by), act, "answer/"+a.Reference, a.Survey+": "+strings.Join(numbers, ", "))
}
