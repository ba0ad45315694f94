package list

import (
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"liaison/internal/form"
	"liaison/internal/words"
)

// header knows the headings by which people call the fields.
type header struct {
	format Format
	group  *form.Group
	fields map[string]*form.Field
}

// columns is a header row as understood: fields[i] is what column i holds, nil for a column that nobody knows.
type columns struct {
	fields  []*form.Field
	known   int
	unknown []string
}

// header collects, for each field, its name, its label in every language and the other names that the catalogue gives under ".columns",
// separated by "|". Hidden fields are no columns.
func (f Format) header() *header {
	h := &header{format: f, group: f.Def.Group(f.Group), fields: map[string]*form.Field{}}
	add := func(name string, field *form.Field) {
		if k := heading(name); k != "" && h.fields[k] == nil {
			h.fields[k] = field
		}
	}
	for i := range h.group.Fields {
		field := &h.group.Fields[i]
		if field.Kind == form.Hidden {
			continue
		}
		add(field.Name, field)
		for _, l := range words.Languages {
			p, key := words.For(l), f.Group+"."+field.Name
			add(f.Def.Word(p, key+".label"), field)
			if f.Def.HasWord(p, key+".columns") {
				for _, name := range strings.Split(f.Def.Word(p, key+".columns"), "|") {
					add(name, field)
				}
			}
		}
	}
	return h
}

// heading is what of a heading counts: letters and digits, without case and accents and without what stands in brackets.
func heading(s string) string {
	if before, _, ok := strings.Cut(s, "("); ok && strings.TrimSpace(before) != "" {
		s = before
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(s))
}

func (h *header) match(cells []string) columns {
	c := columns{}
	taken := map[string]bool{}
	for _, cell := range cells {
		field := h.fields[heading(cell)]
		if field != nil && taken[field.Name] {
			field = nil
		}
		if c.fields = append(c.fields, field); field != nil {
			taken[field.Name] = true
			c.known++
		} else if name := strings.TrimSpace(cell); name != "" {
			c.unknown = append(c.unknown, quoted([]string{name}))
		}
	}
	for len(c.fields) > 0 && strings.TrimSpace(cells[len(c.fields)-1]) == "" {
		c.fields = c.fields[:len(c.fields)-1] // empty headings at the end are no columns
	}
	return c
}

// missing names the required fields that have no column.
func (h *header) missing(c columns) []string {
	var out []string
	for i := range h.group.Fields {
		field := &h.group.Fields[i]
		there := false
		for _, f := range c.fields {
			there = there || f == field
		}
		if field.Required && !there {
			out = append(out, field.Name)
		}
	}
	return out
}

// clean makes a cell what the field wants: dates of spreadsheets, and choices by their wording in any language.
func (f Format) clean(field *form.Field, cell string) []string {
	values := field.Clean(cell)
	switch field.Kind {
	case form.Date:
		return []string{date(values[0])}
	case form.Choice, form.Select, form.Checks, form.Tags:
		if field.Kind == form.Checks {
			values = (&form.Field{Kind: form.Tags}).Clean(cell)
		}
		for i, v := range values {
			values[i] = f.value(field, v)
		}
	}
	return values
}

func (f Format) value(field *form.Field, cell string) string {
	if f.Value != nil {
		if v, ok := f.Value(field.Name, cell); ok {
			return v
		}
	}
	want := heading(cell)
	for _, o := range field.Options {
		if heading(o) == want {
			return o
		}
		for _, l := range words.Languages {
			p, key := words.For(l), f.Group+"."+field.Name+".option."+o
			if f.Def.HasWord(p, key) && heading(f.Def.Word(p, key)) == want {
				return o
			}
		}
	}
	return cell
}

// layouts in which a date can mean one day only. 05/06/2027 is not among them.
var layouts = []string{time.DateOnly, "2006/01/02", "2006.01.02", "2.1.2006", "2006-01-02T15:04:05Z07:00", "2006-01-02 15:04:05", "2 January 2006", "2 Jan 2006", "January 2, 2006"}

// date gives YYYY-MM-DD, or the cell as it is.
func date(s string) string {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	if serial, err := strconv.ParseFloat(s, 64); err == nil && serial >= 20_000 && serial < 110_000 { // days of Excel from 1954 to 2201
		return time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC).AddDate(0, 0, int(serial)).Format(time.DateOnly)
	}
	return s
}
