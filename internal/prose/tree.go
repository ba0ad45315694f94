package prose

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var alignStyle = regexp.MustCompile(`^text-align:(left|center|right)$`)

// blocks reads sanitised nodes. Running text that stands outside a paragraph (in a tight list item) becomes one.
func blocks(nodes []*html.Node, depth int) []Block {
	var out []Block
	var loose []*html.Node
	flush := func() {
		if spans := inline(loose); len(spans) > 0 {
			out = append(out, Block{Kind: Paragraph, Spans: spans})
		}
		loose = nil
	}
	for _, n := range nodes {
		if n.Type == html.TextNode || n.Type == html.ElementNode && !isBlock[n.DataAtom] {
			loose = append(loose, n)
			continue
		}
		if n.Type != html.ElementNode {
			continue
		}
		flush()
		out = append(out, block(n, depth)...)
	}
	flush()
	return out
}

var isBlock = map[atom.Atom]bool{atom.P: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.H4: true, atom.H5: true, atom.H6: true, atom.Ul: true,
	atom.Ol: true, atom.Blockquote: true, atom.Pre: true, atom.Table: true, atom.Hr: true}

func block(n *html.Node, depth int) []Block {
	switch n.DataAtom {
	case atom.P:
		if spans := inline(children(n)); len(spans) > 0 {
			return []Block{{Kind: Paragraph, Spans: spans}}
		}
		return nil
	case atom.H1, atom.H2, atom.H3, atom.H4, atom.H5, atom.H6:
		if spans := inline(children(n)); len(spans) > 0 {
			return []Block{{Kind: Heading, Level: int(n.Data[1] - '0'), Spans: spans}}
		}
		return nil
	case atom.Pre:
		return []Block{{Kind: Code, Text: strings.TrimRight(textOf(n), "\n")}}
	case atom.Hr:
		return []Block{{Kind: Rule}}
	case atom.Table:
		return table(n)
	}
	if depth >= MaxDepth { // lift what is deeper
		var out []Block
		for _, c := range children(n) {
			if c.DataAtom == atom.Li {
				out = append(out, blocks(children(c), depth)...)
			} else {
				out = append(out, blocks([]*html.Node{c}, depth)...)
			}
		}
		return out
	}
	if n.DataAtom == atom.Blockquote {
		if inner := blocks(children(n), depth+1); len(inner) > 0 {
			return []Block{{Kind: Quote, Blocks: inner}}
		}
		return nil
	}
	l := Block{Kind: List, Ordered: n.DataAtom == atom.Ol, Start: 1}
	if s, err := strconv.Atoi(attr(n, "start")); err == nil && s >= 0 && s < 1_000_000 {
		l.Start = s
	}
	for _, c := range children(n) {
		if c.DataAtom == atom.Li {
			l.Items = append(l.Items, blocks(children(c), depth+1))
		}
	}
	if len(l.Items) == 0 {
		return nil
	}
	return []Block{l}
}

func table(n *html.Node) []Block {
	t := Block{Kind: Table}
	var visit func(*html.Node)
	visit = func(n *html.Node) {
		for _, c := range children(n) {
			if c.DataAtom != atom.Tr {
				visit(c)
				continue
			}
			var row Row
			for _, cell := range children(c) {
				if cell.DataAtom != atom.Td && cell.DataAtom != atom.Th {
					continue
				}
				row = append(row, Cell(inline(children(cell))))
				if len(t.Align) < len(row) {
					t.Align = append(t.Align, alignOf(cell))
				}
			}
			t.Rows = append(t.Rows, row)
		}
	}
	visit(n)
	if len(t.Rows) == 0 || len(t.Align) == 0 {
		return nil
	}
	for i := range t.Rows {
		for len(t.Rows[i]) < len(t.Align) {
			t.Rows[i] = append(t.Rows[i], nil)
		}
	}
	return []Block{t}
}

func alignOf(cell *html.Node) Align {
	switch attr(cell, "align") + strings.TrimPrefix(attr(cell, "style"), "text-align:") {
	case "center":
		return Middle
	case "right":
		return End
	}
	return Start
}

