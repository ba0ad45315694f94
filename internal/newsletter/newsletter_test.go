package newsletter

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

const who = "editor@example.org"

var ctx = context.Background()

// world is a newsletter whose press prints plainly and whose distributor remembers.
type world struct {
	*Store
	*Office
	*Editorial
	*outside
	now time.Time
	lag time.Duration
}

// outside is everything that an office needs and is not.
type outside struct {
	runs    map[string]*Run
	started int
	states  map[string]State
	fail    error                  // of the distributor's next calls
	press   func(e *Edition) error // before each letter
	grown   int                    // bytes of each letter, since it was saved
	posted  map[string]mail.Message
	acts    []string
	mu      sync.Mutex
}

func newWorld(t testing.TB) *world {
	t.Helper()
	out := &outside{runs: map[string]*Run{}, states: map[string]State{}, posted: map[string]mail.Message{}}
	w := &world{outside: out, now: time.Date(2027, 5, 1, 9, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return w.now }
	db, err := sqlite.Options{Now: clock, Lag: func() time.Duration { return w.lag }}.Open(":memory:", "records")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	p := &programme.Programme{Languages: []people.Language{"en", "fr", "ru"}, Default: "en"}
	w.Store = &Store{Table: db.Table("records")}
	w.Office = &Office{Store: w.Store, Programme: p, Distributor: &distributor{outside: out, now: clock}, Audit: out, Now: clock}
	w.Editorial = &Editorial{Store: w.Store, Programme: p, Press: out, Trials: out, Audit: out, Now: clock,
		Post: func(_ context.Context, id string, m mail.Message) error { w.posted[id] = m; return nil }}
	return w
}

// Tick is the minute of press and clock.
func (w *world) Tick(ctx context.Context) error {
	return errors.Join(w.Editorial.Tick(ctx), w.Office.Tick(ctx))
}

func (w *outside) Letter(i *Issue, e *Edition, date time.Time, f Format) (*Letter, error) {
	if w.press != nil {
		if err := w.press(e); err != nil {
			return nil, err
		}
	}
	text := fmt.Sprintf("%d %s %s %s: %s", i.Number, e.Language, f, date.Format(time.DateOnly), e.Body)
	html := "<p>" + text + strings.Repeat("<a>", len(i.Editions)) + strings.Repeat(" ", w.grown)
	return &Letter{Content: mail.Content{Subject: e.Title, Text: text, HTML: html}, Headers: []mail.Header{{Name: "List-Id", Value: "<x>"}}}, nil
}

func (w *outside) Paper(i *Issue, e *Edition, _ time.Time) ([]byte, error) {
	return bytes.Repeat([]byte(e.Title), 450_000/len(e.Title)), nil
}

func (w *outside) Page(i *Issue, e *Edition) (*Page, error) {
	return &Page{HTML: Markup("<p>" + e.Body), Lead: e.Body, Contents: []Headline{{"part-1", e.Title}}}, nil
}

func (w *outside) Trial(l *Letter, to programme.Desk) mail.Message {
	return mail.Message{To: mail.Address{Mail: to.Email}, Content: l.Content}
}
func (w *outside) Record(_ context.Context, who, act, subject, detail string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.acts = append(w.acts, who+" "+act+" "+subject)
	return nil
}

// distributor remembers what it was given.
type distributor struct {
	*outside
	now   func() time.Time
	ended time.Time
}

func (w *distributor) Start(_ context.Context, r Run) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.fail != nil {
		return w.fail
	}
	if w.runs[r.ID] == nil {
		w.runs[r.ID], w.states[r.ID] = &r, Sending
		w.started++
	}
	return nil
}
func (w *distributor) set(run string, to State) error {
	if w.states[run] == Finished {
		return ErrState
	}
	w.states[run] = to
	return nil
}
func (w *distributor) Pause(_ context.Context, run string) error  { return w.set(run, Paused) }
func (w *distributor) Resume(_ context.Context, run string) error { return w.set(run, Sending) }
func (w *distributor) Cancel(_ context.Context, run string) error { return w.set(run, Cancelled) }
func (w *distributor) Progress(_ context.Context, run string) (*Progress, error) {
	if w.runs[run] == nil {
		return nil, ErrNotFound
	}
	if w.states[run] == Finished && w.ended.IsZero() {
		w.ended = w.now()
	}
	return &Progress{State: w.states[run], Counts: Counts{Planned: 10, Sent: 9}, Ended: w.ended}, nil
}

