// Package people is the shared kernel: the few value types that every idea of the programme speaks of.
//
// What may enter: values with rules of their own that at least two domain packages need. A value of these types
// is valid by construction; the Parse functions are the only way in from strangers' text.
package people

import (
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/idna"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Limits of what a person may type, in characters unless said otherwise.
const (
	MaxAddress = 254 // bytes; RFC 5321 §4.5.3.1.3 less the angle brackets
	MaxName    = 200
	MaxShort   = 300
	MaxText    = 5000
	MaxURL     = 2000
)

var (
	ErrAddress  = errors.New("people: not an e-mail address")
	ErrCountry  = errors.New("people: not a country")
	ErrLanguage = errors.New("people: not a language tag")
	ErrCategory = errors.New("people: not a stakeholder category")
)

// EmailAddress is one mailbox, "local@domain", the domain in lower-case ASCII (IDNA), the local part as given.
type EmailAddress string

// ParseAddress accepts a bare address of at most MaxAddress bytes. Display names, lists, quoted local parts,
// control characters and domains without a dot are refused with ErrAddress.
func ParseAddress(s string) (EmailAddress, error) {
	s = Clean(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > MaxAddress || at > 64 || strings.ContainsAny(s, "\"<>(),;: \\[]\r\n\t") {
		return "", ErrAddress
	}
	local, domain := s[:at], s[at+1:]
	ascii, err := idna.Lookup.ToASCII(domain)
	if err != nil || !isDomain(ascii) {
		return "", ErrAddress
	}
	for _, r := range local {
		if r > unicode.MaxASCII || !unicode.IsPrint(r) { // SES takes ASCII local parts only
			return "", ErrAddress
		}
	}
	whole := local + "@" + strings.ToLower(ascii)
	if a, err := mail.ParseAddress(whole); err != nil || a.Address != whole || len(whole) > MaxAddress {
		return "", ErrAddress
	}
	return EmailAddress(whole), nil
}

// isDomain looks at what IDNA leaves open: at least two labels of at most 63 bytes (RFC 1035), the last not a number, as in an IP address.
func isDomain(ascii string) bool {
	labels := strings.Split(ascii, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 {
			return false
		}
	}
	return len(labels) > 1 && strings.Trim(labels[len(labels)-1], "0123456789") != ""
}

// Key is what makes two addresses the same subscriber: the whole address in lower case. Mailbox names are in theory
// case-sensitive, in practice never, and a person who types Capitals must find herself.
func (a EmailAddress) Key() string { return strings.ToLower(string(a)) }

// Masked shows an address to somebody who may not see it: "s…@example.org".
func (a EmailAddress) Masked() string {
	at := strings.LastIndexByte(string(a), '@')
	if at < 1 {
		return "…"
	}
	return string(a[:1]) + "…" + string(a[at:])
}

// Country is an ISO 3166-1 alpha-2 code in upper case.
type Country string

// ParseCountry accepts an assigned alpha-2 code in any case.
func ParseCountry(s string) (Country, error) {
	s = strings.ToUpper(Clean(s))
	if !assigned(s) {
		return "", ErrCountry
	}
	return Country(s), nil
}

// Language is a canonical BCP 47 tag ("en", "pt-BR").
type Language string

// ParseLanguage canonicalises a BCP 47 tag of at most 35 characters.
func ParseLanguage(s string) (Language, error) {
	s = Clean(s)
	if s == "" || len(s) > 35 {
		return "", ErrLanguage
	}
	t, err := language.Parse(s)
	if err != nil || t == language.Und {
		return "", ErrLanguage
	}
	return Language(t.String()), nil
}

// Base is the tag's primary language: "pt" of "pt-BR".
func (l Language) Base() Language {
	b, _, _ := strings.Cut(string(l), "-")
	return Language(b)
}

// Category is one of the six stakeholder categories of the programme's rules.
type Category string

const (
	Industry   Category = "industry"
	Government Category = "government"
	Labour     Category = "labour"
	Consumers  Category = "consumers"
	NGO        Category = "ngo"
	Others     Category = "others" // service, support, research
)

// Categories in the order in which the documents name them.
var Categories = []Category{Industry, Government, Labour, Consumers, NGO, Others}

// ParseCategory accepts exactly the six.
func ParseCategory(s string) (Category, error) {
	for _, c := range Categories {
		if string(c) == s {
			return c, nil
		}
	}
	return "", ErrCategory
}

// Organisation names who somebody speaks for.
type Organisation struct {
	Name    string  `json:"name"`
	Country Country `json:"country,omitempty"`
}

// Clean makes typed text fit to keep: valid UTF-8 in NFC, without control or invisible format characters except line feed and
// tab, CRLF turned to LF, trimmed. It never shortens.
func Clean(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t' || r == '\u200c' || r == '\u200d': // joiners carry meaning in some scripts
			return r
		case r == '\r':
			return '\n'
		case unicode.IsControl(r), r == '\u200b', r == '\u2060', r == '\ufeff', r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069':
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(norm.NFC.String(s))
}

// OneLine is Clean for single-line fields: every run of white space becomes one space.
func OneLine(s string) string { return strings.Join(strings.Fields(Clean(s)), " ") }

// Length counts characters as people see limits: code points.
func Length(s string) int { return utf8.RuneCountInString(s) }

func (c Country) GoString() string { return fmt.Sprintf("people.Country(%q)", string(c)) }

// Direction is "rtl" for languages that are written from right to left, else "ltr".
func (l Language) Direction() string {
	t := language.Make(string(l))
	if s, _ := t.Script(); rightToLeft[s.String()] {
		return "rtl"
	}
	return "ltr"
}

var rightToLeft = map[string]bool{"Arab": true, "Hebr": true, "Syrc": true, "Thaa": true, "Nkoo": true, "Adlm": true}
