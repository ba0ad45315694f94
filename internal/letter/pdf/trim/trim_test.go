package trim

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"github.com/go-fonts/liberation/liberationsansregular"
	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

var published = liberationsansregular.TTF

func TestFontKeepsWhatIsAskedFor(t *testing.T) {
	keep := []rune("éA1жя ёA") // in no order, once double; some are made of others
	out, err := Font(published, keep, "Some Family", "Bold Italic")
	if err != nil {
		t.Fatal(err)
	}
	got, err := Characters(out)
	if err != nil || string(got) != " 1Aéжяё" {
		t.Errorf("characters %q, %v", string(got), err)
	}
	f, err := read(out)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"fpgm", "prep", "cvt ", "gasp", "GPOS", "GSUB", "GDEF", "kern", "FFTM"} {
		if f.tables[name] != nil {
			t.Errorf("table %q is of no use to paper", name)
		}
	}
	if len(out) > 4000 {
		t.Errorf("%d bytes for seven characters", len(out))
	}
	judge, err := sfnt.Parse(out)
	if err != nil {
		t.Fatal(err)
	}
	original, err := sfnt.Parse(published)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range keep {
		if a, b := shape(t, judge, r), shape(t, original, r); !slices.Equal(a, b) || width(t, judge, r) != width(t, original, r) {
			t.Errorf("%c is drawn otherwise", r)
		}
	}
	var b sfnt.Buffer
	for id, want := range map[sfnt.NameID]string{sfnt.NameIDFamily: "Some Family", sfnt.NameIDSubfamily: "Bold Italic", sfnt.NameIDPostScript: "SomeFamily-BoldItalic"} {
		if got, err := judge.Name(&b, id); got != want {
			t.Errorf("name %d: %q (%v)", id, got, err)
		}
	}
	if checksum(out) != 0xB1B0AFBA {
		t.Errorf("the file adds up to %x", checksum(out))
	}
	again, err := Font(out, []rune("é"), "Some Family", "Bold Italic")
	if err != nil || len(again) >= len(out) {
		t.Errorf("what was trimmed cannot be trimmed further: %v", err)
	}
}

func shape(t *testing.T, f *sfnt.Font, r rune) sfnt.Segments {
	t.Helper()
	var b sfnt.Buffer
	i, err := f.GlyphIndex(&b, r)
	if err != nil || i == 0 {
		t.Fatalf("%c: glyph %d, %v", r, i, err)
	}
	s, err := f.LoadGlyph(&b, i, fixed.I(2048), nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func width(t *testing.T, f *sfnt.Font, r rune) fixed.Int26_6 {
	t.Helper()
	var b sfnt.Buffer
	i, err := f.GlyphIndex(&b, r)
	if err != nil {
		t.Fatal(err)
	}
	w, err := f.GlyphAdvance(&b, i, fixed.I(2048), font.HintingNone)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWhatIsNoFontIsRefused(t *testing.T) {
	if _, err := Font(published, []rune("A中"), "F", "S"); err == nil {
		t.Error("a character that the font has not")
	}
	for name, font := range map[string][]byte{
		"nothing":   nil,
		"text":      []byte("Not a font at all, but long enough to look for tables in."),
		"OpenType":  append([]byte("OTTO"), published[4:]...),
		"cut off":   published[:len(published)/2],
		"no tables": append([]byte{0, 1, 0, 0}, make([]byte, 40)...),
		"no post":   bytes.Replace(published, []byte("post"), []byte("pest"), 1),
	} {
		if _, err := Font(font, []rune("A"), "F", "S"); !errors.Is(err, ErrFont) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Characters(font); !errors.Is(err, ErrFont) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzFont: a broken font is an error, and never a panic or no end.
func FuzzFont(f *testing.F) {
	small, err := Font(published, []rune("Aéж"), "F", "S")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add(small[:300])
	f.Fuzz(func(t *testing.T, b []byte) {
		if out, err := Font(b, []rune("Aж"), "F", "S"); err == nil {
			if _, err := Characters(out); err != nil {
				t.Error(err)
			}
		}
	})
}
