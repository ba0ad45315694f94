package intake

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"liaison/internal/survey"
	"liaison/internal/web"
)

// showChange is the form filled in with the answer as it stands.
func (p *Pages) showChange(w http.ResponseWriter, r *http.Request, a *survey.Answer, token string) error {
	f, err := p.begin(a.Survey)
	if err != nil {
		return err
	}
	f.at, f.link = a, token
	setRespondent(f.v, a.Respondent)
	f.v.Set("version", itoa(a.Revision))
	rows, _, err := p.typed(r.Context(), a)
	if err != nil {
		return err
	}
	f.v.Groups[f.group()] = nil
	for _, row := range rows {
		if !row.Locked() {
			one := rowOf(row.Entry)
			one["row"] = []string{itoa(row.Index)}
			f.v.Groups[f.group()] = append(f.v.Groups[f.group()], one)
		}
	}
	f.stands = a.Standing() > len(f.v.Groups[f.group()])
	return p.form(w, r, http.StatusOK, f, "")
}

// typed reads the typed rows of an answer, and counts the rows of lists that wait.
func (p *Pages) typed(ctx context.Context, a *survey.Answer) (typed []survey.Row, listed int, err error) {
	for from := 0; ; {
		rows, next, err := p.Surveys.Page(ctx, a, from, 500)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range rows {
			switch {
			case r.List == "":
				typed = append(typed, r)
			case !r.Locked():
				listed++
			}
		}
		if next == 0 {
			return typed, listed, nil
		}
		from = next
	}
}

// changing adds to the form's page what a change shows beside: rows that are locked, and lists.
func (p *Pages) changing(r *http.Request, f *filled, page *formPage) error {
	rows, listed, err := p.typed(r.Context(), f.at)
	if err != nil {
		return err
	}
	var locked []survey.Row
	for _, row := range rows {
		if row.Locked() {
			locked = append(locked, row)
		}
	}
	page.Of, page.Listed, page.Locked = f.at, listed, p.words(page.View, f.at, locked)
	page.Withdraw = page.Form.Field("withdraw")
	page.Withdraw.OptionalNote = ""
	page.Path, page.Query = "/surveys/answers", "?link="+url.QueryEscape(f.link)
	page.Enter, page.Action = "submit", page.At(page.Path)+page.Query
	if page.Conflict {
		page.Now, page.NowYou = p.words(page.View, f.at, rows), p.you(page.View, f.at)
	}
	return nil
}

// change takes the form that changes an answer.
func (p *Pages) change(w http.ResponseWriter, r *http.Request) error {
	a, token, err := p.open(r)
	if err != nil {
		return err
	}
	f, err := p.begin(a.Survey)
	if err != nil {
		return err
	}
	f.at, f.link = a, token
	if err := f.decode(r); err != nil {
		return err
	}
	if !p.isOpen(f.name) {
		return p.lateChange(w, r, f)
	}
	if err := p.attach(r.Context(), f, p.Site.View(r).P); err != nil {
		return err
	}
	rows, listed, err := p.typed(r.Context(), a)
	if err != nil {
		return err
	}
	f.stands = listed > 0 && f.v.Get("withdraw") != "yes" || a.Accepted+a.Rejected > 0
	if f.v.Action != "" && f.v.Action != "submit" {
		return p.edit(w, r, f)
	}
	f.check()
	edited := f.edited(rows)
	if !f.v.OK() {
		return p.refuse(w, r, f)
	}
	return p.store(w, r, f, edited)
}

// edited reads which row each row of the form changes, and the version that was shown.
func (f *filled) edited(rows []survey.Row) []survey.Edited {
	var out []survey.Edited
	for i, row := range f.v.Filled(f.group()) {
		e := survey.Edited{Index: -1, Entry: entryOf(f.name, row)}
		if at := row.Get("row"); at != "" {
			n, err := strconv.Atoi(at)
			if err != nil || n < 0 || n >= f.at.Rows() {
				f.v.Fail(fmt.Sprintf("%s.%d", f.group(), i), "survey.row.unknown")
			}
			e.Index = n
		}
		out = append(out, e)
	}
	if _, err := strconv.Atoi(f.v.Get("version")); err != nil {
		f.v.Fail("version", "form.error.required")
	}
	return out
}

func (p *Pages) store(w http.ResponseWriter, r *http.Request, f *filled, edited []survey.Edited) error {
	who := respondentOf(f.v)
	if ok, err := p.allow(r.Context(), r, who.Email); err != nil {
		return err
	} else if !ok {
		return p.busy(w, r, f)
	}
	version, _ := strconv.Atoi(f.v.Get("version"))
	a, err := p.Surveys.Change(r.Context(), f.at.ID, survey.Change{Revision: version, Language: p.Site.LangOf(r), Respondent: who, Rows: edited,
		List: f.listed(), WithdrawLists: f.v.Get("withdraw") == "yes"})
	var stale *survey.Stale
	var locked *survey.Locked
	switch {
	case errors.As(err, &stale):
		return p.stale(w, r, f, stale.Now)
	case errors.As(err, &locked):
		for _, i := range locked.Decided {
			f.v.Fail(fmt.Sprintf("%s.%d", f.group(), i), "survey.edit.row.locked")
		}
		for _, i := range locked.Gone {
			f.v.Fail(fmt.Sprintf("%s.%d", f.group(), i), "survey.edit.row.missing")
		}
		return p.refuse(w, r, f)
	case errors.Is(err, survey.ErrClosed):
		return p.lateChange(w, r, f)
	case err != nil:
		return surveyErrors(err)
	}
	return p.done(w, r, a, "&changed=1")
}

// stale answers a change to an older version: what stands there now, and the form with what was typed, ready to be sent over it. Rows that
// were taken back meanwhile would come as new ones.
func (p *Pages) stale(w http.ResponseWriter, r *http.Request, f *filled, now *survey.Answer) error {
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusConflict, Key: "error.conflict"}
	}
	if err := p.hold(r.Context(), f); err != nil {
		return err
	}
	f.at = now
	rows, _, err := p.typed(r.Context(), now)
	if err != nil {
		return err
	}
	standing := map[string]bool{}
	for _, row := range rows {
		standing[itoa(row.Index)] = true
	}
	for _, row := range f.v.Rows(f.group()) {
		if !standing[row.Get("row")] {
			delete(row, "row")
		}
	}
	f.v.Set("version", itoa(now.Revision))
	page := p.page(r, f, http.StatusConflict)
	page.Conflict = true
	if err := p.changing(r, f, page); err != nil {
		return err
	}
	page.Title = page.T("form.title.error", "Title", page.T("survey.edit.conflict"))
	return p.Site.Show(w, http.StatusConflict, page)
}

// lateChange answers a change that came after the closing time.
func (p *Pages) lateChange(w http.ResponseWriter, r *http.Request, f *filled) error {
	if f.v == nil || web.WantsJSON(r) {
		return &web.Error{Status: http.StatusGone, Key: "survey.edit.closed"}
	}
	return p.late(w, r, f)
}
