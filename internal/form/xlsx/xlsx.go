// Package xlsx reads the cells of Excel workbooks (Office Open XML, ECMA-376): which sheets there are, and what stands in their rows.
//
// It is our own because it reads what strangers upload, in two Lambdas: a library that knows all of Excel is a third of such a
// function, and the lighter ones fill memory with cells that a small file only claims to have (infra/decisions/0013). What may enter:
// reading values as they are stored. Formats, formulas, pictures and writing never.
package xlsx

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// Main is the part that makes a ZIP archive a workbook.
const Main = "xl/workbook.xml"

// ErrBroken is what every error about the file itself matches.
var ErrBroken = errors.New("xlsx: not a readable workbook")

// Book is an open workbook. It reads from its archive, as often as it is asked to, and is not safe for concurrent use.
type Book struct {
	Sheets []Sheet // in the order of their tabs

	parts     map[string]*zip.File
	texts     []string // the shared strings, once they were needed
	textsPart string
	read      bool
}

// Sheet is one worksheet.
type Sheet struct {
	Name   string
	Hidden bool

	book *Book
	part string
}

// Open reads the table of contents. How large the parts may become is for the caller to limit beforehand.
func Open(z *zip.Reader) (*Book, error) {
	b := &Book{parts: map[string]*zip.File{}, textsPart: "xl/sharedStrings.xml"}
	for _, f := range z.File {
		b.parts[partName(f.Name)] = f
	}
	targets := map[string]string{} // relationship → part
	err := b.elements("xl/_rels/workbook.xml.rels", func(e xml.StartElement) {
		if e.Name.Local == "Relationship" {
			target := part(attribute(e, "Target"))
			targets[attribute(e, "Id")] = target
			if strings.HasSuffix(attribute(e, "Type"), "/sharedStrings") {
				b.textsPart = target
			}
		}
	})
	if err != nil {
		return nil, err
	}
	err = b.elements(Main, func(e xml.StartElement) {
		if e.Name.Local != "sheet" {
			return
		}
		s := Sheet{Name: attribute(e, "name"), book: b, part: targets[attribute(e, "id")]}
		state := attribute(e, "state")
		s.Hidden = state != "" && state != "visible"
		if b.parts[partName(s.part)] != nil {
			b.Sheets = append(b.Sheets, s)
		}
	})
	return b, err
}

// partName is what a part is found by: names are told apart without regard to case.
func partName(s string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(s, `\`, "/"), "/"))
}

// part is the place that a relationship of the workbook leads to.
func part(target string) string {
	if strings.HasPrefix(target, "/") {
		return target
	}
	return path.Join("xl", target)
}

// attribute finds an attribute by its local name; prefixes differ from writer to writer.
func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name && a.Name.Space != "xmlns" {
			return a.Value
		}
	}
	return ""
}

// elements visits the start of every element of a part.
func (b *Book) elements(name string, visit func(xml.StartElement)) error {
	return b.tokens(name, func(d *xml.Decoder) error {
		for {
			t, err := d.Token()
			if err != nil {
				return err
			}
			if e, ok := t.(xml.StartElement); ok {
				visit(e)
			}
		}
	})
}

var errEnd = errors.New("xlsx: read enough")

// ours is an error of whoever is shown the rows, on its way through.
type ours struct{ error }

// tokens opens a part for walk, which reads until an error: io.EOF and errEnd are the good ones.
func (b *Book) tokens(name string, walk func(*xml.Decoder) error) error {
	f := b.parts[partName(name)]
	if f == nil {
		return fmt.Errorf("%w: no %s", ErrBroken, name)
	}
	r, err := f.Open()
	if err != nil {
		return fmt.Errorf("%w: %s: %v", ErrBroken, name, err)
	}
	defer r.Close()
	d := xml.NewDecoder(transform.NewReader(r, unicode.BOMOverride(encoding.Nop.NewDecoder())))
	d.CharsetReader = charset
	err = walk(d)
	var own ours
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, errEnd):
		return nil
	case errors.As(err, &own):
		return own.error
	}
	return fmt.Errorf("%w: %s: %v", ErrBroken, name, err)
}

// charset: the standard allows UTF-8 and UTF-16, which has a byte order mark and is read by now.
func charset(label string, input io.Reader) (io.Reader, error) {
	switch label = strings.ToLower(label); label {
	case "utf-8", "utf-16", "us-ascii":
		return input, nil
	case "iso-8859-1", "windows-1252":
		return charmap.Windows1252.NewDecoder().Reader(input), nil
	}
	return nil, fmt.Errorf("encoding %q", label)
}
