package subscriptions

import (
	"errors"
	"net/http"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

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
	page := &landingPage{View: p.Site.View(r), Landing: seen, Link: b.Token, To: seen.Subscriber.Email.Masked()}
	if web.WantsJSON(r) {
		if status == http.StatusGone {
			return &web.Error{Status: status, Key: "subscription.over." + string(seen.Standing)}
		}
		return p.Site.JSON(w, status, map[string]any{"status": seen.Standing, "state": seen.Subscriber.State, "address": page.To})
	}
	page.Bare, page.Mailed = true, r.URL.Query().Get("done") == "mailed"
	switch {
	case page.Mailed:
		page.Title = page.T("subscription.mailed.title")
	case seen.Standing == subscription.Open:
		page.Title = page.T("subscription.confirm.title", "Newsletter", page.Name())
		if d := seen.Request.Details; d != nil {
			page.Lines = p.lines(page.P, *d)
		}
	case seen.Standing == subscription.Done:
		page.Title = page.T("subscription.confirmed.title." + string(seen.Subscriber.State))
		page.Lines = p.lines(page.P, seen.Subscriber.Details)
		if !b.Expired {
			page.Mine = p.List.PreferencesURL(seen.Subscriber)
		}
	case seen.Subscriber.State == subscription.Erased:
		page.Title = page.T("subscription.erased.title")
	default:
		page.Title = page.T("subscription.over." + string(seen.Standing))
	}
	return p.Site.Show(w, status, page)
}

// Content implements web.Page.
func (p *landingPage) Content() g.Node {
	switch {
	case p.Mailed:
		return p.mailed()
	case p.Landing.Standing == subscription.Open:
		return p.confirm()
	case p.Landing.Standing == subscription.Done:
		return p.confirmed()
	}
	return p.over()
}

func (p *landingPage) mailed() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("subscription.mailed.text", "Address", p.To)),
		h.P(p.W("subscription.asked.spam")),
	}
}

// confirm says what was asked, by whom and with which details, and what each button will do.
func (p *landingPage) confirm() g.Node {
	return g.Group{
		issued(p.View, p.To),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("subscription.confirm.lede", "Newsletter", p.Name(), "Group", p.Group())),
		p.asker(),
		h.H2(p.W("subscription.confirm.record")),
		h.Div(h.Class("card"), web.Lines(p.Lines)),
		h.Div(h.Class("note"), h.P(p.W(confirmKey)), h.P(web.A(p.At("/privacy"), p.T("subscription.notice.more")))),
		p.act("confirm", "", p.T("subscription.confirm.button")),
		g.Iff(p.Landing.Subscriber.State == subscription.Candidate, p.decline),
	}
}

// asker says who named the address, where that was not its owner.
func (p *landingPage) asker() g.Node {
	switch request := p.Landing.Request; {
	case request.How == subscription.ByNomination && request.By != "":
		return h.P(p.W("subscription.confirm.by", "By", request.By))
	case request.How == subscription.ByNomination:
		return h.P(p.W("subscription.confirm.nominated"))
	case request.How == subscription.ByImport:
		return h.P(p.W("subscription.confirm.listed"))
	}
	return nil
}

func (p *landingPage) decline() g.Node {
	return g.Group{
		h.H2(p.W("subscription.decline.title")),
		h.P(p.W("subscription.decline.text")),
		p.act("decline", "plain", p.T("subscription.decline.button")),
	}
}

// confirmed says what is on record, and leads on.
func (p *landingPage) confirmed() g.Node {
	onward := p.act("again", "", p.T("subscription.preferences.mail"))
	if p.Mine != "" {
		onward = web.Acts(web.A(p.Mine, p.T("subscription.confirmed.change"), h.Class("button plain")))
	}
	return g.Group{
		issued(p.View, p.To),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("subscription.confirmed.text."+string(p.Landing.Subscriber.State), "Newsletter", p.Name())),
		h.P(h.Class("soft"), p.W("subscription.confirmed.when", "Date", p.DateTime(p.Landing.Confirmed.At))),
		h.Div(h.Class("card"), web.Lines(p.Lines)),
		onward,
		h.P(web.A(p.At("/issues"), p.T("subscription.confirmed.issues"))),
	}
}

// over says why a link leads no further, and what does.
func (p *landingPage) over() g.Node {
	lede, onward := "subscription.over."+string(p.Landing.Standing)+".more", p.act("again", "", p.T("subscription.over.button", "Address", p.To))
	switch {
	case p.Landing.Subscriber.State == subscription.Erased:
		lede, onward = "subscription.erased.text", signUpAgain(p.View)
	case p.Landing.Standing == subscription.Gone:
		onward = web.Acts(web.A(p.At("/subscribe"), p.T("subscription.again"), h.Class("button")))
	}
	return g.Group{
		g.If(p.Landing.Subscriber.Email != "", issued(p.View, p.To)),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W(lede)),
		onward,
	}
}

// act is a button that acts on what the link is about.
func (p *landingPage) act(action, class, text string) g.Node {
	return post(p.View, "/subscription", p.Link, web.Acts(h.Button(web.Class(class), h.Name("action"), h.Value(action), g.Text(text))))
}
