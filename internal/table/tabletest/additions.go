package tabletest

import (
	"math"
	"time"

	"liaison/internal/table"

	"github.com/google/go-cmp/cmp"
)

var additions = []check{
	{"Add makes the item and its fields", addMakes},
	{"Add leaves everything else", addLeaves},
	{"Add takes an expired item for none", addExpired},
	{"Add counts numbers only", addNumbers},
	{"Add stays within int64", addBounds},
}

func (s *suite) adds(k table.Key, fields, want map[string]int64) {
	s.Helper()
	got, err := s.Add(s.ctx(), k, fields)
	if err != nil {
		s.Fatalf("add %v: %v", fields, err)
	}
	if d := cmp.Diff(want, got); d != "" {
		s.Fatalf("sums (-want +got):\n%s", d)
	}
}

type sums = map[string]int64

func addMakes(s *suite) {
	k := key("a", "1")
	s.adds(k, sums{"sent": 3, "refused": 0}, sums{"sent": 3, "refused": 0})
	s.holds(withVersion(item(k, `{"sent":3,"refused":0}`), 1))
	s.adds(k, sums{"sent": -5, "name with spaces": 2}, sums{"sent": -2, "name with spaces": 2})
	s.holds(withVersion(item(k, `{"sent":-2,"refused":0,"name with spaces":2}`), 2))
}

func addLeaves(s *suite) {
	i := item(key("a", "1"), `{"n":9007199254740993,"text":"x","list":[1,2.50],"n2":{"n":1}}`)
	i.Index1, i.Index2, i.Expires = key("x", "1"), key("y", "2"), s.clock.now().Add(time.Hour)
	s.put(i, table.Absent)
	s.adds(i.Key, sums{"n": 2}, sums{"n": 9007199254740995})
	i.Body = []byte(`{"n":9007199254740995,"text":"x","list":[1,2.5],"n2":{"n":1}}`)
	s.holds(withVersion(i, 2))
	_, err := s.Put(s.ctx(), i, table.VersionIs(1)) // whoever read before the sum does not overwrite it
	s.conflict(err, 0, i.Key, ptr(withVersion(i, 2)))
}

func addExpired(s *suite) {
	i := item(key("a", "1"), `{"n":5,"text":"x"}`)
	i.Index1, i.Expires = key("x", "1"), s.clock.now().Add(time.Minute)
	s.put(i, table.Absent)
	s.put(withKey(i, key("a", "2")), table.Absent)
	s.clock.advance(time.Minute)
	s.adds(i.Key, sums{"n": 1}, sums{"n": 1})
	s.holds(withVersion(item(i.Key, `{"n":1}`), 1))
	s.transact(table.AddTo(key("a", "2"), sums{"n": 2}), table.Put(item(key("a", "3"), `{}`), table.Absent))
	s.holds(withVersion(item(key("a", "2"), `{"n":2}`), 1))
	s.finds(table.Query{Index: 1, PK: "x"})
}

func withKey(i table.Item, k table.Key) table.Item {
	i.Key = k
	return i
}

func addNumbers(s *suite) {
	i := s.put(item(key("a", "1"), `{"text":"5","null":null,"yes":true,"list":[1],"object":{},"half":2.75}`), table.Absent)
	for _, field := range []string{"text", "null", "yes", "list", "object"} {
		_, err := s.Add(s.ctx(), i.Key, sums{"new": 1, field: 1})
		s.refused(field, err)
		s.holds(i)
	}
	for name, fields := range map[string]sums{"nothing": {}, "no name": {"": 1}, "a reserved name": {"ver": 1}} {
		_, err := s.Add(s.ctx(), i.Key, fields)
		s.refused(name, err)
	}
	_, err := s.Add(s.ctx(), key("a", ""), sums{"n": 1})
	s.refused("an empty key", err)
	s.holds(i)
	s.adds(i.Key, sums{"half": -1}, sums{"half": 1}) // the fraction stays in the item
	i.Body = []byte(`{"text":"5","null":null,"yes":true,"list":[1],"object":{},"half":1.75}`)
	s.holds(withVersion(i, 2))
}

func addBounds(s *suite) {
	k := key("a", "1")
	s.adds(k, sums{"max": math.MaxInt64, "min": math.MinInt64}, sums{"max": math.MaxInt64, "min": math.MinInt64})
	before := withVersion(item(k, `{"max":9223372036854775807,"min":-9223372036854775808}`), 1)
	for name, fields := range map[string]sums{"above": {"max": 1, "min": 1}, "below": {"max": -1, "min": -1}} {
		_, err := s.Add(s.ctx(), k, fields)
		s.refused(name, err)
		s.holds(before)
	}
	s.adds(k, sums{"max": math.MinInt64, "min": math.MaxInt64}, sums{"max": -1, "min": -1})
}
