package queue

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"liaison/internal/app"
	"liaison/internal/cloud"
	"liaison/internal/distribution"
	"liaison/internal/mail/outbox"
)

// fakeSQS speaks as much of the SQS protocol as the sender uses. refuse decides about each entry: "" takes it, "sender" and
// "service" turn it away as the sender's or the service's fault.
type fakeSQS struct {
	mu     sync.Mutex
	sizes  []int
	taken  map[string][]string // by queue
	delays []int
	refuse func(call, entry int) string
	status int // of whole calls, when not 200
	calls  int
}

func (f *fakeSQS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	if f.status != 0 {
		w.WriteHeader(f.status)
		fmt.Fprint(w, `{"__type":"com.amazonaws.sqs#QueueDoesNotExist","message":"no such queue"}`)
		return
	}
	var in struct {
		QueueUrl string
		Entries  []struct {
			Id, MessageBody string
			DelaySeconds    int
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".SendMessageBatch") {
		w.WriteHeader(400)
		return
	}
	f.sizes = append(f.sizes, len(in.Entries))
	type ok struct{ Id, MessageId, MD5OfMessageBody string }
	type bad struct {
		Id, Code, Message string
		SenderFault       bool
	}
	var out struct {
		Successful []ok
		Failed     []bad
	}
	for i, e := range in.Entries {
		why := ""
		if f.refuse != nil {
			why = f.refuse(f.calls, i)
		}
		if why != "" {
			out.Failed = append(out.Failed, bad{e.Id, "InternalError", "not now", why == "sender"})
			continue
		}
		sum := md5.Sum([]byte(e.MessageBody))
		out.Successful = append(out.Successful, ok{e.Id, "id", hex.EncodeToString(sum[:])})
		f.taken[in.QueueUrl] = append(f.taken[in.QueueUrl], e.MessageBody)
		f.delays = append(f.delays, e.DelaySeconds)
	}
	_ = json.NewEncoder(w).Encode(out)
}

var now = time.Date(2027, 5, 14, 10, 0, 0, 0, time.UTC)

func sender(t *testing.T, f *fakeSQS) *queues {
	t.Helper()
	f.taken = map[string][]string{}
	srv := httptest.NewServer(f)
	t.Cleanup(srv.Close)
	config := aws.Config{Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL), Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), RetryMaxAttempts: 1}
	s := &cloud.Setting{Outside: &app.Outside{Now: func() time.Time { return now }}, PlanQueue: srv.URL + "/plan", DeliverQueue: srv.URL + "/deliver", MailQueue: srv.URL + "/mail",
		Config: func(string) aws.Config { return config }}
	Part(s)
	q := s.Outside.Queue.(*queues)
	q.pause = time.Microsecond
	return q
}

func deliveries(n int) []distribution.Task {
	var out []distribution.Task
	for i := range n {
		out = append(out, distribution.Task{Kind: distribution.Deliver, Distribution: "issue-3", Shard: i})
	}
	return out
}

// taken reads the messages of a queue back as its consumer does.
func taken(t *testing.T, f *fakeSQS, queue string) map[int]int {
	t.Helper()
	out := map[int]int{}
	for url, bodies := range f.taken {
		if !strings.HasSuffix(url, queue) {
			continue
		}
		for _, b := range bodies {
			task, err := distribution.ParseTask([]byte(b))
			if err != nil {
				t.Fatal(err)
			}
			out[task.Shard]++
		}
	}
	return out
}

func TestTasksGoToTheirQueuesInTens(t *testing.T) {
	f := &fakeSQS{}
	q := sender(t, f)
	tasks := append(deliveries(23), distribution.Task{Kind: distribution.Plan, Distribution: "issue-3", Shard: 1}, distribution.Task{Kind: distribution.Review, Distribution: "issue-3", Shard: 2})
	if err := q.Send(context.Background(), tasks...); err != nil {
		t.Fatal(err)
	}
	if got := taken(t, f, "/deliver"); len(got) != 23 {
		t.Errorf("deliver queue holds %v", got)
	}
	if got := taken(t, f, "/plan"); len(got) != 2 {
		t.Errorf("plan queue holds %v", got)
	}
	for _, n := range f.sizes {
		if n > 10 {
			t.Errorf("a call of %d entries", n)
		}
	}
	if f.calls != 4 {
		t.Errorf("%d calls for 23 + 2 tasks", f.calls)
	}
	if err := q.Send(context.Background()); err != nil || f.calls != 4 {
		t.Errorf("sending nothing: %v, %d calls", err, f.calls)
	}
}

