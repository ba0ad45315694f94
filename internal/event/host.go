package event

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
)

// SendHost mails the host the link to the page of presenters; a newer link ends the older ones. ErrNoContact without an address, ErrQuiet
// when one went out less than Quiet ago. lang is of the mail and the page.
func (b *Book) SendHost(ctx context.Context, who, id string, lang people.Language) (Event, error) {
	e, err := b.change(ctx, id, func(e *Event) (bool, error) {
		switch {
		case e.Email == "":
			return false, ErrNoContact
		case e.Host != nil && b.Now().Sub(e.Host.At) < Quiet:
			return false, ErrQuiet
		}
		next := 1
		if e.Host != nil {
			next = e.Host.Generation + 1
		}
		at := "/" + string(b.Programme.Nearest(lang)) + "/events/" + e.ID + "/presenters"
		address := b.Links.URL(at, b.Links.Token(link.Host, e.ID, strconv.Itoa(next), LinkLife))
		m := b.Mails.EventHost(lang, mail.Address{Mail: e.Email}, e.facts(), address, b.Now().Add(LinkLife))
		if err := b.Outbox.Post(ctx, fmt.Sprintf("host-%s-%d", e.ID, next), m); err != nil {
			return false, err
		}
		e.Host = &Issued{Generation: next, At: b.Now().UTC(), By: who}
		return true, nil
	})
	if err != nil {
		return e, err
	}
	return e, b.Audit.Record(ctx, who, "event.host", "event/"+id, "")
}

// OpenHost finds the event that a host's link was issued for. With link.ErrExpired and ErrSuperseded it is returned all the same. A link of
// another event, or of one that was withdrawn, is forged.
func (b *Book) OpenHost(ctx context.Context, id, token string) (Event, error) {
	claim, failed := b.Links.Open(link.Host, token)
	if failed != nil && !errors.Is(failed, link.ErrExpired) {
		return Event{}, failed
	}
	if claim.Subject != id {
		return Event{}, link.ErrForged
	}
	e, err := b.Shown(ctx, id)
	if errors.Is(err, ErrNotFound) {
		return e, link.ErrForged
	}
	if err != nil || failed != nil {
		return e, errors.Join(err, failed)
	}
	if n, err := strconv.Atoi(claim.Nonce); err != nil || e.Host == nil || n < e.Host.Generation {
		return e, ErrSuperseded
	}
	return e, nil
}

// RenewHost mails a new link to the contact on record, at most one in Quiet.
func (b *Book) RenewHost(ctx context.Context, id, token string, lang people.Language) (Event, error) {
	e, err := b.OpenHost(ctx, id, token)
	if err != nil && !errors.Is(err, link.ErrExpired) && !errors.Is(err, ErrSuperseded) {
		return e, err
	}
	sent, err := b.SendHost(ctx, "programme", id, lang)
	if errors.Is(err, ErrQuiet) {
		return e, nil
	}
	return sent, err
}
