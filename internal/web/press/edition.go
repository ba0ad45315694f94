package press

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"liaison/internal/form"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

var editionForm = &form.Definition{Words: "issues.edition.form", Fields: []form.Field{
	{Name: "title", Kind: form.Text, Required: true, Limit: newsletter.MaxTitle},
	{Name: "body", Kind: form.Area, Required: true, Limit: newsletter.MaxBody},
	{Name: "version", Kind: form.Number, Max: 1_000_000}, // what the author began from; programs may leave it out
}}

type editionPage struct {
	*web.View
	Issue   *newsletter.Issue
	In      people.Language
	Current *newsletter.Edition // what stands there; nil before the first save
	Form    *form.View
	May     bool  // the person may edit now
	Old     int64 // an earlier version is shown
	Theirs  *newsletter.Edition
	Source  *newsletter.Edition // the default edition, to translate from
	History []*newsletter.Edition
	Look    string // which preview: "", text, cover
	Preview string // its text, when Look is text
	Subject string
}

// edition finds the issue and the language of the address.
func (d *Editions) edition(r *http.Request) (*newsletter.Issue, people.Language, error) {
	lang := people.Language(r.PathValue("lang"))
	if !d.Site.Programme.Speaks(lang) {
		return nil, "", web.NotFound()
	}
	i, err := issue.Find(r, d.Editorial.Store)
	return i, lang, err
}

// edit shows the editor; ?version= brings an earlier version back into it, ?look=text the text twin instead of the letter.
func (d *Editions) edit(w http.ResponseWriter, r *http.Request) error {
	i, lang, err := d.edition(r)
	if err != nil {
		return err
	}
	e, err := d.Editorial.Edition(r.Context(), i.Number, lang)
	if errors.Is(err, newsletter.ErrNotFound) {
		e, err = nil, nil
	}
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		if e == nil {
			return web.NotFound()
		}
		return d.Site.JSON(w, http.StatusOK, e)
	}
	p := &editionPage{View: d.Site.View(r), Issue: i, In: lang, Current: e, Look: r.URL.Query().Get("look")}
	v := form.New(editionForm, 0)
	v.Set("version", "0")
	if e != nil {
		shown := e
		if n, err := strconv.ParseInt(r.URL.Query().Get("version"), 10, 64); err == nil && n != e.Version {
			if shown, err = d.version(r, i.Number, lang, n); err != nil {
				return err
			}
			p.Old = n
		}
		v.Set("title", shown.Title)
		v.Set("body", shown.Body)
		v.Set("version", strconv.FormatInt(e.Version, 10))
	}
	if r.URL.Query().Has("saved") {
		p.Notice = p.T("issues.edition.saved")
	}
	return d.editWith(w, r, http.StatusOK, p, v)
}

func (d *Editions) version(r *http.Request, number int, lang people.Language, n int64) (*newsletter.Edition, error) {
	history, err := d.Editorial.History(r.Context(), number, lang, 100)
	if err != nil {
		return nil, err
	}
	for _, h := range history {
		if h.Version == n {
			return h, nil
		}
	}
	return nil, web.NotFound()
}

func (d *Editions) editWith(w http.ResponseWriter, r *http.Request, status int, p *editionPage, v *form.Values) (err error) {
	p.Title, p.Section = p.T("issues.edition.title", "Number", p.Issue.Number, "Language", p.Language(p.In)), "issues"
	p.Form, p.May = v.Show(p.P), p.Can(programme.Editor) && !p.Issue.Started()
	if p.History, err = d.Editorial.History(r.Context(), p.Issue.Number, p.In, 20); err != nil {
		return err
	}
	if p.In != d.Site.Programme.Default {
		if p.Source, err = d.Editorial.Edition(r.Context(), p.Issue.Number, d.Site.Programme.Default); errors.Is(err, newsletter.ErrNotFound) {
			p.Source, err = nil, nil
		}
		if err != nil {
			return err
		}
	}
	if p.Current != nil {
		format := newsletter.HTML
		if p.Look == "text" {
			format = newsletter.Text
		}
		c, err := d.rendered(r, p.Issue, p.Current, format)
		if err != nil {
			return err
		}
		p.Subject, p.Preview = c.Subject, c.Text
	}
	if status != http.StatusOK {
		p.Title = p.T("form.title.error", "Title", p.Title)
	}
	return d.Site.Show(w, status, p)
}

func (d *Editions) save(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, editionForm)
	if err != nil {
		return err
	}
	i, lang, err := d.edition(r)
	if err != nil {
		return err
	}
	from, err := strconv.ParseInt(v.Get("version"), 10, 64)
	if err != nil {
		from = newsletter.AnyVersion
	}
	p := &editionPage{View: d.Site.View(r), Issue: i, In: lang}
	v.Check()
	if v.OK() {
		e, err := d.Editorial.Save(r.Context(), d.who(r), i.Number, lang, from, v.Get("title"), v.Get("body"))
		if err == nil {
			return d.Site.Done(w, r, fmt.Sprintf("%s/editions/%s?saved", issue.Address(i.Number), lang), e)
		}
		var stale *newsletter.ErrStale
		if errors.As(err, &stale) {
			return d.stale(w, r, p, v, &stale.Current)
		}
		if err := complain(v, err); err != nil {
			return err
		}
	}
	if e, err := d.Editorial.Edition(r.Context(), i.Number, lang); err == nil {
		p.Current = e
	}
	return d.Site.Refuse(w, r, v.Show(p.P), func(status int) error { return d.editWith(w, r, status, p, v) })
}

// complain turns what the author can mend into findings.
func complain(v *form.Values, err error) error {
	var large *newsletter.ErrTooLarge
	switch {
	case errors.Is(err, newsletter.ErrBlank):
		v.Fail("body", "form.error.required")
	case errors.As(err, &large):
		v.Fail("body", "issues.error.large", "Size", large.Bytes/1000, "Limit", large.Limit/1000)
	default:
		return err
	}
	return nil
}

// stale shows both versions to the one who came later. Her words stay in the form, which now begins from the other's version: saving
// again is a decision, and the other's words stay in the history.
func (d *Editions) stale(w http.ResponseWriter, r *http.Request, p *editionPage, v *form.Values, theirs *newsletter.Edition) error {
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusConflict, map[string]any{"title": p.T("issues.stale.title"), "status": http.StatusConflict, "detail": p.T("error.conflict.more"), "current": theirs})
	}
	p.Current, p.Theirs = theirs, theirs
	v.Set("version", strconv.FormatInt(theirs.Version, 10))
	return d.editWith(w, r, http.StatusConflict, p, v)
}
