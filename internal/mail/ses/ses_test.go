package ses

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"

	"liaison/internal/mail"
)

// against gives a sender whose service answers with h, and counts the calls.
func against(t *testing.T, h http.HandlerFunc) (*Sender, *atomic.Int32) {
	t.Helper()
	calls := new(atomic.Int32)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		h(w, r)
	}))
	t.Cleanup(srv.Close)
	return at(srv.URL), calls
}

func at(url string) *Sender {
	return New(sesv2.New(sesv2.Options{Region: "eu-central-1", BaseEndpoint: &url, Credentials: credentials.NewStaticCredentialsProvider("id", "secret", "")}), "liaison")
}

func batch(n int) mail.Batch {
	b := mail.Batch{From: mail.Address{Name: "Bureau, d’été", Mail: "update@example.org"}, ReplyTo: mail.Address{Mail: "secretary@example.org"},
		Content: mail.Content{Subject: "Issue 1", HTML: "<p>{{name}}</p>", Text: "{{name}}"}, Headers: []mail.Header{{Name: "List-Id", Value: "<update.example.org>"}}}
	for i := range n {
		b.Entries = append(b.Entries, mail.Entry{To: mail.Address{Mail: "a@example.org"}, Data: map[string]string{"name": fmt.Sprintf("N%d \"&", i)},
			Headers: []mail.Header{{Name: "List-Unsubscribe", Value: "<https://example.org/u?x=1>"}}, Tags: []mail.Tag{{Name: "slot", Value: fmt.Sprint(i)}}})
	}
	return b
}

func message() mail.Message {
	return mail.Message{From: mail.Address{Mail: "a@example.org"}, To: mail.Address{Name: "Ирина", Mail: "b@example.org"}, Content: mail.Content{Subject: "S", Text: "T"}}
}

func answer(status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if kind != "" {
			w.Header().Set("X-Amzn-Errortype", kind)
		}
		w.WriteHeader(status)
		io.WriteString(w, body)
	}
}

func TestBatchOnTheWire(t *testing.T) {
	var got struct {
		FromEmailAddress     string
		ConfigurationSetName string
		DefaultContent       struct {
			Template struct {
				TemplateContent struct{ Subject, Html, Text string }
				Headers         []struct{ Name, Value string }
			}
		}
		BulkEmailEntries []struct {
			ReplacementEmailContent struct {
				ReplacementTemplate struct{ ReplacementTemplateData string }
			}
			ReplacementHeaders, ReplacementTags []struct{ Name, Value string }
		}
	}
	s, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
			t.Error(err)
		}
		answer(200, "", `{"BulkEmailEntryResults":[{"Status":"SUCCESS","MessageId":"m1"},{"Status":"ACCOUNT_THROTTLED","Error":"slow down"},{"Status":"ACCOUNT_DAILY_QUOTA_EXCEEDED"},{"Status":"MESSAGE_REJECTED"},{"Status":"ACCOUNT_SENDING_PAUSED"},{"Status":"NEW_STATUS"}]}`)(w, r)
	})
	results, err := s.SendBatch(context.Background(), batch(6))
	if err != nil {
		t.Fatal(err)
	}
	want := []mail.Outcome{mail.Sent, mail.Retry, mail.Exhausted, mail.Refused, mail.Stopped, mail.Stopped}
	for i, r := range results {
		if r.Outcome != want[i] {
			t.Errorf("entry %d: %v, want %v", i, r, want[i])
		}
	}
	if results[0].MessageID != "m1" || results[1].Reason != "ACCOUNT_THROTTLED slow down" {
		t.Errorf("%+v", results)
	}
	from, err := netmail.ParseAddress(got.FromEmailAddress)
	if err != nil || from.Name != "Bureau, d’été" || from.Address != "update@example.org" || strings.ContainsFunc(got.FromEmailAddress, notPrintable) || got.ConfigurationSetName != "liaison" {
		t.Errorf("from %q, set %q", got.FromEmailAddress, got.ConfigurationSetName)
	}
	e := got.BulkEmailEntries[3]
	var data map[string]string
	if err := json.Unmarshal([]byte(e.ReplacementEmailContent.ReplacementTemplate.ReplacementTemplateData), &data); err != nil || data["name"] != `N3 "&` {
		t.Errorf("data %v %v", data, err)
	}
	if e.ReplacementHeaders[0].Name != "List-Unsubscribe" || e.ReplacementTags[0].Value != "3" || got.DefaultContent.Template.Headers[0].Name != "List-Id" {
		t.Errorf("headers or tags lost: %+v", e)
	}
}

