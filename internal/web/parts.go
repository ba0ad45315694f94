package web

import (
	"html"
	"io"
	"net/http"
	"strconv"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
)

// Field shows a field, ready worded.
func Field(f form.FieldView) g.Node {
	switch f.Kind {
	case form.Hidden:
		return Hidden(f.Name, f.Value)
	case form.Choice, form.Checks:
		return picks(f)
	case form.Consent:
		return consent(f)
	}
	return h.Div(Class("field", "kind-"+string(f.Kind), When(f.Error != "", "wrong")),
		h.Label(h.For(f.ID), label(f)), g.Text("\n"), hint(f), fault(f), control(f))
}

// Fields shows several.
func Fields(list []form.FieldView) g.Node { return Map(list, Field) }

// Named shows the fields of these names.
func Named(v *form.View, names ...string) g.Node {
	return Map(names, func(name string) g.Node { return Field(v.Field(name)) })
}

func label(f form.FieldView) g.Node {
	return g.Group{g.Text(f.Label), g.If(f.OptionalNote != "", g.Group{g.Text(" "), h.Span(h.Class("opt"), g.Text(f.OptionalNote))})}
}

func hint(f form.FieldView) g.Node {
	return g.If(f.Hint != "", h.P(h.Class("hint"), h.ID(f.ID+"-hint"), g.Text(f.Hint)))
}

func fault(f form.FieldView) g.Node {
	return g.If(f.Error != "", h.P(h.Class("error"), h.ID(f.ID+"-error"), g.Text(f.Error)))
}

// describe names hint and error of a control to those who cannot see where they stand.
func describe(f form.FieldView) g.Node {
	return Described(When(f.Hint != "", f.ID+"-hint"), When(f.Error != "", f.ID+"-error"))
}

// Described are the attributes of a control with a hint and an error of these ids, each empty where there is none.
func Described(hint, fault string) g.Node {
	if hint == "" && fault == "" {
		return nil
	}
	return g.Group{describedBy(hint, fault), g.If(fault != "", h.Aria("invalid", "true"))}
}

func describedBy(hint, fault string) g.Node {
	by := hint + When(hint != "" && fault != "", " ") + fault
	return g.If(by != "", h.Aria("describedby", by))
}

func control(f form.FieldView) g.Node {
	common := g.Group{h.ID(f.ID), h.Name(f.Name), g.If(f.Focus, h.AutoFocus()), describe(f)}
	complete := g.If(f.Autocomplete != "", h.AutoComplete(f.Autocomplete))
	switch {
	case f.Kind == form.Area:
		return h.Textarea(common, Auto(), h.Rows("4"), g.Text(f.Value))
	case f.Kind == form.Select, f.Kind == form.Country && f.List == "", f.Kind == form.Language && len(f.Options) > 0:
		return h.Select(common, complete, options([]form.Option{{}}), options(f.Options))
	}
	return h.Input(h.Type(f.Type), common, h.Value(f.Value), g.If(f.Kind == form.Text, Auto()), complete,
		g.If(f.InputMode != "", g.Attr("inputmode", f.InputMode)), g.If(f.List != "", h.List(f.List)))
}

