// Package list reads lists of rows that people keep in files, CSV and Excel workbooks (XLSX), into the rows of a form.
//
// It is a room of its own so that only functions that take lists link the workbook reader. What may enter: how the bytes of strangers'
// files become cells, and how a header row in any of the programme's languages names the fields of a group. What a cell must hold is
// the form's business.
package list

import (
	"errors"
	"fmt"
	"strings"

	"liaison/internal/form"
	"liaison/internal/words"
)

// Limits of one file.
const (
	MaxBytes    = form.MaxFile // as uploaded
	MaxUnzipped = 32 << 20     // of a workbook, all parts together
	maxSheets   = 20           // of a workbook that are looked into
	maxCells    = 5_000_000
	headRows    = 10 // the header row is among the first rows that are not blank
)

// The ways in which a whole file is unfit. Errors of Read are *Error and match one of these.
var (
	ErrType   = errors.New("list: neither CSV nor XLSX")
	ErrTooBig = errors.New("list: file too big")
	ErrEmpty  = errors.New("list: no rows")
	ErrHeader = errors.New("list: header row not recognised")
	ErrRows   = errors.New("list: too many rows")
)

// Error is a file that cannot be used, with the message that says so.
type Error struct {
	Err  error
	Key  string // in the catalogue; Args are its variables
	Args []any

	format  Format
	missing []string // names of the required fields that have no column
}

func (e *Error) Error() string { return e.Err.Error() }
func (e *Error) Unwrap() error { return e.Err }

// Finding is the error as one of a form, about its field "list".
func (e *Error) Finding(p *words.Printer) form.Error {
	args := e.Args
	if len(e.missing) > 0 {
		var labels []string
		for _, m := range e.missing {
			labels = append(labels, e.format.label(p, m))
		}
		args = append(args[:len(args):len(args)], "Missing", quoted(labels))
	}
	return form.Error{Field: "list", Key: e.Key, Args: args}
}

func (f Format) label(p *words.Printer, field string) string {
	return f.Def.Word(p, f.Group+"."+field+".label")
}

// Format is what a list should hold.
type Format struct {
	Def   *form.Definition
	Group string // the group of Def whose fields are the columns
	Max   int    // rows
	// Value, when set, finds the value of a choice whose wording is configuration (topics): field name and cell to value.
	Value func(field, cell string) (string, bool)
}

// Line is one row of the file.
type Line struct {
	N     int // number of the row in the file, as a spreadsheet shows it; the first is 1
	Row   form.Row
	Extra bool // something stands to the right of the last column of the header
}

// List is a file that was read. Rows are cleaned, not checked; blank ones are left out.
type List struct {
	Name    string   // of the file
	Lines   []Line   // at least one
	Unknown []string // headings of columns that no field answers to

	format Format
}

// Read finds the header row and reads the rows below it. Columns may stand in any order; their headings may be the fields' names
// or labels in any language of the catalogues.
func (f Format) Read(file *form.File) (*List, error) {
	if len(file.Data) > MaxBytes {
		return nil, &Error{Err: ErrTooBig, Key: "list.error.big", Args: []any{"Count", MaxBytes >> 20}}
	}
	sources, err := open(file.Data)
	if err != nil {
		return nil, err
	}
	best, err := f.choose(sources)
	if err != nil {
		return nil, err
	}
	l := &List{Name: file.Name, format: f, Unknown: best.columns.unknown}
	if err := best.source(func(n int, cells []string) error { return l.add(best, n, cells) }); err != nil {
		return nil, err
	}
	if len(l.Lines) == 0 {
		return nil, &Error{Err: ErrEmpty, Key: "list.error.empty"}
	}
	return l, nil
}

// source visits the rows of one table, top down, until visit returns an error, which it hands on. It can be read again.
type source func(visit func(n int, cells []string) error) error

// open tells the type by the first bytes, never by the name.
func open(data []byte) ([]source, error) {
	switch {
	case len(strings.TrimSpace(string(data[:min(len(data), 4096)]))) == 0 && len(data) <= 4096:
		return nil, &Error{Err: ErrEmpty, Key: "list.error.empty"}
	case strings.HasPrefix(string(data), "PK\x03\x04"):
		return workbook(data)
	}
	return texts(data)
}

// found is a source together with its header row.
type found struct {
	source
	row     int // number of the header row
	columns columns
}

var errEnough = errors.New("list: seen enough")

