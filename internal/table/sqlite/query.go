package sqlite

import (
	"context"

	"liaison/internal/table"
)

// Query implements table.Table. As in DynamoDB the limit counts items before the expired ones are taken out, and a page
// that is exactly full has a cursor even when nothing follows.
func (t *Table) Query(ctx context.Context, q table.Query) (table.Page, error) {
	q, from, err := q.Check()
	if err != nil || q.IsEmpty() {
		return table.Page{}, err
	}
	lag := t.db.lag()
	pool := t.db.readers
	if q.Index > 0 && lag > 0 {
		pool = t.db.writers // the journal and the rows must be of the same moment
	}
	c, release, err := t.db.take(ctx, pool)
	if err != nil {
		return table.Page{}, err
	}
	defer release()
	var got fetched
	if q.Index > 0 && lag > 0 {
		got, err = t.queryLagging(c, q, from, t.journal.before(t.db.now().Add(-lag)))
	} else {
		got, err = t.queryRows(c, q, from, q.Limit)
	}
	if err != nil {
		return table.Page{}, err
	}
	return t.page(q, got), nil
}

// page bills what was read and leaves out what has expired.
func (t *Table) page(q table.Query, got fetched) table.Page {
	now, bytes := t.db.now(), 0
	page := table.Page{Items: make([]table.Item, 0, len(got.rows))}
	for n := range got.rows {
		r := &got.rows[n]
		bytes += r.size
		if r.live(now) {
			page.Items = append(page.Items, r.item)
		}
	}
	units := table.ReadUnits(bytes)
	if q.Index > 0 {
		units /= 2 // indexes are read with eventual consistency
	}
	t.Charge(table.Units{Read: units})
	if got.more {
		page.Cursor = q.CursorAt(got.rows[len(got.rows)-1].place(q.Index))
	}
	return page
}

// queryRows reads the committed rows of the query that come after from.
func (t *Table) queryRows(c *conn, q table.Query, from *table.Position, limit int) (fetched, error) {
	lo, hi := bounds(q)
	if q.Index == 0 {
		switch {
		case from != nil && q.Reverse:
			hi = from.SK
		case from != nil:
			lo = successor(from.SK)
		}
		return t.fetch(c, limit, t.sql.query[0][direction(q)], q.PK, lo, hi, limit)
	}
	if q.Reverse {
		after := table.Position{SK: hi}
		if from != nil {
			after = *from
		}
		return t.fetch(c, limit, t.sql.query[q.Index][1], q.PK, after.SK, after.Key.PK, after.Key.SK, lo, limit)
	}
	after := table.Position{SK: lo}
	if from != nil {
		after = *from
	}
	return t.fetch(c, limit, t.sql.query[q.Index][0], q.PK, after.SK, after.Key.PK, after.Key.SK, hi, limit)
}

func direction(q table.Query) int {
	if q.Reverse {
		return 1
	}
	return 0
}

// endless comes after every sort key, because no UTF-8 text begins with this byte.
const endless = "\xff"

// bounds are the query's sort keys as lo <= sk < hi.
func bounds(q table.Query) (lo, hi string) {
	switch {
	case q.Prefix != "":
		// The last byte of UTF-8 text is never 0xff, so one more is the first key that does not begin so.
		end := []byte(q.Prefix)
		end[len(end)-1]++
		return q.Prefix, string(end)
	case q.To != "":
		return q.From, successor(q.To)
	}
	return q.From, endless
}

// successor is the first text after s.
func successor(s string) string { return s + "\x00" }
