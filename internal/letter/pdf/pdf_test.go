package pdf

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"liaison/internal/letter/edition"
	"liaison/internal/people"
	"liaison/internal/programme"
)

func letters(t testing.TB) *edition.Letters {
	t.Helper()
	p := &programme.Programme{
		ID: "update", Name: programme.Text{"en": "Stewardship Update", "ru": "Вестник ответственности"},
		Group:     programme.Text{"en": "Working group on responsible stewardship", "ru": "Рабочая группа по ответственному управлению"},
		Languages: []people.Language{"en", "fr", "es", "ru"}, Default: "en", BaseURL: "https://update.example.org",
		Sender: "update@example.org", ReplyTo: "secretary@example.org", Postal: "1 Example Street, 1200 Geneva, Switzerland", TimeZone: "Europe/Zurich",
		Secretariat: []programme.Desk{{Name: "Sam", Email: "secretary@example.org", Role: programme.Secretary, Language: "en"}}}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return &edition.Letters{Programme: p}
}

func draft(lang people.Language, title, body string) edition.Edition {
	return edition.Edition{Number: 1, Language: lang, Title: title, Body: body, Date: time.Date(2027, 5, 14, 7, 0, 0, 0, time.UTC), Also: []people.Language{"en", "ru"}}
}

func sample(t testing.TB, lang string) string {
	t.Helper()
	b, err := os.ReadFile("../edition/testdata/issue." + lang + ".md")
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func make1(t testing.TB, x edition.Edition) []byte {
	t.Helper()
	data, err := Issue(letters(t), x)
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("LIAISON_PDF_DIR"); dir != "" { // to look at them
		name := regexp.MustCompile(`\W+`).ReplaceAllString(t.Name(), "-")
		if err := os.WriteFile(dir+"/"+name+"-"+string(x.Language)+".pdf", data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return data
}

var (
	pageObject = regexp.MustCompile(`/Type /Page\b`)
	stream     = regexp.MustCompile(`(?s)/Filter /FlateDecode /Length \d+>>\s*stream\n(.*?)\nendstream`)
	shown      = regexp.MustCompile(`(?s)\(((?:\\.|[^\\)])*)\) Tj`)
	outline    = regexp.MustCompile(`(?s)/Title \(((?:\\.|[^\\)])*)\)\n/Parent`)
)

// text is what a reader could copy from the pages: the characters that the content streams show.
func text(t testing.TB, pdf []byte) string {
	t.Helper()
	var b strings.Builder
	for _, m := range stream.FindAllSubmatch(pdf, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue
		}
		content, err := io.ReadAll(z)
		if err != nil || !bytes.Contains(content, []byte(" Tj")) {
			continue
		}
		for _, s := range shown.FindAllSubmatch(content, -1) {
			b.WriteString(utf16be(s[1]) + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func utf16be(escaped []byte) string {
	raw := bytes.TrimPrefix(regexp.MustCompile(`(?s)\\(.)`).ReplaceAllFunc(escaped, func(m []byte) []byte {
		if m[1] == 'r' {
			return []byte{'\r'}
		}
		return m[1:]
	}), []byte("\xfe\xff"))
	var units []uint16
	for i := 0; i+1 < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units))
}

func TestPaper(t *testing.T) {
	for lang, want := range map[people.Language]struct {
		title string
		texts []string
		marks []string
	}{
		"en": {"First meeting sets the course, and a fresh mark for taking part", []string{"Six categories at one table", "Non-governmental organisations", "38", "Page 1 of 2", "Page 2 of 2", "Issue 1 · 14 May 2027", "“We came with six vocabularies", "{{name}}"},
			[]string{"Six categories at one table", "What happens next", "For national bodies", "A word of thanks"}},
		"ru": {"Первая встреча задаёт курс — и новый рекорд участия", []string{"Шесть категорий за одним столом", "Рабочая группа по ответственному управлению", "Страница 1 из", "«Мы приехали"},
			[]string{"Шесть категорий за одним столом", "Что дальше", "Благодарность"}},
	} {
		pdf := make1(t, draft(lang, want.title, sample(t, string(lang))))
		if !bytes.HasPrefix(pdf, []byte("%PDF-1.")) || !bytes.Contains(pdf, []byte("/Lang ("+string(lang)+")")) {
			t.Error("no PDF, or none that names its language")
		}
		if len(pdf) > 150_000 {
			t.Errorf("%d bytes: too heavy to mail", len(pdf))
		}
		got := text(t, pdf)
		for _, w := range want.texts {
			if !strings.Contains(got, w) {
				t.Errorf("%s: no %q in %s", lang, w, got)
			}
		}
		var marks []string
		for _, m := range outline.FindAllSubmatch(pdf, -1) {
			marks = append(marks, utf16be(m[1]))
		}
		if strings.Join(marks, "|") != strings.Join(want.marks, "|") {
			t.Errorf("bookmarks %q", marks)
		}
		for _, link := range []string{"(https://update.example.org/" + string(lang) + "/surveys/events)", "(mailto:secretary@example.org)", "(https://update.example.org/" + string(lang) + "/issues/1)"} {
			if !bytes.Contains(pdf, []byte("/URI "+link)) {
				t.Errorf("no live link to %s", link)
			}
		}
	}
}

func TestMetadataIsThere(t *testing.T) {
	pdf := make1(t, draft("ru", "Заголовок", "Текст"))
	for _, key := range []string{"Title", "Author", "Subject"} {
		m := regexp.MustCompile(`(?s)/` + key + ` \(((?:\\.|[^\\)])*)\)`).FindSubmatch(pdf)
		want := map[string]string{"Title": "Заголовок", "Author": "Рабочая группа по ответственному управлению", "Subject": "Вестник ответственности, Выпуск 1 · 14 мая 2027 г."}[key]
		if m == nil || utf16be(m[1]) != want {
			t.Errorf("%s: %q", key, m)
		}
	}
	if !bytes.Contains(pdf, []byte("/CreationDate (D:20270514070000)")) {
		t.Error("the date is not the issue's")
	}
}

func TestTheSameIssueIsTheSameFile(t *testing.T) {
	var first [32]byte
	for i := range 5 {
		sum := sha256.Sum256(make1(t, draft("en", "T", sample(t, "en")+"\u00a0nbsp and \u2011 hyphen-minus")))
		if i == 0 {
			first = sum
		}
		if sum != first {
			t.Fatal("two printings of one text differ")
		}
	}
}

func TestPagesFlow(t *testing.T) {
	long := sample(t, "en") + strings.Repeat("\n\nA paragraph that goes on for a while, so that several pages come together and lines have to be broken in many places. "+strings.Repeat("More words follow. ", 20), 20) +
		"\n\n| Country | Note | Number |\n|--|--|--:|\n" + strings.Repeat("| Switzerland | A note that is longer than the column is wide and must be broken into lines before it fits there | 12 |\n", 60)
	pdf := make1(t, draft("en", "Long", long))
	pages := len(pageObject.FindAll(pdf, -1))
	if pages < 6 || pages > 12 {
		t.Errorf("%d pages", pages)
	}
	if got := strings.Count(text(t, pdf), "Country"); got < 3 {
		t.Errorf("the head of the table stands %d times", got)
	}
}

func TestHostileText(t *testing.T) {
	for name, body := range map[string]string{
		"one word":     strings.Repeat("x", 5000),
		"wide table":   "|" + strings.Repeat("head|", 40) + "\n|" + strings.Repeat("-|", 40) + "\n|" + strings.Repeat("cell|", 40),
		"tall head":    "|" + strings.Repeat("word ", 2000) + "|b|\n|-|-|\n" + strings.Repeat("|a|b|\n", 300),
		"tall cell":    "| a | b |\n|-|-|\n| " + strings.Repeat("word ", 3000) + " | x |",
		"long words":   "| a | b | c |\n|-|-|-|\n| " + strings.Repeat("w", 300) + " | " + strings.Repeat("v", 200) + " | c |",
		"scripts":      "العربية 中文 עברית 😀 𝔊 ✓ e\u0301 \u200d\u00ad \u202fx\u2011y ελληνικά",
		"deep":         strings.Repeat("> ", 30) + "x\n\n" + strings.Repeat("* ", 30) + "y",
		"parentheses":  `\) Tj ET (`,
		"link":         "[a](https://example.org/a)b(c\\d) [" + strings.Repeat("long label ", 50) + "](https://example.org/)",
		"empty":        "",
		"code":         "```\n\tif x {\n" + strings.Repeat("y", 300) + "\n\n}\n```",
		"headings":     "### a\n# b\n###### c\n## d",
		"break":        "a\\\n\\\nb  \nc",
		"list of list": "1. * a\n2.\n3. ```\n   x\n   ```\n4. > q",
	} {
		t.Run(name, func(t *testing.T) {
			pdf := make1(t, draft("en", strings.Repeat("A title ", 18), body))
			if n := len(pageObject.FindAll(pdf, -1)); n < 1 || n > 40 {
				t.Errorf("%d pages", n)
			}
		})
	}
	if got := text(t, make1(t, draft("en", "T", "中文 and x\u2011y"))); !strings.Contains(got, "□□ and x-y") {
		t.Errorf("what cannot be shown is a box: %q", got)
	}
	if got := text(t, make1(t, draft("en", "T", "say שלום now"))); !strings.Contains(got, "say םולש now") {
		t.Errorf("Hebrew is drawn from the right: %q", got)
	}
}

// TestMadeUpFaces: emphasis in a table leans, and bold code is drawn thicker; both end where they should, and can be copied as text.
func TestMadeUpFaces(t *testing.T) {
	drawn := func(body string) string {
		var b strings.Builder
		for _, m := range stream.FindAllSubmatch(make1(t, draft("en", "T", body)), -1) {
			if z, err := zlib.NewReader(bytes.NewReader(m[1])); err == nil {
				content, err := io.ReadAll(z)
				if err == nil && bytes.Contains(content, []byte(" Tj")) {
					b.Write(content)
				}
			}
		}
		return b.String()
	}
	const thick, lean = "2 Tr", "1.00000 0.00000 0.21256 1.00000"
	for name, c := range map[string]struct {
		body        string
		thick, lean int
	}{
		"plain":           {"a *b* **c** ***d*** `e` *`f`*\n\n| g |\n|-|\n| **h** |", 0, 0},
		"code in a head":  {"## a `b` *c*", 1, 0},
		"bold code twice": {"**a `b`** **`c`** `d`", 2, 0},
		"table":           {"| a *b* |\n|-|\n| *c* d ***e*** `f` **`g`** |", 1, 3},
	} {
		content := drawn(c.body)
		if got := strings.Count(content, thick+"\n"); got != c.thick || strings.Count(content, "0 Tr\n") != got {
			t.Errorf("%s: %d times thicker, %d times back", name, got, strings.Count(content, "0 Tr\n"))
		}
		if got := strings.Count(content, lean); got != c.lean || strings.Count(content, "\nQ\n") != got {
			t.Errorf("%s: leans %d times, upright again %d times", name, got, strings.Count(content, "\nQ\n"))
		}
	}
	if got := text(t, make1(t, draft("en", "T", "**say `code` now**\n\n| a |\n|-|\n| to *lean* here |"))); !strings.Contains(got, "say code now") || !strings.Contains(got, "to lean here") {
		t.Errorf("text %q", got)
	}
}

func TestFontsCoverOurLanguages(t *testing.T) {
	for _, r := range "AZaz àâçéèêëîïôùûüÿœæ ñáíóú¿¡ АЯая ЁёЙй «»“”‘’–—…•·№€§ º°" {
		if !covered()[r] {
			t.Errorf("no %c", r)
		}
	}
	if covered()['中'] || covered()['😀'] {
		t.Error("claims what it cannot show")
	}
}

func BenchmarkIssue(b *testing.B) {
	l, x := letters(b), draft("en", "Title", sample(b, "en"))
	for b.Loop() {
		if _, err := Issue(l, x); err != nil {
			b.Fatal(err)
		}
	}
}
