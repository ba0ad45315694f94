package cloud

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"liaison/internal/app"
)

// scheduler is the source of a schedule's events.
const scheduler = "aws.events"

// answerEither tells requests and the schedule's events apart. The schedule names its source; an event without one is a request, or is
// answered by answerHTTP that it is none. Batches and other services' events are refused, so that whoever sends them hears of it.
func answerEither(get func(context.Context) (both, error), log *slog.Logger) func(context.Context, json.RawMessage) (any, error) {
	pages := answerHTTP(func(ctx context.Context) (http.Handler, error) {
		f, err := get(ctx)
		return f.pages, err
	}, log)
	tick := answerTick(func(ctx context.Context) (app.Tick, error) {
		f, err := get(ctx)
		return f.tick, err
	}, log)
	return func(ctx context.Context, event json.RawMessage) (any, error) {
		var kind struct {
			Source  string            `json:"source"`
			Records []json.RawMessage `json:"Records"`
		}
		err := json.Unmarshal(event, &kind)
		switch {
		case err != nil:
		case kind.Source == scheduler:
			var e events.EventBridgeEvent
			if err = json.Unmarshal(event, &e); err == nil {
				return nil, tick(ctx, e)
			}
		case kind.Source != "" || kind.Records != nil:
			err = fmt.Errorf("source %q, %d records", kind.Source, len(kind.Records))
		default:
			var e events.APIGatewayV2HTTPRequest
			if err = json.Unmarshal(event, &e); err == nil {
				return pages(ctx, e)
			}
		}
		log.ErrorContext(ctx, "event is neither a request nor the schedule's", "error", err)
		return nil, fmt.Errorf("cloud: event is neither a request nor the schedule's: %w", err)
	}
}
