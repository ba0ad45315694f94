package tabletest

import (
	"fmt"
	"time"

	"liaison/internal/table"
)

var writing = []check{
	{"Put Absent", putAbsent},
	{"Put VersionIs", putVersion},
	{"Put Present and Any", putPresentAny},
	{"Put replaces the whole item", putReplaces},
	{"Delete", deletes},
	{"BatchPut stores any number of items", batchPut},
}

func putAbsent(s *suite) {
	i := withVersion(item(key("p", "1"), `{"a":1}`), 41) // an old version means nothing to a new item
	if got := s.put(i, table.Absent); got.Version != 1 {
		s.Errorf("version %d; want 1", got.Version)
	}
	_, err := s.Put(s.ctx(), item(i.Key, `{"a":2}`), table.Absent)
	s.conflict(err, 0, i.Key, ptr(withVersion(i, 1)))
	s.holds(withVersion(i, 1))
	// The same contents are no excuse: another writer wrote them.
	_, err = s.Put(s.ctx(), i, table.Absent)
	s.conflict(err, 0, i.Key, ptr(withVersion(i, 1)))
}

func putVersion(s *suite) {
	k := key("p", "1")
	_, err := s.Put(s.ctx(), item(k, `{}`), table.VersionIs(1))
	s.conflict(err, 0, k, nil)
	_, err = s.Put(s.ctx(), item(k, `{}`), table.VersionIs(0))
	s.conflict(err, 0, k, nil)
	s.put(item(k, `{"a":1}`), table.Absent)
	for n := int64(1); n < 5; n++ {
		next := item(k, fmt.Sprintf(`{"a":%d}`, n+1))
		if got := s.put(next, table.VersionIs(n)); got.Version != n+1 {
			s.Errorf("version %d; want %d", got.Version, n+1)
		}
		s.holds(withVersion(next, n+1))
		_, err := s.Put(s.ctx(), next, table.VersionIs(n))
		s.conflict(err, 0, k, ptr(withVersion(next, n+1)))
	}
	_, err = s.Put(s.ctx(), item(k, `{}`), table.VersionIs(6))
	s.conflict(err, 0, k, ptr(withVersion(item(k, `{"a":5}`), 5)))
}

func putPresentAny(s *suite) {
	k := key("p", "1")
	_, err := s.Put(s.ctx(), item(k, `{}`), table.Present)
	s.conflict(err, 0, k, nil)
	if got := s.put(item(k, `{"a":1}`), table.Any); got.Version != 1 {
		s.Errorf("Any: version %d; want 1", got.Version)
	}
	if got := s.put(withVersion(item(k, `{"a":2}`), 7), table.Present); got.Version != 8 {
		s.Errorf("Present: version %d; want 8", got.Version)
	}
	s.holds(withVersion(item(k, `{"a":2}`), 8))
	s.put(withVersion(item(k, `{"a":3}`), 2), table.Any)
	s.holds(withVersion(item(k, `{"a":3}`), 3))
}

func putReplaces(s *suite) {
	i := item(key("p", "1"), `{"a":1,"b":{"c":2}}`)
	i.Index1, i.Index2 = key("x", "1"), key("y", "1")
	i.Expires = s.clock.now().Add(time.Hour)
	s.put(i, table.Absent)
	next := item(i.Key, `{"d":3}`)
	s.put(next, table.VersionIs(1))
	s.holds(withVersion(next, 2))
	s.finds(table.Query{Index: 1, PK: "x"})
	s.finds(table.Query{Index: 2, PK: "y"})
}

func deletes(s *suite) {
	k := key("d", "1")
	if err := s.Delete(s.ctx(), k, table.Any); err != nil {
		s.Errorf("nothing there: %v", err)
	}
	if err := s.Delete(s.ctx(), k, table.Absent); err != nil {
		s.Errorf("Absent, nothing there: %v", err)
	}
	s.conflict(s.Delete(s.ctx(), k, table.Present), 0, k, nil)
	s.conflict(s.Delete(s.ctx(), k, table.VersionIs(1)), 0, k, nil)
	for _, c := range []table.Condition{table.Any, table.Present, table.VersionIs(1)} {
		i := item(k, `{"a":1}`)
		i.Index1 = key("x", "1")
		s.put(i, table.Absent)
		s.finds(table.Query{Index: 1, PK: "x"}, "1")
		s.conflict(s.Delete(s.ctx(), k, table.VersionIs(2)), 0, k, ptr(withVersion(i, 1)))
		s.conflict(s.Delete(s.ctx(), k, table.Absent), 0, k, ptr(withVersion(i, 1)))
		s.holds(withVersion(i, 1))
		if err := s.Delete(s.ctx(), k, c); err != nil {
			s.Fatal(err)
		}
		s.gone(k)
		s.finds(table.Query{PK: "d"})
		s.finds(table.Query{Index: 1, PK: "x"})
	}
}

func batchPut(s *suite) {
	var items []table.Item
	for n := range 130 {
		i := item(key("many", fmt.Sprintf("%03d", n)), fmt.Sprintf(`{"n":%d}`, n))
		i.Index2 = key("all", fmt.Sprintf("%03d", n))
		items = append(items, i)
	}
	items = append(items, withVersion(item(key("many", "007"), `{"last":true}`), 4)) // the same key again: the last stays
	if err := s.BatchPut(s.ctx(), items); err != nil {
		s.Fatal(err)
	}
	got, err := s.all(table.Query{PK: "many"})
	if err != nil || len(got) != 130 {
		s.Fatalf("%d items, %v; want 130", len(got), err)
	}
	s.same(got[7], withVersion(items[130], 5))
	s.same(got[129], withVersion(items[129], 1))
	s.eventually(func() error {
		if got, err := s.all(table.Query{Index: 2, PK: "all"}); err != nil || len(got) != 129 {
			return fmt.Errorf("%d items in the index, %v; want 129", len(got), err)
		}
		return nil
	})
	if err := s.BatchPut(s.ctx(), nil); err != nil {
		s.Errorf("no items: %v", err)
	}
	s.refused("one bad item", s.BatchPut(s.ctx(), []table.Item{item(key("bad", "1"), `{}`), item(key("bad", ""), `{}`)}))
	s.gone(key("bad", "1")) // everything is checked before anything is sent
}

func ptr[T any](v T) *T { return &v }
