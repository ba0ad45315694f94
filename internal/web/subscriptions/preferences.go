package subscriptions

import (
	"errors"
	"net/http"
	"net/url"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/web"
)

func (p *Pages) preferencesForm(s subscription.Subscriber) *form.Definition {
	d := p.details(s.Language, false)
	d.Fields = append(d.Fields, form.Field{Name: "sure", Kind: form.Consent, Required: true})
	return d
}

type preferencesPage struct {
	*web.View
	Subscriber subscription.Subscriber
	Form       *form.View
	Link, Key  string
}

// stale tells whether a link to preferences is too old to open them, however long it was made to last: mails get forwarded.
func (p *Pages) stale(b bearer) bool {
	return b.Expired || p.Site.Now().Sub(b.Issued) >= subscription.PreferencesLife
}

// preferences is a subscriber's own page, and her export.
func (p *Pages) preferences(w http.ResponseWriter, r *http.Request, b bearer) error {
	s, err := p.List.Get(r.Context(), b.Subject)
	if errors.Is(err, subscription.ErrNotFound) || p.stale(b) || r.URL.Query().Get("done") == "mailed" {
		return p.old(w, r, b, s)
	}
	if err != nil {
		return err
	}
	if s.State == subscription.Erased {
		return p.old(w, r, b, s)
	}
	if as := r.URL.Query().Get("export"); as != "" {
		return p.export(w, r, s, as)
	}
	if web.WantsJSON(r) {
		return p.Site.JSON(w, http.StatusOK, s)
	}
	v := form.New(p.preferencesForm(s), 0)
	fill(v, s.Details)
	return p.showPreferences(w, r, http.StatusOK, b, s, v)
}

