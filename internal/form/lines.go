package form

import (
	"fmt"
	"strings"
	"time"
)

// Pair is a name and value to carry along in hidden inputs.
type Pair struct{ Name, Value string }

// Pairs is everything that was typed, for a page that shows it without inputs.
func (v *Values) Pairs() []Pair {
	var out []Pair
	add := func(name string, f *Field, vs []string) {
		if f.Kind == Tags || f.Kind == Languages {
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
		switch {
		case len(fv.Options) > 0:
			l.Value = chosen(fv.Options)
		case f.Kind == Date && l.Value != "":
			l.Value = s.date(l.Value)
		case f.Kind == Consent && l.Value != "":
			l.Value = s.P.T("form.yes")
		}
		if l.Value == "" {
			l.Empty, l.Value = true, s.P.T("form.empty")
		}
		out = append(out, l)
	}
	return out
}

func chosen(options []Option) string {
	var on []string
	for _, o := range options {
		if o.On {
			on = append(on, o.Label)
		}
	}
	return strings.Join(on, ", ")
}

// date leaves what is no date as it was typed.
func (s *View) date(value string) string {
	t, err := time.Parse(time.DateOnly, value)
	if err != nil {
		return value
	}
	return s.P.Date(t)
}
