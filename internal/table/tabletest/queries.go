package tabletest

import (
	"fmt"
	"time"

	"liaison/internal/table"
)

var queries = []check{
	{"Query reads one partition in order", queryOrder},
	{"Query by prefix and range", queryRange},
	{"Query of the indexes", queryIndexes},
	{"an index holds only items with its key", querySparse},
	{"an item moves with its index key", queryMoves},
	{"items with equal index keys are all there", queryEqual},
	{"Query refuses what no engine can answer", queryRefuses},
}

func (s *suite) sows(pk string, sks ...string) {
	s.Helper()
	for _, sk := range sks {
		s.put(item(key(pk, sk), `{"is":true}`), table.Absent)
	}
}

func queryOrder(s *suite) {
	s.sows("q", "b", "a", "B", "aa", "a\x00", "é", "z", "10", "9", "\U0001f44d", "\uffee")
	s.sows("other", "a", "b")
	s.sows("q2", "a")
	bytewise := []string{"10", "9", "B", "a", "a\x00", "aa", "b", "z", "é", "\uffee", "\U0001f44d"}
	s.finds(table.Query{PK: "q"}, bytewise...)
	backwards := make([]string, len(bytewise))
	for n, sk := range bytewise {
		backwards[len(bytewise)-1-n] = sk
	}
	s.finds(table.Query{PK: "q", Reverse: true}, backwards...)
	s.finds(table.Query{PK: "none"})
}

func queryRange(s *suite) {
	s.sows("q", "a#1", "a#2", "a#3", "a$", "b#1", "b#2", "c")
	for _, c := range []struct {
		q    table.Query
		want []string
	}{
		{table.Query{Prefix: "a#"}, []string{"a#1", "a#2", "a#3"}},
		{table.Query{Prefix: "a#", Reverse: true}, []string{"a#3", "a#2", "a#1"}},
		{table.Query{Prefix: "a"}, []string{"a#1", "a#2", "a#3", "a$"}},
		{table.Query{Prefix: "x"}, nil},
		{table.Query{From: "a#2", To: "b#1"}, []string{"a#2", "a#3", "a$", "b#1"}},
		{table.Query{From: "a#2", To: "b#1", Reverse: true}, []string{"b#1", "a$", "a#3", "a#2"}},
		{table.Query{From: "b"}, []string{"b#1", "b#2", "c"}},
		{table.Query{To: "a#2"}, []string{"a#1", "a#2"}},
		{table.Query{From: "b#2", To: "b#2"}, []string{"b#2"}},
		{table.Query{From: "b", To: "a"}, nil},
	} {
		c.q.PK = "q"
		s.finds(c.q, c.want...)
		c.q.Limit = 1
		s.finds(c.q, c.want...)
	}
}

func queryIndexes(s *suite) {
	for n := range 9 {
		i := item(key("event", fmt.Sprint(n)), fmt.Sprintf(`{"n":%d}`, n))
		i.Index1 = key("country", fmt.Sprintf("FR#%d", 9-n))
		i.Index2 = key(fmt.Sprintf("month#%d", n%3), fmt.Sprintf("2005-09-%d", n))
		s.put(i, table.Absent)
	}
	s.finds(table.Query{Index: 1, PK: "country"}, "8", "7", "6", "5", "4", "3", "2", "1", "0")
	s.finds(table.Query{Index: 1, PK: "country", Prefix: "FR#4"}, "5")
	s.finds(table.Query{Index: 1, PK: "country", From: "FR#3", To: "FR#5"}, "6", "5", "4")
	s.finds(table.Query{Index: 1, PK: "country", From: "FR#3", To: "FR#5", Reverse: true, Limit: 2}, "4", "5", "6")
	s.finds(table.Query{Index: 2, PK: "month#1"}, "1", "4", "7")
	s.finds(table.Query{Index: 2, PK: "month#1", Reverse: true, Limit: 1}, "7", "4", "1")
	s.finds(table.Query{Index: 2, PK: "month#1", From: "2005-09-4"}, "4", "7")
	s.finds(table.Query{Index: 2, PK: "country"})
	page, err := s.Query(s.ctx(), table.Query{Index: 2, PK: "month#2", Limit: 1})
	if err != nil || len(page.Items) != 1 {
		s.Fatalf("%v, %v", page, err)
	}
	want := withVersion(item(key("event", "2"), `{"n":2}`), 1)
	want.Index1, want.Index2 = key("country", "FR#7"), key("month#2", "2005-09-2")
	s.same(page.Items[0], want) // an index answers with the whole item
}

