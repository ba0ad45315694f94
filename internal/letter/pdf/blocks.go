package pdf

import (
	"fmt"
	"strings"

	"liaison/internal/prose"
)

// blocks sets blocks between two margins.
func (d *sheet) blocks(list []prose.Block, x, end float64) {
	for _, b := range list {
		d.block(b, x, end)
	}
}

func (d *sheet) gap(height float64) {
	if d.y > top {
		d.y += height
	}
}

func (d *sheet) block(b prose.Block, x, end float64) {
	switch b.Kind {
	case prose.Heading:
		d.heading(b, x, end)
	case prose.List:
		d.list(b, x, end)
	case prose.Quote:
		d.indents = append(d.indents, bar{x: x + 0.5})
		d.blocks(b.Blocks, x+6, end)
		d.indents = d.indents[:len(d.indents)-1]
	case prose.Code:
		d.code(b, x, end)
	case prose.Table:
		d.table(b, x, end)
		d.gap(bodyLine * 0.8)
	case prose.Rule:
		d.room(bodyLine * 2)
		d.y += 3
		d.stroke(line, 0.25)
		d.Line(x, d.y, end, d.y)
		d.y += 5
	default:
		d.running(b.Spans, x, end, body)
		d.gap(bodyLine * 0.5)
	}
}

// heading stays with at least two lines of what follows, and is a bookmark. The outline skips no level.
func (d *sheet) heading(b prose.Block, x, end float64) {
	f := face{bold: true, size: 15, line: 7, colour: ink}
	if b.Level > 2 {
		f.size, f.line = 12.5, 6
	}
	if b.Level > 3 {
		f.size = bodySize
	}
	d.gap(3.5)
	lines := d.lines(b.Spans, end-x, f)
	d.room(f.line*float64(len(lines)) + 2*bodyLine + 2)
	level := min(b.Level-2, d.bookmark+1)
	if d.bookmark == 0 && d.first() {
		level = 0
	}
	d.bookmark = level
	d.Bookmark(d.fonts.fit(plain(b.Spans)), level, d.y)
	if id, ok := d.links["#"+b.ID]; ok {
		d.SetLink(id, d.y, -1)
	}
	d.running(b.Spans, x, end, f)
	d.y += 1.5
}

// first tells that no bookmark was set before, and notes that one is now.
func (d *sheet) first() bool {
	if d.begun {
		return false
	}
	d.begun = true
	return true
}

func (d *sheet) list(b prose.Block, x, end float64) {
	const indent = 6.5
	for i, item := range b.Items {
		mark := "•"
		if b.Ordered {
			mark = fmt.Sprintf("%d.", b.Start+i)
		}
		d.room(2 * bodyLine)
		d.use(body, prose.Span{})
		d.Text(x+indent-2-d.GetStringWidth(mark), d.y+bodyLine*0.5+bodySize*0.352778*0.34, mark)
		if len(item) == 0 {
			d.y += bodyLine
			continue
		}
		for k, inner := range item {
			if inner.Kind == prose.Paragraph {
				d.running(inner.Spans, x+indent, end, body)
				if k < len(item)-1 && item[k+1].Kind == prose.Paragraph {
					d.gap(bodyLine * 0.5)
				}
				continue
			}
			d.block(inner, x+indent, end)
		}
		d.gap(1)
	}
	if x == left {
		d.gap(bodyLine*0.5 - 1)
	}
}

// code keeps its lines; those too long go on below.
func (d *sheet) code(b prose.Block, x, end float64) {
	f := face{size: 9.5, line: 4.6, colour: ink}
	d.indents = append(d.indents, bar{x: x + 0.5})
	for _, l := range strings.Split(b.Text, "\n") {
		l = strings.ReplaceAll(l, "\t", "    ")
		lead := len(l) - len(strings.TrimLeft(l, " "))
		l = strings.Repeat("\u00a0", lead) + l[lead:] // leading spaces would be lost at a line's end
		if l == "" {
			d.room(f.line)
			d.marks(f.line)
			d.y += f.line
			continue
		}
		d.running([]prose.Span{{Text: l, Mono: true}}, x+5, end, f)
	}
	d.indents = d.indents[:len(d.indents)-1]
	d.gap(bodyLine * 0.6)
}

func plain(spans []prose.Span) string {
	var b strings.Builder
	for _, s := range spans {
		if s.Break {
			b.WriteByte(' ')
		}
		b.WriteString(s.Text)
	}
	return b.String()
}