// issue makes issue n with the editions, titled by their language.
func (w *world) issue(t testing.TB, n int, kind Kind, langs ...people.Language) {
	t.Helper()
	if _, err := w.Create(ctx, who, n, kind, "Issue"); err != nil {
		t.Fatal(err)
	}
	for _, l := range langs {
		if _, err := w.Save(ctx, who, n, l, 0, "Title "+string(l), "Body "+string(l)); err != nil {
			t.Fatal(err)
		}
	}
}

func is(t testing.TB, got, want error) {
	t.Helper()
	if !errors.Is(got, want) {
		t.Fatalf("error %v, want %v", got, want)
	}
}

func (w *world) state(t testing.TB, n int) State {
	t.Helper()
	i, err := w.Issue(ctx, n)
	is(t, err, nil)
	p, err := w.Office.Progress(ctx, i)
	is(t, err, nil)
	return p.State
}

func TestNumbersAreUnique(t *testing.T) {
	w := newWorld(t)
	first, err := w.Create(ctx, who, 0, Newsletter, " The long\nroad ")
	is(t, err, nil)
	if first.Title != "The long road" || first.State != Draft {
		t.Errorf("%+v", first)
	}
	_, err = w.Create(ctx, who, 0, Newsletter, "The long road") // a double submit
	is(t, err, nil)
	_, err = w.Create(ctx, "other@example.org", 0, Newsletter, "The long road")
	is(t, err, ErrTaken)
	_, err = w.Create(ctx, who, 0, Leaflet, "Leaflet")
	is(t, err, ErrTaken)
	for _, bad := range []int{-1, 10_000} {
		_, err = w.Create(ctx, who, bad, Newsletter, "x")
		is(t, err, ErrInvalid)
	}
	_, err = w.Create(ctx, who, 5, "poster", "x")
	is(t, err, ErrInvalid)
	if len(w.acts) != 1 {
		t.Errorf("audit %q", w.acts)
	}
	var wg sync.WaitGroup
	won := make(chan string, 8)
	for k := range 8 {
		wg.Go(func() {
			if _, err := w.Create(ctx, fmt.Sprint(k), 7, Newsletter, "x"); err == nil {
				won <- fmt.Sprint(k)
			}
		})
	}
	wg.Wait()
	if len(won) != 1 {
		t.Errorf("%d people made issue 7", len(won))
	}
}

func TestTwoEditorsLoseNothing(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	one, err := w.Save(ctx, "ann@example.org", 1, "en", 1, "Title en", "Ann's text")
	is(t, err, nil)
	if one.Version != 2 {
		t.Errorf("version %d", one.Version)
	}
	_, err = w.Save(ctx, "bob@example.org", 1, "en", 1, "Title en", "Bob's text")
	var stale *ErrStale
	if !errors.As(err, &stale) || stale.Current.Body != "Ann's text" || stale.Current.By != "ann@example.org" {
		t.Fatalf("Bob is shown what stands there: %v", err)
	}
	same, err := w.Save(ctx, "ann@example.org", 1, "en", 1, "Title en", "Ann's text") // a double submit
	is(t, err, nil)
	if same.Version != 2 {
		t.Errorf("the same words made version %d", same.Version)
	}
	_, err = w.Save(ctx, "bob@example.org", 1, "en", AnyVersion, "Title en", "Bob's text")
	is(t, err, nil)
	history, err := w.History(ctx, 1, "en", 10)
	is(t, err, nil)
	if len(history) != 3 || history[0].Body != "Bob's text" || history[1].Body != "Ann's text" || history[2].Body != "Body en" {
		t.Errorf("history %v", history)
	}
	i, _ := w.Issue(ctx, 1)
	if got := i.Editions["en"]; got.Version != 3 || got.By != "bob@example.org" {
		t.Errorf("summary %+v", got)
	}
}

