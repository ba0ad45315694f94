package subscription

import (
	"context"
	"errors"
	"sync"
	"time"

	"liaison/internal/people"
	"liaison/internal/table"
)

// Row is one line of a list that the secretariat uploads. Given and Text are set where consent was given elsewhere and is on record.
type Row struct {
	Email people.EmailAddress
	Details
	Kind  Kind
	Given time.Time
	Text  string // the wording that was agreed to, or where it is kept
}

// Fate is what became of a row.
type Fate string

const (
	FateAdded     Fate = "added"     // active, by consent on record
	FateAsked     Fate = "asked"     // a candidate, who is mailed one request
	FateKnown     Fate = "known"     // subscribed or asked already
	FateSkipped   Fate = "skipped"   // left, bounced, complained, erased or did not answer: not touched, not asked
	FateDuplicate Fate = "duplicate" // its address stands in an earlier row
)

const (
	rowsAtOnce = 30 // rows of one segment in one transaction: three writes each, and the tally
	atOnce     = 8  // segments under way
)

// Import puts rows on the list and tells the fate of each. With recorded, rows that carry consent become active; all others become
// candidates, who are asked by mail in the minutes after. Nobody who is subscribed is changed, and nobody who is gone comes back. It may be repeated: after
// an error or a crash the same list goes on where it broke off, and nobody is asked twice.
func (l *List) Import(ctx context.Context, by string, rows []Row, recorded bool) ([]Fate, error) {
	im := &importing{List: l, by: by, rows: rows, recorded: recorded, fates: make([]Fate, len(rows))}
	fresh, known, err := im.sort(ctx)
	if err != nil {
		return im.fates, err
	}
	taken, err := im.addAll(ctx, fresh)
	for n, id := range taken {
		known[n] = id
	}
	if err == nil {
		err = im.meetAll(ctx, known)
	}
	return im.fates, err
}

type importing struct {
	*List
	by       string
	rows     []Row
	recorded bool
	fates    []Fate // written at their own index only
}

// sort parts the rows into those whose address is new and those, with the subscriber's id, whose is not.
func (im *importing) sort(ctx context.Context) (fresh []int, known map[int]string, err error) {
	known = map[int]string{}
	first := map[string]bool{}
	var addresses []people.EmailAddress
	for _, r := range im.rows {
		addresses = append(addresses, r.Email)
	}
	ids, err := im.Known(ctx, addresses)
	if err != nil {
		return nil, nil, err
	}
	var strangers []people.EmailAddress
	for n, r := range im.rows {
		k := r.Email.Key()
		switch {
		case first[k]:
			im.fates[n] = FateDuplicate
		case ids[k] != "":
			known[n] = ids[k]
		default:
			strangers = append(strangers, r.Email)
		}
		first[k] = true
	}
	unwelcome, err := im.Unwelcome(ctx, strangers...)
	if err != nil {
		return nil, nil, err
	}
	for n, r := range im.rows {
		if known[n] != "" || im.fates[n] != "" {
			continue
		}
		if unwelcome[r.Email] {
			im.fates[n] = FateSkipped
			continue
		}
		fresh = append(fresh, n)
	}
	return fresh, known, nil
}

// entry is a row on its way to the list.
type entry struct {
	row int
	s   Subscriber
	e   Evidence
}

func (im *importing) consents(r Row) bool { return im.recorded && !r.Given.IsZero() && r.Text != "" }

func (im *importing) entry(n int) entry {
	r, now := im.rows[n], im.now()
	d := im.complete(r.Details)
	s := Subscriber{ID: im.NewID(), Email: r.Email, Details: d, Kind: r.Kind, Since: now}
	if im.consents(r) {
		s.State = Active
		return entry{n, s, im.record(r, now)}
	}
	s.State, s.Round = Candidate, 1
	return entry{n, s, Evidence{Act: Asked, Round: 1, At: now, How: ByImport, By: im.by, Details: &d}}
}

func (im *importing) record(r Row, now time.Time) Evidence {
	given := r.Given.UTC()
	return Evidence{Act: Recorded, At: now, How: ByImport, By: im.by, Given: &given, Shown: Shown{Text: r.Text}}
}

// addAll adds the rows segment by segment, so that transactions under way at once do not meet at a tally. It returns the rows whose address
// somebody else took meanwhile.
func (im *importing) addAll(ctx context.Context, fresh []int) (map[int]string, error) {
	var bySegment [Segments][]entry
	for _, n := range fresh {
		e := im.entry(n)
		bySegment[Segment(e.s.ID)] = append(bySegment[Segment(e.s.ID)], e)
	}
	var mu sync.Mutex
	taken := map[int]string{}
	err := parallel(Segments, func(n int) error {
		list := bySegment[n]
		for len(list) > 0 {
			chunk := list[:min(rowsAtOnce, len(list))]
			list = list[len(chunk):]
			lost, err := im.addChunk(ctx, chunk)
			mu.Lock()
			for row, id := range lost {
				taken[row] = id
			}
			mu.Unlock()
			if err != nil {
				return err
			}
		}
		return nil
	})
	return taken, err
}

