package words

import (
	"strconv"
	"strings"
	"sync"

	"golang.org/x/text/cases"

	"liaison/internal/people"
)

var fold = cases.Fold()

// countries are the names in one language, and their order.
type countries struct {
	names map[people.Country]string
	order []people.Country
}

func namesOfCountries(l people.Language) countries {
	c := countries{names: make(map[people.Country]string, len(people.Countries)), order: make([]people.Country, len(people.Countries))}
	at := column(l)
	for code, cells := range rows(countryTable) {
		place, _ := strconv.Atoi(cells[len(Languages)+at]) // a number: names_test.go wrote it
		c.names[people.Country(code)], c.order[place] = cells[at], people.Country(code)
	}
	return c
}

// countryNames has every country's name in every language of the catalogues, and a few that people write.
func countryNames() map[string]people.Country {
	byNameOnce.Do(readNames)
	return countryByName
}

var (
	byNameOnce     sync.Once
	countryByName  map[string]people.Country
	languageByName map[string]people.Language
)

func readNames() { countryByName, languageByName = readCountryNames(), readLanguageNames() }

func readCountryNames() map[string]people.Country {
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
}

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
func languageNames() map[string]people.Language {
	byNameOnce.Do(readNames)
	return languageByName
}

func readLanguageNames() map[string]people.Language {
	m := map[string]people.Language{}
	for tag, names := range rows(languageTable) { // in order, for the few names that two tags share
		for _, name := range names {
			if len(tag) == 2 && name != "" {
				m[nameKey(name)] = people.Language(tag)
			}
		}
	}
	return m
}
