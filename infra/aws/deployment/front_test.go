//go:build aws

package deployment

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/infra/local/mailbox"
	"liaison/infra/local/page"
	"liaison/infra/local/ses"
)

// post is the mail service of a deployment: SES's stand-in, whose mails can be read and whose reports go to the topic of the deployment,
// as SES's do. The emulator's own loses headers and tags and reports nothing (gaps_test.go).
type post struct {
	*ses.Server
	store *ses.Store
	url   string
}

func startPost(t *testing.T) *post {
	t.Helper()
	store, err := ses.OpenStore(filepath.Join(t.TempDir(), "mail.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	p := &post{Server: ses.New(ses.Options{Store: store, Strict: true, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}), store: store}
	srv := httptest.NewServer(p)
	t.Cleanup(srv.Close)
	p.url = srv.URL
	return p
}

// report hands SES's events to the topic until the test ends. What the stand-in wraps as SNS would, SNS wraps here by itself.
func (p *post) report(t *testing.T, o operator, topic string) {
	ctx, stop := context.WithCancel(context.Background())
	var ended sync.WaitGroup
	ended.Go(func() {
		p.Run(ctx, func(_ context.Context, notifications [][]byte) error {
			for _, n := range notifications {
				var event struct{ Message string }
				if err := json.Unmarshal(n, &event); err != nil {
					return err
				}
				if status, answer := o.ask("sns", "Publish", "TopicArn", topic, "Message", event.Message); status != http.StatusOK {
					return fmt.Errorf("publish: %d %s", status, answer)
				}
			}
			return nil
		})
	})
	t.Cleanup(func() { stop(); ended.Wait() })
}

// front is what a reader's browser reaches: the API of the deployment, and beside it under /_local/ what the smoke run must see that no
// deployment shows: the mails, and what the mail service took.
type front struct {
	*stack
	post  *post
	ticks int // minutes that came from here
}

// startFront listens where the deployment's mails will link to; it serves a stack once there is one.
func startFront(t *testing.T) (address string, serve func(*front)) {
	var handler http.Handler
	var mu sync.Mutex
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		h := handler
		mu.Unlock()
		if h == nil {
			http.Error(w, "not deployed yet", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(srv.Close)
	return srv.URL, func(f *front) {
		mu.Lock()
		defer mu.Unlock()
		handler = f.routes()
	}
}

func (f *front) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /_local/health", func(w http.ResponseWriter, _ *http.Request) {
		page.JSON(w, http.StatusOK, map[string]string{"status": "ready"})
	})
	mux.HandleFunc("GET /_local/clock", f.time)
	mux.HandleFunc("POST /_local/clock", f.wait)
	mux.HandleFunc("GET /_local/sent.json", f.sent)
	mux.HandleFunc("GET /_local/signin", func(w http.ResponseWriter, r *http.Request) {
		page.Refuse(w, r, http.StatusNotFound, "a deployment has no way in but the mailed link")
	})
	(&mailbox.Mailbox{Store: f.post.store, Now: time.Now, Zone: time.UTC, Arrived: func(context.Context) { f.quiet("MailQueue") }}).Routes(mux)
	mux.Handle("/", f.api())
	return mux
}

// api leads to the API. The emulator's own address of it loses the slash at the end of a path of one part (gaps_test.go), this one does not.
func (f *front) api() http.Handler {
	to, err := url.Parse(f.url + "/_aws/execute-api/" + f.physical("Api") + "/$default")
	if err != nil {
		f.t.Fatal(err)
	}
	return &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) }}
}

// time tells the time, and that nobody moves it here.
func (f *front) time(w http.ResponseWriter, _ *http.Request) {
	page.JSON(w, http.StatusOK, map[string]any{"now": time.Now().UTC(), "fixed": true})
}

// patience is how long it is waited at most for what shall be later, and for the queues.
const (
	patience = 3 * time.Second
	calm     = 5 * time.Second
)

// wait lets time pass, at most patience of it, and then press, clock and queues do what is due.
func (f *front) wait(w http.ResponseWriter, r *http.Request) {
	d, err := time.ParseDuration(r.FormValue("advance"))
	if err != nil {
		page.Refuse(w, r, http.StatusUnprocessableEntity, err.Error())
		return
	}
	time.Sleep(min(d, patience))
	for range 2 { // what the first begins may need another to end
		if err := f.tick(r.Context()); err != nil {
			page.Refuse(w, r, http.StatusInternalServerError, err.Error())
			return
		}
	}
	f.time(w, r)
}

// tick calls press and clock as the schedule does, and waits until the queues are empty.
func (f *front) tick(ctx context.Context) error {
	f.ticks++
	event := fmt.Sprintf(`{"version":"0","id":"front-%d","detail-type":"Scheduled Event","source":"aws.events","account":%q,"time":%q,"region":%q,"resources":[],"detail":{}}`,
		f.ticks, account, time.Now().UTC().Format(time.RFC3339), region)
	for _, name := range []string{"PressFunction", "ClockFunction"} {
		status, answer := f.send("lambda", http.MethodPost, "/2015-03-31/functions/"+f.physical(name)+"/invocations", nil, []byte(event))
		if status != http.StatusOK || bytes.Contains(answer, []byte("errorMessage")) {
			return fmt.Errorf("%s: %d %s", name, status, answer)
		}
	}
	for deadline := time.Now().Add(calm); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		waiting, err := f.post.Unreported(ctx)
		if err != nil {
			return err
		}
		if !waiting && f.idle("PlanQueue", "DeliverQueue", "MailQueue", "FeedbackQueue") {
			return nil
		}
	}
	return nil // the next call goes on
}

// quiet waits until these queues are empty, at most calm.
func (f *front) quiet(queues ...string) {
	for deadline := time.Now().Add(calm); time.Now().Before(deadline) && !f.idle(queues...); {
		time.Sleep(50 * time.Millisecond)
	}
}

// idle tells whether no message waits or is being worked on; those that were put off do not count.
func (f *front) idle(queues ...string) bool {
	for _, q := range queues {
		at := f.attributes(q)
		if at["ApproximateNumberOfMessages"] != "0" || at["ApproximateNumberOfMessagesNotVisible"] != "0" {
			return false
		}
	}
	return true
}

// attributes are those of a queue of the stack.
func (s *stack) attributes(queue string) map[string]string {
	s.t.Helper()
	var out struct{ Attributes map[string]string }
	s.json("sqs", "AmazonSQS.GetQueueAttributes", map[string]any{"QueueUrl": s.physical(queue), "AttributeNames": []string{"All"}}, &out)
	return out.Attributes
}

// sent tells what the mail service took of an issue's distribution.
func (f *front) sent(w http.ResponseWriter, r *http.Request) {
	by, err := f.post.store.Sent(r.Context(), strings.TrimSpace(r.FormValue("issue")))
	if err != nil {
		page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		return
	}
	total := 0
	for _, n := range by {
		total += n
	}
	page.JSON(w, http.StatusOK, map[string]any{"total": total, "recipients": by})
}
