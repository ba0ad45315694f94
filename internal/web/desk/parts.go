package desk

import (
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/web"
)

// kicker is the line above a page's heading: where the page belongs, and what else there is to say of it.
func kicker(address, text string, more ...g.Node) g.Node {
	return h.P(h.Class("kicker"), web.A(address, text), g.Group(more))
}

// badge is the state of something in a word, in the colour of its mood: ok, wait, bad, or none.
func badge(mood, word string) g.Node {
	return h.Span(web.Class("state", mood), g.Text(word))
}

// fact is one of a row of facts: a name and a number or few words.
func fact(name string, value ...g.Node) g.Node {
	return h.Div(h.Dt(g.Text(name)), h.Dd(value...))
}

// chooser narrows a list: a select of this name whose first option leaves nothing out.
func chooser[T ~string](name, label, everything string, options []T, chosen T, called func(T) string, attrs ...g.Node) g.Node {
	return g.Group{h.Label(h.For(name), g.Text(label)), h.Select(h.ID(name), h.Name(name), g.Group(attrs), h.Option(h.Value(""), g.Text(everything)),
		web.Map(options, func(o T) g.Node {
			return h.Option(h.Value(string(o)), g.If(o == chosen, h.Selected()), g.Text(called(o)))
		}))}
}

// abreast keeps a label and its control in one line where a row of acts wraps.
func abreast(parts ...g.Node) g.Node { return h.Span(h.Class("abreast"), g.Group(parts)) }

// listFile asks for a list of people.
func listFile(v *web.View, label, hint string) g.Node {
	return g.Group{h.Label(h.For("f-list"), g.Text(label)), h.P(h.Class("hint"), h.ID("f-list-hint"), g.Text(hint)),
		v.FileInput(h.Accept(".csv,.xlsx,text/csv"), web.Described("f-list-hint", ""))}
}
