package sqlite

import (
	"context"
	"fmt"
	"time"

	"liaison/internal/table"
)

// Table is one table of a DB. It implements table.Table and table.Metered.
type Table struct {
	table.Meter
	db      *DB
	sql     statements
	journal journal
	writes  int // since the last purge; belongs to whoever holds the writing connection
}

var (
	_ table.Table   = (*Table)(nil)
	_ table.Metered = (*Table)(nil)
)

func newTable(db *DB, name string) *Table { return &Table{db: db, sql: statementsFor(name)} }

// Get implements table.Table.
func (t *Table) Get(ctx context.Context, key table.Key) (table.Item, error) {
	items, err := t.BatchGet(ctx, []table.Key{key})
	if err != nil {
		return table.Item{}, err
	}
	if len(items) == 0 {
		return table.Item{}, table.ErrNotFound
	}
	return items[0], nil
}

// BatchGet implements table.Table.
func (t *Table) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	for _, k := range keys {
		if err := k.Check(); err != nil {
			return nil, err
		}
	}
	c, release, err := t.db.take(ctx, t.db.readers)
	if err != nil {
		return nil, err
	}
	defer release()
	now := t.db.now()
	items := make([]table.Item, 0, len(keys))
	read := make(map[table.Key]bool, len(keys)) // a key asked twice is billed once
	for _, k := range keys {
		r, err := t.read(c, k)
		if err != nil {
			return nil, err
		}
		if !read[k] {
			read[k] = true
			t.Charge(table.Units{Read: table.ReadUnits(r.sizeOrZero())})
		}
		if r.live(now) {
			items = append(items, r.item)
		}
	}
	return items, nil
}

// read is the row that stands at key, live or not; nil when there is none.
func (t *Table) read(c *conn, key table.Key) (*row, error) {
	rows, err := t.fetch(c, 1, t.sql.get, key.PK, key.SK)
	if err != nil || len(rows.rows) == 0 {
		return nil, err
	}
	return &rows.rows[0], nil
}

// row is an item as it lies in the file.
type row struct {
	id   int64
	size int // as table.Item.Check counts it
	item table.Item
}

func (r *row) live(now time.Time) bool {
	return r != nil && (r.item.Expires.IsZero() || r.item.Expires.Unix() > now.Unix())
}

// current is the live item in the row, or nil.
func (r *row) current(now time.Time) *table.Item {
	if !r.live(now) {
		return nil
	}
	return &r.item
}

func (r *row) sizeOrZero() int {
	if r == nil {
		return 0
	}
	return r.size
}

// secondary is the row's key in index 1 or 2; zero when it is not in there.
func (r *row) secondary(index int) table.Key {
	switch {
	case r == nil:
		return table.Key{}
	case index == 1:
		return r.item.Index1
	}
	return r.item.Index2
}

// place is where the row stands in an index, 0 being the primary key.
func (r *row) place(index int) table.Position {
	if index == 0 {
		return table.Position{SK: r.item.SK, Key: r.item.Key}
	}
	return table.Position{SK: r.secondary(index).SK, Key: r.item.Key}
}

// fetched is a stretch of rows; more tells that there may be others behind the last.
type fetched struct {
	rows []row
	more bool
}

// maxRead is where DynamoDB ends a page, however few items are on it.
const maxRead = 1 << 20

// fetch reads up to limit rows, and no more than maxRead bytes.
func (t *Table) fetch(c *conn, limit int, query string, args ...any) (got fetched, err error) {
	rows, err := c.query(query, args...)
	if err != nil {
		return got, err
	}
	defer rows.Close()
	bytes := 0
	for rows.Next() {
		var (
			r    row
			ttl  int64
			i    = &r.item
			body []byte
		)
		if err := rows.Scan(&r.id, &i.PK, &i.SK, &i.Version, &ttl, &r.size,
			&i.Index1.PK, &i.Index1.SK, &i.Index2.PK, &i.Index2.SK, &body); err != nil {
			return got, fmt.Errorf("sqlite: read row: %w", err)
		}
		if bytes += r.size; bytes > maxRead && len(got.rows) > 0 {
			got.more = true
			return got, nil
		}
		i.Body = body
		if ttl > 0 {
			i.Expires = time.Unix(ttl, 0).UTC()
		}
		got.rows = append(got.rows, r)
	}
	got.more = len(got.rows) == limit
	return got, mapError(rows.Err())
}
