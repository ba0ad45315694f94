package desk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// Answers is the queue of what the surveys brought: answers, their rows, and the decision on each.
type Answers struct {
	Site    *web.Site
	Surveys *survey.Surveys
}

// quarantined is the name under which answers that look odd stand beside the surveys.
const quarantined = "quarantine"

const answersPage = 50 // answers or rows of one page

func (d *Answers) Routes() []web.Route {
	return []web.Route{
		web.Get("/desk/surveys", d.queues).For(programme.Viewer),
		web.Get("/desk/surveys/{survey}", d.list).For(programme.Viewer),
		web.Get("/desk/surveys/{survey}/answers/{id}", d.one).For(programme.Viewer),
		web.Post("/desk/surveys/{survey}/answers/{id}", d.decide).For(programme.Editor),
		web.Get("/desk/candidates", d.candidates).For(programme.Viewer),
	}
}

// AnswerStatuses is how the errors of package survey are answered.
var AnswerStatuses = []web.Status{
	{Err: survey.ErrUnknown, Status: http.StatusNotFound, Key: "error.missing"},
	{Err: survey.ErrAccepted, Status: http.StatusConflict, Key: "answers.error.accepted"},
	{Err: survey.ErrWithdrawn, Status: http.StatusGone, Key: "answers.error.withdrawn"},
}

type queuesPage struct {
	*web.View
	Queues      []queueLine
	Quarantined int
	Asked       string // a reference that was not found
}

type queueLine struct {
	survey.Tally
	Closes time.Time
	Open   bool
}

// Share is a state's part of all rows, in thousandths of the bar's width.
func (q queueLine) Share(n int) int {
	if all := q.Pending + q.Accepted + q.Rejected; all > 0 {
		return n * 1000 / all
	}
	return 0
}

// queues shows the counts of each survey; ?reference= leads to one answer.
func (d *Answers) queues(w http.ResponseWriter, r *http.Request) error {
	asked := r.URL.Query().Get("reference")
	if asked != "" {
		if a, err := d.Surveys.Referenced(r.Context(), asked); err == nil {
			http.Redirect(w, r, answerPath(a), http.StatusSeeOther)
			return nil
		}
	}
	tallies, err := d.Surveys.Tallies(r.Context())
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": tallies})
	}
	p := &queuesPage{View: d.Site.View(r), Asked: people.OneLine(asked)}
	p.Title, p.Section = p.T("answers.title"), "answers"
	for _, t := range tallies {
		open, _ := d.Site.Programme.Open(t.Survey, d.Site.Now())
		p.Queues = append(p.Queues, queueLine{t, d.Site.Programme.Surveys[t.Survey].Closes, open})
		p.Quarantined += t.Quarantined
	}
	return d.Site.Show(w, http.StatusOK, p)
}

func answerPath(a *survey.Answer) string {
	return "/desk/surveys/" + a.Survey + "/answers/" + url.PathEscape(a.ID)
}

type answersListPage struct {
	*web.View
	Survey  string
	All     bool
	Answers []survey.Answer
	Next    string
}

// list shows one survey's answers: those with rows that wait, or ?which=all.
func (d *Answers) list(w http.ResponseWriter, r *http.Request) error {
	name, q := r.PathValue("survey"), r.URL.Query()
	p := &answersListPage{View: d.Site.View(r), Survey: name, All: q.Get("which") == "all"}
	var err error
	if name == quarantined {
		p.Title = p.T("answers.quarantine.title")
		p.Answers, p.Next, err = d.Surveys.Quarantined(r.Context(), answersPage, q.Get("cursor"))
	} else {
		if _, known := d.Site.Programme.Surveys[name]; !known {
			return web.NotFound()
		}
		which := survey.Open
		if p.All {
			which = survey.All
		}
		p.Title = p.T("answers.of." + name)
		p.Answers, p.Next, err = d.Surveys.Answers(r.Context(), name, which, answersPage, q.Get("cursor"))
	}
	if err != nil {
		return err
	}
	p.Section = "answers"
	if !p.Can(programme.Editor) {
		for i := range p.Answers {
			p.Answers[i].Respondent.Email = ""
		}
	}
	if web.WantsJSON(r) {
		for i := range p.Answers {
			p.Answers[i].Stamps = nil // as many as rows were changed: nobody's business, and fifty answers may have many thousands
		}
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": p.Answers, "next": p.Next})
	}
	return d.Site.Show(w, http.StatusOK, p)
}

