package survey

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"

	"liaison/internal/programme"
	"liaison/internal/table"
)

// Which answers a list holds.
type Which string

const (
	Open Which = "open" // with rows that wait, oldest first
	All  Which = "all"  // newest first
)

// Answers lists the answers of a survey from a secondary index, which may lag; cursor as of table.Query.
func (s *Surveys) Answers(ctx context.Context, survey string, which Which, limit int, cursor string) ([]Answer, string, error) {
	q := table.Query{Index: 1, PK: "ANSWERS#" + survey, Limit: limit, Cursor: cursor, Reverse: true}
	if which == Open {
		q.Index, q.PK, q.Reverse = 2, "OPEN#"+survey, false
	}
	return s.answers(ctx, q, func(a *Answer) bool { return a.Quarantine == "" && (which == All || a.Pending > 0) })
}

// Quarantined lists the answers that wait apart, oldest first.
func (s *Surveys) Quarantined(ctx context.Context, limit int, cursor string) ([]Answer, string, error) {
	q := table.Query{Index: 1, PK: "ANSWERS#" + quarantine, Limit: limit, Cursor: cursor}
	return s.answers(ctx, q, func(a *Answer) bool { return a.Quarantine != "" })
}

// answers reads the index for the order and the items for the truth.
func (s *Surveys) answers(ctx context.Context, q table.Query, keep func(*Answer) bool) ([]Answer, string, error) {
	page, err := s.Table.Query(ctx, q)
	if err != nil {
		return nil, "", err
	}
	keys := make([]table.Key, len(page.Items))
	for i, it := range page.Items {
		keys[i] = it.Key
	}
	items, err := s.Table.BatchGet(ctx, keys)
	if err != nil {
		return nil, "", err
	}
	var out []Answer
	for _, it := range items {
		a, err := decodeAnswer(it)
		if err != nil {
			return nil, "", err
		}
		if keep(a) {
			out = append(out, *a)
		}
	}
	return out, page.Cursor, nil
}

// Candidate is a row in a queue, with the answer that it stands in.
type Candidate struct {
	Row
	Of *Answer
}

// Filter of candidates; empty fields mean all.
type Filter struct {
	Survey string
	State  State
}

// queues are the index partitions that a filter covers, in order.
func (f Filter) queues() []string {
	var out []string
	for _, name := range programme.Surveys {
		for _, st := range States {
			if (f.Survey == "" || f.Survey == name) && (f.State == "" || f.State == st) {
				out = append(out, queue(name, st))
			}
		}
	}
	return out
}

// Candidates lists rows of all answers that are not in quarantine: by survey, by state, oldest first. The order comes from an index that
// may lag, the rows and their states do not. The cursor is valid for the same filter.
func (s *Surveys) Candidates(ctx context.Context, f Filter, limit int, cursor string) ([]Candidate, string, error) {
	queues := f.queues()
	at, inner := 0, ""
	if cursor != "" {
		number, rest, _ := strings.Cut(cursor, ".")
		n, err := strconv.Atoi(number)
		if err != nil || n < 0 || n >= len(queues) {
			return nil, "", table.ErrInvalid
		}
		at, inner = n, rest
	}
	var out []Candidate
	for pages := 0; at < len(queues) && len(out) < limit && pages < 20; pages++ {
		page, err := s.Table.Query(ctx, table.Query{Index: 1, PK: queues[at], Limit: limit - len(out), Cursor: inner})
		if err != nil {
			return nil, "", err
		}
		rows, err := s.candidates(ctx, page.Items, queues[at])
		if err != nil {
			return nil, "", err
		}
		out = append(out, rows...)
		if inner = page.Cursor; inner == "" {
			at++
		}
	}
	if at >= len(queues) {
		return out, "", nil
	}
	return out, strconv.Itoa(at) + "." + inner, nil
}

// candidates reads what an index page points at, and leaves out what is no longer, or never was, part of its answer or queue.
func (s *Surveys) candidates(ctx context.Context, items []table.Item, of string) ([]Candidate, error) {
	var keys []table.Key
	seen := map[string]bool{}
	for _, it := range items {
		id := strings.TrimPrefix(it.PK, "ANSWER#")
		if !seen[id] {
			seen[id] = true
			keys = append(keys, answerKey(id))
		}
		keys = append(keys, it.Key)
	}
	fresh, err := s.Table.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	answers := map[string]*Answer{}
	var out []Candidate
	for _, it := range fresh {
		if it.SK == "ANSWER" {
			a, err := decodeAnswer(it)
			if err != nil {
				return nil, err
			}
			answers[it.PK] = a
			continue
		}
		a := answers[it.PK]
		if a == nil || a.Quarantine != "" {
			continue
		}
		r, ok, err := a.row(it)
		if err != nil {
			return nil, err
		}
		if ok && r.State != Withdrawn && (of == "" || queue(a.Survey, r.State) == of) {
			out = append(out, Candidate{*r, a})
		}
	}
	return out, nil
}

// Elsewhere finds, for rows of one answer, rows of other answers that name the same thing, at most a few for each. It reads an index
// that may lag: a hint for the desk, no rule.
func (s *Surveys) Elsewhere(ctx context.Context, a *Answer, rows []Row) (map[int][]Candidate, error) {
	const few, atOnce = 4, 8
	var mu sync.Mutex
	var wg sync.WaitGroup
	var failed error
	found := map[int][]table.Item{}
	slots := make(chan struct{}, atOnce)
	for _, r := range rows {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			page, err := s.Table.Query(ctx, table.Query{Index: 2, PK: sameness(a.Survey, r.Entry), Limit: few})
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, err)
			for _, it := range page.Items {
				if it.PK != answerKey(a.ID).PK {
					found[r.Index] = append(found[r.Index], it)
				}
			}
		})
	}
	wg.Wait()
	if failed != nil {
		return nil, failed
	}
	out := map[int][]Candidate{}
	for index, items := range found {
		c, err := s.candidates(ctx, items, "")
		if err != nil {
			return nil, err
		}
		if len(c) > 0 {
			out[index] = c
		}
	}
	return out, nil
}
