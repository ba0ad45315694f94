package prose

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Plain says how plain text is set.
type Plain struct {
	Width int                      // characters a line; 0 means 72. Words and addresses longer than it stand alone on theirs
	Link  func(href string) string // as in Dress
}

// Text writes the document as plain text. Links are numbered, "[1]", and listed in links in that order; an address that is its
// own label is left standing in the text.
func (d *Document) Text(p Plain) (text string, links []string) {
	w := &textWriter{Plain: p, numbers: map[string]int{}}
	if w.Width == 0 {
		w.Width = 72
	}
	return strings.TrimSpace(strings.Join(w.blocks(d.Blocks, w.Width), "\n")), w.links
}

type textWriter struct {
	Plain
	links   []string
	numbers map[string]int
}

// blocks gives lines; blocks are parted by an empty one.
func (w *textWriter) blocks(list []Block, width int) []string {
	var out []string
	for i, b := range list {
		if i > 0 {
			out = append(out, "")
		}
		out = append(out, w.block(b, max(width, 20))...)
	}
	return out
}

func (w *textWriter) block(b Block, width int) []string {
	switch b.Kind {
	case Heading:
		lines := Wrap(w.spans(b.Spans), width)
		longest := 0
		for _, l := range lines {
			longest = max(longest, utf8.RuneCountInString(l))
		}
		if b.Level == 2 {
			lines = append(lines, strings.Repeat("-", longest))
		}
		return lines
	case Code:
		return indent(strings.Split(b.Text, "\n"), "    ", "    ")
	case Rule:
		return []string{"* * *"}
	case Quote:
		return indent(w.blocks(b.Blocks, width-2), "> ", "> ")
	case List:
		var out []string
		for i, item := range b.Items {
			mark := "* "
			if b.Ordered {
				mark = fmt.Sprintf("%d. ", b.Start+i)
			}
			if i > 0 && !tight1(item) {
				out = append(out, "")
			}
			out = append(out, indent(w.items(item, width-len(mark)), mark, strings.Repeat(" ", len(mark)))...)
		}
		return out
	case Table:
		return w.table(b, width)
	}
	return Wrap(w.spans(b.Spans), width)
}

func tight1(item []Block) bool { return len(item) <= 1 || tight(item) }

// items sets a list under its own line without an empty one between.
func (w *textWriter) items(item []Block, width int) []string {
	var out []string
	for i, b := range item {
		if i > 0 && b.Kind != List {
			out = append(out, "")
		}
		out = append(out, w.block(b, max(width, 20))...)
	}
	return out
}

func indent(lines []string, first, rest string) []string {
	if len(lines) == 0 {
		lines = []string{""}
	}
	out := make([]string, len(lines))
	for i, l := range lines {
		mark := rest
		if i == 0 {
			mark = first
		}
		out[i] = strings.TrimRight(mark+l, " ")
	}
	return out
}

// maxHead is how many characters of a column's head stand before each of its cells: whole, one of 20,000 above 6,000 rows would be 120 MB.
const maxHead = 200

// table sets columns side by side where they fit, else each row as lines "head: cell".
func (w *textWriter) table(b Block, width int) []string {
	cells := make([][]string, len(b.Rows))
	wide := make([]int, len(b.Align))
	sum := 0
	for i, r := range b.Rows {
		for k, c := range r {
			cells[i] = append(cells[i], strings.Join(strings.Fields(w.spans(c)), " "))
			wide[k] = max(wide[k], utf8.RuneCountInString(cells[i][k]))
		}
	}
	for _, n := range wide {
		sum += n + 2
	}
	var out []string
	if sum-2 <= width {
		for i, r := range cells {
			out = append(out, columns(r, wide, b.Align))
			if i == 0 {
				out = append(out, strings.Repeat("-", sum-2))
			}
		}
		return out
	}
	heads := make([]string, len(wide))
	for k, head := range cells[0] {
		heads[k] = Shorten(head, maxHead)
	}
	for i, r := range cells[1:] {
		if i > 0 {
			out = append(out, "")
		}
		for k, c := range r {
			if c == "" {
				continue
			}
			if head := heads[k]; head != "" {
				c = head + ": " + c
			}
			out = append(out, indent(Wrap(c, width-2), "", "  ")...)
		}
	}
	return out
}

func columns(row []string, wide []int, align []Align) string {
	var b strings.Builder
	for k, c := range row {
		pad := strings.Repeat(" ", wide[k]-utf8.RuneCountInString(c))
		if align[k] == End {
			b.WriteString(pad + c)
		} else {
			b.WriteString(c + pad)
		}
		b.WriteString("  ")
	}
	return strings.TrimRight(b.String(), " ")
}

func (w *textWriter) spans(list []Span) string {
	var b strings.Builder
	for i, s := range list {
		if s.Break {
			b.WriteByte('\n')
			continue
		}
		b.WriteString(mark(s))
		if s.Href == "" || i+1 < len(list) && list[i+1].Href == s.Href { // one link in several dresses
			continue
		}
		href := s.Href
		if w.Link != nil {
			href = w.Link(href)
		}
		if n := w.number(href, s.Text); n > 0 {
			fmt.Fprintf(&b, " [%d]", n)
		}
	}
	return b.String()
}

// mark keeps the emphasis that people type in plain text.
func mark(s Span) string {
	if s.Bold && strings.TrimSpace(s.Text) == s.Text && s.Text != "" && s.Href == "" {
		return "*" + s.Text + "*"
	}
	return s.Text
}

func (w *textWriter) number(href, label string) int {
	label = strings.TrimSpace(label)
	switch {
	case href == "", label == href, "mailto:"+label == href, "http://"+label == href, "https://"+label == href:
		return 0
	}
	if n, ok := w.numbers[href]; ok {
		return n
	}
	w.links = append(w.links, href)
	w.numbers[href] = len(w.links)
	return len(w.links)
}

// Wrap breaks text at white space into lines of at most width characters; line feeds are kept, no-break spaces hold.
func Wrap(s string, width int) []string {
	var out []string
	for _, line := range strings.Split(s, "\n") {
		length := 0
		var b strings.Builder
		for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '\t' }) {
			n := utf8.RuneCountInString(word)
			if length > 0 && length+1+n > width {
				out = append(out, b.String())
				b.Reset()
				length = 0
			}
			if length > 0 {
				b.WriteByte(' ')
				length++
			}
			b.WriteString(word)
			length += n
		}
		out = append(out, b.String())
	}
	return out
}
