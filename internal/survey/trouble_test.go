package survey

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"liaison/internal/table"
)

// deaths runs act with a process that dies at each write, before it and after it, and then again with one that lives.
func deaths(t *testing.T, prepare func(w *world) string, act func(w *world, id string) (string, error), check func(t *testing.T, w *world, a *Answer)) {
	t.Helper()
	for _, after := range []bool{false, true} {
		for n := range 60 {
			w := newWorld(t, 0)
			id := ""
			if prepare != nil {
				id = prepare(w)
			}
			w.table.left, w.table.after = n, after
			_, err := act(w, id)
			if err != nil && !errors.Is(err, errDied) {
				t.Fatalf("death %d: %v", n, err)
			}
			died := err != nil
			w.table.left = -1
			id, err = act(w, id)
			if err != nil {
				t.Fatalf("after death %d: %v", n, err)
			}
			check(t, w, w.sound(t, id))
			if t.Failed() {
				t.Fatalf("death at write %d, after=%v", n, after)
			}
			if !died {
				t.Logf("%d deaths", n)
				break
			}
		}
	}
}

func TestSubmitSurvivesDeath(t *testing.T) {
	deaths(t, nil, func(w *world, _ string) (string, error) {
		a, err := w.Submit(ctx, submission("key", 30))
		if err != nil {
			return "", err
		}
		return a.ID, nil
	}, func(t *testing.T, w *world, a *Answer) {
		if a.Pending != 30 || len(w.mails) != 1 {
			t.Errorf("%d rows, %d mails", a.Pending, len(w.mails))
		}
	})
}

func TestChangeSurvivesDeath(t *testing.T) {
	deaths(t, func(w *world) string {
		in := submission("key", 3)
		in.List = &Listed{Name: "l.csv", Entries: []Entry{org(10), org(11)}, Lines: []int{2, 3}}
		a, err := w.Submit(ctx, in)
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}, func(w *world, id string) (string, error) {
		_, err := w.Change(ctx, id, Change{Revision: 1, Language: "en", Respondent: Respondent{Name: "Ana", Country: "PE"}, WithdrawLists: true,
			Rows: []Edited{{0, org(0)}, {1, org(20)}, {-1, org(21)}}, List: &Listed{Name: "m.csv", Entries: []Entry{org(22)}, Lines: []int{2}}})
		return id, err
	}, func(t *testing.T, w *world, a *Answer) {
		rows, _, err := w.Page(ctx, a, 0, 100)
		got := ""
		for _, r := range rows {
			got += fmt.Sprintf("%d:%s ", r.Index, r.Entry.(*Organisation).Name)
		}
		if want := "0:Org 0 1:Org 20 5:Org 21 6:Org 22 "; err != nil || got != want || a.Revision != 2 {
			t.Errorf("%s, want %s; revision %d %v", got, want, a.Revision, err)
		}
	})
}

func TestAcceptSurvivesDeath(t *testing.T) {
	deaths(t, func(w *world) string {
		a, err := w.Submit(ctx, submission("key", 30))
		if err != nil {
			t.Fatal(err)
		}
		return a.ID
	}, func(w *world, id string) (string, error) {
		_, err := w.Decide(ctx, "eva@example.org", id, Accept, AllRows)
		return id, err
	}, func(t *testing.T, w *world, a *Answer) {
		if a.Accepted != 30 || len(w.taken) != 30 {
			t.Errorf("%d accepted, %d effects", a.Accepted, len(w.taken))
		}
	})
}

// Many do the same, and different things, at once: one answer, exact counts, each effect once.
func TestAtOnce(t *testing.T) {
	w := newWorld(t, 0)
	var wg sync.WaitGroup
	ids := make(chan string, 20)
	for range 8 {
		wg.Go(func() {
			if a, err := w.Submit(ctx, submission("key", 40)); err == nil {
				ids <- a.ID
			} else {
				t.Errorf("submit: %v", err)
			}
		})
	}
	wg.Wait()
	id := <-ids
	for len(ids) > 0 {
		if other := <-ids; other != id {
			t.Errorf("two answers: %s %s", id, other)
		}
	}
	changed := 0
	for n := range 3 {
		wg.Go(func() {
			if _, err := w.Decide(ctx, "eva@example.org", id, Accept, AllRows); err != nil && !errors.Is(err, table.ErrThrottled) {
				t.Errorf("decide: %v", err)
			}
		})
		wg.Go(func() {
			in := submission("", 40)
			rows := []Edited{}
			for i, e := range in.Typed {
				rows = append(rows, Edited{i, e})
			}
			rows[39].Entry = org(100 + n)
			_, err := w.Change(ctx, id, Change{Revision: 1, Rows: rows})
			var stale *Stale
			var locked *Locked
			if err == nil {
				w.mu.Lock()
				changed++
				w.mu.Unlock()
			} else if !errors.As(err, &stale) && !errors.As(err, &locked) && !errors.Is(err, table.ErrThrottled) {
				t.Errorf("change: %v", err)
			}
		})
	}
	wg.Wait()
	if _, err := w.Decide(ctx, "eva@example.org", id, Accept, AllRows); err != nil {
		t.Error(err)
	}
	a := w.sound(t, id)
	if a.Accepted != 40 || len(w.taken) != 40 || changed > 1 {
		t.Errorf("%d accepted, %d effects, %d changes", a.Accepted, len(w.taken), changed)
	}
	if r, err := w.Row(ctx, a, 39); err != nil || r.Entry.(*Organisation).Name != w.taken[r.ID()].Name {
		t.Errorf("what was accepted is not what stands there: %+v, %v", w.taken[a.ID+"-39"], err)
	}
}
