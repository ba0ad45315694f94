package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	netmail "net/mail"
	"net/url"
	"slices"
	"strings"
	"time"
)

// importReaders adds readers whose consent is on record, one of a language that the issue will not have.
func importReaders(w *walk) (string, error) {
	given := w.began.AddDate(0, -3, 0).Format(time.RFC3339)
	list := "email,name,organisation,country,language,format,category,kind,consent_at,consent_text\n"
	for n, lang := range []string{"en", "fr", "es", "ru", "fr", "en"} {
		to := w.address(fmt.Sprintf("reader%d", n))
		format := "html"
		if n == 5 {
			format = "text"
		}
		list += fmt.Sprintf("%s,Reader %d,Readers’ union,CH,%s,%s,consumers,subscriber,%s,Signed form\n", to, n, lang, format, given)
		w.readers[to] = lang
	}
	asked := w.address("unasked")
	list += asked + ",Not Yet,Readers’ union,CH,en,html,consumers,subscriber,,\n"
	if err := w.secretary.upload("/desk/subscribers/import", "readers.csv", list, url.Values{"consent": {"recorded"}}, nil); err != nil {
		return "", err
	}
	state, err := w.stateOf(asked)
	if err == nil && state == "active" {
		err = fmt.Errorf("a reader without recorded consent is active")
	}
	return fmt.Sprintf("%d readers of this run; one without consent is asked first", len(w.readers)), err
}

// progress is what the desk tells of an issue.
type progress struct {
	State                                  string
	Planned, Sent, Refused, Doubt, Skipped int
	ByLanguage                             map[string]struct{ Planned, Sent int }
}

func (w *walk) issuePath(rest string) string { return fmt.Sprintf("/desk/issues/%d%s", w.issue, rest) }

var editions = map[string][2]string{
	"en": {"What the coast decided", "# Three decisions\n\nThe forum met for *two* days, and [the minutes](https://forum.example/minutes) are open.\n\n- Nets\n- Nests\n- Names"},
	"fr": {"Ce que la côte a décidé", "# Trois décisions\n\nLe forum a duré *deux* jours, et [le procès-verbal](https://forum.example/minutes) est public.\n\n- Filets\n- Nids\n- Noms"},
}

func write(w *walk) (string, error) {
	taken := map[int]bool{}
	list, err := all[struct{ Number int }](w.secretary, "/desk/issues")
	if err != nil {
		return "", err
	}
	for _, i := range list {
		taken[i.Number] = true
	}
	for w.issue = 1; taken[w.issue]; w.issue++ {
	}
	if err := w.secretary.post("/desk/issues", map[string]any{"number": w.issue, "kind": "newsletter", "title": "The coast"}, nil); err != nil {
		return "", err
	}
	for lang, e := range editions {
		if err := w.secretary.post(w.issuePath("/editions/"+lang), map[string]string{"title": e[0] + " " + w.run, "body": e[1]}, nil); err != nil {
			return "", err
		}
	}
	p, err := w.secretary.page(w.issuePath("/editions/fr"))
	if err != nil {
		return "", err
	}
	if !strings.Contains(readable([]byte(p.text())), "Trois décisions") {
		return "", fmt.Errorf("the editor’s page does not show the text")
	}
	return fmt.Sprintf("issue %d, en and fr", w.issue), nil
}

