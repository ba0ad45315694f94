package newsletter

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"strings"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
)

// Letter is one rendering of an edition, the same for all its readers but for the substitutions.
type Letter struct {
	From    mail.Address  `json:"from"`
	ReplyTo mail.Address  `json:"replyTo"`
	Content mail.Content  `json:"content"`
	Headers []mail.Header `json:"headers,omitempty"`
}

// Substitutions of letters: "{{name}}" and so on stand in a letter where it differs from reader to reader.
const (
	SubName        = "name"        // the reader's name, escaped for HTML
	SubPlainName   = "plainname"   // the same for plain text
	SubUnsubscribe = "unsubscribe" // address of the page that ends the subscription, and leads to language and format
)

// Substitutions gives the values of one reader. Whoever has no name is called by her address.
func Substitutions(name string, address people.EmailAddress, unsubscribe string) map[string]string {
	if name = people.OneLine(name); name == "" {
		name = string(address)
	}
	return map[string]string{SubName: html.EscapeString(name), SubPlainName: name, SubUnsubscribe: html.EscapeString(unsubscribe)}
}

// Fill puts one reader's values in, as the mail service does for each of a batch.
func Fill(c mail.Content, values map[string]string) mail.Content {
	var pairs []string
	for name, v := range values {
		pairs = append(pairs, "{{"+name+"}}", v)
	}
	r := strings.NewReplacer(pairs...)
	c.Subject, c.HTML, c.Text = r.Replace(c.Subject), r.Replace(c.HTML), r.Replace(c.Text)
	return c
}

// errPress: the press failed on a text that it should take. It is a fault of ours, and trying again does not help.
var errPress = errors.New("newsletter: the press failed")

// made is an edition in every form.
type made struct {
	language people.Language
	letters  map[Format]*Letter
	paper    []byte
	page     *Page
}

// make renders an edition in every form. Its letters may have so many bytes of HTML, and of plain text.
func (d *Editorial) make(i *Issue, e *Edition, date time.Time, most int) (*made, error) {
	m := &made{language: e.Language, letters: map[Format]*Letter{}}
	var err error
	for _, f := range Formats {
		if m.letters[f], err = d.Press.Letter(i, e, date, f); err != nil {
			return nil, pressError(err)
		}
		c := m.letters[f].Content
		if n := max(len(c.HTML), len(c.Text)); n > most { // in plain text the head of a wide table stands before each of its cells
			return nil, &ErrTooLarge{Bytes: n, Limit: MaxHTML}
		}
		if err := fits(m.letters[f]); err != nil {
			return nil, err
		}
	}
	if m.paper, err = d.Press.Paper(i, e, date); err != nil {
		return nil, pressError(err)
	}
	if m.page, err = d.Press.Page(i, e); err != nil {
		return nil, pressError(err)
	}
	return m, fits(m.page)
}

// fits tells whether something can be frozen: in an item of the table some characters become six. An issue of which a part cannot be frozen
// would be on its way for ever.
func fits(body any) error {
	data, err := json.Marshal(body)
	if most := table.MaxItemBytes - 1000; err == nil && len(data) > most { // the keys
		return &ErrTooLarge{Bytes: len(data), Limit: MaxHTML}
	}
	return err
}

func pressError(err error) error { return fmt.Errorf("%w: %w", errPress, err) }

const partBytes = 200_000 // of a PDF in one item; base64 makes it a third more, and an item holds 400 KB

func letterKey(n int, version string, l people.Language, f Format) table.Key {
	return table.Key{PK: pk(n), SK: fmt.Sprintf("LETTER#%s#%s#%s", version, l, f)}
}
func paperKey(n int, version string, l people.Language) table.Key {
	return table.Key{PK: pk(n), SK: fmt.Sprintf("PDF#%s#%s", version, l)}
}
func partKey(n int, version string, l people.Language, hash string, part int) table.Key {
	return table.Key{PK: pk(n), SK: fmt.Sprintf("PDF#%s#%s#%s#%02d", version, l, hash, part)}
}

func pageKey(n int, version string, l people.Language) table.Key {
	return table.Key{PK: pk(n), SK: fmt.Sprintf("PAGE#%s#%s", version, l)}
}

type paper struct {
	Parts int    `json:"parts"`
	Bytes int    `json:"bytes"`
	Hash  string `json:"hash"` // names the parts, so that two writers never mix theirs
}

type part struct {
	Data []byte `json:"data"`
}

// freeze stores what was made. What stands already stays: should two presses freeze one edition, the first one's is the edition's.
func (d *Editorial) freeze(ctx context.Context, i *Issue, m *made) error {
	sum := sha256.Sum256(m.paper)
	p := paper{Bytes: len(m.paper), Hash: hex.EncodeToString(sum[:8])}
	for data := m.paper; len(data) > 0; p.Parts++ {
		n := min(len(data), partBytes)
		if err := d.first(ctx, partKey(i.Number, i.Frozen, m.language, p.Hash, p.Parts), part{data[:n]}); err != nil {
			return err
		}
		data = data[n:]
	}
	if err := d.first(ctx, paperKey(i.Number, i.Frozen, m.language), p); err != nil {
		return err
	}
	for _, f := range Formats {
		if err := d.first(ctx, letterKey(i.Number, i.Frozen, m.language, f), m.letters[f]); err != nil {
			return err
		}
	}
	return d.first(ctx, pageKey(i.Number, i.Frozen, m.language), m.page)
}

func (s *Store) first(ctx context.Context, key table.Key, body any) error {
	_, err := s.Table.Put(ctx, table.NewItem(key, body), table.Absent)
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return err
}

// Letter reads a frozen letter, with the PDF attached where its format wants it; ErrGone.
func (s *Store) Letter(ctx context.Context, number int, version string, l people.Language, f Format) (*Letter, error) {
	it, err := s.Table.Get(ctx, letterKey(number, version, l, f))
	if errors.Is(err, table.ErrNotFound) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	var letter Letter
	if err := it.Decode(&letter); err != nil {
		return nil, err
	}
	if f != PDF {
		return &letter, nil
	}
	data, err := s.Paper(ctx, number, version, l)
	if err != nil {
		return nil, err
	}
	letter.Content.Attachments = []mail.Attachment{{Name: fmt.Sprintf("%d-%s.pdf", number, l), Type: "application/pdf", Data: data}}
	return &letter, nil
}

// Paper reads a frozen PDF; ErrGone.
func (s *Store) Paper(ctx context.Context, number int, version string, l people.Language) ([]byte, error) {
	it, err := s.Table.Get(ctx, paperKey(number, version, l))
	if errors.Is(err, table.ErrNotFound) {
		return nil, ErrGone
	}
	if err != nil {
		return nil, err
	}
	var p paper
	if err := it.Decode(&p); err != nil {
		return nil, err
	}
	keys := make([]table.Key, p.Parts)
	for n := range keys {
		keys[n] = partKey(number, version, l, p.Hash, n)
	}
	items, err := s.Table.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	data := make([]byte, 0, p.Bytes)
	for _, it := range items {
		var chunk part
		if err := it.Decode(&chunk); err != nil {
			return nil, err
		}
		data = append(data, chunk.Data...)
	}
	if len(data) != p.Bytes {
		return nil, ErrGone
	}
	return data, nil
}