// choose takes the source whose header names the most fields; of equals, the first.
func (f Format) choose(sources []source) (*found, error) {
	head := f.header()
	var best *found
	var first []string
	for _, s := range sources {
		seen := 0
		err := s(func(n int, cells []string) error {
			if blank(cells) {
				return nil
			}
			if first == nil {
				first = cells
			}
			if c := head.match(cells); best == nil && c.known > 0 || best != nil && c.known > best.columns.known {
				best = &found{source: s, row: n, columns: c}
			}
			if seen++; seen >= headRows {
				return errEnough
			}
			return nil
		})
		if err != nil && err != errEnough {
			return nil, err
		}
	}
	if best == nil {
		if first == nil {
			return nil, &Error{Err: ErrEmpty, Key: "list.error.empty"}
		}
		return nil, &Error{Err: ErrHeader, Key: "list.error.header", Args: []any{"Found", quoted(first)}}
	}
	if missing := head.missing(best.columns); len(missing) > 0 {
		return nil, &Error{Err: ErrHeader, Key: "list.error.column", format: f, missing: missing}
	}
	return best, nil
}

func (l *List) add(b *found, n int, cells []string) error {
	if n <= b.row || blank(cells) {
		return nil
	}
	if len(l.Lines) >= l.format.Max {
		return &Error{Err: ErrRows, Key: "list.error.rows", Args: []any{"Count", l.format.Max}}
	}
	line := Line{N: n, Row: form.Row{}}
	for i, cell := range cells {
		if i >= len(b.columns.fields) {
			line.Extra = line.Extra || strings.TrimSpace(cell) != ""
			continue
		}
		if field := b.columns.fields[i]; field != nil {
			if values := l.format.clean(field, cell); len(values) > 0 && values[0] != "" {
				line.Row[field.Name] = values
			}
		}
	}
	l.Lines = append(l.Lines, line)
	return nil
}

// blank tells whether a row says nothing; separators alone, read with another separator, say nothing either.
func blank(cells []string) bool {
	for _, c := range cells {
		if strings.Trim(c, " \t\r\n\u00a0,;\"") != "" {
			return false
		}
	}
	return true
}

// quoted lists at most six headings, shortened.
func quoted(names []string) string {
	var out []string
	for _, n := range names {
		if n = strings.Join(strings.Fields(n), " "); n == "" {
			continue
		}
		if r := []rune(n); len(r) > 40 {
			n = string(r[:40]) + "…"
		}
		out = append(out, n)
	}
	if len(out) > 6 {
		out = append(out[:6], "…")
	}
	return strings.Join(out, ", ")
}

// Problem is a finding about one row of the file.
type Problem struct {
	N     int    // row in the file
	Field string // name of the field, empty for the whole row
	form.Error
}

// Check checks every row by the fields of the group and puts values into their canonical form.
func (l *List) Check() []Problem {
	group := *l.format.Def.Group(l.format.Group)
	group.Min, group.Max = 0, len(l.Lines)
	def := *l.format.Def
	def.Fields, def.Groups = nil, []form.Group{group}
	v := &form.Values{Def: &def, Fields: form.Row{}, Groups: map[string][]form.Row{}}
	var out []Problem
	rows := make([]form.Row, 0, len(l.Lines))
	lines := make([]int, 0, len(l.Lines)) // index of the row in the form -> index in Lines
	for i, line := range l.Lines {
		if line.Extra {
			out = append(out, Problem{N: line.N, Error: form.Error{Key: "list.error.cells"}})
		}
		if len(line.Row) == 0 { // all that it holds stands in columns that nobody knows
			out = append(out, Problem{N: line.N, Error: form.Error{Key: "list.error.blank"}})
			continue
		}
		rows, lines = append(rows, line.Row), append(lines, i)
	}
	v.Groups[group.Name] = rows
	v.Check()
	for _, e := range v.Errors {
		var at int
		var field string
		if _, err := fmt.Sscanf(strings.ReplaceAll(strings.TrimPrefix(e.Field, group.Name+"."), ".", " "), "%d %s", &at, &field); err == nil && at < len(lines) {
			out = append(out, Problem{N: l.Lines[lines[at]].N, Field: field, Error: e})
		}
	}
	return out
}

// Describe words a problem in one language: "Row 17, E-mail: …".
func (l *List) Describe(p *words.Printer, e Problem) string {
	v := &form.Values{Def: l.format.Def}
	text := v.Show(p).Text(e.Error)
	if e.Field == "" {
		return p.T("list.row", "Row", e.N, "Text", text)
	}
	return p.T("list.cell", "Row", e.N, "Field", l.format.label(p, e.Field), "Text", text)
}
