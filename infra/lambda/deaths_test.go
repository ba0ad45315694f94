//go:build aws

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/infra/lambda/deployment"
	"liaison/infra/lambda/endpoint"
)

// newsletter is an issue on its way to a crowd.
type newsletter struct {
	*person
	number int
	at     string
}

const crowd = 330

// readers are subscribed by a list.
func readers(p *person) {
	list := "email,name,organisation,country,language,format,category,kind,consent_at,consent_text\n"
	for n := range crowd {
		list += fmt.Sprintf("r%d@crowd.example,R %d,Org,CH,en,%s,labour,subscriber,2026-01-02T00:00:00Z,Signed form\n", n, n, []string{"html", "html", "text"}[n%3])
	}
	p.upload("/desk/subscribers/import", list, "consent", "recorded")
}

func (p *person) issue(number int) *newsletter {
	n := &newsletter{p, number, fmt.Sprintf("/desk/issues/%d", number)}
	p.post("/desk/issues", fmt.Sprintf(`{"number": %d, "kind": "newsletter", "title": "T"}`, number))
	p.post(n.at+"/editions/en", `{"title": "T", "body": "Text"}`)
	p.post(n.at+"/schedule", `{"at": "now"}`)
	return n
}

func (n *newsletter) progress() map[string]any { return n.get(n.at).json }

// once lets time pass until the issue is finished, and sees that everybody was sent it once: the mail service counts, not we.
func (n *newsletter) once() {
	n.t.Helper()
	for hours := 0; n.progress()["state"] != "finished"; hours++ {
		if hours == 60 {
			n.t.Fatalf("issue %d does not get on: %v", n.number, n.progress())
		}
		n.later(5 * time.Minute)
	}
	n.never(2)
	by, err := n.d.Mails.Sent(n.t.Context(), fmt.Sprint(n.number))
	if err != nil {
		n.t.Fatal(err)
	}
	if p := n.progress(); len(by) != crowd || text(p["sent"]) != fmt.Sprint(crowd) || text(p["doubt"]) != "0" {
		n.t.Errorf("%d of %d readers have the issue; the desk says %v", len(by), crowd, p)
	}
}

// never sees that nobody was sent the issue so many times.
func (n *newsletter) never(times int) (sent int) {
	n.t.Helper()
	by, err := n.d.Mails.Sent(n.t.Context(), fmt.Sprint(n.number))
	if err != nil {
		n.t.Fatal(err)
	}
	for to, count := range by {
		if sent += count; count >= times {
			n.t.Errorf("%s has issue %d %d times", to, n.number, count)
		}
	}
	return sent
}

// dying kills processes by SIGKILL at their calls, on the way there or on the way back, so many of each function.
type dying struct {
	mu     sync.Mutex
	d      *deployment.Deployment
	chance *rand.Rand
	left   map[string]int // by function
	deaths map[string]int // by function and call
}

func (k *dying) turn(c endpoint.Call, way string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	folder := strings.ToLower(strings.TrimPrefix(c.Key, "AKIA"))
	odds := 10
	if c.Operation == "ses:SendBulkEmail" || c.Operation == "dynamodb:TransactWriteItems" {
		odds = 3
	}
	if k.left[folder] == 0 || k.chance.IntN(odds) != 0 || !k.d.Functions[folder].Kill(c.Process) {
		return false
	}
	k.left[folder]--
	k.deaths[folder+" "+way+" "+c.Operation]++
	return true
}

// Whoever dies and wherever, each reader has the issue once.
func TestKilledProcessesLoseNobodyAndRepeatNobody(t *testing.T) {
	d := deploy(t, deployment.Options{Workers: 3})
	desk := secretary(t, d)
	readers(desk)
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	k := &dying{d: d, chance: rand.New(rand.NewPCG(seed, 1)), deaths: map[string]int{},
		left: map[string]int{"press": 4, "clock": 4, "fanout": 12, "deliver": 20, "feedback": 10}}
	issue := desk.issue(1) // people at the desk are let write in peace
	d.Endpoint.Hook(endpoint.Hooks{
		Before: func(c endpoint.Call) bool { return !k.turn(c, "before") },
		After:  func(c endpoint.Call, _ int) { k.turn(c, "after") },
	})
	issue.once()
	t.Logf("deaths: %v", k.deaths)
	for folder, left := range k.left {
		if left > 3 {
			t.Errorf("functions/%s was killed too seldom: %d deaths are left", folder, left)
		}
	}
}

// A worker that dies before its mails are accepted leaves them in doubt: they are sent again only when the grace has passed in which the
// mail service would have reported them.
func TestDoubtIsWaitedFor(t *testing.T) {
	d := deploy(t, deployment.Options{})
	desk := secretary(t, d)
	readers(desk)
	desk.form("/_local/faults", "kill", "claim")
	issue := desk.issue(2)
	desk.later(9 * time.Minute) // the message comes again after six minutes and finds a lease that has passed
	before := issue.progress()
	if text(before["doubt"]) == "0" || before["state"] == "finished" || d.Faults.Dies("claim") {
		t.Fatalf("after a death at the claim: %v", before)
	}
	sent := issue.never(2)
	desk.later(2 * time.Minute)
	if now := issue.never(2); now != sent || text(issue.progress()["doubt"]) != text(before["doubt"]) {
		t.Errorf("mails in doubt were sent within the grace: %d, before %d; %v", now, sent, issue.progress())
	}
	issue.once()

	// One that hangs after its mails were accepted is killed at its timeout; the mail service's own reports settle the doubt.
	var hung sync.Once
	d.Functions["deliver"].Overrun = time.Second
	d.Endpoint.Hook(endpoint.Hooks{After: func(c endpoint.Call, _ int) {
		if c.Operation == "ses:SendBulkEmail" {
			hung.Do(func() { time.Sleep(2 * time.Second) })
		}
	}})
	next := desk.issue(3)
	desk.later(2 * time.Minute)
	if log := d.Logs["deliver"].String(); !strings.Contains(log, "Task timed out") {
		t.Errorf("nothing timed out: %s", log)
	}
	next.once()
}
