package presenter

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/people"
)

// ConsentText names the wording under which answers are given; it counts up when the meaning of what is consented to changes.
const ConsentText = "presenter.registration/1"

// AnyRevision in Answer leaves the lock out: the answer replaces whatever stands.
const AnyRevision = -1

// Answer is what an expert sends by her personal link.
type Answer struct {
	Revision     int           // that of the expert when the form was shown, or AnyRevision
	Registration *Registration // nil is No
	Language     people.Language
}

// Register records an answer. The same answer once more is the same answer: nothing is written and nobody is mailed again. With another
// answer recorded since, ErrChanged and the expert as she stands now. A No deletes what an earlier Yes had told.
func (b *Bank) Register(ctx context.Context, id string, a Answer) (Expert, error) {
	state := No
	if a.Registration != nil {
		state = Yes
	}
	recorded := false
	e, err := b.change(ctx, id, func(e *Expert) (bool, error) {
		recorded = false
		if e.State == state && e.Registration.equal(a.Registration) {
			return false, nil
		}
		if a.Revision != AnyRevision && a.Revision != e.Revision {
			return false, ErrChanged
		}
		e.State, e.Registration = state, a.Registration
		if e.Blocked == Bounced { // her link arrived all the same
			e.Blocked = ""
		}
		e.Revision++
		e.Consent = &Consent{Text: ConsentText, Language: a.Language, At: b.Now().UTC()}
		recorded = true
		return true, nil
	})
	if err != nil {
		return e, err
	}
	if recorded {
		if state == Yes {
			b.Meter.One(ctx, metric.Registrations)
		}
		if err := b.Audit.Record(ctx, "programme", "presenter."+string(state), "expert/"+e.ID, ""); err != nil {
			return e, err
		}
	}
	return e, b.confirm(ctx, &e)
}

// confirm mails the address on record, and the one that the expert gave where it is another, so that nobody changes her answer unseen.
// Ids hold the revision: an answer that is sent twice is confirmed once.
func (b *Bank) confirm(ctx context.Context, e *Expert) error {
	lang := e.Language
	if e.Consent != nil {
		lang = e.Consent.Language
	}
	to := []mail.Address{{Name: e.Name, Mail: e.Email}}
	if c := e.Contact(); c.Mail.Key() != e.Email.Key() {
		to = append(to, c)
	}
	for i, a := range to {
		m := b.Mails.PresenterAnswered(lang, a, e.State == Yes, b.address(e, max(e.generation(), 1)))
		if i > 0 { // the link goes to the address on record alone
			m = b.Mails.PresenterAnswered(lang, a, e.State == Yes, "")
		}
		if err := b.Outbox.Post(ctx, fmt.Sprintf("registration-%s-%d-%d", e.ID, e.Revision, i), m); err != nil {
			return err
		}
	}
	return nil
}

// Why an expert is blocked.
const (
	Bounced    = "bounced"
	Complained = "complained"
)

// OfMail finds the expert whom an invitation went to, from the mail's id in the outbox; the mail service reports bounces of single
// mails by it.
func OfMail(mail string) (id string, ok bool) {
	rest, found := strings.CutPrefix(mail, "invitation-")
	i := strings.LastIndexByte(rest, '-')
	if !found || i <= 0 {
		return "", false
	}
	return rest[:i], true
}

// Block records that mail to an expert bounces or is called spam; no list mails her from then on. Unknown ids are left alone.
func (b *Bank) Block(ctx context.Context, id, why string) error {
	_, err := b.change(ctx, id, func(e *Expert) (bool, error) {
		if e.Blocked == why {
			return false, nil
		}
		e.Blocked = why
		return true, nil
	})
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	return err
}
