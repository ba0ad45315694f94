package intake

import (
	"net/http"
	"strconv"
	"strings"

	"liaison/internal/form"
	"liaison/internal/survey"
	"liaison/internal/web"
)

func itoa(n int) string { return strconv.Itoa(n) }

// preview is how many rows of a list the check page shows.
const preview = 5

type checkPage struct {
	*web.View
	Name      string
	V         *form.Values
	Pairs     []form.Pair
	You       []form.Line
	Rows      []shownRow
	List      *attached
	ListRows  []shownRow
	Reference string // of the answer that the key led to before
	Heading   string
	Lede      string
	Send      string
}

// shownRow is a row in words.
type shownRow struct {
	Legend string
	Lines  []form.Line
	State  survey.State // empty on pages that have none
	Index  int
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
	return pages.Render(p.Site, w, http.StatusOK, "check", page)
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
	return pages.Render(p.Site, w, http.StatusConflict, "check", page)
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

// Join lists names.
func (p *checkPage) Join(names []string) string { return strings.Join(names, ", ") }
