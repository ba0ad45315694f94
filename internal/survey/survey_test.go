package survey

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"time"

	"liaison/internal/audit"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

var start = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

var errDied = errors.New("the process died")

// mortal is a table that dies at its n-th write: before it happens, or after it without an answer.
type mortal struct {
	table.Table
	mu    sync.Mutex // guards left; a table may be used by many at once
	left  int        // writes until then; negative never dies
	after bool
}

func (m *mortal) write(do func() error) error {
	m.mu.Lock()
	dies := m.left == 0
	if m.left > 0 {
		m.left--
	}
	m.mu.Unlock()
	if dies {
		if m.after {
			_ = do()
		}
		return errDied
	}
	return do()
}

func (m *mortal) Put(ctx context.Context, i table.Item, c table.Condition) (out table.Item, err error) {
	err = m.write(func() error { out, err = m.Table.Put(ctx, i, c); return err })
	return out, err
}
func (m *mortal) Delete(ctx context.Context, k table.Key, c table.Condition) error {
	return m.write(func() error { return m.Table.Delete(ctx, k, c) })
}
func (m *mortal) Transact(ctx context.Context, w ...table.Write) error {
	return m.write(func() error { return m.Table.Transact(ctx, w...) })
}
func (m *mortal) BatchPut(ctx context.Context, items []table.Item) error {
	return m.write(func() error { return m.Table.BatchPut(ctx, items) })
}

type world struct {
	*Surveys
	table *mortal
	now   time.Time
	mu    sync.Mutex
	ids   int
	mails map[string]mail.Message
	taken map[string]Organisation // effects, by row id
	fail  func(id string) error
}

func (w *world) AcceptOrganisation(_ context.Context, from Origin, o Organisation) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		if err := w.fail(from.ID); err != nil {
			return err
		}
	}
	if _, again := w.taken[from.ID]; !again {
		w.taken[from.ID] = o
	}
	return nil
}
func (w *world) AcceptEvent(context.Context, Origin, Event) error       { return nil }
func (w *world) AcceptQuestion(context.Context, Origin, Question) error { return nil }
func (w *world) SurveyReceipt(to mail.Address, _ people.Language, _, reference string, _ int, _ string, _ time.Time) mail.Message {
	return mail.Message{To: to, Content: mail.Content{Subject: reference}}
}
func (w *world) SurveyDraft(to mail.Address, _ people.Language, _, _ string, _ time.Time) mail.Message {
	return mail.Message{To: to}
}

func newWorld(t testing.TB, lag time.Duration) *world {
	t.Helper()
	w := &world{now: start, mails: map[string]mail.Message{}, taken: map[string]Organisation{}}
	db, err := sqlite.Options{Now: func() time.Time { return w.now }, Lag: func() time.Duration { return lag }}.Open(":memory:", "records")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.table = &mortal{Table: db.Table("records"), left: -1}
	p := &programme.Programme{Default: "en", Languages: []people.Language{"en"}, BaseURL: "http://127.0.0.1", Surveys: map[string]programme.Survey{}}
	for _, s := range programme.Surveys {
		p.Surveys[s] = programme.Survey{Opens: start.Add(-time.Hour), Closes: start.Add(time.Hour)}
	}
	now := func() time.Time { return w.now }
	id := func() string { w.mu.Lock(); defer w.mu.Unlock(); w.ids++; return fmt.Sprintf("id-%d", w.ids) }
	links, err := link.New(p.BaseURL, now, link.Key{1})
	if err != nil {
		t.Fatal(err)
	}
	w.Surveys = &Surveys{Table: w.table, Programme: p, Links: links, Mails: w, Accept: w, Now: now, NewID: id, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Audit: &audit.Log{Table: w.table, Now: now, NewID: id},
		Post: func(_ context.Context, id string, m mail.Message) error {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.mails[id] = m
			return nil
		}}
	return w
}

func org(n int) Entry {
	return &Organisation{Name: fmt.Sprintf("Org %d", n), Email: people.EmailAddress(fmt.Sprintf("o%d@example.org", n))}
}

func submission(key string, rows int) Submission {
	in := Submission{Survey: programme.Subscribers, Language: "en", Respondent: Respondent{Name: "Ana", Country: "PE", Email: "ana@example.org"}, Key: key}
	for i := range rows {
		in.Typed = append(in.Typed, org(i))
	}
	return in
}

