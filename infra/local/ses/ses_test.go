package ses_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sesv2"
	"github.com/aws/aws-sdk-go-v2/service/sesv2/types"

	"liaison/infra/local/ses"
)

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

type world struct {
	*ses.Server
	client *sesv2.Client
	faults *ses.Faults
}

func start(t *testing.T, o ses.Options) *world {
	t.Helper()
	w := &world{faults: &ses.Faults{}}
	o.Faults, o.Now = w.faults, func() time.Time { return noon }
	w.Server = ses.New(o)
	h := httptest.NewServer(w.Server)
	t.Cleanup(h.Close)
	w.client = sesv2.New(sesv2.Options{Region: "local", BaseEndpoint: &h.URL, RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("local", "local", "")})
	return w
}

func memory(t *testing.T) *ses.Store {
	t.Helper()
	return store(t, ":memory:")
}

func store(t *testing.T, path string) *ses.Store {
	t.Helper()
	st, err := ses.OpenStore(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { st.Close() })
	return st
}

func tags(pairs ...string) (out []types.MessageTag) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.MessageTag{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

func headers(pairs ...string) (out []types.MessageHeader) {
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, types.MessageHeader{Name: &pairs[i], Value: &pairs[i+1]})
	}
	return out
}

// letterTo is a bulk call; each address is one entry with the name "N" in its data.
func letterTo(addresses ...string) *sesv2.SendBulkEmailInput {
	in := &sesv2.SendBulkEmailInput{
		FromEmailAddress: aws.String("=?utf-8?q?Aujourd=C2=B7hui?= <news@example.org>"), ReplyToAddresses: []string{"secretary@example.org"},
		ConfigurationSetName: aws.String("local"), DefaultEmailTags: tags("issue", "2", "shard", "0-1"),
		DefaultContent: &types.BulkEmailContent{Template: &types.Template{
			TemplateContent: &types.EmailTemplateContent{Subject: aws.String("Update for {{name}}"), Html: aws.String("<p>Dear {{name}}, <a href=\"{{link}}\">read</a></p>"), Text: aws.String("Dear {{ name }}")},
			TemplateData:    aws.String(`{"name":"reader","link":"https://example.org/x"}`),
			Headers:         headers("List-Id", "<update.example.org>", "X-Kind", "all"),
		}},
	}
	for _, a := range addresses {
		data, _ := json.Marshal(map[string]string{"name": "N<" + a[:1] + ">"})
		in.BulkEmailEntries = append(in.BulkEmailEntries, types.BulkEmailEntry{
			Destination:             &types.Destination{ToAddresses: []string{a}},
			ReplacementEmailContent: &types.ReplacementEmailContent{ReplacementTemplate: &types.ReplacementTemplate{ReplacementTemplateData: aws.String(string(data))}},
			ReplacementHeaders:      headers("List-Unsubscribe", "<https://example.org/u?link="+a[:1]+">", "x-kind", "own"),
			ReplacementTags:         tags("slot", "1"),
		})
	}
	return in
}

