//go:build aws

package dynamo_test

import (
	"errors"
	"net/http"
	"sync/atomic"
	"testing"
	"time"

	"liaison/internal/table"
	"liaison/internal/transport"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// loser loses the answers to the next requests: the engine has done what was asked and the SDK does not hear of it.
type loser struct {
	http.RoundTripper
	next atomic.Int32
}

var errLost = errors.New("the connection broke before the answer")

func (l *loser) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	if err == nil && l.next.Add(-1) >= 0 {
		answer.Body.Close()
		return nil, errLost
	}
	return answer, err
}

func TestLostAnswers(t *testing.T) {
	l := &loser{RoundTripper: http.DefaultTransport}
	things := open(t, time.Now, func(o *dynamodb.Options) {
		o.HTTPClient = transport.Whole(&http.Client{Transport: l})
		o.Retryer = atOnce()
	})
	lose := func(n int32) { l.next.Store(n) }

	for n, c := range []table.Condition{table.Absent, table.VersionIs(1), table.Present} {
		lose(2)
		i := thing
		i.Version = int64(n)
		got, err := things.Put(t.Context(), i, c)
		if err != nil || got.Version != int64(n+1) {
			t.Fatalf("put %d: version %d, %v; want success and %d", n, got.Version, err, n+1)
		}
	}
	lose(1)
	if _, err := things.Put(t.Context(), thing, table.Absent); !errors.Is(err, table.ErrConflict) {
		t.Errorf("put over another's item: %v; want a conflict", err)
	}
	lose(1)
	if err := things.Transact(t.Context(), table.Put(table.Item{Key: other}, table.Absent),
		table.AddTo(key, map[string]int64{"n": 1})); err != nil {
		t.Errorf("transact: %v", err)
	}
	lose(1)
	if _, err := things.Add(t.Context(), key, map[string]int64{"n": 1}); err == nil || errors.Is(err, table.ErrThrottled) {
		t.Errorf("add: %v; want an error that promises nothing", err)
	}
	lose(1)
	if err := things.Delete(t.Context(), other, table.VersionIs(1)); err != nil {
		t.Errorf("delete: %v", err)
	}
	lose(0)
	got, err := things.Get(t.Context(), key)
	if err != nil || got.Version != 5 || string(got.Body) != `{"a":1,"n":2}` {
		t.Errorf("%s version %d, %v; want every sum made once", got.Body, got.Version, err)
	}
}
