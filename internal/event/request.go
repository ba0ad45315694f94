package event

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
)

// Status of a request.
type Status string

const (
	Asked     Status = "asked"
	Accepted  Status = "accepted"
	Declined  Status = "declined"
	Cancelled Status = "cancelled" // by the desk
)

// Request asks one presenter for one event.
type Request struct {
	Event     string          `json:"event"`
	Presenter string          `json:"presenter"`
	Name      string          `json:"name"` // of the presenter when asked, for the desk's list
	Days      people.Span     `json:"days"`
	Status    Status          `json:"status"`
	Link      *Issued         `json:"link,omitempty"` // nil where the desk recorded an answer without a mail
	To        mail.Address    `json:"to"`
	Language  people.Language `json:"language,omitempty"`
	Note      string          `json:"note,omitempty"`  // the secretary's words to the presenter
	Words     string          `json:"words,omitempty"` // the presenter's
	By        string          `json:"by,omitempty"`    // who recorded the answer: an address of the desk, or "presenter"
	Answered  time.Time       `json:"answered,omitzero"`
	Created   time.Time       `json:"created"`

	version int64
}

func (r *Request) item() table.Item {
	it := table.NewItem(requestKey(r.Event, r.Presenter), r)
	at := startKey(r.Days.From) + "#" + r.Event
	it.Index2 = table.Key{PK: "REQUESTS#" + r.Presenter, SK: at}
	if r.Status == Accepted {
		it.Index1 = table.Key{PK: bookingsPK, SK: at + "#" + r.Presenter}
	}
	return it
}

func readRequest(it table.Item) (Request, error) {
	var r Request
	err := it.Decode(&r)
	r.version = it.Version
	return r, err
}

func (r *Request) generation() int {
	if r.Link == nil {
		return 0
	}
	return r.Link.Generation
}

// Requests lists an event's requests by presenter id, strongly consistent.
func (b *Book) Requests(ctx context.Context, event string) ([]Request, error) {
	if !validID(event) {
		return nil, ErrNotFound
	}
	return b.requests(ctx, table.Query{PK: eventPK(event), Prefix: "REQUEST#"})
}

// RequestsOf lists what a presenter was asked, latest event first. It may lag a moment behind.
func (b *Book) RequestsOf(ctx context.Context, presenter string) ([]Request, error) {
	return b.requests(ctx, table.Query{Index: 2, PK: "REQUESTS#" + presenter, Reverse: true})
}

// Bookings lists accepted requests whose event starts from one day to another. It may lag a moment behind.
func (b *Book) Bookings(ctx context.Context, from, to people.Date) ([]Request, error) {
	return b.requests(ctx, table.Query{Index: 1, PK: bookingsPK, From: string(from), To: string(to) + "#~", Limit: table.MaxPage})
}

func (b *Book) requests(ctx context.Context, q table.Query) ([]Request, error) {
	var out []Request
	err := table.All(ctx, b.Table, q, func(it table.Item) error {
		r, err := readRequest(it)
		out = append(out, r)
		return err
	})
	return out, err
}

func (b *Book) request(ctx context.Context, event, presenter string) (Request, error) {
	if !validID(event) || !validID(presenter) {
		return Request{}, ErrNotFound
	}
	it, err := b.Table.Get(ctx, requestKey(event, presenter))
	if errors.Is(err, table.ErrNotFound) {
		return Request{}, ErrNotFound
	}
	if err != nil {
		return Request{}, err
	}
	return readRequest(it)
}

// Presenter is whom to ask, as the presenter bank knows her.
type Presenter struct {
	ID       string
	To       mail.Address
	Language people.Language
}

// Ask mails a presenter the request, or the same request again with a newer link; ErrQuiet when that was done less than Quiet ago. An
// answer that was given is never asked for again: the request is returned as it stands.
func (b *Book) Ask(ctx context.Context, who string, e Event, p Presenter, note string) (Request, error) {
	r, err := b.put(ctx, e, p, func(r *Request) (bool, error) {
		switch {
		case r.Status == Accepted || r.Status == Declined:
			return false, nil
		case r.Link != nil && r.Status == Asked && b.Now().Sub(r.Link.At) < Quiet:
			return false, ErrQuiet
		}
		r.Status, r.Note, r.To, r.Name, r.Language = Asked, note, p.To, p.To.Name, p.Language
		if err := b.mail(ctx, &e, r, false); err != nil { // written down before it is recorded: see package presenter
			return false, err
		}
		r.Link = &Issued{Generation: r.generation() + 1, At: b.Now().UTC(), By: who}
		return true, nil
	})
	if err != nil || r.Status != Asked {
		return r, err
	}
	return r, b.Audit.Record(ctx, who, "event.ask", "event/"+e.ID, "expert/"+p.ID)
}

// mail posts the request's next link.
func (b *Book) mail(ctx context.Context, e *Event, r *Request, again bool) error {
	next := r.generation() + 1
	token := b.Links.Token(link.Request, r.Event+" "+r.Presenter, strconv.Itoa(next), LinkLife)
	address := b.Links.URL("/"+string(b.Programme.Nearest(r.Language))+"/presenters/request", token)
	m := b.Mails.EventRequest(r.Language, r.To, e.facts(), r.Note, address, again)
	return b.Outbox.Post(ctx, fmt.Sprintf("request-%s-%s-%d", r.Event, r.Presenter, next), m)
}

