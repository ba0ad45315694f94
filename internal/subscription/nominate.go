package subscription

import (
	"context"
	"errors"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Nomination is an organisation that somebody else proposes.
type Nomination struct {
	ID           string // of the nomination: the same one twice asks once
	Email        people.EmailAddress
	Organisation string
	About, URL   string
	Country      people.Country
	Language     people.Language // in which to ask; empty: the programme's default
	By           string          // the organisation that proposes; the mail names it
}

// Nominate puts an organisation on the list as a candidate and asks it by one mail, unless its address is on the list already, whatever its
// state, or must not be asked. It returns the subscriber's id; "" for an address that must not be asked.
func (l *List) Nominate(ctx context.Context, n Nomination) (id string, err error) {
	for try := 0; ; try++ {
		id, err := l.nominate(ctx, n)
		if errors.Is(err, table.ErrConflict) && try < 8 {
			continue // the same nomination or address at the same moment
		}
		return id, err
	}
}

func (l *List) nominate(ctx context.Context, n Nomination) (string, error) {
	ref, known, err := l.nomination(ctx, n.ID)
	if err != nil {
		return "", err
	}
	if known {
		return ref.ID, l.finish(ctx, ref.ID, l.Post.Post)
	}
	s, err := l.Find(ctx, n.Email)
	if err == nil {
		if s.State == Erased {
			return "", &table.Conflict{Key: reserved(n.Email)}
		}
		return s.ID, l.note(ctx, n.ID, s.ID)
	}
	if !errors.Is(err, ErrNotFound) {
		return "", err
	}
	unwelcome, err := l.Unwelcome(ctx, n.Email)
	if err != nil {
		return "", err
	}
	if unwelcome[n.Email] {
		return "", l.note(ctx, n.ID, "")
	}
	d := l.complete(Details{Organisation: n.Organisation, Country: n.Country, Language: n.Language})
	e := Evidence{Act: Asked, How: ByNomination, By: n.By, Details: &d, About: n.About, URL: n.URL, Nomination: n.ID}
	s = Subscriber{ID: l.NewID(), Email: n.Email, Kind: Ordinary, Details: d}
	s, e, err = l.add(ctx, s, e, table.Put(table.NewItem(nominated(n.ID), reference{s.ID}), table.Absent))
	if err != nil {
		return "", err
	}
	return s.ID, l.mailRequest(ctx, s, e)
}

func (l *List) nomination(ctx context.Context, id string) (ref reference, known bool, err error) {
	it, err := l.Table.Get(ctx, nominated(id))
	if errors.Is(err, table.ErrNotFound) {
		return ref, false, nil
	}
	if err != nil {
		return ref, false, err
	}
	return ref, true, it.Decode(&ref)
}

// note writes down what a nomination led to where it added nobody.
func (l *List) note(ctx context.Context, nomination, id string) error {
	_, err := l.Table.Put(ctx, table.NewItem(nominated(nomination), reference{id}), table.Absent)
	return err
}

// finish mails the request of a candidate whose adding broke off before its mail was written down.
func (l *List) finish(ctx context.Context, id string, post poster) error {
	s, err := l.Get(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil || s.State != Candidate || s.Held {
		return err
	}
	m, err := l.evidence(ctx, id, s.Round, Mailed)
	if err != nil || m != nil {
		return err
	}
	e, err := l.evidence(ctx, id, s.Round, Asked)
	if err != nil || e == nil {
		return err
	}
	return l.mailBy(ctx, post, s, *e)
}
