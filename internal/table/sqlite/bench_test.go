package sqlite_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

// shard is about 2 KB, as a shard of fifty recipients is.
func shard(n int) table.Item {
	i := table.NewItem(table.Key{PK: "distribution#1", SK: fmt.Sprintf("shard#%06d", n)},
		map[string]any{"state": "planned", "recipients": strings.Split(strings.Repeat("someone@example.org ", 90), " ")})
	i.Index1 = table.Key{PK: "due", SK: fmt.Sprintf("%06d", n)}
	return i
}

func openBench(b *testing.B) table.Table {
	db, err := sqlite.Open(filepath.Join(b.TempDir(), "bench.db"), "t")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	return db.Table("t")
}

func fill(b *testing.B, t table.Table, n int) {
	items := make([]table.Item, n)
	for i := range items {
		items[i] = shard(i)
	}
	if err := t.BatchPut(b.Context(), items); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkClaim is a Put with a version condition, as deliver claims and settles a shard.
func BenchmarkClaim(b *testing.B) {
	t := openBench(b)
	fill(b, t, 1000)
	n := 0
	for b.Loop() {
		i := shard(n % 1000)
		if _, err := t.Put(b.Context(), i, table.VersionIs(int64(n/1000+1))); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkPutNew(b *testing.B) {
	t := openBench(b)
	n := 0
	for b.Loop() {
		if _, err := t.Put(b.Context(), shard(n), table.Absent); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkBatchPut25(b *testing.B) {
	t := openBench(b)
	n := 0
	for b.Loop() {
		items := make([]table.Item, 25)
		for i := range items {
			items[i] = shard(n)
			n++
		}
		if err := t.BatchPut(b.Context(), items); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	t := openBench(b)
	fill(b, t, 1000)
	n := 0
	for b.Loop() {
		if _, err := t.Get(b.Context(), shard(n%1000).Key); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

func BenchmarkQueryIndex100(b *testing.B) {
	t := openBench(b)
	fill(b, t, 1000)
	for b.Loop() {
		if _, err := t.Query(b.Context(), table.Query{Index: 1, PK: "due", From: "000500"}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd(b *testing.B) {
	t := openBench(b)
	for b.Loop() {
		if _, err := t.Add(b.Context(), table.Key{PK: "a", SK: "b"}, map[string]int64{"n": 1}); err != nil {
			b.Fatal(err)
		}
	}
}
