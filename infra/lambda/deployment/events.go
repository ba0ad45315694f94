package deployment

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/uuid"

	"liaison/infra/lambda/endpoint"
	"liaison/infra/lambda/sandbox"
	"liaison/infra/local/queue"
	"liaison/internal/sam"
)

// consumer is a function that a queue feeds.
type consumer struct {
	pool    *sandbox.Pool
	arn     string // of the queue
	partial bool   // it reports which messages failed
}

// consumers by the stage's name of the queue.
func (d *Deployment) consumers() map[string]consumer {
	out := map[string]consumer{}
	list, _ := d.Template.Functions() // read before
	for _, f := range list {
		for _, e := range f.Events() {
			if e.Type == "SQS" {
				kinds := e.At("FunctionResponseTypes").List()
				out[stageName(e.Queue())] = consumer{d.Functions[f.Folder], d.Known[e.Queue()+".Arn"], len(kinds) == 1 && kinds[0].Value == "ReportBatchItemFailures"}
			}
		}
	}
	return out
}

// batch is Lambda's event source mapping: messages come in an event, and what the function does not name as failed is deleted. A function
// that fails as a whole, or gives an answer that cannot be understood, has failed with every message.
func (d *Deployment) batch(name string, c consumer) queue.Handler {
	return func(_ context.Context, batch []queue.Message) []queue.Verdict {
		event, err := json.Marshal(d.SQSEvent(c.arn, batch))
		var answer []byte
		if err == nil {
			answer, err = c.pool.Invoke(context.Background(), event)
		}
		failed := map[string]bool{}
		if err == nil && c.partial {
			failed, err = failures(answer, batch)
		}
		var out []queue.Verdict
		for _, m := range batch {
			switch {
			case err != nil:
				out = append(out, queue.Verdict{ID: m.ID, Cause: err})
			case failed[messageID(m)]:
				out = append(out, queue.Verdict{ID: m.ID, Cause: errors.New("the function says that it failed")})
			}
		}
		if err != nil && !errors.Is(err, sandbox.ErrClosed) {
			d.log.Warn("batch failed", "queue", name, "messages", len(batch), "error", err)
		}
		return out
	}
}

// failures reads the function's answer by Lambda's rules: an empty one is success, an unknown id fails the whole batch.
func failures(answer []byte, batch []queue.Message) (map[string]bool, error) {
	var out events.SQSEventResponse
	if len(answer) == 0 || string(answer) == "null" {
		return nil, nil
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		return nil, fmt.Errorf("deployment: the function's answer: %w", err)
	}
	known, failed := map[string]bool{}, map[string]bool{}
	for _, m := range batch {
		known[messageID(m)] = true
	}
	for _, f := range out.BatchItemFailures {
		if !known[f.ItemIdentifier] {
			return nil, fmt.Errorf("deployment: the function names a message %q that it was not given", f.ItemIdentifier)
		}
		failed[f.ItemIdentifier] = true
	}
	return failed, nil
}

func messageID(m queue.Message) string {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(strconv.FormatInt(m.ID, 10))).String()
}

// SQSEvent is a batch as a function gets it.
func (d *Deployment) SQSEvent(arn string, batch []queue.Message) events.SQSEvent {
	var e events.SQSEvent
	now := strconv.FormatInt(d.Stage.Clock.Now().UnixMilli(), 10)
	for _, m := range batch {
		sum := md5.Sum(m.Body)
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: messageID(m), ReceiptHandle: uuid.NewString(), Body: string(m.Body), Md5OfBody: hex.EncodeToString(sum[:]),
			Attributes: map[string]string{
				"ApproximateReceiveCount": strconv.Itoa(m.Receives), "SentTimestamp": strconv.FormatInt(m.Sent.UnixMilli(), 10), "SenderId": "harness",
				"ApproximateFirstReceiveTimestamp": now,
			},
			MessageAttributes: map[string]events.SQSMessageAttribute{}, EventSourceARN: arn, EventSource: "aws:sqs", AWSRegion: d.Account.Region,
		})
	}
	return e
}

// schedule finds the functions that the template's schedules set off, one after the other here, and how often they do. One's trouble does not
// keep the others waiting.
func (d *Deployment) schedule() (every time.Duration, err error) {
	list, _ := d.Template.Functions() // read before
	var due []func(context.Context) error
	for _, f := range list {
		for _, e := range f.Events() {
			if e.Type != "Schedule" {
				continue
			}
			own, err := rate(e)
			if err != nil {
				return 0, err
			}
			if every != 0 && own != every {
				return 0, fmt.Errorf("deployment: %s has a schedule of its own: %s", f.ID, own)
			}
			every = own
			due = append(due, func(ctx context.Context) error {
				_, err := d.Functions[f.Folder].Invoke(ctx, d.TickEvent(f.ID+e.Name))
				return err
			})
		}
	}
	if every == 0 {
		return 0, errors.New("deployment: the template has no schedule")
	}
	d.Stage.Tick = func(ctx context.Context) error {
		var errs []error
		for _, tick := range due {
			errs = append(errs, tick(ctx))
		}
		return errors.Join(errs...)
	}
	return every, nil
}

// rate reads "rate(1 minute)".
func rate(e sam.Event) (time.Duration, error) {
	var n int
	var unit string
	text := e.At("Schedule").Value
	if _, err := fmt.Sscanf(strings.NewReplacer("(", " ", ")", " ").Replace(text), "rate %d %s", &n, &unit); err != nil || n < 1 || !strings.HasPrefix(unit, "minute") {
		return 0, fmt.Errorf("deployment: the schedule %q is not understood", text)
	}
	return time.Duration(n) * time.Minute, nil
}

// TickEvent is an event of the schedule.
func (d *Deployment) TickEvent(rule string) []byte {
	text, _ := json.Marshal(events.EventBridgeEvent{ // strings and times: it does not fail
		Version: "0", ID: uuid.NewString(), DetailType: "Scheduled Event", Source: "aws.events", AccountID: d.Account.ID, Time: d.Stage.Clock.Now().Truncate(time.Second),
		Region: d.Account.Region, Resources: []string{d.Account.ARN("events", "rule/"+rule)}, Detail: json.RawMessage("{}"),
	})
	return text
}

// killing lets a process die where it was ordered to (workbench.Faults): by SIGKILL, at the call that the step is named for.
func (d *Deployment) killing() endpoint.Hooks {
	die := func(c endpoint.Call, step string) bool {
		if !d.Faults.Dies(step) {
			return false
		}
		for _, p := range d.Functions {
			if p.Kill(c.Process) {
				return true
			}
		}
		return true
	}
	return endpoint.Hooks{
		Before: func(c endpoint.Call) bool {
			return c.Operation != "ses:SendBulkEmail" || !die(c, "claim")
		},
		After: func(c endpoint.Call, status int) {
			switch {
			case status >= 300:
			case c.Operation == "ses:SendBulkEmail":
				die(c, "accepted")
			case c.Operation == "dynamodb:TransactWriteItems" && c.Key == Key("deliver"):
				die(c, "settle")
			case c.Operation == "dynamodb:PutItem" && c.Key == Key("fanout"):
				die(c, "plan")
			}
		},
	}
}
