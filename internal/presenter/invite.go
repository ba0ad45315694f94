package presenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"

	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
)

const (
	atHand  = 100 // mails, or a few more, for which one press wakes the sender; the rest wait in the outbox for the clock
	posters = 8   // mails handed to the outbox at a time
)

// Audience says whom a press of the button means.
type Audience string

const (
	Unasked    Audience = "new" // who was never asked
	Unanswered Audience = "all" // who has not answered: a first invitation or a reminder
)

// Invited is what became of a press.
type Invited struct {
	Mailed     int                   `json:"mailed"`
	Recent     int                   `json:"recent"`     // mailed less than Quiet ago
	Declined   int                   `json:"declined"`   // said No: never asked again
	Registered int                   `json:"registered"` // said Yes; only when not named one by one
	Blocked    int                   `json:"blocked"`    // whose mail does not arrive or is not wanted
	Unknown    []people.EmailAddress `json:"unknown,omitempty"`
}

// Invite mails everybody of an audience a personal link. Pressing again within Quiet mails nobody twice; a press that failed half-way is
// completed by the next one.
func (b *Bank) Invite(ctx context.Context, who string, to Audience) (Invited, error) {
	var done Invited
	var list []Expert
	err := b.each(ctx, func(e Expert) {
		switch {
		case e.State == No:
			done.Declined++
		case e.State == Yes:
			done.Registered++
		case e.Blocked != "":
			done.Blocked++
		case e.State == Asked && to == Unasked:
		case b.quiet(&e):
			done.Recent++
		default:
			list = append(list, e)
		}
	})
	if err != nil {
		return done, err
	}
	return b.press(ctx, who, string(to), list, done)
}

// InviteNamed mails the experts with these addresses, those too who are registered and want to find their link again. Who said No is not
// asked again. With an address that is not on the roster nobody is mailed, and Unknown names all such.
func (b *Bank) InviteNamed(ctx context.Context, who string, to []people.EmailAddress) (Invited, error) {
	var done Invited
	var list []Expert
	seen := map[string]bool{}
	for _, a := range to {
		e, err := b.ByAddress(ctx, a)
		switch {
		case errors.Is(err, ErrNotFound):
			done.Unknown = append(done.Unknown, a)
		case err != nil:
			return done, err
		case seen[e.ID]:
		case e.State == No:
			done.Declined++
		case b.quiet(&e):
			done.Recent++
		default:
			list = append(list, e)
		}
		seen[e.ID] = true
	}
	if len(done.Unknown) > 0 {
		return Invited{Unknown: done.Unknown}, nil
	}
	return b.press(ctx, who, fmt.Sprintf("named %d", len(to)), list, done)
}

func (b *Bank) quiet(e *Expert) bool {
	return e.Invitation != nil && b.Now().Sub(e.Invitation.At) < Quiet
}

// press mails the list and records it, a transaction's worth at a time. A mail is written down before its generation is recorded, under an
// id that holds both: whatever dies in between, the next press posts the same mail and records it.
func (b *Bank) press(ctx context.Context, who, to string, list []Expert, done Invited) (Invited, error) {
	slices.SortFunc(list, func(x, y Expert) int { return strings.Compare(x.ID, y.ID) })
	for len(list) > 0 {
		part := list[:min(len(list), 2*atOnce)]
		list = list[len(part):]
		if err := b.post(ctx, part, done.Mailed < atHand); err != nil {
			return done, err
		}
		if err := b.recordLinks(ctx, who, part); err != nil {
			return done, err
		}
		done.Mailed += len(part)
	}
	detail := fmt.Sprintf("%s: %d mailed", to, done.Mailed)
	return done, b.Audit.Record(ctx, who, "presenter.invite", "roster", detail)
}

