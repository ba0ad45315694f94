package desk_test

import (
	"strings"
	"testing"
)

func TestFirstPageOfTheDesk(t *testing.T) {
	r := enter(t)
	r.want(r.viewer.Get("/desk/"), 200, "Nothing is waiting", "no issue yet")
	r.want(r.secretary.Get("/desk"), 200)
	draft := r.issue(1, "newsletter", "en")
	for n, act := range []string{"pause", "cancel", ""} {
		at := r.issue(n+2, "newsletter", "en")
		r.want(r.secretary.PostJSON(at+"/schedule", `{"at":"now"}`), 200)
		if err := r.tick(t.Context()); err != nil {
			t.Fatal(err)
		}
		if act != "" {
			r.want(r.secretary.PostJSON(at+"/"+act, ``), 200)
		}
	}
	r.want(r.secretary.PostJSON(draft+"/schedule", `{"at":"2027-05-01T09:00:00+02:00"}`), 200)
	page := r.want(r.viewer.Get("/desk/"), 200, "Issue 2 is paused", "4 · Working title", "scheduled", "paused", "cancelled")
	for _, link := range []string{`href="/desk/issues/2"`, `href="/desk/subscribers?state=active"`, `class="state bad"`, `class="state wait"`} {
		if !strings.Contains(page.Body, link) {
			t.Errorf("no %s", link)
		}
	}
}
