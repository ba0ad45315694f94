package subscription

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Filter narrows a listing; an empty field lets everybody through. Erased subscribers are listed only when they are asked for.
type Filter struct {
	State    State
	Kind     Kind
	Language people.Language
}

// Lets tells whether a subscriber passes.
func (f Filter) Lets(s Subscriber) bool {
	return (f.State == s.State || f.State == "" && s.State != Erased) && (f.Kind == "" || f.Kind == s.Kind) && (f.Language == "" || f.Language == s.Language)
}

// mostLooked bounds how many subscribers one page of a listing reads in search of what its filter lets through.
const mostLooked = 5000

// Page lists subscribers in no order that means anything, segment after segment, strongly consistent. A page may be short, even empty, and
// still have a next. cursor is "" or the next of the page before; ErrCursor.
func (l *List) Page(ctx context.Context, f Filter, cursor string, limit int) (out []Subscriber, next string, err error) {
	segment, after, err := parseCursor(cursor)
	if err != nil {
		return nil, "", err
	}
	for looked := 0; segment < Segments; {
		page, more, err := l.Segment(ctx, segment, after, min(table.MaxPage, max(limit, 100)))
		if err != nil {
			return nil, "", err
		}
		for _, s := range page {
			looked++
			if f.Lets(s) {
				out = append(out, s)
			}
			if len(out) == limit || looked == mostLooked {
				return out, fmt.Sprintf("%02d.%s", segment, s.ID), nil
			}
		}
		if after = more; more == "" {
			segment++
		}
	}
	return out, "", nil
}

func parseCursor(c string) (segment int, after string, err error) {
	if c == "" {
		return 0, "", nil
	}
	n, id, ok := strings.Cut(c, ".")
	segment, err = strconv.Atoi(n)
	if !ok || err != nil || segment < 0 || segment >= Segments || !validID(id) {
		return 0, "", ErrCursor
	}
	return segment, id, nil
}

func validID(id string) bool {
	if id == "" || len(id) > 64 {
		return false
	}
	return strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '_' || r == '-')
	}) < 0
}

// Segment reads subscribers of a segment in bytewise order of their ids, beginning behind after. next is "" at the end of the segment.
func (l *List) Segment(ctx context.Context, segment int, after string, limit int) (out []Subscriber, next string, err error) {
	err = l.segment(ctx, segment, after, limit, func(it table.Item) error {
		s, err := decode(it)
		out = append(out, s)
		return err
	}, &next)
	return out, next, err
}

// segment calls f for one page of a segment's items.
func (l *List) segment(ctx context.Context, segment int, after string, limit int, f func(table.Item) error, next *string) error {
	q := table.Query{PK: segmentKey(segment), From: "SUB#", To: "SUB#~", Limit: limit}
	if after != "" {
		q.From += after + " " // the least key behind after: ids hold no white space
	}
	for {
		page, err := l.Table.Query(ctx, q)
		if err != nil {
			return err
		}
		for _, it := range page.Items {
			if err := f(it); err != nil {
				return err
			}
		}
		if page.Cursor == "" {
			return nil
		}
		if n := len(page.Items); n > 0 {
			*next = strings.TrimPrefix(page.Items[n-1].SK, "SUB#")
			return nil
		}
		q.Cursor = page.Cursor
	}
}

// ByOrganisation lists subscribers whose organisation's name begins with prefix, in the order of names, without regard to case and accents. A
// prefix of less than two characters finds nobody. The index may lag behind by moments. cursor as of table.Query.
func (l *List) ByOrganisation(ctx context.Context, prefix, cursor string, limit int) (out []Subscriber, next string, err error) {
	p := fold(prefix)
	if people.Length(p) < 2 {
		return nil, "", nil
	}
	page, err := l.Table.Query(ctx, table.Query{Index: 1, PK: initials(p), Prefix: p, Limit: limit, Cursor: cursor})
	if err != nil {
		return nil, "", err
	}
	for _, it := range page.Items {
		s, err := decode(it)
		if err != nil {
			return nil, "", err
		}
		out = append(out, s)
	}
	return out, page.Cursor, nil
}

// Counts is how many subscribers are in each kind and state.
type Counts map[Kind]map[State]int

// In adds up one state over all kinds.
func (c Counts) In(s State) int {
	n := 0
	for _, k := range Kinds {
		n += c[k][s]
	}
	return n
}

// Counts reads the tallies.
func (l *List) Counts(ctx context.Context) (Counts, error) {
	out := Counts{}
	for _, k := range Kinds {
		out[k] = map[State]int{}
	}
	err := table.All(ctx, l.Table, table.Query{PK: tallyKey(0).PK}, func(it table.Item) error {
		var fields map[string]int
		if err := it.Decode(&fields); err != nil {
			return err
		}
		for name, n := range fields {
			k, s, ok := strings.Cut(name, "_")
			if ok && out[Kind(k)] != nil {
				out[Kind(k)][State(s)] += n
			}
		}
		return nil
	})
	return out, err
}
