// Package stage is what a programme plays on when it runs on one machine: a clock that can be moved, and the queues and the mail
// service that follow it.
//
// What may enter: how time passes there, for whatever runs the programme: one process (infra/local), or the Lambdas themselves
// (infra/lambda). It knows neither.
package stage

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
)

// Names of the queues.
const (
	PlanQueue     = "plan"
	DeliverQueue  = "deliver"
	MailQueue     = "mail"
	FeedbackQueue = "feedback"
)

// Queues are all of them.
var Queues = []string{PlanQueue, DeliverQueue, MailQueue, FeedbackQueue}

// longStep is the most that the clock moves without a tick: an issue that starts a day late waits for a person.
const longStep = 12 * time.Hour

// Stage is set up by its fields, which do not change once it is used.
type Stage struct {
	Clock  *Clock
	Broker *queue.Broker
	Mail   *ses.Server
	Log    *slog.Logger
	// Tick runs the clock function once. Call is the longest that one call of a function takes.
	Tick func(context.Context) error
	Call time.Duration
	// Moved, when set, is told each time that the clock has been moved, while nothing is at work.
	Moved func() error
	// Gate is held for reading while a request or a tick is at work, and for writing while the clock is moved: for the programme no
	// time passes in the middle of what it does, because a claim whose holder lives would be thought dead.
	Gate sync.RWMutex
	// moving lets one advance of the clock follow the other.
	moving sync.Mutex
}

// Publish is the mail service's way to the feedback queue.
func (s *Stage) Publish(ctx context.Context, notifications [][]byte) error {
	messages := make([]queue.Outgoing, len(notifications))
	for i, n := range notifications {
		messages[i].Body = n
	}
	return s.Broker.Send(ctx, FeedbackQueue, messages...)
}

// TickOnce runs the clock function. It is not cut off by the end of the programme.
func (s *Stage) TickOnce(ctx context.Context) {
	s.Gate.RLock()
	defer s.Gate.RUnlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.Call)
	defer cancel()
	if err := s.Tick(ctx); err != nil {
		s.Log.Error("clock", "error", err)
	}
}

// Settle waits until nothing is visible on the queues and no event waits to be reported; false when the deadline came first.
func (s *Stage) Settle(ctx context.Context, deadline time.Time, names ...string) bool {
	for ctx.Err() == nil && time.Now().Before(deadline) {
		waiting, err := s.Mail.Unreported(ctx)
		if err == nil && !waiting {
			var idle bool
			if idle, err = s.Broker.Idle(ctx, names...); err == nil && idle {
				return true
			}
		}
		if err != nil {
			s.Log.Error("queues", "error", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

// arrival is how long who looks for a mail waits for those that were just posted.
const arrival = 2 * time.Second

// Arrived waits until every single mail whose sender was woken has been handed to the mail service, or has not been; it does not wait long.
func (s *Stage) Arrived(ctx context.Context) {
	for deadline := time.Now().Add(arrival); ctx.Err() == nil && time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if idle, err := s.Broker.Idle(ctx, MailQueue); err != nil || idle {
			return
		}
	}
}

// Advance moves the clock by d in steps, and after each lets what has become due run its course, for at most patience; what then
// is still to be done goes on by itself.
func (s *Stage) Advance(ctx context.Context, d, patience time.Duration) error {
	s.moving.Lock()
	defer s.moving.Unlock()
	deadline := time.Now().Add(patience)
	target := s.Clock.Now().Add(d)
	s.Settle(ctx, deadline, Queues...)
	for left := d; left > 0; left = target.Sub(s.Clock.Now()) {
		step := min(left, max(min(d/24, longStep), time.Minute))
		if at, ok, err := s.Broker.Next(ctx); err != nil {
			return err
		} else if wait := at.Sub(s.Clock.Now()); ok && wait < step {
			step = max(wait, 0) + time.Millisecond
		}
		if time.Now().After(deadline) {
			step = left
		}
		if err := s.jump(ctx, step); err != nil {
			return err
		}
		s.TickOnce(ctx)
		s.Settle(ctx, deadline, Queues...)
	}
	for range 3 { // what the last tick began may need another to end
		if time.Now().After(deadline) {
			break
		}
		s.TickOnce(ctx)
		s.Settle(ctx, deadline, Queues...)
	}
	return nil
}

// jump moves the clock while nothing is at work and the mail service has told all it knows: leases and graces are measured on it.
func (s *Stage) jump(ctx context.Context, d time.Duration) error {
	release := s.Broker.Hold(PlanQueue, DeliverQueue, MailQueue)
	defer release()
	s.Settle(ctx, time.Now().Add(4*s.Call), FeedbackQueue)
	releaseFeedback := s.Broker.Hold(FeedbackQueue)
	defer releaseFeedback()
	s.Gate.Lock()
	defer s.Gate.Unlock()
	if err := s.Clock.Advance((d + time.Second - 1).Truncate(time.Second)); err != nil { // the clock of a process moves in whole seconds

		return err
	}
	s.Broker.Wake()
	if s.Moved != nil {
		return s.Moved()
	}
	return nil
}
