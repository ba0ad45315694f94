package words

import (
	_ "embed"
	"iter"
	"sort"
	"strings"

	"golang.org/x/text/language"

	"liaison/internal/people"
)

// The names of countries and languages are those of the Unicode CLDR in our four languages. The tables are made from
// golang.org/x/text/language/display, which knows them in all languages and would be a seventh of a Lambda; names_test.go makes them and
// holds them against it.
var (
	//go:embed names/countries.tsv
	countryTable string // code, then the name in each of Languages, then its place among the names of each
	//go:embed names/languages.tsv
	languageTable string // BCP 47 tag, its name in itself, then in each of Languages
)

// rows gives the lines of a table, in their order.
func rows(table string) iter.Seq2[string, []string] {
	return func(yield func(key string, names []string) bool) {
		for line := range strings.Lines(table) {
			cells := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
			if !yield(cells[0], cells[1:]) {
				return
			}
		}
	}
}

// row finds one line of a table, nil where there is none. The lines are in order, so that it reads a few of them only: every page names
// some languages, and its function has just started.
func row(table, key string) []string {
	at := sort.Search(len(table), func(i int) bool {
		start := 1 + strings.LastIndexByte(table[:i], '\n')
		of, _, _ := strings.Cut(table[start:], "\t")
		return of >= key
	})
	line, _, _ := strings.Cut(table[at:], "\n")
	if cells := strings.Split(line, "\t"); cells[0] == key {
		return cells[1:]
	}
	return nil
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
		if names := row(languageTable, tag); names != nil && names[column] != "" {
			return names[column]
		}
		cut := strings.LastIndexByte(tag, '-')
		if cut < 0 {
			return ""
		}
		tag = tag[:cut]
	}
}
