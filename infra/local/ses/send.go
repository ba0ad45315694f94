package ses

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/google/uuid"
)

// accountOutput of GetAccount.
func (s *Server) account(ctx context.Context) (any, error) {
	var out accountOutput
	out.EnforcementStatus, out.ProductionAccessEnabled, out.SendingEnabled = "HEALTHY", !s.Faults.sandboxed(), true
	out.SendQuota.Max24HourSend, out.SendQuota.MaxSendRate = s.PerDay, s.PerSecond
	today, err := s.today(ctx)
	out.SendQuota.SentLast24Hours = float64(today)
	return out, err
}

func (s *Server) today(ctx context.Context) (int, error) {
	if s.Store == nil {
		return int(s.recipients.Load()), nil
	}
	return s.Store.sentSince(ctx, s.Now().Add(-24*time.Hour))
}

// admit counts n recipients against the quota.
func (s *Server) admit(n int) error {
	if err := s.Faults.turnAway(); err != nil {
		return err
	}
	if s.Strict && !s.limiter.AllowN(time.Now(), n) {
		return tooMany("Maximum sending rate exceeded.")
	}
	return nil
}

// exhausted tells whether n more recipients are beyond the daily quota.
func (s *Server) exhausted(ctx context.Context, n int) (bool, error) {
	if !s.Strict || s.PerDay < 0 {
		return false, nil
	}
	today, err := s.today(ctx)
	return float64(today+n) > s.PerDay, err
}

func (s *Server) sendEmail(r *http.Request) (any, error) {
	var in sendEmailInput
	if err := decode(r, MaxBody, &in); err != nil {
		return nil, err
	}
	if err := s.admit(max(1, len(in.Destination.all()))); err != nil {
		return nil, err
	}
	l, e, err := in.check()
	if err != nil {
		return nil, err
	}
	recipients, err := recipientsOf(in.Destination, l)
	if err != nil {
		return nil, err
	}
	if over, err := s.exhausted(r.Context(), len(recipients)); err != nil || over {
		return nil, orError(err, tooMany("Daily message quota exceeded."))
	}
	for _, a := range recipients {
		if why := s.Faults.refuses(a); why != "" {
			return nil, &Fault{http.StatusBadRequest, "MessageRejected", why}
		}
	}
	id, err := s.keepOne(r.Context(), l, e, recipients)
	if err != nil {
		return nil, err
	}
	return sendEmailOutput{MessageId: id}, nil
}