type answerPage struct {
	*web.View
	Answer *survey.Answer
	Cards  []rowCard
	Next   int
	From   int
}

// rowCard is one row as a person decides on it.
type rowCard struct {
	N     int // from 1
	Index int
	State survey.State
	Head  string
	Lines []form.Line
	List  string
	By    people.EmailAddress
	Same  []sameRow
}

// sameRow is a row of another answer that names the same thing.
type sameRow struct {
	Reference, Href string
	State           survey.State
}

func (c rowCard) Waits() bool    { return c.State == survey.Pending || c.State == survey.Accepting }
func (c rowCard) Rejected() bool { return c.State == survey.Rejected }

// answer finds the answer of a request; its survey must be the one of the address.
func (d *Answers) answer(r *http.Request) (*survey.Answer, error) {
	a, err := d.Surveys.Answer(r.Context(), r.PathValue("id"))
	if err == nil && a.Survey != r.PathValue("survey") && r.PathValue("survey") != quarantined {
		return nil, web.NotFound()
	}
	return a, err
}

func (d *Answers) one(w http.ResponseWriter, r *http.Request) error {
	a, err := d.answer(r)
	if err != nil {
		return err
	}
	p := &answerPage{View: d.Site.View(r), Answer: a}
	p.Title, p.Section = p.T("answers.one.title", "Reference", a.Reference), "answers"
	if n, err := fmt.Sscan(r.URL.Query().Get("from"), &p.From); n == 1 && (err != nil || p.From < 0) {
		p.From = 0
	}
	rows, next, err := d.Surveys.Page(r.Context(), a, p.From, answersPage)
	if err != nil {
		return err
	}
	p.Next = next
	may := p.Can(programme.Editor)
	if !may {
		a.Respondent.Email = ""
	}
	if web.WantsJSON(r) {
		items := make([]map[string]any, len(rows))
		for i := range rows {
			items[i] = flat(a, &rows[i], may)
		}
		return d.Site.JSON(w, http.StatusOK, map[string]any{"answer": a, "rows": items, "next": next})
	}
	same, err := d.Surveys.Elsewhere(r.Context(), a, rows)
	if err != nil {
		return err
	}
	for _, row := range rows {
		p.Cards = append(p.Cards, d.card(p, a, &row, same[row.Index], may))
	}
	return d.Site.Show(w, http.StatusOK, p)
}

func (d *Answers) card(p *answerPage, a *survey.Answer, r *survey.Row, same []survey.Candidate, may bool) rowCard {
	c := rowCard{N: r.Index + 1, Index: r.Index, State: r.State, List: r.List, By: r.By}
	c.Head, c.Lines = entryLines(p.View, a.Survey, r.Entry, may)
	for _, s := range same {
		c.Same = append(c.Same, sameRow{s.Of.Reference, answerPath(s.Of), s.State})
	}
	return c
}

var decisionForm = &form.Definition{Words: "answers.decision", Fields: []form.Field{
	{Name: "decision", Kind: form.Choice, Required: true, Options: []string{string(survey.Accept), string(survey.Reject)}},
	{Name: "row", Kind: form.Number, Min: 0, Max: 100_000},
	{Name: "from", Kind: form.Hidden},
}}

// decide takes {decision, row}; without a row every row that waits.
func (d *Answers) decide(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, decisionForm)
	if err != nil {
		return err
	}
	a, err := d.answer(r)
	if err != nil {
		return err
	}
	v.Check()
	if !v.OK() {
		shown := v.Show(d.Site.View(r).P)
		return d.Site.Refuse(w, r, shown, func(int) error {
			return &web.Error{Status: http.StatusUnprocessableEntity, Key: "answers.error.decision"}
		})
	}
	who, _ := d.Site.SignedIn(r)
	index := survey.AllRows
	if v.Get("row") != "" {
		index = v.Fields.Int("row")
	}
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	out, err := d.Surveys.Decide(ctx, who.Email, a.ID, survey.Decision(v.Get("decision")), index)
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	to := answerPath(a)
	if from := v.Fields.Int("from"); from > 0 {
		to += fmt.Sprintf("?from=%d", from)
	}
	if index != survey.AllRows {
		to += fmt.Sprintf("#row-%d", index+1)
	}
	return d.Site.Done(w, r, to, map[string]int{"decided": out.Decided, "waiting": out.Waiting})
}
