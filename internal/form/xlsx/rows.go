package xlsx

import (
	"encoding/xml"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

// What a sheet can have, by the standard.
const (
	MaxRow    = 1 << 20
	MaxColumn = 1 << 14
)

// Rows visits the rows that the sheet has, top down, with their numbers from 1 on and the values of their cells from column A to the last that
// holds something. Values are as stored: a date is its serial number, a truth value 1 or 0, a formula its last result. It
// hands on the error with which visit ends it; others match ErrBroken.
func (s Sheet) Rows(visit func(n int, cells []string) error) error {
	return s.book.tokens(s.part, func(d *xml.Decoder) error {
		n, inside := 0, false
		for {
			t, err := d.Token()
			if err != nil {
				return err
			}
			switch e := t.(type) {
			case xml.EndElement:
				if e.Name.Local == "sheetData" {
					return errEnd
				}
			case xml.StartElement:
				if inside = inside || e.Name.Local == "sheetData"; !inside || e.Name.Local != "row" {
					continue
				}
				if n, err = number(e, n); err != nil {
					return err
				}
				cells, err := s.book.row(d)
				if err != nil {
					return err
				}
				if err := visit(n, cells); err != nil {
					return ours{err}
				}
			}
		}
	})
}

// number is the row's own, or the one after the last.
func number(row xml.StartElement, last int) (int, error) {
	r := attribute(row, "r")
	if r == "" {
		return last + 1, nil
	}
	n, err := strconv.Atoi(r)
	if err != nil || n <= last {
		return 0, fmt.Errorf("row %q after row %d", r, last)
	}
	return n, nil
}

// row reads to the end of a row.
func (b *Book) row(d *xml.Decoder) ([]string, error) {
	var cells []string
	at := 0 // the column of the last cell
	for {
		t, err := d.Token()
		if err != nil {
			return nil, err
		}
		switch e := t.(type) {
		case xml.EndElement:
			return cells, nil
		case xml.StartElement:
			if e.Name.Local != "c" {
				if err := d.Skip(); err != nil {
					return nil, err
				}
				continue
			}
			if at, err = column(attribute(e, "r"), at); err != nil {
				return nil, err
			}
			v, err := b.cell(d, attribute(e, "t"))
			if err != nil {
				return nil, err
			}
			if v == "" {
				continue
			}
			for len(cells) < at {
				cells = append(cells, "")
			}
			cells[at-1] = v
		}
	}
}

// column reads the letters of a reference such as "AB12"; a cell without one stands beside the last.
func column(ref string, last int) (int, error) {
	at, letters := 0, 0
	for letters < len(ref) && letters < 4 {
		c := ref[letters] | 0x20 // lower case
		if c < 'a' || c > 'z' {
			break
		}
		at = at*26 + int(c-'a') + 1
		letters++
	}
	switch {
	case ref == "":
		at = last + 1
	case letters == 0 || letters == len(ref) || strings.Trim(ref[letters:], "0123456789") != "":
		return 0, fmt.Errorf("cell %q", ref)
	}
	if at > MaxColumn {
		return 0, fmt.Errorf("column %d", at)
	}
	return at, nil
}

// cell reads to the end of a cell of a kind.
func (b *Book) cell(d *xml.Decoder, kind string) (string, error) {
	var value, inline string
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch e := t.(type) {
		case xml.EndElement:
			switch kind {
			case "s":
				return b.shared(value)
			case "inlineStr":
				return unescape(inline), nil
			}
			return value, nil
		case xml.StartElement:
			switch e.Name.Local {
			case "v":
				value, err = text(d, "v")
			case "is":
				inline, err = text(d, "is")
			default:
				err = d.Skip()
			}
			if err != nil {
				return "", err
			}
		}
	}
}

// text reads to the end of an element that it is inside of: the characters of a value, or those of the runs of a rich text, without
// the reading aids of East Asian scripts.
func text(d *xml.Decoder, within string) (string, error) {
	var out strings.Builder
	take, depth := within == "v", 0
	for {
		t, err := d.Token()
		if err != nil {
			return "", err
		}
		switch e := t.(type) {
		case xml.CharData:
			if take {
				out.Write(e)
			}
		case xml.StartElement:
			if e.Name.Local == "rPh" {
				if err := d.Skip(); err != nil {
					return "", err
				}
				continue
			}
			depth++
			take = e.Name.Local == "t"
		case xml.EndElement:
			if depth == 0 {
				return out.String(), nil
			}
			depth--
			take = false
		}
	}
}

// shared finds the text that a cell names by its number.
func (b *Book) shared(index string) (string, error) {
	if index == "" {
		return "", nil
	}
	if !b.read {
		if err := b.readTexts(); err != nil {
			return "", err
		}
		b.read = true
	}
	i, err := strconv.Atoi(strings.TrimSpace(index))
	if err != nil || i < 0 || i >= len(b.texts) {
		return "", fmt.Errorf("no text %q", index)
	}
	return b.texts[i], nil
}

func (b *Book) readTexts() error {
	b.texts = nil
	return b.tokens(b.textsPart, func(d *xml.Decoder) error {
		for {
			t, err := d.Token()
			if err != nil {
				return err
			}
			if e, ok := t.(xml.StartElement); ok && e.Name.Local == "si" {
				s, err := text(d, "si")
				if err != nil {
					return err
				}
				b.texts = append(b.texts, unescape(s))
			}
		}
	})
}

var escaped = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`) })

// unescape gives back the characters that XML cannot hold: "_x000D_" is a carriage return, "_x005F_" an underscore.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	return escaped().ReplaceAllStringFunc(s, func(e string) string {
		r, err := strconv.ParseUint(e[2:6], 16, 32)
		if err != nil || !utf8.ValidRune(rune(r)) {
			return ""
		}
		return string(rune(r))
	})
}
