package intake

import (
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/survey"
	"liaison/internal/web"
)

// shownRow is a row in words.
type shownRow struct {
	Legend string
	Lines  []form.Line
	State  survey.State // empty on pages that have none
	Index  int
}

// kicker names the survey above a page's title.
func kicker(v *web.View, survey string) g.Node {
	return h.P(h.Class("kicker"), v.W("survey."+survey+".name"))
}

// housekeeping continues the form that v came with.
func housekeeping(v *web.View, of *form.Values) g.Node {
	return v.Housekeeping(web.Housekeeping{Key: of.Key, Stamp: of.Stamp, Trap: of.Trap})
}

// card shows questions and answers.
func card(heading g.Node, lines []form.Line) g.Node {
	return h.Section(h.Class("card"), heading, web.Lines(lines))
}

// card shows a row without what has become of it.
func (s shownRow) card() g.Node { return card(h.H2(h.Class("first"), g.Text(s.Legend)), s.Lines) }

// rows shows rows with what has become of them, below a heading.
func rows(v *web.View, list []shownRow) g.Node {
	return web.Map(list, func(r shownRow) g.Node {
		return h.Section(h.Class("card"), h.ID("row-"+itoa(r.Index)),
			h.H3(g.Text(r.Legend+" "), h.Span(web.Class("state", r.tone()), v.W("survey.row."+string(r.State)))),
			web.Lines(r.Lines))
	})
}

// tone is the class that colours a state.
func (s shownRow) tone() string {
	switch s.State {
	case survey.Accepted:
		return "ok"
	case survey.Rejected:
		return "bad"
	}
	return "wait"
}

// notes says what was not taken from a list as it stood.
func (l *attached) notes(v *web.View) g.Node {
	return g.Group{
		g.If(l.Merged > 0, h.P(v.W("survey.list.merged", "Count", l.Merged))),
		g.If(len(l.Unknown) > 0, h.P(web.Auto(), v.W("survey.list.unknown", "Columns", strings.Join(l.Unknown, ", ")))),
	}
}
