package words

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/text/feature/plural"

	"liaison/internal/people"
)

// What a JSON library reads in the files is what is found in them, key by key and form by form.
func TestEveryMessageIsFound(t *testing.T) {
	for name, messages := range catalogues(t) {
		for id, forms := range messages {
			lang, key, _ := strings.Cut(id, " ")
			if areaOf(key) != name {
				t.Errorf("%s stands in %s and is looked for in %s", key, name, areaOf(key))
			}
			got := (&catalogue{lang: people.Language(lang)}).read(key)
			if got == nil {
				t.Errorf("%s: %s is not found: a key begins a line, after one space, and one space follows its colon", lang, key)
				continue
			}
			if text, plain := forms["text"]; plain {
				forms = map[string]string{"other": text}
			}
			for form, category := range categories {
				if got[form] != forms[category] {
					t.Errorf("%s: %s: form %q is %q, want %q", lang, key, category, got[form], forms[category])
				}
				delete(forms, category)
			}
			if len(forms) > 0 {
				t.Errorf("%s: %s: no language has the forms %v", lang, key, forms)
			}
		}
	}
}

func TestVariablesAreWrittenOneWay(t *testing.T) {
	exact := regexp.MustCompile(`\{\{\.[A-Z]\w*\}\}`)
	for name, messages := range catalogues(t) {
		for id, forms := range messages {
			for _, text := range forms {
				if left := exact.ReplaceAllString(text, ""); strings.ContainsAny(left, "{}") {
					t.Errorf("%s: %s: braces hold a variable, as {{.Name}}: %q", name, id, text)
				}
			}
		}
	}
}

func TestCountChoosesTheForm(t *testing.T) {
	const key = "survey.subscribers.rows"
	for _, c := range []struct {
		lang  people.Language
		count any
		want  string
	}{
		{"en", 0, "0 organisations"}, {"en", 1, "1 organisation"}, {"en", -1, "-1 organisation"}, {"en", 1234567, "1,234,567 organisations"},
		{"en", int64(20_000_001), "20,000,001 organisations"}, {"fr", 0, "0 organisation"}, {"fr", 1_000_000, "1 000 000 organisations"},
		{"es", 2_000_000, "2.000.000 organizaciones"}, {"ru", 1, "1 организация"}, {"ru", 2, "2 организации"}, {"ru", 5, "5 организаций"},
		{"ru", 11, "11 организаций"}, {"ru", 21, "21 организация"}, {"ru", 1004, "1 004 организации"},
	} {
		if got := spaces.Replace(For(c.lang).T(key, "Count", c.count)); got != c.want {
			t.Errorf("%s %v: %q, want %q", c.lang, c.count, got, c.want)
		}
	}
}

var spaces = strings.NewReplacer("\u00a0", " ", "\u202f", " ")

