package distribution_test

import (
	"errors"
	"testing"
	"time"

	"liaison/internal/distribution"
	"liaison/internal/mail"
	"liaison/internal/people"
)

func TestBouncesStopTheDistribution(t *testing.T) {
	w := newWorld(t, 1, 1000)
	w.ses.bounce = w.some(8)
	w.ses.account.PerSecond = 20 // slowly, so that bounces come in meanwhile
	w.start()
	p := w.run(func() bool { return w.progress().State == distribution.Paused })
	if p.Reason != distribution.Bounces || p.Sent >= 1000 {
		t.Errorf("%+v", p)
	}
	w.run(func() bool { return len(w.alarms) > 0 })
	if w.alarms[0].Reason != distribution.Bounces {
		t.Errorf("alarm %+v", w.alarms[0])
	}
	w.idle(24 * time.Hour)
	if w.progress().State != distribution.Paused {
		t.Error("it went on by itself")
	}
	sent := w.ses.total()
	w.ses.bounce = map[people.EmailAddress]bool{} // a person looked into it; a few are left
	for _, m := range w.members {
		if w.ses.accepted[m.Address] == 0 && len(w.ses.bounce) < 3 {
			w.ses.bounce[m.Address] = true
		}
	}
	w.do(w.control.Resume, nil)
	if p := w.run(w.over); p.State != distribution.Finished || p.Sent != 1000 {
		t.Errorf("resumed at %d: %+v", sent, p)
	}
}

func TestComplaintsStopTheDistribution(t *testing.T) {
	w := newWorld(t, 2, 1000)
	w.ses.complain = w.some(20)
	w.ses.account.PerSecond = 20
	w.start()
	p := w.run(func() bool { return w.progress().State == distribution.Paused })
	if p.Reason != distribution.Complaints || p.Sent >= 1000 {
		t.Errorf("%+v", p)
	}
}

func TestRefusalsStopTheDistribution(t *testing.T) {
	w := newWorld(t, 3, 1000)
	w.ses.refuse = w.some(1)
	w.start()
	p := w.run(func() bool { return w.progress().State == distribution.Paused })
	if p.Reason != distribution.Refusals || p.Refused > 200 {
		t.Errorf("%+v", p)
	}
}

func TestFinishedDistributionThatWentBadlyIsReported(t *testing.T) {
	w := newWorld(t, 4, 400)
	w.ses.bounce, w.ses.delay = w.some(8), 2*time.Hour
	w.ses.eventsTwice = true
	w.start()
	p := w.run(w.over)
	w.idle(5 * time.Minute)
	if p.State != distribution.Finished || p.Reason != distribution.Bounces || p.Sent != 400 || int(p.Bounced) != len(w.ses.bounce) {
		t.Errorf("%+v", p)
	}
	if len(w.alarms) != 1 || w.alarms[0].Reason != distribution.Bounces {
		t.Errorf("alarms %+v", w.alarms)
	}
}

func TestBouncedMembersAreSuppressed(t *testing.T) {
	w := newWorld(t, 5, 300)
	w.ses.bounce = w.some(40)
	w.start()
	w.once(w.run(w.over))
	for id, m := range w.members {
		if (w.told[id] > 0) != w.ses.bounce[m.Address] {
			t.Errorf("%s: told %d, bounces %v", id, w.told[id], w.ses.bounce[m.Address])
		}
	}
}

func TestEventsOfOtherMails(t *testing.T) {
	w := newWorld(t, 6, 0)
	events := []mail.Event{
		{Kind: mail.EventSend, At: w.clock},
		{Kind: mail.EventBounce, Permanent: true, Recipient: "a@example.org", At: w.clock},
		{Kind: mail.EventBounce, Recipient: "full@example.org", At: w.clock},
		{Kind: mail.EventComplaint, Recipient: "b@example.org", At: w.clock},
		{Kind: mail.EventBounce, Permanent: true, Tags: map[string]string{"shard": "gone-00-000000", "slot": "0", "attempt": "1"}, At: w.clock},
	}
	if err := w.feedback.Handle(t.Context(), events...); err != nil {
		t.Fatal(err)
	}
	if w.told[""] != 2 {
		t.Errorf("told of %d, want the permanent bounce and the complaint", w.told[""])
	}
}

func TestFeedbackBringsBackWhatItCouldNotRecord(t *testing.T) {
	w := newWorld(t, 7, 60)
	w.ses.delay = time.Hour
	w.start()
	w.until(60)
	w.faults.lostWrite = 1
	e := mail.Event{Kind: mail.EventBounce, Permanent: true, At: w.clock, Tags: map[string]string{"slot": "0", "attempt": "1"}}
	for _, m := range w.queue {
		if m.event != nil {
			e.Tags, e.Recipient = m.event.Tags, m.event.Recipient
		}
	}
	if err := w.feedback.Handle(t.Context(), e); !errors.Is(err, errLost) {
		t.Fatalf("%v", err)
	}
	w.faults.lostWrite = 0
	for range 3 {
		if err := w.feedback.Handle(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	if p := w.progress(); p.Bounced != 1 {
		t.Errorf("%d bounced", p.Bounced)
	}
}

func TestPaceKeepsToTheRate(t *testing.T) {
	w := newWorld(t, 8, 500)
	w.ses.account.PerSecond = 14
	w.start()
	from := w.clock
	w.run(func() bool { return w.ses.total() >= 400 })
	seconds := w.clock.Sub(from).Seconds()
	if rate := 400 / seconds; rate > 7.5 { // one worker of two
		t.Errorf("%.1f a second", rate)
	}
	if w.ses.largest > 14 {
		t.Errorf("a batch of %d", w.ses.largest)
	}
}

func TestTasks(t *testing.T) {
	at := time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		wait, want time.Duration
	}{"past": {-time.Hour, 0}, "soon": {1500 * time.Millisecond, 2 * time.Second}, "far": {time.Hour, distribution.MaxDelay}} {
		if got := (distribution.Task{NotBefore: at.Add(c.wait)}).Delay(at); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	if (distribution.Task{}).Delay(at) != 0 {
		t.Error("a task for at once waits")
	}
	for _, bad := range []string{``, `null`, `[]`, `{}`, `{"v":2,"kind":"plan","distribution":"a"}`, `{"v":1,"kind":"dance","distribution":"a"}`,
		`{"v":1,"kind":"plan","distribution":""}`, `{"v":1,"kind":"plan","distribution":"a","segment":16}`, `{"v":1,"kind":"plan","distribution":"a","shard":-1}`} {
		if _, err := distribution.ParseTask([]byte(bad)); !errors.Is(err, distribution.ErrTask) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func FuzzParseTask(f *testing.F) {
	f.Add([]byte(`{"v":1,"kind":"deliver","distribution":"issue-3","segment":7,"shard":12,"notBefore":"2027-01-01T00:00:00Z"}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		task, err := distribution.ParseTask(message)
		if err != nil {
			return
		}
		b, err := task.MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		if again, err := distribution.ParseTask(b); err != nil || again.Kind != task.Kind || !again.NotBefore.Equal(task.NotBefore) || again.Shard != task.Shard {
			t.Fatalf("%+v became %+v, %v", task, again, err)
		}
	})
}
