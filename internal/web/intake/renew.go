package intake

import (
	"errors"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/link"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// oldPage tells that the link of a receipt is too old, and offers another.
type oldPage struct {
	*web.View
	A *survey.Answer
}

func (p *Pages) old(w http.ResponseWriter, r *http.Request, a *survey.Answer) error {
	page := &oldPage{p.Site.View(r), a}
	page.Title, page.Section = page.T("presenter.old.expired"), "surveys"
	w.Header().Set("Cache-Control", "no-store")
	return p.Site.Show(w, http.StatusGone, page)
}

// Content implements web.Page.
func (p *oldPage) Content() g.Node {
	offer := h.P(p.W("survey.old.none"), g.Text(" "), p.Secretariat())
	if to := p.A.Respondent.Email; to != "" && p.A.Quarantine == "" {
		offer = g.Group{h.P(p.W("presenter.old.offer", "Address", to.Masked())), p.Renewal("/surveys/answers/renew")}
	}
	return g.Group{
		kicker(p.View, p.A.Survey),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("survey.old.text", "Reference", p.A.Reference)),
		offer,
	}
}

// renew mails a new link. The page after it is the same whether or not there was an address.
func (p *Pages) renew(w http.ResponseWriter, r *http.Request) error {
	a, _, err := p.open(r)
	if err != nil && !errors.Is(err, link.ErrExpired) {
		return err
	}
	if err := p.Surveys.RenewReceipt(r.Context(), a); err != nil {
		return err
	}
	return p.Site.Done(w, r, "/"+string(p.Site.LangOf(r))+"/surveys/answers/renewed", map[string]string{"status": "mailed"})
}
