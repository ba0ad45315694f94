package tabletest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"liaison/internal/table"
)

var reading = []check{
	{"an absent item is ErrNotFound", func(s *suite) { s.gone(key("a", "b")) }},
	{"an item comes back as it was put", comesBack},
	{"a body may hold anything that JSON can", holdsAnything},
	{"BatchGet answers in the order of its keys", batchGet},
	{"BatchGet takes more keys than one request", batchGetMany},
	{"an expired item is in no answer", expires},
	{"a cancelled context ends every verb", cancelled},
}

func comesBack(s *suite) {
	i := item(key("people", "Ana"), `{"name":"Ana","n":1}`)
	i.Index1, i.Index2 = key("country", "FR"), key("role", "expert")
	i.Expires = s.clock.now().Add(time.Hour + 700*time.Millisecond)
	stored := s.put(i, table.Absent)
	want := i
	want.Version, want.Expires = 1, s.clock.now().Add(time.Hour)
	s.same(stored, want)
	s.holds(want)
	s.put(table.Item{Key: key("people", "nobody")}, table.Absent)
	s.holds(table.Item{Key: key("people", "nobody"), Version: 1, Body: []byte(`{}`)})
}

func holdsAnything(s *suite) {
	for n, body := range []string{
		`{}`,
		`{"empty":"","null":null,"yes":true,"no":false,"list":[],"object":{}}`,
		`{"deep":[[["a",[]],{"b":[{"c":[1,null,""]}]}]]}`,
		`{"text":"Ελληνικά, кириллица, 中文, \ud83d\udc4d, e\u0301, \u0000\u001f, \"quotes\" \\ / <b>&amp;</b>"}`,
		`{"имя":"ключ","a.b":1,"a b":2,"#x":3,":y":4,"name":5,"value":6,"Pk":7,"size":8}`,
		`{"n":[0,-0,1,-1,9007199254740991,9007199254740992,9007199254740993,-9007199254740993]}`,
		`{"n":[9223372036854775807,-9223372036854775808,18446744073709551615,12345678901234567890123456789012345678]}`,
		`{"n":[0.1,-0.25,1.50,3.14159265358979323846264338327950288,1e3,1E+3,2.5e-7,1e-130,9.9e125,-9.9e125]}`,
	} {
		i := item(key("bodies", fmt.Sprint(n)), body)
		i.Version = s.put(i, table.Absent).Version
		s.holds(i)
	}
	for n, k := range []table.Key{
		key("ключ", "ünïcödé 中文 👍"), key("a\x00b", "\x00"), key(" ", "  "), key("%_'\"", `\`), key("a#b/c?d", "\n"),
		key(strings.Repeat("p", table.MaxPartitionKey), strings.Repeat("s", table.MaxSortKey)),
	} {
		i := item(k, fmt.Sprintf(`{"n":%d}`, n))
		i.Version = s.put(i, table.Absent).Version
		s.holds(i)
	}
}

func batchGet(s *suite) {
	for _, sk := range []string{"1", "2", "3"} {
		s.put(item(key("b", sk), `{"is":"`+sk+`"}`), table.Absent)
	}
	gone := item(key("b", "gone"), `{}`)
	gone.Expires = s.clock.now()
	s.put(gone, table.Absent)
	got, err := s.BatchGet(s.ctx(), []table.Key{
		key("b", "3"), key("b", "none"), key("b", "1"), key("b", "gone"), key("b", "3"), key("b", "2")})
	if err != nil {
		s.Fatal(err)
	}
	order := ""
	for _, i := range got {
		s.same(i, table.Item{Key: i.Key, Version: 1, Body: []byte(`{"is":"` + i.SK + `"}`)})
		order += i.SK
	}
	if order != "3132" {
		s.Errorf("order %s; want 3132", order)
	}
	if got, err := s.BatchGet(s.ctx(), nil); err != nil || len(got) != 0 {
		s.Errorf("no keys: %v, %v", got, err)
	}
	_, err = s.BatchGet(s.ctx(), []table.Key{key("b", "1"), key("b", "")})
	s.refused("an empty key among others", err)
}

func batchGetMany(s *suite) {
	const n = 230
	var items []table.Item
	var keys []table.Key
	for i := range n {
		items = append(items, item(key("many", fmt.Sprintf("%03d", i)), fmt.Sprintf(`{"i":%d}`, i)))
		keys = append(keys, key("many", fmt.Sprintf("%03d", n-1-i)), key("none", fmt.Sprint(i)))
	}
	if err := s.BatchPut(s.ctx(), items); err != nil {
		s.Fatal(err)
	}
	got, err := s.BatchGet(s.ctx(), keys)
	if err != nil || len(got) != n {
		s.Fatalf("%d items, %v; want %d", len(got), err, n)
	}
	for i, it := range got {
		s.same(it, table.Item{Key: keys[2*i], Version: 1, Body: items[n-1-i].Body})
	}
}

func expires(s *suite) {
	i := item(key("e", "1"), `{"a":1}`)
	i.Index1 = key("x", "1")
	i.Expires = s.clock.now().Add(time.Minute)
	s.put(i, table.Absent)
	s.clock.advance(time.Minute - time.Second)
	s.finds(table.Query{Index: 1, PK: "x"}, "1")
	s.holds(withVersion(i, 1))
	s.clock.advance(time.Second)
	s.gone(i.Key)
	s.finds(table.Query{PK: "e"})
	s.finds(table.Query{Index: 1, PK: "x"})
	if got, err := s.BatchGet(s.ctx(), []table.Key{i.Key}); err != nil || len(got) != 0 {
		s.Errorf("BatchGet: %v, %v; want nothing", got, err)
	}
	_, err := s.Put(s.ctx(), i, table.Present)
	s.conflict(err, 0, i.Key, nil)
	_, err = s.Put(s.ctx(), i, table.VersionIs(1))
	s.conflict(err, 0, i.Key, nil)
	s.conflict(s.Delete(s.ctx(), i.Key, table.Present), 0, i.Key, nil)
	s.conflict(s.Transact(s.ctx(), table.Check(i.Key, table.Present)), 0, i.Key, nil)
	s.transact(table.Check(i.Key, table.Absent))
	again := item(i.Key, `{"b":2}`)
	s.put(again, table.Absent)
	s.holds(withVersion(again, 1))
	s.finds(table.Query{Index: 1, PK: "x"})
}

func withVersion(i table.Item, n int64) table.Item {
	i.Version = n
	return i
}

func cancelled(s *suite) {
	k := key("c", "1")
	s.put(item(k, `{}`), table.Absent)
	ctx, cancel := context.WithCancel(s.ctx())
	cancel()
	for verb, do := range map[string]func() error{
		"Get":      func() error { _, err := s.Get(ctx, k); return err },
		"BatchGet": func() error { _, err := s.BatchGet(ctx, []table.Key{k}); return err },
		"Put":      func() error { _, err := s.Put(ctx, item(k, `{}`), table.Any); return err },
		"Delete":   func() error { return s.Delete(ctx, k, table.Any) },
		"Query":    func() error { _, err := s.Query(ctx, table.Query{PK: "c"}); return err },
		"Transact": func() error { return s.Transact(ctx, table.Delete(k, table.Any)) },
		"BatchPut": func() error { return s.BatchPut(ctx, []table.Item{item(k, `{"a":1}`)}) },
		"Add":      func() error { _, err := s.Add(ctx, k, map[string]int64{"n": 1}); return err },
	} {
		if err := do(); !errors.Is(err, context.Canceled) {
			s.Errorf("%s: %v; want context.Canceled", verb, err)
		}
	}
	s.holds(item(k, `{}`).Stored(table.Absent))
}
