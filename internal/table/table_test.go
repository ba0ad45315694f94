package table_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"testing"

	"liaison/internal/table"

	"github.com/google/go-cmp/cmp"
)

func TestConditionHolds(t *testing.T) {
	third := &table.Item{Version: 3}
	for name, c := range map[string]struct {
		condition  table.Condition
		none, some bool
	}{
		"Any":          {table.Any, true, true},
		"Absent":       {table.Absent, true, false},
		"Present":      {table.Present, false, true},
		"VersionIs(3)": {table.VersionIs(3), false, true},
		"VersionIs(2)": {table.VersionIs(2), false, false},
		"VersionIs(0)": {table.VersionIs(0), false, false},
	} {
		if got := c.condition.Holds(nil); got != c.none {
			t.Errorf("%s of nothing: %v", name, got)
		}
		if got := c.condition.Holds(third); got != c.some {
			t.Errorf("%s of version 3: %v", name, got)
		}
	}
}

func TestConflictIsErrConflict(t *testing.T) {
	err := fmt.Errorf("survey: record: %w", &table.Conflict{Index: 2, Key: table.Key{PK: "a", SK: "b"}})
	var c *table.Conflict
	if !errors.Is(err, table.ErrConflict) || !errors.As(err, &c) || c.Index != 2 {
		t.Errorf("%v", err)
	}
	if errors.Is(err, table.ErrNotFound) {
		t.Error("a conflict is not ErrNotFound")
	}
}

func TestAdded(t *testing.T) {
	key := table.Key{PK: "a", SK: "b"}
	for name, c := range map[string]struct {
		body string
		add  map[string]int64
		want string
	}{
		"nothing there":    {``, map[string]int64{"n": 2}, `{"n":2}`},
		"a whole number":   {`{"n":40,"t":"x"}`, map[string]int64{"n": 2}, `{"n":42,"t":"x"}`},
		"a new field":      {`{"n":40}`, map[string]int64{"m": -2}, `{"m":-2,"n":40}`},
		"a fraction":       {`{"n":0.1}`, map[string]int64{"n": 2}, `{"n":2.1}`},
		"an exponent":      {`{"n":1.5e3}`, map[string]int64{"n": 1}, `{"n":1501}`},
		"beyond a float":   {`{"n":9007199254740993}`, map[string]int64{"n": 1}, `{"n":9007199254740994}`},
		"the largest":      {`{"n":9223372036854775806}`, map[string]int64{"n": 1}, `{"n":9223372036854775807}`},
		"too large":        {`{"n":9223372036854775807}`, map[string]int64{"n": 1}, ``},
		"too small":        {`{"n":-1}`, map[string]int64{"n": math.MinInt64}, ``},
		"text":             {`{"n":"1"}`, map[string]int64{"n": 1}, ``},
		"null":             {`{"n":null}`, map[string]int64{"n": 1}, ``},
		"one good, one no": {`{"n":1,"m":[]}`, map[string]int64{"n": 1, "m": 1}, ``},
	} {
		var now *table.Item
		if c.body != "" {
			now = &table.Item{Key: key, Version: 4, Body: json.RawMessage(c.body)}
		}
		got, _, err := table.Added(now, key, c.add)
		if c.want == "" {
			if !errors.Is(err, table.ErrInvalid) {
				t.Errorf("%s: %s, %v; want ErrInvalid", name, got.Body, err)
			}
			continue
		}
		version := int64(1)
		if now != nil {
			version = 5
			if string(now.Body) != c.body || now.Version != 4 {
				t.Errorf("%s: what stood there was changed", name)
			}
		}
		if err != nil || string(got.Body) != c.want || got.Version != version {
			t.Errorf("%s: %s version %d, %v; want %s version %d", name, got.Body, got.Version, err, c.want, version)
		}
	}
}

func TestCheckBatchKeepsTheLast(t *testing.T) {
	item := func(sk, body string) table.Item {
		return table.Item{Key: table.Key{PK: "a", SK: sk}, Body: json.RawMessage(body)}
	}
	got, sizes, err := table.CheckBatch([]table.Item{item("1", `{"n":1}`), item("2", `{}`), item("1", `{"n":333333}`)})
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]table.Item{item("1", `{"n":333333}`), item("2", `{}`)}, got); d != "" {
		t.Error(d)
	}
	if want, _ := got[0].Check(); len(sizes) != 2 || sizes[0] != want {
		t.Errorf("sizes %v; want %d first", sizes, want)
	}
}

func TestMeterCountsHalves(t *testing.T) {
	var m table.Meter
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() { m.Charge(table.Units{Read: 0.5, Write: 2}) })
	}
	group.Wait()
	if got := m.Units(); got != (table.Units{Read: 10, Write: 40}) {
		t.Errorf("%+v", got)
	}
	for bytes, want := range map[int][2]float64{0: {1, 1}, 1: {1, 1}, 1024: {1, 1}, 1025: {1, 2}, 4096: {1, 4}, 4097: {2, 5}} {
		if r, w := table.ReadUnits(bytes), table.WriteUnits(bytes); r != want[0] || w != want[1] {
			t.Errorf("%d bytes: %v read, %v written; want %v", bytes, r, w, want)
		}
	}
}

// pages answers a query with one page after another.
type pages struct {
	table.Table
	list []table.Page
	err  error
	seen []string
}

func (p *pages) Query(_ context.Context, q table.Query) (table.Page, error) {
	p.seen = append(p.seen, q.Cursor)
	if len(p.list) == 0 {
		return table.Page{}, p.err
	}
	page := p.list[0]
	p.list = p.list[1:]
	return page, nil
}

func TestAllFollowsEveryCursor(t *testing.T) {
	one := func(sk string) table.Item { return table.Item{Key: table.Key{PK: "a", SK: sk}} }
	source := func() *pages {
		return &pages{list: []table.Page{
			{Items: []table.Item{one("1"), one("2")}, Cursor: "c1"},
			{Cursor: "c2"}, // an empty page is not the end
			{Items: []table.Item{one("3")}},
		}}
	}
	read := func(p *pages, stop string) (string, error) {
		var got []string
		err := table.All(t.Context(), p, table.Query{PK: "a"}, func(i table.Item) error {
			got = append(got, i.SK)
			if i.SK == stop {
				return context.Canceled
			}
			return nil
		})
		return strings.Join(got, ""), err
	}
	p := source()
	if got, err := read(p, ""); got != "123" || err != nil || strings.Join(p.seen, ",") != ",c1,c2" {
		t.Errorf("%s, %v, cursors %q", got, err, p.seen)
	}
	p = source()
	if got, err := read(p, "2"); got != "12" || !errors.Is(err, context.Canceled) || len(p.seen) != 1 {
		t.Errorf("%s, %v after %d pages; want 12 and the error of the function", got, err, len(p.seen))
	}
	p = source()
	p.list, p.err = p.list[:1], table.ErrThrottled
	if got, err := read(p, ""); got != "12" || !errors.Is(err, table.ErrThrottled) {
		t.Errorf("%s, %v; want 12 and the error of the engine", got, err)
	}
}
