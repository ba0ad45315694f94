package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

// The test binary is its own function: started with this variable, it serves events as a Lambda function does.
const asFunction = "SANDBOX_TEST_FUNCTION"

func TestMain(m *testing.M) {
	switch os.Getenv(asFunction) {
	case "":
		os.Exit(m.Run())
	case "mute":
		select {}
	case "dies":
		os.Exit(3)
	}
	count := 0
	lambda.Start(func(ctx context.Context, event map[string]string) (any, error) {
		count++
		switch event["do"] {
		case "sleep":
			time.Sleep(time.Minute)
		case "exit":
			os.Exit(1)
		case "panic":
			panic("as told")
		case "fail":
			return nil, errors.New("as told")
		case "large":
			return strings.Repeat("x", MaxPayload), nil
		case "time":
			end, _ := ctx.Deadline()
			return map[string]any{"now": time.Now(), "left": time.Until(end).Seconds()}, nil
		case "who":
			lc, _ := lambdacontext.FromContext(ctx)
			return map[string]any{"arn": lc.InvokedFunctionArn, "token": os.Getenv("TOKEN"), "trace": os.Getenv("_X_AMZN_TRACE_ID"), "count": count}, nil
		}
		return count, nil
	})
}

func pool(t *testing.T, kind string, change func(*Function)) *Pool {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	f := Function{Name: "f", Binary: self, Env: []string{asFunction + "=" + kind, "PATH=/bin"}, ARN: "arn:f", Timeout: 20 * time.Second, Workers: 2, Token: "TOKEN"}
	if change != nil {
		change(&f)
	}
	p := New(f)
	t.Cleanup(p.Close)
	return p
}

func do(p *Pool, what string) (string, error) {
	answer, err := p.Invoke(context.Background(), []byte(`{"do": "`+what+`"}`))
	return string(answer), err
}

func TestAProcessStaysWarm(t *testing.T) {
	p := pool(t, "serves", nil)
	for n := range 3 {
		if got, err := do(p, "count"); err != nil || got != fmt.Sprint(n+1) {
			t.Fatalf("%q, %v", got, err)
		}
	}
	var who struct {
		ARN, Token, Trace string
		Count             int
	}
	got, err := do(p, "who")
	if err != nil || json.Unmarshal([]byte(got), &who) != nil || who.ARN != "arn:f" || who.Token != "f-1" || !strings.HasPrefix(who.Trace, "Root=1-") || who.Count != 4 {
		t.Errorf("%s %v", got, err)
	}
}

// shared is a log that several may write to at once.
type shared struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *shared) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(b)
}

func TestFailuresOfTheFunction(t *testing.T) {
	var log shared
	p := pool(t, "serves", func(f *Function) { f.Log, f.Workers = &log, 1 })
	var of *FunctionError
	if _, err := do(p, "fail"); !errors.As(err, &of) || of.Type != "errorString" || of.Message != "as told" {
		t.Errorf("%v", err)
	}
	if got, err := do(p, "count"); err != nil || got != "2" {
		t.Errorf("after an error the process should serve on: %q, %v", got, err)
	}
	if _, err := do(p, "panic"); !errors.As(err, &of) || of.Message != "as told" {
		t.Errorf("%v", err)
	}
	if _, err := do(p, "exit"); !errors.Is(err, ErrExit) {
		t.Errorf("%v", err)
	}
	if got, err := do(p, "count"); err != nil || got != "1" {
		t.Errorf("after its death another should serve: %q, %v", got, err)
	}
	if _, err := do(p, "large"); !errors.As(err, &of) || of.Type != "Function.ResponseSizeTooLarge" {
		t.Errorf("%v", err)
	}
	if _, err := p.Invoke(context.Background(), make([]byte, MaxPayload+1)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("%v", err)
	}
	p.Close()
	if text := log.text.String(); !strings.Contains(text, "Runtime exited") || !strings.Contains(text, "as told") {
		t.Errorf("log: %s", text)
	}
	if _, err := do(p, "count"); !errors.Is(err, ErrClosed) {
		t.Errorf("after the end: %v", err)
	}
}

func TestWhatOverrunsIsKilled(t *testing.T) {
	p := pool(t, "serves", func(f *Function) { f.Timeout = 300 * time.Millisecond })
	if _, err := do(p, "sleep"); !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	if got, err := do(p, "who"); err != nil || !strings.Contains(got, `"f-2"`) {
		t.Errorf("its process serves on: %s, %v", got, err)
	}
}

func TestKill(t *testing.T) {
	p := pool(t, "serves", nil)
	if _, err := do(p, "count"); err != nil {
		t.Fatal(err)
	}
	if p.Kill("f-9") || !p.Kill("f-1") || p.Kill("f-1") {
		t.Error("not the one that was named")
	}
	ended := make(chan error)
	go func() { _, err := do(p, "sleep"); ended <- err }()
	for p.KillAll() == 0 {
		time.Sleep(time.Millisecond)
	}
	if err := <-ended; !errors.Is(err, ErrExit) {
		t.Errorf("%v", err)
	}
}

func TestNoMoreAtOnceThanWorkers(t *testing.T) {
	p := pool(t, "serves", nil)
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if _, err := do(p, "count"); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if p.count > 2 {
		t.Errorf("%d processes", p.count)
	}
	go func() { _, _ = do(p, "sleep") }()
	go func() { _, _ = do(p, "sleep") }()
	for len(p.slots) < 2 {
		time.Sleep(time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, []byte("{}")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("with all at work: %v", err)
	}
}

func TestProcessesThatDoNotStart(t *testing.T) {
	if _, err := do(pool(t, "dies", nil), "count"); !errors.Is(err, ErrExit) {
		t.Errorf("%v", err)
	}
	if _, err := do(pool(t, "serves", func(f *Function) { f.Binary = "/nowhere" }), "count"); err == nil {
		t.Error("nothing was started and it answers")
	}
}
