package distribution_test

import (
	"context"
	"fmt"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
)

// service is a mail service that counts what each address was really sent, and can be made to fail as the real one does.
type service struct {
	w        *world
	account  mail.Account
	accepted map[people.EmailAddress]int
	editions map[people.EmailAddress]string
	calls    int
	largest  int

	throttle, throttleOne int // one call, one entry in so many is turned away
	lostAfter, lostBefore int // one answer in so many is lost, after or before the batch was taken
	lostHalf              int // … after half of it was taken
	die                   int // one worker in so many dies waiting for the answer
	refuse                map[people.EmailAddress]bool
	refuseCall            map[people.EmailAddress]bool // a call with such an address is refused whole
	bounce                map[people.EmailAddress]bool
	spoil                 map[people.EmailAddress]bool // taken, then found wrong
	complain              map[people.EmailAddress]bool
	exhaustAt             int   // recipients in all, until the quota is raised
	fail                  error // of every call
	silent                bool  // no events
	eventsTwice           bool
	delay                 time.Duration // of events, at most
	during                func()        // what happens while the next call waits for its answer
}

func (s *service) Account(context.Context) (mail.Account, error) { return s.account, nil }

func (s *service) Send(context.Context, mail.Message) (string, error) {
	return "", fmt.Errorf("%w: not in this test", mail.ErrRefused)
}

func (s *service) SendBatch(_ context.Context, b mail.Batch) ([]mail.Result, error) {
	s.calls++
	s.largest = max(s.largest, len(b.Entries))
	if len(b.Entries) == 0 || len(b.Entries) > mail.MaxBatch {
		s.w.t.Errorf("a batch of %d", len(b.Entries))
	}
	if s.fail != nil {
		return nil, s.fail
	}
	for _, e := range b.Entries {
		if s.refuseCall[e.To.Mail] {
			return nil, fmt.Errorf("%w: bad entry", mail.ErrRefused)
		}
	}
	if s.w.one(s.throttle) {
		return nil, mail.ErrThrottled
	}
	if s.w.one(s.lostBefore) {
		return nil, mail.ErrDoubt
	}
	lost := s.lostAfter
	half := s.w.one(s.lostHalf)
	results := make([]mail.Result, len(b.Entries))
	for i, e := range b.Entries {
		if half && i%2 == 0 {
			continue
		}
		results[i] = s.take(e, b.Content.Subject)
	}
	if during := s.during; during != nil {
		s.during = nil
		during()
	}
	if err := s.w.before(); err != nil { // others go on, or the worker dies
		return nil, err
	}
	if s.w.one(s.die) {
		return nil, killed
	}
	if half || s.w.one(lost) {
		return nil, mail.ErrDoubt
	}
	return results, nil
}

func (s *service) take(e mail.Entry, edition string) mail.Result {
	switch {
	case s.refuse[e.To.Mail]:
		return mail.Result{Outcome: mail.Refused, Reason: "MESSAGE_REJECTED"}
	case s.w.one(s.throttleOne):
		return mail.Result{Outcome: mail.Retry, Reason: "ACCOUNT_THROTTLED"}
	case s.exhaustAt > 0 && s.total() >= s.exhaustAt:
		return mail.Result{Outcome: mail.Exhausted, Reason: "ACCOUNT_DAILY_QUOTA_EXCEEDED"}
	}
	if e.Data["name"] == "" {
		s.w.t.Errorf("no name for %s", e.To.Mail)
	}
	if s.editions == nil {
		s.editions = map[people.EmailAddress]string{}
	}
	s.editions[e.To.Mail] = edition
	id := fmt.Sprintf("ses-%d-%s", s.calls, e.To.Mail)
	if s.spoil[e.To.Mail] {
		s.report(e, mail.EventRendering, id)
		return mail.Result{Outcome: mail.Sent, MessageID: id}
	}
	s.accepted[e.To.Mail]++
	s.report(e, mail.EventSend, id)
	if s.bounce[e.To.Mail] {
		s.report(e, mail.EventBounce, id)
	}
	if s.complain[e.To.Mail] {
		s.report(e, mail.EventComplaint, id)
	}
	return mail.Result{Outcome: mail.Sent, MessageID: id}
}

func (s *service) total() (n int) {
	for _, k := range s.accepted {
		n += k
	}
	return n
}

func (s *service) report(e mail.Entry, kind mail.EventKind, id string) {
	if s.silent {
		return
	}
	tags := map[string]string{}
	for _, t := range e.Tags {
		tags[t.Name] = t.Value
	}
	event := mail.Event{Kind: kind, MessageID: id, Recipient: e.To.Mail, Tags: tags, At: s.w.clock, Permanent: kind == mail.EventBounce, Reason: string(kind)}
	s.w.put(&message{due: s.w.clock.Add(time.Duration(s.w.rand.Int64N(int64(s.delay) + 1))), event: &event}, s.eventsTwice)
}