// addChunk adds entries of one segment in one transaction, leaving out those whose address is taken.
func (im *importing) addChunk(ctx context.Context, chunk []entry) (lost map[int]string, err error) {
	lost = map[int]string{}
	for len(chunk) > 0 {
		err := im.commit(ctx, im.writes(chunk)...)
		if err == nil {
			return lost, im.mailAll(ctx, chunk)
		}
		var c *table.Conflict
		if !errors.As(err, &c) {
			return lost, err
		}
		rest := make([]entry, 0, len(chunk))
		for _, e := range chunk {
			if reserved(e.s.Email) != c.Key {
				rest = append(rest, e)
				continue
			}
			var ref reference
			if c.Current != nil {
				if err := c.Current.Decode(&ref); err != nil {
					return lost, err
				}
			}
			lost[e.row] = ref.ID
		}
		if len(rest) == len(chunk) {
			return lost, err
		}
		chunk = rest
	}
	return lost, nil
}

func (im *importing) writes(chunk []entry) []table.Write {
	var writes []table.Write
	counts := map[string]int64{}
	for _, e := range chunk {
		writes = append(writes,
			table.Put(e.s.item(), table.Absent),
			table.Put(table.NewItem(reserved(e.s.Email), reference{e.s.ID}), table.Absent),
			table.Put(e.e.item(e.s.ID), table.Absent))
		counts[tallyField(e.s.Kind, e.s.State)]++
	}
	return append(writes, table.AddTo(tallyKey(Segment(chunk[0].s.ID)), counts))
}

// mailAll writes down the requests of candidates.
func (im *importing) mailAll(ctx context.Context, chunk []entry) error {
	var done []table.Item
	for _, e := range chunk {
		if e.s.State != Candidate {
			im.fates[e.row] = FateAdded
			continue
		}
		if err := im.Post.Later(ctx, mailID(e.s.ID, e.e.Round), im.letter(e.s, e.e)); err != nil {
			return err
		}
		done = append(done, mailed(e.s.ID, e.e.Round, im.now()))
		im.fates[e.row] = FateAsked
	}
	return im.Table.BatchPut(ctx, done)
}

// meetAll decides the rows whose address is on the list.
func (im *importing) meetAll(ctx context.Context, known map[int]string) error {
	var keys []table.Key
	for _, id := range known {
		keys = append(keys, key(id))
	}
	items, err := im.Table.BatchGet(ctx, keys)
	if err != nil {
		return err
	}
	byID := map[string]Subscriber{}
	var rounds []table.Key
	for _, it := range items {
		s, err := decode(it)
		if err != nil {
			return err
		}
		byID[s.ID] = s
		if s.State == Candidate {
			rounds = append(rounds, roundKey(s.ID, s.Round, Mailed))
		}
	}
	items, err = im.Table.BatchGet(ctx, rounds)
	if err != nil {
		return err
	}
	asked := map[string]bool{}
	for _, it := range items {
		asked[it.PK[len(consentKey("")):]] = true
	}
	var todo []int
	for n, id := range known {
		s := byID[id]
		switch {
		case s.Subscribed():
			im.fates[n] = FateKnown
		case s.State == Candidate && (im.consents(im.rows[n]) || !asked[id] && !s.Held):
			todo = append(todo, n)
		case s.State == Candidate:
			im.fates[n] = FateKnown
		default:
			im.fates[n] = FateSkipped
		}
	}
	return parallel(len(todo), func(n int) (err error) {
		im.fates[todo[n]], err = im.meet(ctx, im.rows[todo[n]], known[todo[n]])
		return err
	})
}

// meet finishes a candidate: consent on record makes it active; one whose mail was never written down is asked now.
func (im *importing) meet(ctx context.Context, r Row, id string) (Fate, error) {
	if !im.consents(r) {
		return FateAsked, im.finish(ctx, id, im.Post.Later)
	}
	fate := FateAdded
	_, err := im.change(ctx, id, func(s *Subscriber) (*Evidence, []table.Write, error) {
		switch {
		case s.Subscribed():
			fate = FateKnown
			return nil, nil, nil
		case s.State != Candidate:
			fate = FateSkipped
			return nil, nil, nil
		}
		s.State, s.Held, s.Kind, s.Details = Active, false, r.Kind, im.complete(r.Details)
		e := im.record(r, im.now())
		return &e, nil, nil
	})
	return fate, err
}

// parallel calls f for 0 to n-1, a few at a time, and stops at the first error.
func parallel(n int, f func(int) error) error {
	var (
		wg    sync.WaitGroup
		mu    sync.Mutex
		next  int
		first error
	)
	take := func() (int, bool) {
		mu.Lock()
		defer mu.Unlock()
		if first != nil || next == n {
			return 0, false
		}
		next++
		return next - 1, true
	}
	for range min(n, atOnce) {
		wg.Go(func() {
			for {
				i, ok := take()
				if !ok {
					return
				}
				if err := f(i); err != nil {
					mu.Lock()
					if first == nil {
						first = err
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	return first
}
