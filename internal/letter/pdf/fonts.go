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

// packed are the Liberation fonts, each as github.com/go-fonts/liberation has it and compressed: a binary with them as they are would
// weigh 1.7 MB more. fonts_test.go makes the files and holds them against that module. Their licence stands beside them.
//
//go:embed fonts/*.gz
var packed embed.FS

var styles = []string{"serif", "serifB", "serifI", "serifBI", "sans", "sansB", "sansI", "sansBI", "mono", "monoB"}

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
	pdf    *fpdf.Fpdf
	loaded map[string]bool
}

func newFonts(pdf *fpdf.Fpdf) *fonts { return &fonts{pdf: pdf, loaded: map[string]bool{}} }

// set selects a font.
func (f *fonts) set(family, style string, size float64) {
	if family == "mono" {
		style = strings.TrimSuffix(style, "I")
	}
	if key := family + style; !f.loaded[key] {
		f.pdf.AddUTF8FontFromBytes(family, style, file(key))
		f.loaded[key] = true
	}
	f.pdf.SetFont(family, style, size)
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

var (
	coverOnce sync.Once
	coverage  map[rune]bool
)

// covered are the characters that every one of the fonts has; the families agree in all that matters.
func covered() map[rune]bool {
	coverOnce.Do(func() {
		count := map[rune]int{}
		for _, style := range styles {
			for _, r := range characters(file(style)) {
				count[r]++
			}
		}
		coverage = map[rune]bool{}
		for r, n := range count {
			coverage[r] = n == len(styles)
		}
	})
	return coverage
}

// characters reads the character map of a TrueType font: subtable format 4 of the Windows Unicode encoding, which covers what can be
// printed here.
func characters(font []byte) []rune {
	u16 := func(at int) int { return int(binary.BigEndian.Uint16(font[at:])) }
	u32 := func(at int) int { return int(binary.BigEndian.Uint32(font[at:])) }
	var cmap int
	for i := range u16(4) {
		if at := 12 + 16*i; string(font[at:at+4]) == "cmap" {
			cmap = u32(at + 8)
		}
	}
	for i := range u16(cmap + 2) {
		at := cmap + 4 + 8*i
		if sub := cmap + u32(at+4); u16(at) == 3 && u16(at+2) == 1 && u16(sub) == 4 {
			return segments(sub, u16)
		}
	}
	return nil
}

func segments(sub int, u16 func(int) int) []rune {
	var out []rune
	twice := u16(sub + 6)
	for seg := 0; seg < twice; seg += 2 {
		end, start := u16(sub+14+seg), u16(sub+16+twice+seg)
		delta, offset := u16(sub+16+2*twice+seg), u16(sub+16+3*twice+seg)
		for c := start; c <= end && c != 0xffff; c++ {
			glyph := c + delta
			if offset != 0 {
				if glyph = u16(sub + 16 + 3*twice + seg + offset + 2*(c-start)); glyph != 0 {
					glyph += delta
				}
			}
			if glyph&0xffff != 0 {
				out = append(out, rune(c))
			}
		}
	}
	return out
}