func TestSaveRefuses(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter)
	for _, c := range []struct {
		lang        people.Language
		title, body string
		want        error
	}{
		{"de", "t", "b", ErrInvalid}, {"en", " \n", "b", ErrBlank}, {"en", "t", "\u200b \n", ErrBlank},
		{"en", string(bytes.Repeat([]byte("x"), MaxTitle+1)), "b", ErrInvalid}, {"en", "t", string(bytes.Repeat([]byte("x"), MaxBody+1)), ErrInvalid},
	} {
		_, err := w.Save(ctx, who, 1, c.lang, 0, c.title, c.body)
		is(t, err, c.want)
	}
	w.grown = MaxHTML - 30 // too large with the names of all languages
	_, err := w.Save(ctx, who, 1, "en", 0, "t", "b")
	var large *ErrTooLarge
	if !errors.As(err, &large) || large.Bytes <= large.Limit {
		t.Errorf("a letter that would be cut off: %v", err)
	}
	w.grown = 0
	for name, p := range map[string]Press{"text": told{w.outside, strings.Repeat("x", MaxHTML+1), ""}, "kept text": told{w.outside, strings.Repeat("<", MaxHTML-100), ""}, "page": told{w.outside, "", Markup(strings.Repeat("<", 80_000))}} {
		w.Press = p
		if _, err := w.Save(ctx, who, 1, "en", 0, "t", "b"); !errors.As(err, &large) || large.Bytes <= large.Limit {
			t.Errorf("%s that cannot be frozen: %v", name, err)
		}
	}
	w.Press = jammed{w.outside}
	if _, err = w.Save(ctx, who, 1, "en", 0, "t", "b"); !errors.Is(err, errJam) {
		t.Errorf("an edition that cannot be printed: %v", err)
	}
	_, err = w.Save(ctx, who, 2, "en", 0, "t", "b")
	is(t, err, ErrNotFound)
	if e, err := w.Edition(ctx, 1, "en"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v was written", e)
	}
}

func TestSchedule(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "fr")
	_, err := w.Schedule(ctx, who, 1, w.now.Add(time.Hour))
	is(t, err, ErrNoEdition)
	_, err = w.Save(ctx, who, 1, "en", 0, "t", "b")
	is(t, err, nil)
	_, err = w.Schedule(ctx, who, 1, w.now.Add(-61*time.Second))
	is(t, err, ErrPast)
	_, err = w.Schedule(ctx, who, 1, w.now.AddDate(3, 0, 0))
	is(t, err, ErrFar)
	_, err = w.Schedule(ctx, who, 1, w.now.Add(-59*time.Second))
	is(t, err, nil)
	before := len(w.acts)
	_, err = w.Schedule(ctx, who, 1, w.now.Add(-59*time.Second))
	is(t, err, nil)
	if len(w.acts) != before {
		t.Error("the same schedule twice is one act")
	}
	at := w.now.Add(time.Hour)
	i, err := w.Schedule(ctx, who, 1, at)
	is(t, err, nil)
	if i.State != Scheduled || !i.ScheduledAt.Equal(at) {
		t.Errorf("%+v", i)
	}
}

func TestBeforeTheStart(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Pause(ctx, who, 1)
	is(t, err, ErrState)
	_, err = w.Schedule(ctx, who, 1, w.now.Add(time.Hour))
	is(t, err, nil)
	for range 2 { // twice is no error
		_, err = w.Pause(ctx, who, 1)
		is(t, err, nil)
	}
	w.now = w.now.Add(2 * time.Hour)
	is(t, w.Tick(ctx), nil)
	if w.started != 0 || w.state(t, 1) != Paused {
		t.Fatal("a paused issue started")
	}
	_, err = w.Resume(ctx, who, 1)
	is(t, err, nil)
	_, err = w.Cancel(ctx, who, 1)
	is(t, err, nil)
	is(t, w.Tick(ctx), nil)
	if w.started != 0 || w.state(t, 1) != Cancelled {
		t.Fatal("a cancelled issue started")
	}
	_, err = w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	is(t, w.Tick(ctx), nil)
	if w.started != 1 || w.state(t, 1) != Sending {
		t.Fatal("nothing was sent, so it may be scheduled anew")
	}
}

