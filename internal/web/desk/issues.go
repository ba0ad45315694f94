package desk

import (
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

// Issues is where newsletter issues and members' leaflets are planned, scheduled and watched. They are written at the press (web/press).
type Issues struct {
	Site   *web.Site
	Office *newsletter.Office
}

// Routes implements web.Function. Editors begin issues; only the secretary decides when and whether something goes out.
func (d *Issues) Routes() []web.Route {
	one := issue.Pattern
	return []web.Route{
		web.Get("/desk/issues", d.list).For(programme.Viewer),
		web.Post("/desk/issues", d.create).For(programme.Editor),
		web.Get(one, d.show).For(programme.Viewer),
		web.Post(one+"/schedule", d.schedule).For(programme.Secretary),
		web.Post(one+"/pause", d.act((*newsletter.Office).Pause, "paused")).For(programme.Secretary),
		web.Post(one+"/resume", d.act((*newsletter.Office).Resume, "resumed")).For(programme.Secretary),
		web.Post(one+"/cancel", d.act((*newsletter.Office).Cancel, "cancelled")).For(programme.Secretary),
	}
}

var newIssueForm = &form.Definition{Words: "issues.new", Fields: []form.Field{
	{Name: "number", Kind: form.Number, Required: true, Max: newsletter.MaxNumber},
	{Name: "kind", Kind: form.Choice, Required: true, Options: []string{string(newsletter.Newsletter), string(newsletter.Leaflet)}},
	{Name: "title", Kind: form.Text, Required: true, Limit: newsletter.MaxTitle},
}}

type issuesPage struct {
	*web.View
	Form  *form.View
	Items []issueLine
	Next  string
}

// issueLine is an issue with where it stands.
type issueLine struct {
	*newsletter.Issue
	Now *newsletter.Progress
}

// list answers ?cursor=.
func (d *Issues) list(w http.ResponseWriter, r *http.Request) error {
	v := form.New(newIssueForm, 0)
	v.Set("kind", string(newsletter.Newsletter))
	return d.listWith(w, r, http.StatusOK, v)
}

func (d *Issues) listWith(w http.ResponseWriter, r *http.Request, status int, v *form.Values) error {
	list, next, err := d.Office.Issues(r.Context(), 50, r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	p := &issuesPage{View: d.Site.View(r), Next: next, Items: make([]issueLine, len(list))}
	for k, i := range list {
		now, err := d.Office.Progress(r.Context(), i)
		if err != nil {
			return err
		}
		p.Items[k] = issueLine{i, now}
	}
	if web.WantsJSON(r) {
		items := make([]issueJSON, len(list))
		for k, l := range p.Items {
			items[k] = asJSON(l.Issue, l.Now)
		}
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": items, "next": next})
	}
	if v.Get("number") == "" && len(list) > 0 {
		v.Set("number", strconv.Itoa(list[0].Number+1))
	}
	p.Title, p.Section, p.Form = p.T("issues.title"), "issues", v.Show(p.P)
	if status != http.StatusOK {
		p.Title = p.T("form.title.error", "Title", p.Title)
	}
	return d.Site.Show(w, status, p)
}

// Content implements web.Page.
func (p *issuesPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("issues.lede")),
		p.table(),
		g.If(p.Can(programme.Editor), p.begin()),
	}
}

func (p *issuesPage) table() g.Node {
	if len(p.Items) == 0 {
		return h.P(h.Class("note"), p.W("issues.empty"))
	}
	state, editions, when, sent := p.T("issues.col.state"), p.T("issues.col.editions"), p.T("issues.col.when"), p.T("issues.col.sent")
	return g.Group{
		web.Table([]g.Node{web.Col(p.T("issues.col.issue")), web.Col(state), web.Col(editions), web.Col(when), web.Col(sent, h.Class("n"))},
			web.Map(p.Items, func(i issueLine) g.Node {
				return h.Tr(
					web.RowHead(web.A(issue.Address(i.Number), strconv.Itoa(i.Number)+" · "+i.Title),
						g.If(i.Kind == newsletter.Leaflet, g.Group{g.Text(" "), h.Span(h.Class("opt"), p.W("issues.kind.leaflet"))})),
					web.Cell(state, badge(mood(i.Now.State), p.T("issues.state."+string(i.Now.State)))),
					web.Cell(editions, h.Span(i.editions())),
					web.Cell(when, g.Text(p.day(i.Issue))),
					web.Cell(sent, h.Class("n"), g.Text(p.sent(i))))
			})),
		g.If(p.Next != "", h.P(web.A("/desk/issues?cursor="+url.QueryEscape(p.Next), p.T("issues.more")))),
	}
}