func TestBulkIsKeptAsEachRecipientReadsIt(t *testing.T) {
	st := memory(t)
	w := start(t, ses.Options{Store: st})
	out, err := w.client.SendBulkEmail(t.Context(), letterTo("a@example.org", `"B, Ms" <B@example.net>`, "not an address"))
	if err != nil {
		t.Fatal(err)
	}
	status := []types.BulkEmailStatus{}
	for _, r := range out.BulkEmailEntryResults {
		status = append(status, r.Status)
	}
	if want := []types.BulkEmailStatus{types.BulkEmailStatusSuccess, types.BulkEmailStatusSuccess, types.BulkEmailStatusInvalidParameter}; !slices.Equal(status, want) {
		t.Fatalf("statuses %v, want %v", status, want)
	}
	m, err := st.Get(t.Context(), *out.BulkEmailEntryResults[1].MessageId)
	if err != nil {
		t.Fatal(err)
	}
	if m.Subject != "Update for N<\">" || m.HTML != `<p>Dear N<">, <a href="https://example.org/x">read</a></p>` || m.Text != "Dear N<\">" {
		t.Errorf("rendered %q %q %q", m.Subject, m.HTML, m.Text)
	}
	if m.Address != "b@example.net" || m.From != "Aujourd·hui <news@example.org>" || m.Issue != "2" {
		t.Errorf("address %q, from %q, issue %q", m.Address, m.From, m.Issue)
	}
	kinds := []string{}
	for _, h := range m.Headers {
		if strings.EqualFold(h.Name, "X-Kind") || h.Name == "List-Unsubscribe" {
			kinds = append(kinds, h.Value)
		}
	}
	if !slices.Equal(kinds, []string{"<https://example.org/u?link=\">", "own"}) {
		t.Errorf("an entry's headers must override the template's: %v", kinds)
	}
	sent, err := st.Sent(t.Context(), "2")
	if err != nil || len(sent) != 2 || sent["a@example.org"] != 1 {
		t.Errorf("sent %v %v", sent, err)
	}
}

func TestTestCopiesAreNoPartOfTheIssue(t *testing.T) {
	st := memory(t)
	w := start(t, ses.Options{Store: st})
	in := letterTo("a@example.org")
	in.DefaultEmailTags = tags("issue", "2", "test", "yes")
	if _, err := w.client.SendBulkEmail(t.Context(), in); err != nil {
		t.Fatal(err)
	}
	if sent, _ := st.Sent(t.Context(), "2"); len(sent) != 0 {
		t.Errorf("a test copy was counted: %v", sent)
	}
}

