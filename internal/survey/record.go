package survey

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

func answerKey(id string) table.Key { return table.Key{PK: "ANSWER#" + id, SK: "ANSWER"} }

func rowKey(answer string, index int, stamp string) table.Key {
	return table.Key{PK: "ANSWER#" + answer, SK: fmt.Sprintf("ROW#%06d#%s", index, stamp)}
}

func keyKey(survey, key string) table.Key {
	return table.Key{PK: "KEY#" + survey + "#" + digest(key), SK: "KEY"}
}

func referenceKey(ref string) table.Key { return table.Key{PK: "REFERENCE#" + ref, SK: "ANSWER"} }

func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// quarantine is the queue of answers that wait apart, beside the queues of the surveys.
const quarantine = "quarantine"

func (a *Answer) item() table.Item {
	it := table.NewItem(answerKey(a.ID), a)
	when := moment(a.Received) + "#" + a.ID
	it.Index1 = table.Key{PK: "ANSWERS#" + a.Survey, SK: when}
	switch {
	case a.Quarantine != "":
		it.Index1.PK = "ANSWERS#" + quarantine
	case a.Pending > 0:
		it.Index2 = table.Key{PK: "OPEN#" + a.Survey, SK: when}
	}
	return it
}

func decodeAnswer(it table.Item) (*Answer, error) {
	a := &Answer{version: it.Version}
	return a, it.Decode(a)
}

// Answer loads an answer; table.ErrNotFound when there is none.
func (s *Surveys) Answer(ctx context.Context, id string) (*Answer, error) {
	it, err := s.Table.Get(ctx, answerKey(id))
	if err != nil {
		return nil, err
	}
	return decodeAnswer(it)
}

// Referenced loads an answer by its reference, however it was written; table.ErrNotFound when there is none.
func (s *Surveys) Referenced(ctx context.Context, ref string) (*Answer, error) {
	if ref = cleanReference(ref); ref == "" {
		return nil, table.ErrNotFound
	}
	it, err := s.Table.Get(ctx, referenceKey(ref))
	if err != nil {
		return nil, err
	}
	var r struct{ Answer string }
	if err := it.Decode(&r); err != nil {
		return nil, err
	}
	return s.Answer(ctx, r.Answer)
}

// rowRecord is a row as stored.
type rowRecord struct {
	Entry   json.RawMessage     `json:"entry"`
	State   State               `json:"state"`
	List    string              `json:"list,omitempty"`
	Line    int                 `json:"line,omitempty"`
	Decided time.Time           `json:"decided,omitzero"`
	By      people.EmailAddress `json:"by,omitempty"`
}

// item makes the stored form; withdrawn rows are in no index.
func (r *Row) item(a *Answer) table.Item {
	entry, err := json.Marshal(r.Entry)
	if err != nil {
		panic(fmt.Sprintf("survey: encode row: %v", err)) // plain structs of strings and numbers
	}
	it := table.NewItem(rowKey(a.ID, r.Index, r.stamp), rowRecord{entry, r.State, r.List, r.Line, r.Decided, r.By})
	if r.State == Withdrawn {
		return it
	}
	place := fmt.Sprintf("%s#%s#%06d", moment(a.Received), a.ID, r.Index)
	it.Index1 = table.Key{PK: queue(a.Survey, r.State), SK: place}
	it.Index2 = table.Key{PK: sameness(a.Survey, r.Entry), SK: place}
	return it
}

func queue(survey string, st State) string {
	if st == Accepting {
		st = Pending
	}
	return "ROWS#" + survey + "#" + string(st)
}

func sameness(survey string, e Entry) string { return "SAME#" + survey + "#" + digest(e.same()) }

// row reads a stored row of this answer; ok is false for one that the answer does not name: replaced, or never committed.
func (a *Answer) row(it table.Item) (r *Row, ok bool, err error) {
	r = &Row{Answer: a.ID, version: it.Version}
	if r.Index, r.stamp, ok = splitRow(it.SK); !ok {
		return nil, false, fmt.Errorf("survey: row key %v", it.Key)
	}
	part := a.part(r.Index)
	if part == nil || a.stamp(r.Index) != r.stamp {
		return nil, false, nil
	}
	var rec rowRecord
	if err := it.Decode(&rec); err != nil {
		return nil, false, err
	}
	if r.Entry, err = decodeEntry(a.Survey, rec.Entry); err != nil {
		return nil, false, fmt.Errorf("survey: row %v: %w", it.Key, err)
	}
	r.State, r.List, r.Line, r.Decided, r.By = rec.State, rec.List, rec.Line, rec.Decided, rec.By
	if part.Withdrawn && r.State == Pending {
		r.State = Withdrawn
	}
	return r, true, nil
}

func splitRow(sk string) (index int, stamp string, ok bool) {
	rest, ok := strings.CutPrefix(sk, "ROW#")
	number, stamp, ok2 := strings.Cut(rest, "#")
	if _, err := fmt.Sscanf(number, "%d", &index); err != nil || !ok || !ok2 {
		return 0, "", false
	}
	return index, stamp, true
}

func (a *Answer) part(index int) *Part {
	for i := range a.Parts {
		if p := &a.Parts[i]; index >= p.From && index < p.To {
			return p
		}
	}
	return nil
}

// stamp tells which stored row is the current one; "" when it was taken back.
func (a *Answer) stamp(index int) string {
	if st, changed := a.Stamps[index]; changed {
		return st
	}
	return a.part(index).Stamp
}

// Page reads at most limit standing rows from an index on, strongly consistent, and the index to go on from, 0 at the end.
func (s *Surveys) Page(ctx context.Context, a *Answer, from, limit int) (rows []Row, next int, err error) {
	err = s.each(ctx, a, from, func(r *Row) error {
		if len(rows) == limit {
			next = r.Index
			return errStop
		}
		rows = append(rows, *r)
		return nil
	})
	return rows, next, err
}

var errStop = errors.New("survey: stop")

// each visits the standing rows in order; errStop from f ends it well.
func (s *Surveys) each(ctx context.Context, a *Answer, from int, f func(*Row) error) error {
	q := table.Query{PK: answerKey(a.ID).PK, From: fmt.Sprintf("ROW#%06d#", from), To: "ROW#999999#~", Limit: 200}
	err := table.All(ctx, s.Table, q, func(it table.Item) error {
		r, ok, err := a.row(it)
		if err != nil || !ok || r.State == Withdrawn {
			return err
		}
		return f(r)
	})
	if errors.Is(err, errStop) {
		return nil
	}
	return err
}

// Row loads one row; table.ErrNotFound for an index that the answer never had, ErrWithdrawn for one that was taken back.
func (s *Surveys) Row(ctx context.Context, a *Answer, index int) (*Row, error) {
	if index < 0 || index >= a.Rows() {
		return nil, table.ErrNotFound
	}
	stamp := a.stamp(index)
	if stamp == "" {
		return nil, ErrWithdrawn
	}
	it, err := s.Table.Get(ctx, rowKey(a.ID, index, stamp))
	if err != nil {
		return nil, err
	}
	r, ok, err := a.row(it)
	if err == nil && (!ok || r.State == Withdrawn) {
		return nil, ErrWithdrawn
	}
	return r, err
}

// transact tries again while another transaction holds one of the items.
func (s *Surveys) transact(ctx context.Context, writes ...table.Write) error {
	for attempt := 1; ; attempt++ {
		err := s.Table.Transact(ctx, writes...)
		if !errors.Is(err, table.ErrThrottled) || attempt == 5 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(attempt*attempt) * 20 * time.Millisecond):
		}
	}
}
