package intake

import (
	"encoding/json"
	"net/http"
	"strconv"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// perPage is how many rows of an answer a page shows.
const perPage = 50

type receiptPage struct {
	*web.View
	Name   string
	A      *survey.Answer
	Link   string
	New    bool // straight after sending
	Open   bool
	Closes string
	You    []form.Line
	Rows   []shownRow
	From   int // number of the first row shown, from 1
	To     int
	Next   int // index to go on from; 0 at the end
	Prev   bool
}

// open finds the answer that the request's link is about.
func (p *Pages) open(r *http.Request) (*survey.Answer, string, error) {
	token := r.URL.Query().Get("link")
	c, err := p.Site.Links.Open(link.Answer, token)
	if err != nil {
		return nil, "", err
	}
	a, err := p.Surveys.Answer(r.Context(), c.Subject)
	return a, token, err
}

// receipt shows an answer to whoever has its link; with change=1 the form that changes it.
func (p *Pages) receipt(w http.ResponseWriter, r *http.Request) error {
	a, token, err := p.open(r)
	if err != nil {
		return err
	}
	if r.URL.Query().Has("change") && p.isOpen(a.Survey) && !web.WantsJSON(r) {
		return p.showChange(w, r, a, token)
	}
	from, _ := strconv.Atoi(r.URL.Query().Get("from"))
	rows, next, err := p.Surveys.Page(r.Context(), a, min(max(from, 0), a.Rows()), perPage)
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return p.receiptJSON(w, a, rows, next)
	}
	page := &receiptPage{View: p.Site.View(r), Name: a.Survey, A: a, Link: token, New: r.URL.Query().Has("new"), Open: p.isOpen(a.Survey), Next: next, Prev: from > 0}
	page.Section, page.Closes = "surveys", page.DateTime(p.window(a.Survey).Closes)
	page.Title = page.T("survey.receipt.again")
	switch {
	case page.New:
		page.Title = page.T("survey.receipt.title")
	case r.URL.Query().Has("changed"):
		page.Notice = page.T("survey.edit.done")
	}
	page.Rows, page.You = p.words(page.View, a, rows), p.you(page.View, a)
	return pages.Render(p.Site, w, http.StatusOK, "receipt", page)
}

// words puts rows of an answer into words.
func (p *Pages) words(v *web.View, a *survey.Answer, rows []survey.Row) []shownRow {
	entries := make([]survey.Entry, len(rows))
	for i, r := range rows {
		entries[i] = r.Entry
	}
	out := make([]shownRow, len(rows))
	for i, lines := range linesOf(p.Site.Programme, a.Survey, entries, v.P) {
		out[i] = shownRow{Legend: definition(p.Site.Programme, a.Survey).Word(v.P, groupOf(a.Survey)+".one", "N", rows[i].Index+1),
			Lines: lines, State: rows[i].State, Index: rows[i].Index}
	}
	return out
}

// you is the respondent in words.
func (p *Pages) you(v *web.View, a *survey.Answer) []form.Line {
	values := form.New(definition(p.Site.Programme, a.Survey), 0)
	setRespondent(values, a.Respondent)
	return given(respondent(showIn(p.Site.Programme, values, v.P)))
}

func (p *Pages) receiptJSON(w http.ResponseWriter, a *survey.Answer, rows []survey.Row, next int) error {
	items := []map[string]any{}
	for _, r := range rows {
		item, err := rowJSON(&r)
		if err != nil {
			return err
		}
		items = append(items, item)
	}
	window := p.window(a.Survey)
	out := map[string]any{"reference": a.Reference, "survey": a.Survey, "version": a.Revision, "open": p.isOpen(a.Survey), "closes": window.Closes, "received": a.Received,
		"respondent": a.Respondent, "rows": items}
	if next > 0 {
		out["next"] = next
	}
	return p.Site.JSON(w, http.StatusOK, out)
}

// rowJSON is a row with its fields beside its index and state.
func rowJSON(r *survey.Row) (map[string]any, error) {
	data, err := json.Marshal(r.Entry)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	if err := json.Unmarshal(data, &out); err != nil {
		return nil, err
	}
	out["row"], out["state"] = r.Index, r.State
	return out, nil
}

// Tone is the class that colours a state.
func (s shownRow) Tone() string {
	switch s.State {
	case survey.Accepted:
		return "ok"
	case survey.Rejected:
		return "bad"
	}
	return "wait"
}

// Numbers of the rows on the page, from 1.
func (p *receiptPage) Span() string {
	if len(p.Rows) == 0 || p.Next == 0 && !p.Prev {
		return ""
	}
	return p.T("survey.receipt.span", "From", p.Rows[0].Index+1, "To", p.Rows[len(p.Rows)-1].Index+1, "Of", p.A.Rows())
}

// Count is the number of rows in words: "3 organisations".
func (p *receiptPage) Count() string {
	return p.T("survey."+p.Name+".rows", "Count", p.A.Standing())
}
