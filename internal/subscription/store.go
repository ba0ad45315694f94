package subscription

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"liaison/internal/link"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/table"
)

// Segment is the part of the list that an id belongs to, 0 to Segments-1.
func Segment(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % Segments)
}

func segmentKey(n int) string       { return fmt.Sprintf("SEG#%02d", n) }
func tidyKey(n int) string          { return fmt.Sprintf("TIDY#%02d", n) }
func tallyKey(n int) table.Key      { return table.Key{PK: "TALLY#SUBSCRIBERS", SK: fmt.Sprintf("%02d", n)} }
func key(id string) table.Key       { return table.Key{PK: segmentKey(Segment(id)), SK: "SUB#" + id} }
func suppressed(h string) table.Key { return table.Key{PK: "SUPPRESSED#" + h, SK: "ADDRESS"} }
func nominated(id string) table.Key { return table.Key{PK: "NOMINATION#" + id, SK: "SUBSCRIBER"} }
func reserved(a people.EmailAddress) table.Key {
	return table.Key{PK: "ADDRESS#" + a.Key(), SK: "SUBSCRIBER"}
}

// reference is the body of an item that only points to a subscriber.
type reference struct {
	ID string `json:"id"` // empty: nobody, and nobody will be asked
}

// item is the subscriber as stored. Who has waited long enough to be tidied away is found by index 2.
func (s Subscriber) item() table.Item {
	it := table.NewItem(key(s.ID), s)
	if org := fold(s.Organisation); len(org) > 0 {
		it.Index1 = table.Key{PK: initials(org), SK: org + "#" + s.ID}
	}
	switch s.State {
	case Candidate:
		it.Index2 = table.Key{PK: tidyKey(Segment(s.ID)), SK: s.Since.Add(CandidateLife).UTC().Format(time.RFC3339) + "#" + s.ID}
	case Erased:
		if s.Uncleared {
			it.Index2 = table.Key{PK: tidyKey(Segment(s.ID)), SK: s.Since.UTC().Format(time.RFC3339) + "#" + s.ID}
		}
	}
	return it
}

func decode(it table.Item) (Subscriber, error) {
	var s Subscriber
	if err := it.Decode(&s); err != nil {
		return s, err
	}
	s.ID, s.Version = strings.TrimPrefix(it.SK, "SUB#"), it.Version
	return s, nil
}

// Get reads a subscriber; ErrNotFound.
func (l *List) Get(ctx context.Context, id string) (Subscriber, error) {
	if id == "" {
		return Subscriber{}, ErrNotFound
	}
	it, err := l.Table.Get(ctx, key(id))
	if errors.Is(err, table.ErrNotFound) {
		return Subscriber{}, ErrNotFound
	}
	if err != nil {
		return Subscriber{}, err
	}
	return decode(it)
}

// Find reads the subscriber of an address; ErrNotFound.
func (l *List) Find(ctx context.Context, a people.EmailAddress) (Subscriber, error) {
	it, err := l.Table.Get(ctx, reserved(a))
	ref := reference{ID: "nobody"} // reading nobody keeps the work the same whether or not the address is known
	if err == nil {
		err = it.Decode(&ref)
	} else if errors.Is(err, table.ErrNotFound) {
		err = nil
	}
	if err != nil {
		return Subscriber{}, err
	}
	return l.Get(ctx, ref.ID)
}

