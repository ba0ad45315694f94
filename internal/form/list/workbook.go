package list

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

const (
	maxParts = 1000    // of a workbook; a plain one has about a dozen
	maxMarks = 1 << 21 // tags of a workbook, opening and closing; a list of 20,000 rows and 12 columns has at most 1.5 million
	lastRow  = 1 << 20 // the last row that a sheet can have
)

// workbook opens an XLSX file. Each sheet is a source, so that the list may stand on any of the first ones.
func workbook(data []byte) ([]source, error) {
	if err := checkZip(data); err != nil {
		return nil, err
	}
	file, err := openWorkbook(data)
	if err != nil {
		return nil, &Error{Err: fmt.Errorf("%w: %v", ErrType, err), Key: "list.error.type"}
	}
	var out []source
	for i, name := range file.GetSheetList() {
		if i >= maxSheets {
			break
		}
		if visible, err := file.GetSheetVisible(name); err == nil && visible {
			out = append(out, sheet(file, name))
		}
	}
	return out, nil
}

// checkZip refuses what is no workbook and what grows too large when unpacked. The sizes are those that the archive declares; the reader
// refuses parts that are longer than declared.
func checkZip(data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return &Error{Err: ErrType, Key: "list.error.type"}
	}
	var size uint64
	isBook := false
	for _, f := range z.File {
		size += f.UncompressedSize64
		isBook = isBook || f.Name == "xl/workbook.xml"
		if size > MaxUnzipped || len(z.File) > maxParts {
			return &Error{Err: ErrTooBig, Key: "list.error.unzipped", Args: []any{"Count", MaxUnzipped >> 20}}
		}
	}
	if !isBook {
		return &Error{Err: ErrType, Key: "list.error.type"}
	}
	return checkMarks(z)
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

// openWorkbook turns a panic of the reader over a broken file into an error.
func openWorkbook(data []byte) (file *excelize.File, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("reader: %v", p)
		}
	}()
	// Equal limits keep the reader from writing temporary files.
	return excelize.OpenReader(bytes.NewReader(data), excelize.Options{RawCellValue: true, UnzipSizeLimit: MaxUnzipped, UnzipXMLSizeLimit: MaxUnzipped})
}

func sheet(file *excelize.File, name string) source {
	return func(visit func(int, []string) error) (err error) {
		defer func() {
			if p := recover(); p != nil {
				err = &Error{Err: fmt.Errorf("%w: %v", ErrType, p), Key: "list.error.type"}
			}
		}()
		rows, err := file.Rows(name)
		if err != nil {
			return &Error{Err: fmt.Errorf("%w: %v", ErrType, err), Key: "list.error.type"}
		}
		defer rows.Close()
		cells := 0
		for n := 1; rows.Next(); n++ {
			row, err := rows.Columns()
			if err != nil {
				return &Error{Err: fmt.Errorf("%w: %v", ErrType, err), Key: "list.error.type"}
			}
			if cells += len(row); cells > maxCells || n > lastRow { // far cells make a small file wide and high
				return &Error{Err: ErrTooBig, Key: "list.error.unzipped", Args: []any{"Count", MaxUnzipped >> 20}}
			}
			if err := visit(n, row); err != nil {
				return err
			}
		}
		return nil
	}
}
