package subscription

import (
	"context"

	"liaison/internal/table"
)

// Update changes what a subscriber says of itself. What she typed before is not kept. An erased subscriber is ErrState.
func (l *List) Update(ctx context.Context, id string, d Details) (Subscriber, error) {
	return l.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		if s.State == Erased {
			return nil, nil, ErrState
		}
		d = l.complete(d)
		if s.Details == d {
			return nil, nil, nil
		}
		s.Details = d
		return &Evidence{Act: Changed, How: ByLink}, nil, nil
	})
}

// SetKind is the desk's: who an NMB or a liaison is, the secretariat knows.
func (l *List) SetKind(ctx context.Context, id string, k Kind, by string) (Subscriber, error) {
	return l.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		if s.State == Erased {
			return nil, nil, ErrState
		}
		if s.Kind == k {
			return nil, nil, nil
		}
		s.Kind = k
		return &Evidence{Act: Changed, How: ByDesk, By: by}, nil, nil
	})
}

// Pause stops issues until Resume. Pausing twice is pausing once; whoever is not subscribed is ErrState.
func (l *List) Pause(ctx context.Context, id string) (Subscriber, error) {
	return l.move(ctx, id, Active, Paused, DidPause)
}

// Resume ends a pause.
func (l *List) Resume(ctx context.Context, id string) (Subscriber, error) {
	return l.move(ctx, id, Paused, Active, DidResume)
}

func (l *List) move(ctx context.Context, id string, from, to State, act Act) (Subscriber, error) {
	return l.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		switch s.State {
		case to:
			return nil, nil, nil
		case from:
			s.State = to
			return &Evidence{Act: act, How: ByLink}, nil, nil
		}
		return nil, nil, ErrState
	})
}

// Leave takes consent back. It succeeds for everybody who receives nothing anyway, so that no link ever refuses to let go; an unknown
// id is ErrNotFound.
func (l *List) Leave(ctx context.Context, id, how, by string) (Subscriber, error) {
	return l.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		switch s.State {
		case Left, Complained, Erased:
			return nil, nil, nil
		}
		s.State, s.Held = Left, false
		return &Evidence{Act: DidLeave, How: how, By: by}, nil, nil
	})
}

// Trouble is what the mail service reports of an address.
type Trouble string

const (
	Bounce    Trouble = "bounce"
	Complains Trouble = "complaint"
)

// Suppress acts on a report: a permanent bounce and a complaint end mailing, a passing bounce does not. Reports may repeat, come late, or be
// about somebody who is gone.
func (l *List) Suppress(ctx context.Context, id string, t Trouble, permanent bool) error {
	_, err := l.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		switch {
		case s.State == Erased, s.State == Complained, t == Bounce && !permanent:
			return nil, nil, nil
		case t == Complains:
			s.State = Complained
			return &Evidence{Act: Complaint, How: ByService}, nil, nil
		case s.State == Left, s.State == Bounced:
			return nil, nil, nil
		}
		s.State = Bounced
		return &Evidence{Act: DidBounce, How: ByService}, nil, nil
	})
	if err == ErrNotFound {
		return nil
	}
	return err
}

// Release mails a request that was held back, after somebody at the desk has looked at it.
func (l *List) Release(ctx context.Context, id, by string) (Subscriber, error) {
	s, err := l.Get(ctx, id)
	if err != nil || !s.Held {
		return s, err
	}
	e, err := l.evidence(ctx, id, s.Round, Asked)
	if err != nil {
		return s, err
	}
	if e == nil {
		return s, ErrState
	}
	if err := l.mailRequest(ctx, s, *e); err != nil { // before the hold is lifted: a second press finishes what a crash left
		return s, err
	}
	return l.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		if !s.Held {
			return nil, nil, nil
		}
		s.Held = false
		return &Evidence{Act: Released, How: ByDesk, By: by}, nil, nil
	})
}
