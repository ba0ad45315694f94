package ses

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

func lower(s string) string { return strings.ToLower(s) }

func (s *Server) sendBulk(r *http.Request) (any, error) {
	if s.Store == nil {
		return s.countBulk(r)
	}
	var in sendBulkInput
	if err := decode(r, MaxBulkBody, &in); err != nil {
		return nil, err
	}
	if err := s.admit(len(in.BulkEmailEntries)); err != nil {
		return nil, err
	}
	base, l, err := in.check()
	if err != nil {
		return nil, err
	}
	over, err := s.exhausted(r.Context(), len(in.BulkEmailEntries))
	if err != nil {
		return nil, err
	}
	out := sendBulkOutput{BulkEmailEntryResults: make([]entryResult, len(in.BulkEmailEntries))}
	if over {
		for i := range out.BulkEmailEntryResults {
			out.BulkEmailEntryResults[i] = entryResult{Status: "ACCOUNT_DAILY_QUOTA_EXCEEDED", Error: "Daily message quota exceeded."}
		}
		return out, nil
	}
	if err := s.keepBulk(r.Context(), &in, base, l, out.BulkEmailEntryResults); err != nil {
		return nil, err
	}
	if s.Faults.loses() {
		return nil, errLost
	}
	return out, nil
}

// check reads what the entries share.
func (in *sendBulkInput) check() (envelope, *letter, error) {
	e := envelope{Set: in.ConfigurationSetName}
	if n := len(in.BulkEmailEntries); n == 0 || n > MaxEntries {
		return e, nil, bad(fmt.Sprintf("A bulk call needs 1 to %d entries", MaxEntries))
	}
	if in.DefaultContent.Template == nil {
		return e, nil, bad("DefaultContent needs a template")
	}
	from, err := parseAddress(in.FromEmailAddress)
	if err != nil {
		return e, nil, err
	}
	e.From = written(from)
	if e.ReplyTo, err = parseAll(in.ReplyToAddresses); err != nil {
		return e, nil, err
	}
	if err := orNil(checkTags(in.DefaultEmailTags), checkHeaders(in.DefaultContent.Template.Headers)); err != nil {
		return e, nil, err
	}
	l, err := in.DefaultContent.Template.letter()
	return e, l, err
}

// keepBulk accepts the entries that can be accepted and says of each what became of it.
func (s *Server) keepBulk(ctx context.Context, in *sendBulkInput, base envelope, l *letter, results []entryResult) error {
	hash, body, err := l.encode()
	if err != nil {
		return err
	}
	t := in.DefaultContent.Template
	shared, err := parseData(t.TemplateData)
	if err != nil {
		return err
	}
	rendered := s.templates.get(hash, *t.TemplateContent)
	now := s.Now()
	var mails []*accepted
	for i := range in.BulkEmailEntries {
		m, err := s.entry(&in.BulkEmailEntries[i], in, base, shared, now)
		if err != nil {
			results[i] = refusal(err)
			continue
		}
		m.subject = l.Subject
		m.render(rendered)
		results[i] = entryResult{Status: "SUCCESS", MessageId: m.message}
		mails = append(mails, m)
	}
	if len(mails) > 0 {
		if err := s.Store.accept(ctx, hash, body, mails); err != nil {
			return err
		}
		s.ring()
	}
	s.calls.Add(1)
	s.recipients.Add(int64(len(mails)))
	return nil
}

func refusal(err error) entryResult {
	var f *Fault
	if errors.As(err, &f) && f.Type != "BadRequestException" {
		return entryResult{Status: "MESSAGE_REJECTED", Error: f.Message}
	}
	return entryResult{Status: "INVALID_PARAMETER", Error: err.Error()}
}

// entry is the mail of one entry.
func (s *Server) entry(entry *bulkEntry, in *sendBulkInput, base envelope, shared map[string]string, now time.Time) (*accepted, error) {
	if len(entry.Destination.ToAddresses) != 1 || len(entry.Destination.all()) != 1 {
		return nil, bad("The stand-in takes exactly one recipient per entry")
	}
	a, err := parseAddress(entry.Destination.ToAddresses[0])
	if err != nil {
		return nil, err
	}
	e := base
	e.To, e.Destination = []string{written(a)}, []string{a.Address}
	e.Headers = merge(in.DefaultContent.Template.Headers, entry.ReplacementHeaders, true)
	e.Tags = merge(in.DefaultEmailTags, entry.ReplacementTags, false)
	if err := orNil(checkHeaders(e.Headers), checkTags(e.Tags)); err != nil {
		return nil, err
	}
	own, err := parseData(entry.data())
	if err != nil {
		return nil, err
	}
	e.Data = make(map[string]string, len(shared)+len(own))
	for _, from := range []map[string]string{shared, own} {
		for k, v := range from {
			e.Data[k] = v
		}
	}
	if why := s.Faults.refuses(a.Address); why != "" {
		return nil, &Fault{http.StatusBadRequest, "MessageRejected", why}
	}
	id := newID(now)
	return &accepted{id: id, message: id, at: now, address: lower(a.Address), envelope: e, fate: s.Faults.fate(a.Address)}, nil
}

// countBulk accepts a call without looking into its letter, as fast as it can: it counts the destinations in the JSON text as the SDK
// writes it. Within a JSON string the quotes would be escaped, so that what is counted can only be a member's name.
func (s *Server) countBulk(r *http.Request) (any, error) {
	body := bodies.Get().(*bytes.Buffer)
	defer bodies.Put(body)
	body.Reset()
	if _, err := body.ReadFrom(io.LimitReader(r.Body, MaxBulkBody+1)); err != nil {
		return nil, err
	}
	n := bytes.Count(body.Bytes(), []byte(`"Destination":{`))
	if err := s.admit(n); err != nil {
		return nil, err
	}
	if n == 0 || n > MaxEntries || body.Len() > MaxBulkBody || !bytes.Contains(body.Bytes(), []byte(`"TemplateContent":{`)) {
		return nil, bad("not a bulk call with an inline template")
	}
	first := newID(s.Now())
	out := sendBulkOutput{BulkEmailEntryResults: make([]entryResult, n)}
	for i := range out.BulkEmailEntryResults {
		out.BulkEmailEntryResults[i] = entryResult{Status: "SUCCESS", MessageId: copyID(first, i)}
	}
	s.calls.Add(1)
	s.recipients.Add(int64(n))
	if s.Faults.loses() {
		return nil, errLost
	}
	return out, nil
}

var bodies = sync.Pool{New: func() any { return new(bytes.Buffer) }}
