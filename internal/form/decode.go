package form

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"liaison/internal/people"
)

// Limits of one submitted form.
const (
	MaxBody   = 2 << 20 // bytes without a file
	MaxUpload = 5 << 20 // bytes with one; API Gateway and Lambda carry 6 MB in base64, about 4.5 MB of file
	maxRows   = 20_000  // rows read before the group's own limit is checked; more is ErrTooLarge
	maxPairs  = 200_000
)

var (
	// ErrTooLarge: the body is over the limit. Status 413.
	ErrTooLarge = errors.New("form: body too large")
	// ErrMalformed: the body is not what its Content-Type says. Status 400.
	ErrMalformed = errors.New("form: malformed body")
	// ErrMediaType: neither a form nor JSON. Status 415.
	ErrMediaType = errors.New("form: unsupported content type")
)

// Decode reads a POST. Only a body that cannot be read at all is an error; everything else is in Values.Errors. Check is not called.
func Decode(r *http.Request, d *Definition) (*Values, error) {
	v := New(d, 0)
	v.Key = people.OneLine(r.Header.Get("Idempotency-Key"))
	mt, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch mt {
	case "application/json":
		v.JSON = true
		body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
		if err != nil || len(body) > MaxBody {
			return nil, ErrTooLarge
		}
		if err := v.fromJSON(body); err != nil {
			return nil, err
		}
	case "multipart/form-data":
		r.Body = http.MaxBytesReader(nil, r.Body, MaxUpload)
		if err := r.ParseMultipartForm(MaxUpload); err != nil {
			return nil, bodyError(err)
		}
		if err := v.fromPairs(r.MultipartForm.Value); err != nil {
			return nil, err
		}
	case "application/x-www-form-urlencoded", "":
		body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
		if err != nil || len(body) > MaxBody {
			return nil, ErrTooLarge
		}
		pairs, err := url.ParseQuery(string(body))
		if err != nil {
			return nil, ErrMalformed
		}
		if err := v.fromPairs(pairs); err != nil {
			return nil, err
		}
	default:
		return nil, ErrMediaType
	}
	if len(v.Key) > 200 {
		v.Key = v.Key[:200]
	}
	return v, nil
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return ErrTooLarge
	}
	return fmt.Errorf("%w: %v", ErrMalformed, err)
}

func (v *Values) fromPairs(pairs url.Values) error {
	if len(pairs) > maxPairs {
		return ErrTooLarge
	}
	rows := map[string]map[int]Row{}
	for name, vs := range pairs {
		if len(vs) == 0 || v.own(name, vs[0]) {
			continue
		}
		if f, ok := v.Def.field(name); ok {
			v.Fields[name] = cleanAll(f, vs)
			continue
		}
		g, n, f, ok := v.Def.path(name)
		if !ok {
			v.Fail(clip(name), "form.error.unknown", "Field", clip(name))
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
	for g, byIndex := range rows {
		list := make([]Row, 0, len(byIndex))
		for n, left := 0, len(byIndex); left > 0; n++ { // indexes may have gaps; order is theirs
			if r, ok := byIndex[n]; ok {
				list = append(list, r)
				left--
			}
		}
		v.Groups[g] = list
	}
	return nil
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
	case "link", "list":
	default:
		return false
	}
	return true
}

// TrapName is the field that people leave empty.
const TrapName = "homepage_2"

// path reads "organisations.0.email" and, as brackets are common too, "organisations[0][email]".
func (d *Definition) path(name string) (*Group, int, *Field, bool) {
	name = strings.NewReplacer("[", ".", "]", "").Replace(name)
	gname, rest, _ := strings.Cut(name, ".")
	index, fname, _ := strings.Cut(rest, ".")
	g, ok := d.group(gname)
	if !ok {
		return nil, 0, nil, false
	}
	n, err := strconv.Atoi(index)
	if err != nil || n < 0 || n >= maxRows {
		return nil, 0, nil, false
	}
	f, ok := g.field(fname)
	return g, n, f, ok
}

func cleanAll(f *Field, vs []string) []string {
	switch f.Kind {
	case Checks:
		return cleanList(vs)
	case Tags:
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
	for _, s := range vs {
		if s = people.OneLine(s); s != "" && !contains(out, s) {
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

func (v *Values) fromJSON(body []byte) error {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(body, &top); err != nil || top == nil {
		return fmt.Errorf("%w: want a JSON object", ErrMalformed)
	}
	return v.object("", top, 0)
}

func (v *Values) object(prefix string, obj map[string]json.RawMessage, depth int) error {
	for name, raw := range obj {
		path := prefix + name
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
		v.Fail(clip(path), "form.error.unknown", "Field", clip(path))
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
		row := Row{}
		var obj map[string]json.RawMessage
		if json.Unmarshal(one, &obj) != nil {
			v.Fail(fmt.Sprintf("%s.%d", g.Name, i), "form.error.type")
		}
		for name, raw := range obj {
			path := fmt.Sprintf("%s.%d.%s", g.Name, i, clip(name))
			f, ok := g.field(name)
			if !ok {
				v.Fail(path, "form.error.unknown", "Field", clip(name))
				continue
			}
			vs, good := scalars(raw)
			if !good {
				v.Fail(path, "form.error.type")
			} else if len(vs) > 0 {
				row[name] = cleanAll(f, vs)
			}
		}
		v.Groups[g.Name] = append(v.Groups[g.Name], row)
	}
	return nil
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