var ctx = context.Background()

// sound holds after whatever happened: counts are exact, and every row that counts can be read.
func (w *world) sound(t *testing.T, id string) *Answer {
	t.Helper()
	w.table.left = -1
	a, err := w.Answer(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	got := map[State]int{}
	if err := w.each(ctx, a, 0, func(r *Row) error { got[r.State]++; return nil }); err != nil {
		t.Fatal(err)
	}
	if got[Pending]+got[Accepting] != a.Pending || got[Accepted] != a.Accepted || got[Rejected] != a.Rejected {
		t.Errorf("rows %v, the answer counts %d %d %d", got, a.Pending, a.Accepted, a.Rejected)
	}
	var sum Tally
	all, err := w.Tallies(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range all {
		sum.Pending, sum.Accepted, sum.Rejected, sum.Answers = sum.Pending+x.Pending, sum.Accepted+x.Accepted, sum.Rejected+x.Rejected, sum.Answers+x.Answers
	}
	if sum.Pending != a.Pending || sum.Accepted != a.Accepted || sum.Rejected != a.Rejected || sum.Answers != 1 {
		t.Errorf("tally %+v, the only answer counts %d %d %d", sum, a.Pending, a.Accepted, a.Rejected)
	}
	queued, _, err := w.Candidates(ctx, Filter{}, 1000, "")
	if err != nil || len(queued) != a.Standing() {
		t.Errorf("%d candidates of %d rows, %v", len(queued), a.Standing(), err)
	}
	return a
}

func TestDecisions(t *testing.T) {
	w := newWorld(t, 0)
	a, err := w.Submit(ctx, submission("key", 3))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		d     Decision
		index int
		want  error
		state State
	}{
		{Accept, 0, nil, Accepted}, {Accept, 0, nil, Accepted}, {Reject, 0, ErrAccepted, Accepted},
		{Reject, 1, nil, Rejected}, {Reject, 1, nil, Rejected}, {Accept, 1, nil, Accepted},
		{Accept, 3, table.ErrNotFound, ""}, {Accept, -5, table.ErrNotFound, ""},
	} {
		_, err := w.Decide(ctx, "eva@example.org", a.ID, c.d, c.index)
		if !errors.Is(err, c.want) {
			t.Errorf("%s %d: %v, want %v", c.d, c.index, err, c.want)
		}
		if r, err := w.Row(ctx, w.sound(t, a.ID), c.index); c.state != "" && (err != nil || r.State != c.state) {
			t.Errorf("%s %d: %v %v", c.d, c.index, r, err)
		}
	}
	w.fail = func(string) error { return errors.New("no room") }
	if _, err := w.Decide(ctx, "eva@example.org", a.ID, Accept, 2); err == nil {
		t.Error("a failing effect is told")
	}
	_, err = w.Change(ctx, a.ID, Change{Revision: 1, Rows: []Edited{{0, org(0)}, {1, org(1)}, {2, org(99)}}})
	var locked *Locked
	if !errors.As(err, &locked) || len(locked.Decided) != 1 {
		t.Errorf("a row that is being accepted is locked: %v", err)
	}
	w.fail = nil
	if out, err := w.Decide(ctx, "eva@example.org", a.ID, Accept, AllRows); err != nil || out.Decided != 1 || out.Waiting != 0 {
		t.Errorf("%+v %v", out, err)
	}
	if got := w.taken[a.ID+"-2"]; got.Name != "Org 2" {
		t.Errorf("%+v", got)
	}
	entries, _, err := w.Audit.Month(ctx, w.now, 100, "")
	if err != nil || len(entries) != 4 {
		t.Errorf("%d entries in the record, %v: %+v", len(entries), err, entries)
	}
}

// Indexes that lag show less, or in an old order, but never a wrong state.
func TestLaggingIndexes(t *testing.T) {
	w := newWorld(t, time.Minute)
	a, err := w.Submit(ctx, submission("key", 2))
	if err != nil {
		t.Fatal(err)
	}
	if c, _, _ := w.Candidates(ctx, Filter{}, 10, ""); len(c) != 0 {
		t.Fatalf("the index does not lag: %d", len(c))
	}
	if rows, _, _ := w.Page(ctx, a, 0, 10); len(rows) != 2 {
		t.Errorf("%d rows on the answer's own page", len(rows))
	}
	w.now = w.now.Add(2 * time.Minute)
	if _, err := w.Decide(ctx, "eva@example.org", a.ID, Accept, 0); err != nil {
		t.Fatal(err)
	}
	c, _, err := w.Candidates(ctx, Filter{State: Pending}, 10, "")
	if err != nil || len(c) != 1 || c[0].Index != 1 {
		t.Errorf("an accepted row stands among those that wait: %v %v", c, err)
	}
}

func TestPagesOfCandidates(t *testing.T) {
	w := newWorld(t, 0)
	for n := range 5 {
		w.now = w.now.Add(time.Second)
		in := submission(fmt.Sprint(n), 7)
		in.Suspicion = map[int]string{2: "trap"}[n]
		if _, err := w.Submit(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	q := Submission{Survey: programme.Questions, Key: "q", Typed: []Entry{&Question{Question: "Who?"}}}
	if _, err := w.Submit(ctx, q); err != nil {
		t.Fatal(err)
	}
	seen, pages := map[string]bool{}, 0
	for cursor := ""; ; pages++ {
		list, next, err := w.Candidates(ctx, Filter{}, 4, cursor)
		if err != nil || len(list) > 4 {
			t.Fatal(len(list), err)
		}
		for _, c := range list {
			if seen[c.ID()] || c.Of.Quarantine != "" {
				t.Errorf("%s twice, or from quarantine", c.ID())
			}
			seen[c.ID()] = true
		}
		if cursor = next; next == "" {
			break
		}
	}
	if len(seen) != 4*7+1 {
		t.Errorf("%d candidates on %d pages", len(seen), pages)
	}
	if _, _, err := w.Candidates(ctx, Filter{}, 4, "99.x"); !errors.Is(err, table.ErrInvalid) {
		t.Errorf("a made-up cursor: %v", err)
	}
	a, _, err := w.Answers(ctx, programme.Subscribers, Open, 1, "")
	if err != nil || len(a) != 1 {
		t.Fatal(a, err)
	}
	rows, _, _ := w.Page(ctx, &a[0], 0, 2)
	same, err := w.Elsewhere(ctx, &a[0], rows)
	if err != nil || len(same[0]) == 0 || len(same[1]) == 0 {
		t.Errorf("the same organisation in other answers: %v %v", same, err)
	}
	found, err := w.Referenced(ctx, " "+a[0].Reference[:3]+"–"+a[0].Reference[4:7]+a[0].Reference[8:]+" ")
	if err != nil || found.ID != a[0].ID {
		t.Errorf("by reference: %v %v", found, err)
	}
}

func TestDrafts(t *testing.T) {
	w := newWorld(t, 0)
	big := make([]byte, 3<<20)
	for i := range big {
		big[i] = byte(i * i >> 7)
	}
	until := w.now.Add(time.Hour)
	for _, data := range [][]byte{big, []byte("{}"), nil} {
		if err := w.SaveDraft(ctx, Draft{ID: "d", Survey: "x", Data: data}, until); err != nil {
			t.Fatal(err)
		}
		d, err := w.OpenDraft(ctx, w.DraftToken("d", until))
		if err != nil || string(d.Data) != string(data) {
			t.Fatalf("%d bytes come back as %d: %v", len(data), len(d.Data), err)
		}
	}
	w.now = until
	if _, err := w.Draft(ctx, "d"); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("an expired draft: %v", err)
	}
}

// An answer is counted when it is recorded, not when it comes again.
func TestAnswersAreCounted(t *testing.T) {
	w := newWorld(t, 0)
	heard := metric.Counts{}
	w.Meter = func(_ context.Context, c metric.Counts) { heard[metric.Answers] += c[metric.Answers] }
	for _, key := range []string{"one", "one", "two"} {
		if _, err := w.Submit(ctx, submission(key, 2)); err != nil {
			t.Fatal(err)
		}
	}
	if heard[metric.Answers] != 2 {
		t.Errorf("heard %v", heard)
	}
}
