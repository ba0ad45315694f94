// Package markup is what the HTML of letters is made of: gomponents' nodes, written so that nothing that anybody typed can become markup or
// a substitution of the mail service.
//
// Text and attributes are escaped by gomponents. Braces, which mail services take for substitutions, become entities whoever writes
// them; Substitute, HrefSubstitute and StyleSheet alone write braces, and their arguments are constants of ours. Links lead to web pages and
// mailboxes and nowhere else. What may enter: what notes and editions have in common.
package markup

import (
	"errors"
	"io"
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

// Fonts of letters; half of the mail programs forget a style sheet, so that they stand in the styles of elements.
const (
	Serif = "Palatino,'Palatino Linotype',Georgia,'Times New Roman',serif"
	Sans  = "-apple-system,'Segoe UI',Roboto,'Noto Sans',Arial,sans-serif"
)

// Line ends a line of the source, which people read too, and mail servers break where it gets too long.
var Line = g.Text("\n")

// Mark is an empty comment, where something can be put in afterwards; MarkHere writes it. Nobody else can write one.
const Mark = "<!-- -->"

var MarkHere g.Node = verbatim(Mark)

// Render writes nodes. For equal nodes the bytes are equal.
func Render(nodes ...g.Node) (string, error) {
	var w writer
	err := g.Group(nodes).Render(&w)
	return w.b.String(), err
}

// writer turns braces into entities, whichever node they come from.
type writer struct{ b strings.Builder }

var braces = strings.NewReplacer("{", "&#123;", "}", "&#125;")

func (w *writer) Write(p []byte) (int, error) { return w.WriteString(string(p)) }

func (w *writer) WriteString(s string) (int, error) {
	_, err := braces.WriteString(&w.b, s)
	return len(s), err
}

// verbatim is written as it is.
type verbatim string

func (v verbatim) Render(w io.Writer) error {
	to, ok := w.(*writer)
	if !ok {
		return errors.New("markup: only Render writes braces")
	}
	to.b.WriteString(string(v))
	return nil
}

// verbatimAttribute is written as it is among the attributes of its element.
type verbatimAttribute struct{ verbatim }

// Type tells gomponents where it stands.
func (verbatimAttribute) Type() g.NodeType { return g.AttributeType }

// Substitute is what the mail service puts in for each recipient, escaped for HTML by whoever gives the value. name is a constant.
func Substitute(name string) g.Node { return verbatim("{{" + name + "}}") }

// HrefSubstitute is the address of a link that the mail service puts in. name is a constant.
func HrefSubstitute(name string) g.Node {
	return verbatimAttribute{verbatim(` href="{{` + name + `}}"`)}
}

// CSS is a style of ours: a constant, or put together of constants.
type CSS string

// Style is the style of an element.
func Style(css CSS) g.Node { return h.Style(string(css)) }

// StyleSheet is the style sheet of a letter: for dark mode and narrow windows, which styles of elements cannot tell apart.
func StyleSheet(css CSS) g.Node { return h.StyleEl(verbatim(css)) }

// Href leads to a web page or a mailbox; any other address is left out, and its text is no link.
func Href(address string) g.Node {
	u, err := url.Parse(address)
	if err != nil || !(u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "mailto") {
		return nil
	}
	return h.Href(address)
}

// Page is a whole letter.
type Page struct {
	Lang, Dir string
	Title     string
	CSS       CSS
	Style     CSS // of the body
}

// Holding is the page with what its body holds.
func (p Page) Holding(body ...g.Node) g.Node {
	return g.Group{verbatim("<!doctype html>\n"), h.HTML(h.Lang(p.Lang), h.Dir(p.Dir),
		h.Head(h.Meta(h.Charset("utf-8")), meta("viewport", "width=device-width, initial-scale=1"), meta("color-scheme", "light dark"),
			meta("supported-color-schemes", "light dark"), h.TitleEl(g.Text(p.Title)), Line, StyleSheet(p.CSS)),
		Line, h.Body(Style(p.Style), Line, g.Group(body)))}
}

func meta(name, content string) g.Node { return h.Meta(h.Name(name), h.Content(content)) }

// Table lays out what mail programs cannot lay out otherwise; class and style may be empty.
func Table(class string, style CSS, rows ...g.Node) g.Node {
	return h.Table(h.Role("presentation"), g.If(class != "", h.Class(class)), h.Width("100%"), g.Attr("cellpadding", "0"), g.Attr("cellspacing", "0"),
		g.If(style != "", Style(style)), g.Group(rows))
}

// Row is a row of one cell.
func Row(cell ...g.Node) g.Node { return h.Tr(h.Td(cell...)) }

// Button is a link that looks like one.
func Button(href g.Node, padding CSS, label string) g.Node {
	return h.A(h.Class("go"), href, Style("display:inline-block;background:#0b5d5e;color:#ffffff;text-decoration:none;font-weight:600;padding:"+padding+";border-radius:3px"), g.Text(label))
}
