package desk

import (
	"context"
	"net/http"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/newsletter"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/subscription"
	"liaison/internal/survey"
	"liaison/internal/web"
	"liaison/internal/web/issue"
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
	Presenters, Experts            int
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
	p.Presenters = experts[presenter.Yes]
	if p.Events, err = d.Upcoming(ctx); err != nil {
		return err
	}
	if err := d.issues(ctx, p); err != nil {
		return err
	}
	p.NoSubscribers, p.NoRoster = p.Active+p.Candidates == 0, p.Experts == 0
	p.Fresh = p.NoSubscribers || p.NoRoster || len(p.Issues) == 0
	return d.Site.Show(w, http.StatusOK, p)
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
			p.Waiting = append(p.Waiting, waiting{p.T("overview.waiting.issue."+string(one.State), "Number", one.Number), issue.Address(one.Number)})
		}
		p.Issues = append(p.Issues, one)
	}
	return nil
}

// Content implements web.Page.
func (p *overviewPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		g.If(p.Fresh, p.beginning()),
		h.H2(p.W("overview.waiting.title")), p.queues(),
		h.H2(p.W("overview.stand.title")), p.stand(),
		h.H2(p.W("overview.issues.title")), p.latest(),
	}
}

// beginning leads through the first steps of a programme.
func (p *overviewPage) beginning() g.Node {
	return h.Div(h.Class("note"), h.H2(h.Class("first"), p.W("overview.fresh.title")), h.Ol(
		g.If(p.NoSubscribers, h.Li(web.A("/desk/subscribers/import", p.T("overview.fresh.subscribers")))),
		g.If(p.NoRoster, h.Li(web.A("/desk/presenters", p.T("overview.fresh.roster")))),
		g.If(len(p.Issues) == 0, h.Li(web.A("/desk/issues", p.T("overview.fresh.issue"))))))
}

func (p *overviewPage) queues() g.Node {
	if len(p.Waiting) == 0 {
		return h.P(h.Class("soft"), p.W("overview.waiting.none"))
	}
	return h.Ul(h.Class("plain-list"), web.Map(p.Waiting, func(q waiting) g.Node { return h.Li(web.A(q.Href, q.Text)) }))
}

func (p *overviewPage) stand() g.Node {
	count := func(key, address string, n int) g.Node { return fact(p.T(key), web.A(address, p.Number(n))) }
	return h.Dl(h.Class("facts"),
		count("overview.active", "/desk/subscribers?state=active", p.Active),
		count("overview.candidates", "/desk/subscribers?state=candidate", p.Candidates),
		count("overview.presenters", "/desk/presenters?state=yes", p.Presenters),
		count("overview.experts", "/desk/presenters", p.Experts),
		count("overview.events", "/desk/events", p.Events))
}

func (p *overviewPage) latest() g.Node {
	if len(p.Issues) == 0 {
		return h.P(h.Class("soft"), p.W("overview.issues.none"))
	}
	state, sent := p.T("overview.state"), p.T("overview.sent")
	return g.Group{
		web.Table([]g.Node{web.Col(p.T("overview.issue")), web.Col(state), web.Col(sent, h.Class("n"))}, web.Map(p.Issues, func(i overviewIssue) g.Node {
			progress := "–"
			if i.Total > 0 {
				progress = p.Number(i.Sent) + " / " + p.Number(i.Total)
			}
			return h.Tr(web.RowHead(web.A(issue.Address(i.Number), strconv.Itoa(i.Number)+" · "+i.Title)),
				web.Cell(state, badge(overviewMood(i.State), p.T("overview.state."+string(i.State)))),
				web.Cell(sent, h.Class("n"), g.Text(progress)))
		})),
		h.P(web.A("/desk/issues", p.T("overview.issues.all"))),
	}
}

// overviewMood also warns of an issue that was cancelled.
func overviewMood(s newsletter.State) string {
	if s == newsletter.Cancelled {
		return "bad"
	}
	return mood(s)
}
