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

	"liaison/internal/people"
)

// Kind decides how a field is checked and shown.
type Kind string

const (
	Text     Kind = "text"     // one line
	Area     Kind = "area"     // several lines
	Email    Kind = "email"    // people.ParseAddress
	URL      Kind = "url"      // http or https; "www.…" is completed
	Tel      Kind = "tel"      // digits, spaces and + ( ) - . / only
	Country  Kind = "country"  // ISO 3166-1 alpha-2
	Language Kind = "language" // any BCP 47 tag, or one of Options
	Choice   Kind = "choice"   // one of Options, shown as radio buttons
	Select   Kind = "select"   // one of Options, shown as a list
	Checks   Kind = "checks"   // any of Options
	Tags     Kind = "tags"     // a list of short words, typed separated by commas
	Date     Kind = "date"     // 2027-05-14
	Number   Kind = "number"   // a whole number between Min and Max
	Consent  Kind = "consent"  // a box that must be ticked when Required; value "yes"
	Hidden   Kind = "hidden"
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
}

// Group is a row of fields that repeats.
type Group struct {
	Name     string
	Fields   []Field
	Min, Max int // rows; blank rows do not count
}

// Definition is one form.
type Definition struct {
	Words  string // prefix in the catalogue: "survey.subscribers"
	Fields []Field
	Groups []Group
}

func (d *Definition) field(name string) (*Field, bool) {
	for i := range d.Fields {
		if d.Fields[i].Name == name {
			return &d.Fields[i], true
		}
	}
	return nil, false
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

func (r Row) blank() bool {
	for _, vs := range r {
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
		return true
	case "remove":
		n, err := strconv.Atoi(index)
		if err == nil && n >= 1 && n <= len(rows) {
			v.Groups[name] = append(rows[:n-1:n-1], rows[n:]...)
		}
		if len(v.Groups[name]) == 0 {
			v.Groups[name] = []Row{{}}
		}
		return true
	}
	return false
}

// Check validates every field and drops blank rows. Decode's own findings (unknown fields, wrong JSON types) stay first.
func (v *Values) Check() {
	for i := range v.Def.Fields {
		f := &v.Def.Fields[i]
		v.checkField(f, v.Fields, f.Name)
	}
	for _, g := range v.Def.Groups {
		rows := v.Groups[g.Name][:0:0]
		for _, r := range v.Groups[g.Name] {
			if !r.blank() {
				rows = append(rows, r)
			}
		}
		switch {
		case len(rows) > g.Max:
			v.Fail(g.Name, "form.error.rows.max", "Count", g.Max)
		case len(rows) < g.Min:
			v.Fail(g.Name, "form.error.rows.min", "Count", g.Min)
		}
		for i, r := range rows {
			if i >= g.Max {
				break
			}
			for k := range g.Fields {
				v.checkField(&g.Fields[k], r, fmt.Sprintf("%s.%d.%s", g.Name, i, g.Fields[k].Name))
			}
		}
		if len(rows) == 0 {
			rows = []Row{{}}
		}
		v.Groups[g.Name] = rows
	}
}

// Filled lists the rows of a group that are not blank.
func (v *Values) Filled(group string) []Row {
	var out []Row
	for _, r := range v.Groups[group] {
		if !r.blank() {
			out = append(out, r)
		}
	}
	return out
}

func (v *Values) checkField(f *Field, r Row, path string) {
	if f.Kind == Tags || f.Kind == Checks {
		v.checkList(f, r, path)
		return
	}
	s := r.Get(f.Name)
	if s == "" {
		if f.Required {
			v.Fail(path, "form.error.required")
		}
		return
	}
	if limit := f.limit(); people.Length(s) > limit {
		v.Fail(path, "form.error.long", "Count", limit)
		return
	}
	clean, key, args := f.check(s)
	if key != "" {
		v.Fail(path, key, args...)
		return
	}
	r[f.Name] = []string{clean}
}

func (v *Values) checkList(f *Field, r Row, path string) {
	list := r.All(f.Name)
	if len(list) == 0 && f.Required {
		v.Fail(path, "form.error.required")
	}
	most := f.Max
	if most == 0 {
		most = 50
	}
	if len(list) > most {
		v.Fail(path, "form.error.entries", "Count", most)
		return
	}
	for _, s := range list {
		if people.Length(s) > f.limit() {
			v.Fail(path, "form.error.long", "Count", f.limit())
			return
		}
		if len(f.Options) > 0 && !contains(f.Options, s) {
			v.Fail(path, "form.error.option", "Value", s)
			return
		}
	}
}

func contains(list []string, s string) bool {
	for _, o := range list {
		if o == s {
			return true
		}
	}
	return false
}
