package intake

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"liaison/internal/form"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// maxShown is how many problems of a list a page shows.
const maxShown = 50

type formPage struct {
	*web.View
	Name     string // of the survey
	Heading  string
	Form     *form.View
	Group    form.GroupView
	V        *form.Values
	List     *attached
	Problems []string // of a list
	Wrong    int      // how many they are in all
	Others   int      // further problems that are not shown
	Columns  string   // headings that a list may have
	MaxRows  int
	Findings []form.Finding
	Survey   surveyFacts

	// Of a change:
	Of       *survey.Answer
	Action   string
	Locked   []shownRow
	Listed   int // rows of earlier lists that wait
	Withdraw form.FieldView
	Conflict bool // somebody was faster: Now is what stands there
	Now      []shownRow
	NowYou   []form.Line
}

// surveyFacts is when the survey closes and what its configuration adds.
type surveyFacts struct{ Closes, Intro string }

func (p *Pages) show(w http.ResponseWriter, r *http.Request) error {
	f, err := p.begin(r.PathValue("survey"))
	if err != nil {
		return err
	}
	if !p.isOpen(f.name) {
		return p.late(w, r, f)
	}
	return p.form(w, r, http.StatusOK, f, "")
}

// answer takes the form's buttons: rows are added and removed, a list is taken off, the language is switched, answers are checked, saved and
// sent. A POST that names no button sends.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request) error {
	f, err := p.begin(r.PathValue("survey"))
	if err != nil {
		return err
	}
	if err := f.decode(r); err != nil {
		return err
	}
	send := f.v.Action == "" || f.v.Action == "submit"
	if !send && !p.isOpen(f.name) {
		return p.late(w, r, f)
	}
	view := p.Site.View(r)
	if err := p.attach(r.Context(), f, view.P); err != nil {
		return err
	}
	switch {
	case send:
		return p.submit(w, r, f)
	case f.v.JSON:
		f.v.Fail("action", "survey.action.unknown", "Value", f.v.Action)
		return p.refuse(w, r, f)
	case f.v.Action == "check":
		return p.checkAnswers(w, r, f)
	case f.v.Action == "save":
		return p.save(w, r, f)
	}
	return p.edit(w, r, f)
}

// edit answers the buttons that only show the form again.
func (p *Pages) edit(w http.ResponseWriter, r *http.Request, f *filled) error {
	listOnly := f.v.Errors[:0:0] // an empty answer is no error yet, but a bad list is told at once
	for _, e := range f.v.Errors {
		if e.Field == "list" {
			listOnly = append(listOnly, e)
		}
	}
	f.v.Errors = listOnly
	status := http.StatusOK
	switch {
	case f.v.Action == "switch":
		f.v.Errors = nil
	case f.v.Action == "change":
	case f.v.Action == "drop-list":
		f.list, f.problems, f.v.Errors = nil, nil, nil
		f.v.Set("upload", "")
	case f.v.Edit():
	default:
		f.v.Fail("", "survey.action.unknown", "Value", f.v.Action)
	}
	if !f.v.OK() {
		status = http.StatusUnprocessableEntity
	}
	if err := p.hold(r.Context(), f); err != nil {
		return err
	}
	return p.form(w, r, status, f, "")
}

// refuse answers a form with errors: the page with what was typed, or problem+json.
func (p *Pages) refuse(w http.ResponseWriter, r *http.Request, f *filled) error {
	view := p.Site.View(r)
	if web.WantsJSON(r) {
		f.explode()
	}
	return p.Site.Refuse(w, r, showIn(p.Site.Programme, f.v, view.P), func(status int) error {
		if err := p.hold(r.Context(), f); err != nil {
			return err
		}
		return p.form(w, r, status, f, "")
	})
}

// explode gives callers of the API the problems of a list one by one, at most maxShown, in place of their number.
func (f *filled) explode() {
	for i, problem := range f.problems {
		if i == maxShown {
			return
		}
		path := "list." + itoa(problem.N)
		if problem.Field != "" {
			path += "." + problem.Field
		}
		f.v.Errors = append(f.v.Errors, form.Error{Field: path, Key: problem.Key, Args: problem.Args})
	}
}

// form renders the survey's form, or the form that changes an answer.
func (p *Pages) form(w http.ResponseWriter, r *http.Request, status int, f *filled, notice string) error {
	if len(f.v.Rows(f.group())) == 0 && !f.stands {
		f.v.Groups[f.group()] = []form.Row{{}}
	}
	page := p.page(r, f, status)
	page.Notice = notice
	if f.at != nil {
		if err := p.changing(r, f, page); err != nil {
			return err
		}
	}
	return pages.Render(p.Site, w, status, "form", page)
}

