package words

import (
	_ "embed"
	"strings"
	"sync"

	"golang.org/x/text/language"

	"liaison/internal/people"
)

// The names of countries and languages are those of the Unicode CLDR in our four languages. The tables are made from
// golang.org/x/text/language/display, which knows them in all languages and would be a seventh of a Lambda; names_test.go makes them and
// holds them against it.
var (
	//go:embed names/countries.tsv
	countryTable string // code, then the name in each of Languages
	//go:embed names/languages.tsv
	languageTable string // BCP 47 tag, its name in itself, then in each of Languages
)

var (
	countryRows  = sync.OnceValue(func() map[string][]string { return rows(countryTable) })
	languageRows = sync.OnceValue(func() map[string][]string { return rows(languageTable) })
)

func rows(table string) map[string][]string {
	out := map[string][]string{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		out[cells[0]] = cells[1:]
	}
	return out
}

// column is the place of a language in the tables; English for unknown ones.
func column(l people.Language) int {
	for i, known := range Languages {
		if known == l {
			return i
		}
	}
	return 0
}

// languageName looks a tag up, then what is more general: "fr-CH" is Swiss French, "fr-BE" is French. It is "" where there is none.
func languageName(l people.Language, column int) string {
	tag := language.Make(string(l)).String()
	for {
		if row := languageRows()[tag]; row != nil && row[column] != "" {
			return row[column]
		}
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			return ""
		}
		tag = tag[:cut]
	}
}
