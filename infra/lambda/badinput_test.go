//go:build aws

package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"liaison/infra/lambda/deployment"
	"liaison/infra/lambda/sandbox"
	"liaison/infra/local/queue"
	"liaison/infra/local/stage"
)

// says waits until a function's log has a line of that level with those words.
func says(t *testing.T, d *deployment.Deployment, folder, level string, words ...string) {
	t.Helper()
	for range 100 {
		for line := range strings.Lines(d.Logs[folder].String()) {
			found := strings.Contains(line, `"level":"`+level+`"`)
			for _, w := range words {
				found = found && strings.Contains(line, w)
			}
			if found {
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("functions/%s has no line of level %s with %q:\n%.3000s", folder, level, words, d.Logs[folder])
}

func status(t *testing.T, answer []byte, err error) int {
	t.Helper()
	var out events.APIGatewayV2HTTPResponse
	if err != nil || json.Unmarshal(answer, &out) != nil {
		t.Errorf("%s %v", answer, err)
	}
	return out.StatusCode
}

// Events that are none of the function's are answered or refused, with a line that says why; the process lives on.
func TestStrangeEvents(t *testing.T) {
	d := deploy(t, deployment.Options{})
	ask := func(folder, event string) ([]byte, error) { return d.Invoke(t.Context(), folder, []byte(event)) }
	for name, event := range map[string]string{
		"payload 1.0":    `{"version": "1.0", "httpMethod": "GET", "path": "/en/surveys", "requestContext": {"stage": "$default"}}`,
		"a queue's":      `{"Records": [{"messageId": "1", "body": "{}", "eventSource": "aws:sqs"}]}`,
		"empty":          `{}`,
		"the schedule's": string(d.TickEvent("x")),
	} {
		if answer, err := ask("intake", event); status(t, answer, err) != http.StatusBadRequest {
			t.Errorf("%s: %s", name, answer)
		}
	}
	says(t, d, "intake", "ERROR", "not an event of an HTTP API, payload format 2.0", `"version":"1.0"`)
	coded := `{"version": "2.0", "rawPath": "/en/surveys/subscribers", "headers": {"content-type": "application/json"}, "requestContext": {"stage": "$default", "http": {"method": "POST", "path": "/x", "sourceIp": "203.0.113.9"}}, "body": "%%%", "isBase64Encoded": true}`
	if answer, err := ask("intake", coded); status(t, answer, err) != http.StatusBadRequest {
		t.Errorf("%s", answer)
	}
	says(t, d, "intake", "WARN", "body is marked as base64 and is not")
	public := newPerson(t, d)
	for _, to := range []string{"/en/surveys/subscribers", "/en/subscribe"} {
		for _, kind := range []string{"application/json", "application/x-www-form-urlencoded", ""} {
			if r := public.send("POST", to, kind, nil); r.status < 400 || r.status > 499 {
				t.Errorf("an empty body of type %q to %s: %d %.200s", kind, to, r.status, r.body)
			}
		}
	}
	for _, event := range []string{`{}`, `{"Records": []}`, `{"version": "2.0", "rawPath": "/"}`} {
		if answer, err := ask("deliver", event); err == nil || !strings.Contains(err.Error(), "holds no messages") {
			t.Errorf("%s is taken for a batch: %s", event, answer)
		}
	}
	if answer, err := ask("deliver", `{"Records": [{"body": "x"}]}`); err == nil {
		t.Errorf("a message without an id: %s", answer)
	}
	for folder, p := range d.Functions {
		if _, err := p.Invoke(t.Context(), []byte(`not JSON`)); err == nil {
			t.Errorf("functions/%s understands what is no JSON", folder)
		}
	}
	if r := public.send("GET", "/en/surveys", "", nil); r.status != http.StatusOK {
		t.Errorf("afterwards: %d", r.status)
	}
}

// Of ten messages the poisoned one comes back, ten times, and ends among the dead letters; so does one of another release.
func TestPoisonedMessages(t *testing.T) {
	d := deploy(t, deployment.Options{})
	desk := secretary(t, d)
	var ten []queue.Outgoing
	for n := range 9 {
		ten = append(ten, queue.Outgoing{Body: []byte(fmt.Sprintf(`{"Type":"Notification","MessageId":"%d","Message":"{\"eventType\":\"Delivery\",\"mail\":{\"messageId\":\"m%d\",\"timestamp\":\"2026-11-22T00:00:00.000Z\",\"destination\":[\"a@example.org\"],\"tags\":{}},\"delivery\":{}}"}`, n, n))})
	}
	release := d.Stage.Broker.Hold(stage.FeedbackQueue)
	if err := d.Stage.Broker.Send(t.Context(), stage.FeedbackQueue, append(ten, queue.Outgoing{Body: []byte("poison")})...); err != nil {
		t.Fatal(err)
	}
	release()
	if err := d.Stage.Broker.Send(t.Context(), stage.DeliverQueue, queue.Outgoing{Body: []byte(`{"v":0,"kind":"deliver","distribution":"issue-1","segment":1}`)}); err != nil {
		t.Fatal(err)
	}
	desk.later(time.Minute)
	depth := func(name string) queue.Depth {
		list, err := d.Stage.Broker.Depths(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range list {
			if q.Name == name {
				return q
			}
		}
		return queue.Depth{}
	}
	if q := depth(stage.FeedbackQueue); q.Visible+q.Hidden != 1 || q.Dead != 0 {
		t.Errorf("after the first time: %+v", q)
	}
	says(t, d, "feedback", "ERROR", "message failed", `"received":"1"`)
	says(t, d, "deliver", "ERROR", "message failed", "not a task of this release", "version 0, this release speaks 1")
	desk.later(90 * time.Minute)
	for _, name := range []string{stage.FeedbackQueue, stage.DeliverQueue} {
		if q := depth(name); q.Dead != 1 || q.Visible+q.Hidden != 0 {
			t.Errorf("in the end: %+v", q)
		}
	}
	says(t, d, "feedback", "ERROR", "message failed", `"received":"10"`)
	if list, err := d.Stage.Broker.Dead(t.Context(), stage.FeedbackQueue, 5); err != nil || len(list) != 1 || string(list[0].Body) != "poison" {
		t.Errorf("dead letters %+v, %v", list, err)
	}
}

// A secret, a table or a variable that is not there: pages that say sorry, lines that say what is missing, and all is well when it is back.
func TestWhatIsNotThere(t *testing.T) {
	d := deploy(t, deployment.Options{})
	public := newPerson(t, d)
	d.Secrets.Set("")
	if r := public.send("GET", "/en/surveys", "", nil, "Accept", "text/html"); r.status != http.StatusInternalServerError || !strings.Contains(r.body, "<h1>") {
		t.Errorf("without its keys: %d %.300s", r.status, r.body)
	}
	says(t, d, "intake", "ERROR", "function is not ready", "read the signing keys", "ResourceNotFoundException")
	if _, err := d.Functions["clock"].Invoke(t.Context(), d.TickEvent("x")); err == nil {
		t.Error("the clock ticks without keys")
	}
	says(t, d, "clock", "ERROR", "function is not ready", "read the signing keys")
	d.Secrets.Set(deployment.Secret)
	if r := public.send("GET", "/en/surveys", "", nil); r.status != http.StatusOK {
		t.Errorf("with its keys again: %d %.300s", r.status, r.body)
	}
	for variable, words := range map[string][]string{
		"LIAISON_PROGRAMME_TABLE=nowhere": {"function is not ready", "ResourceNotFoundException"},
		"LIAISON_SENDER=":                 {"function is not ready", "LIAISON_SENDER is not set"},
	} {
		f := d.Functions["intake"].Function
		log := &deployment.Log{}
		f.Env, f.Log = append(f.Env[:len(f.Env):len(f.Env)], variable), log
		p := sandbox.New(f)
		event, err := event(d, "intake")
		if err != nil {
			t.Fatal(err)
		}
		answer, err := p.Invoke(t.Context(), event)
		if got := status(t, answer, err); got != http.StatusInternalServerError {
			t.Errorf("%s: %d", variable, got)
		}
		p.Close() // what it printed is all there now
		for _, w := range words {
			if !strings.Contains(log.String(), w) {
				t.Errorf("%s: the log lacks %q: %s", variable, w, log)
			}
		}
	}
}

// In the sandbox of SES the programme mails whom it may, says in the log why it mails nobody else, and stops an issue that is refused.
func TestSESInTheSandbox(t *testing.T) {
	d := deploy(t, deployment.Options{})
	desk := secretary(t, d)
	readers(desk)
	d.Faults.Mail.Sandbox("secretary@example.org")
	public := newPerson(t, d)
	public.post("/en/subscribe", `{"email": "new@readers.example", "name": "N", "organisation": "Org", "country": "PE", "language": "en", "format": "html", "category": "labour", "consent": true}`)
	says(t, d, "deliver", "WARN", "mail refused", "not verified")
	issue := desk.issue(7)
	desk.later(3 * time.Minute)
	says(t, d, "deliver", "WARN", "in its sandbox")
	if p := issue.progress(); p["state"] != "paused" || p["reason"] != "refusals" {
		t.Errorf("%v", p)
	}
	desk.later(2 * time.Minute)
	desk.link("secretary@example.org", "/desk/issues/7") // the alarm
}

// The schedule fires twice in a minute, and both at once: what is due is done once.
func TestTheClockTwiceInAMinute(t *testing.T) {
	d := deploy(t, deployment.Options{Workers: 3})
	desk := secretary(t, d)
	readers(desk)
	issue := desk.issue(8)
	event := d.TickEvent("twice")
	for _, folder := range []string{"press", "clock"} {
		var all sync.WaitGroup
		for range 6 {
			all.Go(func() {
				if _, err := d.Invoke(t.Context(), folder, event); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
	}
	issue.once()
	if list := desk.items("/desk/issues"); len(list) != 1 {
		t.Errorf("%d issues", len(list))
	}
}
