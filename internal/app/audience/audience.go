// Package audience says who receives a newsletter or a leaflet, and takes those off the list whom mail does not reach: what a
// distribution asks of subscribers and experts.
//
// What may enter: reading and suppressing. It writes to nobody, so the functions that plan, deliver and listen link no wording.
package audience

import (
	"context"
	"errors"
	"fmt"

	"liaison/internal/app"
	"liaison/internal/distribution"
	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/newsletter"
	"liaison/internal/presenter"
	"liaison/internal/subscription"
)

// Audience reads who receives: subscribers for newsletters, the roster of experts for leaflets.
type Audience struct {
	subscribers *subscription.List
	experts     *presenter.Bank
}

// New makes the audience of a programme.
func New(o *app.Outside) *Audience {
	return &Audience{
		&subscription.List{Table: o.People, Programme: o.Programme, Now: o.Now, NewID: o.NewID},
		&presenter.Bank{Table: o.People, Programme: o.Programme, Now: o.Now, NewID: o.NewID},
	}
}

var errAudience = errors.New("audience: no such audience")

// Page implements distribution.Audience.
func (a *Audience) Page(ctx context.Context, kind string, segment int, after string, limit int) ([]distribution.Member, string, error) {
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
func (a *Audience) Standing(ctx context.Context, kind string, ids []string) ([]distribution.Recipient, error) {
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

// Suppress implements distribution.Suppressor: it ends mailing to addresses that bounce for good or complain. Mails outside of a distribution are known by their id in the outbox.
func (a *Audience) Suppress(ctx context.Context, kind, member string, e mail.Event) error {
	if kind == "" {
		if kind, member = ofMail(e.Tags[outbox.Tag]); kind == "" {
			return nil // a sign-in, a receipt: on no list, so there is nothing to end
		}
	}
	if newsletter.Kind(kind) == newsletter.Leaflet {
		if e.Kind == mail.EventBounce && !e.Permanent {
			return nil
		}
		if e.Kind == mail.EventComplaint {
			return a.experts.Block(ctx, member, presenter.Complained)
		}
		return a.experts.Block(ctx, member, presenter.Bounced)
	}
	trouble := subscription.Bounce
	if e.Kind == mail.EventComplaint {
		trouble = subscription.Complains
	}
	return a.subscribers.Suppress(ctx, member, trouble, e.Permanent)
}

// ofMail tells whose list a mail outside of a distribution was for, and whom it went to.
func ofMail(id string) (kind, member string) {
	if member, ok := subscription.OfMail(id); ok {
		return string(newsletter.Newsletter), member
	}
	if member, ok := presenter.OfMail(id); ok {
		return string(newsletter.Leaflet), member
	}
	return "", ""
}
