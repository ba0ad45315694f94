package desk

import (
	"net/http"
	"net/url"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/audit"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// Record shows the audit log, a month at a time, newest first.
type Record struct {
	Site *web.Site
	Log  *audit.Log
}

func (d *Record) Routes() []web.Route {
	return []web.Route{web.Get("/desk/audit", d.list).For(programme.Viewer)}
}

type recordPage struct {
	*web.View
	Month          time.Time
	Entries        []audit.Entry
	Next           string
	Earlier, Later string // months as 2027-05
}

// list answers ?month=2027-05 (default this one) and ?cursor=.
func (d *Record) list(w http.ResponseWriter, r *http.Request) error {
	now := d.Site.Now().UTC()
	month, err := time.Parse("2006-01", r.URL.Query().Get("month"))
	if err != nil {
		month = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	entries, next, err := d.Log.Month(r.Context(), month, 100, r.URL.Query().Get("cursor"))
	if err != nil {
		return err
	}
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": entries, "next": next})
	}
	p := &recordPage{View: d.Site.View(r), Month: month, Entries: entries, Next: next, Earlier: month.AddDate(0, -1, 0).Format("2006-01")}
	if later := month.AddDate(0, 1, 0); !later.After(now) {
		p.Later = later.Format("2006-01")
	}
	p.Title, p.Section = p.T("record.title"), "audit"
	return d.Site.Show(w, http.StatusOK, p)
}

// Content implements web.Page.
func (p *recordPage) Content() g.Node {
	return g.Group{
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), p.W("record.lede")),
		h.P(h.Class("acts"), web.A("?month="+p.Earlier, p.T("record.earlier")), g.Text(" "), h.Strong(g.Text(p.Days(p.Month, p.Last()))),
			g.If(p.Later != "", g.Group{g.Text(" "), web.A("?month="+p.Later, p.T("record.later"))})),
		p.table(),
	}
}

func (p *recordPage) table() g.Node {
	if len(p.Entries) == 0 {
		return h.P(p.W("record.empty"))
	}
	when, who, act, subject, detail := p.T("record.when"), p.T("record.who"), p.T("record.act"), p.T("record.subject"), p.T("record.detail")
	return g.Group{
		web.Table([]g.Node{web.Col(when), web.Col(who), web.Col(act), web.Col(subject), web.Col(detail)}, web.Map(p.Entries, func(e audit.Entry) g.Node {
			by := e.Who
			if by == "programme" {
				by = p.T("record.programme")
			}
			return h.Tr(web.Cell(when, h.Time(h.DateTime(p.ISO(e.At)), g.Text(p.DateTime(e.At)))), web.Cell(who, g.Text(by)), web.Cell(act, g.Text(p.ActName(e.Act))),
				web.Cell(subject, h.Class("mono"), g.Text(e.Subject)), web.Cell(detail, web.Auto(), g.Text(p.Plain(e.Detail))))
		})),
		g.If(p.Next != "", h.P(web.A("?month="+p.Month.Format("2006-01")+"&cursor="+url.QueryEscape(p.Next), p.T("record.more")))),
	}
}

// Last is the month's last day.
func (p *recordPage) Last() time.Time { return p.Month.AddDate(0, 1, -1) }

// Plain is a detail as people read it: a moment, which the record keeps in UTC, in the programme's own zone.
func (p *recordPage) Plain(detail string) string {
	if t, err := time.Parse(time.RFC3339, detail); err == nil {
		return p.DateTime(t)
	}
	return detail
}

// ActName words an act where the catalogue knows it, else shows its stable verb.
func (p *recordPage) ActName(act string) string {
	if key := "record.act." + act; p.P.Has(key) {
		return p.T(key)
	}
	return act
}
