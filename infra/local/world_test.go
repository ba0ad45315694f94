package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/infra/local/stage"
	"liaison/internal/app"
	"liaison/internal/app/all"
	"liaison/internal/distribution"
)

// bare is a world without the programme: what its functions do is up to the test.
func bare(t *testing.T, all func(*world) *all.Everything) *world {
	t.Helper()
	c, err := stage.OpenClock(filepath.Join(t.TempDir(), "clock"))
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	w := &world{Stage: &stage.Stage{Clock: c, Log: log, Mail: ses.New(ses.Options{Now: c.Now}), Call: callTimeout}}
	w.all = all(w)
	w.Tick = w.all.Tick
	if w.Broker, err = queue.Open(":memory:", c.Now, log, settings()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan bool)
	go func() { w.work(ctx); close(ended) }()
	t.Cleanup(func() {
		stop()
		<-ended
		if err := w.Broker.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// journal keeps when something happened, on the programme's clock.
type journal struct {
	mu    sync.Mutex
	times map[string][]time.Time
}

func (j *journal) note(what string, at time.Time) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.times == nil {
		j.times = map[string][]time.Time{}
	}
	j.times[what] = append(j.times[what], at)
	return len(j.times[what])
}

func (j *journal) of(what string) []time.Time {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.times[what]
}

func nothing(context.Context, []byte) error { return nil }

func TestAdvanceDoesWhatBecomesDueOnTheWay(t *testing.T) {
	var j journal
	due := time.Now().Add(7 * time.Hour)
	w := bare(t, func(w *world) *all.Everything {
		return &all.Everything{
			Tick: func(context.Context) error {
				now := w.Clock.Now()
				if now.After(due) && j.note("tick", now) == 1 {
					return (&tasks{w.Broker, w.Clock.Now}).Send(context.Background(),
						distribution.Task{Kind: distribution.Plan, Distribution: "d"},
						distribution.Task{Kind: distribution.Deliver, Distribution: "d", NotBefore: now.Add(10 * time.Minute)})
				}
				return nil
			},
			Plan: func(context.Context, []byte) error { j.note("plan", w.Clock.Now()); return nil },
			Deliver: func(_ context.Context, body []byte) error {
				if _, err := distribution.ParseTask(body); err != nil {
					t.Error(err)
				}
				if j.note("deliver", w.Clock.Now()) < 3 {
					return errors.New("not this time")
				}
				return nil
			},
			Feedback: nothing,
		}
	})
	before := w.Clock.Now()
	if err := w.Advance(t.Context(), 36*time.Hour, 20*time.Second); err != nil {
		t.Fatal(err)
	}
	if got := w.Clock.Now().Sub(before); got < 36*time.Hour || got > 36*time.Hour+time.Minute {
		t.Errorf("the clock moved by %v", got)
	}
	first := j.of("tick")[0]
	if late := first.Sub(due); late > 2*time.Hour {
		t.Errorf("what was due was noticed %v late", late)
	}
	if got := j.of("plan"); len(got) != 1 || got[0].Sub(first) > time.Minute {
		t.Errorf("planned at %v, the tick was at %v", got, first)
	}
	got := j.of("deliver")
	if len(got) != 3 {
		t.Fatalf("delivery was tried %d times, want twice in vain and once more", len(got))
	}
	if wait := got[0].Sub(first); wait < 10*time.Minute || wait > 12*time.Minute {
		t.Errorf("a task that was to wait ten minutes waited %v", wait)
	}
	if wait := got[1].Sub(got[0]); wait < visibility-time.Second || wait > visibility+time.Minute {
		t.Errorf("what failed came again after %v", wait)
	}
}

// For the programme no time passes in the middle of what it does: leases would run out under living workers.
func TestTheClockStandsWhileSomethingIsAtWork(t *testing.T) {
	var j journal
	work := func(w *world, name string) app.Message {
		return func(context.Context, []byte) error {
			began := w.Clock.Now()
			j.note(name, began)
			time.Sleep(30 * time.Millisecond)
			if took := w.Clock.Now().Sub(began); took > time.Second {
				t.Errorf("%s took %v of the programme's time", name, took)
			}
			return nil
		}
	}
	w := bare(t, func(w *world) *all.Everything {
		return &all.Everything{Tick: func(ctx context.Context) error { return work(w, "tick")(ctx, nil) }, Plan: work(w, "plan"), Deliver: work(w, "deliver"), Feedback: work(w, "feedback")}
	})
	body, err := json.Marshal(distribution.Task{Kind: distribution.Plan, Distribution: "d"})
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range stage.Queues {
		for n := range 5 {
			if err := w.Broker.Send(t.Context(), q, queue.Outgoing{Body: body, Delay: time.Duration(n) * time.Minute}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Advance(t.Context(), time.Hour, 20*time.Second); err != nil {
		t.Fatal(err)
	}
	for function, want := range map[string]int{"plan": 5, "deliver": 10, "feedback": 5} { // two queues feed deliver
		if n := len(j.of(function)); n != want {
			t.Errorf("%s: %d of %d messages were handled", function, n, want)
		}
	}
}

// Issues and surveys have their hours: a long advance passes none by.
func TestALongAdvanceTicksTwiceADay(t *testing.T) {
	var j journal
	w := bare(t, func(w *world) *all.Everything {
		return &all.Everything{Tick: func(context.Context) error { j.note("tick", w.Clock.Now()); return nil }, Plan: nothing, Deliver: nothing, Feedback: nothing}
	})
	if err := w.Advance(t.Context(), 100*24*time.Hour, 20*time.Second); err != nil {
		t.Fatal(err)
	}
	ticks := j.of("tick")
	for n := 1; n < len(ticks); n++ {
		if gap := ticks[n].Sub(ticks[n-1]); gap > 13*time.Hour {
			t.Fatalf("%v without a tick", gap)
		}
	}
	if len(ticks) < 200 {
		t.Errorf("%d ticks in a hundred days", len(ticks))
	}
}

func TestAdvanceEndsInTime(t *testing.T) {
	w := bare(t, func(*world) *all.Everything {
		return &all.Everything{Tick: func(context.Context) error { return nil }, Plan: nothing, Feedback: nothing,
			Deliver: func(context.Context, []byte) error { time.Sleep(20 * time.Millisecond); return errors.New("never") }}
	})
	for range 50 {
		if err := w.Broker.Send(t.Context(), stage.DeliverQueue, queue.Outgoing{Body: []byte("x")}); err != nil {
			t.Fatal(err)
		}
	}
	began, before := time.Now(), w.Clock.Now()
	if err := w.Advance(t.Context(), 1000*time.Hour, 300*time.Millisecond); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
	if w.Clock.Now().Sub(before) < 1000*time.Hour {
		t.Error("the clock did not reach its goal")
	}
}

func TestHandlerVerdicts(t *testing.T) {
	w := &world{Stage: &stage.Stage{Log: slog.New(slog.DiscardHandler)}}
	answers := map[string]error{"fine": nil, "busy": &distribution.NotYet{After: 7 * time.Second}, "bad": errors.New("no"), "killed": distribution.ErrKilled}
	var seen []string
	h := w.handler("q", func(_ context.Context, body []byte) error {
		seen = append(seen, string(body))
		return answers[string(body)]
	})
	var batch []queue.Message
	for n, body := range []string{"fine", "busy", "bad", "killed", "fine"} {
		batch = append(batch, queue.Message{ID: int64(n), Body: []byte(body)})
	}
	got := h(t.Context(), batch)
	if len(seen) != 4 {
		t.Errorf("a killed worker went on: %v", seen)
	}
	if len(got) != 4 || got[0].ID != 1 || got[0].After != 7*time.Second || got[1].ID != 2 || got[1].After != 0 || got[2].ID != 3 || got[3].ID != 4 {
		t.Errorf("verdicts %+v", got)
	}
}

func TestClockIsKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "clock")
	c, err := stage.OpenClock(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Advance(36 * time.Hour); err != nil {
		t.Fatal(err)
	}
	again, err := stage.OpenClock(path)
	if err != nil {
		t.Fatal(err)
	}
	if ahead := time.Until(again.Now()); ahead < 35*time.Hour {
		t.Errorf("after a restart the clock is %v ahead", ahead)
	}
}
