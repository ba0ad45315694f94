package subscriptions

import (
	"errors"
	"net/http"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

const confirmKey = "subscription.confirm.text"

// look is the page behind every e-mailed link to the list: the purpose of its token decides which.
func (p *Pages) look(w http.ResponseWriter, r *http.Request) error {
	b, err := p.open(r, link.Confirm, link.Subscription)
	if err != nil {
		return err
	}
	if b.Purpose == link.Subscription {
		return p.preferences(w, r, b)
	}
	return p.landing(w, r, b)
}

// act carries out the button that was pressed there.
func (p *Pages) act(w http.ResponseWriter, r *http.Request) error {
	b, err := p.open(r, link.Confirm, link.Subscription)
	if err != nil {
		return err
	}
	if b.Purpose == link.Subscription {
		return p.change(w, r, b)
	}
	v, err := form.Decode(r, &form.Definition{Words: "subscription.form"})
	if err != nil {
		return err
	}
	switch v.Action {
	case "switch":
		return p.landing(w, r, b)
	case "again":
		return p.mailAnother(w, r, b, v.Key)
	case "decline":
		err = p.List.Decline(r.Context(), b.Claim)
	default:
		_, err = p.List.Confirm(r.Context(), b.Claim, shown(p.Site.View(r).P, confirmKey))
	}
	if errors.Is(err, subscription.ErrOver) {
		return p.landing(w, r, b) // which says why
	}
	if err != nil {
		return err
	}
	status := string(subscription.Active)
	if v.Action == "decline" {
		status = string(subscription.Erased)
	}
	return p.Site.Done(w, r, p.back(r, b, ""), map[string]string{"status": status})
}

// back is the page itself, for the GET after a POST; done names what to announce.
func (p *Pages) back(r *http.Request, b bearer, done string) string {
	to := r.URL.Path + "?link=" + b.Token
	if done != "" {
		to += "&done=" + done
	}
	return to
}

// mailAnother sends a new link to the address on record, and says so to whoever asked.
func (p *Pages) mailAnother(w http.ResponseWriter, r *http.Request, b bearer, key string) error {
	if err := p.limit(r, "again"); err != nil {
		return err
	}
	if err := p.List.MailLink(r.Context(), b.Subject, key); err != nil && !errors.Is(err, subscription.ErrNotFound) {
		return err
	}
	return p.Site.Done(w, r, p.back(r, b, "mailed"), map[string]string{"status": "mailed"})
}

type landingPage struct {
	*web.View
	Landing subscription.Landing
	Link    string
	To      string // the address, masked
	Lines   []form.Line
	Hours   int
	Mine    string // the way to the preferences, while the link is young
	Mailed  bool   // a new link was just mailed
}

func (p *Pages) landing(w http.ResponseWriter, r *http.Request, b bearer) error {
	seen, err := p.List.Look(r.Context(), b.Claim, b.Expired)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if seen.Standing == subscription.Superseded || seen.Standing == subscription.Expired || seen.Standing == subscription.Gone && seen.Subscriber.State != subscription.Erased {
		status = http.StatusGone
	}
	page := &landingPage{View: p.Site.View(r), Landing: seen, Link: b.Token, To: seen.Subscriber.Email.Masked(), Hours: int(p.List.ConfirmLife().Hours())}
	if web.WantsJSON(r) {
		if status == http.StatusGone {
			return &web.Error{Status: status, Key: "subscription.over." + string(seen.Standing)}
		}
		return p.Site.JSON(w, status, map[string]any{"status": seen.Standing, "state": seen.Subscriber.State, "address": page.To})
	}
	page.Bare, page.Mailed = true, r.URL.Query().Get("done") == "mailed"
	name := "over"
	switch {
	case page.Mailed:
		page.Title = page.T("subscription.mailed.title")
	case seen.Standing == subscription.Open:
		name, page.Title = "confirm", page.T("subscription.confirm.title", "Newsletter", page.Name())
		if d := seen.Request.Details; d != nil {
			page.Lines = p.lines(page.P, *d)
		}
	case seen.Standing == subscription.Done:
		name, page.Title = "confirmed", page.T("subscription.confirmed.title."+string(seen.Subscriber.State))
		page.Lines = p.lines(page.P, seen.Subscriber.Details)
		if !b.Expired {
			page.Mine = p.List.PreferencesURL(seen.Subscriber)
		}
	case seen.Subscriber.State == subscription.Erased:
		page.Title = page.T("subscription.erased.title")
	default:
		page.Title = page.T("subscription.over." + string(seen.Standing))
	}
	return pages.Render(p.Site, w, status, name, page)
}