func TestAfterTheStart(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Leaflet, "en", "ru")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	is(t, w.Tick(ctx), nil)
	run := w.runs["issue-1"]
	if run == nil || run.Kind != Leaflet || fmt.Sprint(run.Editions) != "[en ru]" || !run.Latest.Equal(run.Due.Add(24*time.Hour)) || run.Default != "en" {
		t.Fatalf("run %+v", run)
	}
	_, err = w.Save(ctx, who, 1, "en", 1, "t", "other words")
	is(t, err, ErrStarted)
	_, err = w.Schedule(ctx, who, 1, w.now.Add(time.Hour))
	is(t, err, ErrStarted)
	before := len(w.acts)
	for range 2 {
		_, err = w.Pause(ctx, who, 1)
		is(t, err, nil)
	}
	if w.state(t, 1) != Paused || len(w.acts) != before+1 {
		t.Errorf("state %s, acts %v", w.state(t, 1), w.acts[before:])
	}
	w.states["issue-1"] = Finished
	_, err = w.Cancel(ctx, who, 1)
	is(t, err, ErrState)
	public, err := w.Published(ctx, 0)
	is(t, err, nil)
	if len(public) != 0 {
		t.Error("a leaflet is public")
	}
}

func TestFrozenLettersAreWhatStoodAtTheStart(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 3, Newsletter, "en", "fr")
	_, err := w.Schedule(ctx, who, 3, w.now.Add(time.Hour))
	is(t, err, nil)
	_, err = w.Save(ctx, who, 3, "fr", 1, "Titre", "Dernière correction") // allowed until the start
	is(t, err, nil)
	w.now = w.now.Add(time.Hour)
	w.grown = MaxHTML + sinceSaved // by what the programme says of itself; mended below
	if w.Tick(ctx) == nil || w.state(t, 3) != Draft {
		t.Fatal("a letter that would be cut off went out")
	}
	w.grown = MaxHTML // the other editions, a longer date
	_, err = w.Schedule(ctx, who, 3, w.now)
	is(t, err, nil)
	is(t, w.Tick(ctx), nil)
	v := w.runs["issue-3"].Version
	for _, f := range Formats {
		l, err := w.Store.Letter(ctx, 3, v, "fr", f)
		is(t, err, nil)
		if want := fmt.Sprintf("3 fr %s 2027-05-01: Dernière correction", f); l.Content.Text != want || len(l.Headers) != 1 {
			t.Errorf("%s: %+v", f, l)
		}
		if (len(l.Content.Attachments) == 1) != (f == PDF) {
			t.Errorf("%s: %d attachments", f, len(l.Content.Attachments))
		}
	}
	paper, err := w.Store.Paper(ctx, 3, v, "fr")
	is(t, err, nil)
	if want, _ := w.Press.Paper(nil, &Edition{Summary: Summary{Title: "Titre"}}, w.now); !bytes.Equal(paper, want) {
		t.Errorf("a PDF of %d bytes came back as %d", len(want), len(paper))
	}
	page, err := w.Store.Page(ctx, 3, v, "fr")
	is(t, err, nil)
	if page.HTML != "<p>Dernière correction" || page.Lead == "" || page.Contents[0] != (Headline{"part-1", "Titre"}) {
		t.Errorf("the page is %+v", page)
	}
	_, err = w.Store.Page(ctx, 3, v, "ru")
	is(t, err, ErrGone)
	_, err = w.Store.Letter(ctx, 3, "v0", "fr", HTML)
	is(t, err, ErrGone)
	_, err = w.Store.Paper(ctx, 3, v, "ru")
	is(t, err, ErrGone)
	public, err := w.Published(ctx, 1)
	is(t, err, nil)
	if len(public) != 1 || public[0].Number != 3 {
		t.Errorf("public %v", public)
	}
}

