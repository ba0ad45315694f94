package distribution_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/mail"
)

func (w *world) do(f func(context.Context, string) error, want error) {
	w.t.Helper()
	if err := f(context.Background(), spec.ID); !errors.Is(err, want) {
		w.t.Fatalf("got %v, want %v", err, want)
	}
}

// until runs until that many have been sent, at least.
func (w *world) until(sent int) distribution.Progress {
	w.t.Helper()
	return w.run(func() bool { return w.ses.total() >= sent })
}

func (w *world) is(state distribution.State, why distribution.Reason) distribution.Progress {
	w.t.Helper()
	p := w.progress()
	if p.State != state || p.Reason != why {
		w.t.Fatalf("%s %q, want %s %q: %+v", p.State, p.Reason, state, why, p.Counts)
	}
	return p
}

// idle runs for a while.
func (w *world) idle(d time.Duration) {
	w.t.Helper()
	end := w.clock.Add(d)
	w.run(func() bool { return !w.clock.Before(end) })
}

func TestPauseHoldsAndResumeGoesOn(t *testing.T) {
	w := newWorld(t, 1, 600)
	w.start()
	w.until(150)
	w.do(w.control.Pause, nil)
	sent := w.ses.total()
	w.idle(3 * 24 * time.Hour)
	if w.ses.total() != sent {
		t.Errorf("%d sent while paused", w.ses.total()-sent)
	}
	w.is(distribution.Paused, "")
	w.restart()
	w.do(w.control.Resume, nil)
	w.do(w.control.Resume, nil) // twice is harmless
	w.once(w.run(w.over))
	w.do(w.control.Pause, distribution.ErrState)
	w.do(w.control.Resume, distribution.ErrState)
	w.do(w.control.Cancel, distribution.ErrState)
}

func TestPauseInTheMidstOfPlanning(t *testing.T) {
	w := newWorld(t, 2, 600)
	w.options.Limits.Window, w.options.Limits.Windows = 20, 1
	w.restart()
	w.start()
	for range 12 {
		w.next()
	}
	w.is(distribution.Planning, "")
	w.do(w.control.Pause, nil)
	w.idle(time.Hour)
	if p := w.is(distribution.Paused, ""); p.Planned == 600 {
		t.Fatal("planned whole before the pause")
	}
	w.do(w.control.Resume, nil)
	w.is(distribution.Planning, "")
	w.once(w.run(w.over))
}

func TestCancelLeavesOutTheRest(t *testing.T) {
	w := newWorld(t, 3, 600)
	w.ses.lostHalf = 3
	w.start()
	w.until(150)
	w.do(w.control.Cancel, nil)
	w.do(w.control.Cancel, nil)
	sent := w.ses.total()
	w.idle(24 * time.Hour)
	p := w.is(distribution.Cancelled, "")
	if w.ses.total() != sent || p.Sent != int64(sent) || p.Sent+p.Refused+p.Skipped+p.Doubt != p.Planned || p.Doubt == 0 {
		t.Errorf("%d sent at the cancellation, %d now: %+v", sent, w.ses.total(), p.Counts)
	}
	w.do(w.control.Resume, distribution.ErrState)
	w.do(w.control.Pause, distribution.ErrState)
}

func TestStartIsIdempotent(t *testing.T) {
	w := newWorld(t, 4, 300)
	w.start()
	w.start()
	w.until(50)
	w.start()
	w.once(w.run(w.over))
	w.start() // after the end: nothing happens
	if len(w.queue) > 0 {
		t.Errorf("%d messages after starting a finished one", len(w.queue))
	}
}

