package sqlite_test

import (
	"errors"
	"strings"
	"testing"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

// TestUnits holds the bill against DynamoDB's rules: 1 KB a write and 4 KB a read, each index a write of its own, a move
// within an index two, half for reading an index, double for a transaction, and a refused write as much as it met.
func TestUnits(t *testing.T) {
	things := open(t, ":memory:", sqlite.Options{}).Table("things")
	var metered table.Metered = things
	key := table.Key{PK: "p", SK: "s"}
	item := func(kilobytes int, pk1, pk2 string) table.Item {
		i := table.NewItem(key, map[string]string{"a": strings.Repeat("x", kilobytes<<10-200)})
		if pk1 != "" {
			i.Index1 = table.Key{PK: pk1, SK: "s"}
		}
		if pk2 != "" {
			i.Index2 = table.Key{PK: pk2, SK: "s"}
		}
		return i
	}
	put := func(i table.Item, c table.Condition) error {
		_, err := things.Put(t.Context(), i, c)
		return err
	}
	query := func(q table.Query) error {
		_, err := things.Query(t.Context(), q)
		return err
	}
	for _, step := range []struct {
		name        string
		do          func() error
		read, write float64
	}{
		{"a new item of 2 KB", func() error { return put(item(2, "", ""), table.Absent) }, 0, 2},
		{"smaller over larger", func() error { return put(item(1, "", ""), table.Any) }, 0, 2},
		{"into one index", func() error { return put(item(3, "a", ""), table.Any) }, 0, 3 + 3},
		{"the same in both", func() error { return put(item(3, "a", "b"), table.Any) }, 0, 3 + 3 + 3},
		{"a move in one", func() error { return put(item(3, "c", "b"), table.Any) }, 0, 3 + 6 + 3},
		{"out of one", func() error { return put(item(3, "", "b"), table.Any) }, 0, 3 + 3 + 3},
		{"a refused write", func() error { return unlessConflict(put(item(1, "", ""), table.Absent)) }, 0, 3},
		{"a get of 3 KB", func() error { _, err := things.Get(t.Context(), key); return err }, 1, 0},
		{"a query of the primary key", func() error { return query(table.Query{PK: "p"}) }, 1, 0},
		{"a query of an index", func() error { return query(table.Query{Index: 2, PK: "b"}) }, 0.5, 0},
		{"a query of nothing", func() error { return query(table.Query{PK: "none"}) }, 1, 0},
		{"a get of nothing", func() error {
			_, err := things.BatchGet(t.Context(), []table.Key{{PK: "no", SK: "no"}, {PK: "no", SK: "no"}})
			return err
		}, 1, 0},
		{"a sum", func() error { _, err := things.Add(t.Context(), key, map[string]int64{"n": 1}); return err }, 0, 3 + 3},
		{"a transaction", func() error {
			return things.Transact(t.Context(), table.Put(item(5, "", "b"), table.Any), table.Check(table.Key{PK: "no", SK: "no"}, table.Absent))
		}, 0, 2 * (5 + 5 + 1)},
		{"a get of 5 KB", func() error { _, err := things.Get(t.Context(), key); return err }, 2, 0},
		{"a delete", func() error { return things.Delete(t.Context(), key, table.Present) }, 0, 5 + 5},
		{"a delete of nothing", func() error { return things.Delete(t.Context(), key, table.Any) }, 0, 1},
	} {
		before := metered.Units()
		if err := step.do(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		after := metered.Units()
		if r, w := after.Read-before.Read, after.Write-before.Write; r != step.read || w != step.write {
			t.Errorf("%s: %v read, %v written; want %v and %v", step.name, r, w, step.read, step.write)
		}
	}
}

func unlessConflict(err error) error {
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return errors.New("want a conflict")
}
