package words

import (
	"encoding/json"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"liaison/internal/people"
)

var variable = regexp.MustCompile(`\{\{\s*\.(\w+)\s*\}\}`)

// catalogues reads the files themselves, so that a fallback to English cannot hide a gap.
func catalogues(t *testing.T) map[string]map[string]map[string]string { // area -> lang.key -> form -> text
	t.Helper()
	out := map[string]map[string]map[string]string{}
	names, _ := fs.Glob(files, "catalogue/*.json")
	for _, n := range names {
		parts := strings.Split(path.Base(n), ".")
		if len(parts) != 3 {
			t.Fatalf("%s: want AREA.LANG.json", n)
		}
		data, err := files.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]json.RawMessage
		if err := json.Unmarshal(data, &raw); err != nil {
			t.Fatalf("%s: %v", n, err)
		}
		for key, v := range raw {
			forms := map[string]string{}
			var s string
			if json.Unmarshal(v, &s) == nil {
				forms["text"] = s
			} else if err := json.Unmarshal(v, &forms); err != nil {
				t.Fatalf("%s: %s: %v", n, key, err)
			}
			if out[parts[0]] == nil {
				out[parts[0]] = map[string]map[string]string{}
			}
			out[parts[0]][parts[1]+" "+key] = forms
		}
	}
	return out
}

func TestEveryLanguageHasEveryKeyAndVariable(t *testing.T) {
	seen := map[string]string{}
	for area, messages := range catalogues(t) {
		for id, en := range messages {
			lang, key, _ := strings.Cut(id, " ")
			if lang == "en" {
				if other, dup := seen[key]; dup {
					t.Errorf("%s stands in %s and in %s", key, other, area)
				}
				seen[key] = area
			}
			for _, l := range Languages {
				there, ok := messages[string(l)+" "+key]
				if !ok {
					t.Errorf("%s: %s has %s, %s has not", area, lang, key, l)
					continue
				}
				if a, b := vars(en), vars(there); a != b {
					t.Errorf("%s: %s: variables of %s are %q, of %s %q", area, key, lang, a, l, b)
				}
				if _, plain := there["text"]; plain {
					if strings.TrimSpace(there["text"]) == "" {
						t.Errorf("%s: %s: empty in %s", area, key, l)
					}
					continue
				}
				for _, f := range forms(l) {
					if there[f] == "" {
						t.Errorf("%s: %s: no form %q in %s", area, key, f, l)
					}
				}
			}
		}
	}
}

// forms are the categories that whole numbers of common size have, and "other", which stands in for the rest.
func forms(l people.Language) []string {
	all := []string{"other"}
	for n := range 1000 {
		all = append(all, categories[plural.Cardinal.MatchPlural(language.Make(string(l)), n, 0, 0, 0, 0)])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func vars(forms map[string]string) string {
	set := map[string]bool{}
	for _, s := range forms {
		for _, m := range variable.FindAllStringSubmatch(s, -1) {
			set[m[1]] = true
		}
	}
	var out []string
	for v := range set {
		out = append(out, v)
	}
	sort.Strings(out)
	return strings.Join(out, ",")
}

func TestTypography(t *testing.T) {
	for area, messages := range catalogues(t) {
		for id, forms := range messages {
			for _, s := range forms {
				if strings.HasPrefix(id, "fr ") && regexp.MustCompile(`[^\s\x{a0}\x{202f}/]\s?[?!;»]|[^\x{a0}\x{202f}\s]»|« `).MatchString(strings.ReplaceAll(s, "&", "")) {
					t.Errorf("%s: %s: French punctuation wants a no-break space before ? ! ; and inside « »: %q", area, id, s)
				}
				if strings.Contains(s, "...") {
					t.Errorf("%s: %s: use … for an ellipsis", area, id)
				}
			}
		}
	}
}

func TestPrinter(t *testing.T) {
	day := time.Date(2027, 5, 14, 18, 0, 0, 0, time.UTC)
	for lang, want := range map[string]string{"en": "14 May 2027, 18:00", "fr": "14 mai 2027, 18:00", "es": "14 de mayo de 2027, 18:00", "ru": "14 мая 2027 г., 18:00"} {
		if got := For(Languages[0]).T("date.month.5"); got != "May" {
			t.Fatalf("month = %q", got)
		}
		for _, l := range Languages {
			if string(l) == lang {
				if got := For(l).DateTime(day); got != want {
					t.Errorf("%s: %q, want %q", lang, got, want)
				}
			}
		}
	}
	if got := For("ru").Country("CH"); got != "Швейцария" {
		t.Errorf("CH in Russian: %q", got)
	}
	if got := SelfName("fr"); got != "Français" {
		t.Errorf("fr calls itself %q", got)
	}
	if got := For("en").T("no.such.key"); got != "[[no.such.key]]" {
		t.Errorf("missing key prints %q", got)
	}
}

func TestHasKnowsWhatTheCatalogueHolds(t *testing.T) {
	for _, l := range Languages {
		p := For(l)
		if !p.Has("error.malformed") || !p.Has("error.malformed.more") || p.Has("error.method.more") || p.Has("no.such.key") {
			t.Errorf("%s: Has is wrong about the catalogue", l)
		}
	}
}
