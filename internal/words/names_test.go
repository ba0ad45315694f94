package words

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"liaison/internal/people"
)

var update = flag.Bool("update", false, "write the tables of names anew")

// TestTablesOfNames holds the tables against the library that they are made from: after an update of it, run with -update.
func TestTablesOfNames(t *testing.T) {
	for file, want := range map[string]string{"names/countries.tsv": countriesByDisplay(), "names/languages.tsv": languagesByDisplay()} {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		have, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(have) != want {
			t.Errorf("%s differs from golang.org/x/text/language/display", file)
		}
	}
}

func countriesByDisplay() string {
	var b strings.Builder
	var orders [][]people.Country
	for _, l := range Languages {
		orders = append(orders, inOrder(l))
	}
	for _, c := range people.Countries {
		b.WriteString(string(c))
		for _, l := range Languages {
			b.WriteString("\t" + countryByDisplay(l, c))
		}
		for _, order := range orders {
			fmt.Fprintf(&b, "\t%d", slices.Index(order, c))
		}
		b.WriteString("\n")
	}
	return b.String()
}

func countryByDisplay(l people.Language, c people.Country) string {
	return display.Regions(language.Make(string(l))).Name(language.MustParseRegion(string(c)))
}

// inOrder are all countries in the order of their names, "Åland" and "Égypte" among the A and E; good enough for four languages and one
// list.
func inOrder(l people.Language) []people.Country {
	accents := strings.NewReplacer("É", "E", "È", "E", "Î", "I", "Å", "A", "Á", "A", "Í", "I", "Ó", "O", "Ú", "U", "Ô", "O", "Ç", "C", "é", "e", "ã", "a")
	return slices.SortedFunc(slices.Values(people.Countries), func(a, b people.Country) int {
		return strings.Compare(accents.Replace(countryByDisplay(l, a)), accents.Replace(countryByDisplay(l, b)))
	})
}

// variants are the tags of more than one part that have names of their own.
var variants = []string{"ar-001", "de-AT", "de-CH", "en-AU", "en-CA", "en-GB", "en-US", "es-419", "es-ES", "es-MX", "fa-AF", "fr-CA", "fr-CH", "nds-NL", "nl-BE",
	"pt-BR", "pt-PT", "ro-MD", "sr-Latn", "sw-CD", "zh-Hans", "zh-Hant", "zh-TW"}

func languagesByDisplay() string {
	tags := slices.Concat(bases(), variants)
	slices.Sort(tags)
	var b strings.Builder
	for _, s := range tags {
		tag := language.Make(s)
		row := []string{display.Self.Name(tag)}
		for _, l := range Languages {
			row = append(row, display.Languages(language.Make(string(l))).Name(tag))
		}
		if strings.Join(row, "") != "" {
			fmt.Fprintf(&b, "%s\t%s\n", s, strings.Join(row, "\t"))
		}
	}
	return b.String()
}

// bases are the tags of one part that stand for themselves.
func bases() []string {
	var out []string
	add := func(s string) {
		if tag, err := language.Parse(s); err == nil && tag.String() == s && tag != language.Und {
			out = append(out, s)
		}
	}
	for a := 'a'; a <= 'z'; a++ {
		for b := 'a'; b <= 'z'; b++ {
			add(string([]rune{a, b}))
			for c := 'a'; c <= 'z'; c++ {
				add(string([]rune{a, b, c}))
			}
		}
	}
	return out
}

// Every tag that a person can mean is called what the library calls it, also where the tables have only what is more general.
func TestNamesOfLanguagesAreTheLibrarys(t *testing.T) {
	regions := []string{"001", "150", "419"}
	for _, c := range people.Countries {
		regions = append(regions, string(c))
	}
	for _, base := range bases() {
		if len(base) > 2 {
			continue
		}
		tails := []string{""}
		for _, r := range append(regions, "Latn", "Cyrl", "Arab", "Hans", "Hant", "Deva") {
			tails = append(tails, "-"+r)
		}
		for _, tail := range tails {
			l, err := people.ParseLanguage(base + tail)
			if err != nil {
				continue
			}
			for _, of := range Languages {
				want := display.Languages(language.Make(string(of))).Name(language.Make(string(l)))
				if want == "" { // the library has none for an unusual script: the name of the language serves
					want = display.Languages(language.Make(string(of))).Name(language.Make(base))
				}
				if want == "" {
					want = string(l)
				}
				if got := For(of).Language(l); got != want {
					t.Errorf("%s in %s is %q, want %q", l, of, got, want)
				}
			}
		}
	}
}

func TestRowFindsEveryLine(t *testing.T) {
	for _, table := range []string{countryTable, languageTable, "a\t1\n", "a\t1\nab\t2\nb\t3"} {
		for key, names := range rows(table) {
			if got := row(table, key); !slices.Equal(got, names) {
				t.Errorf("%q: %q, want %q", key, got, names)
			}
			for _, other := range []string{key + "a", key + "\t", key[:len(key)-1], strings.ToUpper(key) + "!"} {
				if !strings.Contains("\n"+table, "\n"+other+"\t") && row(table, other) != nil {
					t.Errorf("%q has a row", other)
				}
			}
		}
	}
	if row("", "a") != nil {
		t.Error("an empty table has a row")
	}
}

func TestLanguagesCallThemselves(t *testing.T) {
	for l, want := range map[people.Language]string{"en": "English", "fr": "Français", "es": "Español", "ru": "Русский", "pt-BR": "Português", "zh-TW": "繁體中文", "fr-BE": "Français", "x-y": "x-y", "": ""} {
		if got := SelfName(l); got != want {
			t.Errorf("%s calls itself %q, want %q", l, got, want)
		}
	}
}
