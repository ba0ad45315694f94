package desk

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"sort"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/form/list"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/web"
	"liaison/internal/words"
)

const (
	importRows    = 20_000
	importShown   = 100   // faulty rows that the page names
	importListed  = 5_000 // faults that JSON lists: an answer may have 6 MB
	maxProofChars = 1000
)

// importForm is a list of subscribers and what may be done with it.
var importForm = &form.Definition{Words: "subscribers.import",
	Fields: []form.Field{{Name: "consent", Kind: form.Choice, Required: true, Options: []string{"ask", "recorded"}}},
	Groups: []form.Group{{Name: "rows", Max: importRows, Fields: []form.Field{
		{Name: "email", Kind: form.Email, Required: true},
		{Name: "name", Kind: form.Text, Limit: subscription.MaxName},
		{Name: "organisation", Kind: form.Text, Limit: subscription.MaxOrganisation},
		{Name: "country", Kind: form.Country},
		{Name: "language", Kind: form.Languages, Max: 5}, // by name or tag; the first is taken: lists often give several
		{Name: "format", Kind: form.Select, Options: choices(subscription.Formats)},
		{Name: "category", Kind: form.Select, Options: choices(people.Categories)},
		{Name: "kind", Kind: form.Select, Options: choices(subscription.Kinds)},
		{Name: "consent_at", Kind: form.Date},
		{Name: "consent_text", Kind: form.Text, Limit: maxProofChars},
	}}}}

type importPage struct {
	*web.View
	Form *form.View
	Key  string
}

func (d *Subscribers) upload(w http.ResponseWriter, r *http.Request) error {
	v := form.New(importForm, 0)
	v.Set("consent", "ask")
	return d.showUpload(w, r, http.StatusOK, v)
}

func (d *Subscribers) showUpload(w http.ResponseWriter, r *http.Request, status int, v *form.Values) error {
	p := &importPage{View: d.Site.View(r), Key: v.Key}
	p.Section, p.Title, p.Form = "subscribers", p.T("subscribers.import.title"), v.Show(p.P)
	if status != http.StatusOK {
		p.Title = p.T("form.title.error", "Title", p.Title)
	}
	return d.Site.Show(w, status, p)
}

// Content implements web.Page.
func (p *importPage) Content() g.Node {
	return g.Group{
		kicker("/desk/subscribers", p.T("subscribers.title")),
		h.H1(p.W("subscribers.import.title")),
		h.P(h.Class("lede"), p.W("subscribers.import.lede")),
		p.Summary(p.Form.Findings()),
		h.Form(h.Method("post"), web.Action("/desk/subscribers/import"), h.EncType("multipart/form-data"), web.NoValidate(), web.Hidden("form_key", cmp.Or(p.Key, p.NewKey())),
			h.Div(h.Class("field"), listFile(p.View, p.T("subscribers.import.list"), p.T("subscribers.import.hint")),
				h.P(web.A("/desk/subscribers/template", p.T("subscribers.import.template")))),
			web.Field(p.Form.Field("consent")),
			web.Acts(h.Button(p.W("subscribers.import.button")))),
		h.Div(h.Class("note"), h.P(p.W("subscribers.import.rule"))),
	}
}

// fault is a row that was not taken.
type fault struct {
	Row     int    `json:"row"`
	Field   string `json:"field"`
	Message string `json:"message"`
	Line    string `json:"-"` // the same for people: "Row 17, E-mail: …"
}

type imported struct {
	Added   int     `json:"added"`
	Asked   int     `json:"asked"`
	Known   int     `json:"known"`
	Skipped int     `json:"skipped"`
	Errors  []fault `json:"errors"`
	More    int     `json:"more,omitempty"` // faults that are not listed
}

type importedPage struct {
	*web.View
	imported
	Shown   []fault
	More    int
	None    bool     // not one row was taken
	Unknown []string // columns that nobody knows
}