func orError(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

// keepOne accepts one message for all its recipients.
func (s *Server) keepOne(ctx context.Context, l *letter, e envelope, recipients []string) (string, error) {
	now := s.Now()
	id := newID(now)
	if s.Store != nil {
		hash, body, err := l.encode()
		if err != nil {
			return "", err
		}
		var rendered compiledLetter
		if l.Template {
			rendered = *s.templates.get(hash, templateContent{l.Subject, l.HTML, l.Text})
		}
		e.Destination = recipients
		var mails []*accepted
		for n, a := range recipients {
			m := &accepted{id: copyID(id, n), message: id, at: now, address: lower(a), subject: l.Subject, envelope: e, fate: s.Faults.fate(a)}
			if l.Template {
				m.render(&rendered)
			}
			mails = append(mails, m)
		}
		if err := s.Store.accept(ctx, hash, body, mails); err != nil {
			return "", err
		}
		s.ring()
	}
	s.calls.Add(1)
	s.recipients.Add(int64(len(recipients)))
	return id, nil
}

// render fills in the subject, or finds that the mail cannot be rendered.
func (m *accepted) render(l *compiledLetter) {
	if err := l.failure(m.envelope.Data); err != nil {
		m.fate, m.envelope.Reason = FateRendering, err.Error()
		return
	}
	m.subject, _ = l.subject.render(m.envelope.Data) // every name has a value
}

// newID looks like one of SES's.
func newID(now time.Time) string {
	return fmt.Sprintf("%016x-%s-000000", now.UnixMilli(), uuid.NewString())
}

func copyID(id string, n int) string {
	if n == 0 {
		return id
	}
	return fmt.Sprintf("%s-%d", id, n+1)
}

// check reads the request into the letter and its envelope.
func (in *sendEmailInput) check() (*letter, envelope, error) {
	e := envelope{Tags: in.EmailTags, Set: in.ConfigurationSetName}
	if err := checkTags(in.EmailTags); err != nil {
		return nil, e, err
	}
	c := in.Content
	if count(c.Simple != nil, c.Raw != nil, c.Template != nil) != 1 {
		return nil, e, bad("Content must have exactly one of Simple, Raw and Template")
	}
	if c.Raw != nil {
		l := &letter{Raw: c.Raw.Data}
		m, err := parseRaw(c.Raw.Data)
		if err != nil {
			return nil, e, err
		}
		l.Subject, e.From, e.To = m.Subject, m.From, m.To
		return l, e, nil
	}
	var err error
	if e.From, e.To, e.Cc, e.ReplyTo, err = in.addresses(); err != nil {
		return nil, e, err
	}
	if c.Simple != nil {
		e.Headers = c.Simple.Headers
		l, err := c.Simple.letter()
		return l, e, orNil(err, checkHeaders(e.Headers))
	}
	e.Headers = c.Template.Headers
	l, err := c.Template.letter()
	if err != nil {
		return nil, e, err
	}
	e.Data, err = parseData(c.Template.TemplateData)
	return l, e, orNil(err, checkHeaders(e.Headers))
}

func orNil(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func count(conditions ...bool) (n int) {
	for _, c := range conditions {
		if c {
			n++
		}
	}
	return n
}

func (in *sendEmailInput) addresses() (from string, to, cc, replyTo []string, err error) {
	a, err := parseAddress(in.FromEmailAddress)
	if err != nil {
		return "", nil, nil, nil, err
	}
	if to, err = parseAll(in.Destination.ToAddresses); err != nil {
		return "", nil, nil, nil, err
	}
	if cc, err = parseAll(in.Destination.CcAddresses); err != nil {
		return "", nil, nil, nil, err
	}
	replyTo, err = parseAll(in.ReplyToAddresses)
	return written(a), to, cc, replyTo, err
}

func (c *simple) letter() (*letter, error) {
	l := &letter{Subject: c.Subject.Data, Attachments: c.Attachments}
	if c.Body.Html != nil {
		l.HTML = c.Body.Html.Data
	}
	if c.Body.Text != nil {
		l.Text = c.Body.Text.Data
	}
	return l, l.check()
}

func (t *template) letter() (*letter, error) {
	if t.TemplateContent == nil {
		return nil, &Fault{http.StatusNotFound, "NotFoundException", "Template does not exist: the stand-in takes inline templates only"}
	}
	c := t.TemplateContent
	l := &letter{Subject: c.Subject, HTML: c.Html, Text: c.Text, Attachments: t.Attachments, Template: true}
	return l, l.check()
}

func (l *letter) check() error {
	if l.Subject == "" || l.HTML == "" && l.Text == "" {
		return bad("A message needs a subject and a body")
	}
	for _, a := range l.Attachments {
		if a.FileName == "" || len(a.FileName) > 255 {
			return bad("An attachment needs a file name of at most 255 characters")
		}
	}
	return nil
}

// recipientsOf are the bare addresses that a message goes to.
func recipientsOf(d destination, l *letter) ([]string, error) {
	list := d.all()
	if len(list) == 0 && l.Raw != nil {
		m, err := parseRaw(l.Raw)
		if err != nil {
			return nil, err
		}
		list = append(m.To, m.Cc...)
	}
	if len(list) == 0 || len(list) > MaxEntries {
		return nil, bad(fmt.Sprintf("A message needs 1 to %d recipients", MaxEntries))
	}
	out := make([]string, len(list))
	for i, s := range list {
		a, err := parseAddress(s)
		if err != nil {
			return nil, err
		}
		out[i] = a.Address
	}
	return out, nil
}
