package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/internal/app"
	"liaison/internal/distribution"
)

// Names of the queues.
const (
	planQueue     = "plan"
	deliverQueue  = "deliver"
	feedbackQueue = "feedback"
)

var queues = []string{planQueue, deliverQueue, feedbackQueue}

// Times are short here, so that a person can watch the programme recover. Their order is what matters: a call ends before
// its message becomes visible and before its lease passes, and an event whose first reader died is read again, more than once if
// need be, before the grace of what it tells about is over.
const (
	callTimeout = 8 * time.Second
	visibility  = 10 * time.Second
	receives    = 5
	tickEvery   = 2 * time.Second
	// longStep is the most that the clock moves without a tick: an issue that starts a day late waits for a person.
	longStep = 12 * time.Hour
)

var limits = distribution.Limits{Lease: 10 * time.Second, Grace: 45 * time.Second, Silence: 2 * time.Minute, LookAgain: 10 * time.Second, Stall: time.Minute, Workers: 2}

func settings() map[string]queue.Settings {
	one := queue.Settings{Visibility: visibility, Timeout: callTimeout, Receives: receives, Batch: 1, Workers: 2}
	ten := one
	ten.Batch = 10
	return map[string]queue.Settings{planQueue: one, deliverQueue: one, feedbackQueue: ten}
}

// world is the programme and what it runs on.
type world struct {
	clock  *clock
	broker *queue.Broker
	mail   *ses.Server
	all    *app.Everything
	log    *slog.Logger
	// gate is held for reading while a request or a tick is at work, and for writing while the clock is moved: for the programme no
	// time passes in the middle of what it does, because a claim whose holder lives would be thought dead.
	gate sync.RWMutex
	// moving lets one advance of the clock follow the other.
	moving sync.Mutex
}

// tasks is the programme's way to the queues.
type tasks struct {
	broker *queue.Broker
	now    func() time.Time
}

// Send implements distribution.Queue.
func (t *tasks) Send(ctx context.Context, list ...distribution.Task) error {
	byQueue := map[string][]queue.Outgoing{}
	for _, task := range list {
		body, err := json.Marshal(task)
		if err != nil {
			return err
		}
		name := planQueue
		if task.Kind == distribution.Deliver {
			name = deliverQueue
		}
		byQueue[name] = append(byQueue[name], queue.Outgoing{Body: body, Delay: task.Delay(t.now())})
	}
	for name, messages := range byQueue {
		if err := t.broker.Send(ctx, name, messages...); err != nil {
			return err
		}
	}
	return nil
}

// publish is the mail service's way to the feedback queue.
func (w *world) publish(ctx context.Context, notifications [][]byte) error {
	messages := make([]queue.Outgoing, len(notifications))
	for i, n := range notifications {
		messages[i].Body = n
	}
	return w.broker.Send(ctx, feedbackQueue, messages...)
}

// handler runs a function over a batch. A worker that is killed takes the rest of its batch with it.
func (w *world) handler(name string, handle app.Message) queue.Handler {
	return func(ctx context.Context, batch []queue.Message) (failed []queue.Verdict) {
		for i, m := range batch {
			err := handle(ctx, m.Body)
			if err == nil {
				continue
			}
			v := queue.Verdict{ID: m.ID, Cause: err}
			if notYet := (*distribution.NotYet)(nil); errors.As(err, &notYet) {
				v.After = notYet.After
			} else {
				w.log.Warn("message not handled, it will come again", "queue", name, "received", m.Receives, "error", err)
			}
			failed = append(failed, v)
			if errors.Is(err, distribution.ErrKilled) {
				for _, rest := range batch[i+1:] {
					failed = append(failed, queue.Verdict{ID: rest.ID, Cause: err})
				}
				return failed
			}
		}
		return failed
	}
}

// work runs the queues, the mail service's reports and the clock function until ctx is done.
func (w *world) work(ctx context.Context) {
	var all sync.WaitGroup
	for name, handle := range map[string]app.Message{planQueue: w.all.Plan, deliverQueue: w.all.Deliver, feedbackQueue: w.all.Feedback} {
		all.Go(func() { w.broker.Run(ctx, name, w.handler(name, handle)) })
	}
	all.Go(func() { w.mail.Run(ctx, w.publish) })
	all.Go(func() {
		// What an earlier process was told by the mail service comes first: it may settle what is in doubt.
		w.settle(ctx, time.Now().Add(10*time.Second), feedbackQueue)
		for ctx.Err() == nil {
			w.tick(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(tickEvery):
			}
		}
	})
	all.Wait()
}

// tick runs the clock function once. It is not cut off by the end of the programme.
func (w *world) tick(ctx context.Context) {
	w.gate.RLock()
	defer w.gate.RUnlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callTimeout)
	defer cancel()
	if err := w.all.Tick(ctx); err != nil {
		w.log.Error("clock", "error", err)
	}
}

// settle waits until nothing is visible on the queues and no event waits to be reported; false when the deadline came first.
func (w *world) settle(ctx context.Context, deadline time.Time, names ...string) bool {
	for ctx.Err() == nil && time.Now().Before(deadline) {
		waiting, err := w.mail.Unreported(ctx)
		if err == nil && !waiting {
			var idle bool
			if idle, err = w.broker.Idle(ctx, names...); err == nil && idle {
				return true
			}
		}
		if err != nil {
			w.log.Error("queues", "error", err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	return false
}

// advance moves the clock by d in steps, and after each lets what has become due run its course, for at most patience; what then
// is still to be done goes on by itself.
func (w *world) advance(ctx context.Context, d, patience time.Duration) error {
	w.moving.Lock()
	defer w.moving.Unlock()
	deadline := time.Now().Add(patience)
	target := w.clock.Now().Add(d)
	w.settle(ctx, deadline, queues...)
	for left := d; left > 0; left = target.Sub(w.clock.Now()) {
		step := min(left, max(min(d/24, longStep), time.Minute))
		if at, ok, err := w.broker.Next(ctx); err != nil {
			return err
		} else if wait := at.Sub(w.clock.Now()); ok && wait < step {
			step = max(wait, 0) + time.Millisecond
		}
		if time.Now().After(deadline) {
			step = left
		}
		if err := w.jump(ctx, step); err != nil {
			return err
		}
		w.tick(ctx)
		w.settle(ctx, deadline, queues...)
	}
	for range 3 { // what the last tick began may need another to end
		if time.Now().After(deadline) {
			break
		}
		w.tick(ctx)
		w.settle(ctx, deadline, queues...)
	}
	return nil
}

// jump moves the clock while nothing is at work and the mail service has told all it knows: leases and graces are measured on it.
func (w *world) jump(ctx context.Context, d time.Duration) error {
	release := w.broker.Hold(planQueue, deliverQueue)
	defer release()
	w.settle(ctx, time.Now().Add(4*callTimeout), feedbackQueue)
	releaseFeedback := w.broker.Hold(feedbackQueue)
	defer releaseFeedback()
	w.gate.Lock()
	defer w.gate.Unlock()
	err := w.clock.advance(d)
	w.broker.Wake()
	return err
}
