package intake

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

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
	Open   bool
	Closes string
	You    []form.Line
	Rows   []shownRow
	Next   int // index to go on from; 0 at the end
	Prev   bool
}

// open finds the answer that the request's link is about. One whose time has passed gives the answer and link.ErrExpired.
func (p *Pages) open(r *http.Request) (*survey.Answer, string, error) {
	token := r.URL.Query().Get("link")
	c, expired := p.Site.Links.Open(link.Answer, token)
	if expired != nil && !errors.Is(expired, link.ErrExpired) {
		return nil, "", expired
	}
	a, err := p.Surveys.Answer(r.Context(), c.Subject)
	return a, token, cmp.Or(err, expired)
}

// receipt shows an answer to whoever has its link; with change=1 the form that changes it.
func (p *Pages) receipt(w http.ResponseWriter, r *http.Request) error {
	a, token, err := p.open(r)
	if errors.Is(err, link.ErrExpired) && a != nil && !web.WantsJSON(r) {
		return p.old(w, r, a)
	}
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
	page := &receiptPage{View: p.Site.View(r), Name: a.Survey, A: a, Link: token, Open: p.isOpen(a.Survey), Next: next, Prev: from > 0}
	page.Section, page.Closes = "surveys", page.DateTime(p.window(a.Survey).Closes)
	page.Title = page.T("survey.receipt.again")
	switch {
	case r.URL.Query().Has("new"):
		page.Title = page.T("survey.receipt.title")
	case r.URL.Query().Has("changed"):
		page.Notice = page.T("survey.edit.done")
	}
	page.Rows, page.You = p.words(page.View, a, rows), p.you(page.View, a)
	return p.Site.Show(w, http.StatusOK, page)
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

// Content implements web.Page.
func (p *receiptPage) Content() g.Node {
	return g.Group{
		kicker(p.View, p.Name),
		h.H1(g.Text(p.Title)),
		p.facts(),
		p.next(),
		p.rows(),
		card(h.H3(p.W("survey.you")), p.You),
		h.P(p.W("survey.thanks")),
	}
}

func (p *receiptPage) facts() g.Node {
	fact := func(name string, value g.Node, more string) g.Node {
		return h.Div(h.Dt(p.W("survey.receipt."+name)), h.Dd(web.Class("words", more), value))
	}
	at := func(t time.Time) g.Node { return h.Time(h.DateTime(p.ISO(t)), g.Text(p.DateTime(t))) }
	return h.Dl(h.Class("facts"),
		fact("reference", g.Text(p.A.Reference), "mono"),
		fact("sent", at(p.A.Received), ""),
		g.If(p.A.Revision > 1, fact("changed", at(p.A.Changed), "")),
		fact("what", p.W("survey."+p.Name+".rows", "Count", p.A.Standing()), ""))
}

// next says what becomes of the answer, and until when it can be changed.
func (p *receiptPage) next() g.Node {
	kept := p.T("survey.receipt.keep")
	if p.A.Respondent.Email != "" && p.A.Quarantine == "" {
		kept = p.T("survey.receipt.mailed", "Address", p.A.Respondent.Email.Masked())
	}
	until := "survey.receipt.over"
	if p.Open {
		until = "survey.receipt.until"
	}
	secretariat := p.Site.Programme.ReplyTo
	return g.Group{
		h.P(g.Text(kept)),
		h.H2(p.W("survey.receipt.next")),
		h.P(p.W("survey." + p.Name + ".next")),
		h.P(g.Text(p.T(until, "Date", p.Closes)+" "+p.T("survey.receipt.contact")+" "), web.A(web.Mailbox(secretariat)+"?subject="+url.PathEscape(p.A.Reference), string(secretariat))),
		g.If(p.Open, h.P(h.Class("acts"), web.A(p.address()+"&change=1", p.T("survey.receipt.change"), h.Class("button plain")))),
	}
}

// address is this page's own.
func (p *receiptPage) address() string {
	return p.At("/surveys/answers?link=" + url.QueryEscape(p.Link))
}

// rows are what was sent, a page at a time.
func (p *receiptPage) rows() g.Node {
	return g.Group{
		h.H2(p.W("survey.receipt.what")),
		p.span(),
		rows(p.View, p.Rows),
		g.If(p.Prev || p.Next > 0, h.P(h.Class("acts"),
			g.If(p.Prev, web.A(p.address(), p.T("survey.receipt.earlier"))), g.Text(" "),
			g.If(p.Next > 0, web.A(p.address()+"&from="+itoa(p.Next), p.T("survey.receipt.more"))))),
	}
}

// span names the rows on the page by their numbers, from 1, where they are not all.
func (p *receiptPage) span() g.Node {
	if len(p.Rows) == 0 || p.Next == 0 && !p.Prev {
		return nil
	}
	return h.P(h.Class("soft"), p.W("survey.receipt.span", "From", p.Rows[0].Index+1, "To", p.Rows[len(p.Rows)-1].Index+1, "Of", p.A.Rows()))
}
