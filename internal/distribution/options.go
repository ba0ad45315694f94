package distribution

import (
	"context"
	"log/slog"
	"time"

	"liaison/internal/metric"
	"liaison/internal/table"
)

// Names of the steps at which Options.Step is called. Each call comes right after the durable act that it is named for, before
// anything else is done: a worker that dies in it has done exactly that.
const (
	StepPlan     = "plan"     // a shard has been written to the log; its task is not on the queue yet
	StepClaim    = "claim"    // the claim stands in the ledger; the mail service has not been called
	StepAccepted = "accepted" // the mail service has answered; the answer is written nowhere
	StepSettle   = "settle"   // the answer stands in the ledger and the counters; the message is still on the queue
)

// Options are what every part needs. Table, Queue, Now and NewID must be set.
type Options struct {
	Table table.Table // Delivery
	Queue Queue
	Now   func() time.Time
	NewID func() string // unique; for claims
	// Step, when set, is called at the steps above; its error ends the handler at once, without another write.
	Step   func(ctx context.Context, step string) error
	Log    *slog.Logger // nil: silent
	Meter  metric.Meter // nil: nobody counts
	Limits Limits
	// Sleep waits between tries and for the pace; nil is a timer that ends with ctx. Tests advance their clock instead.
	Sleep func(ctx context.Context, d time.Duration) error
}

// Limits are the times and numbers of the protocol; a zero is the default.
type Limits struct {
	// Lease of a claim, 2 minutes: longer than the timeout of the deliver function, so that who held a lease that passed is dead. The
	// timeout itself must be well over a twelfth of the lease, with which to spare workers and planners put their work back.
	Lease time.Duration
	// Grace, 15 minutes: how long slots in doubt wait for the service's events before they are sent again.
	Grace time.Duration
	// Silence, 45 minutes: the same when no event of a later mail has come in, so that the events themselves may be late.
	Silence time.Duration
	// Doubts, 20: after as many lost answers a shard is left alone and the distribution ends as Incomplete, Unsettled.
	Doubts int
	// Window, 5,000 members: how much of a segment is sorted by edition and format at a time. Memory grows with it; smaller
	// windows make more shards that are not full.
	Window int
	// Windows, 20: how many a planner cuts before it hands on to a fresh task. It hands on earlier when its context nears its deadline.
	Windows int
	// Workers, 2: how many deliver functions run at a time; each takes its part of the sending rate.
	Workers int
	// LookAgain, 10 minutes: how long the distribution is paused as Unreachable before the mail service is tried again.
	LookAgain time.Duration
	// Stall, 10 minutes without progress: every unsettled shard is put on the queue again.
	Stall time.Duration
	// GiveUp, 24 hours without progress, after at least 20 such tries: Incomplete, Stalled.
	GiveUp time.Duration
	// Stale, 72 hours unswept while active: paused as Overdue, for it may be an old copy of the table that came to life.
	Stale time.Duration
	// Retention, 90 days from the start: then shards and ledgers expire. The head and the counters stay.
	Retention time.Duration
	// Bounces, 0.05, and Complaints, 0.001, of the mails sent; and Refusals, 0.2, of the mails answered: more pauses the
	// distribution, once Sample, 100, mails have been sent (answered) since it was last resumed. One complaint
	// alone proves nothing: two are needed. Of refusals a fifth of Sample is enough to pause, when nothing else was answered.
	Bounces, Complaints, Refusals float64
	Sample                        int64
}

func (l Limits) orDefaults() Limits {
	or(&l.Lease, 2*time.Minute)
	or(&l.Grace, 15*time.Minute)
	or(&l.Silence, 45*time.Minute)
	or(&l.Doubts, 20)
	or(&l.Window, 5000)
	or(&l.Windows, 20)
	or(&l.Workers, 2)
	or(&l.LookAgain, 10*time.Minute)
	or(&l.Stall, 10*time.Minute)
	or(&l.GiveUp, 24*time.Hour)
	or(&l.Stale, 72*time.Hour)
	or(&l.Retention, 90*24*time.Hour)
	or(&l.Bounces, 0.05)
	or(&l.Complaints, 0.001)
	or(&l.Refusals, 0.2)
	or(&l.Sample, 100)
	return l
}

func or[T comparable](v *T, preset T) {
	var zero T
	if *v == zero {
		*v = preset
	}
}