func (p *Pages) showPreferences(w http.ResponseWriter, r *http.Request, status int, b bearer, s subscription.Subscriber, v *form.Values) error {
	page := &preferencesPage{View: p.Site.View(r), Subscriber: s, Link: b.Token, Key: v.Key}
	page.Bare, page.FormID = true, "preferences"
	page.Title, page.Form = page.T("subscription.preferences.title"), v.Show(page.P)
	if status != http.StatusOK {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	switch done := r.URL.Query().Get("done"); done {
	case "saved", "paused", "resumed", "left":
		page.Notice = page.T("subscription.done." + done)
	}
	return p.Site.Show(w, status, page)
}

// old is the page of a link to preferences that no longer opens them.
func (p *Pages) old(w http.ResponseWriter, r *http.Request, b bearer, s subscription.Subscriber) error {
	seen := subscription.Landing{Standing: subscription.Gone, Subscriber: s}
	status := http.StatusGone
	switch {
	case s.State == subscription.Erased:
		status = http.StatusOK
	case s.ID != "":
		seen.Standing = subscription.Expired
	}
	page := &landingPage{View: p.Site.View(r), Landing: seen, Link: b.Token, To: s.Email.Masked(), Mailed: r.URL.Query().Get("done") == "mailed"}
	switch {
	case page.Mailed:
		page.Title = page.T("subscription.mailed.title")
	case s.State == subscription.Erased:
		page.Title = page.T("subscription.erased.title")
	default:
		page.Title = page.T("subscription.over." + string(seen.Standing))
	}
	if web.WantsJSON(r) && status == http.StatusGone {
		return &web.Error{Status: status, Key: "subscription.over." + string(seen.Standing)}
	}
	if web.WantsJSON(r) {
		return p.Site.JSON(w, status, map[string]any{"state": s.State})
	}
	page.Bare = true
	return p.Site.Show(w, status, page)
}

// change carries out a button of the preferences page.
func (p *Pages) change(w http.ResponseWriter, r *http.Request, b bearer) error {
	ctx := r.Context()
	s, err := p.List.Get(ctx, b.Subject)
	if err != nil && !errors.Is(err, subscription.ErrNotFound) {
		return err
	}
	v, err := form.Decode(r, p.preferencesForm(s))
	if err != nil {
		return err
	}
	if v.Action == "again" && s.ID != "" {
		return p.mailAnother(w, r, b, v.Key)
	}
	if s.ID == "" || p.stale(b) || s.State == subscription.Erased {
		return p.old(w, r, b, s)
	}
	done := "saved"
	switch v.Action {
	case "pause":
		done = "paused"
		s, err = p.List.Pause(ctx, s.ID)
	case "resume":
		done = "resumed"
		s, err = p.List.Resume(ctx, s.ID)
	case "leave":
		done = "left"
		s, err = p.List.Leave(ctx, s.ID, subscription.ByLink, "")
	case "erase":
		return p.erase(w, r, b, s, v)
	default:
		return p.save(w, r, b, s, v)
	}
	if errors.Is(err, subscription.ErrState) {
		return &web.Error{Status: http.StatusConflict, Key: "subscription.error.state", Err: err}
	}
	if err != nil {
		return err
	}
	return p.Site.Done(w, r, p.back(r, b, done), map[string]any{"status": s.State})
}

// save keeps what was not sent as it is, so that a JSON body may name a single field.
func (p *Pages) save(w http.ResponseWriter, r *http.Request, b bearer, s subscription.Subscriber, v *form.Values) error {
	old := form.New(v.Def, 0)
	fill(old, s.Details)
	for name, was := range old.Fields {
		if _, sent := v.Fields[name]; !sent {
			v.Fields[name] = was
		}
	}
	if v.Get("language") == "" { // an old record without one
		v.Set("language", string(p.Site.Programme.Nearest(s.Language)))
	}
	if v.Get("format") == "" {
		v.Set("format", string(subscription.Formats[0]))
	}
	if v.Action == "switch" {
		return p.showPreferences(w, r, http.StatusOK, b, s, v)
	}
	whole := v.Def
	v.Def = p.details(s.Language, false) // the box belongs to another button
	v.Check()
	v.Def = whole
	if !v.OK() {
		return p.Site.Refuse(w, r, v.Show(p.Site.View(r).P), func(status int) error { return p.showPreferences(w, r, status, b, s, v) })
	}
	d := read(v)
	s, err := p.List.Update(r.Context(), s.ID, d)
	if err != nil {
		return err
	}
	to := p.back(r, b, "saved")
	if l := people.Language(d.Language); p.Site.Programme.Speaks(l) && l != p.Site.LangOf(r) { // the page follows the choice
		to = "/" + string(l) + p.Site.View(r).Path + to[len(r.URL.Path):]
	}
	return p.Site.Done(w, r, to, map[string]any{"status": s.State})
}

// erase wants the box ticked.
func (p *Pages) erase(w http.ResponseWriter, r *http.Request, b bearer, s subscription.Subscriber, v *form.Values) error {
	if v.Get("sure") != "yes" && v.Get("sure") != "on" {
		fill(v, s.Details)
		v.Fail("sure", "form.error.required")
		return p.Site.Refuse(w, r, v.Show(p.Site.View(r).P), func(status int) error { return p.showPreferences(w, r, status, b, s, v) })
	}
	if err := p.List.Erase(r.Context(), s.ID); err != nil {
		return err
	}
	return p.Site.Done(w, r, p.back(r, b, ""), map[string]any{"status": subscription.Erased})
}

// Content implements web.Page.
func (p *preferencesPage) Content() g.Node {
	s := p.Subscriber
	return g.Group{
		issued(p.View, string(s.Email)),
		h.H1(p.W("subscription.preferences.title")),
		h.P(h.Class("lede"), p.W("subscription.state."+string(s.State)+".text", "Newsletter", p.Name(), "Date", p.Date(s.Since))),
		p.Summary(p.Form.Findings()),
		p.form(),
		p.rest(),
		p.data(),
		p.erasure(),
	}
}

func (p *preferencesPage) form() g.Node {
	return h.Form(h.Method("post"), web.Action(address(p.View, "/subscription", p.Link)), h.ID("preferences"), web.NoValidate(), key(p.View, p.Key),
		web.Named(p.Form, "organisation", "name", "country", "category", "language", "format"),
		web.Acts(h.Button(h.Name("action"), h.Value("save"), p.W("subscription.preferences.save"))))
}

// rest offers a pause and the way out, or the way back.
func (p *preferencesPage) rest() g.Node {
	s := p.Subscriber
	if !s.Subscribed() {
		return g.If(s.State != subscription.Candidate, signUpAgain(p.View))
	}
	act := func(action, class string) g.Node {
		return post(p.View, "/subscription", p.Link, h.Button(web.Class(class), h.Name("action"), h.Value(action), p.W("subscription.act."+action)))
	}
	turn := act("resume", "")
	if s.State == subscription.Active {
		turn = act("pause", "plain")
	}
	return g.Group{
		h.H2(p.W("subscription.rest.title")),
		h.P(p.W("subscription.rest." + string(s.State))),
		web.Acts(turn, act("leave", "plain")),
	}
}

// data is everything that is kept, to take along.
func (p *preferencesPage) data() g.Node {
	export := func(as string) g.Node {
		return web.A("?link="+url.QueryEscape(p.Link)+"&export="+as, p.T("subscription.data."+as), g.Attr("download"))
	}
	return g.Group{
		h.H2(p.W("subscription.data.title")),
		h.P(p.W("subscription.data.text")),
		h.P(export("json"), g.Text(" · "), export("csv")),
	}
}

func (p *preferencesPage) erasure() g.Node {
	return g.Group{
		h.H2(p.W("subscription.erase.title")),
		h.P(p.W("subscription.erase.text")),
		post(p.View, "/subscription", p.Link, web.NoValidate(), web.Named(p.Form, "sure"),
			web.Acts(h.Button(h.Class("plain"), h.Name("action"), h.Value("erase"), p.W("subscription.erase.button")))),
	}
}
