package form

import (
	"fmt"
	"strings"

	"liaison/internal/people"
	"liaison/internal/words"
)

// Option is one choice as shown.
type Option struct {
	ID           string // of a box to tick; empty in a list to select from
	Value, Label string
	On           bool
}

// FieldView is a field ready to be shown.
type FieldView struct {
	ID, Name, Label, Hint, Error string
	Value                        string
	Kind                         Kind
	Type                         string // HTML input type
	Options                      []Option
	Autocomplete, InputMode      string
	OptionalNote                 string
	List                         string // id of a datalist with suggestions
	Focus                        bool   // the page puts the cursor here
}

// RowView is one row of a group.
type RowView struct {
	ID, Legend   string
	Fields       []FieldView
	More         []FieldView // folded away under MoreLabel
	MoreLabel    string
	MoreOpen     bool   // something stands in there, or is wrong
	Remove       string // label of the remove button
	RemoveAction string
}

// GroupView is a repeated group.
type GroupView struct {
	ID, Name, Add, AddAction, Error string
	Rows                            []RowView
	Full                            bool
}

// Finding is one line of the error summary.
type Finding struct{ Href, Text string }

// View shows Values in one language. Label overrides a catalogue wording for option values that come from configuration (topics).
type View struct {
	V     *Values
	P     *words.Printer
	Label func(field, value string) (string, bool)
}

var idChars = strings.NewReplacer(".", "-", "[", "-", "]", "")

func id(path string) string { return "f-" + idChars.Replace(path) }

// Show pairs the values with a language.
func (v *Values) Show(p *words.Printer) *View { return &View{V: v, P: p} }

// Field shows a plain field; an unknown name is a programming error and panics.
func (s *View) Field(name string) FieldView {
	f, ok := s.V.Def.field(name)
	if !ok {
		panic("form: no field " + name)
	}
	return s.field(f, s.V.Fields, name)
}

func (s *View) field(f *Field, r Row, path string) FieldView {
	key := wordsPath(path)
	fv := FieldView{
		ID: id(path), Name: path, Kind: f.Kind, Type: "text", Autocomplete: f.Autocomplete,
		Value: r.Get(f.Name), Focus: s.V.Focus == path,
	}
	if f.Kind != Hidden {
		fv.Label = s.word(key + ".label")
	}
	if s.has(key + ".hint") {
		fv.Hint = s.word(key + ".hint")
	}
	if !f.Required && f.Kind != Hidden {
		fv.OptionalNote = s.P.T("form.optional")
	}
	switch f.Kind {
	case Email:
		fv.Type, fv.InputMode = "email", "email"
	case URL:
		fv.InputMode = "url"
	case Tel:
		fv.Type = "tel"
	case Date:
		fv.Type = "date"
	case Number:
		fv.InputMode = "numeric"
	case Tags:
		fv.Value = strings.Join(r.All(f.Name), ", ")
	case Languages:
		fv.Value = strings.Join(s.languages(r.All(f.Name)), ", ")
	}
	if f.Kind == Country && path != f.Name {
		fv.List, fv.Value = CountryList, s.country(fv.Value)
	} else {
		fv.Options = s.options(f, r, key, fv.ID)
	}
	for _, e := range s.V.Errors {
		if e.Field == path {
			fv.Error = s.Text(e)
			break
		}
	}
	return fv
}

// CountryList is the id of the list of suggestions that the fields for a country in rows refer to; a page that has such rows prints it
// once, with Countries. A choice of 249 in every row would make long forms very long.
const CountryList = "countries"

// Countries are the names of all countries, in order.
func (s *View) Countries() []string {
	out := make([]string, 0, len(people.Countries))
	for _, c := range s.P.Countries() {
		out = append(out, s.P.Country(c))
	}
	return out
}

func (s *View) country(value string) string {
	if c, err := people.ParseCountry(value); err == nil {
		return s.P.Country(c)
	}
	return value
}

// languages names tags where the name leads back to the tag, and leaves the rest as they are.
func (s *View) languages(tags []string) []string {
	out := make([]string, len(tags))
	for i, t := range tags {
		out[i] = t
		if l, err := people.ParseLanguage(t); err == nil {
			if back, err := words.LanguageNamed(s.P.Language(l)); err == nil && back == l {
				out[i] = s.P.Language(l)
			}
		}
	}
	return out
}

// Word finds a wording of the form in a language: its own, else the shared one.
func (d *Definition) Word(p *words.Printer, key string, args ...any) string {
	if own := d.Words + "." + key; d.Shared == "" || p.Has(own) {
		return p.T(own, args...)
	}
	return p.T(d.Shared+"."+key, args...)
}

// HasWord tells whether Word has a wording for key in this very language.
func (d *Definition) HasWord(p *words.Printer, key string) bool {
	return p.Has(d.Words+"."+key) || d.Shared != "" && p.Has(d.Shared+"."+key)
}

