package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"liaison/internal/form"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

// issuePage is one issue: before its start what it still needs, after it how far it is.
type issuePage struct {
	*web.View
	Issue   *newsletter.Issue
	Now     *newsletter.Progress
	Editing []editionLine
	Missing bool // no edition in the default language
	When    *form.View
	Plan    string // suggested time, as a datetime-local input wants it
	Refresh int    // seconds; 0: the page stands still
	due     bool   // its time has come, and the press has not taken it up yet
	Still   bool
}

type editionLine struct {
	In     people.Language
	There  bool
	Latest newsletter.Summary
}

var scheduleForm = &form.Definition{Words: "issues.schedule", Fields: []form.Field{{Name: "at", Kind: form.Text, Required: true, Limit: 40}}}

// refreshEvery seconds the page of an issue that is being sent loads itself anew, unless ?still says not to.
const refreshEvery = 15

func (d *Issues) show(w http.ResponseWriter, r *http.Request) error {
	return d.showWith(w, r, http.StatusOK, form.New(scheduleForm, 0))
}

func (d *Issues) showWith(w http.ResponseWriter, r *http.Request, status int, v *form.Values) error {
	i, err := issue.Find(r, d.Office.Store)
	if err != nil {
		return err
	}
	now, err := d.Office.Progress(r.Context(), i)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, status, asJSON(i, now))
	}
	p := &issuePage{View: d.Site.View(r), Issue: i, Now: now}
	p.Title, p.Section, p.When = p.heading(), "issues", v.Show(p.P)
	for _, l := range p.Languages() {
		summary, there := i.Editions[l]
		p.Editing = append(p.Editing, editionLine{l, there, summary})
	}
	_, there := i.Editions[d.Site.Programme.Default]
	p.Missing = !there
	p.Plan = p.suggestion(v, d.Site.Now())
	p.Still = r.URL.Query().Has("still")
	p.due = now.State == newsletter.Scheduled && !i.ScheduledAt.After(d.Site.Now())
	if (now.State.Running() || p.due) && !p.Still {
		p.Refresh = refreshEvery
		p.Head = refresh(p.Refresh)
	}
	p.Notice = p.notice(r.URL.Query().Get("done"))
	if status != http.StatusOK {
		p.Title = p.T("form.title.error", "Title", p.Title)
	}
	return d.Site.Show(w, status, p)
}

// notice words what was just done. That an issue is about to go out is said only until it does: the page loads itself anew.
func (p *issuePage) notice(done string) string {
	if key := "issues.done." + done; p.P.Has(key) && (done != "now" || p.due) {
		return p.T(key)
	}
	return ""
}

// heading says in a few words where the issue stands.
func (p *issuePage) heading() string {
	switch {
	case p.Now.State.Running():
		return p.T("issues.heading.running", "Share", p.P.Percent(p.share()))
	case p.Now.State == newsletter.Finished && p.Now.Planned == 0:
		return p.T("issues.heading.nobody")
	case p.Now.State == newsletter.Finished && p.Now.Sent < p.Now.Planned:
		return p.T("issues.heading.done", "Sent", p.Now.Sent, "Planned", p.Now.Planned)
	case p.Issue.HandedOver:
		return p.T("issues.heading." + string(p.Now.State))
	}
	return p.Issue.Title
}

// share is how much of the plan is done, 0 to 1. It says 1 only when nothing is left.
func (p *issuePage) share() float64 {
	c := p.Now.Counts
	if c.Planned == 0 {
		return 0
	}
	share := float64(c.Sent+c.Refused+c.Skipped) / float64(c.Planned)
	return float64(int(share*100)) / 100
}

// suggestion is the time that the schedule form shows: what was typed, what is planned, else tomorrow at nine.
func (p *issuePage) suggestion(v *form.Values, now time.Time) string {
	if typed := v.Get("at"); typed != "" {
		return typed
	}
	zone := p.Site.Programme.Zone()
	at := p.Issue.ScheduledAt
	if at.Before(now) {
		t := now.In(zone)
		at = time.Date(t.Year(), t.Month(), t.Day()+1, 9, 0, 0, 0, zone)
	}
	return at.In(zone).Format("2006-01-02T15:04")
}

func (d *Issues) schedule(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, scheduleForm)
	if err != nil {
		return err
	}
	i, err := issue.Find(r, d.Office.Store)
	if err != nil {
		return err
	}
	v.Check()
	if v.OK() {
		if at, ok := d.moment(v.Get("at")); ok {
			err = d.scheduleAt(r, i.Number, at, v)
		} else {
			v.Fail("at", "issues.error.time")
		}
	}
	if err != nil {
		return err
	}
	if !v.OK() {
		return d.Site.Refuse(w, r, v.Show(d.Site.View(r).P), func(status int) error { return d.showWith(w, r, status, v) })
	}
	done := "scheduled"
	if v.Get("at") == "now" {
		done = "now"
	}
	return d.after(w, r, i.Number, done)
}

// scheduleAt turns what a person can mend into findings of the form.
func (d *Issues) scheduleAt(r *http.Request, number int, at time.Time, v *form.Values) error {
	_, err := d.Office.Schedule(r.Context(), d.who(r), number, at)
	p := d.Site.View(r)
	switch {
	case errors.Is(err, newsletter.ErrPast):
		v.Fail("at", "issues.error.past", "Now", p.DateTime(d.Site.Now()))
	case errors.Is(err, newsletter.ErrFar):
		v.Fail("at", "issues.error.far")
	case errors.Is(err, newsletter.ErrNoEdition):
		v.Fail("at", "issues.error.noedition", "Language", p.Language(d.Site.Programme.Default))
	default:
		return err
	}
	return nil
}

// moment reads RFC 3339, a datetime-local value in the programme's zone, or "now".
func (d *Issues) moment(s string) (time.Time, bool) {
	if s == "now" {
		return d.Site.Now(), true
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return t, true
	}
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		if t, err := time.ParseInLocation(layout, s, d.Site.Programme.Zone()); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// after answers an act: the issue for programs, its page with a word of confirmation for people.
func (d *Issues) after(w http.ResponseWriter, r *http.Request, number int, done string) error {
	i, err := d.Office.Issue(r.Context(), number)
	if err != nil {
		return err
	}
	now, err := d.Office.Progress(r.Context(), i)
	if err != nil {
		return err
	}
	return d.Site.Done(w, r, issue.Address(number)+"?done="+done, asJSON(i, now))
}

// act makes a handler of pause, resume or cancel. They take no fields, so whatever the body holds is left unread.
func (d *Issues) act(do func(*newsletter.Office, context.Context, string, int) (*newsletter.Issue, error), done string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		i, err := issue.Find(r, d.Office.Store)
		if err != nil {
			return err
		}
		if _, err := do(d.Office, r.Context(), d.who(r), i.Number); err != nil {
			return err
		}
		return d.after(w, r, i.Number, done)
	}
}
