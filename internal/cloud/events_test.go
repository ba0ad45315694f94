package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"liaison/internal/app"
	"liaison/internal/app/clock"
	"liaison/internal/app/deliver"
	"liaison/internal/app/desk"
	"liaison/internal/app/fanout"
	"liaison/internal/app/feedback"
	"liaison/internal/app/intake"
	"liaison/internal/app/presenters"
	"liaison/internal/app/press"
	"liaison/internal/app/publications"
	"liaison/internal/app/recommend"
	"liaison/internal/app/rooms"
	"liaison/internal/app/site"
	"liaison/internal/app/subscriptions"
	"liaison/internal/distribution"
	calendar "liaison/internal/event"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/sam"
	"liaison/internal/subscription"
	"liaison/internal/survey"
)

// The events of infra/events, for the usual tools. Each is put to the function that it is for, by the way that its bootstrap takes.

// office is a programme whose mails and tasks are kept.
type office struct {
	t     *testing.T
	o     *app.Outside
	log   bytes.Buffer
	mails []string // addresses
	tasks []distribution.Task
	woken []string // ids of single mails
	ids   []string // given out first
	n     int
}

func (f *office) Send(_ context.Context, m mail.Message) (string, error) {
	f.mails = append(f.mails, string(m.To.Mail))
	return "m", nil
}

func (f *office) SendBatch(_ context.Context, b mail.Batch) (out []mail.Result, _ error) {
	for _, e := range b.Entries {
		f.mails = append(f.mails, string(e.To.Mail))
		out = append(out, mail.Result{Outcome: mail.Sent, MessageID: "0102018f00000000-example"})
	}
	return out, nil
}

func (f *office) Account(context.Context) (mail.Account, error) {
	return mail.Account{PerSecond: 1000, PerDay: -1, Enabled: true}, nil
}

type outgoing struct{ *office }

func (q outgoing) Send(_ context.Context, tasks ...distribution.Task) error {
	q.tasks = append(q.tasks, tasks...)
	return nil
}

func (f *office) wake(_ context.Context, ids ...string) error {
	f.woken = append(f.woken, ids...)
	return nil
}

const eventsFolder = "../../infra/events"

// read decodes an event as the Lambda runtime does.
func read[E any](t *testing.T, name string) (e E) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(eventsFolder, name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return e
}

// openOffice is a programme in which everything stands that the events are about.
func openOffice(t *testing.T) *office {
	t.Helper()
	f := &office{t: t, ids: []string{"EXAMPLEREADER", "EXAMPLELEAVER", "EXAMPLEEXPERT"}}
	w := newWorld(t)
	secret, err := os.ReadFile(filepath.Join(eventsFolder, "secret.json"))
	if err != nil {
		t.Fatal(err)
	}
	if w.keys, err = Keys(string(secret)); err != nil {
		t.Fatal(err)
	}
	doc := strings.NewReplacer(`"s@example.org"`, `"secretary@example.org"`, `"events":{`, `"subscribers":{"opens":"2027-01-01T00:00:00Z","closes":"2028-01-01T00:00:00Z"},"events":{`).Replace(document)
	if err := StoreProgramme(t.Context(), w.out.Records, []byte(doc)); err != nil {
		t.Fatal(err)
	}
	if f.o, _, err = w.fresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	f.o.Log = slog.New(slog.NewTextHandler(&f.log, &slog.HandlerOptions{Level: slog.LevelDebug})) // nothing is struck out
	f.o.Mail, f.o.Queue, f.o.Wake = f, outgoing{f}, f.wake
	f.o.NewID = func() string {
		f.n++
		if f.n <= len(f.ids) {
			return f.ids[f.n-1]
		}
		return fmt.Sprintf("ID%024d", f.n)
	}
	f.seed()
	return f
}

func (f *office) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatalf("%v\n%s", err, f.log.String())
	}
}

