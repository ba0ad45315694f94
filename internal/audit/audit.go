// Package audit keeps the record of who did what at the desk, and of what the programme did by itself.
//
// Entries are appended and never changed. What may enter: acts that a committee may have to account for. Addresses of
// outsiders do not: an entry names them by the id of their record, so that erasure stays whole.
package audit

import (
	"context"
	"time"

	"liaison/internal/table"
)

// Entry is one act.
type Entry struct {
	ID      string    `json:"id"`
	At      time.Time `json:"at"`
	Who     string    `json:"who"`     // e-mail address of a listed person, or "programme"
	Act     string    `json:"act"`     // stable verb: "answer.accept", "issue.schedule", …
	Subject string    `json:"subject"` // what it was done to: "issue/3", "answer/A7…"
	Detail  string    `json:"detail,omitempty"`
}

// Log appends to and reads the record. Keys in the Programme table: AUDIT#2027-05 / 2027-05-14T09:00:00.000000000Z#id.
type Log struct {
	Table table.Table
	Now   func() time.Time
	NewID func() string
}

// Record appends one entry.
func (l *Log) Record(ctx context.Context, who, act, subject, detail string) error {
	e := Entry{ID: l.NewID(), At: l.Now().UTC(), Who: who, Act: act, Subject: subject, Detail: detail}
	_, err := l.Table.Put(ctx, table.NewItem(table.Key{PK: partition(e.At), SK: e.At.Format("2006-01-02T15:04:05.000000000Z") + "#" + e.ID}, e), table.Absent)
	return err
}

func partition(t time.Time) string { return "AUDIT#" + t.UTC().Format("2006-01") }

// Month lists a month's entries, newest first; cursor as of table.Query.
func (l *Log) Month(ctx context.Context, month time.Time, limit int, cursor string) ([]Entry, string, error) {
	page, err := l.Table.Query(ctx, table.Query{PK: partition(month), Limit: limit, Cursor: cursor, Reverse: true})
	if err != nil {
		return nil, "", err
	}
	out := make([]Entry, len(page.Items))
	for i, it := range page.Items {
		if err := it.Decode(&out[i]); err != nil {
			return nil, "", err
		}
	}
	return out, page.Cursor, nil
}
