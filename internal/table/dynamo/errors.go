package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"liaison/internal/table"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// errBusy: another transaction holds the item at this moment, or an expired one stood in the way; nothing was written.
var errBusy = fmt.Errorf("%w: the item is in use", table.ErrThrottled)

// mapError says with the port's words what DynamoDB answered. lost tells that an earlier attempt of the same write may
// have happened, so that the error must not promise the contrary.
func mapError(verb string, err error, lost bool) error {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return fmt.Errorf("dynamo: %s: %w", verb, err)
	}
	kind := error(nil)
	switch api.ErrorCode() {
	case "ValidationException", "ItemCollectionSizeLimitExceededException":
		kind = table.ErrInvalid
	case "TransactionConflictException", "TransactionInProgressException":
		kind = errBusy
	case "ProvisionedThroughputExceededException", "ThrottlingException", "ThrottledException", "Throttling",
		"RequestLimitExceeded", "RequestThrottled", "LimitExceededException":
		kind = table.ErrThrottled
	}
	switch {
	case kind == nil:
		return fmt.Errorf("dynamo: %s: %w", verb, err)
	case lost && errors.Is(kind, table.ErrThrottled):
		return fmt.Errorf("dynamo: %s: an answer was lost, it may have been written: %w", verb, err)
	}
	return fmt.Errorf("dynamo: %s: %w: %w", verb, kind, err)
}

// witness watches the attempts of one call.
type witness struct {
	aws.RetryerV2
	once bool // do not repeat an attempt that may have been done
	lost bool // an attempt failed that may have been done
}

// watch puts the witness before the client's retryer.
func (w *witness) watch(o *dynamodb.Options) {
	if r, ok := o.Retryer.(aws.RetryerV2); ok {
		w.RetryerV2 = r
	} else {
		w.RetryerV2 = withAttemptToken{o.Retryer}
	}
	o.Retryer = w
}

// IsErrorRetryable is asked after each failed attempt.
func (w *witness) IsErrorRetryable(err error) bool {
	if maybeDone(err) {
		w.lost = true
		if w.once {
			return false
		}
	}
	return w.RetryerV2.IsErrorRetryable(err)
}

// withAttemptToken is an old retryer in the new shape.
type withAttemptToken struct{ aws.Retryer }

func (r withAttemptToken) GetAttemptToken(context.Context) (func(error) error, error) {
	return r.GetInitialToken(), nil
}

// maybeDone tells that the request may have been carried out although its attempt failed: no answer came, or one that
// says nothing about the request (500 and above, or an answer that could not be read).
func maybeDone(err error) bool {
	if answer, ok := errors.AsType[*smithyhttp.ResponseError](err); ok {
		status := answer.HTTPStatusCode()
		return status < http.StatusBadRequest || status >= http.StatusInternalServerError
	}
	op, ok := errors.AsType[*net.OpError](err)
	return !ok || op.Op != "dial"
}

// Waiting is short and many-footed: another transaction holds an item for milliseconds, a partition splits in seconds.
const (
	tries     = 8
	firstWait = 25 * time.Millisecond
	longest   = time.Second
)

// pause waits before the next try, a random half to whole of a time that doubles.
func (t *Table) pause(ctx context.Context, try int) error {
	d := min(firstWait<<try, longest)
	return t.wait(ctx, d/2+rand.N(d/2))
}

// whileBusy tries f again while it answers errBusy.
func (t *Table) whileBusy(ctx context.Context, f func() error) error {
	for try := 0; ; try++ {
		err := f()
		if !errors.Is(err, errBusy) || try == tries-1 {
			return err
		}
		if err := t.pause(ctx, try); err != nil {
			return err
		}
	}
}

// untilProcessed asks again while DynamoDB leaves part of a batch undone.
func (t *Table) untilProcessed(ctx context.Context, ask func() (left int, err error)) error {
	for try := 0; ; try++ {
		left, err := ask()
		if err != nil || left == 0 {
			return err
		}
		if try == tries-1 {
			return fmt.Errorf("%w: %d of a batch were not processed", table.ErrThrottled, left)
		}
		if err := t.pause(ctx, try); err != nil {
			return err
		}
	}
}
