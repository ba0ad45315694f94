package distribution_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/table"
)

// one is a world of one shard.
func oneShard(t *testing.T, seed uint64) *world {
	w := newWorld(t, seed, 40)
	for seg := 1; seg < distribution.Segments; seg++ {
		w.order[seg] = nil
	}
	w.order[0] = slices.Sorted(maps.Keys(w.members))
	for _, m := range w.members {
		m.Language, m.Format = "en", "html"
	}
	return w
}

// another reports a mail that has nothing to do with the shard: the line of events is alive.
func (w *world) another() {
	w.t.Helper()
	e := mail.Event{Kind: mail.EventSend, At: w.clock, Tags: map[string]string{"shard": "other-00-000001", "slot": "0", "attempt": "1"}}
	if err := w.feedback.Handle(context.Background(), e); err != nil {
		w.t.Fatal(err)
	}
}

func TestEventsClearUpDoubtWithoutSendingAgain(t *testing.T) {
	w := oneShard(t, 1)
	w.ses.lostAfter, w.ses.delay = 1, 3*time.Minute
	w.start()
	from := w.clock
	w.run(func() bool { return w.progress().State == distribution.Finished })
	if took := w.clock.Sub(from); took > 4*time.Minute {
		t.Errorf("finished after %v, though all events were in after three minutes", took)
	}
	w.once(w.run(w.over))
	if w.ses.calls != 1 {
		t.Errorf("%d calls", w.ses.calls)
	}
}

func TestDoubtIsShownAndNotSentAgainInTheGracePeriod(t *testing.T) {
	w := oneShard(t, 2)
	w.ses.lostBefore = 1 // nothing is taken, so no event will come
	w.start()
	w.idle(14 * time.Minute)
	if p := w.is(distribution.Sending, ""); p.Doubt != 40 || w.ses.calls != 1 {
		t.Errorf("%d calls, %+v", w.ses.calls, p.Counts)
	}
	w.another()
	w.ses.lostBefore = 0
	w.idle(3 * time.Minute)
	if w.ses.calls != 2 {
		t.Errorf("%d calls after the grace period, though events come in", w.ses.calls)
	}
	w.once(w.run(w.over))
}

func TestSilentEventsProlongTheGracePeriod(t *testing.T) {
	w := oneShard(t, 3)
	w.ses.lostBefore = 1
	w.start()
	w.idle(40 * time.Minute)
	if w.ses.calls != 1 {
		t.Errorf("%d calls while no event at all has come in", w.ses.calls)
	}
	w.ses.lostBefore = 0
	w.once(w.run(w.over))
	if w.ses.calls != 2 {
		t.Errorf("%d calls", w.ses.calls)
	}
}

func TestWorkerThatDiesWithAClaim(t *testing.T) {
	for _, step := range []string{distribution.StepClaim, distribution.StepAccepted, distribution.StepSettle} {
		w := oneShard(t, 4)
		w.ses.delay = time.Minute
		died := false
		w.options.Step = func(_ context.Context, at string) error {
			if at == step && !died {
				died = true
				return distribution.ErrKilled
			}
			return nil
		}
		w.restart()
		w.start()
		w.once(w.run(w.over))
		if want := map[string]int{distribution.StepClaim: 1, distribution.StepAccepted: 1, distribution.StepSettle: 1}[step]; !died || w.ses.calls != want {
			t.Errorf("%s: died %v, %d calls, want %d", step, died, w.ses.calls, want)
		}
	}
}

// TestClaimWhoseAnswerIsLost: the claim stands, the worker is told that it failed. It knows its own token and goes on at once.
func TestClaimWhoseAnswerIsLost(t *testing.T) {
	for seed := range uint64(8) { // the answer is lost, or the engine tries again and meets what it wrote
		w := oneShard(t, seed)
		w.start()
		lost := false
		w.loseWrite = func(key table.Key) bool {
			hit := !lost && strings.HasPrefix(key.SK, "LEDGER")
			lost = lost || hit
			return hit
		}
		from := w.clock
		w.once(w.run(w.over))
		if took := w.clock.Sub(from); !lost || took > time.Minute || w.ses.calls != 1 {
			t.Errorf("seed %d: lost %v, %d calls, %v", seed, lost, w.ses.calls, took)
		}
	}
}

// TestWorkerAtItsCallIsLeftAlone: while one waits for the answer, another copy of the task comes.
func TestWorkerAtItsCallIsLeftAlone(t *testing.T) {
	w := oneShard(t, 1)
	looked := false
	w.ses.during = func() {
		var notYet *distribution.NotYet
		err := w.deliverer.Handle(context.Background(), distribution.Task{Kind: distribution.Deliver, Distribution: spec.ID})
		looked = errors.As(err, &notYet) && notYet.After > time.Minute
		if p := w.progress(); p.Doubt > 0 {
			t.Errorf("%d in doubt", p.Doubt)
		}
	}
	w.start()
	w.once(w.run(w.over))
	if !looked || w.ses.calls != 1 {
		t.Errorf("looked %v, %d calls", looked, w.ses.calls)
	}
}

// TestZombie: a worker hangs in its call for longer than anybody could wait, and its answer comes when the letter has been sent again. What it knows is
// true all the same, and is counted.
func TestZombie(t *testing.T) {
	w := oneShard(t, 1)
	w.ses.silent = true
	w.ses.during = func() {
		w.depth++
		defer func() { w.depth-- }()
		w.put(&message{due: w.clock, task: &distribution.Task{Kind: distribution.Deliver, Distribution: spec.ID}}, false)
		for end := w.clock.Add(2 * time.Hour); w.clock.Before(end); w.clock = w.clock.Add(time.Minute) {
			for w.next() {
			}
		}
	}
	w.start()
	p := w.run(w.over)
	if p.State != distribution.Finished || p.Sent != 40 || p.Repeated != 40 || w.ses.calls != 2 {
		t.Errorf("%d calls, %+v", w.ses.calls, p)
	}
}

