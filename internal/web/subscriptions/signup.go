package subscriptions

import (
	"net/http"
	"slices"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

const (
	askedLife  = time.Hour // how long the page after the form names the address
	perNetwork = 100       // sign-ups an hour; offices share an address
	consentKey = "subscription.form.consent.label"
)

func (p *Pages) signUpForm() *form.Definition {
	d := p.details("", true)
	d.Fields = slices.Insert(d.Fields, 1, form.Field{Name: "email", Kind: form.Email, Required: true, Autocomplete: "email"})
	d.Fields = append(d.Fields, form.Field{Name: "consent", Kind: form.Consent, Required: true})
	return d
}

type signUpPage struct {
	*web.View
	Form *form.View
	Key  string
}

func (p *Pages) signUp(w http.ResponseWriter, r *http.Request) error {
	v := form.New(p.signUpForm(), 0)
	p.preset(r, v)
	return p.showSignUp(w, r, http.StatusOK, v)
}

// preset fills in what has a usual answer; consent has none.
func (p *Pages) preset(r *http.Request, v *form.Values) {
	if v.Get("language") == "" {
		v.Set("language", string(p.Site.LangOf(r)))
	}
	if v.Get("format") == "" {
		v.Set("format", string(subscription.Formats[0]))
	}
}

func (p *Pages) showSignUp(w http.ResponseWriter, r *http.Request, status int, v *form.Values) error {
	page := &signUpPage{View: p.Site.View(r), Key: v.Key}
	page.Section, page.FormID = "subscribe", "signup"
	page.Title, page.Form = page.T("subscription.signup.title", "Newsletter", page.Name()), v.Show(page.P)
	if status != http.StatusOK {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	return p.Site.Show(w, status, page)
}

// ask answers alike whether or not the address is known.
func (p *Pages) ask(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, p.signUpForm())
	if err != nil {
		return err
	}
	p.preset(r, v)
	if v.Action == "switch" {
		return p.showSignUp(w, r, http.StatusOK, v)
	}
	v.Check()
	if !v.OK() {
		return p.Site.Refuse(w, r, v.Show(p.Site.View(r).P), func(status int) error { return p.showSignUp(w, r, status, v) })
	}
	if err := p.limit(r, "signup"); err != nil {
		return err
	}
	pr := p.Site.View(r).P
	s := subscription.SignUp{
		Email: people.EmailAddress(v.Get("email")), Details: read(v), Shown: shown(pr, consentKey), FormKey: v.Key,
		// A form sent quickly is no sign of a machine here: browsers fill in the whole of it, and the mails that an address can get are bounded.
		Odd: p.Site.Suspicion(v) == "trap",
	}
	if err := p.List.SignUp(r.Context(), s); err != nil {
		return err
	}
	token := p.Site.Links.Token(link.Form, v.Get("email"), "", askedLife)
	return p.Site.Done(w, r, p.Site.View(r).At("/subscribe/asked?link="+token), map[string]string{"status": "asked"})
}

type askedPage struct {
	*web.View
	Address string // empty: the page was opened by itself
	Hours   int
}

// asked names the address, so that a slip of the finger is seen; the address travels encrypted.
func (p *Pages) asked(w http.ResponseWriter, r *http.Request) error {
	page := &askedPage{View: p.Site.View(r), Hours: int(p.List.ConfirmLife().Hours())}
	page.Section, page.Title = "subscribe", page.T("subscription.asked.title")
	if b, err := p.open(r, link.Form); err == nil && !b.Expired {
		if a, err := people.ParseAddress(b.Subject); err == nil {
			page.Address = string(a)
		}
	}
	return p.Site.Show(w, http.StatusOK, page)
}

// limit bounds what one network can make the list do in an hour.
func (p *Pages) limit(r *http.Request, what string) error {
	network := web.Network(r)
	if p.Limit == nil || network == "" {
		return nil
	}
	ok, err := p.Limit.Allow(r.Context(), what+"#"+network, perNetwork, time.Hour)
	if err == nil && !ok {
		err = &web.Error{Status: http.StatusTooManyRequests, Key: "error.rate"}
	}
	return err
}

// Content implements web.Page.
func (p *signUpPage) Content() g.Node {
	return g.Group{
		h.H1(p.W("subscription.signup.title", "Newsletter", p.Name())),
		h.P(h.Class("lede"), p.W("subscription.signup.lede")),
		p.Summary(p.Form.Findings()),
		h.Div(h.Class("two"), p.form(), p.aside()),
	}
}

func (p *signUpPage) form() g.Node {
	return h.Form(h.Method("post"), web.Action(p.At("/subscribe")), h.ID("signup"), web.NoValidate(), p.Housekeeping(web.Housekeeping{Key: p.Key}),
		web.Named(p.Form, "organisation", "email", "name", "country", "category", "language", "format"),
		h.Div(h.Class("note"),
			h.H2(p.W("subscription.notice.title")),
			h.P(p.W("subscription.notice.text")),
			h.P(web.A(p.At("/privacy"), p.T("subscription.notice.more")))),
		web.Named(p.Form, "consent"),
		web.Acts(h.Button(p.W("subscription.signup.button"))))
}

// aside says what comes, and what happens next.
func (p *signUpPage) aside() g.Node {
	return h.Aside(web.Map([]string{"what", "then", "member"}, func(part string) g.Node {
		key := "subscription.signup." + part
		return g.Group{h.H2(p.W(key)), h.P(p.W(key + ".text"))}
	}))
}

// Content implements web.Page.
func (p *askedPage) Content() g.Node {
	lede := p.T("subscription.asked.text")
	if p.Address != "" {
		lede = p.T("subscription.asked.to", "Address", p.Address)
	}
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), g.Text(lede)),
		h.P(h.Strong(p.W("subscription.asked.not"))),
		h.Ul(h.Li(p.W("subscription.asked.life", "Count", p.Hours)), h.Li(p.W("subscription.asked.spam")), h.Li(p.W("subscription.asked.known"))),
		h.P(web.A(p.At("/subscribe"), p.T("subscription.asked.wrong"))),
	}
}
