package press

import (
	"bytes"
	"fmt"
	"net/http"
	"time"

	"liaison/internal/form"
	"liaison/internal/mail"
	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

// rendered is the letter as it would go out, filled in for the person who looks.
func (d *Editions) rendered(r *http.Request, i *newsletter.Issue, e *newsletter.Edition, f newsletter.Format) (mail.Content, error) {
	l, err := d.Editorial.Press.Letter(i, e, i.Date(d.Site.Now()), f)
	if err != nil {
		return mail.Content{}, err
	}
	who, _ := d.Site.SignedIn(r)
	nowhere := "/desk/issues"
	return newsletter.Fill(l.Content, newsletter.Substitutions(who.Name, who.Email, nowhere)), nil
}

// letterPolicy lets a letter have its inline styles, and nothing else: it is shown in a frame of our own page.
const letterPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox"

// letter is the mail as its readers see it; ?format=text or pdf shows the other kinds.
func (d *Editions) letter(w http.ResponseWriter, r *http.Request) error {
	i, e, err := d.saved(r)
	if err != nil {
		return err
	}
	format := newsletter.HTML
	switch f := newsletter.Format(r.URL.Query().Get("format")); f {
	case newsletter.Text, newsletter.PDF:
		format = f
	}
	c, err := d.rendered(r, i, e, format)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Security-Policy", letterPolicy)
	h.Set("Cache-Control", "no-store")
	body, contentType := c.HTML, "text/html; charset=utf-8"
	if format == newsletter.Text {
		body, contentType = c.Text, "text/plain; charset=utf-8"
	}
	h.Set("Content-Type", contentType)
	_, err = w.Write([]byte(body))
	return err
}

func (d *Editions) paper(w http.ResponseWriter, r *http.Request) error {
	i, e, err := d.saved(r)
	if err != nil {
		return err
	}
	data, err := d.Editorial.Press.Paper(i, e, i.Date(d.Site.Now()))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", fmt.Sprintf(`inline; filename="%s-%d-%s.pdf"`, d.Site.Programme.ID, i.Number, e.Language))
	h.Set("Cache-Control", "no-store")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	return nil
}

// saved finds the edition of the address as it stands.
func (d *Editions) saved(r *http.Request) (*newsletter.Issue, *newsletter.Edition, error) {
	i, lang, err := d.edition(r)
	if err != nil {
		return nil, nil, err
	}
	e, err := d.Editorial.Edition(r.Context(), i.Number, lang)
	return i, e, err
}

var testForm = &form.Definition{Words: "issues.test", Fields: []form.Field{{Name: "language", Kind: form.Language}}}

// test mails the editions, or one of them, to the person who asks.
func (d *Editions) test(w http.ResponseWriter, r *http.Request) error {
	v := form.New(testForm, 0)
	if r.ContentLength != 0 {
		var err error
		if v, err = form.Decode(r, testForm); err != nil {
			return err
		}
	}
	i, err := issue.Find(r, d.Editorial.Store)
	if err != nil {
		return err
	}
	v.Check()
	if !v.OK() {
		return d.Site.Refuse(w, r, v.Show(d.Site.View(r).P), func(status int) error { // no form of ours asks so
			return &web.Error{Status: status, Key: "error.malformed"}
		})
	}
	to, _ := d.Site.SignedIn(r)
	sent, err := d.Editorial.Test(r.Context(), to, i.Number, people.Language(v.Get("language")), v.Key)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, map[string]any{"sent": sent, "to": to.Email})
	}
	http.Redirect(w, r, issue.Address(i.Number)+"?done=tested", http.StatusSeeOther)
	return nil
}