func (f *office) seed() {
	f.t.Helper()
	ctx := f.t.Context()
	links, err := f.o.Links()
	f.must(err)
	given := f.o.Now().AddDate(0, -1, 0)
	_, err = rooms.Subscribers(f.o, links).Import(ctx, "secretary@example.org", []subscription.Row{
		{Email: "reader@forum.example", Kind: subscription.Ordinary, Given: given, Text: "form", Details: subscription.Details{Organisation: "Forum", Language: "fr"}},
		{Email: "leaver@union.example", Kind: subscription.Ordinary, Given: given, Text: "form", Details: subscription.Details{Organisation: "Union"}}}, true)
	f.must(err)
	bank := rooms.Bank(f.o, links)
	_, err = bank.Upload(ctx, "secretary@example.org", []presenter.Listing{{Name: "Amina Otieno", Email: "amina@experts.example", Organisation: "Forum", Country: "KE", Language: "en"}})
	f.must(err)
	_, err = bank.Invite(ctx, "secretary@example.org", presenter.Unanswered)
	f.must(err)
	book := rooms.Book(f.o, links)
	_, err = book.Add(ctx, "secretary@example.org", calendar.Event{ID: "EXAMPLEEVENT", Name: "Forum of the coast", Start: "2027-09-26", Country: "KE", Email: "host@coast.example"})
	f.must(err)
	_, err = book.SendHost(ctx, "secretary@example.org", "EXAMPLEEVENT", "en")
	f.must(err)
	h, err := site.Serve(f.o, desk.Pages, press.Pages)
	f.must(err)
	for _, post := range [][2]string{{"/desk/issues", `{"number":1,"kind":"newsletter","title":"First"}`}, {"/desk/issues/1/editions/fr", `{"title":"Premier","body":"Texte."}`}} {
		e := read[events.APIGatewayV2HTTPRequest](f.t, "desk")
		e.RawPath, e.Body, e.IsBase64Encoded = post[0], post[1], false
		e.Headers["content-type"] = "application/json"
		if out, err := serveHTTP(h, f.o.Log)(ctx, e); err != nil || out.StatusCode != 200 {
			f.t.Fatalf("%s: %v %d %s", post[0], err, out.StatusCode, out.Body)
		}
	}
	f.must(f.o.Outbox().Post(ctx, "EXAMPLEMAIL", mail.Message{To: mail.Address{Mail: "reader@forum.example"}, Content: mail.Content{Subject: "S", Text: "T"}}))
	f.mails = nil
}

func (f *office) http(name string, build func(*app.Outside) (http.Handler, error)) (events.APIGatewayV2HTTPResponse, string) {
	f.t.Helper()
	h, err := build(f.o)
	f.must(err)
	out, err := serveHTTP(h, f.o.Log)(f.t.Context(), read[events.APIGatewayV2HTTPRequest](f.t, name))
	f.must(err)
	back, body := wire(f.t, out)
	return back, string(body)
}

func (f *office) queue(name string, build func(*app.Outside) (app.Message, error)) {
	f.t.Helper()
	handle, err := build(f.o)
	f.must(err)
	out, err := serveQueue(handle, f.o.Log)(f.t.Context(), read[events.SQSEvent](f.t, name))
	f.must(err)
	if failed := failures(f.t, out); len(failed) > 0 {
		f.t.Errorf("%s: %v came back\n%s", name, failed, f.log.String())
	}
}

func TestEveryExampleEventHasItsEffect(t *testing.T) {
	f := openOffice(t)
	links, err := f.o.Links()
	f.must(err)
	list := rooms.Subscribers(f.o, links)
	state := func(a string) subscription.State {
		t.Helper()
		s, err := list.Find(t.Context(), people.EmailAddress(a))
		f.must(err)
		return s.State
	}

	if a, body := f.http("intake", intake.New); a.StatusCode != 200 || !strings.Contains(body, `"reference"`) {
		t.Errorf("intake: %d %s", a.StatusCode, body)
	}
	if rows, _, err := rooms.Surveys(f.o, links).Candidates(t.Context(), survey.Filter{}, 10, ""); err != nil || len(rows) != 2 {
		t.Errorf("intake: %d rows wait for the desk, %v", len(rows), err)
	}
	if a, body := f.http("presenters", presenters.New); a.StatusCode != 200 || !strings.Contains(body, `value="Amina Otieno"`) {
		t.Errorf("presenters: %d %.500s", a.StatusCode, body)
	}
	if a, body := f.http("recommend", recommend.New); a.StatusCode != 200 || !strings.Contains(body, "Forum of the coast") {
		t.Errorf("recommend: %d %.500s", a.StatusCode, body)
	}
	if a, body := f.http("publications", publications.New); a.StatusCode != 200 || !strings.Contains(body, `<html lang="fr"`) || !strings.Contains(body, "Forum of the coast") {
		t.Errorf("publications: %d %.500s", a.StatusCode, body)
	}
	if a, _ := f.http("subscriptions", subscriptions.New); a.StatusCode != 200 || state("leaver@union.example") != subscription.Left {
		t.Errorf("subscriptions: %d, she is %s", a.StatusCode, state("leaver@union.example"))
	}

	// An issue, from its author's last word and the secretary's button to a bounce.
	printing := answerEither(func(context.Context) (both, error) {
		pages, tick, err := press.New(f.o)
		return both{pages, tick}, err
	}, f.o.Log)
	put := func(name string) any {
		out, err := printing(t.Context(), read[json.RawMessage](t, name))
		f.must(err)
		return out
	}
	if a, _ := put("press").(events.APIGatewayV2HTTPResponse); a.StatusCode != 303 || a.Headers["Location"] != "/desk/issues/1/editions/fr?saved" {
		t.Fatalf("press: %d %v %.500s", a.StatusCode, a.Headers, a.Body)
	}
	if a, body := f.http("desk", desk.New); a.StatusCode != 303 {
		t.Fatalf("desk: %d %.500s", a.StatusCode, body)
	}
	if out := put("press-minute"); out != nil {
		t.Errorf("press: %v", out)
	}
	tick, err := clock.New(f.o)
	f.must(err)
	f.must(serveTick(tick, f.o.Log)(t.Context(), read[events.EventBridgeEvent](t, "clock")))
	if len(f.tasks) != distribution.Segments || f.tasks[0].Kind != distribution.Plan {
		t.Fatalf("clock: tasks %+v", f.tasks)
	}
	f.tasks = nil
	f.queue("fanout", fanout.New)
	if len(f.tasks) != 1 || f.tasks[0].Kind != distribution.Deliver {
		t.Fatalf("fanout: tasks %+v", f.tasks)
	}
	f.queue("deliver", deliver.New) // the queue brings the message twice
	if len(f.mails) != 1 || f.mails[0] != "reader@forum.example" {
		t.Errorf("deliver: mails to %v", f.mails)
	}
	f.mails = nil
	f.queue("deliver-mail", deliver.New) // likewise
	if len(f.mails) != 1 || f.mails[0] != "reader@forum.example" || !slices.Contains(f.woken, "EXAMPLEMAIL") {
		t.Errorf("deliver: single mails to %v", f.mails)
	}
	f.queue("feedback", feedback.New)
	if got := state("reader@forum.example"); got != subscription.Bounced {
		t.Errorf("feedback: the reader is %s", got)
	}
	if m := regexp.MustCompile(`v4\.local|[a-z]+@[a-z]+\.(example|org)`).FindString(f.log.String()); m != "" {
		t.Errorf("%q is logged: %s", m, f.log.String())
	}
}

