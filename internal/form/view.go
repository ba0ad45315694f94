package form

import (
	"fmt"
	"sort"
	"strings"

	"liaison/internal/people"
	"liaison/internal/words"
)

// Option is one choice as shown.
type Option struct {
	ID, Value, Label string
	On               bool
}

// FieldView is a field ready for the template "field".
type FieldView struct {
	ID, Name, Label, Hint, Error string
	Value                        string
	Kind                         Kind
	Type                         string // HTML input type
	Options                      []Option
	Required                     bool
	Autocomplete, InputMode      string
	Limit                        int
	OptionalNote                 string
}

// RowView is one row of a group.
type RowView struct {
	N            int // from 1
	ID, Legend   string
	Fields       []FieldView
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

func id(path string) string {
	return "f-" + strings.NewReplacer(".", "-", "[", "-", "]", "").Replace(path)
}

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

// Fields shows all plain fields whose name begins with prefix, in order.
func (s *View) Fields(prefix string) []FieldView {
	var out []FieldView
	for i := range s.V.Def.Fields {
		if f := &s.V.Def.Fields[i]; strings.HasPrefix(f.Name, prefix) {
			out = append(out, s.field(f, s.V.Fields, f.Name))
		}
	}
	return out
}

func (s *View) field(f *Field, r Row, path string) FieldView {
	key := s.V.Def.Words + "." + wordsPath(path)
	fv := FieldView{
		ID: id(path), Name: path, Kind: f.Kind, Type: "text", Required: f.Required, Autocomplete: f.Autocomplete, Limit: f.limit(),
		Label: s.P.T(key + ".label"), Value: r.Get(f.Name),
	}
	if s.P.Has(key + ".hint") {
		fv.Hint = s.P.T(key + ".hint")
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
	}
	fv.Options = s.options(f, r, key, fv.ID)
	for _, e := range s.V.Errors {
		if e.Field == path {
			fv.Error = s.errorText(e)
			break
		}
	}
	return fv
}

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
		for _, c := range people.Countries {
			out = append(out, Option{Value: string(c), Label: s.P.Country(c)})
		}
		sort.Slice(out, func(i, j int) bool { return fold(out[i].Label) < fold(out[j].Label) })
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
				label = s.P.T(key + ".option." + o)
			}
			out = append(out, Option{Value: o, Label: label})
		}
	}
	for i := range out {
		out[i].ID = fmt.Sprintf("%s-%d", id, i+1)
		out[i].On = contains(chosen, out[i].Value)
	}
	return out
}

// fold sorts "Åland" and "Égypte" among the A and E; good enough for four languages and one select box.
func fold(s string) string {
	return strings.NewReplacer("É", "E", "È", "E", "Î", "I", "Å", "A", "Á", "A", "Í", "I", "Ó", "O", "Ú", "U", "Ô", "O", "Ç", "C").Replace(s)
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
	key := s.V.Def.Words + "." + name
	gv := GroupView{ID: id(name), Name: name, Add: s.P.T(key + ".add"), AddAction: "add:" + name, Full: len(rows) >= g.Max}
	for _, e := range s.V.Errors {
		if e.Field == name {
			gv.Error = s.errorText(e)
		}
	}
	for i, r := range rows {
		rv := RowView{N: i + 1, ID: id(fmt.Sprintf("%s.%d", name, i)), Legend: s.P.T(key+".legend", "N", i+1, "Of", len(rows)),
			Remove: s.P.T(key+".remove", "N", i+1), RemoveAction: fmt.Sprintf("remove:%s:%d", name, i+1)}
		for k := range g.Fields {
			rv.Fields = append(rv.Fields, s.field(&g.Fields[k], r, fmt.Sprintf("%s.%d.%s", name, i, g.Fields[k].Name)))
		}
		gv.Rows = append(gv.Rows, rv)
	}
	return gv
}

// errorText prefers the field's own wording ("….error.required") to the general one ("form.error.required").
func (s *View) errorText(e Error) string {
	if rest, ok := strings.CutPrefix(e.Key, "form.error."); ok {
		if own := s.V.Def.Words + "." + wordsPath(e.Field) + ".error." + rest; s.P.Has(own) {
			return s.P.T(own, e.Args...)
		}
	}
	return s.P.T(e.Key, e.Args...)
}

// Findings is the error summary; rows are named: "Organisation 2: …".
func (s *View) Findings() []Finding {
	var out []Finding
	for _, e := range s.V.Errors {
		text := s.errorText(e)
		href := "#" + id(e.Field)
		parts := strings.Split(e.Field, ".")
		if g, ok := s.V.Def.group(parts[0]); ok && len(parts) > 1 {
			var n int
			if _, err := fmt.Sscan(parts[1], &n); err == nil {
				text = s.P.T("form.error.row", "Row", s.P.T(s.V.Def.Words+"."+g.Name+".one", "N", n+1), "Text", text)
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
		out = append(out, Message{Field: e.Field, Message: s.errorText(e)})
	}
	return out
}

// Message is one error of an application/problem+json body.
type Message struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Pair is a name and value to carry along in hidden inputs.
type Pair struct{ Name, Value string }

// Pairs is everything that was typed, for a page that shows it without inputs.
func (v *Values) Pairs() []Pair {
	var out []Pair
	add := func(name string, f *Field, vs []string) {
		if f.Kind == Tags {
			vs = []string{strings.Join(vs, ", ")}
		}
		for _, s := range vs {
			if s != "" {
				out = append(out, Pair{name, s})
			}
		}
	}
	for i := range v.Def.Fields {
		f := &v.Def.Fields[i]
		add(f.Name, f, v.Fields.All(f.Name))
	}
	for gi := range v.Def.Groups {
		g := &v.Def.Groups[gi]
		for n, r := range v.Groups[g.Name] {
			for i := range g.Fields {
				f := &g.Fields[i]
				add(fmt.Sprintf("%s.%d.%s", g.Name, n, f.Name), f, r.All(f.Name))
			}
		}
	}
	return out
}

// Line is a question and its answer in words, for check-answers pages and receipts.
type Line struct {
	Label, Value, Href string
	Empty              bool
}

// Lines sums up a row (group "" for the plain fields) in words; unanswered questions say so.
func (s *View) Lines(group string, n int) []Line {
	fields, row, prefix := s.V.Def.Fields, s.V.Fields, ""
	if group != "" {
		g, ok := s.V.Def.group(group)
		if !ok || n >= len(s.V.Groups[group]) {
			return nil
		}
		fields, row, prefix = g.Fields, s.V.Groups[group][n], fmt.Sprintf("%s.%d.", group, n)
	}
	var out []Line
	for i := range fields {
		f := &fields[i]
		if f.Kind == Hidden {
			continue
		}
		fv := s.field(f, row, prefix+f.Name)
		l := Line{Label: fv.Label, Value: fv.Value, Href: "#" + fv.ID}
		if len(fv.Options) > 0 {
			var on []string
			for _, o := range fv.Options {
				if o.On {
					on = append(on, o.Label)
				}
			}
			l.Value = strings.Join(on, ", ")
		} else if f.Kind == Date && l.Value != "" {
			l.Value = s.P.Date(row.Date(f.Name))
		} else if f.Kind == Consent && l.Value != "" {
			l.Value = s.P.T("form.yes")
		}
		if l.Value == "" {
			l.Empty, l.Value = true, s.P.T("form.empty")
		}
		out = append(out, l)
	}
	return out
}