// inline reads running text, joins equal neighbours and trims the ends.
func inline(nodes []*html.Node) []Span {
	var out []Span
	var visit func(n *html.Node, dress Span)
	visit = func(n *html.Node, dress Span) {
		switch {
		case n.Type == html.TextNode:
			dress.Text = strings.ReplaceAll(n.Data, "\n", " ")
			out = join(out, dress)
			return
		case n.Type != html.ElementNode:
			return
		}
		switch n.DataAtom {
		case atom.Br:
			out = append(out, Span{Break: true})
			return
		case atom.Img:
			dress.Text, dress.Href = picture(n, dress.Href)
			out = join(out, dress)
			return
		case atom.Strong:
			dress.Bold = true
		case atom.Em:
			dress.Italic = true
		case atom.Del:
			dress.Strike = true
		case atom.Code:
			dress.Mono = true
		case atom.A:
			dress.Href = address(attr(n, "href"))
		}
		for _, c := range children(n) {
			visit(c, dress)
		}
	}
	for _, n := range nodes {
		visit(n, Span{})
	}
	return trim(out)
}

func join(out []Span, s Span) []Span {
	if len(out) == 0 || out[len(out)-1].Break {
		s.Text = strings.TrimLeft(s.Text, " \t")
	}
	if s.Text == "" {
		return out
	}
	if len(out) > 0 {
		last := out[len(out)-1]
		last.Text = s.Text
		if last == s {
			out[len(out)-1].Text += s.Text
			return out
		}
	}
	return append(out, s)
}

func trim(out []Span) []Span {
	for len(out) > 0 {
		if out[0].Text = strings.TrimLeft(out[0].Text, " \t"); out[0].Text != "" {
			break
		}
		out = out[1:]
	}
	for len(out) > 0 {
		last := &out[len(out)-1]
		if last.Text = strings.TrimRight(last.Text, " \t"); last.Text != "" {
			break
		}
		out = out[:len(out)-1]
	}
	return out
}

// picture is an image as a link to it: letters are read with images off, and no page asks a third party for anything.
func picture(n *html.Node, within string) (text, href string) {
	src := address(attr(n, "src"))
	text = strings.TrimSpace(attr(n, "alt"))
	if text == "" {
		text = path.Base(src)
	}
	if within != "" {
		return text, within
	}
	return text, src
}

// address keeps what leads somewhere: absolute addresses, paths of this site, headings of this document. Braces are
// percent-encoded, so that no address can hold a substitution.
func address(s string) string {
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || len(s) > 2000 {
		return ""
	}
	switch {
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "//"):
	case u.Scheme == "" && u.Host == "" && u.Path == "" && u.RawQuery == "" && u.Fragment != "":
	default:
		return ""
	}
	return strings.NewReplacer("{", "%7B", "}", "%7D", "\\", "%5C").Replace(u.String())
}

// settle gives headings their ids and levels from 2 on, and takes away links to headings that are not there.
func (d *Document) settle() {
	var used [7]bool
	ids := map[string]bool{}
	for i, n := range d.headings() {
		n.ID = fmt.Sprintf("part-%d", i+1)
		ids["#"+n.ID] = true
		used[n.Level] = true
	}
	var rank [7]int // no level is left out, whichever the author began with
	for level, next := 1, 2; level < len(used); level++ {
		rank[level] = min(next, 4)
		if used[level] {
			next++
		}
	}
	for _, n := range d.headings() {
		n.Level = rank[n.Level]
	}
	d.spans(func(s *Span) {
		if strings.HasPrefix(s.Href, "#") && !ids[s.Href] {
			s.Href = ""
		}
	})
}

func (d *Document) headings() []*Block {
	var out []*Block
	each(d.Blocks, func(b *Block) {
		if b.Kind == Heading {
			out = append(out, b)
		}
	})
	return out
}

func (d *Document) spans(f func(*Span)) {
	each(d.Blocks, func(b *Block) {
		for i := range b.Spans {
			f(&b.Spans[i])
		}
		for _, row := range b.Rows {
			for _, cell := range row {
				for i := range cell {
					f(&cell[i])
				}
			}
		}
	})
}

func each(list []Block, f func(*Block)) {
	for i := range list {
		f(&list[i])
		each(list[i].Blocks, f)
		for _, item := range list[i].Items {
			each(item, f)
		}
	}
}

func children(n *html.Node) []*html.Node {
	var out []*html.Node
	for c := range n.ChildNodes() {
		out = append(out, c)
	}
	return out
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := range n.ChildNodes() {
		b.WriteString(textOf(c))
	}
	return b.String()
}
