// Package presenters is what an expert sees: the registration form behind her personal link, and the page on which she answers a request.
//
// What may enter: pages that are opened by a link issued to one presenter. Nothing here is shown to anybody else.
package presenters

import (
	"errors"
	"net/http"

	"liaison/internal/event"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/presenter"
	"liaison/internal/web"
)

// Presenters is the HTTP function.
type Presenters struct {
	Site *web.Site
	Bank *presenter.Bank
	Book *event.Book
}

// Routes implements web.Function.
func (p *Presenters) Routes() []web.Route {
	return []web.Route{
		web.Get("/{lang}/presenters/registration", p.registration),
		web.Post("/{lang}/presenters/registration", p.register),
		web.Get("/{lang}/presenters/registration/receipt", p.receipt),
		web.Post("/{lang}/presenters/registration/renew", p.renewRegistration),
		web.Get("/{lang}/presenters/request", p.request),
		web.Post("/{lang}/presenters/request", p.answer),
		web.Post("/{lang}/presenters/request/renew", p.renewRequest),
		web.Get("/{lang}/presenters/renewed", p.Site.Renewed),
	}
}

func token(r *http.Request) string { return r.URL.Query().Get("link") }

// oldPage tells that a link is too old, whom it was issued to, and offers another.
type oldPage struct {
	*web.View
	Superseded bool
	To         mail.Address
	Action     string
}

// old answers links that no longer open. Any other error passes through.
func (p *Presenters) old(w http.ResponseWriter, r *http.Request, err error, to mail.Address, action string) error {
	superseded := errors.Is(err, presenter.ErrSuperseded) || errors.Is(err, event.ErrSuperseded)
	if !superseded && !errors.Is(err, link.ErrExpired) {
		return err
	}
	key := "presenter.old.expired"
	if superseded {
		key = "presenter.old.superseded"
	}
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusGone, Key: key}
	}
	page := &oldPage{View: p.Site.View(r), Superseded: superseded, To: to, Action: action}
	page.Title, page.Bare = page.T(key), true
	return p.Site.Show(w, http.StatusGone, page)
}

func (p *Presenters) sent(w http.ResponseWriter, r *http.Request) error {
	return p.Site.Done(w, r, "/"+string(p.Site.LangOf(r))+"/presenters/renewed", map[string]string{"status": "mailed"})
}

func (p *Presenters) renewRegistration(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Bank.Renew(r.Context(), token(r)); err != nil {
		return err
	}
	return p.sent(w, r)
}

func (p *Presenters) renewRequest(w http.ResponseWriter, r *http.Request) error {
	if _, err := p.Book.RenewRequest(r.Context(), token(r)); err != nil {
		return err
	}
	return p.sent(w, r)
}
