// Package prose reads what authors write in Markdown, and shows it safely wherever it goes: on a web page, in a letter, as plain text.
//
// There is one way in: Markdown → goldmark's parser → a small tree of blocks and spans of our own, from which raw HTML is left out. Every
// way out writes its own marks around escaped text, so what an author or a stranger typed cannot become markup, a script or a
// substitution. What may enter: kinds of block that all ways out can show; never a way for authors to give HTML or styles.
package prose

import (
	"strings"

	"github.com/yuin/goldmark/text"
)

// MaxDepth of lists and quotations within each other; what is deeper is lifted to this level.
const MaxDepth = 6

// Kind of a block.
type Kind int

const (
	Paragraph Kind = iota
	Heading
	List
	Quote
	Code
	Table
	Rule
)

// Block is one piece of a document, from top to bottom.
type Block struct {
	Kind    Kind
	Level   int    // of a heading: 2, 3 or 4; the page's own title is 1
	ID      string // of a heading: "part-1", "part-2", … unique in the document
	Spans   []Span // of a paragraph or heading
	Text    string // of code
	Ordered bool   // of a list
	Start   int    // number of an ordered list's first item
	Items   [][]Block
	Blocks  []Block // of a quotation
	Rows    []Row   // of a table; Rows[0] is its head, maybe with empty cells
	Align   []Align // of a table's columns, as many as each row has cells
}

// Row is a table row of as many cells as every other.
type Row []Cell

// Cell holds running text.
type Cell []Span

// Align of a table column.
type Align int

const (
	Start Align = iota
	Middle
	End
)

// Span is a stretch of running text in one dress. Href is empty, or http, https, mailto, a path ("/en/events") or "#" and the ID of
// a heading of the same document.
type Span struct {
	Text                       string
	Bold, Italic, Strike, Mono bool
	Href                       string
	Break                      bool // a line break; without text
}

// Document is what an author wrote, read once. It may be shown concurrently.
type Document struct{ Blocks []Block }

// Parse reads Markdown. It never fails: what cannot be read as Markdown is plain paragraphs.
func Parse(source string) *Document {
	b := []byte(normal(source))
	d := &Document{Blocks: tree{b}.blocks(markdown().Parse(text.NewReader(b)), 0)}
	d.settle()
	return d
}

// Headline is one line of the table of contents.
type Headline struct{ ID, Text string }

// Contents lists the headings of the highest level.
func (d *Document) Contents() []Headline {
	var out []Headline
	for _, b := range d.Blocks {
		if b.Kind == Heading && b.Level == 2 {
			out = append(out, Headline{b.ID, plainText(b.Spans)})
		}
	}
	return out
}

// Lead is the first paragraph as plain text on one line, cut at a word's end to at most limit characters with "…".
func (d *Document) Lead(limit int) string {
	for _, b := range d.Blocks {
		if b.Kind == Paragraph {
			if s := strings.Join(strings.Fields(plainText(b.Spans)), " "); s != "" {
				return Shorten(s, limit)
			}
		}
	}
	return ""
}

// Shorten cuts at a word's end to at most limit characters, the "…" included.
func Shorten(s string, limit int) string {
	r := []rune(s)
	if len(r) <= limit {
		return s
	}
	cut := string(r[:limit-1])
	if i := strings.LastIndexAny(cut, " \u00a0"); i > len(cut)/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,;:.–-\u00a0") + "…"
}

func plainText(spans []Span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Break {
			b.WriteByte(' ')
		}
		b.WriteString(s.Text)
	}
	return b.String()
}
