package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// program is the local run as a process of its own, which can be killed.
type program struct {
	t          *testing.T
	binary     string
	addr, data string
	flags      []string
	cmd        *exec.Cmd
	log        *bytes.Buffer // what is logged, since the start
}

func newProgram(t *testing.T, flags ...string) *program {
	t.Helper()
	p := &program{t: t, binary: filepath.Join(t.TempDir(), "local"), data: filepath.Join(t.TempDir(), "data"), flags: flags}
	if out, err := exec.Command("go", "build", "-tags", buildTags, "-o", p.binary, "liaison/infra/local").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.addr = l.Addr().String()
	l.Close()
	t.Cleanup(func() {
		if p.cmd != nil {
			p.kill()
		}
	})
	p.start()
	return p
}

func (p *program) base() string { return "http://" + p.addr }

// start runs it and waits until it is ready.
func (p *program) start() {
	p.t.Helper()
	p.log = &bytes.Buffer{}
	p.cmd = exec.Command(p.binary, append([]string{"-addr", p.addr, "-data", p.data}, p.flags...)...)
	p.cmd.Stderr = p.log // what is said to the person who starts it has sign-in links
	if err := p.cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	for range 600 {
		if res, err := http.Get(p.base() + "/_local/health"); err == nil {
			res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	p.t.Fatalf("not ready after a minute:\n%s", p.log)
}

// kill ends it as kill -9 does.
func (p *program) kill() {
	_ = p.cmd.Process.Kill() // it may be dead already
	_ = p.cmd.Wait()         // with "signal: killed"
	p.cmd = nil
}

// stop ends it as an operator does.
func (p *program) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		p.t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("did not end cleanly: %v\n%s", err, p.log)
	}
	p.cmd = nil
}

// told writes what the walk prints to the test's log.
type told struct{ t *testing.T }

func (l told) Write(b []byte) (int, error) {
	if s := strings.TrimRight(string(b), "\n"); s != "" {
		l.t.Log(s)
	}
	return len(b), nil
}

func walkOn(t *testing.T, p *program) *walk {
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	t.Cleanup(cancel)
	return newWalk(ctx, p.base(), told{t})
}

// TestMainJob walks the main job through an empty programme.
func TestMainJob(t *testing.T) {
	p := newProgram(t, "-demo=false")
	if err := mainJob(walkOn(t, p)); err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
	p.stop()
}

// TestDemo walks it through the demo committee, whose data must be whole.
func TestDemo(t *testing.T) {
	p := newProgram(t)
	if log := p.log.String(); strings.Contains(log, "not complete") {
		t.Fatalf("demo data:\n%s", log)
	}
	if err := mainJob(walkOn(t, p)); err != nil {
		t.Fatalf("%v\n%s", err, p.log)
	}
}

func (w *walk) fault(order string) error {
	a, err := w.public.do(http.MethodPost, "/_local/faults", "application/x-www-form-urlencoded", asJSON, []byte(order))
	if err != nil {
		return err
	}
	return a.json(nil)
}

func (w *walk) deskAgain() error {
	_, err := w.secretary.page("/_local/signin?as=" + secretaryAddress + "&to=/desk/issues")
	return err
}

// sentAtLeast lets the clock run, and comes back as soon as so many mails of the issue are accepted.
func (w *walk) sentAtLeast(want int) (total int, err error) {
	for range 20 {
		moved := make(chan bool)
		go func() {
			_ = w.advance(12 * time.Second) // is cut off when the process is killed
			close(moved)
		}()
		for still := true; still; {
			if total, _, err = w.sent(); err != nil || total >= want {
				return total, err
			}
			select {
			case <-moved:
				still = false
			case <-time.After(2 * time.Millisecond):
			}
		}
	}
	return total, fmt.Errorf("only %d mails were sent, waited for %d", total, want)
}

const crowd = 600

// TestNobodyIsLeftOutAndNobodyTwice: throttled calls, lost answers, dying workers, lagging indexes, and the whole process killed
// four times in the midst of a distribution. Afterwards each reader has one mail, in the right language.
func TestNobodyIsLeftOutAndNobodyTwice(t *testing.T) {
	p := newProgram(t, "-demo=false", "-rate", "150")
	w := walkOn(t, p)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatalf("%v\n%s", err, p.log)
		}
	}
	saw := func(_ string, err error) error { return err }
	must(saw(ready(w)))
	must(w.deskAgain())
	languages := []string{"en", "fr", "es"}
	var list strings.Builder
	list.WriteString("email,name,organisation,country,language,format,category,kind,consent_at,consent_text\n")
	for n := range crowd {
		to, lang := w.address(fmt.Sprintf("crowd%d", n)), languages[n%len(languages)]
		fmt.Fprintf(&list, "%s,Reader %d,Union,CH,%s,html,consumers,subscriber,%s,Form\n", to, n, lang, w.began.AddDate(0, -1, 0).Format(time.RFC3339))
		w.readers[to] = lang
	}
	must(w.secretary.upload("/desk/subscribers/import", "crowd.csv", list.String(), url.Values{"consent": {"recorded"}}, nil))
	must(saw(write(w)))
	refused := w.address("crowd7")
	must(w.fault("throttle=2&lost=2&kill=accepted&lag=300ms&reject=" + url.QueryEscape(refused)))
	now, err := w.now()
	must(err)
	must(w.secretary.post(w.issuePath("/schedule"), map[string]string{"at": now.Add(2 * time.Second).UTC().Format(time.RFC3339)}, nil))

	for n, order := range []string{"kill=claim&lost=1", "kill=settle&throttle=3", "kill=plan&lost=1", "kill=accepted"} {
		total, err := w.sentAtLeast((n + 1) * crowd / 5)
		must(err)
		p.kill()
		t.Logf("killed after %d of %d mails", total, crowd)
		p.start()
		must(w.deskAgain())
		must(w.fault(order + "&reject=" + url.QueryEscape(refused)))
	}
	summary, err := w.finish(60, 30*time.Second)
	must(err)
	t.Log(summary)

	total, by, err := w.sent()
	must(err)
	// A restart forgets faults: in the moment before they were set again the reader who is to be refused may have been let through.
	want := crowd - 1 + min(by[refused], 1)
	for to := range w.readers {
		if by[to] != 1 && !(to == refused && by[to] == 0) {
			t.Errorf("%s was sent %d mails", to, by[to])
		}
	}
	if total != want {
		t.Errorf("%d mails, want %d", total, want)
	}
	var mails []mail
	must(w.public.get("/_local/mailbox.json?limit=1000", &mails))
	seen := 0
	for _, m := range mails {
		lang, ours := w.readers[m.To]
		if !ours {
			continue
		}
		seen++
		if lang == "es" {
			lang = "en"
		}
		if title := editions[lang][0]; !strings.Contains(m.Subject, title) {
			t.Errorf("%s was sent %q, want %q", m.To, m.Subject, title)
		}
	}
	if seen != want {
		t.Errorf("the mailbox shows %d mails", seen)
	}
}
