// Package queue lets a function send messages through SQS: the tasks of a distribution, and what wakes the sender of single mails. It is
// apart from package cloud, so that whoever sends none links no SQS.
package queue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"liaison/internal/cloud"
	"liaison/internal/distribution"
	"liaison/internal/mail/outbox"
)

const (
	maxEntries = 10 // of one SendMessageBatch
	sendTries  = 5  // for the entries of a call that SQS did not take
)

// Part is what a main names that sends messages.
func Part(s *cloud.Setting) {
	q := &queues{send: sqs.NewFromConfig(s.Config("SQS")).SendMessageBatch, plan: s.PlanQueue, deliver: s.DeliverQueue, mail: s.MailQueue,
		now: s.Outside.Now, pause: 100 * time.Millisecond}
	s.Outside.Queue, s.Outside.Wake = q, q.wake
}

// queues sends the tasks of a distribution, deliveries to one queue and planning to the other, and nudges to a third: a single mail never
// waits behind a newsletter.
type queues struct {
	// send is the one operation of the client that is linked; see table/dynamo's calls.go.
	send                func(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	plan, deliver, mail string // URLs
	now                 func() time.Time
	pause               time.Duration // before the second try; doubled each time
}

// Send implements distribution.Queue. After an error some tasks may be on their queues: the caller sends all of them again.
func (q *queues) Send(ctx context.Context, tasks ...distribution.Task) error {
	byQueue := map[string][]types.SendMessageBatchRequestEntry{}
	for _, t := range tasks {
		url := q.plan
		if t.Kind == distribution.Deliver {
			url = q.deliver
		}
		body, err := json.Marshal(t)
		if err != nil {
			return fmt.Errorf("queue: task: %w", err)
		}
		byQueue[url] = append(byQueue[url], types.SendMessageBatchRequestEntry{
			MessageBody: aws.String(string(body)), DelaySeconds: int32(t.Delay(q.now()) / time.Second),
		})
	}
	for url, entries := range byQueue {
		if err := q.all(ctx, url, entries); err != nil {
			return err
		}
	}
	return nil
}

// wake implements outbox.Wake.
func (q *queues) wake(ctx context.Context, ids ...string) error {
	var entries []types.SendMessageBatchRequestEntry
	for _, id := range ids {
		body, err := json.Marshal(outbox.Nudge{ID: id})
		if err != nil {
			return fmt.Errorf("queue: nudge: %w", err)
		}
		entries = append(entries, types.SendMessageBatchRequestEntry{MessageBody: aws.String(string(body))})
	}
	return q.all(ctx, q.mail, entries)
}

// all sends entries in as many calls as it takes.
func (q *queues) all(ctx context.Context, url string, entries []types.SendMessageBatchRequestEntry) error {
	for len(entries) > 0 {
		n := min(len(entries), maxEntries)
		if err := q.batch(ctx, url, entries[:n]); err != nil {
			return err
		}
		entries = entries[n:]
	}
	return nil
}

// batch sends up to ten entries and sends those again that SQS turned away for a reason of its own.
func (q *queues) batch(ctx context.Context, url string, entries []types.SendMessageBatchRequestEntry) error {
	pause := q.pause
	for try := 1; ; try++ {
		for i := range entries {
			entries[i].Id = aws.String(strconv.Itoa(i))
		}
		out, err := q.send(ctx, &sqs.SendMessageBatchInput{QueueUrl: &url, Entries: entries})
		if err != nil {
			return fmt.Errorf("queue: send to queue: %w", err)
		}
		if len(out.Failed) == 0 {
			return nil
		}
		var again []types.SendMessageBatchRequestEntry
		for _, f := range out.Failed {
			i, err := strconv.Atoi(aws.ToString(f.Id))
			if err != nil || i < 0 || i >= len(entries) {
				return errors.New("queue: queue answered for an entry that was not sent")
			}
			if f.SenderFault || try == sendTries {
				return fmt.Errorf("queue: queue refused %d of %d messages: %s: %s", len(out.Failed), len(entries), aws.ToString(f.Code), aws.ToString(f.Message))
			}
			again = append(again, entries[i])
		}
		entries = again
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		pause *= 2
	}
}