func TestVariables(t *testing.T) {
	p := For("en")
	for _, c := range []struct{ got, want string }{
		{p.T("letter.contact", "Address", people.EmailAddress("a@example.org")), "Questions? Reply to this mail, or write to a@example.org."},
		{p.T("letter.contact", "Address", "{{.Address}} & <b>"), "Questions? Reply to this mail, or write to {{.Address}} & <b>."},
		{p.T("letter.contact", "Address", 12345), "Questions? Reply to this mail, or write to 12,345."},
		{p.T("letter.contact", "Other", "x"), "Questions? Reply to this mail, or write to [[Address]]."},
		{p.T("letter.contact", "Address"), "Questions? Reply to this mail, or write to [[Address]]."},
		{p.T("answers.bar", "Accepted", 1, "Pending", "two", "Rejected", 3000), "1 rows accepted, two waiting, 3,000 rejected"},
		{p.T("answers.accept.all"), "Accept all [[Count]] rows that wait"},
		{p.T("answers.title", "Count", 1), "Answers"}, // one text for all numbers
	} {
		if c.got != c.want {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestFill(t *testing.T) {
	value := func(name string) (string, bool) { return "<" + name + ">", name != "No" }
	for text, want := range map[string]string{
		"": "", "plain": "plain", "{{.A}}": "<A>", "a {{.A}}{{.B}} z": "a <A><B> z", "{{.No}}!": "[[No]]!", "{{.Open": "<Open>", "a }} {{ {.A}": "a }} {{ {.A}",
	} {
		if got := fill(text, value); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	date := func(string) (string, bool) { return "21 мая 2027 г.", true }
	for text, want := range map[string]string{"до {{.A}}.": "до 21 мая 2027 г.", "до {{.A}}. Потом": "до 21 мая 2027 г. Потом", "с {{.A}} до {{.B}}.": "с 21 мая 2027 г. до 21 мая 2027 г.", "{{.A}}, потом.": "21 мая 2027 г., потом."} {
		if got := fill(text, date); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// Keys are sometimes made of what a stranger sent: whatever is no key leads nowhere and stays nowhere.
func TestStrangeKeysLeaveNothing(t *testing.T) {
	p := newPrinter("en")
	for _, key := range []string{"", ".", "mail", "mail.", "no.such.key", "error", "error.", "error.malformed\": \"x", "error.malformed\n", "../words", "catalogue/error.en.json",
		"error.en.json", "{{.Name}}", "error.\x00", strings.Repeat("a", 10_000), "layout.skip\": \"Skip to the content\",\n \"layout.sections"} {
		if p.Has(key) || p.T(key) != "[["+key+"]]" {
			t.Errorf("%q is %q", key, p.T(key))
		}
	}
	p.catalogue.messages.Range(func(key, _ any) bool { t.Errorf("%q is kept", key); return true })
	p.catalogue.areas.Range(func(area, _ any) bool {
		if area != "error" && area != "layout" {
			t.Errorf("area %q is kept", area)
		}
		return true
	})
}

func TestManyReadersAtOnce(t *testing.T) {
	var keys []string
	for _, messages := range catalogues(t) {
		for id := range messages {
			if key, ok := strings.CutPrefix(id, "ru "); ok {
				keys = append(keys, key)
			}
		}
	}
	p := newPrinter("ru")
	want := For("ru")
	var readers sync.WaitGroup
	for i := range 8 {
		readers.Go(func() {
			mine := slices.Concat(keys[i*len(keys)/8:], keys[:i*len(keys)/8])
			for _, key := range mine {
				if got := p.T(key, "Count", i); got != want.T(key, "Count", i) {
					t.Errorf("%s: %q", key, got)
				}
			}
		})
	}
	readers.Wait()
}

// BenchmarkCold is the first page of a function that just started: a printer, and twenty wordings out of three areas.
func BenchmarkCold(b *testing.B) {
	var keys []string
	for _, area := range []string{"layout.", "survey.", "form."} {
		texts, err := files.ReadFile("catalogue/" + area + "ru.json")
		if err != nil {
			b.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`"(`+area+`[^"]*)": "`).FindAllStringSubmatch(string(texts), 7) {
			keys = append(keys, m[1])
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		p := newPrinter("ru")
		for _, key := range keys {
			if !p.Has(key) {
				b.Fatal(key)
			}
			_ = p.T(key)
		}
	}
}

// BenchmarkT is a wording that was said before.
func BenchmarkT(b *testing.B) {
	p := For("ru")
	for name, args := range map[string][]any{"layout.skip": nil, "letter.contact": {"Address", "a@example.org"}, "survey.subscribers.rows": {"Count", 12345}} {
		b.Run(fmt.Sprintf("%s/%d", name, len(args)/2), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_ = p.T(name, args...)
			}
		})
	}
}

func TestFormsHaveNames(t *testing.T) {
	for form, category := range categories {
		if category == "" || len(categories) != int(plural.Many)+1 {
			t.Errorf("form %d is called %q", form, category)
		}
	}
}
