package subscriptions

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/link"
	"liaison/internal/subscription"
	"liaison/internal/web"
	"liaison/internal/words"
)

const maxOneClick = 64 << 10 // bytes of a one-click body that are looked at

type leavingPage struct {
	*web.View
	Subscriber subscription.Subscriber
	Link, To   string
	Gone       bool // left, or nobody any more
	Mailed     bool
}

// leaver finds whose link it is. A link to leave never grows too old to let go. An unknown subscriber is a zero one: gone already.
func (p *Pages) leaver(r *http.Request) (bearer, subscription.Subscriber, error) {
	b, err := p.open(r, link.Unsubscribe)
	if err != nil {
		return b, subscription.Subscriber{}, err
	}
	s, err := p.List.Get(r.Context(), b.Subject)
	if errors.Is(err, subscription.ErrNotFound) {
		err = nil
	}
	return b, s, err
}

// view speaks the subscriber's language, unless the address names one.
func (p *Pages) view(r *http.Request, s subscription.Subscriber) *web.View {
	v := p.Site.View(r)
	if r.URL.Path == "/unsubscribe" && s.Language != "" {
		v.Lang = p.Site.Programme.Nearest(s.Language)
		v.P = words.For(v.Lang)
	}
	v.Bare = true
	return v
}

// leaving is the page behind the link; it changes nothing.
func (p *Pages) leaving(w http.ResponseWriter, r *http.Request) error {
	b, s, err := p.leaver(r)
	if err != nil {
		return err
	}
	page := &leavingPage{View: p.view(r, s), Subscriber: s, Link: b.Token, To: s.Email.Masked(), Mailed: r.URL.Query().Get("done") == "mailed"}
	page.Gone = !s.Subscribed() && s.State != subscription.Candidate && s.State != subscription.Bounced
	page.Title = page.T("subscription.leave.title", "Newsletter", page.Name())
	if page.Gone {
		page.Title = page.T("subscription.left.title")
	}
	if page.Mailed {
		page.Notice = page.T("subscription.mailed.text", "Address", page.To)
	}
	return p.Site.Show(w, http.StatusOK, page)
}

// leave serves both the button of our own page and RFC 8058's one-click POST, which comes from a mail service: without cookies, with any
// content type or none, and must not be redirected.
func (p *Pages) leave(w http.ResponseWriter, r *http.Request) error {
	b, s, err := p.leaver(r)
	if err != nil {
		return err
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxOneClick))
	if err != nil {
		body = nil // whatever it was: to be let go, the link is enough
	}
	ours, _ := url.ParseQuery(string(body))
	byPage := ours.Has("form_key")
	if byPage && ours.Get("action") == "mail" {
		if s.ID == "" {
			return web.NotFound()
		}
		return p.mailAnother(w, r, b, ours.Get("form_key"))
	}
	how := subscription.ByOneClick
	if byPage {
		how = subscription.ByLink
	}
	if s.ID != "" {
		if s, err = p.List.Leave(r.Context(), s.ID, how, ""); err != nil && !errors.Is(err, subscription.ErrNotFound) {
			return err
		}
	}
	if byPage && !bytes.Contains(body, []byte("One-Click")) {
		http.Redirect(w, r, p.back(r, b, ""), http.StatusSeeOther)
		return nil
	}
	if web.WantsJSON(r) {
		return p.Site.JSON(w, http.StatusOK, map[string]string{"status": string(subscription.Left)})
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, p.view(r, s).T("subscription.left.title")+"\n")
	return nil
}

// Content implements web.Page.
func (p *leavingPage) Content() g.Node {
	return g.Group{
		g.If(p.Subscriber.Email != "", issued(p.View, p.To)),
		h.H1(g.Text(p.Title)),
		g.Iff(p.Gone, p.gone),
		g.Iff(!p.Gone, p.button),
		g.Iff(!p.Gone && !p.Mailed, p.instead),
	}
}

func (p *leavingPage) gone() g.Node {
	return g.Group{h.P(h.Class("lede"), p.W("subscription.left.text", "Newsletter", p.Name())), signUpAgain(p.View)}
}

func (p *leavingPage) button() g.Node {
	return g.Group{
		h.P(h.Class("lede"), p.W("subscription.leave.text")),
		post(p.View, "/unsubscribe", p.Link, web.Acts(h.Button(p.W("subscription.leave.button")))),
	}
}

// instead offers what many who leave are after: less of it, or another form.
func (p *leavingPage) instead() g.Node {
	return g.Group{
		h.H2(p.W("subscription.instead.title")),
		h.P(p.W("subscription.instead.text")),
		post(p.View, "/unsubscribe", p.Link, web.Acts(h.Button(h.Class("plain"), h.Name("action"), h.Value("mail"), p.W("subscription.preferences.mail")))),
	}
}
