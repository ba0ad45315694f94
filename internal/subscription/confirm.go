package subscription

import (
	"context"
	"errors"
	"strconv"

	"liaison/internal/link"
	"liaison/internal/table"
)

// Standing of a confirmation link.
type Standing string

const (
	Open       Standing = "open"       // the button confirms
	Done       Standing = "done"       // this link has confirmed
	Superseded Standing = "superseded" // a later link was mailed
	Expired    Standing = "expired"
	Gone       Standing = "gone" // the request was deleted, or its subscriber erased
)

// Landing is what the page behind a confirmation link shows.
type Landing struct {
	Standing   Standing
	Subscriber Subscriber
	Request    Evidence  // zero when Gone
	Confirmed  *Evidence // when Done
}

// Look reads what a confirmation link stands for and changes nothing. expired: link.Open said so.
func (l *List) Look(ctx context.Context, c link.Claim, expired bool) (Landing, error) {
	gone := Landing{Standing: Gone}
	s, err := l.Get(ctx, c.Subject)
	if errors.Is(err, ErrNotFound) {
		return gone, nil
	}
	if err != nil {
		return gone, err
	}
	round, _ := strconv.Atoi(c.Nonce)
	request, err := l.evidence(ctx, s.ID, round, Asked)
	if err != nil {
		return gone, err
	}
	if request == nil || s.State == Erased {
		gone.Subscriber = s
		return gone, nil
	}
	out := Landing{Subscriber: s, Request: *request}
	out.Confirmed, err = l.evidence(ctx, s.ID, round, Confirmed)
	switch {
	case out.Confirmed != nil:
		out.Standing = Done
	case round != s.Round:
		out.Standing = Superseded
	case expired:
		out.Standing = Expired
	default:
		out.Standing = Open
	}
	return out, err
}

// Confirm makes the subscriber of an open link active, with what the request said. A link that has confirmed before changes
// nothing, whatever happened since; any other is ErrOver.
func (l *List) Confirm(ctx context.Context, c link.Claim, shown Shown) (Landing, error) {
	var seen Landing
	s, err := l.change(ctx, c.Subject, func(s *Subscriber) (*Evidence, []table.Write, error) {
		var err error
		if seen, err = l.Look(ctx, c, !l.Now().Before(c.Expires)); err != nil {
			return nil, nil, err
		}
		switch seen.Standing {
		case Done:
			return nil, nil, nil
		case Open:
		default:
			return nil, nil, ErrOver
		}
		if seen.Subscriber.Version != s.Version {
			return nil, nil, &table.Conflict{Key: key(s.ID)}
		}
		if seen.Request.Details != nil {
			s.Details = *seen.Request.Details
		}
		s.State, s.Held = Active, false
		seen.Confirmed = &Evidence{Act: Confirmed, How: ByLink, Shown: shown}
		return seen.Confirmed, l.welcome(s.Email), nil
	})
	if errors.Is(err, ErrNotFound) {
		return Landing{Standing: Gone}, ErrOver
	}
	if err == nil {
		seen.Standing, seen.Subscriber = Done, s
	}
	return seen, err
}

// Decline takes whoever does not want to be asked off the list for good: everything is erased but the hash that keeps the address
// from being asked again. Only a link of a request that waits declines; ErrOver otherwise.
func (l *List) Decline(ctx context.Context, c link.Claim) error {
	seen, err := l.Look(ctx, c, !l.Now().Before(c.Expires))
	if err != nil {
		return err
	}
	if seen.Standing == Gone && seen.Subscriber.State == Erased {
		return nil
	}
	if seen.Subscriber.State != Candidate || seen.Standing == Done || seen.Standing == Gone {
		return ErrOver
	}
	return l.Erase(ctx, seen.Subscriber.ID)
}
