package ses

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync/atomic"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

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
	switch {
	case errors.As(err, &answer) && answer.HTTPStatusCode() == http.StatusTooManyRequests:
		meaning = mail.ErrThrottled
		if strings.Contains(strings.ToLower(err.Error()), "daily") {
			meaning = mail.ErrExhausted
		}
	case isAny(err, new(*types.AccountSuspendedException), new(*types.SendingPausedException), new(*types.MailFromDomainNotVerifiedException), new(*types.NotFoundException)):
		meaning = mail.ErrStopped
	case errors.As(err, &answer) && (answer.HTTPStatusCode() == http.StatusUnauthorized || answer.HTTPStatusCode() == http.StatusForbidden):
		meaning = mail.ErrStopped // the function's rights or credentials are wrong: no mail is at fault
	case errors.As(err, &answer) && answer.HTTPStatusCode()/100 == 4:
		meaning = mail.ErrRefused
	case !w.reached.Load():
		meaning = mail.ErrThrottled // never sent: try again later
	}
	return fmt.Errorf("%w: %w", meaning, err)
}

func isAny(err error, targets ...any) bool {
	for _, t := range targets {
		if errors.As(err, t) {
			return true
		}
	}
	return false
}
