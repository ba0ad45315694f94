package sqlite

import (
	"cmp"
	"slices"
	"sync"
	"time"

	"liaison/internal/table"
)

// journal remembers what stood in the rows before their latest changes, so that a query of an index can be answered
// from an earlier moment. It is kept in memory: after a restart the indexes have caught up.
type journal struct {
	mu      sync.Mutex
	changes []change // in the order of their commits
}

// change is one commit to one key; old is what stood there before, nil for nothing.
type change struct {
	at  time.Time
	key table.Key
	old *row
}

func (j *journal) clear() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.changes = nil
}

// record adds changes that have just been committed and forgets those that every query shows already.
func (j *journal) record(changes []change, shown time.Time) {
	j.mu.Lock()
	defer j.mu.Unlock()
	keep := slices.IndexFunc(j.changes, func(c change) bool { return c.at.After(shown) })
	if keep < 0 {
		keep = len(j.changes)
	}
	j.changes = append(slices.Clone(j.changes[keep:]), changes...)
}

// before tells, for each key changed after the moment, what stood there at the moment.
func (j *journal) before(moment time.Time) map[table.Key]*row {
	j.mu.Lock()
	defer j.mu.Unlock()
	then := map[table.Key]*row{}
	for _, c := range j.changes {
		if _, older := then[c.key]; !older && c.at.After(moment) {
			then[c.key] = c.old
		}
	}
	return then
}

// queryLagging answers from the committed rows, except for the keys in then, which stood so at the moment shown.
func (t *Table) queryLagging(c *conn, q table.Query, from *table.Position, then map[table.Key]*row) (fetched, error) {
	now, err := t.queryRows(c, q, from, q.Limit+len(then))
	if err != nil {
		return fetched{}, err
	}
	merged := slices.DeleteFunc(slices.Clone(now.rows), func(r row) bool {
		_, changed := then[r.item.Key]
		return changed
	})
	before := func(a, b table.Position) int {
		if q.Reverse {
			a, b = b, a
		}
		return comparePositions(a, b)
	}
	for _, r := range then {
		if k := r.secondary(q.Index); k.PK != q.PK || !q.Covers(k.SK) {
			continue
		}
		place := r.place(q.Index)
		if from != nil && before(place, *from) <= 0 {
			continue
		}
		if now.more && before(place, now.rows[len(now.rows)-1].place(q.Index)) > 0 {
			continue // it belongs behind rows that were not read
		}
		merged = append(merged, *r)
	}
	slices.SortFunc(merged, func(a, b row) int { return before(a.place(q.Index), b.place(q.Index)) })
	if len(merged) >= q.Limit {
		return fetched{rows: merged[:q.Limit], more: true}, nil
	}
	return fetched{rows: merged, more: now.more && len(merged) > 0}, nil
}

func comparePositions(a, b table.Position) int {
	return cmp.Or(cmp.Compare(a.SK, b.SK), cmp.Compare(a.Key.PK, b.Key.PK), cmp.Compare(a.Key.SK, b.Key.SK))
}
