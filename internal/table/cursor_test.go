package table

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"
)

func TestCursorCarriesItsPosition(t *testing.T) {
	for name, c := range map[string]struct {
		q Query
		p Position
	}{
		"primary":          {Query{PK: "a"}, Position{"x", Key{"a", "x"}}},
		"index":            {Query{Index: 1, PK: "a", Reverse: true}, Position{"x", Key{"p", "s"}}},
		"prefix":           {Query{Index: 2, PK: "a", Prefix: "ж"}, Position{"жук", Key{"p\x00", "👍"}}},
		"range":            {Query{PK: "a", From: "b", To: "c"}, Position{"c", Key{"a", "c"}}},
		"the longest keys": {Query{PK: strings.Repeat("p", MaxPartitionKey), Index: 1}, Position{strings.Repeat("s", MaxSortKey), Key{strings.Repeat("p", MaxPartitionKey), strings.Repeat("s", MaxSortKey)}}},
	} {
		c.q.Cursor = c.q.CursorAt(c.p)
		c.q.Limit = 7 // may differ from the page before
		_, from, err := c.q.Check()
		if err != nil || from == nil || *from != c.p {
			t.Errorf("%s: %v, %v; want %v", name, from, err, c.p)
		}
	}
}

// A cursor whose checksum is right but whose position is not one that the query can have reached must be refused too,
// because an engine would be asked for it.
func TestCursorOutsideItsQuery(t *testing.T) {
	for name, c := range map[string]struct {
		q Query
		p Position
	}{
		"before the range":      {Query{PK: "a", From: "b"}, Position{"a", Key{"a", "a"}}},
		"behind the range":      {Query{PK: "a", To: "b"}, Position{"b\x00", Key{"a", "b\x00"}}},
		"without the prefix":    {Query{PK: "a", Prefix: "b"}, Position{"c", Key{"a", "c"}}},
		"another partition":     {Query{PK: "a"}, Position{"x", Key{"b", "x"}}},
		"two sort keys":         {Query{PK: "a"}, Position{"x", Key{"a", "y"}}},
		"an empty key":          {Query{PK: "a", Index: 1}, Position{"x", Key{"", ""}}},
		"an empty sort key":     {Query{PK: "a", Index: 1}, Position{"", Key{"p", "s"}}},
		"a key that is no text": {Query{PK: "a", Index: 1}, Position{"x", Key{"p", "\xff"}}},
	} {
		c.q.Cursor = c.q.CursorAt(c.p)
		if _, _, err := c.q.Check(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: %v; want ErrInvalid", name, err)
		}
	}
}

// FuzzCursor feeds bytes of strangers, with and without a right checksum: the answer is a position that the query covers
// or ErrInvalid, never a panic, and the same position gives the same cursor again.
func FuzzCursor(f *testing.F) {
	q := Query{Index: 1, PK: "country", Prefix: "FR#"}
	good := q.CursorAt(Position{"FR#1", Key{"event", "1"}})
	f.Add(good, []byte{}, 1, "country", "FR#")
	f.Add("", appendFields(nil, "FR#1", "event", "1"), 1, "country", "FR#")
	f.Add("", []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01, 0}, 0, "a", "")
	f.Add("AAAA", []byte("\x01x\x01a\x01x"), 0, "a", "")
	f.Fuzz(func(t *testing.T, cursor string, place []byte, index int, pk, prefix string) {
		q := Query{Index: index, PK: pk, Prefix: prefix, Cursor: cursor}
		if cursor == "" { // with the checksum that only this package can make
			b := append([]byte{cursorFormat}, q.checksum(place)...)
			q.Cursor = base64.RawURLEncoding.EncodeToString(append(b, place...))
		}
		_, from, err := q.Check()
		if err != nil {
			if !errors.Is(err, ErrInvalid) {
				t.Fatalf("%v; want ErrInvalid", err)
			}
			return
		}
		if from == nil || !q.Covers(from.SK) || from.Key.Check() != nil {
			t.Fatalf("position %v of %+v", from, q)
		}
		again := q
		again.Cursor = q.CursorAt(*from)
		if _, from2, err := again.Check(); err != nil || *from2 != *from {
			t.Fatalf("%v, %v; want %v", from2, err, from)
		}
	})
}
