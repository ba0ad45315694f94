package prose

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// tables finds a table in a paragraph: a head, a line of dashes with as many columns, and a row on each line that follows.
type tables struct{}

func (tables) Transform(paragraph *ast.Paragraph, reader text.Reader, pc parser.Context) {
	source, lines := reader.Source(), paragraph.Lines()
	for i := 1; i < lines.Len(); i++ {
		at := lines.At(i)
		columns := alignments(at.Value(source))
		if columns == nil {
			continue
		}
		head := row(lines.At(i-1), nil, source)
		if head.ChildCount() > len(columns) || !room(pc, len(columns)*(lines.Len()-i)) {
			return
		}
		table := extension.NewTable()
		table.Alignments = columns
		table.SetPos(paragraph.Pos())
		table.AppendChild(table, extension.NewTableHeader(head))
		for j := i + 1; j < lines.Len(); j++ {
			table.AppendChild(table, row(lines.At(j), columns, source))
		}
		replace(paragraph, table, i-1)
		return
	}
}

// replace puts the table after the paragraph, of which only some lines are left, perhaps none.
func replace(paragraph *ast.Paragraph, table ast.Node, left int) {
	parent := paragraph.Parent()
	parent.InsertAfter(parent, paragraph, table)
	lines := paragraph.Lines()
	lines.SetSliced(0, left)
	if left == 0 {
		parent.RemoveChild(parent, paragraph)
		return
	}
	last := lines.At(left - 1)
	last.Stop-- // the line feed
	lines.Set(left-1, last)
}

var cellsKey = parser.NewContextKey()

// room counts the cells of all tables. A few characters could ask for millions, by a wide head above many short rows.
func room(pc parser.Context, cells int) bool {
	before, _ := pc.Get(cellsKey).(int)
	pc.Set(cellsKey, before+cells)
	return before+cells <= maxCells
}

// alignments reads the line below the head, "|:--|--:|", and gives nil for any other.
func alignments(line []byte) []extension.Alignment {
	if width, _ := util.IndentWidth(line, 0); width > 3 || !dashes(line) {
		return nil
	}
	cells := bytes.Split(line, []byte{'|'})
	if util.IsBlank(cells[0]) {
		cells = cells[1:]
	}
	if n := len(cells); n > 0 && util.IsBlank(cells[n-1]) {
		cells = cells[:n-1]
	}
	var out []extension.Alignment
	for _, c := range cells {
		c = util.TrimLeftSpace(util.TrimRightSpace(c))
		bare := bytes.TrimSuffix(bytes.TrimPrefix(c, []byte(":")), []byte(":"))
		if len(bare) == 0 || len(bytes.Trim(bare, "-")) > 0 {
			return nil
		}
		switch left, right := c[0] == ':', c[len(c)-1] == ':'; {
		case left && right:
			out = append(out, extension.AlignCenter)
		case left:
			out = append(out, extension.AlignLeft)
		case right:
			out = append(out, extension.AlignRight)
		default:
			out = append(out, extension.AlignNone)
		}
	}
	return out
}

// dashes tells that nothing else is in a line than what is between the head of a table and its rows. Dashes alone are a rule.
func dashes(line []byte) bool {
	other := false
	for _, c := range line {
		if !util.IsSpace(c) && c != '-' && c != '|' && c != ':' {
			return false
		}
		other = other || c != '-'
	}
	return other
}

// row cuts a line into cells; what is beyond the columns is left out. Without columns it is a head, which has as many as it wants: one with more
// than there are columns is none.
func row(line text.Segment, columns []extension.Alignment, source []byte) *extension.TableRow {
	line = line.TrimLeftSpace(source)
	line = line.TrimRightSpace(source)
	b := line.Value(source)
	r := extension.NewTableRow(columns)
	at, end := 0, len(b)
	if end > 0 && b[0] == '|' {
		at++
	}
	if end > 0 && b[end-1] == '|' {
		end--
	}
	for at < end && (columns == nil || r.ChildCount() < len(columns)) {
		stop := at
		for stop < end && !(b[stop] == '|' && b[max(stop-1, 0)] != '\\') {
			stop++
		}
		cell := extension.NewTableCell()
		inside := text.NewSegment(line.Start+at, line.Start+stop)
		inside = inside.TrimLeftSpace(source)
		cell.Lines().Append(inside.TrimRightSpace(source))
		r.AppendChild(r, cell)
		at = stop + 1
	}
	return r
}
