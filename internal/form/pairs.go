package form

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"liaison/internal/people"
)

func (v *Values) fromPairs(pairs url.Values) error {
	if len(pairs) > maxPairs {
		return ErrTooLarge
	}
	rows := map[string]map[int]Row{}
	for _, name := range slices.Sorted(maps.Keys(pairs)) { // findings in an order that does not change
		vs := pairs[name]
		name = strings.TrimSuffix(brackets.Replace(name), ".")
		if len(vs) == 0 || v.own(name, vs[0]) {
			continue
		}
		if f, ok := v.Def.field(name); ok {
			v.Fields[name] = cleanAll(f, vs)
			continue
		}
		g, n, f, ok := v.Def.path(name)
		if !ok {
			v.stray(name)
			continue
		}
		if rows[g.Name] == nil {
			rows[g.Name] = map[int]Row{}
		}
		if rows[g.Name][n] == nil {
			rows[g.Name][n] = Row{}
		}
		rows[g.Name][n][f.Name] = cleanAll(f, vs)
	}
	for g, byIndex := range rows { // indexes may have gaps; order is theirs
		for _, n := range slices.SortedFunc(maps.Keys(byIndex), cmp.Compare[int]) {
			v.Groups[g] = append(v.Groups[g], byIndex[n])
		}
	}
	return nil
}

// stray reports a field that the form does not have.
func (v *Values) stray(path string) {
	if v.strays++; v.strays <= maxStray {
		v.Fail(clip(path), "form.error.unknown", "Field", clip(path))
	}
}

// own takes the form's housekeeping fields.
func (v *Values) own(name, value string) bool {
	switch name {
	case "action":
		v.Action = people.OneLine(value)
	case "form_key":
		if v.Key == "" {
			v.Key = people.OneLine(value)
		}
	case "form_stamp":
		v.Stamp = value
	case TrapName:
		v.Trap = people.OneLine(value)
	case "list": // pasted text in place of a file
		if v.File == nil && value != "" {
			v.File = &File{Name: "list", Data: []byte(value)}
		}
	case "link":
	default:
		return false
	}
	return true
}

// TrapName is the field that people leave empty.
const TrapName = "homepage_2"

// brackets are a common spelling too: "organisations[0][email]", "languages[]".
var brackets = strings.NewReplacer("[", ".", "]", "")

// path reads "organisations.0.email".
func (d *Definition) path(name string) (*Group, int, *Field, bool) {
	gname, rest, _ := strings.Cut(name, ".")
	index, fname, _ := strings.Cut(rest, ".")
	g, ok := d.group(gname)
	if !ok {
		return nil, 0, nil, false
	}
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= maxRows || strconv.Itoa(n) != index {
		return nil, 0, nil, false
	}
	f, ok := g.field(fname)
	return g, n, f, ok
}

// Clean makes what came for a field fit to keep, before it is checked: see people.Clean; lists are taken apart.
func (f *Field) Clean(vs ...string) []string { return cleanAll(f, vs) }

func cleanAll(f *Field, vs []string) []string {
	switch f.Kind {
	case Checks:
		return cleanList(vs)
	case Tags, Languages:
		var out []string
		for _, v := range vs {
			out = append(out, strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ';' || r == '\n' || r == '،' || r == '、' })...)
		}
		return cleanList(out)
	case Area:
		return []string{people.Clean(vs[0])}
	}
	return []string{people.OneLine(vs[0])}
}

func cleanList(vs []string) []string {
	var out []string
	seen := map[string]bool{} // a hostile list has hundreds of thousands of entries
	for _, s := range vs {
		if s = people.OneLine(s); s != "" && !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

func clip(s string) string {
	s = people.OneLine(s)
	if r := []rune(s); len(r) > 80 {
		return string(r[:80]) + "…"
	}
	return s
}
