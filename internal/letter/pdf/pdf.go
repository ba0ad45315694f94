// Package pdf sets an edition of an issue on A4 paper: embedded fonts with Latin, Greek, Cyrillic and Hebrew, headings as bookmarks, live links,
// title, language and author as metadata.
//
// It is apart from package edition because the fonts and the PDF library weigh more than a megabyte: only functions that print link it. What may enter:
// how blocks become lines and lines become pages. The bytes are a pure function of the arguments, so that a file that was made
// twice is the same file.
package pdf

import (
	"bytes"
	"fmt"
	"time"

	"codeberg.org/go-pdf/fpdf"

	"liaison/internal/letter/edition"
	"liaison/internal/prose"
)

// Measures in millimetres.
const (
	pageWidth  = 210.0
	pageHeight = 297.0
	left       = 32.0
	right      = pageWidth - 32.0
	top        = 26.0
	bottom     = pageHeight - 22.0
)

// Type sizes in points, and the lines they stand on in millimetres.
const (
	bodySize = 11.0
	bodyLine = 5.5
	smallest = 6.5
)

type colour struct{ r, g, b int }

var (
	ink    = colour{28, 31, 35}
	soft   = colour{85, 92, 99}
	accent = colour{11, 93, 94}
	line   = colour{170, 168, 160}
)

// sheet is a document in the making. y is where the next line begins.
type sheet struct {
	*fpdf.Fpdf
	fonts    *fonts
	s        *edition.Sheet
	y        float64
	links    map[string]int // "#part-1": a place in this file
	bookmark int            // level of the last one
	begun    bool           // a bookmark was set
	indents  []bar          // of the quotations that are open
}

// bar stands at the left of quoted lines; until is where it ends so far.
type bar struct {
	x, until float64
	page     int
}

// Issue sets an edition.
func Issue(l *edition.Letters, x edition.Edition) ([]byte, error) {
	s := l.Sheet(x)
	d := &sheet{Fpdf: fpdf.New("P", "mm", "A4", ""), s: s, links: map[string]int{}}
	d.fonts = newFonts(d.Fpdf)
	d.SetAutoPageBreak(false, 0)
	d.SetMargins(left, top, pageWidth-right)
	d.metadata(x.Date)
	for _, b := range s.Doc.Blocks {
		if b.Kind == prose.Heading {
			d.links["#"+b.ID] = d.AddLink()
		}
	}
	d.AddPage()
	d.masthead()
	d.blocks(s.Doc.Blocks, left, right)
	d.colophon(l)
	d.furniture()
	var out bytes.Buffer
	if err := d.Output(&out); err != nil {
		return nil, fmt.Errorf("pdf: issue %d in %s: %w", x.Number, x.Language, err)
	}
	return out.Bytes(), nil
}

func (d *sheet) metadata(date time.Time) {
	d.SetCatalogSort(true)
	d.SetCreationDate(date.UTC())
	d.SetModificationDate(date.UTC())
	d.SetTitle(d.s.Title, true)
	d.SetSubject(d.s.Name+", "+d.s.Kicker, true)
	d.SetAuthor(d.s.Group, true)
	d.SetCreator(d.s.Name, true)
	d.SetProducer("Liaison", true)
	d.SetLang(string(d.s.Language))
}

// masthead is the head of the first page: who speaks, which number, and the title between two double rules.
func (d *sheet) masthead() {
	d.y = 20
	d.running([]prose.Span{{Text: d.s.Name, Bold: true}}, left, right, face{size: 19, line: 8, colour: ink})
	d.running([]prose.Span{{Text: d.s.Group}}, left, right, face{sans: true, size: 9, line: 4.4, colour: soft})
	d.y += 5
	d.rule()
	d.y += 5
	d.running([]prose.Span{{Text: d.s.Kicker}}, left, right, face{sans: true, size: 9, line: 5, colour: soft})
	d.y += 1
	d.running([]prose.Span{{Text: d.s.Title, Bold: true}}, left, right, face{size: 22, line: 9.2, colour: ink})
	d.y += 4
	d.rule()
	d.y += 8
}

func (d *sheet) rule() {
	d.stroke(ink, 0.25)
	d.Line(left, d.y, right, d.y)
	d.Line(left, d.y+0.9, right, d.y+0.9)
	d.y += 0.9
}

func (d *sheet) stroke(c colour, width float64) {
	d.SetDrawColor(c.r, c.g, c.b)
	d.SetLineWidth(width)
}

// colophon ends the text: where it stands on the web, whom to write to, and that it may travel.
func (d *sheet) colophon(l *edition.Letters) {
	var spans []prose.Span
	add := func(text, href string) {
		if len(spans) > 0 {
			spans = append(spans, prose.Span{Break: true})
		}
		spans = append(spans, prose.Span{Text: text, Href: href})
	}
	p := l.Programme
	if d.s.Web != "" {
		add(d.s.Web, d.s.Web)
		add(d.s.P.T("issue.forward"), "")
	}
	add(string(p.ReplyTo), "mailto:"+string(p.ReplyTo))
	if p.Postal != "" {
		add(d.s.Name+", "+p.Postal, "")
	}
	d.y += 6
	d.room(6 + 4.4*float64(len(spans)))
	d.stroke(line, 0.2)
	d.Line(left, d.y, right, d.y)
	d.y += 3
	d.running(spans, left, right, face{sans: true, size: 8.5, line: 4.4, colour: soft})
}

// furniture is drawn last, when the number of pages is known.
func (d *sheet) furniture() {
	pages := d.PageCount()
	for n := 1; n <= pages; n++ {
		d.SetPage(n)
		d.use(face{sans: true, size: 8.5, colour: soft}, prose.Span{})
		foot := d.fonts.fit(d.s.P.T("issue.pdf.page", "Page", n, "Pages", pages))
		d.Text(right-d.GetStringWidth(foot), pageHeight-14, foot)
		if n == 1 {
			continue
		}
		d.Text(left, 17, d.fonts.fit(d.s.Name))
		kicker := d.fonts.fit(d.s.Kicker)
		d.Text(right-d.GetStringWidth(kicker), 17, kicker)
		d.stroke(line, 0.2)
		d.Line(left, 19.5, right, 19.5)
	}
	d.SetPage(pages)
}

// room makes sure that so many millimetres are left on the page, and tells whether it took a new one.
func (d *sheet) room(height float64) bool {
	if d.y+height <= bottom || d.y <= top {
		return false
	}
	d.AddPage()
	d.y = top
	return true
}
