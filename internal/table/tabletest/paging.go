package tabletest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"liaison/internal/table"
)

var paging = []check{
	{"pages follow one another without gap or repeat", pagesFollow},
	{"a page ends at a megabyte", pageBytes},
	{"pages of expired items lead on", pagesExpired},
	{"a cursor stands while others write", cursorStands},
	{"a cursor of another query is refused", cursorForeign},
	{"a forged cursor is refused", cursorForged},
}

// sowIndexed puts n items into one partition and, in the opposite order, into both indexes.
func (s *suite) sowIndexed(n int) {
	s.Helper()
	items := make([]table.Item, n)
	for i := range items {
		items[i] = item(key("p", fmt.Sprintf("%04d", i)), fmt.Sprintf(`{"i":%d}`, i))
		items[i].Index1 = key("p1", fmt.Sprintf("%04d", n-i))
		items[i].Index2 = key("p2", fmt.Sprintf("%04d", (n-i)/3)) // three share a key
	}
	if err := s.BatchPut(s.ctx(), items); err != nil {
		s.Fatal(err)
	}
	for index := 1; index <= 2; index++ {
		s.eventually(func() error {
			got, err := s.all(table.Query{Index: index, PK: fmt.Sprint("p", index)})
			if err == nil && len(got) != n {
				err = fmt.Errorf("index %d shows %d of %d", index, len(got), n)
			}
			return err
		})
	}
}

func partition(index int) string { return []string{"p", "p1", "p2"}[index] }

func pagesFollow(s *suite) {
	const n = 57
	s.sowIndexed(n)
	for index := range 3 {
		for _, reverse := range []bool{false, true} {
			for _, limit := range []int{1, 7, 19, n, n + 1, 0} {
				q := table.Query{Index: index, PK: partition(index), Limit: limit, Reverse: reverse}
				var seen []string
				for pages := 0; ; pages++ {
					page, err := s.Query(s.ctx(), q)
					if err != nil {
						s.Fatal(err)
					}
					if limit > 0 && len(page.Items) > limit {
						s.Fatalf("%d items on a page of %d", len(page.Items), limit)
					}
					for _, i := range page.Items {
						seen = append(seen, i.SK)
					}
					if q.Cursor = page.Cursor; q.Cursor == "" {
						break
					}
					if pages > n+1 {
						s.Fatal("the pages never end")
					}
				}
				sorted := slices.Clone(seen)
				slices.Sort(sorted)
				if len(seen) != n || len(slices.Compact(sorted)) != n {
					s.Errorf("index %d, limit %d, reverse %v: %d items, want %d, each once", index, limit, reverse, len(seen), n)
				}
			}
		}
	}
}

func pageBytes(s *suite) {
	const n = 9
	for i := range n {
		s.put(item(key("p", fmt.Sprint(i)), `{"a":"`+strings.Repeat("x", 300<<10)+`"}`), table.Absent)
	}
	page, err := s.Query(s.ctx(), table.Query{PK: "p"})
	if err != nil || len(page.Items) == 0 || len(page.Items) > 4 || page.Cursor == "" {
		s.Fatalf("%d items, cursor %q, %v; want at most a megabyte and a cursor", len(page.Items), page.Cursor, err)
	}
	s.finds(table.Query{PK: "p", Reverse: true}, "8", "7", "6", "5", "4", "3", "2", "1", "0")
}

func pagesExpired(s *suite) {
	for i := range 40 {
		it := item(key("p", fmt.Sprintf("%02d", i)), `{}`)
		if it.Expires = s.clock.now().Add(time.Minute); i == 37 {
			it.Expires = time.Time{}
		}
		s.put(it, table.Absent)
	}
	s.clock.advance(time.Minute)
	s.finds(table.Query{PK: "p", Limit: 5}, "37")
	s.finds(table.Query{PK: "p", Limit: 5, Reverse: true}, "37")
}