func TestDelaysAreCappedAtWhatSQSHolds(t *testing.T) {
	f := &fakeSQS{}
	q := sender(t, f)
	for _, d := range []time.Duration{-time.Hour, 0, 90 * time.Second, 20 * time.Hour} {
		if err := q.Send(context.Background(), distribution.Task{Kind: distribution.Deliver, Distribution: "i", NotBefore: now.Add(d)}); err != nil {
			t.Fatal(err)
		}
	}
	if want := []int{0, 0, 90, 900}; fmt.Sprint(f.delays) != fmt.Sprint(want) {
		t.Errorf("delays %v, want %v", f.delays, want)
	}
}

func TestTurnedAwayEntriesAreSentAgainAndOnlyThose(t *testing.T) {
	f := &fakeSQS{refuse: func(call, entry int) string {
		if call <= 2 && entry%3 == 1 {
			return "service"
		}
		return ""
	}}
	q := sender(t, f)
	if err := q.Send(context.Background(), deliveries(10)...); err != nil {
		t.Fatal(err)
	}
	got := taken(t, f, "/deliver")
	for shard := range 10 {
		if got[shard] != 1 {
			t.Errorf("shard %d is %d times on the queue", shard, got[shard])
		}
	}
	if want := []int{10, 3, 1}; fmt.Sprint(f.sizes) != fmt.Sprint(want) {
		t.Errorf("calls of %v entries, want %v", f.sizes, want)
	}
}

func TestSendGivesUpAndSaysSo(t *testing.T) {
	always := &fakeSQS{refuse: func(int, int) string { return "service" }}
	if err := sender(t, always).Send(context.Background(), deliveries(2)...); err == nil || always.calls != sendTries {
		t.Errorf("error %v after %d calls", err, always.calls)
	}
	fault := &fakeSQS{refuse: func(int, int) string { return "sender" }}
	if err := sender(t, fault).Send(context.Background(), deliveries(2)...); err == nil || fault.calls != 1 {
		t.Errorf("error %v after %d calls", err, fault.calls)
	}
	gone := &fakeSQS{status: 400}
	if err := sender(t, gone).Send(context.Background(), deliveries(2)...); err == nil || gone.calls != 1 {
		t.Errorf("error %v after %d calls", err, gone.calls)
	}
	ctx, cancel := context.WithCancel(context.Background())
	stuck := &fakeSQS{refuse: func(int, int) string { cancel(); return "service" }}
	q := sender(t, stuck)
	q.pause = time.Hour
	if err := q.Send(ctx, deliveries(1)...); err == nil {
		t.Error("a cancelled send went well")
	}
}

// Nudges go to a queue of their own, in tens, without delay, and hold nothing but ids.
func TestNudgesGoToTheirQueue(t *testing.T) {
	f := &fakeSQS{refuse: func(call, entry int) string {
		if call == 1 && entry == 3 {
			return "service"
		}
		return ""
	}}
	q := sender(t, f)
	var ids []string
	for n := range 12 {
		ids = append(ids, fmt.Sprint("mail-", n))
	}
	if err := q.wake(context.Background(), ids...); err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for url, bodies := range f.taken {
		if !strings.HasSuffix(url, "/mail") {
			t.Errorf("%d nudges on %s", len(bodies), url)
		}
		for _, b := range bodies {
			n, err := outbox.ParseNudge([]byte(b))
			if err != nil {
				t.Fatal(err)
			}
			seen[n.ID]++
		}
	}
	for _, id := range ids {
		if seen[id] != 1 {
			t.Errorf("%s is %d times on the queue", id, seen[id])
		}
	}
	if want := []int{10, 1, 2}; fmt.Sprint(f.sizes) != fmt.Sprint(want) {
		t.Errorf("calls of %v entries, want %v", f.sizes, want)
	}
	for _, d := range f.delays {
		if d != 0 {
			t.Errorf("a nudge is held back for %d s", d)
		}
	}
	gone := &fakeSQS{status: 400}
	if err := sender(t, gone).wake(context.Background(), "a"); err == nil {
		t.Error("a queue that is not there took a nudge")
	}
}
