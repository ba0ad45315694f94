package ses

import (
	"context"
	"database/sql"
	"encoding/json"
	"net/mail"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What becomes of an accepted mail, and is reported.
const (
	FateDelivery  = "delivery"
	FateBounce    = "bounce"
	FateComplaint = "complaint"
	FateRendering = "rendering-failure"
)

// Publish hands over notifications, each the body of an SQS message that SNS would have put there. After an error they are handed
// over again.
type Publish func(ctx context.Context, notifications [][]byte) error

// Run reports events until ctx is done: those of mails accepted from now on and those that an earlier process did not get to report.
// Every event is reported at least once.
func (s *Server) Run(ctx context.Context, publish Publish) {
	for {
		more, err := s.Report(ctx, publish)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			s.Log.Error("ses: events not reported", "error", err)
			more = false
		}
		if more {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-s.bell:
		case <-time.After(time.Second):
		}
	}
}

// Report hands over the events of a hundred mails; more tells whether others wait.
func (s *Server) Report(ctx context.Context, publish Publish) (more bool, err error) {
	if s.Store == nil {
		return false, nil
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	const some = 100
	mails, err := s.Store.unreported(ctx, some)
	if err != nil || len(mails) == 0 {
		return false, err
	}
	var out [][]byte
	for _, m := range mails {
		for _, event := range s.events(&m) {
			n := s.notification(event)
			out = append(out, n)
			if s.Repeat {
				out = append(out, n)
			}
		}
	}
	if len(out) > 0 {
		if err := publish(ctx, out); err != nil {
			return false, err
		}
	}
	return len(mails) == some, s.Store.reported(ctx, mails[len(mails)-1].seq)
}

// Unreported tells whether events wait to be handed over.
func (s *Server) Unreported(ctx context.Context) (bool, error) {
	if s.Store == nil {
		return false, nil
	}
	s.publishing.Lock()
	defer s.publishing.Unlock()
	mails, err := s.Store.unreported(ctx, 1)
	return len(mails) > 0, err
}

// stored is a mail with its place in the order of acceptance.
type stored struct {
	accepted
	seq int64
}

func (st *Store) unreported(ctx context.Context, limit int) ([]stored, error) {
	rows, err := st.db.QueryContext(ctx, "SELECT seq, id, message, at, address, subject, envelope, fate FROM mails WHERE reported = 0 ORDER BY seq LIMIT ?", limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []stored
	for rows.Next() {
		var m stored
		var at int64
		var e []byte
		if err := rows.Scan(&m.seq, &m.id, &m.message, &at, &m.address, &m.subject, &e, &m.fate); err != nil {
			return nil, err
		}
		m.at = time.UnixMilli(at)
		if err := json.Unmarshal(e, &m.envelope); err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, rows.Err()
}

func (st *Store) reported(ctx context.Context, through int64) error {
	return st.write(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "UPDATE mails SET reported = 1 WHERE reported = 0 AND seq <= ?", through)
		return err
	})
}

type object map[string]any

// events are the event records of a mail, in the shape of SES's event publishing. SES reports only what was sent with a
// configuration set, and of that what the set asks for: template.yaml leaves deliveries out.
func (s *Server) events(m *stored) []object {
	if m.envelope.Set == "" {
		return nil
	}
	about := m.about()
	if m.fate == FateRendering {
		return []object{{"eventType": "Rendering Failure", "mail": about, "failure": object{"errorMessage": m.envelope.Reason, "templateName": "inline"}}}
	}
	at := stamp(m.at.Add(time.Second))
	list := []object{{"eventType": "Send", "mail": about, "send": object{}}}
	switch m.fate {
	case FateBounce:
		list = append(list, object{"eventType": "Bounce", "mail": about, "bounce": object{
			"bounceType": "Permanent", "bounceSubType": "General", "timestamp": at, "feedbackId": uuid.NewString(), "reportingMTA": "dns; mx.example.net",
			"bouncedRecipients": []object{{"emailAddress": m.address, "action": "failed", "status": "5.1.1", "diagnosticCode": "smtp; 550 5.1.1 user unknown"}}}})
	case FateComplaint:
		list = append(list, object{"eventType": "Complaint", "mail": about, "complaint": object{
			"timestamp": at, "feedbackId": uuid.NewString(), "userAgent": "local", "complaintFeedbackType": "abuse",
			"complainedRecipients": []object{{"emailAddress": m.address}}}})
	}
	return list
}

// about is the mail object that every event carries.
func (m *stored) about() object {
	tags := map[string][]string{
		"ses:configuration-set": {m.envelope.Set}, "ses:source-ip": {"127.0.0.1"}, "ses:caller-identity": {"local"}, "ses:from-domain": {domainOf(m.envelope.From)},
	}
	for _, t := range m.envelope.Tags {
		tags[t.Name] = append(tags[t.Name], t.Value)
	}
	return object{
		"timestamp": stamp(m.at), "messageId": m.message, "source": m.envelope.From, "sendingAccountId": "000000000000",
		"sourceArn": "arn:aws:ses:local:000000000000:identity/" + domainOf(m.envelope.From), "destination": m.envelope.Destination, "headersTruncated": false,
		"headers":       []object{{"name": "From", "value": m.envelope.From}, {"name": "To", "value": strings.Join(m.envelope.To, ", ")}},
		"commonHeaders": object{"from": []string{m.envelope.From}, "to": m.envelope.To, "messageId": m.message, "subject": m.subject},
		"tags":          tags,
	}
}

func domainOf(from string) string {
	a, err := mail.ParseAddress(from)
	if err != nil {
		return ""
	}
	return a.Address[strings.LastIndexByte(a.Address, '@')+1:]
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// notification wraps an event as SNS does on its way to SQS.
func (s *Server) notification(event object) []byte {
	inner, err := json.Marshal(event)
	if err != nil {
		panic("ses: event: " + err.Error()) // strings and maps of them
	}
	outer, err := json.Marshal(object{
		"Type": "Notification", "MessageId": uuid.NewString(), "TopicArn": "arn:aws:sns:local:000000000000:ses-events", "Subject": "Amazon SES Email Event Notification",
		"Message": string(inner), "Timestamp": stamp(s.Now()), "SignatureVersion": "1", "Signature": "bG9jYWw=",
		"SigningCertURL": "http://127.0.0.1/cert.pem", "UnsubscribeURL": "http://127.0.0.1/unsubscribe",
	})
	if err != nil {
		panic("ses: notification: " + err.Error())
	}
	return outer
}
