package main

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"time"

	"liaison/infra/local/queue"
	"liaison/infra/local/stage"
	"liaison/internal/app"
	"liaison/internal/app/all"
	"liaison/internal/distribution"
	"liaison/internal/mail/outbox"
)

// Times are short here, so that a person can watch the programme recover. Their order is what matters: a call ends before
// its message becomes visible and before its lease passes, and an event whose first reader died is read again, more than once if
// need be, before the grace of what it tells about is over.
const (
	callTimeout = 8 * time.Second
	visibility  = 10 * time.Second
	receives    = 5
	tickEvery   = 2 * time.Second
)

var limits = distribution.Limits{Lease: 10 * time.Second, Grace: 45 * time.Second, Silence: 2 * time.Minute, LookAgain: 10 * time.Second, Stall: time.Minute, Workers: 2}

func settings() map[string]queue.Settings {
	one := queue.Settings{Visibility: visibility, Timeout: callTimeout, Receives: receives, Batch: 1, Workers: 2}
	ten := one
	ten.Batch = 10
	return map[string]queue.Settings{stage.PlanQueue: one, stage.DeliverQueue: one, stage.MailQueue: one, stage.FeedbackQueue: ten}
}

// world is the programme and what it runs on.
type world struct {
	*stage.Stage
	all *all.Everything
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
		name := stage.PlanQueue
		if task.Kind == distribution.Deliver {
			name = stage.DeliverQueue
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

// wake implements outbox.Wake.
func (t *tasks) wake(ctx context.Context, ids ...string) error {
	messages := make([]queue.Outgoing, len(ids))
	for i, id := range ids {
		body, err := json.Marshal(outbox.Nudge{ID: id})
		if err != nil {
			return err
		}
		messages[i].Body = body
	}
	return t.broker.Send(ctx, stage.MailQueue, messages...)
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
				w.Log.Warn("message not handled, it will come again", "queue", name, "received", m.Receives, "error", err)
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
	for name, handle := range map[string]app.Message{stage.PlanQueue: w.all.Plan, stage.DeliverQueue: w.all.Deliver, stage.MailQueue: w.all.Deliver,
		stage.FeedbackQueue: w.all.Feedback} {
		all.Go(func() { w.Broker.Run(ctx, name, w.handler(name, handle)) })
	}
	all.Go(func() { w.Mail.Run(ctx, w.Publish) })
	all.Go(func() {
		// What an earlier process was told by the mail service comes first: it may settle what is in doubt.
		w.Settle(ctx, time.Now().Add(10*time.Second), stage.FeedbackQueue)
		for ctx.Err() == nil {
			w.TickOnce(ctx)
			select {
			case <-ctx.Done():
			case <-time.After(tickEvery):
			}
		}
	})
	all.Wait()
}
