package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

// A function that requests and the schedule set off does what the event says, and says what it makes of any other.
func TestEachKindOfEventSetsOffItsOwn(t *testing.T) {
	asked, ticked := 0, 0
	broken := errors.New("no ink")
	f := both{
		pages: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { asked++; w.WriteHeader(http.StatusTeapot) }),
		tick: func(context.Context) error {
			if ticked++; ticked > 1 {
				return broken
			}
			return nil
		},
	}
	var ready error
	var log bytes.Buffer
	handle := answerEither(func(context.Context) (both, error) { return f, ready }, slog.New(slog.NewTextHandler(&log, nil)))
	file := func(name string) json.RawMessage {
		text, err := os.ReadFile(filepath.Join(eventsFolder, name+".json"))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	status := func(out any) int {
		a, _ := out.(events.APIGatewayV2HTTPResponse)
		return a.StatusCode
	}
	if out, err := handle(t.Context(), file("press")); err != nil || status(out) != http.StatusTeapot || asked != 1 || ticked != 0 {
		t.Errorf("a request: %v %v, asked %d, ticked %d", out, err, asked, ticked)
	}
	if out, err := handle(t.Context(), file("press-minute")); err != nil || out != nil || asked != 1 || ticked != 1 {
		t.Errorf("the minute: %v %v, asked %d, ticked %d", out, err, asked, ticked)
	}
	if _, err := handle(t.Context(), file("press-minute")); !errors.Is(err, broken) {
		t.Errorf("a minute that fails: %v", err)
	}
	for name, event := range map[string]string{"empty": `{}`, "payload 1.0": `{"version": "1.0", "httpMethod": "GET", "path": "/desk", "requestContext": {"stage": "$default"}}`} {
		if out, err := handle(t.Context(), json.RawMessage(event)); err != nil || status(out) != http.StatusBadRequest {
			t.Errorf("%s: %v %v", name, out, err)
		}
	}
	for name, event := range map[string]json.RawMessage{"a queue's": file("deliver"), "an empty batch": json.RawMessage(`{"Records": []}`), "another service's": json.RawMessage(`{"version": "0", "source": "aws.s3", "detail-type": "x"}`),
		"no object": json.RawMessage(`"tick"`), "a schedule of another form": json.RawMessage(`{"source": "aws.events", "resources": 1}`), "a request of another form": json.RawMessage(`{"version": 2}`)} {
		log.Reset()
		if out, err := handle(t.Context(), event); err == nil || out != nil || !strings.Contains(log.String(), "neither a request nor the schedule's") {
			t.Errorf("%s: %v %v, %s", name, out, err, &log)
		}
	}
	if asked != 1 || ticked != 2 {
		t.Errorf("asked %d, ticked %d", asked, ticked)
	}
	ready = errors.New("no keys")
	if out, err := handle(t.Context(), file("press")); err != nil || status(out) != http.StatusInternalServerError {
		t.Errorf("a request to what is not ready: %v %v", out, err)
	}
	if _, err := handle(t.Context(), file("press-minute")); !errors.Is(err, ready) {
		t.Errorf("a minute of what is not ready: %v", err)
	}
}
