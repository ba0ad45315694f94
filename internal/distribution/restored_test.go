package distribution_test

import (
	"testing"
	"time"

	"liaison/internal/distribution"
)

// A copy of the table that is an hour old would send again what it has forgotten, if it were not held first.
func TestRestoredCopyIsHeld(t *testing.T) {
	w := newWorld(t, 6, 300)
	w.start()
	w.until(50)
	w.queue = nil
	w.idle(2 * time.Minute) // the index comes after
	sent := w.ses.total()
	held, err := w.control.HoldAll(t.Context())
	if err != nil || len(held) != 1 || held[0] != spec.ID {
		t.Fatalf("held %v, %v", held, err)
	}
	if again, err := w.control.HoldAll(t.Context()); err != nil || len(again) != 0 {
		t.Errorf("held once more: %v, %v", again, err)
	}
	w.clock = w.clock.Add(time.Hour)
	w.idle(2 * time.Hour)
	w.is(distribution.Paused, distribution.Overdue)
	if w.ses.total() != sent || len(w.alarms) != 1 {
		t.Errorf("%d sent, %d alarms", w.ses.total()-sent, len(w.alarms))
	}
	w.do(w.control.Resume, nil)
	w.once(w.run(w.over))
}

// One that waits for tomorrow's quota would go on by itself, and is held too; one that a person paused, or that is over, is left alone.
func TestRestoredCopyDoesNotGoOnTomorrow(t *testing.T) {
	w := newWorld(t, 9, 300)
	w.ses.exhaustAt, w.ses.account.PerDay = 100, 100
	w.start()
	w.run(func() bool { return w.progress().Reason == distribution.Quota })
	w.idle(2 * time.Minute)
	if held, err := w.control.HoldAll(t.Context()); err != nil || len(held) != 1 {
		t.Fatalf("held %v, %v", held, err)
	}
	w.ses.exhaustAt, w.ses.account.PerDay = 0, -1
	w.idle(48 * time.Hour)
	w.is(distribution.Paused, distribution.Overdue)
	w.do(w.control.Resume, nil)
	w.once(w.run(w.over))
	w.idle(5 * time.Minute)
	if held, err := w.control.HoldAll(t.Context()); err != nil || len(held) != 0 {
		t.Errorf("held %v, %v", held, err)
	}
}
