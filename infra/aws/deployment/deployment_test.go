//go:build aws

package deployment

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// parameters are what a person is asked when deploying.
var parameters = map[string]string{
	"ProgrammeId": "update", "ProgrammeName": "Stewardship Update", "GroupName": "Working group on responsible stewardship",
	"SenderIdentity": "example.org", "Sender": "update@example.org", "Secretary": "secretary@example.org",
	"PostalAddress": "1 Example Street, 1200 Geneva, Switzerland", "TimeZone": "Europe/Zurich", "DeliverWorkers": "3", "LogRetentionDays": "30",
}

// TestDeployment deploys, looks at what was made, walks the main job through it, and destroys it.
func TestDeployment(t *testing.T) {
	t.Parallel()
	began := time.Now()
	step := func(what string) { t.Logf("%6.1f s  %s", time.Since(began).Seconds(), what) }
	mails := startPost(t)
	emulator := startEmulator(t, mails.url)
	o := newOperator(t, emulator)
	step("the emulator answers")
	codes := packFunctions(t)
	for name, code := range codes {
		o.put(bucket, name+".zip", code)
	}
	step("functions built and uploaded")
	base, serve := startFront(t)
	place := Place{Bucket: bucket, Arch: architectures[runtime.GOARCH], BaseURL: base, Parameters: parameters}
	s := deploy(t, o, place)
	step(fmt.Sprintf("stack created, %d resources", len(s.resources)))
	inspect(t, s)
	step("every resource looked at")
	mails.report(t, s.operator, s.physical("MailTopic"))
	f := &front{stack: s, post: mails}
	serve(f)

	configure(t, s)
	step("programme configured")
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the emulator said:\n%s", emulator.log)
			for _, group := range s.functionLogs() {
				lines, _ := s.logged(group)
				t.Logf("%s:\n%s", group, strings.Join(lines[max(0, len(lines)-20):], "\n"))
			}
		}
	})
	walkMainJob(t, base)
	visitHost(t, base)
	step("main job walked")
	s.quiet(emulator)
	step("nothing failed unseen")
	s.scheduled(f.ticks)
	step("the schedule called clock and press")
	s = secondVersion(t, s, codes, place)
	inspect(t, s)
	step("a second version released, and every resource looked at")
	s.underRoles(base)
	step("a role without a right stops its function")
	s.destroy()
	step("stack destroyed")
}

// deploy makes the stack.
func deploy(t *testing.T, o operator, place Place) *stack {
	t.Helper()
	status, reason := o.create("liaison", prepare(t, place), place.Parameters)
	if status != "CREATE_COMPLETE" {
		t.Fatalf("the stack is %s\n%s", status, reason)
	}
	s := o.open("liaison")
	s.parameters = place.Parameters
	return s
}

// prepare is the template as it is but for the substitutions.
func prepare(t *testing.T, place Place) []byte {
	t.Helper()
	text, err := os.ReadFile(root + "/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	prepared, made, err := Prepare(text, place)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range substitutions {
		t.Logf("%3d × %s: %s", made[s.name], s.name, s.why)
	}
	return prepared
}

// configure stores a programme's configuration as an operator does.
func configure(t *testing.T, s *stack) {
	t.Helper()
	doc, err := programmeDocument()
	if err != nil {
		t.Fatal(err)
	}
	path := t.TempDir() + "/programme.json"
	if err := os.WriteFile(path, doc, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "run", "liaison/infra/configure", "-table", s.outputs["ProgrammeTable"], path)
	cmd.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+s.url, "AWS_REGION="+region, "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("configure: %v\n%s", err, out)
	}
}

// programmeDocument is the example of infra/configure with surveys that are open now.
func programmeDocument() ([]byte, error) {
	text, err := os.ReadFile(root + "/infra/configure/example.json")
	if err != nil {
		return nil, err
	}
	now := time.Now().UTC()
	for from, to := range map[string]time.Time{"2027-03-01T08:00:00+01:00": now.AddDate(0, -1, 0), "2027-05-14T18:00:00+02:00": now.AddDate(1, 0, 0)} {
		if !bytes.Contains(text, []byte(from)) {
			return nil, fmt.Errorf("the example has no survey at %s", from)
		}
		text = bytes.ReplaceAll(text, []byte(from), []byte(to.Format(time.RFC3339)))
	}
	return text, nil
}

// walkMainJob is the smoke run, as anybody runs it.
func walkMainJob(t *testing.T, base string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "go", "run", "liaison/infra/smoke", "-base", base)
	cmd.WaitDelay = time.Second // what go runs may outlive it
	out, err := cmd.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("the smoke run: %v", err)
	}
}

// visitHost opens a host's page with a link that is none: the one function that the main job does without.
func visitHost(t *testing.T, base string) {
	t.Helper()
	res, err := http.Get(base + "/en/events/7/presenters?link=forged")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode < 400 || res.StatusCode > 499 {
		t.Errorf("a host's page with a forged link: %d", res.StatusCode)
	}
}
