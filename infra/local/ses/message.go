package ses

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"time"
)

// ErrNotFound: no such mail.
var ErrNotFound = errors.New("ses: no such mail")

// Header is one line of a mail's head, unfolded and decoded.
type Header struct{ Name, Value string }

// File is an attachment.
type File struct {
	Name, Type string
	Data       []byte
	Inline     string // Content-ID of a part that is shown within the HTML
}

// Size is for people.
func (f File) Size() string {
	if len(f.Data) < 1024 {
		return fmt.Sprintf("%d bytes", len(f.Data))
	}
	return fmt.Sprintf("%d KB", (len(f.Data)+1023)/1024)
}

// Message is an accepted mail as its recipient reads it.
type Message struct {
	ID        string // of this copy
	MessageID string // SES's
	At        time.Time
	Address   string   // the recipient's, lower case
	From      string   // decoded: Name <local@domain>
	To, Cc    []string // decoded
	Subject   string
	HTML      string
	Text      string
	Headers   []Header // all, in the order of the wire
	Files     []File
	Tags      []Header // SES's message tags
	Issue     string   // when it belongs to the distribution of an issue
	Fate      string
	Reason    string // why it could not be rendered

	envelope envelope
	raw      []byte // the whole mail, where the caller composed it
}

// Filter of a list. Zero fields do not filter.
type Filter struct {
	To     string // the whole address
	Search string // part of an address or of the subject
	Issue  string // of a distribution; "-" for mails that belong to none
	Before int64  // the Next of the page before
	Limit  int    // default 50
}

// Summary is one line of a list.
type Summary struct {
	ID      string
	At      time.Time
	Address string
	Subject string
	Issue   string
	Fate    string
	seq     int64
}

func (f *Filter) where() (string, []any) {
	cond, args := []string{"1"}, []any{}
	add := func(c string, a ...any) { cond, args = append(cond, c), append(args, a...) }
	if f.To != "" {
		add("address = ?", strings.ToLower(f.To))
	}
	if f.Search != "" {
		add("(instr(address, ?) > 0 OR instr(lower(subject), ?) > 0)", strings.ToLower(f.Search), strings.ToLower(f.Search))
	}
	switch f.Issue {
	case "":
	case "-":
		add("issue = ''")
	default:
		add("issue = ?", f.Issue)
	}
	return strings.Join(cond, " AND "), args
}

// List gives the mails of a filter, newest first, how many there are in all, and where the next page begins (0 at the end).
func (st *Store) List(ctx context.Context, f Filter) (list []Summary, total int, next int64, err error) {
	where, args := f.where()
	if err := st.db.QueryRowContext(ctx, "SELECT count(*) FROM mails WHERE "+where, args...).Scan(&total); err != nil {
		return nil, 0, 0, err
	}
	if f.Before > 0 {
		where, args = where+" AND seq < ?", append(args, f.Before)
	}
	if f.Limit <= 0 {
		f.Limit = 50
	}
	rows, err := st.db.QueryContext(ctx, "SELECT seq, id, at, address, subject, issue, fate FROM mails WHERE "+where+" ORDER BY seq DESC LIMIT ?", append(args, f.Limit+1)...)
	if err != nil {
		return nil, 0, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var m Summary
		var at int64
		if err := rows.Scan(&m.seq, &m.ID, &at, &m.Address, &m.Subject, &m.Issue, &m.Fate); err != nil {
			return nil, 0, 0, err
		}
		m.At = time.UnixMilli(at)
		list = append(list, m)
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = list[f.Limit-1].seq
	}
	return list, total, next, rows.Err()
}

// Issues lists the issues whose distributions have sent something, newest first.
func (st *Store) Issues(ctx context.Context) ([]string, error) {
	rows, err := st.db.QueryContext(ctx, "SELECT issue FROM mails WHERE issue <> '' GROUP BY issue ORDER BY max(seq) DESC LIMIT 50")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// Get reads one mail whole.
func (st *Store) Get(ctx context.Context, id string) (*Message, error) {
	var m accepted
	var at int64
	var e, body []byte
	var issue string
	err := st.db.QueryRowContext(ctx, `SELECT id, message, at, address, m.subject, envelope, issue, fate, l.body
		FROM mails m JOIN letters l ON l.hash = m.letter WHERE id = ?`, id).Scan(&m.id, &m.message, &at, &m.address, &m.subject, &e, &issue, &m.fate, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	var l letter
	if err := orNil(json.Unmarshal(e, &m.envelope), json.Unmarshal(body, &l)); err != nil {
		return nil, err
	}
	m.at = time.UnixMilli(at)
	out := m.open(&l)
	out.Issue = issue
	return out, nil
}

// open puts a mail and its letter together.
func (m *accepted) open(l *letter) *Message {
	e := m.envelope
	out := &Message{
		ID: m.id, MessageID: m.message, At: m.at, Address: m.address, Subject: m.subject, Fate: m.fate, Reason: e.Reason,
		From: plain(e.From), To: plainAll(e.To), Cc: plainAll(e.Cc), HTML: l.HTML, Text: l.Text, envelope: e,
	}
	for _, t := range e.Tags {
		out.Tags = append(out.Tags, Header(t))
	}
	if l.Raw != nil {
		out.openRaw(l.Raw)
		return out
	}
	if l.Template && m.fate != FateRendering {
		c := compileLetter(l.Subject, l.HTML, l.Text)
		out.HTML, _ = c.html.render(e.Data) // it was found at acceptance that every name has a value
		out.Text, _ = c.text.render(e.Data)
	}
	for _, a := range l.Attachments {
		out.Files = append(out.Files, File{Name: a.FileName, Type: a.ContentType, Data: a.RawContent, Inline: inlineID(a)})
	}
	for _, h := range out.wireHeaders() {
		out.Headers = append(out.Headers, Header{h.Name, plainHeader(h.Value)})
	}
	return out
}

func inlineID(a attachment) string {
	if a.ContentDisposition == "INLINE" {
		return a.ContentId
	}
	return ""
}

// plain decodes "=?utf-8?q?...?= <a@b>" for reading.
func plain(s string) string {
	a, err := mail.ParseAddress(s)
	if err != nil {
		return s
	}
	if a.Name == "" {
		return a.Address
	}
	return a.Name + " <" + a.Address + ">"
}

func plainAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = plain(s)
	}
	return out
}
