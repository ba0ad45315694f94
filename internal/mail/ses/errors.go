package ses

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"liaison/internal/mail"
)

// wire remembers whether a call got as far as a connection: before that nothing can have been accepted.
type wire struct{ reached atomic.Bool }

func watch(ctx context.Context) (context.Context, *wire) {
	w := &wire{}
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { w.reached.Store(true) }}), w
}

// classify says what a failed call means. Only an answer of SES itself, or never having reached it, shows that nothing was accepted.
func classify(err error, w *wire) error {
	meaning := mail.ErrDoubt
	var answer *awshttp.ResponseError
	var fault smithy.APIError
	status, code := 0, ""
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	if errors.As(err, &fault) {
		code = fault.ErrorCode()
	}
	switch {
	case status == http.StatusTooManyRequests || status/100 == 4 && retry.IsErrorThrottles(retry.DefaultThrottles).IsErrorThrottle(err).Bool():
		meaning = mail.ErrThrottled
		if strings.Contains(strings.ToLower(err.Error()), "daily") {
			meaning = mail.ErrExhausted
		}
	case status == http.StatusRequestTimeout: // said by something in between
	case refusals[code] || status == http.StatusRequestEntityTooLarge:
		meaning = mail.ErrRefused
	case status/100 == 4:
		meaning = mail.ErrStopped // rights, credentials, identity, limits, or news: no mail is at fault, so none is given up
	case !w.reached.Load():
		meaning = mail.ErrThrottled // never sent: try again later
	}
	return fmt.Errorf("%w: %w", meaning, discreet{err})
}

// discreet is an answer of SES without the addresses that it names.
type discreet struct{ error }

func (d discreet) Error() string { return string(mail.Discreet([]byte(d.error.Error()))) }
func (d discreet) Unwrap() error { return d.error }

// refusals are the answers that are about the mail itself. Every other answer of the 400s holds the sending instead of costing a recipient.
var refusals = map[string]bool{"BadRequestException": true, "MessageRejected": true, "ValidationException": true, "SerializationException": true}
