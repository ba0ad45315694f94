package newsletter

import "testing"

// Records that were restored to a moment before the start have forgotten the distribution: the issue is shown as incomplete, is not started again, and
// keeps neither the clock nor the other issues from going on.
func TestAForgottenDistribution(t *testing.T) {
	w := newWorld(t)
	for n := range 2 {
		w.issue(t, n+1, Newsletter, "en")
		_, err := w.Schedule(ctx, who, n+1, w.now)
		is(t, err, nil)
	}
	is(t, w.Tick(ctx), nil)
	delete(w.runs, "issue-1")
	started := w.started
	is(t, w.Tick(ctx), nil)
	i, err := w.Issue(ctx, 1)
	is(t, err, nil)
	p, err := w.Progress(ctx, i)
	if err != nil || p.State != Incomplete || p.Reason != ReasonForgotten || p.ByLanguage == nil {
		t.Errorf("%+v, %v", p, err)
	}
	if w.started != started || w.runs["issue-1"] != nil || w.state(t, 2) != Sending {
		t.Error("it was started again, or the other one suffers")
	}
}
