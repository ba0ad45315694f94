package cloud

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"liaison/internal/app"
	"liaison/internal/app/desk"
	"liaison/internal/app/intake"
	"liaison/internal/app/publications"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
	"liaison/internal/table/sqlite"
)

// variables is the environment that template.yaml makes with its example parameters.
var variables = map[string]string{
	"LIAISON_PEOPLE_TABLE": "people", "LIAISON_PROGRAMME_TABLE": "programme", "LIAISON_DELIVERY_TABLE": "delivery",
	"LIAISON_PLAN_QUEUE": "https://sqs.example/plan", "LIAISON_DELIVER_QUEUE": "https://sqs.example/deliver", "LIAISON_DELIVER_WORKERS": "3",
	"LIAISON_MAIL_QUEUE":        "https://sqs.example/mail",
	"LIAISON_CONFIGURATION_SET": "events", "LIAISON_SECRET_ARN": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys",
	"LIAISON_BASE_URL": "https://liaison.example.org/", "LIAISON_ID": "update", "LIAISON_NAME": "Stewardship Update", "LIAISON_GROUP": "Working group",
	"LIAISON_LANGUAGES": "en,fr, es,ru", "LIAISON_DEFAULT_LANGUAGE": "fr", "LIAISON_SENDER": "update@example.org", "LIAISON_SECRETARY": "secretary@example.org",
	"LIAISON_POSTAL": "1 Example Street, Geneva", "LIAISON_TIME_ZONE": "Europe/Zurich",
	"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
}

func env(changes ...string) func(string) string {
	vars := map[string]string{}
	for k, v := range variables {
		vars[k] = v
	}
	for i := 0; i+1 < len(changes); i += 2 {
		vars[changes[i]] = changes[i+1]
	}
	return func(name string) string { return vars[name] }
}