// Content implements web.Page.
func (p *importedPage) Content() g.Node {
	return g.Group{
		kicker("/desk/subscribers", p.T("subscribers.title")),
		h.H1(g.Text(p.Title)),
		g.If(!p.None, p.counts()),
		g.If(p.Asked > 0, h.P(p.W("subscribers.imported.asked.text"))),
		g.If(p.Skipped > 0, h.P(p.W("subscribers.imported.skipped.text"))),
		g.If(len(p.Unknown) > 0, h.P(p.W("subscribers.imported.unknown"), g.Text(" "), web.Join(p.Unknown, ", ", func(column string) g.Node {
			return h.Span(h.Class("mono"), web.Auto(), g.Text(column))
		}))),
		p.faults(),
		web.Acts(h.A(h.Class("button"), web.Href("/desk/subscribers"), p.W("subscribers.imported.back")), g.Text(" "),
			web.A("/desk/subscribers/import", p.T("subscribers.imported.again"))),
	}
}

func (p *importedPage) counts() g.Node {
	count := func(of string, n int) g.Node { return fact(p.T("subscribers.imported."+of), g.Text(p.Number(n))) }
	return h.Dl(h.Class("facts"), count("added", p.Added), count("asked", p.Asked), count("known", p.Known), count("skipped", p.Skipped), count("errors", len(p.Errors)))
}

// faults names the rows that were not taken.
func (p *importedPage) faults() g.Node {
	if len(p.Shown) == 0 {
		return nil
	}
	text := "subscribers.imported.wrong.text"
	if p.None {
		text = "subscribers.imported.none.text"
	}
	return g.Group{
		h.H2(p.W("subscribers.imported.wrong")), h.P(p.W(text)),
		h.Ul(web.Map(p.Shown, func(f fault) g.Node { return h.Li(web.Auto(), g.Text(f.Line)) })),
		g.If(p.More > 0, h.P(p.W("subscribers.imported.more", "Count", p.More))),
	}
}

// take reads a list and puts its right rows on the list of subscribers. The answer is a page of its own, not a redirection: uploading the same list again does no
// harm, and the faulty rows stand nowhere else.
func (d *Subscribers) take(w http.ResponseWriter, r *http.Request) error {
	v, err := form.Decode(r, importForm)
	if err != nil {
		return err
	}
	if v.Get("consent") == "" {
		v.Set("consent", "ask")
	}
	v.Check()
	view := d.Site.View(r)
	read, err := d.read(v, view.P)
	if err != nil {
		return err
	}
	if !v.OK() {
		return d.Site.Refuse(w, r, v.Show(view.P), func(status int) error { return d.showUpload(w, r, status, v) })
	}
	rows, lines, faults := d.rows(read, view.P)
	who := string(view.Desk.Email)
	fates, err := d.List.Import(r.Context(), who, rows, v.Get("consent") == "recorded")
	if err != nil {
		return err
	}
	out := tell(view.P, read, rows, lines, fates, faults)
	detail := fmt.Sprintf("%s: added %d, asked %d, known %d, skipped %d, errors %d", v.Get("consent"), out.Added, out.Asked, out.Known, out.Skipped, len(out.Errors))
	if err := d.Log.Record(r.Context(), who, "subscribers.import", "subscribers", detail); err != nil {
		return err
	}
	status := http.StatusOK
	if len(fates) == 0 && len(out.Errors) > 0 { // not one row could be taken
		status = http.StatusUnprocessableEntity
	}
	all := len(out.Errors)
	if web.WantsJSON(r) {
		out.Errors = out.Errors[:min(all, importListed)]
		out.More = all - len(out.Errors)
	}
	switch {
	case web.WantsJSON(r) && status != http.StatusOK:
		return d.Site.Problem(w, status, struct {
			Title  string `json:"title"`
			Status int    `json:"status"`
			imported
		}{view.P.T("form.problem"), status, out})
	case web.WantsJSON(r):
		return d.Site.JSON(w, status, out)
	}
	p := &importedPage{View: view, imported: out, Shown: out.Errors[:min(len(out.Errors), importShown)], Unknown: read.Unknown}
	p.Section, p.Title, p.More = "subscribers", p.T("subscribers.imported.title"), len(out.Errors)-len(p.Shown)
	if p.None = status != http.StatusOK; p.None {
		p.Title = p.T("subscribers.imported.none")
	}
	return d.Site.Show(w, status, p)
}

