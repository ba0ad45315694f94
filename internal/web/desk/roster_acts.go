package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/form/list"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/web"
)

// rosterForm takes a list file, or rows; wrong=skip takes over the rows that are right and reports the others.
var rosterForm = &form.Definition{Words: "roster.list",
	Fields: []form.Field{{Name: "wrong", Kind: form.Checks, Options: []string{"skip"}}},
	Groups: []form.Group{{Name: "experts", Max: presenter.MaxUpload, Fields: []form.Field{
		{Name: "name", Kind: form.Text, Required: true, Limit: people.MaxName},
		{Name: "email", Kind: form.Email, Required: true},
		{Name: "organisation", Kind: form.Text, Limit: people.MaxName},
		{Name: "country", Kind: form.Country},
		{Name: "category", Kind: form.Select, Options: texts(people.Categories)},
		{Name: "gender", Kind: form.Text, Limit: 60},
		{Name: "role", Kind: form.Text, Limit: people.MaxName},
		{Name: "language", Kind: form.Languages, Max: 5}, // the first is taken: lists often name several
	}}}}

var inviteForm = &form.Definition{Words: "roster.invite", Fields: []form.Field{{Name: "to", Kind: form.Tags, Required: true, Limit: people.MaxAddress, Max: 1000}}}

// rosterList reads a file of experts.
func rosterList() list.Format {
	return list.Format{Def: rosterForm, Group: "experts", Max: presenter.MaxUpload, Value: func(field, cell string) (string, bool) {
		if field != "category" {
			return "", false
		}
		c, ok := categoryNames[strings.ToLower(strings.TrimSpace(cell))]
		return string(c), ok
	}}
}

// categoryNames are what lists call the categories, beside their names in the catalogues.
var categoryNames = map[string]people.Category{
	"non-governmental organisation": people.NGO, "non-governmental organization": people.NGO, "non-governmental organizations": people.NGO, "ngos": people.NGO,
	"consumer": people.Consumers, "labor": people.Labour, "trade union": people.Labour, "union": people.Labour, "business": people.Industry,
	"other": people.Others, "ssro": people.Others, "service, support, research and others": people.Others, "public authority": people.Government,
}

// genderNames are what lists write for the two descriptions that the registration form offers by name. Anything else is kept as it stands;
// nothing is ever concluded from a person's name or title.
var genderNames = map[string]string{
	"f": matching.Woman, "female": matching.Woman, "woman": matching.Woman, "femme": matching.Woman, "mujer": matching.Woman, "ж": matching.Woman, "женщина": matching.Woman,
	"m": matching.Man, "male": matching.Man, "man": matching.Man, "homme": matching.Man, "hombre": matching.Man, "м": matching.Man, "мужчина": matching.Man,
}

func listing(r form.Row) presenter.Listing {
	l := presenter.Listing{Name: r.Get("name"), Email: people.EmailAddress(r.Get("email")), Organisation: r.Get("organisation"), Country: people.Country(r.Get("country")),
		Category: people.Category(r.Get("category")), Gender: r.Get("gender"), Role: r.Get("role"), Language: people.Language(r.Get("language"))}
	if g, ok := genderNames[strings.ToLower(l.Gender)]; ok {
		l.Gender = g
	}
	return l
}

type uploadPage struct {
	*web.View
	Form     *form.View
	FileName string
	Wrong    []string // rows with their fault, in words
	Count    int      // of wrong rows
	Right    int      // rows that are right
	Unknown  []string // headings that nobody knows
	Done     *presenter.Uploaded
}

// shownWrong is how many faulty rows the page names.
const shownWrong = 100

func (d *Roster) uploading(w http.ResponseWriter, r *http.Request) error {
	return d.uploadPage(w, r, http.StatusOK, &uploadPage{View: d.Site.View(r)}, form.New(rosterForm, 0))
}

