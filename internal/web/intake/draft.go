package intake

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/survey"
	"liaison/internal/table"
	"liaison/internal/web"
)

// saved is a form as a draft keeps it.
type saved struct {
	Fields form.Row              `json:"fields"`
	Groups map[string][]form.Row `json:"groups"`
}

// save keeps the form and mails the link that opens it. Only the address must be right; everything else may be finished later.
func (p *Pages) save(w http.ResponseWriter, r *http.Request, f *filled) error {
	address, err := people.ParseAddress(f.v.Get("respondent.email"))
	switch {
	case f.v.Get("respondent.email") == "":
		f.v.Fail("respondent.email", "survey.respondent.email.error.save")
	case err != nil:
		f.v.Fail("respondent.email", "form.error.email")
	}
	if !f.v.OK() {
		return p.refuse(w, r, f)
	}
	if ok, err := p.allow(r.Context(), r, address); err != nil {
		return err
	} else if !ok {
		return p.busy(w, r, f)
	}
	if err := p.holdLong(r, f); err != nil {
		return err
	}
	d := survey.Draft{ID: p.Site.NewID(), Survey: f.name}
	if before, err := p.Surveys.OpenDraft(r.Context(), f.v.Get("draft")); err == nil && before.Survey == f.name {
		d.ID = before.ID
	}
	f.v.Set("draft", "")
	if d.Data, err = json.Marshal(saved{f.v.Fields, f.v.Groups}); err != nil {
		return fmt.Errorf("intake: encode draft: %w", err)
	}
	until := p.Surveys.UntilClosed(f.name)
	if err := p.Surveys.SaveDraft(r.Context(), d, until); err != nil {
		return err
	}
	if err := p.Surveys.MailDraft(r.Context(), d, address, f.v.Get("respondent.name"), p.Site.LangOf(r)); err != nil {
		return err
	}
	to := "/" + string(p.Site.LangOf(r)) + "/surveys/drafts?link=" + p.Surveys.DraftToken(d.ID, until) + "&saved=1"
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// holdLong keeps an attached list as long as the draft that names it.
func (p *Pages) holdLong(r *http.Request, f *filled) error {
	if err := p.hold(r.Context(), f); err != nil {
		return err
	}
	token := f.v.Get("upload")
	if token == "" {
		return nil
	}
	token, err := p.Surveys.KeepDraft(r.Context(), token, p.Surveys.UntilClosed(f.name))
	f.v.Set("upload", token)
	return err
}

// resume opens a saved form. After the survey has closed it can still be read and copied.
func (p *Pages) resume(w http.ResponseWriter, r *http.Request) error {
	token := r.URL.Query().Get("link")
	d, err := p.Surveys.OpenDraft(r.Context(), token)
	if errors.Is(err, table.ErrNotFound) || errors.Is(err, link.ErrExpired) {
		return &web.Error{Status: http.StatusGone, Key: "survey.draft.gone", Err: err}
	}
	if err != nil {
		return err
	}
	f, err := p.begin(d.Survey)
	if err != nil {
		return err
	}
	var s saved
	if err := json.Unmarshal(d.Data, &s); err != nil {
		return fmt.Errorf("intake: draft: %w", err)
	}
	f.v.Fields, f.v.Groups, f.v.Key = s.Fields, s.Groups, "draft-"+d.ID
	f.v.Set("draft", token)
	if err := p.attachEarlier(r.Context(), f); err != nil {
		return err
	}
	if !p.isOpen(f.name) {
		return p.late(w, r, f)
	}
	view := p.Site.View(r)
	notice := view.T("survey.resumed.notice", "Date", view.DateTime(d.Saved))
	if r.URL.Query().Has("saved") {
		notice = view.T("survey.saved.notice", "Address", people.EmailAddress(f.v.Get("respondent.email")).Masked(), "Date", view.DateTime(p.window(f.name).Closes))
	}
	return p.form(w, r, http.StatusOK, f, notice)
}
