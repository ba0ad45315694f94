package distribution_test

import (
	"fmt"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/people"
)

var killed = distribution.ErrKilled

const (
	seeds       = 20
	subscribers = 2000
)

// everyFault is the trial that runs with all seeds; those of one fault each are there to name it when the other fails.
const everyFault = "everything"

// once checks that each member who should have the letter has it once, that nobody else has, and that the counts say so.
func (w *world) once(p distribution.Progress) {
	w.t.Helper()
	missing, twice, spoilt, refused := 0, 0, 0, 0
	for id, m := range w.members {
		n, want := w.ses.accepted[m.Address], 1
		switch {
		case w.ses.spoil[m.Address]:
			want, spoilt = 0, spoilt+1
		case w.ses.refuse[m.Address] || w.ses.refuseCall[m.Address]:
			want, refused = 0, refused+1
		}
		if n < want {
			missing++
		} else if n > want {
			twice++
			w.t.Logf("%s: %d times", id, n)
		}
	}
	if missing > 0 || twice > 0 {
		w.t.Errorf("%d missing, %d twice of %d", missing, twice, len(w.members))
	}
	want := distribution.Counts{Planned: int64(len(w.members)), Sent: int64(w.ses.total()), Refused: int64(spoilt + refused), Bounced: int64(len(w.ses.bounce))}
	if p.State != distribution.Finished || p.Counts != want {
		w.t.Errorf("state %s %s, counts %+v, want finished, %+v", p.State, p.Reason, p.Counts, want)
	}
	var sum distribution.Counts
	for edition, c := range p.ByLanguage {
		sum.Planned += c.Planned
		sum.Sent += c.Sent
		sum.Refused += c.Refused
		sum.Bounced += c.Bounced
		if edition != "en" && edition != "fr" && edition != "ru" {
			w.t.Errorf("edition %q", edition)
		}
	}
	if sum != want {
		w.t.Errorf("by language %+v, want %+v", sum, want)
	}
	ids, _ := w.rosters()
	if len(ids) != len(w.members) {
		w.t.Errorf("%d ids in the log, %d members", len(ids), len(w.members))
	}
	for _, m := range w.members {
		if got := w.ses.editions[m.Address]; got != "" && got != map[string]string{"fr": "fr", "fr-CA": "fr", "ru": "ru"}[m.Language] && got != "en" {
			w.t.Errorf("%s reads %s and got %s", m.ID, m.Language, got)
		}
	}
}

// some picks addresses.
func (w *world) some(one int) map[people.EmailAddress]bool {
	out := map[people.EmailAddress]bool{}
	for seg := range w.order {
		for _, id := range w.order[seg] {
			if a := w.members[id].Address; w.one(one) && !w.ses.refuse[a] && !w.ses.spoil[a] {
				out[a] = true
			}
		}
	}
	return out
}

// TestExactlyOnce lets everything happen at once.
func TestExactlyOnce(t *testing.T) {
	trials := map[string]func(w *world){
		"nothing": func(w *world) {},
		"killed at each step": func(w *world) {
			w.faults.steps = map[string]int{distribution.StepPlan: 5, distribution.StepClaim: 5, distribution.StepAccepted: 5, distribution.StepSettle: 5}
		},
		"killed before any write": func(w *world) { w.faults.dieBefore = 40 },
		"killed after any write":  func(w *world) { w.faults.dieAfter = 40 },
		"answers of the table lost": func(w *world) {
			w.faults.lostWrite, w.faults.throttledTable = 20, 20
		},
		"answers of the service lost": func(w *world) {
			w.ses.lostAfter, w.ses.lostBefore, w.ses.lostHalf, w.ses.die = 8, 12, 8, 12
		},
		"throttled":            func(w *world) { w.ses.throttle, w.ses.throttleOne = 3, 4 },
		"refused and bouncing": func(w *world) { w.ses.refuse = w.some(40); w.ses.spoil = w.some(50); w.ses.bounce = w.some(60) },
		"a call refused whole": func(w *world) { w.ses.refuseCall = w.some(200) },
		"every message twice":  func(w *world) { w.twice, w.ses.eventsTwice = true, true },
		"messages lost":        func(w *world) { w.faults.drop = 4 },
		"interleaved":          func(w *world) { w.faults.interleave, w.twice = 6, true },
		everyFault: func(w *world) {
			w.twice, w.ses.eventsTwice = true, true
			w.faults = faults{dieBefore: 150, dieAfter: 150, lostWrite: 80, throttledTable: 50, interleave: 20, drop: 40,
				steps: map[string]int{distribution.StepPlan: 2, distribution.StepClaim: 2, distribution.StepAccepted: 2, distribution.StepSettle: 2}}
			w.ses.throttle, w.ses.throttleOne, w.ses.lostAfter, w.ses.lostBefore, w.ses.lostHalf, w.ses.die = 10, 40, 25, 40, 40, 40
			w.ses.refuse = w.some(100)
			w.ses.spoil = w.some(100)
			w.ses.bounce = w.some(100)
		},
	}
	for name, trial := range trials {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			runs, members := uint64(3), 600
			switch {
			case testing.Short(): // the race detector's run: one goroutine at a time here, so few will do
				runs, members = 1, 200
			case name == everyFault:
				runs, members = seeds, subscribers
			}
			for seed := range runs {
				t.Run(fmt.Sprint(seed), func(t *testing.T) {
					w := newWorld(t, seed, members)
					w.ses.delay = 5 * time.Minute
					w.options.Limits.Window = []int{0, 30, 120}[seed%3]
					w.options.Limits.Windows = []int{0, 1, 2}[seed/3%3]
					w.restart()
					trial(w)
					w.start()
					w.once(w.run(w.over))
				})
			}
		})
	}
}

// TestQueueAloneGetsOn: nothing but lost messages needs the sweeper. Whoever dies, the queue brings what he held to somebody else.
func TestQueueAloneGetsOn(t *testing.T) {
	for name, trial := range map[string]func(w *world){
		"killed at each step": func(w *world) {
			w.faults.steps = map[string]int{distribution.StepPlan: 9, distribution.StepClaim: 5, distribution.StepAccepted: 5, distribution.StepSettle: 5}
		},
		"killed before any write": func(w *world) { w.faults.dieBefore = 40 },
		"killed after any write":  func(w *world) { w.faults.dieAfter = 40 },
		"throttled":               func(w *world) { w.ses.throttle, w.ses.throttleOne = 2, 4 },
		"every message twice":     func(w *world) { w.twice, w.ses.eventsTwice = true, true },
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(3) {
				w := newWorld(t, seed, 600)
				w.options.Limits.Window, w.options.Limits.Windows = 20, 1
				w.unswept = true
				w.restart()
				w.start()
				trial(w)
				w.run(func() bool { return len(w.queue) == 0 })
				if p := w.progress(); p.Planned != 600 || p.Sent != 600 {
					t.Errorf("seed %d: %+v", seed, p)
				}
				w.unswept, w.faults = false, faults{}
				w.once(w.run(w.over))
			}
		})
	}
}
