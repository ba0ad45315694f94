package survey

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"time"

	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
)

// Draft is something of a respondent's that is not an answer yet: a form saved for later, or a list that was uploaded and waits to be
// sent. What it holds is the form's business.
type Draft struct {
	ID     string
	Survey string
	Saved  time.Time
	Data   []byte // at most maxDraft
}

const (
	partBytes = 250 << 10 // of compressed data in one item, before base64
	maxDraft  = 40 << 20  // unpacked: a list of 4 MB whose every row is filled to the limits stays far below
)

// UploadLife is how long an uploaded list waits to be sent.
const UploadLife = 48 * time.Hour

type draftRecord struct {
	Survey string    `json:"survey"`
	Saved  time.Time `json:"saved"`
	Stamp  string    `json:"stamp"` // of the parts that count
	Parts  int       `json:"parts"`
}

func draftKey(id string) table.Key { return table.Key{PK: "DRAFT#" + id, SK: "DRAFT"} }

func draftPart(id, stamp string, n int) table.Key {
	return table.Key{PK: "DRAFT#" + id, SK: fmt.Sprintf("PART#%s#%03d", stamp, n)}
}

// SaveDraft keeps d under its id until the moment, over what stood there before. Parts go first, and count once the head names them.
func (s *Surveys) SaveDraft(ctx context.Context, d Draft, until time.Time) error {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(d.Data); err != nil {
		return err
	}
	if err := z.Close(); err != nil {
		return err
	}
	head := draftRecord{Survey: d.Survey, Saved: s.Now().UTC(), Stamp: s.stamp()}
	var items []table.Item
	for data := packed.Bytes(); len(data) > 0; head.Parts++ {
		n := min(len(data), partBytes)
		it := table.NewItem(draftPart(d.ID, head.Stamp, head.Parts), map[string][]byte{"data": data[:n]})
		it.Expires = until
		items, data = append(items, it), data[n:]
	}
	if err := s.Table.BatchPut(ctx, items); err != nil {
		return err
	}
	it := table.NewItem(draftKey(d.ID), head)
	it.Expires = until
	_, err := s.Table.Put(ctx, it, table.Any)
	return err
}

// Draft loads one; table.ErrNotFound when it was sent, has expired or never was.
func (s *Surveys) Draft(ctx context.Context, id string) (*Draft, error) {
	it, err := s.Table.Get(ctx, draftKey(id))
	if err != nil {
		return nil, err
	}
	var head draftRecord
	if err := it.Decode(&head); err != nil {
		return nil, err
	}
	var packed []byte
	for n := range head.Parts {
		it, err := s.Table.Get(ctx, draftPart(id, head.Stamp, n))
		if err != nil {
			return nil, err
		}
		var part struct{ Data []byte }
		if err := it.Decode(&part); err != nil {
			return nil, err
		}
		packed = append(packed, part.Data...)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("survey: draft %s: %w", id, err)
	}
	data, err := io.ReadAll(io.LimitReader(z, maxDraft))
	if err != nil {
		return nil, fmt.Errorf("survey: draft %s: %w", id, err)
	}
	return &Draft{ID: id, Survey: head.Survey, Saved: head.Saved, Data: data}, nil
}

// DropDraft forgets a draft that has become an answer; its parts expire by themselves. Failing does no harm.
func (s *Surveys) DropDraft(ctx context.Context, id string) {
	if err := s.Table.Delete(ctx, draftKey(id), table.Any); err != nil {
		s.Log.WarnContext(ctx, "a draft stays until it expires", "error", err)
	}
}

// UntilClosed is how long drafts of a survey are kept: somewhat beyond its closing, so that who comes too late can still copy the text.
func (s *Surveys) UntilClosed(survey string) time.Time { return s.until(survey) }

// MailDraft sends the link that opens a saved draft. Saving again mails again.
func (s *Surveys) MailDraft(ctx context.Context, d Draft, to people.EmailAddress, name string, lang people.Language) error {
	lang = s.Programme.Nearest(lang)
	until := s.until(d.Survey)
	token := s.DraftToken(d.ID, until)
	m := s.Mails.SurveyDraft(mail.Address{Name: name, Mail: to}, lang, d.Survey, s.Links.URL("/"+string(lang)+"/surveys/drafts", token), s.Programme.Surveys[d.Survey].Closes)
	return s.Post(ctx, "draft-"+d.ID+"-"+digest(to.Key(), string(d.Data))[:12], m)
}

// OpenDraft reads a draft by the token of its link or of a form. link.ErrForged, link.ErrExpired, table.ErrNotFound.
func (s *Surveys) OpenDraft(ctx context.Context, token string) (*Draft, error) {
	c, err := s.Links.Open(link.Draft, token)
	if err != nil {
		return nil, err
	}
	return s.Draft(ctx, c.Subject)
}

// KeepDraft makes a draft live until the moment, and gives the token that opens it so long.
func (s *Surveys) KeepDraft(ctx context.Context, token string, until time.Time) (string, error) {
	d, err := s.OpenDraft(ctx, token)
	if err != nil {
		return "", err
	}
	return s.DraftToken(d.ID, until), s.SaveDraft(ctx, *d, until)
}

// DraftToken opens the draft until the moment.
func (s *Surveys) DraftToken(id string, until time.Time) string {
	return s.Links.Token(link.Draft, id, "", until.Sub(s.Now()))
}
