package sqlite

import (
	"context"
	"fmt"
	"strings"
)

// A table is a table of rows by (pk, sk) with two partial indexes. An absent secondary key is the empty string and an
// absent expiry is 0. Texts compare bytewise.
const schema = `
CREATE TABLE IF NOT EXISTS "NAME" (
	id   INTEGER PRIMARY KEY,
	pk   TEXT NOT NULL,
	sk   TEXT NOT NULL,
	ver  INTEGER NOT NULL,
	ttl  INTEGER NOT NULL,
	size INTEGER NOT NULL,
	pk1  TEXT NOT NULL,
	sk1  TEXT NOT NULL,
	pk2  TEXT NOT NULL,
	sk2  TEXT NOT NULL,
	body TEXT NOT NULL,
	UNIQUE (pk, sk)
);
CREATE INDEX IF NOT EXISTS "NAME.index1" ON "NAME" (pk1, sk1, pk, sk) WHERE pk1 <> '';
CREATE INDEX IF NOT EXISTS "NAME.index2" ON "NAME" (pk2, sk2, pk, sk) WHERE pk2 <> '';
CREATE INDEX IF NOT EXISTS "NAME.expiry" ON "NAME" (ttl) WHERE ttl > 0;
`

// statements are the texts of one table's statements; connections prepare each once.
type statements struct {
	schema, get, insert, update, move, remove, purge string

	query [3][2]string // by index, forward and reverse
}

func statementsFor(name string) statements {
	in := func(text string) string { return strings.ReplaceAll(text, "NAME", name) }
	const cols = `SELECT id, pk, sk, ver, ttl, size, pk1, sk1, pk2, sk2, body FROM "NAME" `
	s := statements{
		schema: in(schema),
		get:    in(cols + `WHERE pk = ? AND sk = ?`),
		insert: in(`INSERT INTO "NAME" (ver, ttl, size, body, pk1, sk1, pk2, sk2, pk, sk) VALUES (?,?,?,?,?,?,?,?,?,?)`),
		update: in(`UPDATE "NAME" SET ver = ?, ttl = ?, size = ?, body = ? WHERE id = ?`),
		move: in(`UPDATE "NAME" SET ver = ?, ttl = ?, size = ?, body = ?,
			pk1 = ?, sk1 = ?, pk2 = ?, sk2 = ? WHERE id = ?`),
		remove: in(`DELETE FROM "NAME" WHERE id = ?`),
		purge: in(`DELETE FROM "NAME" WHERE id IN
			(SELECT id FROM "NAME" WHERE ttl > 0 AND ttl <= ? ORDER BY ttl LIMIT 200)`),
	}
	s.query[0] = [2]string{
		in(cols + `WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk LIMIT ?`),
		in(cols + `WHERE pk = ? AND sk >= ? AND sk < ? ORDER BY sk DESC LIMIT ?`),
	}
	for n := 1; n <= 2; n++ {
		at := func(text string) string { return in(strings.ReplaceAll(text, "#", fmt.Sprint(n))) }
		s.query[n] = [2]string{
			at(cols + `WHERE pk# <> '' AND pk# = ? AND (sk#, pk, sk) > (?, ?, ?) AND sk# < ?
				ORDER BY sk#, pk, sk LIMIT ?`),
			at(cols + `WHERE pk# <> '' AND pk# = ? AND (sk#, pk, sk) < (?, ?, ?) AND sk# >= ?
				ORDER BY sk# DESC, pk DESC, sk DESC LIMIT ?`),
		}
	}
	return s
}

func (t *Table) create(c *conn) error {
	_, err := c.raw.ExecContext(context.Background(), t.sql.schema)
	return err
}
