package web_test

import (
	"context"
	"testing"
	"time"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
	"liaison/internal/web"
)

// busy counts an attempt of somebody else's whenever an item was read, some times.
type busy struct {
	table.Table
	times int
}

func (b *busy) Get(ctx context.Context, k table.Key) (table.Item, error) {
	it, err := b.Table.Get(ctx, k)
	if b.times > 0 && err == nil {
		b.times--
		_, err = b.Add(ctx, k, map[string]int64{"attempts": 1})
	}
	return it, err
}

func TestCountersExpireThoughOthersCountMeanwhile(t *testing.T) {
	now := time.Date(2027, 3, 1, 9, 30, 0, 0, time.UTC)
	db, err := sqlite.Options{Now: func() time.Time { return now }}.Open(":memory:", "t")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	b := &busy{Table: db.Table("t"), times: 3}
	l := &web.Limiter{Table: b, Now: func() time.Time { return now }}
	if ok, err := l.Allow(t.Context(), "a", 4, time.Hour); !ok || err != nil {
		t.Fatal(ok, err)
	}
	it, err := b.Get(t.Context(), table.Key{PK: "LIMIT#a#" + "1803891600", SK: "COUNT"})
	if err != nil || !it.Expires.Equal(now.Truncate(time.Hour).Add(2*time.Hour)) {
		t.Errorf("expires %v, %v", it.Expires, err)
	}
	if ok, err := l.Allow(t.Context(), "a", 4, time.Hour); ok || err != nil {
		t.Errorf("the fifth attempt is allowed: %v, %v", ok, err)
	}
}
