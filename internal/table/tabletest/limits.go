package tabletest

import (
	"strings"
	"time"

	"liaison/internal/table"
)

var limits = []check{
	{"keys within their limits", limitKeys},
	{"items up to 400 KB", limitSize},
	{"bodies that no engine can hold", limitBodies},
}

func limitKeys(s *suite) {
	long := func(n int) string { return strings.Repeat("k", n) }
	bad := map[string]table.Key{
		"nothing":                  {},
		"no sort key":              key("a", ""),
		"no partition key":         key("", "a"),
		"a long partition key":     key(long(table.MaxPartitionKey+1), "a"),
		"a long sort key":          key("a", long(table.MaxSortKey+1)),
		"a key that is not UTF-8":  key("\xff", "a"),
		"a key of half a letter":   key("a", "\xc3"),
		"a key long only in bytes": key("a", strings.Repeat("é", table.MaxSortKey/2+1)),
	}
	for name, k := range bad {
		_, err := s.Get(s.ctx(), k)
		s.refused("get "+name, err)
		_, err = s.Put(s.ctx(), item(k, `{}`), table.Any)
		s.refused("put "+name, err)
		s.refused("delete "+name, s.Delete(s.ctx(), k, table.Any))
		if k.IsZero() {
			continue // as a secondary key it means: not in this index
		}
		one, two := item(key("a", "a"), `{}`), item(key("a", "a"), `{}`)
		one.Index1, two.Index2 = k, k
		_, err = s.Put(s.ctx(), one, table.Any)
		s.refused("index 1 "+name, err)
		_, err = s.Put(s.ctx(), two, table.Any)
		s.refused("index 2 "+name, err)
	}
	s.gone(key("a", "a"))
}

func limitSize(s *suite) {
	k := key("l", "1")
	large := item(k, `{"a":"`+strings.Repeat("x", 400<<10-200)+`"}`)
	s.put(large, table.Absent)
	s.holds(withVersion(large, 1))
	for name, body := range map[string]string{
		"bytes":   `{"a":"` + strings.Repeat("x", 400<<10) + `"}`,
		"letters": `{"a":"` + strings.Repeat("ж", 200<<10) + `"}`,
		"names":   `{"` + strings.Repeat("n", 200<<10) + `":"` + strings.Repeat("x", 200<<10) + `"}`,
		"members": `{"a":[` + strings.TrimSuffix(strings.Repeat(`1,`, 150<<10), ",") + `]}`,
	} {
		_, err := s.Put(s.ctx(), item(k, body), table.Any)
		s.refused("400 KB of "+name, err)
	}
	s.holds(withVersion(large, 1))
	// What JSON spells with six bytes for one is weighed as one.
	escaped := item(k, `{"a":"`+strings.Repeat(`\u0041`, 100<<10)+`"}`)
	s.put(escaped, table.Any)
	s.holds(withVersion(escaped, 1))
}

func limitBodies(s *suite) {
	nested := func(n int) string { return `{"a":` + strings.Repeat("[", n) + strings.Repeat("]", n) + `}` }
	k := key("l", "1")
	for name, body := range map[string]string{
		"a list":                  `[1]`,
		"text":                    `"a"`,
		"null":                    `null`,
		"blanks":                  `  `,
		"half an object":          `{"a":1`,
		"two objects":             `{}{}`,
		"a reserved name":         `{"a":1,"pk":"x"}`,
		"a reserved name escaped": `{"\u0074tl":1}`,
		"an empty name":           `{"":1}`,
		"an empty name inside":    `{"a":{"":1}}`,
		"Latin-1":                 "{\"a\":\"\xe9\"}",
		"39 digits":               `{"a":123456789012345678901234567890123456789}`,
		"39 digits, fraction":     `{"a":[1.23456789012345678901234567890123456789]}`,
		"a large number":          `{"a":1e126}`,
		"a small number":          `{"a":1e-131}`,
		"an endless exponent":     `{"a":1e99999999999999999999}`,
		"a deep list":             nested(table.MaxDepth + 1),
		"a very deep list":        nested(5000),
	} {
		_, err := s.Put(s.ctx(), item(k, body), table.Any)
		s.refused(name, err)
		s.refused("batch "+name, s.BatchPut(s.ctx(), []table.Item{item(k, body)}))
	}
	for name, i := range map[string]table.Item{
		"a negative version": {Key: k, Version: -1},
		"an expiry in 1969":  {Key: k, Expires: time.Unix(-1, 0)},
	} {
		_, err := s.Put(s.ctx(), i, table.Any)
		s.refused(name, err)
	}
	s.gone(k)
	for _, body := range []string{
		nested(table.MaxDepth), " \n{ \"a\" : 1 } \t", `{"a":{"pk":1,"ttl":2}}`, `{"a":0e9}`, `{"a":-0.000e-9}`,
		`{"a":1000000000000000000000000000000000000000000}`, `{"a":0.00000000000000000000000000000000000000000001}`,
	} {
		i := item(k, body)
		s.put(i, table.Any)
		s.holds(withVersion(i, 1))
	}
}