// commit writes a transaction; one that meets another at the same items is tried again for about a second.
func (l *List) commit(ctx context.Context, writes ...table.Write) error {
	for n := 0; ; n++ {
		err := l.Table.Transact(ctx, writes...)
		if !errors.Is(err, table.ErrThrottled) || n == 6 {
			return err
		}
		wait := time.Duration(1 + rand.Int64N(int64(8*time.Millisecond)<<n)) //nolint:gosec // spreads retries, nothing more
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}

// tally counts a subscriber out of one kind and state and into another; nil stands for not being on the list.
func tally(id string, from, to *Subscriber) []table.Write {
	fields := map[string]int64{}
	if from != nil {
		fields[tallyField(from.Kind, from.State)]--
	}
	if to != nil {
		fields[tallyField(to.Kind, to.State)]++
	}
	for name, n := range fields {
		if n == 0 {
			delete(fields, name)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	return []table.Write{table.AddTo(tallyKey(Segment(id)), fields)}
}

func tallyField(k Kind, s State) string { return string(k) + "_" + string(s) }

// numbers are the acts that an operator watches.
var numbers = map[Act]metric.Name{Confirmed: metric.Confirmations, DidLeave: metric.Unsubscribes}

// change lets f alter a subscriber and writes it with the evidence and whatever else f returns; when somebody else wrote
// meanwhile, f is called again with what stands there now. Without evidence nothing is written.
func (l *List) change(ctx context.Context, id string, f func(s *Subscriber) (*Evidence, []table.Write, error)) (Subscriber, error) {
	for n := 0; ; n++ {
		old, err := l.Get(ctx, id)
		if err != nil {
			return old, err
		}
		s := old
		e, more, err := f(&s)
		if err != nil || e == nil {
			return s, err
		}
		if s.State != old.State {
			s.Since = l.now()
		}
		e.At, e.Round = l.now(), s.Round
		writes := []table.Write{table.Put(s.item(), table.VersionIs(old.Version))}
		if e.Act == Confirmed || e.Act == Asked {
			writes = append(writes, table.Put(e.item(id), table.Absent))
		} else {
			writes = append(writes, table.Put(e.nth(id, old.Version+1), table.Absent))
		}
		writes = append(append(writes, tally(id, &old, &s)...), more...)
		err = l.commit(ctx, writes...)
		if errors.Is(err, table.ErrConflict) && n < 8 {
			continue
		}
		s.Version++
		if n := numbers[e.Act]; err == nil && n != "" {
			l.Meter.One(ctx, n)
		}
		return s, err
	}
}

// Pepper is the secret that keeps a hash of an address from being found by trying addresses.
type Pepper [32]byte

// PepperFrom derives the pepper from a signing key (HKDF-SHA256).
func PepperFrom(k link.Key) Pepper {
	b, err := hkdf.Key(sha256.New, k[:], nil, "liaison: suppressed addresses, 1", len(Pepper{}))
	if err != nil {
		panic(err) // only lengths can be wrong
	}
	return Pepper(b)
}

func (p Pepper) hash(a people.EmailAddress) string {
	m := hmac.New(sha256.New, p[:])
	m.Write([]byte(a.Key()))
	return hex.EncodeToString(m.Sum(nil)[:16])
}

// unwelcome is the item that keeps an address from being asked; until is zero for good.
func (l *List) unwelcome(a people.EmailAddress, why string, until time.Time) table.Item {
	it := table.NewItem(suppressed(l.Peppers[0].hash(a)), map[string]any{"why": why, "at": l.now()})
	it.Expires = until
	return it
}

// welcome takes away every such item.
func (l *List) welcome(a people.EmailAddress) []table.Write {
	var out []table.Write
	for _, p := range l.Peppers {
		out = append(out, table.Delete(suppressed(p.hash(a)), table.Any))
	}
	return out
}

// Unwelcome tells which of the addresses, none of them on the list, must not be asked.
func (l *List) Unwelcome(ctx context.Context, addresses ...people.EmailAddress) (map[people.EmailAddress]bool, error) {
	var keys []table.Key
	of := map[table.Key]people.EmailAddress{}
	for _, a := range addresses {
		for _, p := range l.Peppers {
			k := suppressed(p.hash(a))
			keys, of[k] = append(keys, k), a
		}
	}
	items, err := l.Table.BatchGet(ctx, keys)
	out := map[people.EmailAddress]bool{}
	for _, it := range items {
		out[of[it.Key]] = true
	}
	return out, err
}

// fold makes names comparable: lower case, without accents, one space between words, at most 100 characters.
func fold(s string) string {
	var b []rune
	for _, r := range norm.NFKD.String(strings.ToLower(people.OneLine(s))) {
		if !unicode.Is(unicode.Mn, r) && r != '#' {
			b = append(b, r)
		}
	}
	return strings.TrimSpace(string(b[:min(len(b), 100)]))
}

// initials spread the index of names over its first two characters.
func initials(folded string) string {
	r := []rune(folded)
	return "ORG#" + string(r[:min(len(r), 2)])
}
