package cloud

import (
	"context"
	"log/slog"
	"slices"
	"time"

	"liaison/internal/metric"
)

// namespace and dimension of the programme's numbers in CloudWatch. One dimension: each value of each would be billed as a number of its own.
const (
	namespace = "Liaison"
	dimension = "Programme"
)

// The embedded metric format: CloudWatch makes numbers of log lines that say how. It costs a function nothing but the line.
type (
	embedded struct {
		Timestamp         int64       // milliseconds
		CloudWatchMetrics []directive // one
	}
	directive struct {
		Namespace  string
		Dimensions [][]string
		Metrics    []definition
	}
	definition struct{ Name, Unit string }
)

// meter writes each count as a line of the log.
func meter(log slog.Handler, programme string, now func() time.Time) metric.Meter {
	return func(ctx context.Context, c metric.Counts) {
		at := now()
		names := make([]metric.Name, 0, len(c))
		for n := range c {
			names = append(names, n)
		}
		slices.Sort(names)
		d := directive{Namespace: namespace, Dimensions: [][]string{{dimension}}}
		r := slog.NewRecord(at, slog.LevelInfo, "counted", 0)
		r.AddAttrs(slog.String(dimension, programme))
		for _, n := range names {
			d.Metrics = append(d.Metrics, definition{string(n), "Count"})
			r.AddAttrs(slog.Int64(string(n), c[n]))
		}
		r.AddAttrs(slog.Any("_aws", embedded{at.UnixMilli(), []directive{d}}))
		_ = log.Handle(ctx, r) // a log that cannot be written has nobody to be told to
	}
}

// errorCount counts the lines of level ERROR: Lambda does not count an answer of 500 or a message that is put back, which are no errors
// to it, and a release must not go on over them.
type errorCount struct {
	slog.Handler
	meter metric.Meter
}

func (h errorCount) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelError {
		h.meter.One(ctx, metric.Failures)
	}
	return h.Handler.Handle(ctx, r)
}
func (h errorCount) WithAttrs(as []slog.Attr) slog.Handler {
	return errorCount{h.Handler.WithAttrs(as), h.meter}
}
func (h errorCount) WithGroup(name string) slog.Handler {
	return errorCount{h.Handler.WithGroup(name), h.meter}
}

// counted is a log that counts its errors.
func counted(log *slog.Logger, programme string, now func() time.Time) *slog.Logger {
	return slog.New(errorCount{log.Handler(), meter(log.Handler(), programme, now)})
}
