package form

import (
	"net/url"
	"strconv"
	"strings"
	"time"

	"liaison/internal/people"
)

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
	case Tags, Checks:
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
		if strings.Trim(s, "+0123456789 ()-./") != "" || strings.IndexAny(s, "0123456789") < 0 {
			return "", "form.error.tel", nil
		}
	case Country:
		c, err := people.ParseCountry(s)
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
