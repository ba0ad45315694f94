package desk

import (
	"context"
	"fmt"
	"net/http"

	"liaison/internal/newsletter"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/subscription"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// Overview is the desk's first page: what waits for somebody, and how the programme stands.
type Overview struct {
	Site        *web.Site
	Tallies     func(ctx context.Context) ([]survey.Tally, error)
	Subscribers func(ctx context.Context) (subscription.Counts, error)
	Experts     func(ctx context.Context) (map[presenter.State]int, error)
	Upcoming    func(ctx context.Context) (int, error) // events, a hundred at most
	Issues      func(ctx context.Context, limit int, cursor string) ([]*newsletter.Issue, string, error)
	Progress    func(ctx context.Context, i *newsletter.Issue) (*newsletter.Progress, error)
}

func (d *Overview) Routes() []web.Route {
	return []web.Route{web.Get("/desk/{$}", d.show).For(programme.Viewer), web.Get("/desk", d.show).For(programme.Viewer)}
}

type overviewPage struct {
	*web.View
	Waiting                        []waiting
	Active, Candidates             int
	Presenters, Experts, Unasked   int
	Events                         int
	Issues                         []overviewIssue
	NoSubscribers, NoRoster, Fresh bool
}

// waiting is one queue with something in it.
type waiting struct {
	Text, Href string
}

type overviewIssue struct {
	Number      int
	Title       string
	State       newsletter.State
	Sent, Total int
}

func (d *Overview) show(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	p := &overviewPage{View: d.Site.View(r)}
	p.Title, p.Section = p.T("overview.title"), "desk"
	tallies, err := d.Tallies(ctx)
	if err != nil {
		return err
	}
	for _, t := range tallies {
		if t.Pending > 0 {
			p.Waiting = append(p.Waiting, waiting{p.T("overview.waiting."+t.Survey, "Count", t.Pending), "/desk/surveys/" + t.Survey})
		}
	}
	counts, err := d.Subscribers(ctx)
	if err != nil {
		return err
	}
	p.Active, p.Candidates = counts.In(subscription.Active), counts.In(subscription.Candidate)
	experts, err := d.Experts(ctx)
	if err != nil {
		return err
	}
	for _, n := range experts {
		p.Experts += n
	}
	p.Presenters, p.Unasked = experts[presenter.Yes], experts[presenter.NotAsked]
	if p.Events, err = d.Upcoming(ctx); err != nil {
		return err
	}
	if err := d.issues(ctx, p); err != nil {
		return err
	}
	p.NoSubscribers, p.NoRoster = p.Active+p.Candidates == 0, p.Experts == 0
	p.Fresh = p.NoSubscribers || p.NoRoster || len(p.Issues) == 0
	return pages.Render(d.Site, w, http.StatusOK, "overview", p)
}

// issues lists the latest five as they stand now; those that need a person wait with the queues.
func (d *Overview) issues(ctx context.Context, p *overviewPage) error {
	list, _, err := d.Issues(ctx, 5, "")
	if err != nil {
		return err
	}
	for _, i := range list {
		one := overviewIssue{Number: i.Number, Title: i.Title, State: i.State}
		if i.Started() {
			progress, err := d.Progress(ctx, i)
			if err != nil {
				return err
			}
			one.State, one.Sent, one.Total = progress.State, int(progress.Sent), int(progress.Planned)
		}
		if one.State == newsletter.Paused || one.State == newsletter.Incomplete {
			p.Waiting = append(p.Waiting, waiting{p.T("overview.waiting.issue."+string(one.State), "Number", one.Number), fmt.Sprintf("/desk/issues/%d", one.Number)})
		}
		p.Issues = append(p.Issues, one)
	}
	return nil
}

// StateClass colours an issue's state.
func (p *overviewPage) StateClass(s newsletter.State) string {
	switch s {
	case newsletter.Finished:
		return "ok"
	case newsletter.Paused, newsletter.Incomplete, newsletter.Cancelled:
		return "bad"
	case newsletter.Scheduled, newsletter.Planning, newsletter.Sending:
		return "wait"
	}
	return ""
}
