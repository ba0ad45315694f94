package trim

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"unicode/utf16"
)

// source is a font as it was published.
type source struct {
	tables     map[string][]byte
	characters map[rune]int // the glyph of each character
}

func u16(b []byte, at int) int { return int(binary.BigEndian.Uint16(b[at:])) }
func u32(b []byte, at int) int { return int(binary.BigEndian.Uint32(b[at:])) }

func read(font []byte) (f *source, err error) {
	defer func() {
		if r := recover(); r != nil {
			f, err = nil, fmt.Errorf("%w: %v", ErrFont, r)
		}
	}()
	if !bytes.HasPrefix(font, []byte{0, 1, 0, 0}) {
		return nil, ErrFont
	}
	f = &source{tables: map[string][]byte{}}
	for i := range u16(font, 4) {
		entry := font[12+16*i:]
		begin, end := u32(entry, 8), u32(entry, 8)+u32(entry, 12)
		f.tables[string(entry[:4])] = font[begin:end:min(end, len(font))] // past the end of a file that was cut off is a panic
	}
	for _, name := range []string{"cmap", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "OS/2", "post"} {
		if f.tables[name] == nil {
			return nil, fmt.Errorf("%w: no table %q", ErrFont, name)
		}
	}
	f.characters, err = characters(f.table("cmap"))
	return f, err
}

func (f *source) table(name string) []byte { return f.tables[name] }

// glyph is the data of an outline; empty for a space.
func (f *source) glyph(n int) []byte {
	loca, glyf := f.table("loca"), f.table("glyf")
	if u16(f.table("head"), 50) == 0 {
		return slices.Clip(glyf[2*u16(loca, 2*n) : 2*u16(loca, 2*n+2)])
	}
	return slices.Clip(glyf[u32(loca, 4*n):u32(loca, 4*n+4)])
}

// metrics are the width of a glyph and the place where it begins.
func (f *source) metrics(n int) []byte {
	table, full := f.table("hmtx"), u16(f.table("hhea"), 34)
	if n < full {
		return table[4*n : 4*n+4]
	}
	last, own := 4*(full-1), 4*full+2*(n-full) // all that follow are as wide as the last
	return slices.Concat(table[last:last+2], table[own:own+2])
}

// characters reads subtable format 4 of the Windows Unicode encoding, which covers all that can be printed here.
func characters(cmap []byte) (map[rune]int, error) {
	out := map[rune]int{}
	for i := range u16(cmap, 2) {
		entry := cmap[4+8*i:]
		sub := cmap[u32(entry, 4):]
		if u16(entry, 0) != 3 || u16(entry, 2) != 1 || u16(sub, 0) != 4 {
			continue
		}
		twice, last := u16(sub, 6), -1
		for seg := 0; seg < twice; seg += 2 {
			end, start := u16(sub, 14+seg), u16(sub, 16+twice+seg)
			delta, offset := u16(sub, 16+2*twice+seg), u16(sub, 16+3*twice+seg)
			if start <= last || end < start {
				return nil, fmt.Errorf("%w: characters out of order", ErrFont)
			}
			last = end
			for c := start; c <= end && c != 0xffff; c++ {
				glyph := c
				if offset != 0 {
					if glyph = u16(sub, 16+3*twice+seg+offset+2*(c-start)); glyph == 0 {
						continue
					}
				}
				if glyph = (glyph + delta) & 0xffff; glyph != 0 {
					out[rune(c)] = glyph
				}
			}
		}
	}
	return out, nil
}

// cmap writes one subtable of format 4. Its segments are runs in which glyphs follow each other as the characters do, so that each
// needs no more than a difference.
func cmap(keep []rune, glyph func(rune) int) []byte {
	var starts, ends, deltas []int
	for i, r := range keep {
		if delta := glyph(r) - int(r); i > 0 && keep[i-1] == r-1 && deltas[len(deltas)-1] == delta&0xffff {
			ends[len(ends)-1] = int(r)
		} else {
			starts, ends, deltas = append(starts, int(r)), append(ends, int(r)), append(deltas, delta&0xffff)
		}
	}
	starts, ends, deltas = append(starts, 0xffff), append(ends, 0xffff), append(deltas, 1)
	n := len(starts)
	search, steps := powerOfTwo(n)
	out := numbers(nil, 0, 1, 3, 1, 0, 12, 4, 16+8*n, 0, 2*n, 2*search, steps, 2*(n-search))
	out = numbers(out, ends...)
	out = numbers(out, 0)
	out = numbers(out, starts...)
	out = numbers(out, deltas...)
	return numbers(out, make([]int, n)...)
}

func numbers(out []byte, list ...int) []byte {
	for _, n := range list {
		out = binary.BigEndian.AppendUint16(out, uint16(n))
	}
	return out
}

// powerOfTwo is the largest that is not above n, and its exponent: the tables of a font are searched by halves.
func powerOfTwo(n int) (power, exponent int) {
	for power = 1; power*2 <= n; power *= 2 {
		exponent++
	}
	return power, exponent
}

// Names of a font, by their numbers in the OpenType specification.
const (
	nameCopyright, nameFamily, nameStyle, nameFull, namePostScript, nameLicence, nameLicenceURL = 0, 1, 2, 4, 6, 13, 14
)

// names writes the table of names anew, in English.
func names(table []byte, family, style string) []byte {
	texts := map[int][]byte{}
	for i := range u16(table, 2) {
		entry := table[6+12*i:]
		if id := u16(entry, 6); u16(entry, 0) == 3 && u16(entry, 4) == 0x409 && (id == nameCopyright || id == nameLicence || id == nameLicenceURL) {
			at := u16(table, 4) + u16(entry, 10)
			texts[id] = table[at : at+u16(entry, 8)]
		}
	}
	joined := bytes.ReplaceAll([]byte(family+"-"+style), []byte(" "), nil)
	for id, s := range map[int]string{nameFamily: family, nameStyle: style, nameFull: family + " " + style, namePostScript: string(joined)} {
		for _, unit := range utf16.Encode([]rune(s)) {
			texts[id] = binary.BigEndian.AppendUint16(texts[id], unit)
		}
	}
	out := numbers(nil, 0, len(texts), 6+12*len(texts))
	var storage []byte
	for _, id := range slices.Sorted(maps.Keys(texts)) {
		out = numbers(out, 3, 1, 0x409, id, len(texts[id]), len(storage))
		storage = append(storage, texts[id]...)
	}
	return append(out, storage...)
}

// file puts tables together to a file.
func file(tables map[string][]byte) []byte {
	order := slices.Sorted(maps.Keys(tables))
	search, steps := powerOfTwo(len(order))
	out := numbers([]byte{0, 1, 0, 0}, len(order), 16*search, steps, 16*(len(order)-search))
	at, head := 12+16*len(order), 0
	var body []byte
	for _, name := range order {
		if name == "head" {
			head = at + len(body)
		}
		data := tables[name]
		out = append(out, name...)
		out = binary.BigEndian.AppendUint32(out, checksum(data))
		out = binary.BigEndian.AppendUint32(out, uint32(at+len(body)))
		out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
		body = append(body, data...)
		body = append(body, make([]byte, -len(data)&3)...)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-checksum(out))
	return out
}

// checksum adds up 32-bit numbers; what is short of one counts as if zeros followed.
func checksum(data []byte) uint32 {
	var sum uint32
	for len(data) >= 4 {
		sum += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	return sum + binary.BigEndian.Uint32(append(slices.Clone(data), 0, 0, 0, 0))
}