// options writes the choices of a list to select from. Countries are 249: a node for each part of each would cost more than all else on
// a page.
func options(list []form.Option) g.Node {
	return g.NodeFunc(func(w io.Writer) error {
		for _, o := range list {
			for _, part := range [...]string{`<option value="`, html.EscapeString(o.Value), `"`, When(o.On, " selected"), `>`, html.EscapeString(o.Label), `</option>`} {
				if _, err := io.WriteString(w, part); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func picks(f form.FieldView) g.Node {
	kind := "checkbox"
	if f.Kind == form.Choice {
		kind = "radio"
	}
	return h.FieldSet(Class("field", When(f.Error != "", "wrong")), describedBy(When(f.Hint != "", f.ID+"-hint"), When(f.Error != "", f.ID+"-error")),
		Legend(f), hint(f), fault(f), Picks(f.Options, kind, f.Name))
}

// Legend words a question that is answered by picks.
func Legend(f form.FieldView) g.Node { return h.Legend(label(f)) }

// Picks are boxes of a kind, checkbox or radio, each with its words.
func Picks(list []form.Option, kind, name string) g.Node {
	return h.Div(h.Class("picks"), Map(list, func(o form.Option) g.Node {
		return h.Label(h.Class("pick"), h.For(o.ID),
			h.Input(h.Type(kind), h.ID(o.ID), h.Name(name), h.Value(o.Value), g.If(o.On, h.Checked())), g.Text(" "+o.Label))
	}))
}

func consent(f form.FieldView) g.Node {
	return h.Div(Class("field", When(f.Error != "", "wrong")), fault(f),
		h.Label(h.Class("pick"), h.For(f.ID),
			h.Input(h.Type("checkbox"), h.ID(f.ID), h.Name(f.Name), h.Value("yes"), g.If(f.Value != "", h.Checked()), Described("", When(f.Error != "", f.ID+"-error"))),
			g.Text(" "), h.Span(label(f))),
		hint(f))
}

// Group shows a repeated group with its buttons.
func Group(v form.GroupView) g.Node {
	return h.Div(h.ID(v.ID), h.Class("group"), g.If(v.Error != "", h.P(h.Class("error"), g.Text(v.Error))),
		Map(v.Rows, func(r form.RowView) g.Node {
			return h.FieldSet(h.Class("row"), h.ID(r.ID), h.Legend(g.Text(r.Legend)), h.Div(h.Class("pair"), Fields(r.Fields)),
				g.If(len(r.More) > 0, h.Details(h.Class("more"), g.If(r.MoreOpen, g.Attr("open")), h.Summary(g.Text(r.MoreLabel)), h.Div(h.Class("pair"), Fields(r.More)))),
				g.If(len(v.Rows) > 1, h.Button(h.Class("quiet"), h.Name("action"), h.Value(r.RemoveAction), h.FormNoValidate(), g.Text(r.Remove))))
		}),
		g.If(!v.Full, h.Button(h.Class("plain"), h.Name("action"), h.Value(v.AddAction), h.FormNoValidate(), g.Text(v.Add))))
}

// Countries are suggestions for the fields in rows that ask for a country, once a page.
func Countries(v *form.View) g.Node {
	var list []form.Option
	for _, name := range v.Countries() {
		list = append(list, form.Option{Value: name})
	}
	return h.DataList(h.ID(form.CountryList), options(list))
}

// Summary lists what is wrong with a form, above it, with links to the fields.
func (v *View) Summary(findings []form.Finding) g.Node {
	if len(findings) == 0 {
		return nil
	}
	return v.Alert("form.problem", h.Ul(Map(findings, func(f form.Finding) g.Node { return h.Li(A(f.Href, f.Text)) })))
}

// Alert is the frame that takes the focus when a page opens; title is a message key.
func (v *View) Alert(title string, content ...g.Node) g.Node {
	return h.Div(h.Class("summary"), h.Role("alert"), h.TabIndex("-1"), h.ID("summary"), h.AutoFocus(), h.H2(v.W(title)), g.Group(content))
}

// Housekeeping is what every form carries; a form that begins here has the zero value.
type Housekeeping struct {
	Key   string // of a form that continues another; empty: a new one
	Stamp string // when it was first shown; empty: now
	Trap  string // what stood in the field that people do not see
}

// Housekeeping shows the hidden part of a form.
func (v *View) Housekeeping(of Housekeeping) g.Node {
	if of.Key == "" {
		of.Key = v.NewKey()
	}
	if of.Stamp == "" {
		of.Stamp = v.Stamp()
	}
	const trap = "homepage_2"
	return g.Group{
		Hidden("form_key", of.Key),
		Hidden("form_stamp", of.Stamp),
		h.Div(h.Class("trap"), h.Aria("hidden", "true"), h.Label(h.For(trap), v.W("form.trap")),
			h.Input(h.ID(trap), h.Name(trap), h.TabIndex("-1"), h.AutoComplete("off"), g.If(of.Trap != "", h.Value(of.Trap)))),
	}
}

// Once is the hidden field by which a form that is sent twice counts once.
func (v *View) Once() g.Node { return Hidden("form_key", v.NewKey()) }

// Hidden is a field that people do not see.
func Hidden(name, value string) g.Node {
	return h.Input(h.Type("hidden"), h.Name(name), h.Value(value))
}

// PostForm is a form that begins here and is sent to action.
func (v *View) PostForm(action string, content ...g.Node) g.Node {
	return h.Form(h.Method("post"), Action(action), v.Housekeeping(Housekeeping{}), g.Group(content))
}

// Acts are buttons and links in a row.
func Acts(list ...g.Node) g.Node { return h.Div(h.Class("acts"), g.Group(list)) }

// NoValidate leaves it to us to say what is wrong with a form, in the page's language.
func NoValidate() g.Node { return g.Attr("novalidate") }

// Lines shows questions and answers in words.
func Lines(lines []form.Line) g.Node {
	return h.Dl(h.Class("lines"), Map(lines, func(l form.Line) g.Node {
		return h.Div(h.Dt(g.Text(l.Label)), h.Dd(Auto(), Class(When(l.Empty, "opt")), g.Text(l.Value)))
	}))
}

// Facts lists names and values.
func Facts(list ...g.Node) g.Node { return h.Dl(h.Class("lines"), g.Group(list)) }

// Fact is one of Facts; nothing where the value is empty.
func Fact(name, value string, attrs ...g.Node) g.Node {
	if value == "" {
		return nil
	}
	return h.Div(h.Dt(g.Text(name)), h.Dd(g.Group(attrs), g.Text(value)))
}

// FactLink is a Fact that leads elsewhere.
func FactLink(name, address, text string, attrs ...g.Node) g.Node {
	if address == "" {
		return nil
	}
	return h.Div(h.Dt(g.Text(name)), h.Dd(A(address, text, attrs...)))
}

// Secretariat is the address that answers questions.
func (v *View) Secretariat() g.Node {
	return MailTo(v.Site.Programme.ReplyTo)
}

// Renewal offers a new link in place of one that is too old: the form that asks for it, and what helps where the address has changed.
func (v *View) Renewal(action string) g.Node {
	return g.Group{
		v.PostForm(v.At(action)+v.Query, Acts(h.Button(v.W("presenter.old.button")))),
		v.Moved(),
	}
}

// Moved says whom to ask when the address on record has changed.
func (v *View) Moved() g.Node {
	return h.P(h.Class("soft"), v.W("presenter.old.moved"), g.Text(" "), v.Secretariat())
}

type renewedPage struct{ *View }

// Renewed is the page after Renewal; the same whether or not an address was known.
func (s *Site) Renewed(w http.ResponseWriter, r *http.Request) error {
	p := &renewedPage{s.View(r)}
	p.Title, p.Bare = p.T("presenter.renewed.title"), true
	return s.Show(w, http.StatusOK, p)
}

// Content implements Page.
func (p *renewedPage) Content() g.Node {
	return g.Group{h.H1(g.Text(p.Title)), h.P(h.Class("lede"), p.W("presenter.renewed.text")), h.P(p.W("presenter.renewed.more"), g.Text(" "), p.Secretariat())}
}

// Differences shows two versions of a form, when somebody was faster.
func (v *View) Differences(list []form.Difference) g.Node {
	if len(list) == 0 {
		return nil
	}
	there, yours := v.T("form.changed.there"), v.T("form.changed.yours")
	return v.Alert("form.changed", h.P(v.W("form.changed.more")),
		Table([]g.Node{Col(v.T("form.changed.question")), Col(there), Col(yours)}, Map(list, func(d form.Difference) g.Node {
			return h.Tr(RowHead(g.Text(d.Label)), Cell(there, Auto(), g.Text(d.There)), Cell(yours, Auto(), g.Text(d.Yours)))
		})))
}

// Table is a table whose rows become cards on a narrow screen: each Cell repeats its column's name for them.
func Table(head []g.Node, rows ...g.Node) g.Node {
	return h.Div(h.Class("scroll"), h.Table(h.Class("stack"), h.THead(h.Tr(g.Group(head))), h.TBody(rows...)))
}

// Col heads a column.
func Col(name string, attrs ...g.Node) g.Node {
	return h.Th(h.Scope("col"), g.Group(attrs), g.Text(name))
}

// RowHead heads a row.
func RowHead(content ...g.Node) g.Node { return h.Th(h.Scope("row"), g.Group(content)) }

// Cell is a cell of the column of that name.
func Cell(column string, content ...g.Node) g.Node {
	return h.Td(h.Data("l", column), g.Group(content))
}

// FileInput asks for a file of the name "list", below the label for "f-list"; the script of the page says in time that one is too large.
func (v *View) FileInput(attrs ...g.Node) g.Node {
	return h.Input(h.Type("file"), h.ID("f-list"), h.Name("list"), h.Data("most", strconv.Itoa(v.FileMost())), h.Data("large", v.FileLarge()), g.Group(attrs))
}
