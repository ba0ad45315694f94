package prose

import (
	"bytes"
	"strings"
	"sync"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Limits that keep the work for a hostile text in proportion to its length. No text that is written for readers comes near them.
const (
	maxNesting     = 10     // lists and quotations within each other; marks of more stay as they were typed
	maxMarks       = 1000   // marks of emphasis in one paragraph: each closing one is compared with all that are open
	maxDestination = 2048   // bytes of a link's address; a longer one is looked for its end again at each bracket
	maxCells       = 50_000 // of all tables, those included that rows leave out
)

// markdown is goldmark's parser for CommonMark with tables, ~~deletion~~ and bare addresses as GitHub has them. goldmark's own
// extensions are not used: they link its HTML renderer and compile regular expressions whenever a function starts. judge_test.go
// holds ours to them.
var markdown = sync.OnceValue(func() parser.Parser {
	link := parser.NewLinkParser()
	return parser.NewParser(
		parser.WithBlockParsers(
			util.Prioritized(parser.NewSetextHeadingParser(), 100),
			util.Prioritized(parser.NewThematicBreakParser(), 200),
			util.Prioritized(nested{parser.NewListParser()}, 300),
			util.Prioritized(parser.NewListItemParser(), 400),
			util.Prioritized(parser.NewCodeBlockParser(), 500),
			util.Prioritized(parser.NewATXHeadingParser(), 600),
			util.Prioritized(parser.NewFencedCodeBlockParser(), 700),
			util.Prioritized(nested{parser.NewBlockquoteParser()}, 800),
			util.Prioritized(parser.NewHTMLBlockParser(), 900),
			util.Prioritized(parser.NewParagraphParser(), 1000),
		),
		parser.WithInlineParsers(
			util.Prioritized(code{parser.NewCodeSpanParser()}, 100),
			util.Prioritized(links{link, link.(parser.CloseBlocker)}, 200),
			util.Prioritized(parser.NewAutoLinkParser(), 300),
			util.Prioritized(parser.NewRawHTMLParser(), 400),
			util.Prioritized(marks{parser.NewEmphasisParser()}, 500),
			util.Prioritized(marks{deletion{}}, 501),
			util.Prioritized(bareLinks{}, 999),
		),
		parser.WithParagraphTransformers(
			util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
			util.Prioritized(tables{}, 200),
		),
	)
})

// normal gives a text the line ends and characters that CommonMark wants: line feeds, valid UTF-8, no NUL.
func normal(source string) string {
	if strings.ContainsAny(source, "\r\x00") {
		source = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(source)
	}
	return strings.ToValidUTF8(source, "\uFFFD")
}

// nested opens lists and quotations down to maxNesting. Each line costs goldmark time and memory for every one that is open.
type nested struct{ parser.BlockParser }

func (n nested) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, position := reader.Position()
	node, state := n.BlockParser.Open(parent, reader, pc)
	if node != nil && depth(parent) >= maxNesting {
		reader.SetPosition(line, position)
		return nil, parser.NoChildren
	}
	return node, state
}

func depth(n ast.Node) int {
	deep := 0
	for ; n != nil; n = n.Parent() {
		switch n.Kind() {
		case ast.KindList, ast.KindBlockquote:
			deep++
		}
	}
	return deep
}

// links leaves brackets alone after which an address would begin that is longer than any that is kept.
type links struct {
	parser.InlineParser
	parser.CloseBlocker
}

func (l links) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if bytes.HasPrefix(line, []byte("](")) && len(line) > maxDestination && endless(line[2:maxDestination]) {
		return nil
	}
	return l.InlineParser.Parse(parent, block, pc)
}

// endless tells that an address does not end in these bytes.
func endless(b []byte) bool {
	b = bytes.TrimLeft(b, " \t")
	if bytes.HasPrefix(b, []byte("<")) {
		return !bytes.Contains(b, []byte(">"))
	}
	return !bytes.ContainsAny(b, " \t)")
}

// code leaves backticks alone that nothing closes. goldmark would look for their end through the whole block, each time anew.
type code struct{ parser.InlineParser }

var ticksKey = parser.NewContextKey()

// ticksOf says where in a block the last run of each length is.
type ticksOf struct {
	block ast.Node
	last  map[int]int
}

func (c code) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	seen, ok := pc.Get(ticksKey).(*ticksOf)
	if !ok || seen.block != parent {
		seen = &ticksOf{parent, lastTicks(parent, block.Source())}
		pc.Set(ticksKey, seen)
	}
	line, segment := block.PeekLine()
	if n := ticks(line); seen.last[n] <= segment.Start {
		block.Advance(n)
		return ast.NewTextSegment(segment.WithStop(segment.Start + n))
	}
	return c.InlineParser.Parse(parent, block, pc)
}

func lastTicks(block ast.Node, source []byte) map[int]int {
	last := map[int]int{}
	for _, line := range block.Lines().Sliced(0, block.Lines().Len()) {
		for i := line.Start; i < line.Stop; i++ {
			if n := ticks(source[i:line.Stop]); n > 0 {
				last[n] = i
				i += n
			}
		}
	}
	return last
}

// ticks is the length of the run of backticks that a text begins with.
func ticks(b []byte) int { return len(b) - len(bytes.TrimLeft(b, "`")) }

// marks counts the marks of emphasis in a block.
type marks struct{ parser.InlineParser }

var marksKey = parser.NewContextKey()

type marksOf struct {
	block ast.Node
	count int
}

func (m marks) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	seen, ok := pc.Get(marksKey).(*marksOf)
	if !ok || seen.block != parent {
		seen = &marksOf{block: parent}
		pc.Set(marksKey, seen)
	}
	if seen.count >= maxMarks {
		return nil
	}
	node := m.InlineParser.Parse(parent, block, pc)
	if node != nil {
		seen.count++
	}
	return node
}

// deletion reads ~one~ or ~~two~~ tildes around what is struck out.
type deletion struct{}

func (deletion) Trigger() []byte { return []byte{'~'} }

func (deletion) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	if before == '~' { // within a run that was measured when it began: measured at each of its tildes, 60,000 take seconds
		return nil
	}
	line, segment := block.PeekLine()
	mark := parser.ScanDelimiter(line, before, 1, tildes{})
	if mark == nil || mark.OriginalLength > 2 {
		return nil
	}
	mark.Segment = segment.WithStop(segment.Start + mark.OriginalLength)
	block.Advance(mark.OriginalLength)
	pc.PushDelimiter(mark)
	return mark
}

type tildes struct{}

func (tildes) IsDelimiter(b byte) bool { return b == '~' }

func (tildes) CanOpenCloser(opener, closer *parser.Delimiter) bool {
	return opener.Char == closer.Char
}

func (tildes) OnMatch(int) ast.Node { return extension.NewStrikethrough() }
