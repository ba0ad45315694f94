package intake

import (
	"context"
	"errors"
	"net/http"

	"liaison/internal/form"
	"liaison/internal/survey"
	"liaison/internal/web"
)

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
	return p.Site.Show(w, status, page)
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