// TestAnEditThatMeetsTheStart: the issue starts between an editor's reading and her writing. Either her words are in, or she is told.
func TestAnEditThatMeetsTheStart(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now.Add(time.Minute))
	is(t, err, nil)
	w.now = w.now.Add(time.Minute)
	once := sync.OnceFunc(func() {
		w.press = nil
		is(t, w.Tick(ctx), nil)
	})
	w.press = func(*Edition) error { once(); return nil }
	_, err = w.Save(ctx, who, 1, "en", 1, "t", "too late")
	is(t, err, ErrStarted)
	l, err := w.Store.Letter(ctx, 1, w.runs["issue-1"].Version, "en", HTML)
	is(t, err, nil)
	e, err := w.Edition(ctx, 1, "en")
	is(t, err, nil)
	if e.Body != "Body en" || !bytes.Contains([]byte(l.Content.Text), []byte(e.Body)) {
		t.Errorf("the web says %q, the letter %q", e.Body, l.Content.Text)
	}
}

// dying is a table that stops answering after some writes, as a process that dies does to the world.
type dying struct {
	table.Table
	left int
}

var errDead = errors.New("dead")

func (d *dying) Put(ctx context.Context, it table.Item, c table.Condition) (table.Item, error) {
	if d.left--; d.left < 0 {
		return it, errDead
	}
	return d.Table.Put(ctx, it, c)
}

// whole sees that the issue goes out once, and that everything of it is frozen, of one text.
func (w *world) whole(t *testing.T, when string) {
	t.Helper()
	if w.started != len(w.runs) || w.state(t, 1) != Sending {
		t.Fatalf("%s: %d distributions started %d times, state %s", when, len(w.runs), w.started, w.state(t, 1))
	}
	v := w.runs["issue-1"].Version
	for _, l := range []people.Language{"en", "fr"} {
		for _, f := range Formats {
			if got, err := w.Store.Letter(ctx, 1, v, l, f); err != nil || !strings.Contains(got.Content.Text, "Body "+string(l)) {
				t.Fatalf("%s: %s %s: %v %v", when, l, f, got, err)
			}
		}
		if p, err := w.Store.Page(ctx, 1, v, l); err != nil || p.HTML != Markup("<p>Body "+l) {
			t.Fatalf("%s: page %s: %v %v", when, l, p, err)
		}
	}
}

// Whoever dies, the press or the clock, and after whichever write, the next minute goes on where the last one stopped.
func TestAMinuteThatDiesIsContinued(t *testing.T) {
	for writes := 0; ; writes++ {
		w := newWorld(t)
		w.issue(t, 1, Newsletter, "en", "fr")
		_, err := w.Schedule(ctx, who, 1, w.now)
		is(t, err, nil)
		full := w.Store.Table
		w.Store.Table = &dying{full, writes}
		died := w.Tick(ctx)
		w.Store.Table = full
		if i, err := w.Issue(ctx, 1); err != nil || i.HandedOver && !i.Printed {
			t.Fatalf("died after %d writes: %+v, %v", writes, i, err)
		}
		w.now = w.now.Add(time.Minute)
		is(t, w.Tick(ctx), nil)
		is(t, w.Tick(ctx), nil)
		w.whole(t, fmt.Sprintf("died after %d writes", writes))
		if died == nil {
			if writes < 14 {
				t.Errorf("only %d writes", writes)
			}
			return
		}
	}
}

func TestTheIndexMayLag(t *testing.T) {
	w := newWorld(t)
	w.lag = 10 * time.Minute
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now.Add(time.Minute))
	is(t, err, nil)
	_, err = w.Schedule(ctx, who, 1, w.now.Add(5*time.Minute)) // moved: the index shows the first time for a while
	is(t, err, nil)
	for range 30 {
		w.now = w.now.Add(time.Minute)
		if err := w.Tick(ctx); err != nil {
			t.Fatal(err)
		}
		if i, _ := w.Issue(ctx, 1); i.Started() && i.StartedAt.Before(i.ScheduledAt) {
			t.Fatal("started early")
		}
	}
	if w.started != 1 {
		t.Errorf("started %d times", w.started)
	}
}

