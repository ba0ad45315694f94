package cloud

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"liaison/internal/app"
)

// initTime is how long the start of a function may wait for its configuration. Lambda allows 10 seconds, but the API's 30 run meanwhile,
// and the first event may need the rest of them; it also tries again what the start could not get.
const initTime = 2 * time.Second

// StartHTTP serves HTTP API events with the handler that build makes. It does not return.
func StartHTTP(build func(*app.Outside) (http.Handler, error), parts ...Part) {
	log, s := begin(build, parts)
	lambda.Start(answerHTTP(s.get, log))
}

// answerHTTP is what an HTTP function does with an event.
func answerHTTP(get func(context.Context) (http.Handler, error), log *slog.Logger) httpHandler {
	return func(ctx context.Context, e events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		waiting, cancel := budget(ctx)
		defer cancel()
		h, err := get(waiting)
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			log.ErrorContext(ctx, "function is not ready in time", "error", err)
			return plainAnswer(e, http.StatusServiceUnavailable, "error.slow"), nil
		case err != nil:
			log.ErrorContext(ctx, "function is not ready", "error", err)
			return plainAnswer(e, http.StatusInternalServerError, "error.internal"), nil
		}
		return serveHTTP(h, log)(ctx, e)
	}
}

// StartQueue serves batches of an SQS queue with the handler that build makes. It does not return.
func StartQueue(build func(*app.Outside) (app.Message, error), parts ...Part) {
	log, s := begin(build, parts)
	lambda.Start(func(ctx context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		handle, err := s.get(ctx)
		if err != nil {
			log.ErrorContext(ctx, "function is not ready", "error", err)
			return events.SQSEventResponse{}, err // the whole batch comes again
		}
		return serveQueue(handle, log)(ctx, e)
	})
}

// StartTick serves the events of a schedule with what build makes. It does not return.
func StartTick(build func(*app.Outside) (app.Tick, error), parts ...Part) {
	log, s := begin(build, parts)
	lambda.Start(answerTick(s.get, log))
}

// answerTick is what a function does with an event of the schedule.
func answerTick(get func(context.Context) (app.Tick, error), log *slog.Logger) tickHandler {
	return func(ctx context.Context, e events.EventBridgeEvent) error {
		tick, err := get(ctx)
		if err != nil {
			log.ErrorContext(ctx, "function is not ready", "error", err)
			return err
		}
		return serveTick(tick, log)(ctx, e)
	}
}

// both is a function that requests and the schedule set off.
type both struct {
	pages http.Handler
	tick  app.Tick
}

// StartHTTPAndTick serves HTTP API events and those of a schedule with the handler and the tick that build makes. It does not return.
func StartHTTPAndTick(build func(*app.Outside) (http.Handler, app.Tick, error), parts ...Part) {
	log, s := begin(func(o *app.Outside) (both, error) {
		pages, tick, err := build(o)
		return both{pages, tick}, err
	}, parts)
	lambda.Start(answerEither(s.get, log))
}

// begin makes the handler ahead of the first event, while Lambda gives the start its full share of a processor. A failure is kept
// for the event that needs it: there it is tried again, and answered.
func begin[H any](build func(*app.Outside) (H, error), parts []Part) (*slog.Logger, *service[H]) {
	spareTheCollector(os.Getenv)
	log := counted(newLog(os.Stdout), os.Getenv("LIAISON_ID"), time.Now)
	slog.SetDefault(log) // libraries that log by themselves pass the same gate
	s := &service[H]{build: build, open: func() (*world, error) { return open(os.Getenv, log, parts) }}
	ctx, cancel := context.WithTimeout(context.Background(), initTime)
	defer cancel()
	if _, err := s.get(ctx); err != nil {
		log.ErrorContext(ctx, "start", "error", err)
	}
	return log, s
}

// spareTheCollector lets the heap grow to five times what is in use before the garbage collector runs, and less only when three
// quarters of the function's memory are taken. A start, whose heap grows from nothing, would else be collected again and again;
// make bench-lambda shows what a start costs.
func spareTheCollector(getenv func(string) string) {
	megabytes, err := strconv.ParseInt(getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"), 10, 32)
	if err != nil || megabytes < 128 {
		return // not on Lambda
	}
	debug.SetGCPercent(400)
	debug.SetMemoryLimit(megabytes << 20 / 4 * 3)
}
