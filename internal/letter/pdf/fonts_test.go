package pdf

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/go-fonts/liberation/liberationmonobold"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansbolditalic"
	"github.com/go-fonts/liberation/liberationsansitalic"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"

	"liaison/internal/letter/pdf/trim"
)

var update = flag.Bool("update", false, "pack the fonts anew")

// originals are the faces that text can ask for; those that are not packed are drawn from the others.
var originals = map[string][]byte{
	"serif": liberationserifregular.TTF, "serifB": liberationserifbold.TTF, "serifI": liberationserifitalic.TTF, "serifBI": liberationserifbolditalic.TTF,
	"sans": liberationsansregular.TTF, "sansB": liberationsansbold.TTF, "sansI": liberationsansitalic.TTF, "sansBI": liberationsansbolditalic.TTF,
	"mono": liberationmonoregular.TTF, "monoB": liberationmonobold.TTF,
}

// unprinted are alphabets that no newsletter is written in, though the faces have them: the signs of phoneticians, and Greek with the accents
// that it gave up in 1982. They are a fifth of all outlines.
var unprinted = &unicode.RangeTable{R16: []unicode.Range16{
	{Lo: 0x0250, Hi: 0x02af, Stride: 1}, // IPA extensions
	{Lo: 0x1d00, Hi: 0x1dff, Stride: 1}, // phonetic extensions
	{Lo: 0x1f00, Hi: 0x1fff, Stride: 1}, // Greek extended
	{Lo: 0x2c60, Hi: 0x2c7f, Stride: 1}, // Latin extended C
	{Lo: 0xa700, Hi: 0xa7ff, Stride: 1}, // tone letters, Latin extended D
}}

// shared are the characters that all of them have and that are printed; the families agree in all that matters.
func shared(t *testing.T) []rune {
	t.Helper()
	count := map[rune]int{}
	for _, ttf := range originals {
		list, err := trim.Characters(ttf)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range list {
			count[r]++
		}
	}
	var out []rune
	for r, n := range count {
		if n == len(originals) && !unicode.Is(unprinted, r) {
			out = append(out, r)
		}
	}
	slices.Sort(out)
	return out
}

func trimmed(t *testing.T, style string, keep []rune) []byte {
	t.Helper()
	families := map[byte]string{'s': "Liaison Serif", 'a': "Liaison Sans", 'm': "Liaison Mono"}
	family, name := families[style[0]], "Regular"
	if strings.HasPrefix(style, "sans") {
		family = families['a']
	}
	switch {
	case strings.HasSuffix(style, "BI"):
		name = "Bold Italic"
	case strings.HasSuffix(style, "B"):
		name = "Bold"
	case strings.HasSuffix(style, "I"):
		name = "Italic"
	}
	out, err := trim.Font(originals[style], keep, family, name)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestFontsAreTheModulesTrimmed: what is packed is what package trim makes of the module's fonts; after a change of either, go generate.
func TestFontsAreTheModulesTrimmed(t *testing.T) {
	keep := shared(t)
	for _, style := range styles {
		want := trimmed(t, style, keep)
		if *update {
			if err := os.WriteFile("fonts/"+style+".ttf.gz", pack(t, want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got := file(style); !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want %d: run go generate", style, len(got), len(want))
		}
	}
	if !*update && !slices.Equal(characters(file("serif")), keep) {
		t.Error("another set of characters can be shown than all of the module's faces have")
	}
}

func pack(t *testing.T, ttf []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(ttf); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// glyphs reads a font with a reader that is not ours, in the font's own units.
type glyphs struct {
	*sfnt.Font
	sfnt.Buffer
	t *testing.T
}

func glyphsOf(t *testing.T, ttf []byte) *glyphs {
	t.Helper()
	f, err := sfnt.Parse(ttf)
	if err != nil {
		t.Fatal(err)
	}
	return &glyphs{Font: f, t: t}
}

func (g *glyphs) size() fixed.Int26_6 { return fixed.I(int(g.UnitsPerEm())) }

func (g *glyphs) index(r rune) sfnt.GlyphIndex {
	i, err := g.GlyphIndex(&g.Buffer, r)
	if err != nil || i == 0 {
		g.t.Fatalf("%U: glyph %d, %v", r, i, err)
	}
	return i
}

func (g *glyphs) width(r rune) fixed.Int26_6 {
	w, err := g.GlyphAdvance(&g.Buffer, g.index(r), g.size(), font.HintingNone)
	if err != nil {
		g.t.Fatalf("%U: %v", r, err)
	}
	return w
}

func (g *glyphs) outline(i sfnt.GlyphIndex) sfnt.Segments {
	s, err := g.LoadGlyph(&g.Buffer, i, g.size(), nil)
	if err != nil {
		g.t.Fatalf("glyph %d: %v", i, err)
	}
	return slices.Clone(s) // the buffer is used again
}

// TestOutlinesAndWidthsAreTheOriginals holds every character of every face, as another library reads it, to what was published.
func TestOutlinesAndWidthsAreTheOriginals(t *testing.T) {
	for _, style := range styles {
		ours, theirs := glyphsOf(t, file(style)), glyphsOf(t, originals[style])
		drawn := 0
		for r := range covered() {
			got, want := ours.outline(ours.index(r)), theirs.outline(theirs.index(r))
			if !slices.Equal(got, want) {
				t.Errorf("%s %U: another outline", style, r)
			}
			if got, want := ours.width(r), theirs.width(r); got != want {
				t.Errorf("%s %U: %d wide, was %d", style, r, got, want)
			}
			drawn += len(got)
		}
		if drawn < 20_000 {
			t.Errorf("%s: %d strokes in all", style, drawn)
		}
		if !slices.Equal(ours.outline(0), theirs.outline(0)) {
			t.Errorf("%s: another box for what is missing", style)
		}
		name, err := ours.Name(&ours.Buffer, sfnt.NameIDFull)
		if err != nil || !strings.HasPrefix(name, "Liaison ") {
			t.Errorf("%s: named %q (%v)", style, name, err)
		}
		licence, err := ours.Name(&ours.Buffer, sfnt.NameIDLicense)
		if err != nil || !strings.Contains(licence, "SIL Open Font License") {
			t.Errorf("%s: licence %q (%v)", style, licence, err)
		}
	}
}

// TestMadeUpFacesAreAsWideAsTrueOnes: what is drawn slanted or heavier takes the room that the module's own face would take. So it is for
// every letter of the typewriter face, and for those of English, French and Spanish. In Cyrillic Liberation Sans Italic has some cursive
// letters, which are narrower or wider; ours are the upright ones, slanted, as many sans serifs have them.
func TestMadeUpFacesAreAsWideAsTrueOnes(t *testing.T) {
	for made, from := range map[string]string{"sansI": "sans", "sansBI": "sansB", "monoB": "mono"} {
		ours, theirs := glyphsOf(t, file(from)), glyphsOf(t, originals[made])
		for r := range covered() {
			if from != "mono" && r >= 0x100 && !strings.ContainsRune("ŒœŸ–—‘’“”…€", r) {
				continue
			}
			if got, want := ours.width(r), theirs.width(r); got != want {
				t.Errorf("%s %U %c: %d wide, the true face %d", made, r, r, got, want)
			}
		}
		if angle := theirs.PostTable().ItalicAngle; strings.HasSuffix(made, "I") && angle != -slant {
			t.Errorf("%s leans by %v", made, angle)
		}
	}
}
