package sqlite_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

// lagging is a table whose time and lag the test sets.
type lagging struct {
	*testing.T
	*sqlite.Table
	db  *sqlite.DB
	now atomic.Int64
	lag atomic.Int64
}

func openLagging(t *testing.T) *lagging {
	l := &lagging{T: t}
	l.now.Store(time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	l.db = open(t, ":memory:", sqlite.Options{
		Now: func() time.Time { return time.Unix(0, l.now.Load()) },
		Lag: func() time.Duration { return time.Duration(l.lag.Load()) },
	})
	l.Table = l.db.Table("things")
	return l
}

func (l *lagging) passes(d time.Duration) { l.now.Add(int64(d)) }
func (l *lagging) lagsBy(d time.Duration) { l.lag.Store(int64(d)) }
func (l *lagging) put(pk1, sk, body string) {
	l.Helper()
	i := table.Item{Key: table.Key{PK: "p", SK: sk}, Body: []byte(body)}
	if pk1 != "" {
		i.Index1 = table.Key{PK: pk1, SK: sk}
	}
	if _, err := l.Put(l.Context(), i, table.Any); err != nil {
		l.Fatal(err)
	}
}

// shows checks what the index shows of a partition: sort keys with their bodies.
func (l *lagging) shows(pk1, want string) {
	l.Helper()
	for _, q := range []table.Query{{}, {Limit: 1}, {Limit: 2, Reverse: true}} {
		q.Index, q.PK = 1, pk1
		var got []string
		if err := table.All(l.Context(), l, q, func(i table.Item) error {
			got = append(got, i.SK+string(i.Body))
			return nil
		}); err != nil {
			l.Fatal(err)
		}
		if q.Reverse {
			for a, b := 0, len(got)-1; a < b; a, b = a+1, b-1 {
				got[a], got[b] = got[b], got[a]
			}
		}
		if got := strings.Join(got, " "); got != want {
			l.Fatalf("index %s shows %q (limit %d); want %q", pk1, got, q.Limit, want)
		}
	}
}

func TestLagHidesWritesUntilItHasPassed(t *testing.T) {
	l := openLagging(t)
	l.lagsBy(time.Second)
	l.put("x", "1", `{"v":1}`)
	l.shows("x", "")
	if _, err := l.Get(t.Context(), table.Key{PK: "p", SK: "1"}); err != nil {
		t.Errorf("the primary key never lags: %v", err)
	}
	l.passes(time.Second - 1)
	l.shows("x", "")
	l.passes(1)
	l.shows("x", `1{"v":1}`)
}

func TestLagShowsTheOldRow(t *testing.T) {
	l := openLagging(t)
	l.put("x", "1", `{"v":1}`)
	l.put("x", "2", `{"v":1}`)
	l.put("x", "3", `{"v":1}`)
	l.lagsBy(time.Second)
	l.put("x", "1", `{"v":2}`) // changed in place
	l.put("y", "2", `{"v":2}`) // moved
	if err := l.Delete(t.Context(), table.Key{PK: "p", SK: "3"}, table.Present); err != nil {
		t.Fatal(err)
	}
	l.put("x", "4", `{"v":2}`) // made
	l.shows("x", `1{"v":1} 2{"v":1} 3{"v":1}`)
	l.shows("y", "")
	l.passes(600 * time.Millisecond)
	l.put("x", "1", `{"v":3}`)
	l.put("", "4", `{"v":3}`) // leaves the index
	l.passes(400 * time.Millisecond)
	l.shows("x", `1{"v":2} 4{"v":2}`) // as it stood between the two
	l.shows("y", `2{"v":2}`)
	l.passes(600 * time.Millisecond)
	l.shows("x", `1{"v":3}`)
}

func TestLagChangesAtAnyTime(t *testing.T) {
	l := openLagging(t)
	l.lagsBy(time.Hour)
	l.put("x", "1", `{"v":1}`)
	l.shows("x", "")
	l.lagsBy(0)
	l.shows("x", `1{"v":1}`)
	l.put("x", "2", `{"v":1}`)
	l.lagsBy(time.Minute)
	l.passes(time.Minute)
	l.shows("x", `1{"v":1} 2{"v":1}`)
	l.put("x", "3", `{"v":1}`)
	l.shows("x", `1{"v":1} 2{"v":1}`)
	l.db.CatchUp()
	l.shows("x", `1{"v":1} 2{"v":1} 3{"v":1}`)
}

// A write that did not happen must not show up in the past either.
func TestLagIgnoresWhatWasRefused(t *testing.T) {
	l := openLagging(t)
	l.put("x", "1", `{"v":1}`)
	l.lagsBy(time.Second)
	i := table.Item{Key: table.Key{PK: "p", SK: "2"}, Index1: table.Key{PK: "x", SK: "2"}}
	if err := l.Transact(t.Context(), table.Put(i, table.Absent), table.Check(table.Key{PK: "p", SK: "1"}, table.Absent)); err == nil {
		t.Fatal("the check should have failed")
	}
	l.shows("x", `1{"v":1}`)
	l.passes(time.Second)
	l.shows("x", `1{"v":1}`)
}

// Of several changes that are still hidden, what stood before the first is shown.
func TestLagShowsWhatStoodBeforeEveryHiddenChange(t *testing.T) {
	l := openLagging(t)
	l.put("x", "1", `{"v":1}`)
	l.lagsBy(time.Second)
	l.put("x", "1", `{"v":2}`)
	l.put("y", "1", `{"v":3}`)
	l.put("x", "1", `{"v":4}`)
	l.shows("x", `1{"v":1}`)
	l.shows("y", "")
	l.passes(time.Second)
	l.shows("x", `1{"v":4}`)
}

// A page that ends at a megabyte leaves the old rows behind its end to the next page, in their order.
func TestLagKeepsTheOrderOfLargePages(t *testing.T) {
	l := openLagging(t)
	large := `{"a":"` + strings.Repeat("x", 300<<10) + `"}`
	for _, sk := range []string{"1", "2", "3", "4", "5", "6", "8"} {
		l.put("x", sk, large)
	}
	l.put("x", "7", `{}`)
	l.lagsBy(time.Second)
	l.put("", "7", `{}`)
	var got string
	if err := table.All(t.Context(), l, table.Query{Index: 1, PK: "x"}, func(i table.Item) error {
		got += i.SK
		return nil
	}); err != nil || got != "12345678" {
		t.Errorf("%s, %v; want 12345678", got, err)
	}
}
