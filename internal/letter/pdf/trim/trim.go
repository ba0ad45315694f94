// Package trim makes the fonts of paper out of those that a foundry publishes for screens. No program links it: the tests of package
// pdf make its files with it (go generate) and hold what is packed against it.
//
// Paper needs the outlines and widths of the characters that are printed. It has no pixels, so the instructions that fit outlines to
// them go, and with them kerning and the layout tables, which fpdf does not read. What may enter: leaving out what paper has no use
// for; never a change of an outline or a width.
package trim

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// ErrFont: the bytes are no TrueType font of the kind that this package reads.
var ErrFont = errors.New("trim: not a TrueType font that can be read")

// Font trims a TrueType font to the characters of keep, which must be in it. The licence of the Liberation fonts reserves that name for
// the unchanged ones, so the trimmed one has a family and a style ("Bold Italic") of its own; who made it and under which licence it is stays.
func Font(font []byte, keep []rune, family, style string) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil { // an offset that leads out of the file
			out, err = nil, fmt.Errorf("%w: %v", ErrFont, r)
		}
	}()
	f, err := read(font)
	if err != nil {
		return nil, err
	}
	keep = slices.Compact(slices.Sorted(slices.Values(keep)))
	c := cut{font: f, place: map[int]int{0: 0}, order: []int{0}}
	for _, r := range keep {
		glyph, ok := f.characters[r]
		if !ok {
			return nil, fmt.Errorf("trim: the font has no %U", r)
		}
		c.add(glyph)
	}
	for i := 0; i < len(c.order); i++ { // the list grows while it is read: parts of parts
		for _, at := range parts(f.glyph(c.order[i])) {
			c.add(u16(f.glyph(c.order[i]), at+2))
		}
	}
	return c.assemble(keep, family, style), nil
}

// Characters are those of the font, in order.
func Characters(font []byte) ([]rune, error) {
	f, err := read(font)
	if err != nil {
		return nil, err
	}
	var out []rune
	for r := range f.characters {
		out = append(out, r)
	}
	slices.Sort(out)
	return out, nil
}

// cut is what stays of a font. Glyph 0 is the box for what is missing; the others follow in the order of their characters, then the
// parts that only other glyphs are made of.
type cut struct {
	font  *source
	place map[int]int // the new number of an old glyph
	order []int       // the old number of a new glyph
}

func (c *cut) add(glyph int) {
	if _, ok := c.place[glyph]; !ok {
		c.place[glyph] = len(c.order)
		c.order = append(c.order, glyph)
	}
}

func (c *cut) assemble(keep []rune, family, style string) []byte {
	f := c.font
	var glyf, loca, hmtx []byte
	for _, old := range c.order {
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, c.glyph(f.glyph(old))...)
		hmtx = append(hmtx, f.metrics(old)...)
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
	head := patch(f.table("head"), 8, 0, 10, 0, 50, 1) // no sum yet; long offsets
	head[17] &^= 1<<2 | 1<<3 | 1<<4                    // widths and heights do not depend on instructions
	return file(map[string][]byte{
		"cmap": cmap(keep, func(r rune) int { return c.place[f.characters[r]] }),
		"glyf": glyf, "loca": loca, "hmtx": hmtx, "head": head,
		"hhea": patch(f.table("hhea"), 34, len(c.order)),
		"maxp": patch(f.table("maxp"), 4, len(c.order), 14, 1, 16, 0, 18, 0, 20, 0, 22, 0, 24, 0, 26, 0), // no instructions, no room for them
		"name": names(f.table("name"), family, style),
		"OS/2": patch(f.table("OS/2"), 64, int(keep[0]), 66, int(keep[len(keep)-1])),
		"post": append([]byte{0, 3, 0, 0}, f.table("post")[4:32]...), // without names of glyphs
	})
}

// patch copies a table with some of its 16-bit numbers changed: pairs of place and value.
func patch(table []byte, pairs ...int) []byte {
	out := slices.Clone(table)
	for i := 0; i+1 < len(pairs); i += 2 {
		binary.BigEndian.PutUint16(out[pairs[i]:], uint16(pairs[i+1]))
	}
	return out
}

// Bits of a glyph's data, by their names in the OpenType specification.
const (
	xShortVector, yShortVector, repeatFlag, xIsSame, yIsSame = 0x02, 0x04, 0x08, 0x10, 0x20

	wordArguments, haveScale, moreComponents, haveTwoScales, haveMatrix, haveInstructions = 0x0001, 0x0008, 0x0020, 0x0040, 0x0080, 0x0100
)

// glyph copies an outline without its instructions; glyphs that it is made of get their new numbers.
func (c *cut) glyph(g []byte) []byte {
	if len(g) == 0 {
		return nil
	}
	list := parts(g)
	if list == nil {
		return outline(g)
	}
	out := slices.Clone(g[:afterPart(g, list[len(list)-1])])
	for _, at := range list {
		out = patch(out, at, u16(g, at)&^haveInstructions, at+2, c.place[u16(g, at+2)])
	}
	return out
}

// outline copies a glyph that is made of points.
func outline(g []byte) []byte {
	ends := 10 + 2*u16(g, 0)
	points := u16(g, ends-2) + 1
	at := ends + 2 + u16(g, ends) // past the instructions
	begin, coordinates := at, 0
	for n := 0; n < points; {
		flag, times := g[at], 1
		at++
		if flag&repeatFlag != 0 {
			times += int(g[at])
			at++
		}
		coordinates += times * (bytesOf(flag, xShortVector, xIsSame) + bytesOf(flag, yShortVector, yIsSame))
		n += times
	}
	out := append(slices.Clone(g[:ends]), 0, 0)
	return append(out, g[begin:at+coordinates]...)
}

func bytesOf(flag, short, same byte) int {
	switch {
	case flag&short != 0:
		return 1
	case flag&same != 0:
		return 0
	}
	return 2
}

// parts gives the places in a glyph's data where its parts are named; nil for one that is made of points.
func parts(g []byte) []int {
	if len(g) == 0 || g[0] < 0x80 { // the number of contours is not negative
		return nil
	}
	out := []int{10}
	for {
		last := out[len(out)-1]
		if u16(g, last)&moreComponents == 0 {
			return out
		}
		out = append(out, afterPart(g, last))
	}
}

func afterPart(g []byte, at int) int {
	flags := u16(g, at)
	at += 6
	if flags&wordArguments != 0 {
		at += 2
	}
	switch {
	case flags&haveScale != 0:
		at += 2
	case flags&haveTwoScales != 0:
		at += 4
	case flags&haveMatrix != 0:
		at += 8
	}
	return at
}
