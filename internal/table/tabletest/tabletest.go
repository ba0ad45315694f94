// Package tabletest is the definition of the storage port as tests: an engine that passes Run may stand behind any
// part of Liaison. Every promise of package table has its test here; what only one engine can do is tested there.
//
// What may enter: behaviour that both engines keep with the same words.
package tabletest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/table"

	"github.com/google/go-cmp/cmp"
)

// Engine is what the suite needs to know of an engine.
type Engine struct {
	// Open opens an empty table that lives as long as the test and takes its time from now.
	Open func(t *testing.T, now func() time.Time) table.Table
	// Patience is how much real time an index may need to show a write. Zero, for an engine in this process: none,
	// and the suite never sleeps.
	Patience time.Duration
	// Unfaithful names tests that a stand-in for the engine is known to fail, with the reason that is printed.
	Unfaithful map[string]string
}

// Run holds the engine against the whole port.
func Run(t *testing.T, e Engine) {
	for _, c := range slicesOf(reading, writing, transactions, queries, paging, additions, limits, together) {
		t.Run(c.name, func(t *testing.T) {
			if why, ok := e.Unfaithful[c.name]; ok {
				t.Logf("left out for this stand-in: %s", why)
				return
			}
			clock := newClock()
			c.run(&suite{T: t, engine: e, clock: clock, Table: e.Open(t, clock.now)})
		})
	}
}

type check struct {
	name string
	run  func(*suite)
}

func slicesOf(groups ...[]check) (all []check) {
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// clock stands still until the suite moves it.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2031, 5, 14, 12, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// suite is one test with its empty table.
type suite struct {
	*testing.T
	table.Table
	engine Engine
	clock  *clock
}

func (s *suite) ctx() context.Context { return s.Context() }

// key is a primary key of this test.
func key(pk, sk string) table.Key { return table.Key{PK: pk, SK: sk} }

// item is an item with a small body.
func item(k table.Key, body string) table.Item {
	return table.Item{Key: k, Body: json.RawMessage(body)}
}

func (s *suite) put(i table.Item, c table.Condition) table.Item {
	s.Helper()
	stored, err := s.Put(s.ctx(), i, c)
	if err != nil {
		s.Fatalf("put %v: %v", i.Key, err)
	}
	return stored
}

// holds checks that the item stands so, body compared by its JSON value with exact numbers.
func (s *suite) holds(want table.Item) {
	s.Helper()
	got, err := s.Get(s.ctx(), want.Key)
	if err != nil {
		s.Fatalf("get %v: %v", want.Key, err)
	}
	s.same(got, want)
}

func (s *suite) same(got, want table.Item) {
	s.Helper()
	if d := cmp.Diff(comparable(s.T, want), comparable(s.T, got)); d != "" {
		s.Fatalf("item %v (-want +got):\n%s", want.Key, d)
	}
}

// comparable is an item with its body decoded and its numbers normalised.
func comparable(t *testing.T, i table.Item) any {
	t.Helper()
	return struct {
		Key, Index1, Index2 table.Key
		Version             int64
		Expires             string
		Body                string
	}{i.Key, i.Index1, i.Index2, i.Version, i.Expires.UTC().String(), value(t, i.Body)}
}

func (s *suite) gone(k table.Key) {
	s.Helper()
	if got, err := s.Get(s.ctx(), k); !errors.Is(err, table.ErrNotFound) {
		s.Fatalf("get %v: %v, %v; want ErrNotFound", k, got, err)
	}
}

// refused checks for ErrInvalid.
func (s *suite) refused(what string, err error) {
	s.Helper()
	if !errors.Is(err, table.ErrInvalid) {
		s.Errorf("%s: %v; want ErrInvalid", what, err)
	}
}

// conflict checks for a *Conflict at that write, carrying current (nil: nothing).
func (s *suite) conflict(err error, index int, k table.Key, current *table.Item) {
	s.Helper()
	var c *table.Conflict
	if !errors.As(err, &c) || !errors.Is(err, table.ErrConflict) {
		s.Fatalf("error %v; want a conflict", err)
	}
	if c.Index != index || c.Key != k {
		s.Fatalf("conflict of write %d at %v; want %d at %v", c.Index, c.Key, index, k)
	}
	if (c.Current == nil) != (current == nil) {
		s.Fatalf("conflict carries %v; want %v", c.Current, current)
	}
	if current != nil {
		s.same(*c.Current, *current)
	}
}

// eventually repeats an index read until it answers nil. An engine that lags by the suite's clock catches up because
// the clock is moved; one that lags for real is given its patience.
func (s *suite) eventually(read func() error) {
	s.Helper()
	deadline := time.Now().Add(s.engine.Patience)
	var err error
	for range 20 {
		if err = read(); err == nil {
			return
		}
		s.clock.advance(100 * time.Millisecond)
	}
	for time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
		if err = read(); err == nil {
			return
		}
	}
	s.Fatal(err)
}

// all is every item of a query, read page by page.
func (s *suite) all(q table.Query) (items []table.Item, err error) {
	err = table.All(s.ctx(), s, q, func(i table.Item) error {
		items = append(items, i)
		return nil
	})
	return items, err
}

// finds checks, eventually, that the query answers with the items of these sort keys of the primary key, in order.
func (s *suite) finds(q table.Query, want ...string) {
	s.Helper()
	s.eventually(func() error {
		items, err := s.all(q)
		if err != nil {
			return err
		}
		got := make([]string, len(items))
		for n, i := range items {
			got[n] = i.SK
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			return fmt.Errorf("query %+v: %q; want %q", q, got, want)
		}
		return nil
	})
}
