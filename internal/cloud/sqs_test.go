package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"liaison/internal/distribution"
)

// batchJSON is a batch as the event source mapping of an SQS queue sends it.
func batchJSON(t *testing.T, bodies ...string) events.SQSEvent {
	t.Helper()
	type record map[string]any
	var records []record
	for i, b := range bodies {
		records = append(records, record{"messageId": fmt.Sprintf("m-%d", i), "receiptHandle": "AQEB", "body": b,
			"attributes":        map[string]string{"ApproximateReceiveCount": "3", "SentTimestamp": "1810288800000"},
			"messageAttributes": map[string]any{}, "md5OfBody": "", "eventSource": "aws:sqs",
			"eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:liaison-deliver", "awsRegion": "eu-west-1"})
	}
	text, err := json.Marshal(map[string]any{"Records": records})
	if err != nil {
		t.Fatal(err)
	}
	var e events.SQSEvent
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

// failures encodes the answer as the runtime does and reads it as the event source mapping does.
func failures(t *testing.T, out events.SQSEventResponse) []string {
	t.Helper()
	text, err := json.Marshal(out)
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		BatchItemFailures []struct{ ItemIdentifier string } `json:"batchItemFailures"`
	}
	if err := json.Unmarshal(text, &back); err != nil || back.BatchItemFailures == nil {
		t.Fatalf("%s: %v", text, err)
	}
	ids := []string{}
	for _, f := range back.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

func TestOnePoisonedMessageComesBackAlone(t *testing.T) {
	poison := map[string]func() error{
		"error":     func() error { return errors.New("broken for reader@example.org") },
		"panic":     func() error { panic("nil map") },
		"not yet":   func() error { return fmt.Errorf("deliver: %w", &distribution.NotYet{After: time.Minute}) },
		"malformed": func() error { _, err := distribution.ParseTask([]byte("\x00{")); return err },
	}
	for name, fail := range poison {
		t.Run(name, func(t *testing.T) {
			var handled []string
			var lines bytes.Buffer
			serve := serveQueue(func(_ context.Context, body []byte) error {
				handled = append(handled, string(body))
				if string(body) == "poison reader@example.org" {
					return fail()
				}
				return nil
			}, newLog(&lines))
			bodies := []string{"0", "1", "2", "poison reader@example.org", "4", "5", "6", "7", "8", "9"}
			out, err := serve(context.Background(), batchJSON(t, bodies...))
			if err != nil {
				t.Fatal(err)
			}
			if got := failures(t, out); !reflect.DeepEqual(got, []string{"m-3"}) {
				t.Errorf("came back: %v", got)
			}
			if !reflect.DeepEqual(handled, bodies) {
				t.Errorf("handled %v", handled)
			}
			if log := lines.String(); !strings.Contains(log, `"message":"m-3"`) || !strings.Contains(log, `"received":"3"`) || strings.Contains(log, "example.org") {
				t.Errorf("log: %s", log)
			}
			if wantError := name != "not yet"; strings.Contains(lines.String(), `"level":"ERROR"`) != wantError {
				t.Errorf("logged as error must be %v: %s", wantError, lines.String())
			}
		})
	}
}

func TestAGoodBatchReturnsAnEmptyList(t *testing.T) {
	out, err := serveQueue(func(context.Context, []byte) error { return nil }, slog.New(slog.DiscardHandler))(context.Background(), batchJSON(t, "a", "b"))
	if err != nil || len(failures(t, out)) != 0 {
		t.Errorf("%+v, %v", out, err)
	}
}

func TestMessagesAreNotBegunWhenTimeIsUp(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), margin-time.Second)
	defer cancel()
	begun := 0
	out, err := serveQueue(func(context.Context, []byte) error { begun++; return nil }, slog.New(slog.DiscardHandler))(ctx, batchJSON(t, "a", "b"))
	if got := failures(t, out); err != nil || begun != 0 || len(got) != 2 {
		t.Errorf("begun %d, came back %v, %v", begun, got, err)
	}
}

func TestBatchesThatAreNone(t *testing.T) {
	serve := serveQueue(func(context.Context, []byte) error { return nil }, slog.New(slog.DiscardHandler))
	for name, text := range map[string]string{"an HTTP event": eventJSON, "nothing": `{}`, "no id": `{"Records":[{"body":"x"}]}`} {
		var e events.SQSEvent
		if err := json.Unmarshal([]byte(text), &e); err != nil {
			t.Fatal(err)
		}
		if _, err := serve(context.Background(), e); err == nil {
			t.Errorf("%s: taken for a batch", name)
		}
	}
}

func TestTick(t *testing.T) {
	var e events.EventBridgeEvent
	if err := json.Unmarshal([]byte(`{"version":"0","id":"53dc4d37","detail-type":"Scheduled Event","source":"aws.events","account":"123456789012",
	 "time":"2027-05-14T10:00:00Z","region":"eu-west-1","resources":["arn:aws:events:eu-west-1:123456789012:rule/minute"],"detail":{}}`), &e); err != nil {
		t.Fatal(err)
	}
	broken := errors.New("table is away")
	for _, c := range []struct {
		tick func(context.Context) error
		want bool
	}{
		{func(context.Context) error { return nil }, true},
		{func(context.Context) error { return broken }, false},
		{func(context.Context) error { panic("x") }, false},
	} {
		var lines bytes.Buffer
		err := serveTick(c.tick, newLog(&lines))(context.Background(), e)
		if (err == nil) != c.want || (lines.Len() == 0) != c.want {
			t.Errorf("error %v, log %q", err, lines.String())
		}
	}
}
