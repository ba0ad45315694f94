package pdf

import (
	"strings"

	"golang.org/x/text/unicode/bidi"

	"liaison/internal/prose"
)

// face is how running text looks.
type face struct {
	sans       bool
	bold       bool
	size, line float64 // points, millimetres
	colour     colour
	align      prose.Align
}

var body = face{size: bodySize, line: bodyLine, colour: ink}

// use selects the font and colour of a span in a face.
func (d *sheet) use(f face, s prose.Span) {
	family, style, size := "serif", "", f.size
	if f.sans {
		family = "sans"
	}
	if s.Mono {
		family, size = "mono", size*0.92
	}
	if s.Bold || f.bold {
		style += "B"
	}
	if s.Italic {
		style += "I"
	}
	d.fonts.set(family, style, size)
	c := f.colour
	if s.Href != "" {
		c = accent
	}
	d.SetTextColor(c.r, c.g, c.b)
}

// piece is a stretch of one dress on a line.
type piece struct {
	span  prose.Span
	width float64
}

type textLine struct {
	pieces []piece
	width  float64
}

// lines breaks running text to a width. Words longer than the line are broken where they must.
func (d *sheet) lines(spans []prose.Span, width float64, f face) []textLine {
	var out []textLine
	var now textLine
	flush := func() {
		if n := len(now.pieces); n > 0 { // no space at a line's end
			p := &now.pieces[n-1]
			if cut := strings.TrimRight(p.span.Text, " "); cut != p.span.Text {
				d.use(f, p.span)
				now.width -= p.width
				p.span.Text, p.width = cut, d.GetStringWidth(cut)
				now.width += p.width
			}
		}
		out = append(out, now)
		now = textLine{}
	}
	for _, w := range words(spans) {
		if w.Break {
			flush()
			continue
		}
		w.Href = d.target(w.Href)
		d.use(f, w)
		w.Text = d.fonts.fit(w.Text)
		full := d.GetStringWidth(w.Text)
		bare := d.GetStringWidth(strings.TrimRight(w.Text, " "))
		if now.width > 0 && now.width+bare > width && !glued(now, w) {
			flush()
			if strings.TrimSpace(w.Text) == "" {
				continue
			}
		}
		for bare > width { // a word that no line can hold
			head, rest := d.split(w.Text, width-now.width)
			if head == "" && now.width > 0 {
				flush()
				continue
			}
			now.add(w, head, d.GetStringWidth(head))
			flush()
			d.use(f, w)
			w.Text = rest
			full, bare = d.GetStringWidth(rest), d.GetStringWidth(strings.TrimRight(rest, " "))
		}
		now.add(w, w.Text, full)
	}
	if len(now.pieces) > 0 {
		flush()
	}
	return out
}

// glued tells that the word goes on where the line ends without a space: a comma after a bold word.
func glued(now textLine, w prose.Span) bool {
	last := now.pieces[len(now.pieces)-1].span.Text
	return !strings.HasSuffix(last, " ") && !strings.HasPrefix(w.Text, " ") && len([]rune(strings.TrimSpace(w.Text))) <= 2
}

func (l *textLine) add(w prose.Span, text string, width float64) {
	l.width += width
	if n := len(l.pieces); n > 0 {
		last := &l.pieces[n-1]
		same := w
		same.Text = last.span.Text
		if same == last.span {
			last.span.Text += text
			last.width += width
			return
		}
	}
	w.Text = text
	l.pieces = append(l.pieces, piece{w, width})
}

// split cuts as many characters as fit, at least one where the line is empty.
func (d *sheet) split(s string, width float64) (head, rest string) {
	for i := range s {
		if i > 0 && d.GetStringWidth(s[:i]) > width {
			cut := len(s[:i]) - len(string([]rune(s[:i])[len([]rune(s[:i]))-1:]))
			if cut == 0 {
				if width < 4 {
					return "", s
				}
				cut = i
			}
			return s[:cut], s[cut:]
		}
	}
	return s, ""
}

// words parts spans after each space; the space stays with the word before it.
func words(spans []prose.Span) []prose.Span {
	var out []prose.Span
	for _, s := range spans {
		if s.Break {
			out = append(out, s)
			continue
		}
		for _, w := range strings.SplitAfter(s.Text, " ") {
			if w != "" {
				one := s
				one.Text = w
				out = append(out, one)
			}
		}
	}
	return out
}

// running sets text between two margins, over as many pages as it takes, without leaving a first or last line alone.
func (d *sheet) running(spans []prose.Span, x, end float64, f face) {
	all := d.lines(spans, end-x, f)
	for i, l := range all {
		keep := 1
		if n := len(all); n > 1 && (i == 0 || i == n-2) && !(n == 3 && i == 1) {
			keep = 2
			if n == 3 {
				keep = 3
			}
		}
		d.room(float64(keep) * f.line)
		d.set(l, x, end, f)
		d.marks(f.line)
		d.y += f.line
	}
}

// set draws one line at y.
func (d *sheet) set(l textLine, x, end float64, f face) {
	switch f.align {
	case prose.End:
		x = end - l.width
	case prose.Middle:
		x += (end - x - l.width) / 2
	}
	base := d.y + f.line*0.5 + f.size*0.352778*0.34
	for _, p := range l.pieces {
		d.use(f, p.span)
		d.fonts.draw(x, base, visual(p.span.Text))
		shown := d.GetStringWidth(strings.TrimRight(p.span.Text, " "))
		if p.span.Strike {
			d.stroke(f.colour, 0.2)
			d.Line(x, base-f.size*0.09, x+shown, base-f.size*0.09)
		}
		if p.span.Href != "" {
			d.stroke(accent, 0.15)
			d.Line(x, base+0.7, x+shown, base+0.7)
			d.connect(x, p.width, f.line, p.span.Href)
		}
		x += p.width
	}
}

// visual puts right-to-left letters in the order in which they are drawn, within one piece of a line.
func visual(s string) string {
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x590 && r < 0x800 }) < 0 {
		return s
	}
	var p bidi.Paragraph
	if _, err := p.SetString(s); err != nil {
		return s
	}
	order, err := p.Order()
	if err != nil {
		return s
	}
	var b strings.Builder
	for i := range order.NumRuns() {
		run := order.Run(i)
		if run.Direction() == bidi.RightToLeft {
			b.WriteString(bidi.ReverseString(run.String()))
		} else {
			b.WriteString(run.String())
		}
	}
	return b.String()
}

// connect makes the place of a piece a link.
func (d *sheet) connect(x, width, height float64, href string) {
	if id, ok := d.links[href]; ok {
		d.Link(x, d.y, width, height, id)
		return
	}
	d.LinkString(x, d.y, width, height, href)
}

// target is where a link leads from paper: a heading in this file, else a whole address.
func (d *sheet) target(href string) string {
	if _, ok := d.links[href]; ok {
		return href
	}
	return d.s.Link(href)
}

// marks draws the bars of the quotations that are open beside a line, and beside the space above it since their last line.
func (d *sheet) marks(height float64) {
	for i := range d.indents {
		b := &d.indents[i]
		from := d.y
		if b.page == d.PageNo() {
			from = b.until
		}
		d.stroke(accent, 0.5)
		d.Line(b.x, from, b.x, d.y+height)
		b.page, b.until = d.PageNo(), d.y+height
	}
}
