package subscription

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Erase takes everything about a subscriber away: what stays is a state without a name, and a keyed hash that keeps nominations and uploads
// from asking the address again. Erasing twice is erasing once.
func (l *List) Erase(ctx context.Context, id string) error { return l.erase(ctx, id, nil) }

// erase does it where due holds; nil: always.
func (l *List) erase(ctx context.Context, id string, due func(Subscriber) bool) error {
	for n := 0; ; n++ {
		old, err := l.Get(ctx, id)
		if err != nil {
			return err
		}
		if due != nil && !due(old) {
			return nil
		}
		if old.State != Erased {
			err = l.bury(ctx, old, due != nil)
			if errors.Is(err, table.ErrConflict) && n < 8 {
				continue
			}
			if err != nil {
				return err
			}
		}
		_ = l.clear(ctx, id) // what fails here Tidy does: it is on record by now that something may be left
		return nil
	}
}

// bury replaces the subscriber by a tombstone, which tells Tidy that evidence may be left until clear has run.
func (l *List) bury(ctx context.Context, old Subscriber, unanswered bool) error {
	s := Subscriber{ID: old.ID, Kind: old.Kind, State: Erased, Since: l.now(), Unanswered: unanswered, Uncleared: true}
	writes := []table.Write{table.Put(s.item(), table.VersionIs(old.Version)), table.Delete(reserved(old.Email), table.Any)}
	counted := &s
	switch {
	case !unanswered:
		writes = append(writes, table.Put(l.unwelcome(old.Email, "erased", time.Time{}), table.Any))
	case !old.Held: // asked, and did not answer
		writes = append(writes, table.Put(l.unwelcome(old.Email, "unanswered", l.now().Add(UnansweredLife)), table.Any))
		fallthrough
	default:
		counted = nil
	}
	return l.commit(ctx, append(writes, tally(s.ID, &old, counted)...)...)
}

// clear deletes the evidence of an erased subscriber.
func (l *List) clear(ctx context.Context, id string) error {
	s, err := l.Get(ctx, id)
	if err != nil || !s.Uncleared {
		return err
	}
	for {
		page, err := l.Table.Query(ctx, table.Query{PK: consentKey(id), Limit: table.MaxTransactOps})
		if err != nil {
			return err
		}
		var writes []table.Write
		for _, it := range page.Items {
			writes = append(writes, table.Delete(it.Key, table.Any))
		}
		if len(writes) > 0 {
			if err := l.commit(ctx, writes...); err != nil {
				return err
			}
		}
		if page.Cursor == "" {
			break
		}
	}
	if s.Unanswered { // nobody has ever been told of it: not even a tombstone is needed
		return l.Table.Delete(ctx, key(id), table.Any)
	}
	s.Uncleared = false
	_, err = l.Table.Put(ctx, s.item(), table.VersionIs(s.Version))
	if errors.Is(err, table.ErrConflict) {
		return nil
	}
	return err
}

// Tidy erases candidates who have not confirmed within CandidateLife, so that the list keeps nobody who did not want to be on it, and
// finishes erasures that broke off; at most limit of them. The clock calls it. An address that was mailed and did not answer is not asked again
// by nomination or upload for UnansweredLife.
func (l *List) Tidy(ctx context.Context, limit int) (done int, err error) {
	now := l.now()
	for n := 0; n < Segments && done < limit; n++ {
		page, err := l.Table.Query(ctx, table.Query{Index: 2, PK: tidyKey(n), To: now.Format(time.RFC3339) + "#~", Limit: min(limit-done, table.MaxPage)})
		if err != nil {
			return done, err
		}
		for _, it := range page.Items {
			s, err := decode(it)
			if err != nil {
				return done, fmt.Errorf("subscription: tidy: %w", err)
			}
			if err := l.tidy(ctx, s.ID, now); err != nil && !errors.Is(err, ErrNotFound) {
				return done, err
			}
			done++
		}
	}
	return done, nil
}

// tidy believes the item, not the index, which may lag.
func (l *List) tidy(ctx context.Context, id string, now time.Time) error {
	return l.erase(ctx, id, func(s Subscriber) bool {
		return s.State == Erased || s.State == Candidate && !s.Since.Add(CandidateLife).After(now)
	})
}

// Record is everything that the list knows about a subscriber.
type Record struct {
	Subscriber
	ID       string     `json:"id"`
	Evidence []Evidence `json:"evidence"`
}

// Export reads the whole record, for the subscriber to take along.
func (l *List) Export(ctx context.Context, id string) (Record, error) {
	s, err := l.Get(ctx, id)
	if err != nil {
		return Record{}, err
	}
	h, err := l.History(ctx, id)
	return Record{Subscriber: s, ID: id, Evidence: h}, err
}

// Known tells which of the addresses are on the list, and under which id.
func (l *List) Known(ctx context.Context, addresses []people.EmailAddress) (map[string]string, error) {
	keys := make([]table.Key, len(addresses))
	for i, a := range addresses {
		keys[i] = reserved(a)
	}
	items, err := l.Table.BatchGet(ctx, keys)
	if err != nil {
		return nil, err
	}
	out := make(map[string]string, len(items))
	for _, it := range items {
		var ref reference
		if err := it.Decode(&ref); err != nil {
			return nil, err
		}
		out[it.PK[len("ADDRESS#"):]] = ref.ID
	}
	return out, nil
}
