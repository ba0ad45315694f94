package cloud

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"liaison/internal/app"
	"liaison/internal/distribution"
)

// margin is the time before a function's deadline at which no further message of a batch is begun.
const margin = 5 * time.Second

// queueHandler is what the Lambda runtime calls with a batch of an SQS queue whose event source reports item failures.
type queueHandler func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)

// serveQueue hands the messages of a batch to handle, one after the other, and gives back those that failed, and only those: they come
// again after the queue's visibility timeout and, in the end, go to its dead-letter queue. A message's text is never logged.
func serveQueue(handle app.Message, log *slog.Logger) queueHandler {
	return func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		out := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
		if len(e.Records) == 0 {
			return out, errors.New("cloud: event holds no messages: is an SQS queue its source?")
		}
		for i, m := range e.Records {
			if m.MessageId == "" {
				return out, fmt.Errorf("cloud: message %d has no id", i) // an empty id in the answer would fail the whole batch silently
			}
			if err := message(ctx, handle, m, log); err != nil {
				out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: m.MessageId})
			}
		}
		return out, nil
	}
}

var errNoTime = errors.New("cloud: the function's time is nearly up")

// message handles one message; an error, which it has logged, wants the message again.
func message(ctx context.Context, handle app.Message, m events.SQSMessage, log *slog.Logger) (err error) {
	log = log.With("message", m.MessageId, "received", m.Attributes["ApproximateReceiveCount"], "queue", m.EventSourceARN)
	if end, ok := ctx.Deadline(); ok && time.Until(end) < margin {
		log.WarnContext(ctx, "message put back unread", "error", errNoTime)
		return errNoTime
	}
	defer func() {
		if p := recover(); p != nil {
			log.ErrorContext(ctx, "panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = fmt.Errorf("cloud: panic: %v", p)
		}
	}()
	err = handle(ctx, []byte(m.Body))
	var notYet *distribution.NotYet
	switch {
	case errors.As(err, &notYet): // no failure; the visibility timeout outlasts any lease, so the message comes late enough
		log.InfoContext(ctx, "message put back for later", "after", notYet.After.String())
	case err != nil:
		log.ErrorContext(ctx, "message failed", "error", err)
	}
	return err
}
