package form

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

func (v *Values) fromJSON(body []byte) error {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil || top == nil {
		return fmt.Errorf("%w: want a JSON object", ErrMalformed)
	}
	return v.object("", top, 0)
}

func (v *Values) object(prefix string, obj map[string]json.RawMessage, depth int) error {
	for _, name := range slices.Sorted(maps.Keys(obj)) {
		raw, path := obj[name], prefix+name
		if g, ok := v.Def.group(path); ok {
			if err := v.array(g, raw); err != nil {
				return err
			}
			continue
		}
		if f, ok := v.Def.field(path); ok {
			vs, good := scalars(raw)
			if !good {
				v.Fail(path, "form.error.type")
			} else if len(vs) > 0 {
				v.Fields[path] = cleanAll(f, vs)
			}
			continue
		}
		if vs, good := scalars(raw); good && depth == 0 && v.own(name, strings.Join(vs, "")) {
			continue
		}
		var nested map[string]json.RawMessage
		if depth < 2 && v.Def.hasPrefix(path+".") {
			if json.Unmarshal(raw, &nested) == nil && nested != nil {
				if err := v.object(path+".", nested, depth+1); err != nil {
					return err
				}
			} else {
				v.Fail(clip(path), "form.error.type")
			}
			continue
		}
		v.stray(path)
	}
	return nil
}

func (d *Definition) hasPrefix(p string) bool {
	for _, f := range d.Fields {
		if strings.HasPrefix(f.Name, p) {
			return true
		}
	}
	return false
}

func (v *Values) array(g *Group, raw json.RawMessage) error {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) != nil {
		v.Fail(g.Name, "form.error.type")
		return nil
	}
	if len(list) > maxRows {
		return ErrTooLarge
	}
	for i, one := range list {
		v.Groups[g.Name] = append(v.Groups[g.Name], v.row(g, i, one))
	}
	return nil
}

func (v *Values) row(g *Group, i int, raw json.RawMessage) Row {
	row := Row{}
	var obj map[string]json.RawMessage
	if json.Unmarshal(raw, &obj) != nil || obj == nil {
		v.Fail(fmt.Sprintf("%s.%d", g.Name, i), "form.error.type")
		return row
	}
	for _, name := range slices.Sorted(maps.Keys(obj)) {
		path := fmt.Sprintf("%s.%d.%s", g.Name, i, name)
		f, ok := g.field(name)
		if !ok {
			v.stray(path)
			continue
		}
		vs, good := scalars(obj[name])
		if !good {
			v.Fail(path, "form.error.type")
		} else if len(vs) > 0 {
			row[name] = cleanAll(f, vs)
		}
	}
	return row
}

// scalars reads a string, number, boolean, null, or a list of those.
func scalars(raw json.RawMessage) ([]string, bool) {
	var list []json.RawMessage
	if json.Unmarshal(raw, &list) == nil && list != nil {
		var out []string
		for _, one := range list {
			s, ok := scalar(one)
			if !ok {
				return nil, false
			}
			out = append(out, s)
		}
		return out, true
	}
	s, ok := scalar(raw)
	if s == "" {
		return nil, ok
	}
	return []string{s}, ok
}

func scalar(raw json.RawMessage) (string, bool) {
	var x any
	if json.Unmarshal(raw, &x) != nil {
		return "", false
	}
	switch t := x.(type) {
	case nil:
		return "", true
	case string:
		return t, true
	case bool:
		if t {
			return "yes", true
		}
		return "no", true
	case float64:
		return string(raw), true
	}
	return "", false
}
