package cloud

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"

	"github.com/aws/aws-lambda-go/events"

	"liaison/internal/app"
)

// tickHandler is what the Lambda runtime calls with an event of the schedule.
type tickHandler func(context.Context, events.EventBridgeEvent) error

// serveTick runs tick. The event's own time is not used: a late or repeated event does what is due now, and that once.
func serveTick(tick app.Tick, log *slog.Logger) tickHandler {
	return func(ctx context.Context, e events.EventBridgeEvent) (err error) {
		defer func() {
			if p := recover(); p != nil {
				log.ErrorContext(ctx, "panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
				err = fmt.Errorf("cloud: panic: %v", p)
			}
		}()
		if err := tick(ctx); err != nil {
			log.ErrorContext(ctx, "tick failed; the next minute tries again", "event", e.ID, "error", err)
			return err
		}
		return nil
	}
}