func (p *Pages) page(r *http.Request, f *filled, status int) *formPage {
	page := &formPage{View: p.Site.View(r), Name: f.name, V: f.v, List: f.list, MaxRows: survey.MaxList}
	page.Form = showIn(p.Site.Programme, f.v, page.P)
	page.Group, page.Findings = page.Form.Group(f.group()), page.Form.Findings()
	page.Section, page.FormID, page.Enter, page.Path, page.Query = "surveys", "survey", "check", "/surveys/"+f.name, ""
	page.Action = page.At(page.Path)
	page.Heading = page.T("survey." + f.name + ".title")
	if f.at != nil {
		page.Heading = page.T("survey.edit.title")
	}
	page.Title = page.Heading
	if status != http.StatusOK {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	window := p.window(f.name)
	page.Survey = surveyFacts{page.DateTime(window.Closes), page.Text(window.Intro)}
	page.Wrong = len(f.problems)
	for i, problem := range f.problems {
		if i == maxShown {
			page.Others = len(f.problems) - maxShown
			break
		}
		page.Problems = append(page.Problems, f.read.Describe(page.P, problem))
	}
	var columns []string
	for _, field := range f.def.Group(f.group()).Fields {
		if field.Kind != form.Hidden {
			columns = append(columns, f.def.Word(page.P, f.group()+"."+field.Name+".label"))
		}
	}
	page.Columns = strings.Join(columns, ", ")
	return page
}

// ListError is what is wrong with the list as a whole.
func (p *formPage) ListError() string {
	for _, e := range p.V.Errors {
		if e.Field == "list" {
			return p.Form.Text(e)
		}
	}
	return ""
}

// Sample is the example that the paper form gave; nil where it had none.
func (p *formPage) Sample() [][2]string {
	group := groupOf(p.Name)
	row := func(field, value string) [2]string {
		return [2]string{p.T("survey." + p.Name + "." + group + "." + field + ".label"), value}
	}
	switch p.Name {
	case "subscribers":
		return [][2]string{row("name", p.T("survey.subscribers.sample.name")), row("email", "hello@brightwater.example"), row("url", "https://www.brightwater.example"), row("about", p.T("survey.subscribers.sample.about"))}
	case "questions":
		return [][2]string{row("question", p.T("survey.questions.sample.question")), row("answer", p.T("survey.questions.sample.answer"))}
	}
	return nil
}

// submit checks and records the answer.
func (p *Pages) submit(w http.ResponseWriter, r *http.Request, f *filled) error {
	f.check()
	if !f.v.OK() {
		if !p.isOpen(f.name) {
			return p.late(w, r, f)
		}
		return p.refuse(w, r, f)
	}
	who := respondentOf(f.v)
	if ok, err := p.allow(r.Context(), r, who.Email); err != nil {
		return err
	} else if !ok {
		return p.busy(w, r, f)
	}
	a, err := p.Surveys.Submit(r.Context(), survey.Submission{Survey: f.name, Language: p.Site.LangOf(r), Respondent: who,
		Typed: entriesOf(f.name, f.v.Filled(f.group())), List: f.listed(), Key: f.v.Key, Suspicion: p.suspicion(r, f.v)})
	var reused *survey.Reused
	switch {
	case errors.As(err, &reused):
		return p.reused(w, r, f, reused)
	case errors.Is(err, survey.ErrClosed):
		return p.late(w, r, f)
	case err != nil:
		return surveyErrors(err)
	}
	p.dropDraft(r.Context(), f)
	return p.done(w, r, a, "&new=1")
}

// done leads to the receipt, or tells the reference and the link.
func (p *Pages) done(w http.ResponseWriter, r *http.Request, a *survey.Answer, more string) error {
	to := "/" + string(p.Site.LangOf(r)) + "/surveys/answers?link=" + p.Surveys.Token(a) + more
	return p.Site.Done(w, r, to, map[string]any{"reference": a.Reference, "edit": p.Surveys.Link(a), "version": a.Revision, "rows": a.Standing()})
}

func (p *Pages) dropDraft(ctx context.Context, f *filled) {
	if token := f.v.Get("draft"); token != "" {
		if d, err := p.Surveys.OpenDraft(ctx, token); err == nil {
			p.Surveys.DropDraft(ctx, d.ID)
		}
	}
}

// Join lists names.
func (p *formPage) Join(names []string) string { return strings.Join(names, ", ") }