// Record writes down at the desk what a presenter said by telephone, or that she is not wanted any more (Cancelled).
func (b *Book) Record(ctx context.Context, who string, e Event, p Presenter, s Status) (Request, error) {
	changed := false
	r, err := b.put(ctx, e, p, func(r *Request) (bool, error) {
		changed = r.Status != s
		if changed {
			r.Status, r.By, r.Answered = s, who, b.Now().UTC()
		}
		return changed, nil
	})
	if err != nil || !changed {
		return r, err
	}
	return r, b.Audit.Record(ctx, who, "event."+string(s), "event/"+e.ID, "expert/"+p.ID)
}

// put makes or changes the request for a presenter. The event's version is checked in the same transaction when one is made, so that a
// change of dates misses none.
func (b *Book) put(ctx context.Context, e Event, p Presenter, f func(r *Request) (bool, error)) (Request, error) {
	var r Request
	err := again(ctx, func() error {
		var err error
		r, err = b.request(ctx, e.ID, p.ID)
		missing := errors.Is(err, ErrNotFound) && validID(p.ID)
		if err != nil && !missing {
			return err
		}
		if !missing {
			if ok, err := f(&r); err != nil || !ok {
				return err
			}
			return b.Table.Transact(ctx, table.Put(r.item(), table.VersionIs(r.version)))
		}
		if e, err = b.Get(ctx, e.ID); err != nil {
			return err
		}
		others, err := b.Requests(ctx, e.ID)
		if err != nil {
			return err
		}
		if len(others) >= MaxRequests {
			return ErrFull
		}
		r = Request{Event: e.ID, Presenter: p.ID, Name: p.To.Name, To: p.To, Language: p.Language, Days: e.Days(), Created: b.Now().UTC()}
		if ok, err := f(&r); err != nil || !ok {
			return err
		}
		return b.Table.Transact(ctx, table.Put(r.item(), table.Absent), table.Check(eventKey(e.ID), table.VersionIs(e.version)))
	})
	return r, err
}

// OpenRequest finds the request and the event that a presenter's link was issued for. With link.ErrExpired and ErrSuperseded they are
// returned all the same.
func (b *Book) OpenRequest(ctx context.Context, token string) (Request, Event, error) {
	claim, failed := b.Links.Open(link.Request, token)
	if failed != nil && !errors.Is(failed, link.ErrExpired) {
		return Request{}, Event{}, failed
	}
	event, presenter, _ := strings.Cut(claim.Subject, " ")
	r, err := b.request(ctx, event, presenter)
	if errors.Is(err, ErrNotFound) {
		return r, Event{}, link.ErrForged
	}
	if err != nil {
		return r, Event{}, err
	}
	e, err := b.Get(ctx, event)
	if err != nil {
		return r, e, err
	}
	if failed != nil {
		return r, e, failed
	}
	if n, err := strconv.Atoi(claim.Nonce); err != nil || n < r.generation() {
		return r, e, ErrSuperseded
	}
	return r, e, nil
}

// Answer records a presenter's own answer. The first one counts: a second, or one to a request that was cancelled, changes nothing, and
// the request is returned as it stands.
func (b *Book) Answer(ctx context.Context, r Request, e Event, accept bool, words string) (Request, error) {
	recorded := false
	now, err := b.put(ctx, e, Presenter{ID: r.Presenter}, func(r *Request) (bool, error) {
		recorded = r.Status == Asked
		if !recorded {
			return false, nil
		}
		r.Status, r.Words, r.By, r.Answered = Declined, words, "presenter", b.Now().UTC()
		if accept {
			r.Status = Accepted
		}
		return true, nil
	})
	if err != nil || now.By != "presenter" {
		return now, err
	}
	if recorded {
		if err := b.Audit.Record(ctx, "programme", "event."+string(now.Status), "event/"+e.ID, "expert/"+r.Presenter); err != nil {
			return now, err
		}
	}
	m := b.Mails.EventAnswered(now.Language, now.To, e.facts(), now.Status == Accepted)
	return now, b.Outbox.Post(ctx, fmt.Sprintf("answered-%s-%s-%d", r.Event, r.Presenter, now.generation()), m)
}

// RenewRequest mails a new link to the address on record, at most one in Quiet.
func (b *Book) RenewRequest(ctx context.Context, token string) (Request, error) {
	r, e, err := b.OpenRequest(ctx, token)
	if err != nil && !errors.Is(err, link.ErrExpired) && !errors.Is(err, ErrSuperseded) {
		return r, err
	}
	if r.Link == nil || b.Now().Sub(r.Link.At) < Quiet {
		return r, nil
	}
	return b.put(ctx, e, Presenter{ID: r.Presenter}, func(r *Request) (bool, error) {
		if err := b.mail(ctx, &e, r, true); err != nil {
			return false, err
		}
		r.Link = &Issued{Generation: r.generation() + 1, At: b.Now().UTC(), By: "programme"}
		return true, nil
	})
}