func test(w *walk) (string, error) {
	if err := w.secretary.post(w.issuePath("/test"), map[string]string{}, nil); err != nil {
		return "", err
	}
	if err := w.advance(time.Minute); err != nil { // it leaves with the clock
		return "", err
	}
	for range 50 {
		list, err := w.mails(secretaryAddress)
		if err != nil {
			return "", err
		}
		for _, m := range list {
			if strings.Contains(m.Subject, editions["en"][0]+" "+w.run) && strings.Contains(m.Text, "Three decisions") {
				return m.Subject, nil
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	return "", fmt.Errorf("no test came to %s", secretaryAddress)
}

// sendIssue schedules and lets time pass until the issue is finished.
func sendIssue(w *walk) (string, error) {
	now, err := w.now()
	if err != nil {
		return "", err
	}
	ahead := 5 * time.Minute
	if w.fixed {
		ahead = 6 * time.Second // no request of this run takes as long
	}
	if err := w.secretary.post(w.issuePath("/schedule"), map[string]string{"at": now.Add(ahead).UTC().Format(time.RFC3339)}, nil); err != nil {
		return "", err
	}
	if p, err := w.progress(); err != nil || p.State != "scheduled" {
		return "", fmt.Errorf("after scheduling: %+v %v", p, err)
	}
	return w.finish(20, 2*time.Minute)
}

func (w *walk) progress() (p progress, err error) { return p, w.secretary.get(w.issuePath(""), &p) }

// finish advances the clock until the issue is finished, at most so many times.
func (w *walk) finish(times int, step time.Duration) (string, error) {
	var p progress
	for range times {
		if err := w.advance(step); err != nil {
			return "", err
		}
		var err error
		if p, err = w.progress(); err != nil {
			return "", err
		}
		if p.State == "finished" {
			if p.Sent+p.Refused+p.Skipped != p.Planned || p.Doubt != 0 {
				return "", fmt.Errorf("finished, but somebody is unaccounted for: %+v", p)
			}
			var by []string
			for _, l := range slices.Sorted(maps.Keys(p.ByLanguage)) {
				by = append(by, fmt.Sprintf("%d %s", p.ByLanguage[l].Planned, l))
			}
			return fmt.Sprintf("%d planned (%s), %d sent, %d refused", p.Planned, strings.Join(by, ", "), p.Sent, p.Refused), nil
		}
	}
	return "", fmt.Errorf("not finished: %+v", p)
}

// sent is what the mail service accepted of the issue.
func (w *walk) sent() (total int, by map[string]int, err error) {
	var list struct {
		Total      int
		Recipients map[string]int
	}
	err = w.public.get(fmt.Sprintf("/_local/sent.json?issue=%d", w.issue), &list)
	return list.Total, list.Recipients, err
}

// once: every active reader has one mail, nobody else has any, and its language is hers or the default.
func once(w *walk) (string, error) {
	total, by, err := w.sent()
	if err != nil {
		return "", err
	}
	active, err := all[subscriber](w.secretary, "/desk/subscribers")
	if err != nil {
		return "", err
	}
	state := map[string]string{}
	for _, s := range active {
		state[strings.ToLower(s.Email)] = s.State
		if s.State == "active" && by[strings.ToLower(s.Email)] != 1 {
			return "", fmt.Errorf("%s was sent %d mails", s.Email, by[strings.ToLower(s.Email)])
		}
	}
	for to, n := range by {
		if n != 1 || state[to] == "" || state[to] == "candidate" {
			return "", fmt.Errorf("%s, who is %q, was sent %d mails", to, state[to], n)
		}
	}
	for to, lang := range w.readers {
		if editions[lang][0] == "" {
			lang = "en"
		}
		if err := w.inLanguage(to, lang); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d mails to %d addresses; es and ru readers have the English one", total, len(by)), nil
}

func (w *walk) inLanguage(to, lang string) error {
	list, err := w.mails(to)
	if err != nil {
		return err
	}
	title := editions[lang][0] + " " + w.run
	for _, m := range list {
		if strings.Contains(m.Subject, w.run) {
			if !strings.Contains(m.Subject, title) {
				return fmt.Errorf("%s was sent %q, want the %s edition", to, m.Subject, lang)
			}
			if to == w.address("reader5") && m.HTML != "" {
				return fmt.Errorf("%s wants text alone", to)
			}
			return nil
		}
	}
	return fmt.Errorf("%s has no mail of this issue", to)
}

func archived(w *walk) (string, error) {
	p, err := w.public.page(fmt.Sprintf("/fr/issues/%d", w.issue))
	if err != nil {
		return "", err
	}
	h, err := p.heading()
	if err != nil || !strings.Contains(p.text(), editions["fr"][0]) {
		return "", fmt.Errorf("the archive’s page: %q %v", h, err)
	}
	a, err := w.public.do(http.MethodGet, fmt.Sprintf("/fr/issues/%d.pdf", w.issue), "", "application/pdf", nil)
	if err != nil || a.status != http.StatusOK || !bytes.HasPrefix(a.body, []byte("%PDF-")) {
		return "", fmt.Errorf("the PDF: %d %s %v", a.status, a.header.Get("Content-Type"), err)
	}
	return fmt.Sprintf("%s; PDF of %d KB", h, len(a.body)/1024), nil
}

// unsubscribe does what a mail program's button does, with the headers of the mail as it was on the wire.
func unsubscribe(w *walk) (string, error) {
	w.leaver = w.address("reader0")
	list, err := w.mails(w.leaver)
	if err != nil || len(list) == 0 {
		return "", fmt.Errorf("no mail to %s: %v", w.leaver, err)
	}
	a, err := w.public.do(http.MethodGet, "/_local/mailbox/"+list[0].ID+".eml", "", "message/rfc822", nil)
	if err != nil || a.status != http.StatusOK {
		return "", fmt.Errorf("the mail’s source: %v %v", a, err)
	}
	raw, err := netmail.ReadMessage(bytes.NewReader(a.body))
	if err != nil {
		return "", err
	}
	if got := raw.Header.Get("List-Unsubscribe-Post"); got != "List-Unsubscribe=One-Click" || raw.Header.Get("List-Id") == "" {
		return "", fmt.Errorf("headers of a newsletter: %q, List-Id %q", got, raw.Header.Get("List-Id"))
	}
	link := ""
	for _, part := range strings.Split(raw.Header.Get("List-Unsubscribe"), ",") {
		if l := strings.Trim(part, " <>"); link == "" && strings.HasPrefix(l, "http") {
			link = l
		}
	}
	scanner := newVisitor(w.ctx, w.base)
	if _, err := scanner.page(link); err != nil {
		return "", fmt.Errorf("the link’s page: %w", err)
	}
	if state, err := w.stateOf(w.leaver); err != nil || state != "active" {
		return "", fmt.Errorf("opening the link made the reader %q: %v", state, err)
	}
	for range 2 {
		a, err := newVisitor(w.ctx, w.base).do(http.MethodPost, link, "application/x-www-form-urlencoded", "*/*", []byte("List-Unsubscribe=One-Click"))
		if err != nil || a.status != http.StatusOK {
			return "", fmt.Errorf("one click: %v %v", a, err)
		}
	}
	state, err := w.stateOf(w.leaver)
	if err == nil && state != "left" {
		err = fmt.Errorf("after one click the reader is %q", state)
	}
	return w.leaver + " has left", err
}
