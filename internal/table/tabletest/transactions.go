package tabletest

import (
	"fmt"
	"strings"

	"liaison/internal/table"
)

var transactions = []check{
	{"Transact does all kinds of writes together", transactAll},
	{"Transact does nothing when one condition fails", transactNothing},
	{"Transact names the first write that failed", transactFirst},
	{"Transact takes a hundred writes", transactHundred},
	{"Transact refuses what cannot be one transaction", transactRefuses},
	{"Transact adds", transactAdds},
	{"a reserved name is taken once", transactReserves},
}

func (s *suite) transact(writes ...table.Write) {
	s.Helper()
	if err := s.Transact(s.ctx(), writes...); err != nil {
		s.Fatalf("transact: %v", err)
	}
}

func transactAll(s *suite) {
	s.put(item(key("t", "old"), `{"a":1}`), table.Absent)
	s.put(item(key("t", "gone"), `{"a":1}`), table.Absent)
	s.put(item(key("t", "seen"), `{"a":1}`), table.Absent)
	made := item(key("t", "new"), `{"a":2}`)
	made.Index1 = key("x", "1")
	s.transact(
		table.Put(made, table.Absent),
		table.Put(item(key("t", "old"), `{"a":2}`), table.VersionIs(1)),
		table.Put(item(key("t", "any"), `{"a":2}`), table.Any),
		table.Delete(key("t", "gone"), table.VersionIs(1)),
		table.Delete(key("t", "never"), table.Any),
		table.Check(key("t", "seen"), table.Present),
		table.Check(key("t", "unseen"), table.Absent),
		table.AddTo(key("t", "count"), map[string]int64{"n": 3}),
	)
	s.holds(withVersion(made, 1))
	s.holds(withVersion(item(key("t", "old"), `{"a":2}`), 2))
	s.holds(withVersion(item(key("t", "any"), `{"a":2}`), 1))
	s.holds(withVersion(item(key("t", "seen"), `{"a":1}`), 1))
	s.holds(withVersion(item(key("t", "count"), `{"n":3}`), 1))
	s.gone(key("t", "gone"))
	s.gone(key("t", "unseen"))
	s.finds(table.Query{Index: 1, PK: "x"}, "new")
	s.transact() // nothing to do is done
}

func transactNothing(s *suite) {
	old := s.put(item(key("t", "old"), `{"a":1}`), table.Absent)
	for name, failing := range map[string]table.Write{
		"put absent":   table.Put(item(old.Key, `{}`), table.Absent),
		"put version":  table.Put(item(old.Key, `{}`), table.VersionIs(2)),
		"delete":       table.Delete(old.Key, table.VersionIs(2)),
		"check":        table.Check(old.Key, table.Absent),
		"check number": table.Check(old.Key, table.VersionIs(7)),
	} {
		err := s.Transact(s.ctx(),
			table.Put(item(key("t", "1"), `{}`), table.Absent),
			table.Delete(key("t", "2"), table.Any),
			table.AddTo(key("t", "3"), map[string]int64{"n": 1}),
			failing)
		if err == nil {
			s.Errorf("%s: done; want a conflict", name)
		}
		s.conflict(err, 3, old.Key, &old)
		s.finds(table.Query{PK: "t"}, "old")
		s.holds(old)
	}
	err := s.Transact(s.ctx(), table.Check(key("t", "none"), table.Present), table.Delete(old.Key, table.Any))
	s.conflict(err, 0, key("t", "none"), nil)
	s.holds(old)
}

func transactFirst(s *suite) {
	one := s.put(item(key("t", "1"), `{"a":1}`), table.Absent)
	two := s.put(item(key("t", "2"), `{"a":2}`), table.Absent)
	good, bad := table.Put(item(key("t", "0"), `{}`), table.Absent), table.Put(item(two.Key, `{}`), table.Absent)
	worse := table.Put(item(one.Key, `{}`), table.VersionIs(9))
	s.conflict(s.Transact(s.ctx(), good, bad, worse), 1, two.Key, &two)
	s.conflict(s.Transact(s.ctx(), worse, good, bad), 0, one.Key, &one)
}

