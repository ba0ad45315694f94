package form

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"liaison/internal/people"
	"liaison/internal/words"
)

// Check validates every field and drops blank rows. Decode's own findings (unknown fields, wrong JSON types) stay first.
func (v *Values) Check() {
	if v.Def.GroupsFirst {
		v.checkGroups()
		v.checkFields()
		return
	}
	v.checkFields()
	v.checkGroups()
}

func (v *Values) checkFields() {
	for i := range v.Def.Fields {
		f := &v.Def.Fields[i]
		v.checkField(f, v.Fields, f.Name)
	}
}

func (v *Values) checkGroups() {
	for _, g := range v.Def.Groups {
		rows := v.Groups[g.Name][:0:0]
		for _, r := range v.Groups[g.Name] {
			if !g.blank(r) {
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

func (v *Values) checkField(f *Field, r Row, path string) {
	if f.Kind == Tags || f.Kind == Checks || f.Kind == Languages {
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
	if strings.ContainsRune(s, '\uFFFD') {
		v.Fail(path, "form.error.encoding")
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
	clean := make([]string, 0, len(list))
	for _, s := range list {
		c, key, args := f.checkEntry(s)
		if key != "" {
			v.Fail(path, key, args...)
			return
		}
		if !contains(clean, c) {
			clean = append(clean, c)
		}
	}
	if len(clean) > 0 {
		r[f.Name] = clean
	}
}

// checkEntry checks one entry of a list; compare check.
func (f *Field) checkEntry(s string) (clean, key string, args []any) {
	switch {
	case people.Length(s) > f.limit():
		return "", "form.error.long", []any{"Count", f.limit()}
	case strings.ContainsRune(s, '\uFFFD'):
		return "", "form.error.encoding", nil
	case f.Kind == Languages:
		l, err := words.LanguageNamed(s)
		if err != nil {
			return "", "form.error.languages", []any{"Value", s}
		}
		s = string(l)
	}
	if len(f.Options) > 0 && !contains(f.Options, s) {
		return "", "form.error.option", []any{"Value", s}
	}
	return s, "", nil
}

func (f *Field) limit() int {
	if f.Limit > 0 {
		return f.Limit
	}
	switch f.Kind {
	case Area:
		return people.MaxText
	case URL:
		return people.MaxURL
	case Email:
		return people.MaxAddress
	case Tags, Checks, Languages:
		return 100
	case Tel:
		return 40
	}
	return people.MaxShort
}

// check gives the canonical value of s, or a message key with its variables.
func (f *Field) check(s string) (clean, key string, args []any) {
	switch f.Kind {
	case Email:
		a, err := people.ParseAddress(s)
		if err != nil {
			return "", "form.error.email", nil
		}
		return string(a), "", nil
	case URL:
		return checkURL(s)
	case Tel:
		if strings.Trim(s, "+0123456789 ()-./") != "" || !strings.ContainsAny(s, "0123456789") {
			return "", "form.error.tel", nil
		}
	case Country:
		c, err := words.CountryNamed(s)
		if err != nil {
			return "", "form.error.country", nil
		}
		return string(c), "", nil
	case Language:
		l, err := people.ParseLanguage(s)
		if err != nil || len(f.Options) > 0 && !contains(f.Options, string(l)) {
			return "", "form.error.language", nil
		}
		return string(l), "", nil
	case Choice, Select:
		if !contains(f.Options, s) {
			return "", "form.error.option", []any{"Value", s}
		}
	case Date:
		t, err := time.Parse(time.DateOnly, s)
		if err != nil || t.Year() < 1900 || t.Year() > 2200 {
			return "", "form.error.date", nil
		}
	case Number:
		n, err := strconv.Atoi(s)
		if err != nil || n < f.Min || n > f.Max {
			return "", "form.error.number", []any{"Min", f.Min, "Max", f.Max}
		}
		return strconv.Itoa(n), "", nil
	case Consent:
		if s != "yes" && s != "on" && s != "true" {
			if f.Required {
				return "", "form.error.required", nil
			}
			return "", "", nil
		}
		return "yes", "", nil
	}
	return s, "", nil
}

func checkURL(s string) (clean, key string, args []any) {
	whole := s
	if !strings.Contains(s, "://") {
		whole = "https://" + s
	}
	u, err := url.Parse(whole)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || !strings.Contains(u.Hostname(), ".") || u.User != nil || strings.ContainsAny(s, " \n\t<>\"") {
		return "", "form.error.url", nil
	}
	return u.String(), "", nil
}
