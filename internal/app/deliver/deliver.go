// Package deliver puts the function together that sends: one shard of a distribution, or one mail of the outbox. No other function speaks to
// the mail service. The letters were frozen when the issue started, and the mails when they were posted: it words nothing.
package deliver

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"liaison/internal/app"
	"liaison/internal/app/audience"
	"liaison/internal/distribution"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/mail/outbox"
	"liaison/internal/newsletter"
	"liaison/internal/people"
)

// unsubscribeLife is how long the link in a newsletter ends the subscription: as long as anybody keeps old mail.
const unsubscribeLife = 10 * 365 * 24 * time.Hour

// New makes the handler of the Lambda.
func New(o *app.Outside) (app.Message, error) {
	links, err := o.Links()
	if err != nil {
		return nil, err
	}
	deliverer := distribution.NewDeliverer(o.Distribution(), distribution.Post{
		Standing: audience.New(o), Letters: frozen{&newsletter.Store{Table: o.Records}}, Sender: o.Mail, Personal: personal(links)})
	task := app.Task(deliverer.Handle)
	courier := &outbox.Courier{Table: o.Records, Sender: o.Mail, Now: o.Now, Log: o.Log, Meter: o.Meter}
	return func(ctx context.Context, body []byte) error {
		if outbox.IsNudge(body) {
			return courier.Handle(ctx, body)
		}
		return task(ctx, body)
	}, nil
}

// personal gives a newsletter's reader the link that ends her own subscription, in the letter and in the headers that mail programs
// make a button of (RFC 8058). A newsletter is meant to be forwarded, so this is all that its links may do: the same page mails the
// private link to preferences, export and erasure to the address on record. Leaflets have neither: experts are on the roster.
func personal(links *link.Links) distribution.Personal {
	return func(kind string, r distribution.Recipient, _ string) (map[string]string, []mail.Header) {
		if newsletter.Kind(kind) != newsletter.Newsletter {
			return newsletter.Substitutions(r.Name, r.Address, ""), nil
		}
		leave := links.URL("/unsubscribe", links.Token(link.Unsubscribe, r.ID, "", unsubscribeLife))
		return newsletter.Substitutions(r.Name, r.Address, leave), []mail.Header{
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