func TestWhatSESRefuses(t *testing.T) {
	w := start(t, ses.Options{Store: memory(t)})
	many := make([]string, 51)
	for i := range many {
		many[i] = "a@example.org"
	}
	for name, change := range map[string]func(*sesv2.SendBulkEmailInput){
		"51 entries":          func(in *sesv2.SendBulkEmailInput) { *in = *letterTo(many...) },
		"no sender":           func(in *sesv2.SendBulkEmailInput) { in.FromEmailAddress = aws.String("nobody") },
		"sender with accents": func(in *sesv2.SendBulkEmailInput) { in.FromEmailAddress = aws.String("Été <a@example.org>") },
		"bad tag":             func(in *sesv2.SendBulkEmailInput) { in.DefaultEmailTags = tags("issue", "2 3") },
		"header injection": func(in *sesv2.SendBulkEmailInput) {
			in.DefaultContent.Template.Headers = headers("X-A", "a\r\nBcc: b@example.org")
		},
		"header of SES's own": func(in *sesv2.SendBulkEmailInput) { in.DefaultContent.Template.Headers = headers("subject", "a") },
		"long header": func(in *sesv2.SendBulkEmailInput) {
			in.DefaultContent.Template.Headers = headers("X-A", strings.Repeat("a", 996))
		},
		"no body": func(in *sesv2.SendBulkEmailInput) {
			in.DefaultContent.Template.TemplateContent = &types.EmailTemplateContent{Subject: aws.String("s")}
		},
		"data that is no object": func(in *sesv2.SendBulkEmailInput) { in.DefaultContent.Template.TemplateData = aws.String(`[1]`) },
		"over 1 MB": func(in *sesv2.SendBulkEmailInput) {
			in.DefaultContent.Template.TemplateContent.Html = aws.String(strings.Repeat("x", 1<<20))
		},
	} {
		in := letterTo("a@example.org")
		change(in)
		_, err := w.client.SendBulkEmail(t.Context(), in)
		var wrong *types.BadRequestException
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	in := letterTo("a@example.org")
	in.DefaultContent.Template.TemplateContent, in.DefaultContent.Template.TemplateName = nil, aws.String("saved")
	_, err := w.client.SendBulkEmail(t.Context(), in)
	if missing := (*types.NotFoundException)(nil); !errors.As(err, &missing) {
		t.Errorf("a saved template: %v", err)
	}
	if calls, n := w.Counts(); calls != 0 || n != 0 {
		t.Errorf("%d calls with %d recipients were accepted", calls, n)
	}
}

func TestFaults(t *testing.T) {
	st := memory(t)
	w := start(t, ses.Options{Store: st})
	send := func(addresses ...string) (*sesv2.SendBulkEmailOutput, error) {
		return w.client.SendBulkEmail(t.Context(), letterTo(addresses...))
	}
	w.faults.Throttle(1)
	_, err := send("a@example.org")
	if throttled := (*types.TooManyRequestsException)(nil); !errors.As(err, &throttled) {
		t.Errorf("throttle: %v", err)
	}
	w.faults.Lose(1)
	if _, err = send("a@example.org"); err == nil {
		t.Error("the answer was not lost")
	}
	if sent, _ := st.Sent(t.Context(), "2"); sent["a@example.org"] != 1 {
		t.Errorf("what was accepted before the answer was lost must be kept: %v", sent)
	}
	w.faults.Reject("B@example.org")
	out, err := send("a@example.org", "b@example.org")
	if err != nil || out.BulkEmailEntryResults[1].Status != types.BulkEmailStatusMessageRejected || *out.BulkEmailEntryResults[1].Error == "" {
		t.Errorf("reject: %+v %v", out, err)
	}
	w.faults.Reject()
	if out, err = send("b@example.org"); err != nil || out.BulkEmailEntryResults[0].Status != types.BulkEmailStatusSuccess {
		t.Errorf("reject was not cleared: %+v %v", out, err)
	}
	if got := w.faults.Standing(); got.Throttle != 0 || got.Lost != 0 || len(got.Reject) != 0 {
		t.Errorf("faults left: %+v", got)
	}
}

func TestQuota(t *testing.T) {
	w := start(t, ses.Options{Store: memory(t), PerDay: 3, PerSecond: 14, Strict: true})
	for _, a := range []string{"a@example.org", "b@example.org", "c@example.org"} {
		if _, err := w.client.SendBulkEmail(t.Context(), letterTo(a)); err != nil {
			t.Fatal(err)
		}
	}
	account, err := w.client.GetAccount(t.Context(), &sesv2.GetAccountInput{})
	if err != nil || account.SendQuota.SentLast24Hours != 3 || account.SendQuota.Max24HourSend != 3 || account.SendQuota.MaxSendRate != 14 || !account.SendingEnabled || !account.ProductionAccessEnabled {
		t.Fatalf("account %+v %v", account, err)
	}
	out, err := w.client.SendBulkEmail(t.Context(), letterTo("d@example.org"))
	if err != nil || out.BulkEmailEntryResults[0].Status != types.BulkEmailStatusAccountDailyQuotaExceeded {
		t.Errorf("beyond the daily quota: %+v %v", out, err)
	}
	_, err = w.client.SendEmail(t.Context(), note("d@example.org"))
	if throttled := (*types.TooManyRequestsException)(nil); !errors.As(err, &throttled) {
		t.Errorf("beyond the daily quota, one mail: %v", err)
	}
}

func note(to string) *sesv2.SendEmailInput {
	return &sesv2.SendEmailInput{FromEmailAddress: aws.String("Liaison <news@example.org>"), Destination: &types.Destination{ToAddresses: []string{to}}, ConfigurationSetName: aws.String("local"),
		Content: &types.EmailContent{Simple: &types.Message{Subject: &types.Content{Data: aws.String("Confirm")}, Body: &types.Body{Text: &types.Content{Data: aws.String("{{not}} a template")}}}}}
}

// events reads what SNS would put on the queue.
func (w *world) events(t *testing.T) []map[string]any {
	t.Helper()
	var out []map[string]any
	for {
		more, err := w.Report(t.Context(), func(_ context.Context, list [][]byte) error {
			for _, n := range list {
				var outer struct{ Type, Message, MessageId, TopicArn, Timestamp string }
				var inner map[string]any
				if err := errors.Join(json.Unmarshal(n, &outer), json.Unmarshal([]byte(outer.Message), &inner)); err != nil || outer.Type != "Notification" || outer.MessageId == "" {
					t.Fatalf("notification %s: %v", n, err)
				}
				out = append(out, inner)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !more {
			return out
		}
	}
}

func TestEvents(t *testing.T) {
	w := start(t, ses.Options{Store: memory(t)})
	w.faults.Bounce("b@example.org")
	w.faults.Complain("c@example.org")
	in := letterTo("a@example.org", "b@example.org", "c@example.org", "d@example.org")
	in.DefaultContent.Template.TemplateData = nil // only the link is missing now
	in.BulkEmailEntries = in.BulkEmailEntries[3:]
	if out, err := w.client.SendBulkEmail(t.Context(), in); err != nil || out.BulkEmailEntryResults[0].Status != types.BulkEmailStatusSuccess {
		t.Fatalf("SES accepts what it cannot render: %+v %v", out, err)
	}
	if _, err := w.client.SendBulkEmail(t.Context(), letterTo("a@example.org", "b@example.org", "c@example.org")); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range w.events(t) {
		about := e["mail"].(map[string]any)
		tag := about["tags"].(map[string]any)
		if slot := tag["slot"].([]any); slot[0] != "1" || tag["issue"].([]any)[0] != "2" || about["messageId"] == "" {
			t.Errorf("event without its tags: %v", about)
		}
		got = append(got, e["eventType"].(string)+" "+about["destination"].([]any)[0].(string))
	}
	want := []string{"Rendering Failure d@example.org", "Send a@example.org", "Send b@example.org", "Bounce b@example.org", "Send c@example.org", "Complaint c@example.org"}
	if !slices.Equal(got, want) {
		t.Errorf("events\n %v, want\n %v", got, want)
	}
	if sent, _ := w.Store.Sent(t.Context(), "2"); sent["d@example.org"] != 0 {
		t.Error("a mail that could not be rendered was counted as sent")
	}
}

func TestEventsAreReportedAgainUntilTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	w := start(t, ses.Options{Store: store(t, path)})
	if _, err := w.client.SendBulkEmail(t.Context(), letterTo("a@example.org")); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Report(t.Context(), func(context.Context, [][]byte) error { return errors.New("full") }); err == nil {
		t.Fatal("the failure was hidden")
	}
	w.Store.Close()
	again := start(t, ses.Options{Store: store(t, path), Repeat: true})
	if got := again.events(t); len(got) != 2 {
		t.Errorf("after a restart %d events, want Send twice", len(got))
	}
	if got := again.events(t); len(got) != 0 {
		t.Errorf("%d events were reported again", len(got))
	}
	plain := note("a@example.org")
	plain.ConfigurationSetName = nil
	if _, err := again.client.SendEmail(t.Context(), plain); err != nil {
		t.Fatal(err)
	}
	if got := again.events(t); len(got) != 0 {
		t.Errorf("SES reports nothing without a configuration set, but: %v", got)
	}
}

func TestDiscardCountsAtSpeed(t *testing.T) {
	w := start(t, ses.Options{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 25 {
				if out, err := w.client.SendBulkEmail(t.Context(), letterTo("a@example.org", "b@example.org")); err != nil || len(out.BulkEmailEntryResults) != 2 || *out.BulkEmailEntryResults[1].MessageId == "" {
					t.Error(out, err)
				}
			}
		})
	}
	all.Wait()
	if calls, n := w.Counts(); calls != 100 || n != 200 {
		t.Errorf("%d calls, %d recipients", calls, n)
	}
}
