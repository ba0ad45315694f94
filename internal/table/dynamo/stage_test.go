package dynamo_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/internal/table/dynamo"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// answer is one answer on the wire; lost closes the connection without one.
type answer struct {
	status int
	body   string
	lost   bool
}

const typePrefix = "com.amazonaws.dynamodb.v20120810#"

func ok(body string) answer { return answer{status: 200, body: body} }

func refusal(kind, more string) answer {
	return answer{status: 400, body: `{"__type":"` + typePrefix + kind + `","message":"m"` + more + `}`}
}

// stage is a server that gives the answers in turn, the last one for ever, and keeps what it was asked.
type stage struct {
	*testing.T
	*dynamo.Table
	mu      sync.Mutex
	answer  func(n int, ask request) answer
	asked   []request
	waited  []time.Duration
	waiting error // what the next wait answers
}

type request struct {
	verb string
	body map[string]any
}

// at reads a place in the request.
func (r request) at(path ...string) any {
	var v any = r.body
	for _, name := range path {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func script(t *testing.T, answers ...answer) *stage {
	return play(t, func(n int, _ request) answer { return answers[min(n, len(answers)-1)] })
}

func play(t *testing.T, f func(n int, ask request) answer) *stage {
	w := &stage{T: t, answer: f}
	server := httptest.NewServer(http.HandlerFunc(w.serve))
	t.Cleanup(server.Close)
	client := dynamodb.New(dynamodb.Options{
		Region:       "eu-west-1",
		BaseEndpoint: &server.URL,
		Credentials:  credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer:      atOnce(),
	})
	w.Table = dynamo.New(client, "things", dynamo.WithNow(func() time.Time { return time.Unix(1000, 0) }),
		dynamo.WithWait(func(ctx context.Context, d time.Duration) error {
			w.waited = append(w.waited, d)
			return errors.Join(ctx.Err(), w.waiting)
		}))
	return w
}

// atOnce tries three times without waiting.
func atOnce() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = 3
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
	})
}

func (w *stage) serve(out http.ResponseWriter, in *http.Request) {
	raw, err := io.ReadAll(in.Body)
	ask := request{verb: strings.TrimPrefix(in.Header.Get("X-Amz-Target"), "DynamoDB_20120810.")}
	if err := errors.Join(err, json.Unmarshal(raw, &ask.body)); err != nil {
		w.Errorf("request: %v", err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.answer(len(w.asked), ask)
	w.asked = append(w.asked, ask)
	if a.lost {
		panic(http.ErrAbortHandler)
	}
	out.Header().Set("Content-Type", "application/x-amz-json-1.0")
	out.WriteHeader(a.status)
	io.WriteString(out, a.body)
}

// requests is what was asked so far.
func (w *stage) requests() []request {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]request(nil), w.asked...)
}
