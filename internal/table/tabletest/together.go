package tabletest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"liaison/internal/table"
)

var together = []check{
	{"one of many claims wins", manyClaims},
	{"one of many transactions wins", manyTransactions},
	{"a reservation is won once", manyReservations},
	{"many additions make the exact sum", manyAdditions},
	{"transactions are seen whole", seenWhole},
	{"a read follows its write", readFollows},
}

// race runs f n times at once and returns how many answered nil; other answers must be conflicts. A throttled one is
// tried again, as its caller would.
func (s *suite) race(n int, f func(ctx context.Context, i int) error) int {
	s.Helper()
	var won atomic.Int64
	var group sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		group.Go(func() {
			<-start
			err := patiently(s.ctx(), func() error { return f(s.ctx(), i) })
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, table.ErrConflict):
				s.Errorf("racer %d: %v", i, err)
			}
		})
	}
	close(start)
	group.Wait()
	return int(won.Load())
}

func patiently(ctx context.Context, f func() error) error {
	for {
		if err := f(); !errors.Is(err, table.ErrThrottled) || ctx.Err() != nil {
			return err
		}
	}
}

func (s *suite) exactlyOne(won int) {
	s.Helper()
	if won != 1 {
		s.Errorf("%d won; want exactly one", won)
	}
}

func manyClaims(s *suite) {
	k := key("shard", "1")
	s.put(item(k, `{"state":"planned"}`), table.Absent)
	for round := int64(1); round <= 5; round++ {
		s.exactlyOne(s.race(12, func(ctx context.Context, _ int) error {
			// All write the same words: only the version tells them apart.
			_, err := s.Put(ctx, item(k, `{"state":"sending"}`), table.VersionIs(round))
			return err
		}))
		s.holds(withVersion(item(k, `{"state":"sending"}`), round+1))
	}
}

func manyTransactions(s *suite) {
	k := key("t", "1")
	s.put(item(k, `{}`), table.Absent)
	var winner atomic.Int64
	s.exactlyOne(s.race(10, func(ctx context.Context, n int) error {
		err := s.Transact(ctx,
			table.Put(item(key("mine", fmt.Sprint(n)), `{}`), table.Absent),
			table.Put(item(k, fmt.Sprintf(`{"winner":%d}`, n)), table.VersionIs(1)))
		if err == nil {
			winner.Store(int64(n))
		}
		return err
	}))
	s.holds(withVersion(item(k, fmt.Sprintf(`{"winner":%d}`, winner.Load())), 2))
	s.finds(table.Query{PK: "mine"}, fmt.Sprint(winner.Load()))
}

func manyReservations(s *suite) {
	for round := range 3 {
		reserved := key(fmt.Sprintf("email#%d", round), "reserved")
		s.exactlyOne(s.race(10, func(ctx context.Context, n int) error {
			if n%2 == 0 {
				_, err := s.Put(ctx, item(reserved, `{}`), table.Absent)
				return err
			}
			return s.Transact(ctx, table.Put(item(reserved, `{}`), table.Absent),
				table.Put(item(key("other", fmt.Sprint(round, n)), `{}`), table.Absent))
		}))
		s.exactlyOne(s.race(10, func(ctx context.Context, _ int) error {
			return s.Delete(ctx, reserved, table.VersionIs(1))
		}))
	}
}

func manyAdditions(s *suite) {
	k := key("n", "1")
	const racers, each = 50, 4
	if won := s.race(racers, func(ctx context.Context, n int) error {
		for i := range each {
			err := patiently(ctx, func() error {
				if (n+i)%4 == 0 {
					return s.Transact(ctx, table.AddTo(k, sums{"sent": 2}))
				}
				_, err := s.Add(ctx, k, sums{"sent": 2})
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	}); won != racers {
		s.Fatalf("%d of %d finished", won, racers)
	}
	s.holds(withVersion(item(k, fmt.Sprintf(`{"sent":%d}`, 2*racers*each)), racers*each))
}

// seenWhole moves a token between two items in transactions; at every moment a reader of the partition finds the
// version of both equal or, because a query is no snapshot, apart by what happened meanwhile, but never going back.
func seenWhole(s *suite) {
	a, b := key("w", "a"), key("w", "b")
	s.transact(table.Put(item(a, `{}`), table.Absent), table.Put(item(b, `{}`), table.Absent))
	done := make(chan struct{})
	var group sync.WaitGroup
	group.Go(func() {
		defer close(done)
		for n := int64(1); n <= 30; n++ {
			err := patiently(s.ctx(), func() error {
				return s.Transact(s.ctx(),
					table.Put(item(a, fmt.Sprintf(`{"n":%d}`, n)), table.VersionIs(n)),
					table.Put(item(b, fmt.Sprintf(`{"n":%d}`, n)), table.VersionIs(n)))
			})
			if err != nil {
				s.Errorf("transaction %d: %v", n, err)
				return
			}
		}
	})
	for last := int64(0); ; {
		first, err1 := s.Get(s.ctx(), a)
		second, err2 := s.Get(s.ctx(), b)
		if errors.Is(errors.Join(err1, err2), table.ErrThrottled) {
			continue
		}
		if err := errors.Join(err1, err2); err != nil {
			s.Error(err)
			break
		}
		if second.Version < first.Version || first.Version < last {
			s.Errorf("versions %d then %d after %d: a write was seen without its twin", first.Version, second.Version, last)
		}
		last = first.Version
		select {
		case <-done:
			group.Wait()
			s.holds(withVersion(item(b, `{"n":30}`), 31))
			return
		default:
		}
	}
	group.Wait()
}

func readFollows(s *suite) {
	won := s.race(8, func(ctx context.Context, n int) error {
		k := key("own", fmt.Sprint(n))
		for v := int64(0); v < 10; v++ {
			c := table.VersionIs(v)
			if v == 0 {
				c = table.Absent
			}
			if _, err := s.Put(ctx, item(k, fmt.Sprintf(`{"v":%d}`, v)), c); err != nil {
				return err
			}
			if got, err := s.Get(ctx, k); err != nil || got.Version != v+1 {
				return fmt.Errorf("version %d, %w; want %d", got.Version, err, v+1)
			}
			page, err := s.Query(ctx, table.Query{PK: "own", Prefix: k.SK})
			if err != nil || len(page.Items) != 1 || page.Items[0].Version != v+1 {
				return fmt.Errorf("query %v, %w; want version %d", page.Items, err, v+1)
			}
		}
		return nil
	})
	if won != 8 {
		s.Errorf("%d of 8 read their own writes", won)
	}
}
