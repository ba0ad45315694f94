package words

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"liaison/internal/people"
)

var fold = cases.Fold()

// countries are the names in one language. Looking 249 of them up takes milliseconds, so a printer does it once.
type countries struct {
	names map[people.Country]string
	order []people.Country
}

func namesOfCountries(tag language.Tag) countries {
	namer := display.Regions(tag)
	c := countries{names: make(map[people.Country]string, len(people.Countries)), order: slices.Clone(people.Countries)}
	for _, code := range people.Countries {
		c.names[code] = string(code)
		if r, err := language.ParseRegion(string(code)); err == nil && namer.Name(r) != "" {
			c.names[code] = namer.Name(r)
		}
	}
	slices.SortFunc(c.order, func(a, b people.Country) int { return cmp.Compare(unaccented(c.names[a]), unaccented(c.names[b])) })
	return c
}

var accents = strings.NewReplacer("É", "E", "È", "E", "Î", "I", "Å", "A", "Á", "A", "Í", "I", "Ó", "O", "Ú", "U", "Ô", "O", "Ç", "C", "é", "e", "ã", "a")

// unaccented sorts "Åland" and "Égypte" among the A and E; good enough for four languages and one list.
func unaccented(s string) string { return accents.Replace(s) }

// countryNames has every country's name in every language of the catalogues, and a few that people write.
var countryNames = sync.OnceValue(func() map[string]people.Country {
	m := map[string]people.Country{}
	for _, c := range people.Countries {
		for _, l := range Languages {
			m[nameKey(For(l).Country(c))] = c
		}
	}
	for name, c := range map[string]people.Country{
		"UK": "GB", "Great Britain": "GB", "England": "GB", "USA": "US", "United States of America": "US", "Россия": "RU", "Russian Federation": "RU",
		"Türkiye": "TR", "Turkey": "TR", "Viet Nam": "VN", "Côte d’Ivoire": "CI", "Ivory Coast": "CI", "Czech Republic": "CZ", "Korea": "KR",
		"Republic of Korea": "KR", "Holland": "NL", "The Netherlands": "NL", "Burma": "MM", "Swaziland": "SZ", "Cape Verde": "CV",
	} {
		m[nameKey(name)] = c
	}
	return m
})

func nameKey(s string) string {
	return fold.String(strings.ReplaceAll(people.OneLine(s), "'", "’"))
}

// CountryNamed reads what people write in lists: an ISO 3166-1 alpha-2 code, or the name of a country in any language of the catalogues.
// people.ErrCountry for anything else.
func CountryNamed(s string) (people.Country, error) {
	if c, err := people.ParseCountry(s); err == nil {
		return c, nil
	}
	if c, ok := countryNames()[nameKey(s)]; ok {
		return c, nil
	}
	return "", people.ErrCountry
}

// Region is the name of a UN M49 region in this language.
func (p *Printer) Region(r people.Region) string { return p.T("form.region." + string(r)) }

// LanguageNamed reads a BCP 47 tag, or the name of a language in itself or in any language of the catalogues; people.ErrLanguage for anything else.
func LanguageNamed(s string) (people.Language, error) {
	if l, ok := languageNames()[nameKey(s)]; ok {
		return l, nil
	}
	return people.ParseLanguage(s)
}

// languageNames holds the languages that have two-letter codes and a name.
var languageNames = sync.OnceValue(func() map[string]people.Language {
	m := map[string]people.Language{}
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			tag, err := language.Parse(string(a) + string(b))
			l := people.Language(tag.String())
			if err != nil || len(l) != 2 {
				continue
			}
			if self := SelfName(l); self != string(l) {
				m[nameKey(self)] = l
			}
			for _, of := range Languages {
				if name := For(of).Language(l); name != string(l) {
					m[nameKey(name)] = l
				}
			}
		}
	}
	return m
})
