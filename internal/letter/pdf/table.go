package pdf

import (
	"strings"

	"liaison/internal/prose"
)

const (
	gutter     = 5.0  // millimetres between columns
	narrowest  = 11.0 // a column that is narrower is not worth reading
	cellInside = 1.1  // above and below a cell's text
)

// table sets columns as wide as their text wants, or shares the width out where that is too much. With more columns than the paper
// can hold each row is set as a list of "head: cell".
func (d *sheet) table(b prose.Block, x, end float64) {
	f := face{sans: true, size: 9.5, line: 4.5, colour: ink}
	columns := len(b.Align)
	if (end-x+gutter)/float64(columns) < narrowest+gutter {
		d.records(b, x, end)
		return
	}
	widths := d.widths(b, end-x-gutter*float64(columns-1), f)
	t := &grid{Block: b, x: x, widths: widths, face: f}
	d.room(6 * f.line)
	began := d.y
	d.row(t, b.Rows[0], true)
	t.repeat = d.y > began && d.y-began < 50
	for _, r := range b.Rows[1:] {
		d.row(t, r, false)
	}
}

// grid is a table whose columns have their widths.
type grid struct {
	prose.Block
	x      float64
	widths []float64
	face   face
	repeat bool // the head comes again on every page, unless it would fill it
}

func (t *grid) end() float64 { return t.x + sum(t.widths) + gutter*float64(len(t.widths)-1) }

// widths gives each column what its longest cell wants, less where that does not fit: then first come the longest words, and the rest
// is shared by what is wanted beyond them.
func (d *sheet) widths(b prose.Block, room float64, f face) []float64 {
	n := len(b.Align)
	want, need := make([]float64, n), make([]float64, n)
	for i, r := range b.Rows {
		f.bold = i == 0
		for k, cell := range r {
			for _, l := range d.lines(cell, 10_000, f) {
				want[k] = max(want[k], l.width+0.1)
			}
			for _, w := range words(cell) {
				d.use(f, w)
				need[k] = max(need[k], d.GetStringWidth(d.fonts.fit(strings.TrimSpace(w.Text)))+0.1)
			}
		}
	}
	wanted, needed := sum(want), sum(need)
	out := make([]float64, n)
	switch {
	case wanted <= room: // the first column, which names the row, takes what is left
		copy(out, want)
		out[0] += room - wanted
	case needed <= room:
		for k := range out {
			out[k] = need[k] + (room-needed)*(want[k]-need[k])/(wanted-needed)
		}
	default:
		for k := range out {
			out[k] = max(narrowest, room*need[k]/needed)
		}
		shrink := room / sum(out) // narrow columns were widened: all pay for it
		for k := range out {
			out[k] *= shrink
		}
	}
	return out
}

func sum(list []float64) float64 {
	t := 0.0
	for _, v := range list {
		t += v
	}
	return t
}

// row sets one row line by line, so that one longer than a page goes on overleaf, with the table's head above it.
func (d *sheet) row(t *grid, r prose.Row, head bool) {
	f := t.face
	if head {
		f.bold, f.colour = true, soft
	}
	cells := make([][]textLine, len(r))
	most := 1
	for k, cell := range r {
		cells[k] = d.lines(cell, t.widths[k], f)
		most = max(most, len(cells[k]))
	}
	d.overleaf(t, float64(min(most, 8))*f.line+2*cellInside)
	d.y += cellInside
	for n := range most {
		d.overleaf(t, f.line)
		at := t.x
		for k := range cells {
			if n < len(cells[k]) {
				f.align = t.Align[k]
				d.set(cells[k][n], at, at+t.widths[k], f)
			}
			at += t.widths[k] + gutter
		}
		d.y += f.line
	}
	d.y += cellInside
	d.stroke(line, 0.15)
	if head {
		d.stroke(soft, 0.3)
	}
	d.Line(t.x, d.y, t.end(), d.y)
}

// overleaf takes a new page where the height is not left, and repeats the head there.
func (d *sheet) overleaf(t *grid, height float64) {
	if d.room(height) && t.repeat {
		t.repeat = false
		d.row(t, t.Rows[0], true)
		t.repeat = true
		d.y += cellInside
	}
}

func (d *sheet) records(b prose.Block, x, end float64) {
	f := face{sans: true, size: 9.5, line: 4.5, colour: ink}
	for _, r := range b.Rows[1:] {
		for k, cell := range r {
			if len(cell) == 0 {
				continue
			}
			var spans []prose.Span
			if head := plain(b.Rows[0][k]); head != "" {
				spans = append(spans, prose.Span{Text: head + ": ", Bold: true})
			}
			d.running(append(spans, cell...), x, end, f)
		}
		d.gap(2)
	}
}
