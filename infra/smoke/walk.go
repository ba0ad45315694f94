package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// walk is one run: who takes part, and what has been made so far.
type walk struct {
	ctx       context.Context
	base, run string // run tells this run's addresses from those of another
	out       io.Writer
	public    *visitor
	secretary *visitor
	began     time.Time // on the programme's clock
	fixed     bool      // that clock cannot be moved: it is a deployment's, and "advance" lets a few seconds pass

	organisations []string // addresses from the survey
	expert        string
	experts       []string // all of the roster that was uploaded
	event         string   // its name
	issue         int
	readers       map[string]string // address -> language of those who are subscribed by this run
	leaver        string
}

func newWalk(ctx context.Context, base string, out io.Writer) *walk {
	return &walk{ctx: ctx, base: strings.TrimRight(base, "/"), out: out, run: fmt.Sprintf("%x", time.Now().UnixMilli()),
		public: newVisitor(ctx, base), secretary: newVisitor(ctx, base), readers: map[string]string{}}
}

// address is one that only this run has.
func (w *walk) address(who string) string { return who + "-" + w.run + "@smoke.example" }

type step struct {
	name string
	take func(*walk) (saw string, err error)
}

// take takes steps one after the other and prints what they saw.
func (w *walk) take(chapter string, steps ...step) error {
	fmt.Fprintf(w.out, "\n%s\n", chapter)
	for _, s := range steps {
		saw, err := s.take(w)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", chapter, s.name, err)
		}
		fmt.Fprintf(w.out, "  ✓ %-46s %s\n", s.name, saw)
	}
	return nil
}

// mainJob is the whole of it.
func mainJob(w *walk) error {
	for _, chapter := range []struct {
		name  string
		steps []step
	}{
		{"The house", []step{{"it is ready", ready}, {"home pages in every language", homes}, {"what is not there", nowhere}}},
		{"The desk", []step{{"sign-in by e-mailed link", signIn}, {"roles", roles}}},
		{"A survey answer", []step{{"wrong rows come back", wrongRows}, {"three rows are answered", answerSurvey}, {"the receipt by mail", receipt},
			{"rows are accepted", acceptRows}, {"each organisation is asked once", confirmations}, {"the record", confirmed}}},
		{"Presenters", []step{{"the roster", roster}, {"invitations", invite}, {"a registration", register}, {"a No", decline}}},
		{"An event", []step{{"it is told", tellEvent}, {"it stands on the calendar", calendar}, {"who is recommended, and why", recommended}}},
		{"An issue", []step{{"readers by list", importReaders}, {"two editions", write}, {"a test to oneself", test}, {"scheduled and sent", sendIssue},
			{"once each, in the right language", once}, {"it is on the site", archived}, {"one click and out", unsubscribe}}},
	} {
		if err := w.take(chapter.name, chapter.steps...); err != nil {
			return err
		}
	}
	return nil
}

// advance moves the programme's clock.
func (w *walk) advance(d time.Duration) error {
	a, err := w.public.do("POST", "/_local/clock", "application/x-www-form-urlencoded", asJSON, []byte(url.Values{"advance": {d.String()}}.Encode()))
	if err != nil {
		return err
	}
	return a.json(nil)
}

// now is the programme's time.
func (w *walk) now() (time.Time, error) {
	var clock struct {
		Now   time.Time
		Fixed bool
	}
	err := w.public.get("/_local/clock", &clock)
	w.fixed = clock.Fixed
	return clock.Now, err
}

// mail is one of the mailbox.
type mail struct {
	ID, To, From, Subject, Text, HTML string
	At                                time.Time
	Headers                           map[string]string
	Links                             []string
}

// mails to an address, newest first.
func (w *walk) mails(to string) (list []mail, err error) {
	return list, w.public.get("/_local/mailbox.json?limit=50&to="+url.QueryEscape(to), &list)
}

// newest waits a little for a mail to an address that has a link to path, and returns that link.
func (w *walk) newest(to, path string) (m mail, link string, err error) {
	for range 50 {
		list, err := w.mails(to)
		if err != nil {
			return mail{}, "", err
		}
		for _, m := range list {
			for _, l := range m.Links {
				if u, err := url.Parse(l); err == nil && strings.HasSuffix(u.Path, path) {
					return m, l, nil
				}
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return mail{}, "", fmt.Errorf("no mail to %s has a link to %s", to, path)
}
