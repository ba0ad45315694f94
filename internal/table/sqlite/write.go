package sqlite

import (
	"context"
	"time"

	"liaison/internal/table"
)

// Put implements table.Table.
func (t *Table) Put(ctx context.Context, item table.Item, c table.Condition) (table.Item, error) {
	size, err := item.Check()
	if err != nil {
		return table.Item{}, err
	}
	rows, err := t.apply(ctx, []table.Write{table.Put(item, c)}, []int{size}, 1)
	if err != nil {
		return table.Item{}, err
	}
	return rows[0].item, nil
}

// Delete implements table.Table.
func (t *Table) Delete(ctx context.Context, key table.Key, c table.Condition) error {
	if err := key.Check(); err != nil {
		return err
	}
	_, err := t.apply(ctx, []table.Write{table.Delete(key, c)}, []int{0}, 1)
	return err
}

// Add implements table.Table.
func (t *Table) Add(ctx context.Context, key table.Key, fields map[string]int64) (map[string]int64, error) {
	if err := key.Check(); err != nil {
		return nil, err
	}
	if err := table.CheckAdd(fields); err != nil {
		return nil, err
	}
	rows, err := t.apply(ctx, []table.Write{table.AddTo(key, fields)}, []int{0}, 1)
	if err != nil {
		return nil, err
	}
	return table.Sums(rows[0].item.Body, fields)
}

// Transact implements table.Table. It costs double, as in DynamoDB.
func (t *Table) Transact(ctx context.Context, writes ...table.Write) error {
	sizes, err := table.CheckWrites(writes)
	if err != nil || len(writes) == 0 {
		return err
	}
	_, err = t.apply(ctx, writes, sizes, 2)
	return err
}

// BatchPut implements table.Table. Here it is atomic for each 25 items; DynamoDB promises less.
func (t *Table) BatchPut(ctx context.Context, items []table.Item) error {
	items, sizes, err := table.CheckBatch(items)
	if err != nil {
		return err
	}
	const chunk = 25
	for at := 0; at < len(items); at += chunk {
		end := min(at+chunk, len(items))
		writes := make([]table.Write, 0, chunk)
		for _, i := range items[at:end] {
			writes = append(writes, table.Put(i, table.Any))
		}
		if _, err := t.apply(ctx, writes, sizes[at:end], 1); err != nil {
			return err
		}
	}
	return nil
}

// apply does all writes or none and returns what then stands at each key; price multiplies the units.
func (t *Table) apply(ctx context.Context, writes []table.Write, sizes []int, price float64) (after []*row, err error) {
	c, release, err := t.db.take(ctx, t.db.writers)
	if err != nil {
		return nil, err
	}
	defer release()
	now, lag := t.db.now(), t.db.lag()
	after = make([]*row, len(writes))
	changes := make([]change, 0, len(writes))
	units := 0.0
	err = c.transaction(func() error {
		for n, w := range writes {
			old, err := t.read(c, w.Item.Key)
			if err != nil {
				return err
			}
			if !w.If.Holds(old.current(now)) {
				units += table.WriteUnits(old.sizeOrZero())
				return &table.Conflict{Index: n, Key: w.Item.Key, Current: old.current(now)}
			}
			if after[n], err = result(w, sizes[n], old, now); err != nil {
				return err
			}
			units += cost(w.Op, old, after[n])
			if w.Op == table.OpCheck {
				continue
			}
			if err := t.store(c, old, after[n]); err != nil {
				return err
			}
			changes = append(changes, change{key: w.Item.Key, old: old})
		}
		return t.purge(c, now)
	})
	t.Charge(table.Units{Write: units * price})
	if err == nil && lag > 0 {
		t.commitTimes(changes, lag)
	}
	return after, err
}

// commitTimes stamps the changes with the moment of their commit and keeps them for lagging queries.
func (t *Table) commitTimes(changes []change, lag time.Duration) {
	now := t.db.now()
	for n := range changes {
		changes[n].at = now
	}
	t.journal.record(changes, now.Add(-lag))
}

// result is the row that a write leaves at its key; nil for none.
func result(w table.Write, size int, old *row, now time.Time) (*row, error) {
	switch w.Op {
	case table.OpDelete:
		return nil, nil
	case table.OpCheck:
		return old, nil
	case table.OpAdd:
		item, size, err := table.Added(old.current(now), w.Item.Key, w.Add)
		return &row{item: item, size: size}, err
	}
	item := w.Item.Stored(w.If)
	return &row{item: item, size: size}, nil
}

// store replaces the row old by the row now; either may be nil. Indexes are touched only when a key in them changes.
func (t *Table) store(c *conn, old, now *row) error {
	if now == nil {
		if old == nil {
			return nil
		}
		return c.exec(t.sql.remove, old.id)
	}
	i := &now.item
	ttl := int64(0)
	if !i.Expires.IsZero() {
		ttl = i.Expires.Unix()
	}
	body := string(i.Body)
	one, two := i.Index1, i.Index2
	switch {
	case old == nil:
		return c.exec(t.sql.insert, i.Version, ttl, now.size, body, one.PK, one.SK, two.PK, two.SK, i.PK, i.SK)
	case one == old.item.Index1 && two == old.item.Index2:
		return c.exec(t.sql.update, i.Version, ttl, now.size, body, old.id)
	}
	return c.exec(t.sql.move, i.Version, ttl, now.size, body, one.PK, one.SK, two.PK, two.SK, old.id)
}

// cost is what a write costs: the larger of the item before and after, and the same again in each index that holds it;
// an item that moves within an index is taken out and put in.
func cost(op table.Op, old, now *row) float64 {
	units := table.WriteUnits(max(old.sizeOrZero(), now.sizeOrZero()))
	if op == table.OpCheck {
		return units
	}
	for index := 1; index <= 2; index++ {
		was, is := old.secondary(index), now.secondary(index)
		if was == is && !is.IsZero() {
			units += table.WriteUnits(max(old.size, now.size))
			continue
		}
		if !was.IsZero() {
			units += table.WriteUnits(old.size)
		}
		if !is.IsZero() {
			units += table.WriteUnits(now.size)
		}
	}
	return units
}

// purge deletes some of what has expired, now and then, so that an old file does not grow for ever.
func (t *Table) purge(c *conn, now time.Time) error {
	const every = 500
	if t.writes++; t.writes < every {
		return nil
	}
	t.writes = 0
	return c.exec(t.sql.purge, now.Unix())
}