func TestConfigNamesEveryMissingVariable(t *testing.T) {
	if _, err := readConfig(env()); err != nil {
		t.Fatal(err)
	}
	_, err := readConfig(func(string) string { return "" })
	if err == nil {
		t.Fatal("an empty environment is taken")
	}
	for name := range variables {
		if strings.HasPrefix(name, "LIAISON_") && !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
	if _, err := readConfig(env("LIAISON_DELIVER_WORKERS", "0")); err == nil {
		t.Error("no workers are taken")
	}
}

func TestAWSConfig(t *testing.T) {
	c, err := awsConfig(env("AWS_SESSION_TOKEN", "token", "AWS_ENDPOINT_URL", "http://127.0.0.1:1", "AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:2"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := c.Credentials.Retrieve(context.Background())
	if err != nil || got.AccessKeyID != "id" || got.SessionToken != "token" || c.Region != "eu-west-1" {
		t.Errorf("%+v %+v %v", c, got, err)
	}
	get := env("AWS_ENDPOINT_URL_SESV2", "http://127.0.0.1:2")
	if u := aws.ToString(at(c, get, "SQS").BaseEndpoint); u != "http://127.0.0.1:1" {
		t.Errorf("SQS at %s", u)
	}
	if u := aws.ToString(at(c, get, "SESV2").BaseEndpoint); u != "http://127.0.0.1:2" {
		t.Errorf("SES at %s", u)
	}
	if _, err := awsConfig(env("AWS_REGION", "")); err == nil {
		t.Error("no region is taken")
	}
}

// testWorld is a world over SQLite whose clock and keys the test holds.
type testWorld struct {
	*world
	now   time.Time
	keys  []link.Key
	notes []string
	err   error
	hangs bool
	asks  int
	log   bytes.Buffer
}

func newWorld(t *testing.T) *testWorld {
	t.Helper()
	cfg, err := readConfig(env())
	if err != nil {
		t.Fatal(err)
	}
	w := &testWorld{now: now, keys: []link.Key{{1}}}
	clock := func() time.Time { return w.now }
	db, err := sqlite.Options{Now: clock}.Open(":memory:", "people", "programme", "delivery")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	w.world = &world{cfg: cfg, waits: 50 * time.Millisecond, keys: func(ctx context.Context) (*keyring, error) {
		w.asks++
		if w.hangs {
			<-ctx.Done()
			return nil, ctx.Err()
		}
		return &keyring{keys: slices.Clone(w.keys), notes: w.notes}, w.err
	}}
	w.out = app.Outside{People: db.Table("people"), Records: db.Table("programme"), Delivery: db.Table("delivery"), Now: clock, NewID: func() string { return "id" }, Log: newLog(&w.log)}
	return w
}

// serve is a service that builds a text of what it was made with.
func (w *testWorld) serve(builds *int) *service[string] {
	return &service[string]{open: func() (*world, error) { return w.world, nil }, build: func(o *app.Outside) (string, error) {
		*builds++
		return fmt.Sprint(o.Programme.Name.In("fr", "fr"), len(o.Keys), o.Keys[0][0]), nil
	}}
}

const document = `{"id":"other","name":{"fr":"Nom","en":"Name"},"group":{"fr":"Groupe"},"languages":["fr","en"],"default":"fr","replyTo":"answers@example.org",
 "postal":"Geneva","timeZone":"Europe/Zurich","secretariat":[{"name":"S","email":"s@example.org","role":"secretary","language":"fr"}],
 "surveys":{"events":{"opens":"2027-01-01T00:00:00Z","closes":"2028-01-01T00:00:00Z"}},"topics":[]}`

func TestFirstDeploymentWorksWithParametersAlone(t *testing.T) {
	w := newWorld(t)
	out, changed, err := w.fresh(context.Background())
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	p := out.Programme
	if p.Name.In("fr", "fr") != "Stewardship Update" || p.BaseURL != "https://liaison.example.org" || len(p.Languages) != 4 || p.Default != "fr" || p.Zone().String() != "Europe/Zurich" {
		t.Errorf("programme is %+v", p)
	}
	if d, ok := p.Listed("Secretary@example.org"); !ok || d.Role != "secretary" {
		t.Errorf("the secretary is %+v", d)
	}
	for name, build := range map[string]func(*app.Outside) (http.Handler, error){"intake": intake.New, "publications": publications.New, "desk": desk.New} {
		if _, err := build(out); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAStoredConfigurationCountsWithinAMinute(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	builds := 0
	s := w.serve(&builds)
	get := func() string {
		t.Helper()
		h, err := s.get(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	if got := get(); got != "Stewardship Update1 1" {
		t.Fatalf("made with %q", got)
	}
	if err := StoreProgramme(ctx, w.out.Records, []byte(document)); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(59 * time.Second)
	if got := get(); got != "Stewardship Update1 1" || builds != 1 {
		t.Errorf("read again too early: %q, %d builds", got, builds)
	}
	w.now = w.now.Add(time.Second)
	if got := get(); got != "Nom1 1" || builds != 2 {
		t.Errorf("after a minute: %q, %d builds", got, builds)
	}
	if p := w.out.Programme; p.BaseURL != "https://liaison.example.org" || p.Sender != "update@example.org" || p.ReplyTo != "answers@example.org" {
		t.Errorf("the deployment's fields: %+v", p)
	}
	w.now = w.now.Add(time.Minute)
	if get(); builds != 2 {
		t.Errorf("made anew though nothing changed: %d builds", builds)
	}
}

func TestKeysRotateWhileAFunctionLives(t *testing.T) {
	w := newWorld(t)
	builds := 0
	s := w.serve(&builds)
	for _, step := range []struct {
		after time.Duration
		keys  []link.Key
		want  string
		asks  int
	}{
		{0, []link.Key{{1}}, "Stewardship Update1 1", 1},
		{time.Minute, []link.Key{{2}, {1}}, "Stewardship Update1 1", 1},
		{4 * time.Minute, []link.Key{{2}, {1}}, "Stewardship Update2 2", 2},
		{5 * time.Minute, []link.Key{{2}, {1}}, "Stewardship Update2 2", 3},
	} {
		w.now, w.keys = w.now.Add(step.after), step.keys
		if got, err := s.get(context.Background()); err != nil || got != step.want || w.asks != step.asks {
			t.Errorf("%q, %v, asked %d times; want %q and %d", got, err, w.asks, step.want, step.asks)
		}
	}
	if builds != 2 {
		t.Errorf("%d builds", builds)
	}
}

func TestAPassingFaultTakesNothingDown(t *testing.T) {
	ctx := context.Background()
	w := newWorld(t)
	builds := 0
	s := w.serve(&builds)
	w.err = errors.New("secret is away")
	if _, err := s.get(ctx); err == nil {
		t.Fatal("a function without keys is ready")
	}
	w.err = nil
	if _, err := s.get(ctx); err != nil {
		t.Fatalf("the next event does not try again: %v", err)
	}
	w.err = errors.New("secret is away")
	if _, err := w.out.Records.Put(ctx, table.Item{Key: programmeKey, Body: json.RawMessage(`{"id":""}`)}, table.Any); err != nil {
		t.Fatal(err)
	}
	w.now = w.now.Add(time.Hour)
	if got, err := s.get(ctx); err != nil || got != "Stewardship Update1 1" || builds != 1 {
		t.Errorf("%q, %v, %d builds", got, err, builds)
	}
	for _, want := range []string{`"what":"keys"`, `"what":"programme"`, "secret is away"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("log lacks %s: %s", want, w.log.String())
		}
	}
}

// A service that answers nothing is worse than one that fails: an event must not wait for it until the gateway gives up.
func TestASecretsManagerThatHangsHoldsNobodyUp(t *testing.T) {
	w := newWorld(t)
	builds := 0
	s := w.serve(&builds)
	if _, err := s.get(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.hangs, w.now = true, w.now.Add(time.Hour)
	ctx, cancel := context.WithTimeout(t.Context(), 29*time.Second)
	defer cancel()
	if got, err := s.get(ctx); err != nil || got != "Stewardship Update1 1" || ctx.Err() != nil {
		t.Errorf("%q, %v, %v", got, err, ctx.Err())
	}
	asks := w.asks
	if _, err := s.get(ctx); err != nil || w.asks != asks {
		t.Errorf("the next event waits as well: asked %d times more, %v", w.asks-asks, err)
	}
	w.hangs, w.keys, w.notes, w.now = false, []link.Key{{2}, {1}}, []string{"something is odd"}, w.now.Add(keysLife)
	if got, err := s.get(ctx); err != nil || got != "Stewardship Update2 2" || !strings.Contains(w.log.String(), `"level":"WARN","msg":"something is odd"`) {
		t.Errorf("when it answers again: %q, %v, %s", got, err, w.log.String())
	}
}

func TestStoreProgrammeRefusesWhatCannotRun(t *testing.T) {
	w := newWorld(t)
	for name, doc := range map[string]string{
		"no JSON": `{`, "a list": `[]`, "an unknown field": strings.Replace(document, `"id"`, `"idd":1,"id"`, 1), "no secretary": strings.Replace(document, `"role":"secretary"`, `"role":"viewer"`, 1),
		"a foreign default": strings.Replace(document, `"default":"fr"`, `"default":"de"`, 1),
	} {
		if err := StoreProgramme(context.Background(), w.out.Records, []byte(doc)); err == nil {
			t.Errorf("%s is stored", name)
		}
	}
	if _, err := w.out.Records.Get(context.Background(), programmeKey); !errors.Is(err, table.ErrNotFound) {
		t.Errorf("something was stored: %v", err)
	}
}

// mailer is what a part may bring.
type mailer struct{ mail.Sender }

func TestOpenMakesTheWholeWorldAndAsksNothing(t *testing.T) {
	w, err := open(env("AWS_ENDPOINT_URL", "http://127.0.0.1:1"), slog.New(slog.DiscardHandler), []Part{func(s *Setting) {
		if at := s.Config("SQS").BaseEndpoint; at == nil || *at != "http://127.0.0.1:1" || s.ConfigurationSet == "" || s.PlanQueue == "" || s.DeliverQueue == "" || s.MailQueue == "" {
			t.Errorf("a part is given %+v", s)
		}
		s.Outside.Mail = mailer{}
	}})
	if err != nil {
		t.Fatal(err)
	}
	o := w.out
	if o.People == nil || o.Records == nil || o.Delivery == nil || o.Mail != (mailer{}) || o.Queue != nil || o.Now == nil || o.Log == nil || o.Limits.Workers != 3 {
		t.Errorf("%+v", o)
	}
	if a, b := o.NewID(), o.NewID(); a == b || len(a) < 26 {
		t.Errorf("ids %q, %q", a, b)
	}
	if _, err := open(env("LIAISON_SENDER", ""), slog.New(slog.DiscardHandler), nil); err == nil {
		t.Error("a world without a sender")
	}
}

// The default language is one of the languages, whether the list of them says so or not.
func TestTheDefaultLanguageIsAmongTheLanguages(t *testing.T) {
	c, err := readConfig(env("LIAISON_LANGUAGES", "fr, es", "LIAISON_DEFAULT_LANGUAGE", "en"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := c.fallback.document()
	if err != nil {
		t.Fatal(err)
	}
	p, err := programme.Parse(doc)
	if err != nil || p.Default != "en" || !slices.Equal(p.Languages, []people.Language{"fr", "es", "en"}) {
		t.Errorf("%+v, %v", p, err)
	}
}

// Several secretaries of a new deployment may all sign in; readers answer to the first.
func TestSeveralSecretaries(t *testing.T) {
	c, err := readConfig(env("LIAISON_SECRETARY", "secretary@example.org, deputy@example.org,third@example.org"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := c.fallback.document()
	if err != nil {
		t.Fatal(err)
	}
	p, err := programme.Parse(doc)
	if err != nil || p.ReplyTo != "secretary@example.org" || len(p.Secretariat) != 3 {
		t.Fatalf("%+v, %v", p, err)
	}
	for i, want := range []people.EmailAddress{"secretary@example.org", "deputy@example.org", "third@example.org"} {
		if d := p.Secretariat[i]; d.Email != want || d.Role != programme.Secretary {
			t.Errorf("secretary %d is %+v", i, d)
		}
	}
	c.fallback.secretary = "secretary@example.org,,"
	if doc, err = c.fallback.document(); err == nil {
		if _, err = programme.Parse(doc); err == nil {
			t.Error("a secretary without an address is accepted")
		}
	}
}