func (d *Roster) uploadPage(w http.ResponseWriter, r *http.Request, status int, page *uploadPage, v *form.Values) error {
	page.Form, page.Section, page.Title = v.Show(page.P), "presenters", page.T("roster.upload.title")
	if status == http.StatusUnprocessableEntity {
		page.Title = page.T("form.title.error", "Title", page.Title)
	}
	return d.Site.Show(w, status, page)
}

// Content implements web.Page.
func (p *uploadPage) Content() g.Node {
	content := p.form()
	if p.Done != nil {
		content = p.taken()
	}
	return g.Group{
		kicker("/desk/presenters", p.T("roster.title")),
		h.H1(p.W("roster.upload.title")),
		h.P(h.Class("lede"), p.W("roster.upload.lede")),
		content,
	}
}

// taken says what a list brought and which of its rows were left out.
func (p *uploadPage) taken() g.Node {
	return g.Group{
		h.P(h.Class("notice"), h.Role("status"), p.W("roster.done.upload", "Added", p.Done.Added, "Changed", p.Done.Changed, "Same", p.Done.Same)),
		h.H2(p.W("roster.upload.left", "Count", p.Count)),
		h.Ul(web.Map(p.Wrong, func(row string) g.Node { return h.Li(web.Auto(), g.Text(row)) })),
		web.Acts(h.A(h.Class("button"), web.Href("/desk/presenters"), p.W("roster.upload.go"))),
	}
}

func (p *uploadPage) form() g.Node {
	findings := p.Form.Findings()
	return g.Group{
		p.Summary(findings),
		g.If(p.Count > 0, h.P(h.Class("note"), p.W("roster.upload.nothing", "File", p.FileName, "Wrong", p.Count, "Right", p.Right))),
		g.If(len(p.Unknown) > 0, h.P(h.Class("note"), p.W("roster.upload.unknown"), g.Text(" "+strings.Join(p.Unknown, ", ")))),
		h.Form(h.Method("post"), web.Action("/desk/roster"), h.EncType("multipart/form-data"), web.NoValidate(), p.Housekeeping(web.Housekeeping{}),
			h.Div(web.Class("field", web.When(len(findings) > 0, "wrong")), listFile(p.View, p.T("roster.upload.file"), p.T("roster.upload.hint"))),
			web.Field(p.Form.Field("wrong")),
			web.Acts(h.Button(p.W("roster.upload.send")), g.Text(" "), web.A("/desk/presenters", p.T("event.form.back")))),
		h.H2(p.W("roster.upload.sample")),
		sampleList(),
	}
}

// sampleList shows the columns that a list may have, with one row.
func sampleList() g.Node {
	head := []string{"name", "email", "organisation", "country", "category", "gender", "role", "language"}
	row := []string{"Amina Otieno", "a.otieno@example.org", "Consumers Forum", "KE", "consumers", "", "expert", "en"}
	return h.Div(h.Class("scroll"), h.Table(
		h.THead(h.Tr(web.Map(head, func(s string) g.Node { return h.Th(g.Text(s)) }))),
		h.TBody(h.Tr(web.Map(row, func(s string) g.Node { return h.Td(g.Text(s)) })))))
}

// upload takes over a list whole or, if asked, the rows that are right.
func (d *Roster) upload(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, rosterForm)
	if err != nil {
		return err
	}
	page := &uploadPage{View: d.Site.View(r)}
	rows, findings := d.rows(page, v)
	skip := len(v.All("wrong")) > 0
	if len(rows) == 0 && len(findings) == 0 {
		findings = []form.Error{{Field: "list", Key: "roster.error.none"}}
	}
	if len(findings) > 0 && (!skip || len(rows) == 0 || page.Count == 0) {
		v.Errors = findings
		return d.Site.Refuse(w, r, v.Show(page.P), func(status int) error { return d.uploadPage(w, r, status, page, v) })
	}
	who, _ := d.Site.SignedIn(r)
	done, err := d.Bank.Upload(r.Context(), string(who.Email), rows)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, map[string]any{"added": done.Added, "changed": done.Changed, "same": done.Same, "repeated": done.Repeated, "wrong": texts(page.Wrong)})
	}
	if page.Count > 0 { // the rows left out are told on the spot: an address could not hold them
		page.Done = &done
		return d.uploadPage(w, r, http.StatusOK, page, v)
	}
	http.Redirect(w, r, fmt.Sprintf("/desk/presenters?done=upload&added=%d&changed=%d&same=%d", done.Added, done.Changed, done.Same), http.StatusSeeOther)
	return nil
}

