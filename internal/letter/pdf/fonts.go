package pdf

import (
	"compress/gzip"
	"embed"
	"encoding/binary"
	"fmt"
	"io"
	"strings"
	"sync"

	"codeberg.org/go-pdf/fpdf"
)

// packed are the Liberation fonts, trimmed to what paper needs by package trim and compressed (decision 24). fonts_test.go makes the files
// from github.com/go-fonts/liberation and holds them against it. Their licence stands beside them.
//
//go:generate go test -run TestFontsAreTheModulesTrimmed -update .
//go:embed fonts/*.gz
var packed embed.FS

// styles are the faces that are packed. The others are made of these when they are drawn: a slanted sans serif is what Liberation's own
// is, as wide as the upright one and almost the same; a bold typewriter face is as wide as the lighter one.
var styles = []string{"serif", "serifB", "serifI", "serifBI", "sans", "sansB", "mono"}

var (
	unpacked   = map[string][]byte{}
	unpackedMu sync.Mutex
)

// file is a font by family and style. Each is unpacked when a document first needs it, since reading takes longer than anything else
// here; nobody may change what it gives.
func file(style string) []byte {
	unpackedMu.Lock()
	defer unpackedMu.Unlock()
	if ttf, ok := unpacked[style]; ok {
		return ttf
	}
	ttf, err := unpack(style)
	if err != nil {
		panic(fmt.Sprintf("pdf: font %s: %v", style, err)) // it is part of the program
	}
	unpacked[style] = ttf
	return ttf
}

func unpack(style string) ([]byte, error) {
	f, err := packed.Open("fonts/" + style + ".ttf.gz")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

type fonts struct {
	pdf     *fpdf.Fpdf
	loaded  map[string]bool
	slanted bool    // the font in use is drawn leaning
	heavier float64 // points by which its strokes are drawn thicker
}

func newFonts(pdf *fpdf.Fpdf) *fonts { return &fonts{pdf: pdf, loaded: map[string]bool{}} }

// set selects a font. A typewriter face does not lean.
func (f *fonts) set(family, style string, size float64) {
	f.slanted, f.heavier = false, 0
	switch bold := strings.HasPrefix(style, "B"); {
	case family == "mono" && bold:
		f.heavier = size * heavy
		style = ""
	case family == "mono":
		style = ""
	case family == "sans":
		f.slanted = strings.HasSuffix(style, "I")
		style = strings.TrimSuffix(style, "I")
	}
	if key := family + style; !f.loaded[key] {
		f.pdf.AddUTF8FontFromBytes(family, style, file(key))
		f.loaded[key] = true
	}
	f.pdf.SetFont(family, style, size)
}

const (
	slant = 12.0 // degrees, as Liberation Sans Italic leans
	heavy = 0.04 // of the size: between the strokes of Liberation Mono and those of its bold
)

// draw sets text in the font that was selected, in its colour.
func (f *fonts) draw(x, y float64, s string) {
	if f.heavier > 0 {
		f.pdf.SetDrawColor(f.pdf.GetTextColor())
		f.pdf.SetLineWidth(f.pdf.PointToUnitConvert(f.heavier))
		f.pdf.SetTextRenderingMode(2) // fill, and draw the outline
		defer f.pdf.SetTextRenderingMode(0)
	}
	if f.slanted {
		f.pdf.TransformBegin()
		f.pdf.TransformSkewX(slant, x, y)
		defer f.pdf.TransformEnd()
	}
	f.pdf.Text(x, y, s)
}

// fit replaces what the fonts cannot show: letters of other scripts become a box, spaces of unusual width a no-break space.
func (f *fonts) fit(s string) string {
	known := covered()
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\u00ad' || r == '\u200c' || r == '\u200d' || r == '\ufe0f' || r == '\t' || r == '\n':
			if r == '\t' || r == '\n' {
				return ' '
			}
			return -1
		case known[r]:
			return r
		case r == '\u202f' || r == '\u2007' || r == '\u2009':
			return '\u00a0'
		case r == '\u2011':
			return '-'
		}
		return '\u25a1'
	}, s)
}

// covered are the characters that can be shown: each of the faces was trimmed to the same.
var covered = sync.OnceValue(func() map[rune]bool {
	out := map[rune]bool{}
	for _, r := range characters(file(styles[0])) {
		out[r] = true
	}
	return out
})

// characters reads the character map of a font that was trimmed: one table of format 4, all of whose segments give each of their
// characters a glyph.
func characters(font []byte) []rune {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	var out []rune
	for i := range u16(4) {
		entry := 12 + 16*i
		if string(font[entry:entry+4]) != "cmap" {
			continue
		}
		sub := int(binary.BigEndian.Uint32(font[entry+8:])) + 12 // past the only entry of its own list
		twice := u16(sub + 6)
		for seg := 0; seg < twice-2; seg += 2 { // the last one is a mark of the end
			for r, end := u16(sub+16+twice+seg), u16(sub+14+seg); r <= end; r++ {
				out = append(out, rune(r))
			}
		}
	}
	return out
}
