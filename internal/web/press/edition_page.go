package press

import (
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/newsletter"
	"liaison/internal/web"
	"liaison/internal/web/issue"
)

func (p *editionPage) address() string { return issue.EditionAddress(p.Issue.Number, p.In) }

// Content implements web.Page.
func (p *editionPage) Content() g.Node {
	return g.Group{
		h.P(h.Class("kicker"), web.A("/desk/issues", p.T("issues.title")), g.Text(" · "),
			web.A(issue.Address(p.Issue.Number), p.T("issues.kicker."+string(p.Issue.Kind), "Number", p.Issue.Number)+" · "+p.Issue.Title)),
		h.H1(g.Text(p.Title)),
		h.P(h.Class("lede"), g.Text(p.standing())),
		p.stale(),
		g.If(p.Old != 0, h.P(h.Class("notice"), p.W("issues.edition.old", "Version", p.Old))),
		p.Summary(p.Form.Findings()),
		h.Div(h.Class("halves"),
			h.Div(p.editor(), p.translation(), p.versions()),
			h.Div(p.look())),
	}
}

// standing says what there is of the edition.
func (p *editionPage) standing() string {
	switch {
	case p.Issue.Started():
		return p.T("issues.edition.frozen")
	case p.Current != nil:
		return p.T("issues.edition.current", "Version", p.Current.Version, "Who", p.Current.By, "Time", p.DateTime(p.Current.UpdatedAt))
	}
	return p.T("issues.edition.new")
}

// stale shows what somebody else saved meanwhile.
func (p *editionPage) stale() g.Node {
	if p.Theirs == nil {
		return nil
	}
	return p.Alert("issues.stale.title", h.P(p.W("issues.stale.text", "Who", p.Theirs.By, "Time", p.DateTime(p.Theirs.UpdatedAt))),
		fold(p.T("issues.stale.theirs"), h.H3(web.Lang(p.In), web.Auto(), g.Text(p.Theirs.Title)), source(p.Theirs)))
}

// source is an edition as its author wrote it.
func source(e *newsletter.Edition) g.Node {
	return h.Pre(web.Lang(e.Language), web.Auto(), g.Text(e.Body))
}

// fold opens when its summary is pressed.
func fold(summary string, content ...g.Node) g.Node {
	return h.Details(h.Class("fold"), h.Summary(g.Text(summary)), g.Group(content))
}

// editor is the form, or the text alone to whoever may not write now.
func (p *editionPage) editor() g.Node {
	switch {
	case p.May:
		return g.Group{
			h.Form(h.Method("post"), web.Action(p.address()), web.NoValidate(), h.Class("write"), p.Housekeeping(web.Housekeeping{}),
				web.Hidden("version", p.Form.Field("version").Value),
				h.Div(web.Lang(p.In), web.Named(p.Form, "title", "body")),
				web.Acts(h.Button(p.W("issues.edition.save")))),
			fold(p.T("issues.help.title"), h.Dl(h.Class("lines"), web.Map(marks, func(k string) g.Node {
				return h.Div(h.Dt(h.Code(p.W("issues.help."+k+".type"))), h.Dd(p.W("issues.help."+k)))
			}))),
		}
	case p.Current != nil:
		return g.Group{h.H2(web.Lang(p.In), web.Auto(), g.Text(p.Current.Title)), source(p.Current)}
	}
	return nil
}

// marks that the editor explains.
var marks = []string{"paragraph", "heading", "bold", "link", "list", "quote", "table", "html"}

// translation is the default edition, beside the one that is made of it.
func (p *editionPage) translation() g.Node {
	if p.Source == nil || !p.May {
		return nil
	}
	return fold(p.T("issues.edition.source", "Language", p.Language(p.Source.Language)),
		h.H3(web.Lang(p.Source.Language), web.Auto(), g.Text(p.Source.Title)), source(p.Source))
}

func (p *editionPage) versions() g.Node {
	if len(p.History) < 2 {
		return nil
	}
	return fold(p.T("issues.edition.history", "Count", len(p.History)), h.Ul(h.Class("plain-list"), web.Map(p.History, func(e *newsletter.Edition) g.Node {
		return h.Li(web.A(p.address()+"?version="+strconv.FormatInt(e.Version, 10), p.T("issues.edition.version", "Version", e.Version)), g.Text(" "),
			h.Span(h.Class("soft"), g.Text(p.DateTime(e.UpdatedAt)+" · "+e.By)))
	})))
}

// look is the edition as its readers get it.
func (p *editionPage) look() g.Node {
	if p.Current == nil {
		return h.P(h.Class("note"), p.W("issues.look.none"))
	}
	letter, text := h.Strong(p.W("issues.look.letter")), web.A(p.address()+"?look=text", p.T("issues.look.text"))
	shown := h.IFrame(h.Class("letter"), h.Src(p.address()+"/letter"), h.Title(p.T("issues.look.frame", "Language", p.Language(p.In))), web.Lang(p.In))
	if p.Look == "text" {
		letter, text = web.A(p.address(), p.T("issues.look.letter")), h.Strong(p.W("issues.look.text"))
		shown = h.Pre(h.Class("letter"), web.Lang(p.In), web.Auto(), g.Text(p.Preview))
	}
	return g.Group{
		h.H2(p.W("issues.look.title")),
		h.P(h.Span(h.Class("soft"), p.W("issues.look.subject")), g.Text(" "), h.Strong(web.Auto(), g.Text(p.Subject))),
		h.P(letter, g.Text(" · "), text, g.Text(" · "), web.A(p.address()+"/letter?format=pdf", p.T("issues.look.cover")), g.Text(" · "),
			web.A(p.address()+"/paper.pdf", p.T("issues.look.paper"))),
		shown,
	}
}
