package table

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
)

// Position is where a page ended: the sort key in the index that was read and the primary key of the last item. In a
// query of the primary key, SK and Key.SK are the same.
type Position struct {
	SK  string
	Key Key
}

// A cursor is a format byte, a checksum over query and position, and the position. The checksum keeps a cursor from
// being used with another query or after a change by accident. It is no secret and needs to be none: whoever makes up a
// cursor that passes has only chosen another place within bounds that the query's maker set.
const (
	cursorFormat = 1
	cursorSum    = 8
	maxCursor    = 8 << 10 // more than any true cursor
)

// CursorAt is the cursor of a page of this query that ended at p.
func (q Query) CursorAt(p Position) string {
	place := appendFields(nil, p.SK, p.Key.PK, p.Key.SK)
	b := append([]byte{cursorFormat}, q.checksum(place)...)
	return base64.RawURLEncoding.EncodeToString(append(b, place...))
}

// position reads q.Cursor; ErrInvalid when it is not one of this query.
func (q Query) position() (*Position, error) {
	bad := invalid("cursor is not of this query")
	if len(q.Cursor) > maxCursor {
		return nil, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(q.Cursor)
	if err != nil || len(b) < 1+cursorSum || b[0] != cursorFormat {
		return nil, bad
	}
	place := b[1+cursorSum:]
	if !bytes.Equal(b[1:1+cursorSum], q.checksum(place)) {
		return nil, bad
	}
	f, ok := readFields(place, 3)
	if !ok {
		return nil, bad
	}
	p := &Position{SK: f[0], Key: Key{f[1], f[2]}}
	if p.Key.Check() != nil || (Key{q.PK, p.SK}).Check() != nil || !q.Covers(p.SK) {
		return nil, bad
	}
	if q.Index == 0 && (p.Key != Key{q.PK, p.SK}) {
		return nil, bad
	}
	return p, nil
}

// checksum covers all of the query but its limit, which may change from page to page.
func (q Query) checksum(place []byte) []byte {
	b := []byte{byte(q.Index), 0}
	if q.Reverse {
		b[1] = 1
	}
	b = appendFields(b, q.PK, q.Prefix, q.From, q.To)
	sum := sha256.Sum256(append(b, place...))
	return sum[:cursorSum]
}

func appendFields(b []byte, fields ...string) []byte {
	for _, f := range fields {
		b = append(binary.AppendUvarint(b, uint64(len(f))), f...)
	}
	return b
}

// readFields reads exactly n fields and nothing after them.
func readFields(b []byte, n int) ([]string, bool) {
	fields := make([]string, 0, n)
	for range n {
		size, used := binary.Uvarint(b)
		if used <= 0 || size > uint64(len(b)-used) {
			return nil, false
		}
		b = b[used:]
		fields = append(fields, string(b[:size]))
		b = b[size:]
	}
	return fields, len(b) == 0
}
