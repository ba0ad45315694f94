package presenter

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/cases"

	"liaison/internal/people"
	"liaison/internal/table"
)

func segment(id string) int {
	h := fnv.New32a()
	h.Write([]byte(id))
	return int(h.Sum32() % Segments)
}

func segmentPK(n int) string  { return fmt.Sprintf("ROSTER#%02x", n) }
func key(id string) table.Key { return table.Key{PK: segmentPK(segment(id)), SK: "EXPERT#" + id} }
func mailKey(a people.EmailAddress) table.Key {
	return table.Key{PK: "ROSTER-MAIL#" + a.Key(), SK: "EXPERT"}
}
func statePK(s State) string { return "EXPERTS#" + string(s) }
func counted(deltas map[string]int64) []table.Write {
	for s, n := range deltas {
		if n == 0 {
			delete(deltas, s)
		}
	}
	if len(deltas) == 0 {
		return nil
	}
	return []table.Write{table.AddTo(countsKey, deltas)}
}

var countsKey = table.Key{PK: "ROSTER-COUNTS", SK: "COUNTS"}

type reserved struct {
	ID string `json:"id"`
}

// item carries the expert to the table. Names sort without regard to case; at most 100 characters of one count.
func (e *Expert) item() table.Item {
	it := table.NewItem(key(e.ID), e)
	name := []rune(cases.Fold().String(strings.Join(strings.Fields(e.CalledName()), " ")))
	sk := string(name[:min(len(name), 100)]) + "#" + e.ID
	it.Index1 = table.Key{PK: "EXPERTS", SK: sk}
	it.Index2 = table.Key{PK: statePK(e.State), SK: sk}
	return it
}

func read(it table.Item) (Expert, error) {
	var e Expert
	err := it.Decode(&e)
	e.version = it.Version
	return e, err
}

// Get reads one expert; ErrNotFound.
func (b *Bank) Get(ctx context.Context, id string) (Expert, error) {
	if !validID(id) {
		return Expert{}, ErrNotFound
	}
	it, err := b.Table.Get(ctx, key(id))
	if errors.Is(err, table.ErrNotFound) {
		return Expert{}, ErrNotFound
	}
	if err != nil {
		return Expert{}, err
	}
	return read(it)
}

// validID keeps what strangers put into an address out of keys.
func validID(id string) bool {
	return id != "" && len(id) <= 64 && strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
}

// Many reads experts by id; those that are not there are left out.
func (b *Bank) Many(ctx context.Context, ids []string) ([]Expert, error) {
	keys := make([]table.Key, 0, len(ids))
	for _, id := range ids {
		if validID(id) {
			keys = append(keys, key(id))
		}
	}
	return readAll(b.Table.BatchGet(ctx, keys))
}

func readAll(items []table.Item, err error) ([]Expert, error) {
	if err != nil {
		return nil, err
	}
	out := make([]Expert, len(items))
	for i, it := range items {
		if out[i], err = read(it); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// ByAddress finds the expert whom the roster lists with that address; ErrNotFound.
func (b *Bank) ByAddress(ctx context.Context, a people.EmailAddress) (Expert, error) {
	it, err := b.Table.Get(ctx, mailKey(a))
	if errors.Is(err, table.ErrNotFound) {
		return Expert{}, ErrNotFound
	}
	if err != nil {
		return Expert{}, err
	}
	var r reserved
	if err := it.Decode(&r); err != nil {
		return Expert{}, err
	}
	return b.Get(ctx, r.ID)
}

// List is a page of the roster by name, of one state or of all (""). It may lag a moment behind.
func (b *Bank) List(ctx context.Context, s State, limit int, cursor string) ([]Expert, string, error) {
	q := table.Query{Index: 1, PK: "EXPERTS", Limit: limit, Cursor: cursor}
	if s != "" {
		q.Index, q.PK = 2, statePK(s)
	}
	page, err := b.Table.Query(ctx, q)
	if err != nil {
		return nil, "", err
	}
	out, err := readAll(page.Items, nil)
	return out, page.Cursor, err
}

// Counts is how many experts are in each state.
func (b *Bank) Counts(ctx context.Context) (map[State]int, error) {
	out := map[State]int{}
	it, err := b.Table.Get(ctx, countsKey)
	if errors.Is(err, table.ErrNotFound) {
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	return out, it.Decode(&out)
}

// Segment is a page of the roster in the order of ids, after an id ("" from the start), strongly consistent. next is "" at the end.
func (b *Bank) Segment(ctx context.Context, n int, after string, limit int) (experts []Expert, next string, err error) {
	q := table.Query{PK: segmentPK(n), Prefix: "EXPERT#", Limit: limit}
	if after != "" {
		q.Prefix, q.From, q.To = "", "EXPERT#"+after+" ", "EXPERT#~" // a space sorts before every character of an id
	}
	page, err := b.Table.Query(ctx, q)
	if err != nil {
		return nil, "", err
	}
	if experts, err = readAll(page.Items, nil); err != nil {
		return nil, "", err
	}
	if page.Cursor != "" && len(experts) > 0 {
		next = experts[len(experts)-1].ID
	}
	return experts, next, nil
}

// each calls f for every expert of the roster, strongly consistent, several segments at a time; f is never called twice at once.
func (b *Bank) each(ctx context.Context, f func(Expert)) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var first error
	for n := range Segments {
		wg.Go(func() {
			err := table.All(ctx, b.Table, table.Query{PK: segmentPK(n), Prefix: "EXPERT#", Limit: table.MaxPage}, func(it table.Item) error {
				e, err := read(it)
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					f(e)
				}
				return err
			})
			if err != nil {
				mu.Lock()
				defer mu.Unlock()
				if first == nil {
					first = err
					cancel()
				}
			}
		})
	}
	wg.Wait()
	return first
}

// Presenters are all who said Yes, in no order, strongly consistent: who has just said No is not among them.
func (b *Bank) Presenters(ctx context.Context) ([]Expert, error) {
	var out []Expert
	err := b.each(ctx, func(e Expert) {
		if e.State == Yes {
			out = append(out, e)
		}
	})
	return out, err
}

// tries of an optimistic write; pause between them grows.
const tries = 6

// again runs f until it neither conflicts nor is throttled.
func again(ctx context.Context, f func() error) error {
	for n := 1; ; n++ {
		err := f()
		if err == nil || n == tries || !errors.Is(err, table.ErrConflict) && !errors.Is(err, table.ErrThrottled) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(n*n) * 5 * time.Millisecond):
		}
	}
}

// change reads the expert, lets f change her, and stores her with the counts, again from the start if somebody was faster. f says false to
// leave everything as it is.
func (b *Bank) change(ctx context.Context, id string, f func(e *Expert) (bool, error)) (Expert, error) {
	var e Expert
	err := again(ctx, func() error {
		var err error
		if e, err = b.Get(ctx, id); err != nil {
			return err
		}
		before := e.State
		if ok, err := f(&e); err != nil || !ok {
			return err
		}
		e.Changed = b.Now().UTC()
		writes := []table.Write{table.Put(e.item(), table.VersionIs(e.version))}
		return b.Table.Transact(ctx, append(writes, moved(before, e.State)...)...)
	})
	return e, err
}

func moved(from, to State) []table.Write {
	if from == to {
		return nil
	}
	return counted(map[string]int64{string(from): -1, string(to): 1})
}