// TestExampleEventsAreWhatTheTemplateSends: one for each way to a function, a route, a queue or the schedule. The first has the function's name.
func TestExampleEventsAreWhatTheTemplateSends(t *testing.T) {
	template, err := sam.Read("../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	gateway, err := template.Gateway()
	if err != nil {
		t.Fatal(err)
	}
	list, err := template.Functions()
	if err != nil {
		t.Fatal(err)
	}
	ways := 0
	for _, f := range list {
		routed := slices.Contains(slices.Collect(maps.Values(gateway.Routes)), f.Folder)
		if routed {
			ways++
			requested(t, gateway, f.Folder)
		}
		for _, source := range f.Events() {
			ways++
			name := f.Folder
			if !strings.EqualFold(source.Name, name) && (routed || len(f.Events()) > 1) {
				name += "-" + strings.ToLower(source.Name)
			}
			sent(t, source, name)
		}
	}
	files, err := filepath.Glob(filepath.Join(eventsFolder, "*.json"))
	if err != nil || len(files) != ways+1 {
		t.Errorf("%d files for the %d ways to the functions and the secret, %v", len(files), ways, err)
	}
}

// requested holds a request against the route that it says it came by.
func requested(t *testing.T, gateway sam.Gateway, folder string) {
	t.Helper()
	e := read[events.APIGatewayV2HTTPRequest](t, folder)
	route, err := gateway.Choose(e.RawPath)
	if err != nil || gateway.Keys[route] != e.RouteKey || gateway.Routes[route] != folder {
		t.Errorf("%s: %s is of route %q (%v), the event says %q", folder, e.RawPath, route, err, e.RouteKey)
	}
	if e.Version != "2.0" || e.RequestContext.RouteKey != e.RouteKey || e.RequestContext.HTTP.Path != e.RawPath || e.RequestContext.HTTP.Method == "" {
		t.Errorf("%s: %+v", folder, e.RequestContext)
	}
}

// sent holds an event of a queue or the schedule against its source.
func sent(t *testing.T, source sam.Event, name string) {
	t.Helper()
	if source.Queue() != "" {
		for _, m := range read[events.SQSEvent](t, name).Records {
			if !strings.Contains(m.EventSourceARN, source.Queue()) || m.EventSource != "aws:sqs" || m.Attributes["ApproximateReceiveCount"] == "" || m.MessageId == "" {
				t.Errorf("%s: %+v, want a message of %s", name, m, source.Queue())
			}
		}
		return
	}
	e := read[events.EventBridgeEvent](t, name)
	if e.Source != "aws.events" || e.DetailType != "Scheduled Event" || !strings.Contains(e.Resources[0], ":rule/") || e.Time.IsZero() {
		t.Errorf("%s: %+v", name, e)
	}
}