// TestTheWindowThatRemains is what the package comment does not promise: the answer is lost, and the events come after
// the letter was sent again. It is seen and counted.
func TestTheWindowThatRemains(t *testing.T) {
	w := oneShard(t, 5)
	w.ses.lostAfter, w.ses.silent = 1, true
	w.start()
	w.idle(10 * time.Minute)
	w.ses.lostAfter = 0
	p := w.run(w.over)
	if w.ses.calls != 2 || p.State != distribution.Finished || p.Sent != 40 || p.Repeated != 0 {
		t.Fatalf("%d calls, %+v", w.ses.calls, p)
	}
	for range 2 {
		for slot := range 40 {
			tags := map[string]string{"shard": "issue-3-00-000000", "slot": strconv.Itoa(slot), "attempt": "1"}
			if err := w.feedback.Handle(t.Context(), mail.Event{Kind: mail.EventSend, At: w.clock, Tags: tags}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if p := w.progress(); p.Sent != 40 || p.Repeated != 40 {
		t.Errorf("%+v", p.Counts)
	}
}

func TestShardWhoseAnswersAreAlwaysLostIsLeftAlone(t *testing.T) {
	w := oneShard(t, 6)
	w.ses.die = 1 // taken, and the worker dies; and the events are lost
	w.ses.silent = true
	w.options.Limits.Doubts = 2
	w.restart()
	w.start()
	p := w.run(w.over)
	if p.State != distribution.Incomplete || p.Reason != distribution.Unsettled || p.Doubt != 40 || w.ses.calls != 2 {
		t.Fatalf("%d calls, %+v", w.ses.calls, p)
	}
	if len(w.alarms) != 1 || w.alarms[0].State != distribution.Incomplete {
		t.Errorf("alarms %+v", w.alarms)
	}
	w.ses.die = 0
	w.do(w.control.Resume, nil) // a person decides
	if p := w.run(w.over); p.State != distribution.Finished || p.Sent != 40 || p.Doubt != 0 || w.ses.calls != 3 {
		t.Errorf("%d calls, %+v", w.ses.calls, p)
	}
}

func TestLateEventsSettleWhatWasLeftAlone(t *testing.T) {
	w := oneShard(t, 6)
	w.ses.die, w.options.Limits.Doubts = 1, 1
	w.ses.delay = 3 * time.Hour
	w.restart()
	w.start()
	w.run(func() bool { return w.progress().State == distribution.Incomplete })
	w.run(func() bool { return len(w.queue) == 0 })
	if p := w.progress(); p.Sent != 40 || p.Doubt != 0 || w.ses.calls != 1 {
		t.Errorf("%d calls, %+v", w.ses.calls, p)
	}
}

func TestStalledForEverIsIncomplete(t *testing.T) {
	w := newWorld(t, 7, 100)
	w.letters = func(distribution.Which) (distribution.Letter, error) { return distribution.Letter{}, errLost }
	w.restart()
	w.start()
	w.queue = w.queue[:0]
	p := w.run(func() bool {
		w.queue = slicesDeleteDeliver(w.queue)
		return !w.progress().State.Active()
	})
	if p.State != distribution.Incomplete || p.Reason != distribution.Stalled || p.Sent != 0 {
		t.Errorf("%+v", p)
	}
}

// slicesDeleteDeliver is a dead-letter queue that takes every deliver task.
func slicesDeleteDeliver(queue []*message) []*message {
	var kept []*message
	for _, m := range queue {
		if m.task == nil || m.task.Kind != distribution.Deliver {
			kept = append(kept, m)
		}
	}
	return kept
}

func TestRecordsThatAreAboutToExpireAreNotSentFrom(t *testing.T) {
	w := newWorld(t, 8, 200)
	w.start()
	w.until(50)
	w.do(w.control.Pause, nil)
	w.queue = nil
	sent := w.ses.total()
	w.clock = w.clock.Add(89*24*time.Hour + time.Hour)
	w.do(w.control.Resume, distribution.ErrState)
	if w.ses.total() != sent {
		t.Errorf("%d sent", w.ses.total()-sent)
	}
}

func TestOneBadEntryDoesNotCostTheOthers(t *testing.T) {
	w := oneShard(t, 9)
	bad := w.members["m000017"].Address
	w.ses.refuseCall = map[people.EmailAddress]bool{bad: true}
	w.start()
	w.once(w.run(w.over))
	if w.ses.calls > 50 {
		t.Errorf("%d calls", w.ses.calls)
	}
}

func TestLetterThatCannotBeFilledInIsNotSent(t *testing.T) {
	for name, letter := range map[string]lettersFunc{
		"blank": func(distribution.Which) (distribution.Letter, error) {
			return distribution.Letter{Content: mail.Content{Text: "Dear {{nobody}}"}}, nil
		},
		"gone": func(distribution.Which) (distribution.Letter, error) {
			return distribution.Letter{}, distribution.ErrNoText
		},
	} {
		w := newWorld(t, 10, 100)
		good := w.letters
		w.letters = letter
		w.restart()
		w.start()
		w.idle(time.Hour)
		w.is(distribution.Paused, distribution.BadLetter)
		if w.ses.calls > 0 || len(w.alarms) != 1 {
			t.Errorf("%s: %d calls, %d alarms", name, w.ses.calls, len(w.alarms))
		}
		w.letters = good
		w.restart()
		w.do(w.control.Resume, nil)
		w.once(w.run(w.over))
	}
}
