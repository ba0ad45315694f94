// Package form knows what a form asks, reads what came back (form encoding, multipart or JSON), checks it, and shows it again
// with nothing lost.
//
// A Definition is data: fields and repeated groups of fields. Decode never fails on what people type; it collects Errors that name the field
// by its path ("organisations.1.email") and a message key. What may enter: rules that hold for one field by itself. Rules between fields
// belong to the domain, which adds its findings with Values.Fail.
package form

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Kind decides how a field is checked and shown.
type Kind string

const (
	Text     Kind = "text"     // one line
	Area     Kind = "area"     // several lines
	Email    Kind = "email"    // people.ParseAddress
	URL      Kind = "url"      // http or https; "www.…" is completed
	Tel      Kind = "tel"      // digits, spaces and + ( ) - . / only
	Country  Kind = "country"  // ISO 3166-1 alpha-2, or the name of a country; a list to choose from, in rows a field with suggestions
	Language Kind = "language" // any BCP 47 tag, or one of Options
	Choice   Kind = "choice"   // one of Options, shown as radio buttons
	Select   Kind = "select"   // one of Options, shown as a list
	Checks   Kind = "checks"   // any of Options
	Tags     Kind = "tags"     // a list of short words, typed separated by commas
	// Languages is a list of languages, typed separated by commas; canonical BCP 47 tags. Like Country it understands names, in themselves
	// and in any language of the catalogues.
	Languages Kind = "languages"
	Date      Kind = "date"    // 2027-05-14
	Number    Kind = "number"  // a whole number between Min and Max
	Consent   Kind = "consent" // a box that must be ticked when Required; value "yes"
	Hidden    Kind = "hidden"
)

// Field is one question. Its wording is found in the catalogue under Definition.Words + "." + Name (".label", ".hint", ".error", ".option.X").
type Field struct {
	Name         string
	Kind         Kind
	Required     bool
	Limit        int      // characters; 0: the kind's own
	Min, Max     int      // for Number; for Tags and Checks Max is the number of entries (0: 50)
	Options      []string // values
	Autocomplete string   // the HTML autofill token, where the question is about the person who types
	More         bool     // in a row: shown folded away, as most people leave it empty
}

// Group is a row of fields that repeats.
type Group struct {
	Name     string
	Fields   []Field
	Min, Max int // rows; blank rows do not count
}

// Definition is one form.
type Definition struct {
	Words       string // prefix in the catalogue: "survey.subscribers"
	GroupsFirst bool   // the page asks the groups before the plain fields, and its findings come in that order
	Shared      string // prefix to look under where Words has no wording; may be empty
	Fields      []Field
	Groups      []Group
}

func (d *Definition) field(name string) (*Field, bool) {
	for i := range d.Fields {
		if d.Fields[i].Name == name {
			return &d.Fields[i], true
		}
	}
	return nil, false
}

// Group finds a group by its name; nil when there is none.
func (d *Definition) Group(name string) *Group {
	g, _ := d.group(name)
	return g
}

func (d *Definition) group(name string) (*Group, bool) {
	for i := range d.Groups {
		if d.Groups[i].Name == name {
			return &d.Groups[i], true
		}
	}
	return nil, false
}

func (g *Group) field(name string) (*Field, bool) {
	for i := range g.Fields {
		if g.Fields[i].Name == name {
			return &g.Fields[i], true
		}
	}
	return nil, false
}

// Row is one row of a group, or the plain fields of a form: name to what was typed, cleaned.
type Row map[string][]string