func TestStartRefusesWhatCannotBeDistributed(t *testing.T) {
	w := newWorld(t, 4, 1)
	for name, change := range map[string]func(*distribution.Spec){
		"no id": func(s *distribution.Spec) { s.ID = "" }, "bad id": func(s *distribution.Spec) { s.ID = "a b" },
		"bad issue": func(s *distribution.Spec) { s.Issue = "3#" }, "no kind": func(s *distribution.Spec) { s.Kind = "" },
		"no edition": func(s *distribution.Spec) { s.Editions = nil }, "no format": func(s *distribution.Spec) { s.Formats = nil },
		"default is no edition": func(s *distribution.Spec) { s.Default = "de" },
	} {
		s := spec
		change(&s)
		if _, err := w.control.Start(t.Context(), s); !errors.Is(err, distribution.ErrInvalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.do(w.control.Pause, distribution.ErrNotFound)
	w.do(w.control.Cancel, distribution.ErrNotFound)
	w.do(w.control.Resume, distribution.ErrNotFound)
}

func TestLateStartWantsToBeConfirmed(t *testing.T) {
	w := newWorld(t, 5, 300)
	late := spec
	late.Due = w.clock.Add(-25 * time.Hour)
	if p, err := w.control.Start(t.Context(), late); err != nil || p.State != distribution.Paused || p.Reason != distribution.Overdue {
		t.Fatalf("%+v, %v", p, err)
	}
	w.idle(48 * time.Hour)
	if w.ses.total() > 0 || len(w.alarms) != 1 || w.alarms[0].Reason != distribution.Overdue {
		t.Fatalf("%d sent, alarms %+v", w.ses.total(), w.alarms)
	}
	w.do(w.control.Resume, nil)
	w.once(w.run(w.over))
}

func TestStartInTimeNeedsNoConfirmation(t *testing.T) {
	w := newWorld(t, 5, 100)
	s := spec
	s.Due = w.clock.Add(-23 * time.Hour)
	if p, err := w.control.Start(t.Context(), s); err != nil || p.State != distribution.Planning {
		t.Fatalf("%+v, %v", p, err)
	}
	w.once(w.run(w.over))
}

// TestOldCopyDoesNotComeToLife: an active distribution that nobody swept for days may be a restored snapshot.
func TestOldCopyDoesNotComeToLife(t *testing.T) {
	w := newWorld(t, 6, 300)
	w.start()
	w.until(50)
	w.queue = nil
	sent := w.ses.total()
	w.clock = w.clock.Add(4 * 24 * time.Hour)
	w.idle(time.Hour)
	w.is(distribution.Paused, distribution.Overdue)
	if w.ses.total() != sent {
		t.Errorf("%d sent", w.ses.total()-sent)
	}
	w.do(w.control.Resume, nil)
	w.once(w.run(w.over))
}

func TestClockJumpIsNoLackOfProgress(t *testing.T) {
	w := newWorld(t, 6, 300)
	w.start()
	w.until(50)
	w.queue = nil // and everything on the queue is lost
	w.clock = w.clock.Add(36 * time.Hour)
	w.once(w.run(w.over))
}

func TestWhoLeavesGetsNothing(t *testing.T) {
	w := newWorld(t, 7, 600)
	w.options.Limits.Window = 1000
	w.restart()
	w.start()
	w.run(func() bool { return w.progress().Planned == 600 })
	left, gone := 0, 0
	for id, m := range w.members {
		if w.ses.accepted[m.Address] > 0 {
			continue
		}
		switch w.rand.IntN(4) {
		case 0:
			m.Active = false // unsubscribed
			left++
		case 1:
			delete(w.members, id) // erased
			gone++
		}
	}
	p := w.run(w.over)
	for id, m := range w.members {
		if want := map[bool]int{true: 1, false: 0}[m.Active]; w.ses.accepted[m.Address] != want {
			t.Errorf("%s: %d, want %d", id, w.ses.accepted[m.Address], want)
		}
	}
	if p.Skipped != int64(left+gone) || left == 0 || gone == 0 || p.Sent != int64(600-left-gone) || p.State != distribution.Finished {
		t.Errorf("left %d, erased %d: %+v", left, gone, p)
	}
}

func TestEverybodyLeft(t *testing.T) {
	w := newWorld(t, 7, 100)
	w.start()
	w.run(func() bool { return w.progress().Planned > 0 && w.ses.total() == 0 })
	for _, m := range w.members {
		m.Active = false
	}
	calls := w.ses.calls
	if p := w.run(w.over); p.State != distribution.Finished || p.Sent+p.Skipped != p.Planned || w.ses.calls != calls {
		t.Errorf("%d calls, %+v", w.ses.calls-calls, p)
	}
}

func TestNobody(t *testing.T) {
	w := newWorld(t, 8, 0)
	w.start()
	if p := w.run(w.over); p.State != distribution.Finished || p.Counts != (distribution.Counts{}) {
		t.Errorf("%+v", p)
	}
}

func TestDailyQuotaPausesAndGoesOnByItself(t *testing.T) {
	w := newWorld(t, 9, 600)
	w.ses.exhaustAt, w.ses.account.PerDay = 200, 200
	w.start()
	w.until(200)
	w.idle(5 * time.Minute)
	p := w.is(distribution.Paused, distribution.Quota)
	if p.ResumeAt.IsZero() || p.Estimate.Before(p.ResumeAt.Add(24*time.Hour)) {
		t.Errorf("resume at %v, estimate %v", p.ResumeAt, p.Estimate)
	}
	w.idle(5 * time.Hour) // it tries each hour, in vain
	if w.ses.total() != 200 {
		t.Errorf("%d sent", w.ses.total())
	}
	w.ses.exhaustAt = 0
	w.once(w.run(w.over))
}

func TestQuotaThatIsKnownBeforeTheCall(t *testing.T) {
	w := newWorld(t, 9, 100)
	w.ses.account = mail.Account{PerSecond: 1000, PerDay: 50, Today: 50, Enabled: true}
	w.start()
	w.idle(2 * time.Minute)
	w.is(distribution.Paused, distribution.Quota)
	if w.ses.calls > 0 {
		t.Errorf("%d calls", w.ses.calls)
	}
	w.ses.account.Today = 0
	w.once(w.run(w.over))
}

func TestStoppedAccountWaitsForAPerson(t *testing.T) {
	w := newWorld(t, 10, 300)
	w.ses.fail = mail.ErrStopped
	w.start()
	w.idle(48 * time.Hour)
	w.is(distribution.Paused, distribution.Stopped)
	if len(w.alarms) != 1 {
		t.Errorf("alarms %+v", w.alarms)
	}
	w.do(w.control.Resume, nil) // too early: it stops again, and that is told again, as another stop
	w.idle(time.Hour)
	w.is(distribution.Paused, distribution.Stopped)
	if len(w.alarms) != 2 || w.alarms[0].Alarm.IsZero() || !w.alarms[1].Alarm.After(w.alarms[0].Alarm) {
		t.Errorf("alarms %+v", w.alarms)
	}
	w.ses.fail = nil
	w.do(w.control.Resume, nil)
	w.once(w.run(w.over))

	w = newWorld(t, 10, 300)
	w.ses.account.Enabled = false
	w.start()
	w.idle(time.Hour)
	w.is(distribution.Paused, distribution.Stopped)
	if w.ses.calls > 0 {
		t.Errorf("%d calls", w.ses.calls)
	}
}

// TestOutageDoesNotPutEverybodyInDoubt: calls that get no answer for hours.
func TestOutageDoesNotPutEverybodyInDoubt(t *testing.T) {
	w := newWorld(t, 11, 2000)
	w.ses.fail = mail.ErrDoubt
	w.start()
	w.idle(5 * time.Minute)
	if p := w.is(distribution.Paused, distribution.Unreachable); p.Doubt > 3*50 {
		t.Errorf("%d in doubt", p.Doubt)
	}
	w.idle(3 * time.Hour)
	w.ses.fail = nil
	w.once(w.run(w.over))
}

// After an outage it goes on by itself as soon as the limits say.
func TestUnreachableIsTriedAgainAfterLookAgain(t *testing.T) {
	w := newWorld(t, 14, 200)
	w.options.Limits.LookAgain = 20 * time.Second
	w.restart()
	w.ses.fail = mail.ErrDoubt
	w.start()
	w.idle(5 * time.Second)
	if p := w.is(distribution.Paused, distribution.Unreachable); p.ResumeAt.Sub(w.now()) > 20*time.Second {
		t.Errorf("resumes at %v, now is %v", p.ResumeAt, w.now())
	}
}

func TestLongThrottlingLosesNobody(t *testing.T) {
	w := newWorld(t, 12, 100)
	w.ses.fail = mail.ErrThrottled
	w.start()
	w.idle(6 * time.Hour)
	if p := w.progress(); !p.State.Active() || p.Retry != 100 {
		t.Errorf("%+v", p)
	}
	if len(w.queue) > 200 {
		t.Errorf("the queue has grown to %d", len(w.queue))
	}
	w.ses.fail = nil
	w.once(w.run(w.over))
}

func TestPlannedShardsAreFull(t *testing.T) {
	w := newWorld(t, 13, 9000)
	for seg := 1; seg < distribution.Segments; seg++ {
		w.order[0], w.order[seg] = append(w.order[0], w.order[seg]...), nil
	}
	slices.Sort(w.order[0])
	w.start()
	for len(w.queue) > 0 {
		if m := w.queue[0]; m.task.Kind == distribution.Plan {
			if err := w.handle(m); err != nil {
				t.Fatal(err)
			}
		}
		w.queue = w.queue[1:]
	}
	ids, shards := w.rosters()
	if len(ids) != 9000 || shards > 9000/50+2*9 { // two windows, and in each at most one that is not full for each edition and format
		t.Errorf("%d shards of 3 editions and 3 formats for %d members", shards, len(ids))
	}
}
