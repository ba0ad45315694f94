package prose

import (
	"fmt"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
)

// tree turns what goldmark has read into blocks.
type tree struct{ source []byte }

// blocks reads the blocks within a node. Running text of a tight list item, which is no paragraph in Markdown, becomes one; raw HTML and
// definitions of links, which are not shown, do not part it.
func (t tree) blocks(parent ast.Node, depth int) []Block {
	var out []Block
	var loose []ast.Node
	flush := func() {
		out = append(out, t.paragraph(Paragraph, 0, loose...)...)
		loose = nil
	}
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n.Kind() {
		case ast.KindTextBlock:
			loose = append(loose, n)
		case ast.KindHTMLBlock, ast.KindLinkReferenceDefinition:
		default:
			flush()
			out = append(out, t.block(n, depth)...)
		}
	}
	flush()
	return out
}

func (t tree) block(n ast.Node, depth int) []Block {
	switch n := n.(type) {
	case *ast.Paragraph:
		return t.paragraph(Paragraph, 0, n)
	case *ast.Heading:
		return t.paragraph(Heading, n.Level, n)
	case *ast.CodeBlock, *ast.FencedCodeBlock:
		return []Block{{Kind: Code, Text: strings.TrimRight(t.lines(n), "\n")}}
	case *ast.ThematicBreak:
		return []Block{{Kind: Rule}}
	case *extension.Table:
		return []Block{t.table(n)}
	case *ast.Blockquote:
		if depth >= MaxDepth {
			return t.blocks(n, depth)
		}
		if inner := t.blocks(n, depth+1); len(inner) > 0 {
			return []Block{{Kind: Quote, Blocks: inner}}
		}
	case *ast.List:
		return t.list(n, depth)
	}
	return nil
}

// paragraph is a block of running text; nothing if there is none.
func (t tree) paragraph(kind Kind, level int, nodes ...ast.Node) []Block {
	if spans := t.inline(nodes...); len(spans) > 0 {
		return []Block{{Kind: kind, Level: level, Spans: spans}}
	}
	return nil
}

// list reads a list; one that lies too deep is lifted: its items' blocks stand where it stood.
func (t tree) list(n *ast.List, depth int) []Block {
	if depth >= MaxDepth {
		var out []Block
		for item := n.FirstChild(); item != nil; item = item.NextSibling() {
			out = append(out, t.blocks(item, depth)...)
		}
		return out
	}
	l := Block{Kind: List, Ordered: n.IsOrdered(), Start: 1}
	if l.Ordered && n.Start < 1_000_000 {
		l.Start = n.Start
	}
	for item := n.FirstChild(); item != nil; item = item.NextSibling() {
		l.Items = append(l.Items, t.blocks(item, depth+1))
	}
	return []Block{l}
}

func (t tree) table(n *extension.Table) Block {
	b := Block{Kind: Table}
	for _, a := range n.Alignments {
		switch a {
		case extension.AlignCenter:
			b.Align = append(b.Align, Middle)
		case extension.AlignRight:
			b.Align = append(b.Align, End)
		default:
			b.Align = append(b.Align, Start)
		}
	}
	for r := n.FirstChild(); r != nil; r = r.NextSibling() {
		cells := make(Row, len(b.Align)) // those that were left out are empty
		for i, c := 0, r.FirstChild(); i < len(cells) && c != nil; i, c = i+1, c.NextSibling() {
			cells[i] = t.inline(c)
		}
		b.Rows = append(b.Rows, cells)
	}
	return b
}

func (t tree) lines(n ast.Node) string {
	var b strings.Builder
	for _, l := range n.Lines().Sliced(0, n.Lines().Len()) {
		b.Write(l.Value(t.source))
	}
	return b.String()
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