// Get is the single value of a field, or "".
func (r Row) Get(name string) string {
	if v := r[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// All is every value of a list field.
func (r Row) All(name string) []string { return r[name] }

// Int is a number that was checked before; 0 where nothing was typed.
func (r Row) Int(name string) int { n, _ := strconv.Atoi(r.Get(name)); return n }

// Date is a date that was checked before, at midnight UTC; zero where nothing was typed.
func (r Row) Date(name string) time.Time {
	t, _ := time.Parse(time.DateOnly, r.Get(name))
	return t
}

// blank tells whether nobody typed anything into the row: hidden fields do not count.
func (g *Group) blank(r Row) bool {
	for name, vs := range r {
		if f, ok := g.field(name); ok && f.Kind == Hidden {
			continue
		}
		for _, v := range vs {
			if v != "" {
				return false
			}
		}
	}
	return true
}

// Error is one finding. Field is its path; Key is a message key whose variables are Args (name, value, …).
type Error struct {
	Field string
	Key   string
	Args  []any
}

// Values is a form as somebody filled it in.
type Values struct {
	Def    *Definition
	Fields Row
	Groups map[string][]Row
	Errors []Error

	JSON   bool   // it came as JSON
	Action string // the named button: "", "check", "save", "add:GROUP", "remove:GROUP:2", …
	Key    string // idempotency key, from the header Idempotency-Key or form_key
	Stamp  string // form_stamp: the signed time of rendering
	Trap   string // what stands in the field that people leave empty
	File   *File  // an uploaded list, nil without one
	Focus  string // path of the field that the page should put the cursor into, after Edit

	strays int // unknown fields so far
}

// New is an empty form with rows blank rows in each group.
func New(d *Definition, rows int) *Values {
	v := &Values{Def: d, Fields: Row{}, Groups: map[string][]Row{}}
	for _, g := range d.Groups {
		for range max(rows, g.Min) {
			v.Groups[g.Name] = append(v.Groups[g.Name], Row{})
		}
	}
	return v
}

func (v *Values) Get(name string) string        { return v.Fields.Get(name) }
func (v *Values) All(name string) []string      { return v.Fields.All(name) }
func (v *Values) Set(name string, vs ...string) { v.Fields[name] = vs }
func (v *Values) Rows(group string) []Row       { return v.Groups[group] }
func (v *Values) OK() bool                      { return len(v.Errors) == 0 }

// Fail adds a finding of the domain's.
func (v *Values) Fail(field, key string, args ...any) {
	v.Errors = append(v.Errors, Error{Field: field, Key: key, Args: args})
}

// Edit carries out an "add:GROUP" or "remove:GROUP:N" button (N from 1) and tells whether Action was one.
func (v *Values) Edit() bool {
	verb, rest, _ := strings.Cut(v.Action, ":")
	name, index, _ := strings.Cut(rest, ":")
	g, ok := v.Def.group(name)
	if !ok {
		return false
	}
	rows := v.Groups[name]
	switch verb {
	case "add":
		if len(rows) < g.Max {
			v.Groups[name] = append(rows, Row{})
		}
		v.focus(g, len(v.Groups[name])-1)
		return true
	case "remove":
		n, err := strconv.Atoi(index)
		if err == nil && n >= 1 && n <= len(rows) {
			v.Groups[name] = append(rows[:n-1:n-1], rows[n:]...)
		}
		if len(v.Groups[name]) == 0 {
			v.Groups[name] = []Row{{}}
		}
		v.focus(g, min(max(n-1, 0), len(v.Groups[name])-1))
		return true
	}
	return false
}

// focus points at the first field of a row that can be seen.
func (v *Values) focus(g *Group, row int) {
	for _, f := range g.Fields {
		if f.Kind != Hidden {
			v.Focus = fmt.Sprintf("%s.%d.%s", g.Name, row, f.Name)
			return
		}
	}
}

// Filled lists the rows of a group that are not blank.
func (v *Values) Filled(group string) []Row {
	var out []Row
	g, ok := v.Def.group(group)
	for _, r := range v.Groups[group] {
		if ok && !g.blank(r) {
			out = append(out, r)
		}
	}
	return out
}

func contains(list []string, s string) bool {
	for _, o := range list {
		if o == s {
			return true
		}
	}
	return false
}
