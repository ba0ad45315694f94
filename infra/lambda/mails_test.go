//go:build aws

package main

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"liaison/infra/lambda/deployment"
	"liaison/infra/lambda/endpoint"
	"liaison/infra/local/queue"
	"liaison/infra/local/ses"
	"liaison/infra/local/stage"
)

// signUp asks for the newsletter, which sets off one mail.
func (p *person) signUp(address string) reply {
	p.t.Helper()
	body := fmt.Sprintf(`{"email": %q, "name": "N", "organisation": "Org", "country": "PE", "language": "en", "format": "html", "category": "labour", "consent": true}`, address)
	return p.send("POST", "/en/subscribe", "application/json", []byte(body))
}

// copies is how many mails to an address the mail service took.
func copies(t *testing.T, d *deployment.Deployment, address string) int {
	t.Helper()
	list, _, _, err := d.Mails.List(t.Context(), ses.Filter{To: address, Limit: 20})
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}

func depth(t *testing.T, d *deployment.Deployment, name string) queue.Depth {
	t.Helper()
	list, err := d.Stage.Broker.Depths(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range list {
		if q.Name == name {
			return q
		}
	}
	t.Fatalf("no queue %s", name)
	return queue.Depth{}
}

// ofOutbox tells whether a call writes a mail of the outbox.
func ofOutbox(c endpoint.Call) bool {
	return c.Operation == "dynamodb:PutItem" && bytes.Contains(c.Body, []byte("OUTBOX#"))
}

// once makes of a hook one that acts at the nth call that fits.
func once(folder string, nth int32, fits func(endpoint.Call) bool, act func(endpoint.Call)) func(endpoint.Call) bool {
	var n atomic.Int32
	return func(c endpoint.Call) bool {
		if c.Key != deployment.Key(folder) || !fits(c) || n.Add(1) != nth {
			return false
		}
		act(c)
		return true
	}
}

// A single mail outlives the death of whoever has it in hands, between any two lines: it comes once, and twice only where the process died inside
// the call of the mail service.
func TestSingleMailsOutliveDeaths(t *testing.T) {
	sends := func(c endpoint.Call) bool { return c.Operation == "ses:SendEmail" }
	wakes := func(c endpoint.Call) bool { return c.Operation == "sqs:SendMessageBatch" }
	for _, death := range []struct {
		name, folder string
		nth          int32
		fits         func(endpoint.Call) bool
		answered     bool // the service answered, and the process does not know
		most         int
	}{
		{"the mail is written down and nobody woken", "subscriptions", 1, ofOutbox, true, 1},
		{"on the way to the queue", "subscriptions", 1, wakes, false, 1},
		{"woken, and the page not answered", "subscriptions", 1, wakes, true, 1},
		{"before the claim", "deliver", 1, ofOutbox, false, 1},
		{"claimed", "deliver", 1, ofOutbox, true, 1},
		{"on the way to the mail service", "deliver", 1, sends, false, 1},
		{"the mail service has the mail", "deliver", 1, sends, true, 2},
		{"on the way to settle", "deliver", 2, ofOutbox, false, 2},
		{"settled, and the message not deleted", "deliver", 2, ofOutbox, true, 1},
	} {
		t.Run(death.name, func(t *testing.T) {
			d := deploy(t, deployment.Options{})
			public := newPerson(t, d)
			killed := make(chan bool, 1)
			die := once(death.folder, death.nth, death.fits, func(c endpoint.Call) { killed <- d.Functions[death.folder].Kill(c.Process) })
			if death.answered {
				d.Endpoint.Hook(endpoint.Hooks{After: func(c endpoint.Call, _ int) { die(c) }})
			} else {
				d.Endpoint.Hook(endpoint.Hooks{Before: func(c endpoint.Call) bool { return !die(c) }})
			}
			r := public.signUp("mara@readers.example")
			select {
			case ok := <-killed:
				if !ok {
					t.Error("nobody was killed")
				}
			case <-time.After(10 * time.Second):
				t.Fatal("nobody came by")
			}
			if died := death.folder == "subscriptions"; died != (r.status >= 500) {
				t.Errorf("the page: %d", r.status)
			}
			public.later(15 * time.Minute)
			if n := copies(t, d, "mara@readers.example"); n < 1 || n > death.most {
				t.Errorf("%d mails, want 1 to %d", n, death.most)
			}
			if q := depth(t, d, stage.MailQueue); q != (queue.Depth{Name: stage.MailQueue}) {
				t.Errorf("in the end: %+v", q)
			}
		})
	}
}

// A queue that takes nothing keeps no page from saying that a mail will come; the clock wakes the sender.
func TestAMailWhoseSenderWasNotWoken(t *testing.T) {
	d := deploy(t, deployment.Options{})
	public := newPerson(t, d)
	d.Endpoint.Hook(endpoint.Hooks{Before: func(c endpoint.Call) bool {
		return c.Operation != "sqs:SendMessageBatch" || c.Key != deployment.Key("subscriptions")
	}})
	if r := public.signUp("mara@readers.example"); r.status != http.StatusOK {
		t.Errorf("%d %s", r.status, r.body)
	}
	says(t, d, "subscriptions", "WARN", "its sender was not woken", `"mail":"`)
	if n := copies(t, d, "mara@readers.example"); n != 0 {
		t.Errorf("%d mails already", n)
	}
	public.later(3 * time.Minute)
	if n := copies(t, d, "mara@readers.example"); n != 1 {
		t.Errorf("%d mails", n)
	}
}

// While every worker of a newsletter is held up, a single mail goes its own way.
func TestSingleMailsDoNotWaitBehindANewsletter(t *testing.T) {
	d := deploy(t, deployment.Options{})
	desk, public := secretary(t, d), newPerson(t, d)
	readers(desk)
	let := make(chan struct{})
	var held atomic.Int32
	d.Endpoint.Hook(endpoint.Hooks{Before: func(c endpoint.Call) bool {
		if c.Operation == "ses:SendBulkEmail" {
			held.Add(1)
			<-let
		}
		return true
	}})
	free := sync.OnceFunc(func() { close(let) })
	defer free()
	issue := desk.issue(4)
	d.Stage.TickOnce(t.Context())
	for range 200 {
		if held.Load() >= 2 {
			break
		}
		time.Sleep(50 * time.Millisecond)
	}
	if held.Load() < 2 {
		t.Fatal("the newsletter's workers are not at work")
	}
	public.signUp("mara@readers.example")
	public.link("mara@readers.example", "/subscription")
	if held.Load() != 2 {
		t.Errorf("%d workers send the newsletter", held.Load())
	}
	free()
	issue.once()
}

// A service that takes no mails for longer than a day, and then does: the record waits, and no message with it.
func TestSingleMailsWaitForTheService(t *testing.T) {
	d := deploy(t, deployment.Options{})
	public := newPerson(t, d)
	public.later(time.Minute)
	d.Faults.Mail.Throttle(1 << 30)
	for n := range 3 {
		public.signUp(fmt.Sprintf("mara%d@readers.example", n))
	}
	public.leap(30 * time.Hour)
	says(t, d, "deliver", "WARN", "mail not sent", "throttled")
	for range 20 { // the last calls may still pause
		if q := depth(t, d, stage.MailQueue); q == (queue.Depth{Name: stage.MailQueue}) {
			break
		}
		time.Sleep(time.Second)
	}
	if q := depth(t, d, stage.MailQueue); q != (queue.Depth{Name: stage.MailQueue}) {
		t.Errorf("messages wait: %+v", q)
	}
	d.Faults.Mail.Throttle(0)
	public.later(2 * time.Hour)
	for n := range 3 {
		if got := copies(t, d, fmt.Sprintf("mara%d@readers.example", n)); got != 1 {
			t.Errorf("mara%d has %d mails", n, got)
		}
	}
	if strings.Contains(d.Logs["deliver"].String(), `"level":"ERROR"`) {
		t.Error("waiting is taken for an error")
	}
}

// Messages of another release, of no release, and of a mail that is gone, among one that is right: which comes three times.
func TestStrangeNudges(t *testing.T) {
	d := deploy(t, deployment.Options{})
	public := newPerson(t, d)
	var ids []string
	d.Endpoint.Hook(endpoint.Hooks{Before: func(c endpoint.Call) bool {
		if c.Operation != "sqs:SendMessageBatch" {
			return true
		}
		_, id, _ := strings.Cut(string(c.Body), `\"id\":\"`)
		id, _, _ = strings.Cut(id, `\"`)
		ids = append(ids, id)
		return true
	}})
	public.signUp("mara@readers.example")
	public.link("mara@readers.example", "/subscription")
	d.Endpoint.Hook(endpoint.Hooks{})
	if len(ids) != 1 || ids[0] == "" || strings.Contains(ids[0], "@") {
		t.Fatalf("ids %q", ids)
	}
	right := `{"v":1,"kind":"mail","id":"` + ids[0] + `","fromTheNextRelease":{"a":1}}`
	var all []queue.Outgoing
	for _, body := range []string{right, `{"v":2,"kind":"mail","id":"` + ids[0] + `"}`, `{"v":1,"kind":"mail","id":"gone"}`, `{"v":1,"kind":"telegram","id":"x"}`, "poison", right} {
		all = append(all, queue.Outgoing{Body: []byte(body)})
	}
	if err := d.Stage.Broker.Send(t.Context(), stage.MailQueue, all...); err != nil {
		t.Fatal(err)
	}
	public.later(90 * time.Minute)
	says(t, d, "deliver", "ERROR", "message failed", "not a nudge of this release", "version 2, this release speaks 1")
	says(t, d, "deliver", "WARN", "mail is not in the outbox any more", `"mail":"gone"`)
	if n := copies(t, d, "mara@readers.example"); n != 1 {
		t.Errorf("%d mails", n)
	}
	if q := depth(t, d, stage.MailQueue); q.Dead != 3 || q.Visible+q.Hidden != 0 {
		t.Errorf("in the end: %+v", q)
	}
}