// rows reads the rows that are right and the findings about the others, which it words on the page too.
func (d *Roster) rows(page *uploadPage, v *form.Values) ([]presenter.Listing, []form.Error) {
	if v.File == nil {
		v.Check()
		return listings(v.Filled("experts")), v.Errors
	}
	page.FileName = v.File.Name
	l, err := rosterList().Read(v.File)
	var bad *list.Error
	if errors.As(err, &bad) {
		return nil, append(v.Errors, bad.Finding(page.P))
	}
	if err != nil {
		return nil, append(v.Errors, form.Error{Field: "list", Key: "list.error.type"})
	}
	page.Unknown = l.Unknown
	wrong := map[int]bool{}
	findings := v.Errors
	for _, p := range l.Check() {
		if !wrong[p.N] {
			wrong[p.N] = true
			page.Count++
		}
		text := l.Describe(page.P, p)
		if len(page.Wrong) < shownWrong {
			page.Wrong = append(page.Wrong, text)
			findings = append(findings, form.Error{Field: "list", Key: "roster.error.row", Args: []any{"Text", text}})
		}
	}
	var right []form.Row
	for _, line := range l.Lines {
		if !wrong[line.N] {
			right = append(right, line.Row)
		}
	}
	page.Right = len(right)
	return listings(right), findings
}

func listings(rows []form.Row) []presenter.Listing {
	out := make([]presenter.Listing, len(rows))
	for i, r := range rows {
		out[i] = listing(r)
	}
	return out
}

// invite mails personal links: to "all" who have not answered, to "new" ones who were never asked, or to addresses.
func (d *Roster) invite(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, inviteForm)
	if err != nil {
		return err
	}
	v.Check()
	to := v.All("to")
	who, _ := d.Site.SignedIn(r)
	var done presenter.Invited
	switch {
	case !v.OK():
	case len(to) == 1 && (to[0] == string(presenter.Unanswered) || to[0] == string(presenter.Unasked)):
		done, err = d.Bank.Invite(r.Context(), string(who.Email), presenter.Audience(to[0]))
	default:
		done, err = d.named(r, string(who.Email), to, v)
	}
	if err != nil {
		return err
	}
	if !v.OK() {
		page := &rosterPage{View: d.Site.View(r)}
		return d.Site.Refuse(w, r, v.Show(page.P), func(status int) error { return d.render(w, r, status, page, v) })
	}
	back := fmt.Sprintf("/desk/presenters?done=invited&mailed=%d&recent=%d&declined=%d", done.Mailed, done.Recent, done.Declined)
	return d.Site.Done(w, r, back, done)
}

func (d *Roster) named(r *http.Request, who string, to []string, v *form.Values) (presenter.Invited, error) {
	var list []people.EmailAddress
	for _, s := range to {
		a, err := people.ParseAddress(s)
		if err != nil {
			v.Fail("to", "roster.error.address", "Value", s)
			continue
		}
		list = append(list, a)
	}
	if !v.OK() {
		return presenter.Invited{}, nil
	}
	done, err := d.Bank.InviteNamed(r.Context(), who, list)
	for _, a := range done.Unknown {
		v.Fail("to", "roster.error.unknown", "Value", string(a))
	}
	return done, err
}