// read opens the file; what is wrong with it as a whole becomes a finding about the field "list".
func (d *Subscribers) read(v *form.Values, p *words.Printer) (*list.List, error) {
	if v.File == nil {
		v.Fail("list", "subscribers.import.nofile")
		return nil, nil
	}
	read, err := list.Format{Def: importForm, Group: "rows", Max: importRows, Value: called}.Read(v.File)
	var unfit *list.Error
	if errors.As(err, &unfit) {
		v.Errors = append(v.Errors, unfit.Finding(p))
		return nil, nil
	}
	return read, err
}

// called knows what lists call a kind, beside its name in the catalogues.
func called(field, cell string) (string, bool) {
	if field != "kind" {
		return "", false
	}
	k, ok := map[string]subscription.Kind{"d-liaison": subscription.DLiaison, "liaison": subscription.DLiaison, "national body": subscription.NMB, "member body": subscription.NMB}[cell]
	return string(k), ok
}

// rows are the right rows, the number of each in the file, and the faults of the others.
func (d *Subscribers) rows(read *list.List, p *words.Printer) (rows []subscription.Row, lines []int, faults []fault) {
	wrong := map[int]bool{}
	shown := (&form.Values{Def: importForm}).Show(p)
	for _, e := range read.Check() {
		wrong[e.N] = true
		faults = append(faults, fault{Row: e.N, Field: e.Field, Message: shown.Text(e.Error), Line: read.Describe(p, e)})
	}
	tomorrow := d.Site.Now().AddDate(0, 0, 1)
	for _, l := range read.Lines {
		if wrong[l.N] {
			continue
		}
		row := rowOf(l.Row)
		if row.Given.After(tomorrow) {
			e := list.Problem{N: l.N, Field: "consent_at", Error: form.Error{Key: "subscribers.import.future"}}
			faults = append(faults, fault{Row: e.N, Field: e.Field, Message: shown.Text(e.Error), Line: read.Describe(p, e)})
			continue
		}
		rows, lines = append(rows, row), append(lines, l.N)
	}
	return rows, lines, faults
}

func rowOf(r form.Row) subscription.Row {
	row := subscription.Row{Email: people.EmailAddress(r.Get("email")), Kind: subscription.Kind(r.Get("kind")), Text: r.Get("consent_text"), Details: subscription.Details{
		Name: r.Get("name"), Organisation: r.Get("organisation"), Country: people.Country(r.Get("country")), Language: people.Language(r.Get("language")),
		Format: subscription.Format(r.Get("format")), Category: people.Category(r.Get("category"))}}
	if row.Kind == "" {
		row.Kind = subscription.Ordinary
	}
	if t := r.Date("consent_at"); !t.IsZero() {
		row.Given = t.In(time.UTC)
	}
	return row
}

// tell counts the fates. A second row of one address is a fault that names the first.
func tell(p *words.Printer, read *list.List, rows []subscription.Row, lines []int, fates []subscription.Fate, faults []fault) imported {
	out := imported{Errors: append([]fault{}, faults...)}
	first := map[string]int{}
	shown := (&form.Values{Def: importForm}).Show(p)
	for i, f := range fates {
		key := rows[i].Email.Key()
		switch f {
		case subscription.FateAdded:
			out.Added++
		case subscription.FateAsked:
			out.Asked++
		case subscription.FateKnown:
			out.Known++
		case subscription.FateSkipped:
			out.Skipped++
		case subscription.FateDuplicate:
			e := list.Problem{N: lines[i], Field: "email", Error: form.Error{Key: "subscribers.import.duplicate", Args: []any{"Row", first[key]}}}
			out.Errors = append(out.Errors, fault{Row: e.N, Field: e.Field, Message: shown.Text(e.Error), Line: read.Describe(p, e)})
		}
		if first[key] == 0 {
			first[key] = lines[i]
		}
	}
	sort.SliceStable(out.Errors, func(i, j int) bool { return out.Errors[i].Row < out.Errors[j].Row })
	return out
}
