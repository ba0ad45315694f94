package cloud

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"regexp"
	"sync"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"liaison/internal/mail"
)

// newLog writes JSON lines in the names that Lambda's log pipeline knows (timestamp, level), with the id of the invocation, and with
// whatever looks like an e-mail address or one of our tokens struck out.
func newLog(w io.Writer) *slog.Logger {
	return slog.New(invocation{slog.NewJSONHandler(discreet{w}, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if len(groups) == 0 && a.Key == slog.TimeKey {
				a.Key = "timestamp"
			}
			return a
		},
	})})
}

// invocation adds the request id that Lambda's own lines carry.
type invocation struct{ slog.Handler }

func (h invocation) Handle(ctx context.Context, r slog.Record) error {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		r.AddAttrs(slog.String("requestId", lc.AwsRequestID))
	}
	return h.Handler.Handle(ctx, r)
}
func (h invocation) WithAttrs(as []slog.Attr) slog.Handler {
	return invocation{h.Handler.WithAttrs(as)}
}
func (h invocation) WithGroup(name string) slog.Handler { return invocation{h.Handler.WithGroup(name)} }

var tokens = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`v4\.(local|public)\.[A-Za-z0-9_.-]+`) })

// discreet is the last gate of the log: errors carry text of strangers and of services, so each whole line is looked through.
type discreet struct{ io.Writer }

func (d discreet) Write(line []byte) (int, error) {
	clean := line
	if bytes.Contains(line, []byte("v4.")) {
		clean = tokens().ReplaceAll(line, []byte("(token)"))
	}
	clean = mail.Discreet(clean)
	if _, err := d.Writer.Write(clean); err != nil {
		return 0, err
	}
	return len(line), nil
}
