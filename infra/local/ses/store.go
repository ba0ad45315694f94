package ses

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"liaison/infra/local/disk"
)

// A letter is kept once for all its recipients; each mail has what differs. Times are Unix milliseconds of the program's clock.
const schema = `
CREATE TABLE IF NOT EXISTS letters (
  hash TEXT PRIMARY KEY, body BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS mails (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,    -- of this copy
  message TEXT NOT NULL,      -- SES's message id, the same for all recipients of one call of SendEmail
  at INTEGER NOT NULL,
  address TEXT NOT NULL,      -- lower case, without a name
  subject TEXT NOT NULL,      -- rendered
  letter TEXT NOT NULL,
  envelope BLOB NOT NULL,     -- JSON: everything else of this mail
  issue TEXT NOT NULL,        -- tag of a distribution's mail; empty for single mails
  fate TEXT NOT NULL,
  reported INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS by_address ON mails (address, seq);
CREATE INDEX IF NOT EXISTS by_issue ON mails (issue, address) WHERE issue <> '';
CREATE INDEX IF NOT EXISTS by_time ON mails (at);
CREATE INDEX IF NOT EXISTS unreported ON mails (seq) WHERE reported = 0;
`

// Store keeps accepted mails in one file.
type Store struct {
	db *sql.DB
	mu sync.Mutex // writes take turns
}

// OpenStore opens or makes the file; :memory: keeps nothing.
func OpenStore(path string) (*Store, error) {
	db, err := disk.Open(path, schema)
	if err != nil {
		return nil, err
	}
	return &Store{db: db}, nil
}

// Close closes the file.
func (st *Store) Close() error { return st.db.Close() }

// letter is what mails share.
type letter struct {
	Subject, HTML, Text string       `json:",omitempty"`
	Attachments         []attachment `json:",omitempty"`
	Raw                 []byte       `json:",omitempty"`
	Template            bool         `json:",omitempty"` // subject, HTML and text have substitutions
}

func (l *letter) encode() (hash string, body []byte, err error) {
	if body, err = json.Marshal(l); err != nil {
		return "", nil, err
	}
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:]), body, nil
}

// envelope is what a mail has for itself.
type envelope struct {
	From        string            `json:"from"`
	To          []string          `json:"to"`
	Cc          []string          `json:"cc,omitempty"`
	ReplyTo     []string          `json:"replyTo,omitempty"`
	Headers     []pair            `json:"headers,omitempty"`
	Tags        []pair            `json:"tags,omitempty"`
	Data        map[string]string `json:"data,omitempty"`
	Set         string            `json:"set,omitempty"` // configuration set: without one nothing is reported
	Destination []string          `json:"destination"`
	Reason      string            `json:"reason,omitempty"`
}

// mail is one accepted mail to one address.
type accepted struct {
	id, message string
	at          time.Time
	address     string
	subject     string
	envelope    envelope
	fate        string
}

func (m *accepted) issue() string {
	issue, shard := "", false
	for _, t := range m.envelope.Tags {
		switch t.Name {
		case "issue":
			issue = t.Value
		case "shard":
			shard = true
		}
	}
	if !shard { // a test copy has no place in a distribution
		return ""
	}
	return issue
}

func (st *Store) write(ctx context.Context, f func(*sql.Tx) error) error {
	st.mu.Lock()
	defer st.mu.Unlock()
	tx, err := st.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	if err := f(tx); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// accept puts mails of one letter on disk, all or none.
func (st *Store) accept(ctx context.Context, hash string, body []byte, mails []*accepted) error {
	return st.write(ctx, func(tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, "INSERT INTO letters (hash, body) VALUES (?, ?) ON CONFLICT DO NOTHING", hash, body); err != nil {
			return err
		}
		insert, err := tx.PrepareContext(ctx, "INSERT INTO mails (id, message, at, address, subject, letter, envelope, issue, fate) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
		if err != nil {
			return err
		}
		defer insert.Close()
		for _, m := range mails {
			e, err := json.Marshal(m.envelope)
			if err != nil {
				return err
			}
			if _, err := insert.ExecContext(ctx, m.id, m.message, m.at.UnixMilli(), m.address, m.subject, hash, e, m.issue(), m.fate); err != nil {
				return err
			}
		}
		return nil
	})
}

// sentSince counts recipients accepted after t.
func (st *Store) sentSince(ctx context.Context, t time.Time) (n int, err error) {
	err = st.db.QueryRowContext(ctx, "SELECT count(*) FROM mails WHERE at > ?", t.UnixMilli()).Scan(&n)
	return n, err
}

// Sent tells how many mails of an issue's distribution were accepted for each address. Mails that could not be rendered never
// left and are not counted.
func (st *Store) Sent(ctx context.Context, issue string) (map[string]int, error) {
	rows, err := st.db.QueryContext(ctx, "SELECT address, count(*) FROM mails WHERE issue = ? AND issue <> '' AND fate <> ? GROUP BY address", issue, FateRendering)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var address string
		var n int
		if err := rows.Scan(&address, &n); err != nil {
			return nil, err
		}
		out[address] = n
	}
	return out, rows.Err()
}
