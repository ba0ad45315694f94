package app

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/subscription"
)

// unsubscribeLife is how long the link in a newsletter ends the subscription: as long as anybody keeps old mail.
const unsubscribeLife = 10 * 365 * 24 * time.Hour

func (o *Outside) distribution() distribution.Options {
	return distribution.Options{Table: o.Delivery, Queue: o.Queue, Now: o.Now, NewID: o.NewID, Step: o.Step, Log: o.Log, Limits: o.Limits}
}

// audience reads who receives: subscribers for newsletters, the roster of experts for leaflets.
type audience struct {
	subscribers *subscription.List
	experts     *presenter.Bank
}

var errAudience = errors.New("app: no such audience")

// Page implements distribution.Audience.
func (a *audience) Page(ctx context.Context, kind string, segment int, after string, limit int) ([]distribution.Member, string, error) {
	switch newsletter.Kind(kind) {
	case newsletter.Newsletter:
		active, next, err := a.subscribers.Active(ctx, segment, after, limit)
		members := make([]distribution.Member, len(active))
		for i, m := range active {
			members[i] = distribution.Member(m)
		}
		return members, next, err
	case newsletter.Leaflet:
		experts, next, err := a.experts.Segment(ctx, segment, after, limit)
		var members []distribution.Member
		for _, e := range experts {
			if e.Blocked == "" {
				members = append(members, distribution.Member{ID: e.ID, Language: string(e.Language), Format: string(newsletter.HTML)})
			}
		}
		return members, next, err
	}
	return nil, "", fmt.Errorf("%w: %q", errAudience, kind)
}

// Standing implements distribution.Standing.
func (a *audience) Standing(ctx context.Context, kind string, ids []string) ([]distribution.Recipient, error) {
	var out []distribution.Recipient
	switch newsletter.Kind(kind) {
	case newsletter.Newsletter:
		list, err := a.subscribers.Recipients(ctx, ids)
		for _, s := range list {
			out = append(out, distribution.Recipient{ID: s.ID, Address: s.Email, Name: s.Called(), Language: string(s.Language), Format: string(s.Format), Active: s.State == subscription.Active})
		}
		return out, err
	case newsletter.Leaflet:
		list, err := a.experts.Many(ctx, ids)
		for _, e := range list {
			to := e.Contact()
			out = append(out, distribution.Recipient{ID: e.ID, Address: to.Mail, Name: to.Name, Language: string(e.Language), Format: string(newsletter.HTML), Active: e.Blocked == ""})
		}
		return out, err
	}
	return nil, fmt.Errorf("%w: %q", errAudience, kind)
}

// personal gives a newsletter's reader the link that ends her own subscription, in the letter and in the headers that mail programs
// make a button of (RFC 8058). A newsletter is meant to be forwarded, so this is all that its links may do: the same page mails the
// private link to preferences, export and erasure to the address on record. Leaflets have neither: experts are on the roster.
func personal(links *link.Links) distribution.Personal {
	return func(kind string, r distribution.Recipient, _ string) (map[string]string, []mail.Header) {
		if newsletter.Kind(kind) != newsletter.Newsletter {
			return newsletter.Substitutions(r.Name, r.Address, "", ""), nil
		}
		leave := links.URL("/unsubscribe", links.Token(link.Unsubscribe, r.ID, "", unsubscribeLife))
		return newsletter.Substitutions(r.Name, r.Address, leave, leave), []mail.Header{
			{Name: "List-Unsubscribe", Value: "<" + leave + ">"},
			{Name: "List-Unsubscribe-Post", Value: "List-Unsubscribe=One-Click"},
		}
	}
}

// frozen gives the letters that were frozen when the issue started.
type frozen struct{ store *newsletter.Store }

// Letter implements distribution.Letters.
func (f frozen) Letter(ctx context.Context, w distribution.Which) (distribution.Letter, error) {
	number, err := strconv.Atoi(w.Issue)
	if err != nil {
		return distribution.Letter{}, fmt.Errorf("%w: issue %q", distribution.ErrNoText, w.Issue)
	}
	l, err := f.store.Letter(ctx, number, w.Version, people.Language(w.Edition), newsletter.Format(w.Format))
	if errors.Is(err, newsletter.ErrNotFound) {
		return distribution.Letter{}, fmt.Errorf("%w: %w", distribution.ErrNoText, err)
	}
	if err != nil {
		return distribution.Letter{}, err
	}
	return distribution.Letter{From: l.From, ReplyTo: l.ReplyTo, Content: l.Content, Headers: l.Headers}, nil
}

// suppressor ends mailing to addresses that bounce for good or complain.
type suppressor struct{ *audience }

// Suppress implements distribution.Suppressor. Mails outside of a distribution are known by their id in the outbox.
func (s suppressor) Suppress(ctx context.Context, kind, member string, e mail.Event) error {
	if kind == "" {
		id, ok := subscription.OfMail(e.Tags[outbox.Tag])
		if !ok {
			return nil // a sign-in, an invitation: shown at the desk by the mail service's own report, nobody is suppressed
		}
		kind, member = string(newsletter.Newsletter), id
	}
	if newsletter.Kind(kind) == newsletter.Leaflet {
		if e.Kind == mail.EventBounce && !e.Permanent {
			return nil
		}
		if e.Kind == mail.EventComplaint {
			return s.experts.Block(ctx, member, "complained")
		}
		return s.experts.Block(ctx, member, "bounced")
	}
	trouble := subscription.Bounce
	if e.Kind == mail.EventComplaint {
		trouble = subscription.Complains
	}
	return s.subscribers.Suppress(ctx, member, trouble, e.Permanent)
}

// alarm tells the secretaries by mail that a distribution stopped by itself, and writes it into the record.
type alarm struct{ *Outside }

// Alarm implements distribution.Alarm. A repetition is the same mail.
func (a alarm) Alarm(ctx context.Context, p distribution.Progress) error {
	if err := a.audit().Record(ctx, "programme", "issue.alarm", "issue/"+p.Issue, string(p.State)+" "+string(p.Reason)); err != nil {
		return err
	}
	box := a.outbox()
	for _, d := range a.Programme.Secretariat {
		if d.Role != programme.Secretary {
			continue
		}
		m := a.letters().DistributionAlarm(d, p.Issue, string(p.Reason), a.Programme.BaseURL+"/desk/issues/"+p.Issue)
		who := sha256.Sum256([]byte(d.Email.Key())) // ids stand in logs and in the mail service's events, where no address may
		id := fmt.Sprintf("alarm-%s-%s-%s-%d-%x", p.ID, p.State, p.Reason, p.Sent, who[:6])
		if err := box.Post(ctx, id, m); err != nil {
			return err
		}
	}
	return nil
}

func (o *Outside) bank(links *link.Links) *presenter.Bank {
	return &presenter.Bank{Table: o.People, Programme: o.Programme, Links: links, Mails: o.letters(), Outbox: o.outbox(), Audit: o.audit(), Now: o.Now, NewID: o.NewID}
}
