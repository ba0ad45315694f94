package desk

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"path"
	"strings"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/letter"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
	"liaison/internal/web"
)

// SignInLife is how long an e-mailed sign-in link opens.
const SignInLife = 30 * time.Minute

// mailsPerHour bounds how many sign-in mails one address gets; more are silently left out.
const mailsPerHour = 5

// asksPerHour bounds how many addresses one network can have mailed: everybody gets a mail, listed or not.
const asksPerHour = 30

// Post hands a single mail to the outbox.
type Post func(ctx context.Context, id string, m mail.Message) error

// SignIn is the way to the desk: a listed person asks for a link by mail, opens it and presses the button.
// Keys in the Programme table: SIGNIN#nonce / USED (one use).
type SignIn struct {
	Site    *web.Site
	Table   table.Table
	Letters *letter.Letters
	Post    Post
}

var signInForm = &form.Definition{Words: "signin", Fields: []form.Field{
	{Name: "email", Kind: form.Email, Required: true, Autocomplete: "email"},
	{Name: "to", Kind: form.Hidden, Limit: 500},
	{Name: "language", Kind: form.Hidden, Limit: 10},
}}

// Routes of the sign-in pages; they alone of the desk need no role.
func (s *SignIn) Routes() []web.Route {
	return []web.Route{
		web.Get("/desk/sign-in", s.show),
		web.Post("/desk/sign-in", s.ask),
		web.Get("/desk/sign-in/open", s.landing),
		web.Post("/desk/sign-in/open", s.open),
		web.Post("/desk/sign-out", s.out),
	}
}

type signInPage struct {
	*web.View
	Form *form.View
}

// Content implements web.Page.
func (p *signInPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("signin.lede")),
		p.Summary(p.Form.Findings()),
		p.PostForm("/desk/sign-in", web.NoValidate(),
			web.Named(p.Form, "email", "to"),
			web.Acts(h.Button(p.W("signin.send")))),
	}
}

// signInSentPage looks the same for every address.
type signInSentPage struct {
	*web.View
	Mail string // where the link went
}

// Content implements web.Page.
func (p *signInSentPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("signin.sent.text", "Address", p.Mail)),
		h.P(p.W("signin.sent.more")),
		h.P(web.A("/desk/sign-in", p.T("signin.again"))),
	}
}

// signInOpenPage is where an e-mailed link leads.
type signInOpenPage struct {
	*web.View
	Mail     string // whom the link was issued to
	Link, To string
}

// Content implements web.Page.
func (p *signInOpenPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("signin.open.text", "Address", p.Mail)),
		h.Form(h.Method("post"), web.Action("/desk/sign-in/open?link="+url.QueryEscape(p.Link)+"&to="+url.QueryEscape(p.To)),
			web.Acts(h.Button(p.W("signin.open.button")))),
		h.P(h.Class("soft"), p.W("signin.open.more")),
	}
}

func (s *SignIn) show(w http.ResponseWriter, r *http.Request) error {
	if _, ok := s.Site.SignedIn(r); ok {
		http.Redirect(w, r, within(r.URL.Query().Get("to")), http.StatusSeeOther)
		return nil
	}
	v := form.New(signInForm, 0)
	v.Set("to", within(r.URL.Query().Get("to")))
	return s.form(w, r, http.StatusOK, v)
}

func (s *SignIn) form(w http.ResponseWriter, r *http.Request, status int, v *form.Values) error {
	p := &signInPage{View: s.Site.View(r)}
	p.Title, p.Form = p.T("signin.title"), v.Show(p.P)
	if status != http.StatusOK {
		p.Title = p.T("form.title.error", "Title", p.Title)
	}
	return s.Site.Show(w, status, p)
}

func (s *SignIn) ask(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, signInForm)
	if err != nil {
		return err
	}
	v.Check()
	if !v.OK() {
		return s.Site.Refuse(w, r, v.Show(s.Site.View(r).P), func(status int) error { return s.form(w, r, status, v) })
	}
	if err := s.limit(r); err != nil {
		return err
	}
	address := people.EmailAddress(v.Get("email"))
	if err := s.mail(r.Context(), address, within(v.Get("to")), s.Site.LangOf(r)); err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return s.Site.JSON(w, http.StatusOK, map[string]string{"status": "mailed"})
	}
	p := &signInSentPage{View: s.Site.View(r), Mail: string(address)}
	p.Title = p.T("signin.sent.title")
	return s.Site.Show(w, http.StatusOK, p)
}

