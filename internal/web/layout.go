package web

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/people"
)

// layout is what every page has around its content.
func (v *View) layout(content g.Node) g.Node {
	title := v.Title
	if v.Title != v.Name() {
		title += " · " + v.Name()
	}
	return g.Group{g.Raw("<!doctype html>\n"), h.HTML(Lang(v.Lang), h.Dir("ltr"),
		h.Head(
			h.Meta(h.Charset("utf-8")),
			h.TitleEl(g.Text(title)),
			h.Meta(h.Name("viewport"), h.Content("width=device-width, initial-scale=1")),
			h.Meta(h.Name("color-scheme"), h.Content("light dark")),
			h.Link(h.Rel("stylesheet"), Href(v.Static("look.css"))),
			v.Head,
		),
		h.Body(Class(When(v.AtDesk, "desk")),
			g.If(v.FormID != "", h.Button(h.Class("trap"), h.FormAttr(v.FormID), h.Name("action"), h.Value(v.Enter), h.TabIndex("-1"), h.Aria("hidden", "true"))),
			g.Text("\n"), h.A(h.Class("skip"), Href("#main"), v.W("layout.skip")),
			v.masthead(),
			h.Main(h.ID("main"), h.Class("wrap"),
				g.If(v.Notice != "", h.P(h.Class("notice"), h.Role("status"), g.Text(v.Notice))),
				content),
			v.foot(),
			h.Script(h.Src(v.Static("page.js")), h.Defer()),
		))}
}

func (v *View) masthead() g.Node {
	if v.AtDesk {
		return h.Header(h.Class("mast"), h.Div(h.Class("wrap"),
			h.A(h.Class("name"), Href("/desk/"), g.Text(v.Name()), h.Small(v.W("layout.desk"))),
			v.deskNavigation()))
	}
	return h.Header(h.Class("mast"), h.Div(h.Class("wrap"),
		h.A(h.Class("name"), Href(v.At("/")), g.Text(v.Name()), h.Small(g.Text(v.Group()))),
		g.If(!v.Bare, v.navigation(v.Sections(), v.At)),
		h.Nav(h.Class("lang"), h.Aria("label", v.T("layout.language")), h.Ul(Map(v.Languages(), v.languageSwitch)))))
}

// navigation lists sections, whose addresses at completes.
func (v *View) navigation(sections []Section, at func(string) string) g.Node {
	return h.Nav(h.Aria("label", v.T("layout.sections")), h.Ul(Map(sections, func(s Section) g.Node {
		return h.Li(A(at(s.Href), v.T(s.Key), g.If(s.Name == v.Section, h.Aria("current", "page"))))
	})))
}

func (v *View) deskNavigation() g.Node {
	if v.Desk == nil {
		return nil
	}
	return g.Group{
		v.navigation(v.DeskSections(), func(href string) string { return href }),
		h.Form(h.Class("who"), h.Method("post"), Action("/desk/sign-out"),
			h.Span(g.Text(v.Desk.Name+" · "+v.T("layout.role."+string(v.Desk.Role)))), g.Text(" "),
			h.Button(h.Class("quiet"), v.W("layout.signout"))),
	}
}

func (v *View) languageSwitch(l people.Language) g.Node {
	switch name := g.Text(v.SelfName(l)); {
	case l == v.Lang:
		return h.Li(h.Span(Lang(l), h.Aria("current", "true"), name))
	case v.FormID != "":
		return h.Li(h.Button(h.Class("switch"), h.FormAttr(v.FormID), h.Name("action"), h.Value("switch"), FormAction(v.Switch(l)), h.FormNoValidate(), Lang(l), name))
	default:
		return h.Li(h.A(Href(v.Switch(l)), Lang(l), g.Attr("hreflang", string(l)), name))
	}
}

func (v *View) foot() g.Node {
	return h.Footer(h.Div(h.Class("wrap"), h.P(
		v.W("layout.secretariat"), g.Text(" "), v.Secretariat(),
		g.If(!v.AtDesk, g.Group{
			g.Text(" · "), A(v.At("/privacy"), v.T("layout.privacy")),
			g.Text(" · "), A(v.At("/accessibility"), v.T("layout.accessibility"))}))))
}
