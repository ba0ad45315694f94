package distribution_test

import (
	"context"
	"testing"

	"liaison/internal/distribution"
	"liaison/internal/mail"
	"liaison/internal/metric"
)

// meter adds up what is counted. Workers are made anew, so that they know of it.
func (w *world) meter() metric.Counts {
	total := metric.Counts{}
	w.options.Meter = func(_ context.Context, c metric.Counts) {
		for n, by := range c {
			total[n] += by
		}
	}
	w.restart()
	return total
}

// However often tasks and events come, what the meter heard is what the counters hold.
func TestTheMeterHearsWhatTheCountersHold(t *testing.T) {
	w := newWorld(t, 11, 600)
	heard := w.meter()
	w.twice, w.ses.eventsTwice = true, true
	w.ses.bounce, w.ses.refuse = w.some(100), w.some(200)
	w.ses.lostAfter = 2
	w.faults.interleave = 4 // workers meet at the same ledgers, and whoever is late counts nothing
	w.start()
	p := w.run(w.over)
	if p.Sent == 0 || p.Bounced == 0 || p.Refused == 0 {
		t.Fatalf("nothing to see: %+v", p)
	}
	// A mail in doubt that is found to have been taken is counted then, so each is counted once.
	for n, want := range map[metric.Name]int64{metric.Sent: p.Sent, metric.Refused: p.Refused, metric.Skipped: p.Skipped, metric.Bounces: p.Bounced, metric.Repeated: p.Repeated} {
		if heard[n] != want {
			t.Errorf("%s: heard %d, counted %d", n, heard[n], want)
		}
	}
	if heard[metric.Doubt] == 0 {
		t.Errorf("heard %v", heard)
	}
}

func TestTheMeterHearsOfAHold(t *testing.T) {
	w := newWorld(t, 1, 1000)
	heard := w.meter()
	w.ses.complain, w.ses.account.PerSecond = w.some(20), 20
	w.start()
	w.run(func() bool { return w.progress().State == distribution.Paused })
	if heard[metric.Held] != 1 || heard[metric.Complaints] == 0 {
		t.Errorf("heard %v", heard)
	}
	w.do(w.control.Resume, nil)
	w.do(w.control.Pause, nil)
	if heard[metric.Held] != 1 {
		t.Error("a person's pause is no hold")
	}
}

func TestTheMeterHearsOfSingleMails(t *testing.T) {
	w := newWorld(t, 6, 0)
	heard := w.meter()
	err := w.feedback.Handle(t.Context(), mail.Event{Kind: mail.EventBounce, Permanent: true, Recipient: "a@example.org", At: w.clock},
		mail.Event{Kind: mail.EventBounce, Recipient: "full@example.org", At: w.clock}, mail.Event{Kind: mail.EventComplaint, Recipient: "b@example.org", At: w.clock})
	if err != nil || heard[metric.Bounces] != 1 || heard[metric.Complaints] != 1 {
		t.Errorf("heard %v, %v", heard, err)
	}
}