func TestFailuresSayWhatIsKnown(t *testing.T) {
	cut := func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		c, _, _ := w.(http.Hijacker).Hijack()
		c.Close()
	}
	for name, c := range map[string]struct {
		h    http.HandlerFunc
		want error
	}{
		"throttled":          {answer(429, "TooManyRequestsException", `{"message":"Maximum sending rate exceeded."}`), mail.ErrThrottled},
		"daily quota":        {answer(429, "TooManyRequestsException", `{"message":"Daily message quota exceeded."}`), mail.ErrExhausted},
		"lost answer":        {cut, mail.ErrDoubt},
		"server error":       {answer(500, "InternalFailure", `{}`), mail.ErrDoubt},
		"unavailable":        {answer(503, "ServiceUnavailable", `{}`), mail.ErrDoubt},
		"gateway timeout":    {answer(504, "", `<html>`), mail.ErrDoubt},
		"half an answer":     {answer(200, "", `{"BulkEmailEntry`), mail.ErrDoubt},
		"answer without ids": {answer(200, "", `{}`), mail.ErrDoubt},
		"bad request":        {answer(400, "BadRequestException", `{"message":"x"}`), mail.ErrRefused},
		"rejected":           {answer(400, "MessageRejected", `{"message":"x"}`), mail.ErrRefused},
		"too large":          {answer(413, "", ``), mail.ErrRefused},
		"suspended":          {answer(400, "AccountSuspendedException", `{"message":"x"}`), mail.ErrStopped},
		"paused":             {answer(400, "SendingPausedException", `{"message":"x"}`), mail.ErrStopped},
		"not verified":       {answer(400, "MailFromDomainNotVerifiedException", `{"message":"x"}`), mail.ErrStopped},
		"no set":             {answer(404, "NotFoundException", `{"message":"x"}`), mail.ErrStopped},
		"throttled as a 400": {answer(400, "ThrottlingException", `{"message":"Rate exceeded"}`), mail.ErrThrottled},
		"over a limit":       {answer(400, "LimitExceededException", `{"message":"x"}`), mail.ErrThrottled},
		"stale token":        {answer(400, "ExpiredTokenException", `{"message":"x"}`), mail.ErrStopped},
		"news":               {answer(400, "NobodyKnowsException", `{"message":"x"}`), mail.ErrStopped},
		"timeout on the way": {answer(408, "", ``), mail.ErrDoubt},
		"no rights":          {answer(403, "AccessDeniedException", `{"message":"x"}`), mail.ErrStopped},
	} {
		t.Run(name, func(t *testing.T) {
			s, calls := against(t, c.h)
			_, err := s.SendBatch(context.Background(), batch(2))
			onlyMeans(t, err, c.want)
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls for one batch", n)
			}
			if name == "answer without ids" {
				return // SendEmail's answer has only one id, which nobody needs
			}
			s, calls = against(t, c.h)
			_, err = s.Send(context.Background(), message())
			onlyMeans(t, err, c.want)
			if n := calls.Load(); n != 1 {
				t.Errorf("%d calls for one mail", n)
			}
		})
	}
}

func onlyMeans(t *testing.T, err, want error) {
	t.Helper()
	for _, m := range []error{mail.ErrThrottled, mail.ErrDoubt, mail.ErrRefused, mail.ErrStopped, mail.ErrExhausted} {
		expect := m == want || want == mail.ErrExhausted && m == mail.ErrStopped
		if errors.Is(err, m) != expect {
			t.Errorf("%v: is %v: %v, want %v", err, m, !expect, expect)
		}
	}
}

func TestNeverReachedIsNoDoubt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + l.Addr().String()
	l.Close()
	_, err = at(url).SendBatch(context.Background(), batch(1))
	onlyMeans(t, err, mail.ErrThrottled)
	done, cancel := context.WithCancel(context.Background())
	cancel()
	s, calls := against(t, answer(200, "", `{}`))
	_, err = s.SendBatch(done, batch(1))
	onlyMeans(t, err, mail.ErrThrottled)
	if calls.Load() != 0 {
		t.Error("a call was made although the context was over")
	}
}

func TestCancelledInMidCallIsDoubt(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	arrived := make(chan struct{})
	s, _ := against(t, func(w http.ResponseWriter, r *http.Request) {
		io.Copy(io.Discard, r.Body)
		close(arrived)
		<-r.Context().Done()
	})
	go func() { <-arrived; cancel() }()
	_, err := s.SendBatch(ctx, batch(1))
	onlyMeans(t, err, mail.ErrDoubt)
}

func TestHostileHeadersAreRefusedBeforeTheCall(t *testing.T) {
	s, calls := against(t, answer(200, "", `{"MessageId":"m"}`))
	for _, h := range []mail.Header{{Name: "X", Value: "a\r\nBcc: b@example.org"}, {Name: "X: y", Value: "a"}, {Name: "", Value: "a"}, {Name: "X", Value: strings.Repeat("a", 996)}, {Name: strings.Repeat("X", 127), Value: "a"}} {
		m := message()
		m.Headers = []mail.Header{h}
		if _, err := s.Send(context.Background(), m); !errors.Is(err, mail.ErrRefused) {
			t.Errorf("%q: %v", h, err)
		}
	}
	b := batch(1)
	b.Entries[0].Tags = []mail.Tag{{Name: "slot", Value: "a b"}}
	if _, err := s.SendBatch(context.Background(), b); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("bad tag: %v", err)
	}
	if _, err := s.SendBatch(context.Background(), batch(51)); !errors.Is(err, mail.ErrRefused) {
		t.Errorf("51 entries: %v", err)
	}
	m := message()
	m.To.Name = "a\r\nBcc: x@example.org"
	if _, err := s.Send(context.Background(), m); err != nil || calls.Load() != 1 {
		t.Errorf("a name with a line break is flattened, not refused: %v, %d calls", err, calls.Load())
	}
}

func TestLongNamesDoNotCostTheMail(t *testing.T) {
	if got := address(mail.Address{Name: strings.Repeat("Комитет ", 25), Mail: "a@example.org"}); got != "a@example.org" {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	if got := address(mail.Address{Name: "Комитет", Mail: "a@example.org"}); !strings.HasPrefix(got, "=?utf-8?") {
		t.Errorf("%s", got)
	}
}

func TestAccount(t *testing.T) {
	s, _ := against(t, answer(200, "", `{"ProductionAccessEnabled":false,"SendingEnabled":true,"SendQuota":{"Max24HourSend":50000,"MaxSendRate":14,"SentLast24Hours":12}}`))
	a, err := s.Account(context.Background())
	if want := (mail.Account{PerSecond: 14, PerDay: 50000, Today: 12, Enabled: true, Sandbox: true}); err != nil || a != want {
		t.Errorf("%+v %v", a, err)
	}
}
