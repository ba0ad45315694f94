package intake

import (
	"net/http"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/survey"
	"liaison/internal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

// preview is how many rows of a list the check page shows.
const preview = 5

type checkPage struct {
	*web.View
	Name     string
	V        *form.Values
	Pairs    []form.Pair
	You      []form.Line
	Rows     []shownRow
	List     *attached
	ListRows []shownRow
	Heading  string
	Lede     string
	Send     string
}

// checkAnswers shows what would be sent, before it is.
func (p *Pages) checkAnswers(w http.ResponseWriter, r *http.Request, f *filled) error {
	f.check()
	if !f.v.OK() {
		return p.refuse(w, r, f)
	}
	if err := p.hold(r.Context(), f); err != nil {
		return err
	}
	page := p.checking(r, f)
	page.Title, page.Lede, page.Send = page.T("survey.check.title"), page.T("survey.check.lede"), page.T("survey.check.send")
	page.Heading = page.Title
	return p.Site.Show(w, http.StatusOK, page)
}

// reused answers a key that came before with another content: what was sent now is shown, and can go as an answer of its own.
func (p *Pages) reused(w http.ResponseWriter, r *http.Request, f *filled, e *survey.Reused) error {
	if web.WantsJSON(r) {
		return &web.Error{Status: http.StatusConflict, Key: "survey.key", Args: []any{"Reference", e.Reference}, Err: e}
	}
	if err := p.hold(r.Context(), f); err != nil {
		return err
	}
	f.v.Key = p.Site.NewID()
	page := p.checking(r, f)
	page.Heading, page.Lede, page.Send = page.T("survey.key"), page.T("survey.key.more", "Reference", e.Reference), page.T("survey.key.send")
	page.Title = page.T("form.title.error", "Title", page.Heading)
	return p.Site.Show(w, http.StatusConflict, page)
}

func (p *Pages) checking(r *http.Request, f *filled) *checkPage {
	page := &checkPage{View: p.Site.View(r), Name: f.name, V: f.v, Pairs: f.v.Pairs(), List: f.list}
	page.Section, page.FormID, page.Enter, page.Path, page.Query = "surveys", "survey", "submit", "/surveys/"+f.name, ""
	shown := showIn(p.Site.Programme, f.v, page.P)
	page.You = respondent(shown)
	for i := range f.v.Filled(f.group()) {
		page.Rows = append(page.Rows, shownRow{Legend: f.def.Word(page.P, f.group()+".one", "N", i+1), Lines: shown.Lines(f.group(), i)})
	}
	if f.list != nil {
		first := f.list.Rows[:min(preview, len(f.list.Rows))]
		for i, lines := range linesOf(p.Site.Programme, f.name, entriesOf(f.name, first), page.P) {
			page.ListRows = append(page.ListRows, shownRow{Legend: page.T("survey.receipt.row", "N", f.list.Lines[i]), Lines: lines})
		}
	}
	return page
}

// respondent is the lines about the person.
func respondent(s *form.View) []form.Line {
	var out []form.Line
	for _, l := range s.Lines("", 0) {
		if l.Href != "#f-withdraw" {
			out = append(out, l)
		}
	}
	return out
}

// Content implements web.Page.
func (p *checkPage) Content() g.Node {
	return g.Group{
		kicker(p.View, p.Name),
		h.H1(g.Text(p.Heading)),
		h.P(h.Class("lede"), g.Text(p.Lede)),
		p.form(),
	}
}

// form carries what was typed, shows it in words, and sends it.
func (p *checkPage) form() g.Node {
	return h.Form(h.ID("survey"), h.Method("post"), web.Action(p.At(p.Path)), web.NoValidate(), housekeeping(p.View, p.V),
		web.Map(p.Pairs, func(f form.Pair) g.Node { return web.Hidden(f.Name, f.Value) }),
		web.Map(p.Rows, shownRow.card),
		p.list(),
		card(h.H2(h.Class("first"), p.W("survey.you")), p.You),
		g.If(p.V.Get("respondent.email") == "", h.P(h.Class("note"), p.W("survey.check.noreceipt"))),
		web.Acts(
			h.Button(h.Name("action"), h.Value("submit"), g.Text(p.Send)), g.Text(" "),
			h.Button(h.Class("plain"), h.Name("action"), h.Value("change"), p.W("survey.check.change"))))
}

// list is the beginning of the list that goes along.
func (p *checkPage) list() g.Node {
	if p.List == nil {
		return nil
	}
	return h.Section(h.Class("card"),
		h.H2(h.Class("first"), web.Auto(), p.W("survey.check.from", "Name", p.List.Name, "Count", len(p.List.Rows))),
		p.List.notes(p.View),
		g.If(len(p.ListRows) > 0, h.P(h.Class("soft"), p.W("survey.check.preview", "Count", len(p.ListRows)))),
		web.Map(p.ListRows, func(r shownRow) g.Node { return g.Group{h.H3(g.Text(r.Legend)), web.Lines(r.Lines)} }))
}