// cursorStands reads pages while items before, behind and between are put, changed and deleted: whatever stood the
// whole time is seen exactly once.
func cursorStands(s *suite) {
	const n = 60
	s.sowIndexed(n)
	for index := range 3 {
		seen := map[string]int{}
		q := table.Query{Index: index, PK: partition(index), Limit: 7}
		for round := 0; ; round++ {
			page, err := s.Query(s.ctx(), q)
			if err != nil {
				s.Fatal(err)
			}
			for _, i := range page.Items {
				seen[i.SK]++
			}
			if q.Cursor = page.Cursor; q.Cursor == "" {
				break
			}
			s.disturb(index, round, page)
		}
		for i := range n {
			sk := fmt.Sprintf("%04d", i)
			if _, err := s.Get(s.ctx(), key("p", sk)); err == nil && seen[sk] != 1 {
				s.Errorf("index %d: %s was seen %d times; want once", index, sk, seen[sk])
			}
		}
	}
}

// disturb puts new items around the place where the page ended, changes bodies on both sides of it, and deletes the
// very item that the cursor stands on.
func (s *suite) disturb(index, round int, page table.Page) {
	s.Helper()
	for _, sk := range []string{"0000", "0029", "0059"} {
		i := item(key("p", fmt.Sprintf("%s-new-%d-%d", sk, index, round)), `{}`)
		i.Index1, i.Index2 = key("p1", i.SK), key("p2", i.SK)
		s.put(i, table.Absent)
		if old, err := s.Get(s.ctx(), key("p", sk)); err == nil {
			old.Body = []byte(fmt.Sprintf(`{"round":%d}`, round))
			s.put(old, table.VersionIs(old.Version))
		}
	}
	last := page.Items[len(page.Items)-1]
	if err := s.Delete(s.ctx(), last.Key, table.Any); err != nil {
		s.Fatal(err)
	}
}

func cursorForeign(s *suite) {
	s.sowIndexed(30)
	home := table.Query{PK: "p", Limit: 5, From: "0003", To: "0020"}
	page, err := s.Query(s.ctx(), home)
	if err != nil || page.Cursor == "" {
		s.Fatalf("%v, %v", page, err)
	}
	for name, q := range map[string]table.Query{
		"another partition": {PK: "p2", From: "0003", To: "0020"},
		"another index":     {Index: 1, PK: "p", From: "0003", To: "0020"},
		"another range":     {PK: "p", From: "0004", To: "0020"},
		"no range":          {PK: "p"},
		"a prefix":          {PK: "p", Prefix: "00"},
		"the other way":     {PK: "p", From: "0003", To: "0020", Reverse: true},
	} {
		q.Cursor = page.Cursor
		_, err := s.Query(s.ctx(), q)
		s.refused(name, err)
	}
	home.Cursor, home.Limit = page.Cursor, 2 // only the limit may change
	next, err := s.Query(s.ctx(), home)
	if err != nil || len(next.Items) != 2 || next.Items[0].SK != "0008" {
		s.Errorf("%v, %v; want two items from 0008", next, err)
	}
}

func cursorForged(s *suite) {
	s.sowIndexed(10)
	q := table.Query{Index: 1, PK: "p1", Limit: 5}
	page, err := s.Query(s.ctx(), q)
	if err != nil {
		s.Fatal(err)
	}
	raw, err := base64.RawURLEncoding.DecodeString(page.Cursor)
	if err != nil {
		raw = []byte(page.Cursor)
	}
	forged := []string{"x", "=", "null", "{}", page.Cursor[1:], page.Cursor + "A", page.Cursor + page.Cursor, strings.Repeat("A", 100_000)}
	for n := range raw {
		changed := slices.Clone(raw)
		changed[n] ^= 1
		forged = append(forged, base64.RawURLEncoding.EncodeToString(changed), base64.RawURLEncoding.EncodeToString(raw[:n])+"")
	}
	for _, cursor := range forged {
		if cursor == "" {
			continue
		}
		q.Cursor = cursor
		_, err := s.Query(s.ctx(), q)
		s.refused(fmt.Sprintf("cursor %.40q", cursor), err)
	}
}