func (s *SignIn) limit(r *http.Request) error {
	network := web.Network(r)
	if network == "" {
		return nil
	}
	limit := web.Limiter{Table: s.Table, Now: s.Site.Now}
	ok, err := limit.Allow(r.Context(), "signin-network#"+network, asksPerHour, time.Hour)
	if err == nil && !ok {
		err = &web.Error{Status: http.StatusTooManyRequests, Key: "error.rate"}
	}
	return err
}

// mail sends the link, or the note that the address is not listed: the same work for both.
func (s *SignIn) mail(ctx context.Context, a people.EmailAddress, to string, lang people.Language) error {
	limit := web.Limiter{Table: s.Table, Now: s.Site.Now}
	if ok, err := limit.Allow(ctx, "signin#"+a.Key(), mailsPerHour, time.Hour); err != nil || !ok {
		return err
	}
	nonce := s.Site.NewID()
	m := s.Letters.NotListed(a, s.Site.Programme.Nearest(lang))
	if d, ok := s.Site.Programme.Listed(a); ok {
		token := s.Site.Links.Token(link.SignIn, string(d.Email), nonce, SignInLife)
		address := s.Site.Links.URL("/desk/sign-in/open", token) + "&to=" + url.QueryEscape(to)
		m = s.Letters.SignIn(d, address, int(SignInLife.Minutes()))
	}
	return s.Post(ctx, "signin-"+nonce, m)
}

// within keeps a return address inside the desk, dots and doubled slashes and all.
func within(to string) string {
	to, query, asked := strings.Cut(to, "?")
	if !strings.HasPrefix(to, "/desk/") {
		return "/desk/"
	}
	if to = path.Clean(to); to == "/desk" {
		to += "/"
	}
	if asked {
		to += "?" + query
	}
	if strings.HasPrefix(to, "/desk/") && !strings.HasPrefix(to, "/desk/sign-") && !strings.ContainsAny(to, "\\\r\n") {
		return to
	}
	return "/desk/"
}

// person opens a link and finds whom it was issued to.
func (s *SignIn) person(r *http.Request) (link.Claim, programme.Desk, error) {
	claim, err := s.Site.Links.Open(link.SignIn, r.URL.Query().Get("link"))
	if errors.Is(err, link.ErrExpired) {
		return claim, programme.Desk{}, &web.Error{Status: http.StatusGone, Key: "signin.expired", Err: err}
	}
	if err != nil {
		return claim, programme.Desk{}, err
	}
	d, ok := s.Site.Programme.Listed(people.EmailAddress(claim.Subject))
	if !ok {
		return claim, d, &web.Error{Status: http.StatusForbidden, Key: "signin.unlisted"}
	}
	return claim, d, nil
}

// landing changes nothing: mail scanners open links.
func (s *SignIn) landing(w http.ResponseWriter, r *http.Request) error {
	_, d, err := s.person(r)
	if err != nil {
		return err
	}
	p := &signInOpenPage{View: s.Site.View(r), Mail: string(d.Email), Link: r.URL.Query().Get("link"), To: within(r.URL.Query().Get("to"))}
	p.Title = p.T("signin.open.title")
	return s.Site.Show(w, http.StatusOK, p)
}

// open uses the link up. The same browser may press twice: whoever is signed in already is simply let through.
func (s *SignIn) open(w http.ResponseWriter, r *http.Request) error {
	to := within(r.URL.Query().Get("to"))
	if _, ok := s.Site.SignedIn(r); ok {
		return s.Site.Done(w, r, to, map[string]string{"to": to})
	}
	claim, d, err := s.person(r)
	if err != nil {
		return err
	}
	used := table.NewItem(table.Key{PK: "SIGNIN#" + claim.Nonce, SK: "USED"}, map[string]any{"at": s.Site.Now().UTC()})
	used.Expires = claim.Expires.Add(time.Hour)
	if _, err := s.Table.Put(r.Context(), used, table.Absent); errors.Is(err, table.ErrConflict) {
		return &web.Error{Status: http.StatusGone, Key: "signin.used"}
	} else if err != nil {
		return err
	}
	s.Site.SignIn(w, d)
	return s.Site.Done(w, r, to, map[string]string{"to": to})
}

func (s *SignIn) out(w http.ResponseWriter, r *http.Request) error {
	s.Site.SignOut(w)
	return s.Site.Done(w, r, "/desk/sign-in", map[string]string{"status": "out"})
}
