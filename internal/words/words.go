// Package words holds every wording of pages and mails, in each language, and the rules of number and date.
//
// Catalogues are JSON files catalogue/AREA.LANG.json, one area per part of the house: the first word of its keys, for mails the first
// two. A message is a string or, where a number decides, an object with the plural forms of its language (categories of the Unicode
// CLDR). Each key begins a line. Parity tests hold the languages to the same keys and variables.
// What may enter: wording that all programmes share. A programme's own names and texts are its configuration.
package words

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/number"

	"liaison/internal/people"
)

// Languages that every catalogue is complete in.
var Languages = []people.Language{"en", "fr", "es", "ru"}

// Printer writes in one language. It may be used concurrently.
type Printer struct {
	Lang people.Language
	tag  language.Tag
	num  *message.Printer

	catalogue catalogue
	countries func() countries
}

var (
	printersMu sync.Mutex
	printers   = map[people.Language]*Printer{}
)

// For gives the printer of a language; unknown ones write English.
func For(lang people.Language) *Printer {
	printersMu.Lock()
	defer printersMu.Unlock()
	if p, ok := printers[lang]; ok {
		return p
	}
	if !slices.Contains(Languages, lang) { // never keep what a stranger can vary
		lang = "en"
		if p, ok := printers[lang]; ok {
			return p
		}
	}
	p := newPrinter(lang)
	printers[lang] = p
	return p
}

func newPrinter(lang people.Language) *Printer {
	tag := language.Make(string(lang))
	p := &Printer{Lang: lang, tag: tag, num: message.NewPrinter(tag)}
	p.catalogue.lang = lang
	p.countries = sync.OnceValue(func() countries { return namesOfCountries(lang) })
	return p
}

// T gives the wording of key. Pairs are variable name and value; integers print grouped, and the variable "Count" chooses the plural
// form. A missing key is a programming error: it prints the key in double brackets, which the page tests look for.
func (p *Printer) T(key string, pairs ...any) string {
	text, ok := p.catalogue.wording(key, p.form(pairs))
	if !ok {
		return "[[" + key + "]]"
	}
	return fill(text, func(name string) (string, bool) {
		v, ok := valueOf(pairs, name)
		if n, isInt := asInt(v); isInt {
			return p.Number(n), true
		}
		if s, isString := v.(string); isString {
			return s, true
		}
		return fmt.Sprint(v), ok
	})
}

// Has tells whether the catalogue knows key.
func (p *Printer) Has(key string) bool {
	_, ok := p.catalogue.wording(key, plural.Other)
	return ok
}

// form is the plural form for the variable "Count"; Other without one.
func (p *Printer) form(pairs []any) plural.Form {
	v, _ := valueOf(pairs, "Count")
	n, ok := asInt(v)
	if !ok {
		return plural.Other
	}
	return plural.Cardinal.MatchPlural(p.tag, max(n, -n), 0, 0, 0, 0)
}

func valueOf(pairs []any, name string) (any, bool) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1], true
		}
	}
	return nil, false
}

func asInt(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case int64:
		return int(n), true
	}
	return 0, false
}

// Number groups digits as the language does.
func (p *Printer) Number(n int) string { return p.num.Sprint(number.Decimal(n)) }

// Percent prints a share (0 to 1) with one decimal at most.
func (p *Printer) Percent(share float64) string {
	return p.num.Sprint(number.Percent(share, number.MaxFractionDigits(1)))
}

// Date is "14 May 2027" in the language's order and case.
func (p *Printer) Date(t time.Time) string {
	return p.T("date.long", "Day", t.Format("2"), "Month", p.T(fmt.Sprintf("date.month.%d", int(t.Month()))), "Year", t.Format("2006"))
}

// DateTime adds the time of day in t's own zone: "14 May 2027, 18:00".
func (p *Printer) DateTime(t time.Time) string {
	return p.T("date.time", "Date", p.Date(t), "Time", t.Format("15:04"))
}

// Moment is DateTime with the name of t's zone: "14 May 2027, 18:00 (CEST)".
func (p *Printer) Moment(t time.Time) string {
	name, offset := t.Zone()
	if strings.ContainsAny(name, "+-") { // zones without a name of their own
		name = fmt.Sprintf("UTC%+03d:%02d", offset/3600, max(offset, -offset)%3600/60)
	}
	return p.DateTime(t) + " (" + name + ")"
}

// Days is a date, or a span where end is a later day.
func (p *Printer) Days(start, end time.Time) string {
	if end.IsZero() || start.Format(time.DateOnly) == end.Format(time.DateOnly) {
		return p.Date(start)
	}
	if start.Year() == end.Year() && start.Month() == end.Month() {
		return p.T("date.span", "From", start.Format("2"), "To", p.Date(end))
	}
	return p.T("date.span", "From", p.Date(start), "To", p.Date(end))
}

// Country is the name of a country in this language.
func (p *Printer) Country(c people.Country) string {
	if name, ok := p.countries().names[c]; ok {
		return name
	}
	return string(c)
}

// Countries are all countries in the order of their names in this language. The slice is shared: leave it as it is.
func (p *Printer) Countries() []people.Country { return p.countries().order }

// Language is the name of a language in this language, in its own case rules.
func (p *Printer) Language(l people.Language) string {
	if s := languageName(l, 1+column(p.Lang)); s != "" {
		return s
	}
	return string(l)
}

// SelfName is a language's name in itself, as in a language switch: "Français".
func SelfName(l people.Language) string {
	s := languageName(l, 0)
	if s == "" {
		return string(l)
	}
	r := []rune(s)
	return strings.ToUpper(string(r[0])) + string(r[1:])
}
