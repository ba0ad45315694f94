package desk

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

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
	return pages.Render(d.Site, w, status, "roster-upload", page)
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
