package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"liaison/internal/form/xlsx"
)

const (
	maxParts = 1000    // of a workbook; a plain one has about a dozen
	maxMarks = 1 << 21 // tags of a workbook, opening and closing; a list of 20,000 rows and 12 columns has at most 1.5 million
)

// workbook opens an XLSX file. Each sheet is a source, so that the list may stand on any of the first ones.
func workbook(data []byte) ([]source, error) {
	z, err := checkZip(data)
	if err != nil {
		return nil, err
	}
	book, err := xlsx.Open(z)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("%w: %v", ErrType, err), Key: "list.error.type"}
	}
	var out []source
	for i, s := range book.Sheets {
		if i >= maxSheets {
			break
		}
		if !s.Hidden {
			out = append(out, sheet(s))
		}
	}
	return out, nil
}

// checkZip refuses what is no workbook and what grows too large when unpacked. The sizes are those that the archive declares; the reader
// refuses parts that are longer than declared.
func checkZip(data []byte) (*zip.Reader, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, &Error{Err: ErrType, Key: "list.error.type"}
	}
	var size uint64
	isBook := false
	for _, f := range z.File {
		size += f.UncompressedSize64
		isBook = isBook || f.Name == xlsx.Main
		if size > MaxUnzipped || len(z.File) > maxParts {
			return nil, &Error{Err: ErrTooBig, Key: "list.error.unzipped", Args: []any{"Count", MaxUnzipped >> 20}}
		}
	}
	if !isBook {
		return nil, &Error{Err: ErrType, Key: "list.error.type"}
	}
	return z, checkMarks(z)
}

// checkMarks refuses what takes long to read: the reader's time goes by the tags, and a file of some kilobytes can unpack to millions of
// them without being large.
func checkMarks(z *zip.Reader) error {
	marks, part := 0, make([]byte, 64<<10)
	for _, f := range z.File {
		r, err := f.Open()
		for err == nil {
			var n int
			n, err = r.Read(part)
			if marks += bytes.Count(part[:n], []byte("<")); marks > maxMarks {
				r.Close()
				return &Error{Err: ErrTooBig, Key: "list.error.unzipped", Args: []any{"Count", MaxUnzipped >> 20}}
			}
		}
		if r != nil {
			r.Close()
		}
		if err != io.EOF {
			return &Error{Err: fmt.Errorf("%w: %v", ErrType, err), Key: "list.error.type"}
		}
	}
	return nil
}

// sheet is a worksheet as a source.
func sheet(s xlsx.Sheet) source {
	return func(visit func(int, []string) error) error {
		cells := 0
		err := s.Rows(func(n int, row []string) error {
			if cells += len(row); cells > maxCells || n > xlsx.MaxRow { // far cells make a small file wide and high
				return &Error{Err: ErrTooBig, Key: "list.error.unzipped", Args: []any{"Count", MaxUnzipped >> 20}}
			}
			return visit(n, row)
		})
		if errors.Is(err, xlsx.ErrBroken) {
			return &Error{Err: fmt.Errorf("%w: %v", ErrType, err), Key: "list.error.type"}
		}
		return err
	}
}