// post hands the mails of a part to the outbox, several at a time.
func (b *Bank) post(ctx context.Context, part []Expert, now bool) error {
	hand := b.Outbox.Later
	if now {
		hand = b.Outbox.Post
	}
	var wg sync.WaitGroup
	errs := make([]error, posters)
	for n := range posters {
		wg.Go(func() {
			for i := n; i < len(part); i += posters {
				if err := b.mail(ctx, &part[i], hand, false); err != nil {
					errs[n] = err
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// mail posts the expert's next link.
func (b *Bank) mail(ctx context.Context, e *Expert, hand func(context.Context, string, mail.Message) error, again bool) error {
	next := e.generation() + 1
	m := b.Mails.PresenterInvitation(e.Language, mail.Address{Name: e.Name, Mail: e.Email}, b.address(e, next), b.Now().Add(LinkLife), again)
	return hand(ctx, fmt.Sprintf("invitation-%s-%d", e.ID, next), m)
}

// address is where an expert's link of a generation leads.
func (b *Bank) address(e *Expert, generation int) string {
	return b.Links.URL("/"+string(b.Programme.Nearest(e.Language))+"/presenters/registration", b.Links.Token(link.Registration, e.ID, strconv.Itoa(generation), LinkLife))
}

// recordLinks counts the generations of a part up.
func (b *Bank) recordLinks(ctx context.Context, who string, part []Expert) error {
	var writes []table.Write
	asked := int64(0)
	for _, e := range part {
		if e.State == NotAsked {
			asked++
		}
		b.issued(&e, who, e.generation()+1)
		writes = append(writes, table.Put(e.item(), table.VersionIs(e.version)))
	}
	writes = append(writes, counted(map[string]int64{string(NotAsked): -asked, string(Asked): asked})...)
	err := b.Table.Transact(ctx, writes...)
	if err == nil || !errors.Is(err, table.ErrConflict) && !errors.Is(err, table.ErrThrottled) {
		return err
	}
	for _, old := range part { // somebody answered, or pressed too, at this very moment: one by one
		if err := b.recordLink(ctx, who, old.ID, old.generation()+1); err != nil {
			return err
		}
	}
	return nil
}

func (b *Bank) recordLink(ctx context.Context, who, id string, generation int) error {
	_, err := b.change(ctx, id, func(e *Expert) (bool, error) {
		if e.generation() >= generation {
			return false, nil
		}
		b.issued(e, who, generation)
		return true, nil
	})
	return err
}

func (b *Bank) issued(e *Expert, who string, generation int) {
	e.Invitation = &Invitation{Generation: generation, At: b.Now().UTC(), By: who}
	e.Changed = e.Invitation.At
	if e.State == NotAsked {
		e.State = Asked
	}
}

// Open finds the expert whom a personal link was issued to. With link.ErrExpired and ErrSuperseded the expert is returned all the same,
// so that a page can offer a new link to the address on record; link.ErrForged says nothing about anybody.
func (b *Bank) Open(ctx context.Context, token string) (Expert, error) {
	claim, failed := b.Links.Open(link.Registration, token)
	if failed != nil && !errors.Is(failed, link.ErrExpired) {
		return Expert{}, failed
	}
	e, err := b.Get(ctx, claim.Subject)
	if errors.Is(err, ErrNotFound) {
		return Expert{}, link.ErrForged
	}
	if err != nil {
		return Expert{}, err
	}
	if failed != nil {
		return e, failed
	}
	if n, err := strconv.Atoi(claim.Nonce); err != nil || n < e.generation() {
		return e, ErrSuperseded
	}
	return e, nil
}

// Renew mails a new link to the address on record of an expert who holds an old one, at most one in Quiet. The new link ends the old ones.
func (b *Bank) Renew(ctx context.Context, token string) (Expert, error) {
	e, err := b.Open(ctx, token)
	if err != nil && !errors.Is(err, link.ErrExpired) && !errors.Is(err, ErrSuperseded) || b.quiet(&e) {
		return e, ignore(err)
	}
	if err := b.mail(ctx, &e, b.Outbox.Post, true); err != nil {
		return e, err
	}
	return e, b.recordLink(ctx, "programme", e.ID, e.generation()+1)
}

// ignore lets an old link pass.
func ignore(err error) error {
	if errors.Is(err, link.ErrExpired) || errors.Is(err, ErrSuperseded) {
		return nil
	}
	return err
}