func (s *View) word(key string, args ...any) string { return s.V.Def.Word(s.P, key, args...) }
func (s *View) has(key string) bool                 { return s.V.Def.HasWord(s.P, key) }

// wordsPath takes the row number out: "organisations.1.email" is worded as "organisations.email".
func wordsPath(path string) string {
	parts := strings.Split(path, ".")
	out := parts[:0]
	for _, p := range parts {
		if p != "" && strings.Trim(p, "0123456789") != "" {
			out = append(out, p)
		}
	}
	return strings.Join(out, ".")
}

func (s *View) options(f *Field, r Row, key, id string) []Option {
	var out []Option
	chosen := r.All(f.Name)
	switch {
	case f.Kind == Country:
		out = make([]Option, 0, len(people.Countries))
		for _, c := range s.P.Countries() {
			out = append(out, Option{Value: string(c), Label: s.P.Country(c)})
		}
	case f.Kind == Language && len(f.Options) > 0:
		for _, l := range f.Options {
			out = append(out, Option{Value: l, Label: words.SelfName(people.Language(l))})
		}
	default:
		for _, o := range f.Options {
			label, ok := "", false
			if s.Label != nil {
				label, ok = s.Label(f.Name, o)
			}
			if !ok {
				label = s.word(key + ".option." + o)
			}
			out = append(out, Option{Value: o, Label: label})
		}
	}
	for i := range out {
		if f.Kind == Choice || f.Kind == Checks {
			out[i].ID = fmt.Sprintf("%s-%d", id, i+1)
		}
		out[i].On = contains(chosen, out[i].Value)
	}
	return out
}

// Group shows a repeated group.
func (s *View) Group(name string) GroupView {
	g, ok := s.V.Def.group(name)
	if !ok {
		panic("form: no group " + name)
	}
	rows := s.V.Groups[name]
	if len(rows) > g.Max {
		rows = rows[:g.Max]
	}
	gv := GroupView{ID: id(name), Name: name, Add: s.word(name + ".add"), AddAction: "add:" + name, Full: len(rows) >= g.Max}
	for _, e := range s.V.Errors {
		if e.Field == name {
			gv.Error = s.Text(e)
		}
	}
	for i, r := range rows {
		gv.Rows = append(gv.Rows, s.row(g, i, len(rows), r))
	}
	return gv
}

func (s *View) row(g *Group, i, of int, r Row) RowView {
	rv := RowView{ID: id(fmt.Sprintf("%s.%d", g.Name, i)), Legend: s.word(g.Name+".legend", "N", i+1, "Of", of),
		Remove: s.word(g.Name+".remove", "N", i+1), RemoveAction: fmt.Sprintf("remove:%s:%d", g.Name, i+1)}
	for k := range g.Fields {
		f := s.field(&g.Fields[k], r, fmt.Sprintf("%s.%d.%s", g.Name, i, g.Fields[k].Name))
		if !g.Fields[k].More {
			rv.Fields = append(rv.Fields, f)
			continue
		}
		if rv.MoreLabel == "" {
			rv.MoreLabel = s.word(g.Name + ".more")
		}
		rv.More = append(rv.More, f)
		rv.MoreOpen = rv.MoreOpen || f.Error != "" || r.Get(g.Fields[k].Name) != ""
	}
	return rv
}

// Text words a finding. It prefers the field's own wording ("….error.required") to the general one ("form.error.required").
func (s *View) Text(e Error) string {
	if rest, ok := strings.CutPrefix(e.Key, "form.error."); ok {
		if own := wordsPath(e.Field) + ".error." + rest; s.has(own) {
			return s.word(own, e.Args...)
		}
	}
	return s.P.T(e.Key, e.Args...)
}

// Findings is the error summary; rows are named: "Organisation 2: …".
func (s *View) Findings() []Finding {
	var out []Finding
	for _, e := range s.V.Errors {
		text := s.Text(e)
		href := "#" + id(e.Field)
		parts := strings.Split(e.Field, ".")
		if g, ok := s.V.Def.group(parts[0]); ok && len(parts) > 1 {
			var n int
			if _, err := fmt.Sscan(parts[1], &n); err == nil {
				text = s.P.T("form.error.row", "Row", s.word(g.Name+".one", "N", n+1), "Text", text)
			}
		} else if f, ok := s.V.Def.field(e.Field); ok && (f.Kind == Choice || f.Kind == Checks) {
			href += "-1"
		}
		out = append(out, Finding{Href: href, Text: text})
	}
	return out
}

// Messages is the same for JSON: one entry per finding.
func (s *View) Messages() []Message {
	out := []Message{}
	for _, e := range s.V.Errors {
		out = append(out, Message{Field: e.Field, Message: s.Text(e)})
	}
	return out
}

// Message is one error of an application/problem+json body.
type Message struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}
