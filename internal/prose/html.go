package prose

import (
	"io"
	"strconv"
	"strings"
	"unicode"
)

// Dress says how HTML looks and where its links lead.
type Dress struct {
	// Style gives the style attribute of an element by its name ("p", "h2", "a", …; "th" and "td" also as "td.end", "td.middle");
	// nil for pages, whose stylesheet knows.
	Style map[string]string
	// Link turns an address into the one to print; "" prints the text without a link. nil prints addresses as they are.
	Link func(href string) string
	// TableName, when set, puts wide tables into a frame of their own that scrolls, and names it for those who cannot see it.
	TableName string
}

// HTML is markup that is safe as it stands, with all that was typed escaped. It is a node to gomponents.
type HTML string

// Render writes it.
func (h HTML) Render(w io.Writer) error {
	_, err := io.WriteString(w, string(h))
	return err
}

// HTML writes the document. Everything that was typed is escaped, braces too, so that no mail service behind us finds a substitution.
func (d *Document) HTML(dress Dress) HTML {
	w := &htmlWriter{Dress: dress}
	w.blocks(d.Blocks)
	return HTML(w.b.String())
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;", "{", "&#123;", "}", "&#125;", "\x00", "\uFFFD")

type htmlWriter struct {
	Dress
	b strings.Builder
}

func (w *htmlWriter) open(name string, attrs ...string) {
	w.b.WriteByte('<')
	element, _, _ := strings.Cut(name, ".")
	w.b.WriteString(element)
	for i := 0; i+1 < len(attrs); i += 2 {
		if attrs[i+1] != "" {
			w.b.WriteString(" " + attrs[i] + `="` + escaper.Replace(attrs[i+1]) + `"`)
		}
	}
	style, ok := w.Style[name]
	if !ok {
		style = w.Style[element]
	}
	if style != "" {
		w.b.WriteString(` style="` + escaper.Replace(style) + `"`)
	}
	w.b.WriteByte('>')
}

func (w *htmlWriter) close(name string) { w.b.WriteString("</" + name + ">") }

// line ends a line of the source where no reader sees it: people read letters in that form too, and servers break lines that are too long.
func (w *htmlWriter) line() { w.b.WriteByte('\n') }

func (w *htmlWriter) blocks(list []Block) {
	for _, b := range list {
		w.block(b)
		w.line()
	}
}

func (w *htmlWriter) block(b Block) {
	switch b.Kind {
	case Paragraph:
		w.open("p", "dir", direction(b.Spans))
		w.spans(b.Spans)
		w.close("p")
	case Heading:
		name := "h" + strconv.Itoa(b.Level)
		w.open(name, "id", b.ID, "dir", direction(b.Spans))
		w.spans(b.Spans)
		w.close(name)
	case Code:
		w.open("pre", "dir", "ltr")
		w.b.WriteString(escaper.Replace(b.Text))
		w.close("pre")
	case Rule:
		w.open("hr")
	case Quote:
		w.open("blockquote")
		w.blocks(b.Blocks)
		w.close("blockquote")
	case List:
		w.list(b)
	case Table:
		w.table(b)
	}
}

func (w *htmlWriter) list(b Block) {
	name, start := "ul", ""
	if b.Ordered {
		name = "ol"
		if b.Start != 1 {
			start = strconv.Itoa(b.Start)
		}
	}
	w.open(name, "start", start)
	w.line()
	for _, item := range b.Items {
		first := ""
		if len(item) > 0 {
			first = direction(item[0].Spans)
		}
		w.open("li", "dir", first)
		if len(item) > 0 && item[0].Kind == Paragraph && tight(item) {
			w.spans(item[0].Spans)
			w.blocks(item[1:])
		} else {
			w.blocks(item)
		}
		w.close("li")
		w.line()
	}
	w.close(name)
}

// tight items are one paragraph, perhaps with lists below: they need no paragraph of their own.
func tight(item []Block) bool {
	for _, b := range item[1:] {
		if b.Kind != List {
			return false
		}
	}
	return true
}

func (w *htmlWriter) table(b Block) {
	if w.TableName != "" {
		w.open("div", "class", "scroll", "role", "region", "tabindex", "0", "aria-label", w.TableName)
		defer w.close("div")
	}
	w.open("table")
	w.b.WriteString("<thead>\n")
	w.row("th", b.Rows[0], b.Align)
	w.b.WriteString("</thead><tbody>\n")
	for _, r := range b.Rows[1:] {
		w.row("td", r, b.Align)
	}
	w.b.WriteString("</tbody></table>")
}

func (w *htmlWriter) row(name string, r Row, align []Align) {
	w.b.WriteString("<tr>")
	for i, cell := range r {
		class, styled := "", name
		switch align[i] {
		case End:
			class, styled = "n", name+".end"
		case Middle:
			class, styled = "middle", name+".middle"
		}
		if w.Style != nil {
			class = ""
		}
		scope := ""
		if name == "th" {
			scope = "col"
		}
		w.open(styled, "scope", scope, "class", class, "dir", direction(cell))
		w.spans(cell)
		w.close(name)
		w.line()
	}
	w.b.WriteString("</tr>\n")
}

func (w *htmlWriter) spans(list []Span) {
	for _, s := range list {
		if s.Break {
			w.b.WriteString("<br>\n")
			continue
		}
		var opened []string
		if href := w.href(s.Href); href != "" {
			w.open("a", "href", href)
			opened = append(opened, "a")
		}
		for _, d := range []struct {
			on   bool
			name string
		}{{s.Bold, "strong"}, {s.Italic, "em"}, {s.Strike, "del"}, {s.Mono, "code"}} {
			if d.on {
				w.open(d.name)
				opened = append(opened, d.name)
			}
		}
		w.b.WriteString(escaper.Replace(s.Text))
		for i := len(opened) - 1; i >= 0; i-- {
			w.close(opened[i])
		}
	}
}

func (w *htmlWriter) href(href string) string {
	if href == "" || w.Link == nil {
		return href
	}
	return w.Link(href)
}

// direction is "auto" for text that holds right-to-left letters, so that the reader's program finds its direction; else "".
func direction(spans []Span) string {
	for _, s := range spans {
		for _, r := range s.Text {
			if r >= 0x590 && unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko) {
				return "auto"
			}
		}
	}
	return ""
}