// editions are links to those that there are, by language.
func (i issueLine) editions() g.Node {
	if len(i.Editions) == 0 {
		return g.Text("–")
	}
	return web.Map(slices.Sorted(maps.Keys(i.Editions)), func(l people.Language) g.Node {
		return g.Group{web.A(issue.EditionAddress(i.Number, l), string(l), h.Title(i.Editions[l].Title)), g.Text(" ")}
	})
}

// day is when an issue started, or will.
func (p *issuesPage) day(i *newsletter.Issue) string {
	switch {
	case !i.StartedAt.IsZero():
		return p.Date(i.StartedAt)
	case !i.ScheduledAt.IsZero():
		return p.Date(i.ScheduledAt)
	}
	return "–"
}

func (p *issuesPage) sent(i issueLine) string {
	if !i.HandedOver {
		return "–"
	}
	return p.Number(int(i.Now.Sent))
}

// begin is the form of a new issue.
func (p *issuesPage) begin() g.Node {
	return g.Group{
		h.H2(p.W("issues.new.title")),
		p.Summary(p.Form.Findings()),
		p.PostForm("/desk/issues", web.NoValidate(),
			web.Named(p.Form, "number", "kind", "title"),
			web.Acts(h.Button(p.W("issues.new.button")))),
	}
}

func (d *Issues) create(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, newIssueForm)
	if err != nil {
		return err
	}
	v.Check()
	if v.OK() {
		number := v.Fields.Int("number")
		i, err := d.Office.Create(r.Context(), d.who(r), number, newsletter.Kind(v.Get("kind")), v.Get("title"))
		if err == nil {
			return d.Site.Done(w, r, issue.Address(number), asJSON(i, &newsletter.Progress{State: i.State}))
		}
		if !errors.Is(err, newsletter.ErrTaken) {
			return err
		}
		v.Fail("number", "issues.error.taken", "Number", number)
	}
	return d.Site.Refuse(w, r, v.Show(d.Site.View(r).P), func(status int) error { return d.listWith(w, r, status, v) })
}

// who is the address of the person who acts; every route here has a role, so somebody is signed in.
func (d *Issues) who(r *http.Request) string {
	p, _ := d.Site.SignedIn(r)
	return string(p.Email)
}

// issueJSON is an issue for programs.
type issueJSON struct {
	Number      int                                    `json:"number"`
	Kind        newsletter.Kind                        `json:"kind"`
	Title       string                                 `json:"title"`
	State       newsletter.State                       `json:"state"`
	Reason      string                                 `json:"reason,omitempty"`
	ScheduledAt time.Time                              `json:"scheduledAt,omitzero"`
	StartedAt   time.Time                              `json:"startedAt,omitzero"`
	EndedAt     time.Time                              `json:"endedAt,omitzero"`
	ResumeAt    time.Time                              `json:"resumeAt,omitzero"`
	Estimate    time.Time                              `json:"estimate,omitzero"`
	Editions    map[people.Language]newsletter.Summary `json:"editions"`
	newsletter.Counts
	ByLanguage map[people.Language]newsletter.Counts `json:"byLanguage"`
}

func asJSON(i *newsletter.Issue, p *newsletter.Progress) issueJSON {
	by := p.ByLanguage
	if by == nil {
		by = map[people.Language]newsletter.Counts{}
	}
	return issueJSON{Number: i.Number, Kind: i.Kind, Title: i.Title, State: p.State, Reason: p.Reason, ScheduledAt: i.ScheduledAt, StartedAt: i.StartedAt,
		EndedAt: p.Ended, ResumeAt: p.ResumeAt, Estimate: p.Estimate, Editions: i.Editions, Counts: p.Counts, ByLanguage: by}
}

// mood picks the colour of a state.
func mood(s newsletter.State) string {
	switch s {
	case newsletter.Finished:
		return "ok"
	case newsletter.Scheduled, newsletter.Planning, newsletter.Sending:
		return "wait"
	case newsletter.Paused, newsletter.Incomplete:
		return "bad"
	}
	return ""
}