func transactHundred(s *suite) {
	writes := make([]table.Write, table.MaxTransactOps)
	for n := range writes {
		writes[n] = table.Put(item(key("h", fmt.Sprintf("%02d", n)), fmt.Sprintf(`{"n":%d}`, n)), table.Absent)
	}
	s.transact(writes...)
	got, err := s.all(table.Query{PK: "h"})
	if err != nil || len(got) != len(writes) {
		s.Fatalf("%d items, %v; want %d", len(got), err, len(writes))
	}
	for n := range writes {
		writes[n] = table.Put(item(key("h", fmt.Sprintf("%02d", n)), `{"second":true}`), table.VersionIs(1))
	}
	writes[99].If = table.VersionIs(5)
	s.conflict(s.Transact(s.ctx(), writes...), 99, writes[99].Item.Key, &got[99])
	after, err := s.all(table.Query{PK: "h"})
	if err != nil {
		s.Fatal(err)
	}
	for n := range after {
		s.same(after[n], got[n])
	}
}

func transactRefuses(s *suite) {
	ok := table.Put(item(key("r", "1"), `{}`), table.Any)
	tooMany := make([]table.Write, table.MaxTransactOps+1)
	for n := range tooMany {
		tooMany[n] = table.Put(item(key("r", fmt.Sprint(n)), `{}`), table.Any)
	}
	large := make([]table.Write, 11)
	for n := range large {
		large[n] = table.Put(item(key("r", fmt.Sprint(n)), `{"a":"`+strings.Repeat("x", 390<<10)+`"}`), table.Any)
	}
	for name, writes := range map[string][]table.Write{
		"101 writes":              tooMany,
		"more than 4 MB":          large,
		"the same key twice":      {ok, table.Delete(key("r", "1"), table.Any)},
		"the same check twice":    {table.Check(key("r", "1"), table.Absent), table.Put(item(key("r", "1"), `{}`), table.Absent)},
		"an empty key":            {ok, table.Delete(key("r", ""), table.Any)},
		"a check of nothing":      {ok, table.Check(key("r", "2"), table.Any)},
		"a body that is a list":   {ok, table.Put(item(key("r", "2"), `[]`), table.Any)},
		"an add of nothing":       {ok, table.AddTo(key("r", "2"), nil)},
		"an operation of no kind": {ok, {Op: 17, Item: item(key("r", "2"), `{}`)}},
	} {
		s.refused(name, s.Transact(s.ctx(), writes...))
	}
	s.finds(table.Query{PK: "r"})
}

func transactAdds(s *suite) {
	s.put(item(key("t", "n"), `{"n":1,"text":"x"}`), table.Absent)
	s.transact(table.AddTo(key("t", "n"), map[string]int64{"n": 4, "m": -2}))
	want := withVersion(item(key("t", "n"), `{"n":5,"m":-2,"text":"x"}`), 2)
	s.holds(want)
	conditional := table.AddTo(want.Key, map[string]int64{"n": 1})
	conditional.If = table.VersionIs(1)
	s.conflict(s.Transact(s.ctx(), conditional), 0, want.Key, &want)
	conditional.If = table.VersionIs(2)
	s.transact(conditional)
	want = withVersion(item(want.Key, `{"n":6,"m":-2,"text":"x"}`), 3)
	s.holds(want)
	s.refused("add to text", s.Transact(s.ctx(),
		table.Put(item(key("t", "other"), `{}`), table.Any), table.AddTo(want.Key, map[string]int64{"text": 1})))
	s.holds(want)
	s.gone(key("t", "other"))
}

func transactReserves(s *suite) {
	register := func(id, email string) error {
		return s.Transact(s.ctx(),
			table.Put(item(key("email#"+email, "reserved"), `{"subscriber":"`+id+`"}`), table.Absent),
			table.Put(item(key("subscriber#"+id, "profile"), `{"email":"`+email+`"}`), table.Absent))
	}
	if err := register("1", "ana@example.org"); err != nil {
		s.Fatal(err)
	}
	taken := withVersion(item(key("email#ana@example.org", "reserved"), `{"subscriber":"1"}`), 1)
	s.conflict(register("2", "ana@example.org"), 0, taken.Key, &taken)
	s.gone(key("subscriber#2", "profile"))
	// A change of address gives the old one free in the same breath.
	s.transact(
		table.Delete(taken.Key, table.Present),
		table.Put(item(key("email#ana@example.net", "reserved"), `{"subscriber":"1"}`), table.Absent),
		table.Put(item(key("subscriber#1", "profile"), `{"email":"ana@example.net"}`), table.VersionIs(1)))
	if err := register("2", "ana@example.org"); err != nil {
		s.Errorf("the address is free again: %v", err)
	}
}