// Presses and clocks that work at once do no harm, whoever comes first.
func TestSeveralPressesAndClocks(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en", "fr")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	is(t, w.Office.Start(ctx, 1), nil)
	if w.started != 0 {
		t.Error("what is not printed was handed over")
	}
	for range 2 { // what the clocks did not see printed, they see the next time
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() { is(t, w.Print(ctx, 1), nil) })
			wg.Go(func() { is(t, w.Office.Start(ctx, 1), nil) })
		}
		wg.Wait()
	}
	w.whole(t, "at once")
	started := 0
	for _, a := range w.acts {
		if a == "programme issue.start issue/1" {
			started++
		}
	}
	if started != 1 {
		t.Errorf("recorded %d times", started)
	}
}

// jammed is a press without paper.
type jammed struct{ *outside }

var errJam = errors.New("no paper")

func (jammed) Paper(*Issue, *Edition, time.Time) ([]byte, error) { return nil, errJam }

// One press gives up while the other prints: whoever is first has decided, and nothing half printed goes out.
func TestAPressThatGivesUpBesideOneThatPrints(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	other := *w.Editorial
	other.Press = jammed{w.outside}
	once := sync.OnceFunc(func() {
		w.press = nil
		if other.Tick(ctx) == nil {
			t.Error("nobody is told")
		}
	})
	w.press = func(*Edition) error { once(); return nil }
	is(t, w.Tick(ctx), nil)
	if i, _ := w.Issue(ctx, 1); i.State != Draft || i.Printed || w.started != 0 {
		t.Errorf("%+v, started %d times", i, w.started)
	}
}

// newer is a press of the next release, which sets pages and letters otherwise.
type newer struct{ *outside }

func (newer) Page(*Issue, *Edition) (*Page, error) { return &Page{HTML: "<p>newer"}, nil }
func (newer) Letter(_ *Issue, _ *Edition, _ time.Time, f Format) (*Letter, error) {
	return &Letter{Content: mail.Content{Text: "newer " + string(f)}}, nil
}

// told is a press that makes this of any text.
type told struct {
	*outside
	text string
	page Markup
}

func (p told) Letter(*Issue, *Edition, time.Time, Format) (*Letter, error) {
	return &Letter{Content: mail.Content{Text: p.text, HTML: p.text}}, nil
}
func (p told) Page(*Issue, *Edition) (*Page, error) { return &Page{HTML: p.page}, nil }

// Two releases print one issue at once: what the first has frozen stays, in every form.
func TestTheFirstPressWins(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	other := *w.Editorial
	other.Press = newer{w.outside}
	once := sync.OnceFunc(func() { is(t, other.Print(ctx, 1), nil) })
	w.press = func(*Edition) error { once(); return nil }
	is(t, w.Tick(ctx), nil)
	v := w.runs["issue-1"].Version
	if p, err := w.Store.Page(ctx, 1, v, "en"); err != nil || p.HTML != "<p>newer" {
		t.Errorf("%+v %v", p, err)
	}
	if l, err := w.Store.Letter(ctx, 1, v, "en", HTML); err != nil || l.Content.Text != "newer html" {
		t.Errorf("%+v %v", l, err)
	}
}

// An issue that an older release has started has no page: it gets one, of the text that went out.
func TestOldIssuesGetPages(t *testing.T) {
	w := newWorld(t)
	for n, kind := range []Kind{Newsletter, Leaflet, Newsletter, Newsletter} {
		w.issue(t, n+1, kind, "en", "fr")
		if n == 3 {
			continue // still a draft
		}
		_, err := w.Schedule(ctx, who, n+1, w.now)
		is(t, err, nil)
	}
	is(t, w.Tick(ctx), nil)
	for n := range 2 { // as an older release leaves them
		_, err := w.change(ctx, n+1, func(i *Issue) (bool, error) { i.Printed = false; return true, nil })
		is(t, err, nil)
		for _, l := range []people.Language{"en", "fr"} {
			is(t, w.Table.Delete(ctx, pageKey(n+1, w.runs[fmt.Sprintf("issue-%d", n+1)].Version, l), table.Any), nil)
		}
	}
	full := w.Store.Table
	for writes := 0; ; writes++ { // it dies on the way, too
		w.Store.Table = &dying{full, writes}
		err := w.CatchUp(ctx)
		w.Store.Table = full
		if err == nil {
			break
		}
		is(t, err, errDead)
	}
	is(t, w.Tick(ctx), nil)
	w.whole(t, "caught up")
	if i, _ := w.Issue(ctx, 1); !i.Printed {
		t.Error("it is looked for again and again")
	}
	if _, err := w.Store.Page(ctx, 2, w.runs["issue-2"].Version, "en"); !errors.Is(err, ErrGone) {
		t.Errorf("a leaflet, which is never public, has a page: %v", err)
	}
}