func querySparse(s *suite) {
	none, one, both := item(key("s", "none"), `{}`), item(key("s", "one"), `{}`), item(key("s", "both"), `{}`)
	one.Index1 = key("x", "1")
	both.Index1, both.Index2 = key("x", "2"), key("x", "1")
	for _, i := range []table.Item{none, one, both} {
		s.put(i, table.Absent)
	}
	s.finds(table.Query{PK: "s"}, "both", "none", "one")
	s.finds(table.Query{Index: 1, PK: "x"}, "one", "both")
	s.finds(table.Query{Index: 2, PK: "x"}, "both")
	both.Index1 = table.Key{}
	s.put(both, table.VersionIs(1))
	s.finds(table.Query{Index: 1, PK: "x"}, "one")
	s.finds(table.Query{Index: 2, PK: "x"}, "both")
	s.holds(withVersion(both, 2))
}

func queryMoves(s *suite) {
	i := item(key("m", "1"), `{"state":"new"}`)
	i.Index1 = key("queue", "new#1")
	s.put(i, table.Absent)
	s.finds(table.Query{Index: 1, PK: "queue", Prefix: "new"}, "1")
	i.Index1, i.Body = key("queue", "done#1"), []byte(`{"state":"done"}`)
	s.transact(table.Put(i, table.VersionIs(1)))
	s.finds(table.Query{Index: 1, PK: "queue", Prefix: "new"})
	s.finds(table.Query{Index: 1, PK: "queue", Prefix: "done"}, "1")
	i.Index1 = key("archive", "1")
	s.put(i, table.VersionIs(2))
	s.finds(table.Query{Index: 1, PK: "queue"})
	s.finds(table.Query{Index: 1, PK: "archive"}, "1")
	if _, err := s.Add(s.ctx(), i.Key, map[string]int64{"n": 1}); err != nil {
		s.Fatal(err)
	}
	s.eventually(func() error { // an update that moves nothing shows in the index too
		got, err := s.all(table.Query{Index: 1, PK: "archive"})
		if err != nil || len(got) != 1 || got[0].Version != 4 {
			return fmt.Errorf("archive: %v, %v; want version 4", got, err)
		}
		return nil
	})
}

func queryEqual(s *suite) {
	const n = 25
	want := map[string]bool{}
	for i := range n {
		it := item(key(fmt.Sprintf("partition#%d", i%4), fmt.Sprint(i)), `{}`)
		it.Index1 = key("same", "same")
		s.put(it, table.Absent)
		want[it.SK] = true
	}
	for _, reverse := range []bool{false, true} {
		for _, limit := range []int{1, 4, 5, 100} {
			q := table.Query{Index: 1, PK: "same", Limit: limit, Reverse: reverse}
			s.eventually(func() error {
				got, err := s.all(q)
				if err != nil {
					return err
				}
				seen := map[string]bool{}
				for _, i := range got {
					seen[i.SK] = true
				}
				if len(got) != n || len(seen) != n {
					return fmt.Errorf("%+v: %d items, %d different; want %d", q, len(got), len(seen), n)
				}
				return nil
			})
		}
	}
}

func queryRefuses(s *suite) {
	for name, q := range map[string]table.Query{
		"no partition":       {},
		"a third index":      {Index: 3, PK: "q"},
		"a negative index":   {Index: -1, PK: "q"},
		"prefix and range":   {PK: "q", Prefix: "a", From: "a"},
		"a negative limit":   {PK: "q", Limit: -1},
		"a limit of 1,001":   {PK: "q", Limit: table.MaxPage + 1},
		"a bound in Latin-1": {PK: "q", Prefix: "\xe9"},
	} {
		_, err := s.Query(s.ctx(), q)
		s.refused(name, err)
	}
	i := item(key("q", "1"), `{}`)
	i.Expires = s.clock.now().Add(time.Hour)
	s.put(i, table.Absent)
	s.finds(table.Query{PK: "q", Limit: table.MaxPage}, "1")
}