func TestAPressThatFailsGivesTheIssueBack(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	w.press = func(*Edition) error { return errors.New("no ink") }
	if err := w.Tick(ctx); err == nil {
		t.Error("nobody is told")
	}
	i, err := w.Issue(ctx, 1)
	is(t, err, nil)
	if i.State != Draft || i.Reason != ReasonLetter || i.Started() {
		t.Fatalf("%+v", i)
	}
	w.press = nil
	_, err = w.Save(ctx, who, 1, "en", 1, "t", "mended")
	is(t, err, nil)
	_, err = w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	is(t, w.Tick(ctx), nil)
	if w.started != 1 {
		t.Error("not started after it was mended")
	}
}

func TestADistributorThatIsAwayIsAskedAgain(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	w.fail = errors.New("away")
	if err := w.Tick(ctx); err == nil {
		t.Error("no error")
	}
	_, err = w.Pause(ctx, who, 1)
	is(t, err, ErrStarting)
	w.fail = nil
	is(t, w.Tick(ctx), nil)
	if w.started != 1 {
		t.Error("not started")
	}
}

func TestOutcomeIsKept(t *testing.T) {
	w := newWorld(t)
	w.issue(t, 1, Newsletter, "en")
	_, err := w.Schedule(ctx, who, 1, w.now)
	is(t, err, nil)
	is(t, w.Tick(ctx), nil)
	w.states["issue-1"] = Finished
	is(t, w.Tick(ctx), nil)
	if i, _ := w.Issue(ctx, 1); i.Outcome != nil {
		t.Error("bounces still come: too early to keep the counts")
	}
	w.now = w.now.Add(8 * 24 * time.Hour)
	is(t, w.Tick(ctx), nil)
	if i, _ := w.Issue(ctx, 1); i.Outcome == nil || i.Outcome.Sent != 9 {
		t.Errorf("%+v", i)
	}
}

func TestTestMails(t *testing.T) {
	w := newWorld(t)
	eva := programme.Desk{Email: "eva@example.org"}
	w.issue(t, 1, Newsletter)
	_, err := w.Test(ctx, eva, 1, "", "k")
	is(t, err, ErrNoText)
	_, err = w.Save(ctx, who, 1, "en", 0, "t", "b")
	is(t, err, nil)
	_, err = w.Save(ctx, who, 1, "fr", 0, "t", "b")
	is(t, err, nil)
	for range 2 {
		n, err := w.Test(ctx, eva, 1, "", "k")
		is(t, err, nil)
		if n != 2 || len(w.posted) != 2 {
			t.Errorf("%d, %d mails", n, len(w.posted))
		}
	}
	_, err = w.Test(ctx, eva, 1, "fr", "other wish")
	is(t, err, nil)
	if len(w.posted) != 3 {
		t.Errorf("%d mails", len(w.posted))
	}
	for id, m := range w.posted {
		if m.To.Mail != eva.Email || len(m.Tags) != 1 || m.Tags[0] != (mail.Tag{Name: "kind", Value: "test"}) {
			t.Errorf("%s: %+v", id, m)
		}
	}
}

func TestFill(t *testing.T) {
	c := Fill(mail.Content{Subject: "s", HTML: `<p>{{name}}<a href="{{unsubscribe}}">`, Text: "{{plainname}} {{unsubscribe}}"},
		Substitutions("O'Neil <& {{unsubscribe}}>", "a@example.org", "https://u"))
	if c.HTML != `<p>O&#39;Neil &lt;&amp; {{unsubscribe}}&gt;<a href="https://u">` || c.Text != "O'Neil <& {{unsubscribe}}> https://u" {
		t.Errorf("%q %q", c.HTML, c.Text)
	}
	if got := Substitutions(" ", "a@example.org", "")[SubName]; got != "a@example.org" {
		t.Errorf("nobody is called %q", got)
	}
}
