package edition

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/people"
	"liaison/internal/programme"
)

var update = flag.Bool("update", false, "write the golden files anew")

func letters(t testing.TB) *Letters {
	t.Helper()
	p := &programme.Programme{
		ID: "update", Name: programme.Text{"en": "Stewardship Update", "ru": "Вестник ответственности"},
		Group:     programme.Text{"en": "Working group on responsible stewardship", "ru": "Рабочая группа по ответственному управлению"},
		Languages: []people.Language{"en", "fr", "es", "ru"}, Default: "en", BaseURL: "https://update.example.org",
		Sender: "update@example.org", ReplyTo: "secretary@example.org", Postal: "1 Example Street, 1200 Geneva, Switzerland", TimeZone: "Europe/Zurich",
		Secretariat: []programme.Desk{{Name: "Sam", Email: "secretary@example.org", Role: programme.Secretary, Language: "ru"}}}
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	return &Letters{Programme: p}
}

func sampleIssue(t testing.TB, lang people.Language) Edition {
	t.Helper()
	body, err := os.ReadFile("testdata/issue." + string(lang) + ".md")
	if err != nil {
		t.Fatal(err)
	}
	title := map[people.Language]string{"en": "First meeting sets the course, and a fresh mark for taking part", "ru": "Первая встреча задаёт курс — и новый рекорд участия"}
	return Edition{Number: 1, Language: lang, Title: title[lang], Body: string(body), Date: time.Date(2027, 5, 14, 7, 0, 0, 0, time.UTC), Also: []people.Language{"en", "fr", "ru"}}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; go test ./internal/letter/edition -update writes it anew, after a look at the difference\n%s", name, got)
	}
}

func TestFrenchSetsItsColonsOff(t *testing.T) {
	e := sampleIssue(t, "en")
	e.Language = "fr"
	c, err := letters(t).Letter(e, Cover)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Lire sur le site\u00a0: https://", "English\u00a0: https://", "Dans ce numéro\u00a0:\n"} {
		if !strings.Contains(c.Text, want) {
			t.Errorf("%q is missing:\n%s", want, c.Text)
		}
	}
}

func TestIssueGolden(t *testing.T) {
	l := letters(t)
	for _, lang := range []people.Language{"en", "ru"} {
		for name, f := range map[string]Format{"full": Full, "text": TextOnly, "cover": Cover} {
			c, err := l.Letter(sampleIssue(t, lang), f)
			if err != nil {
				t.Fatal(err)
			}
			if (c.HTML == "") != (f == TextOnly) || c.Text == "" {
				t.Errorf("%s %s: HTML %d bytes, text %d", lang, name, len(c.HTML), len(c.Text))
			}
			if f != TextOnly {
				golden(t, "issue."+string(lang)+"."+name+".html", c.HTML)
			}
			if f != Full { // its twin is the text format's
				golden(t, "issue."+string(lang)+"."+name+".txt", "Subject: "+c.Subject+"\n\n"+c.Text)
			}
		}
	}
}

func TestLetterIsReadableByProgramsAndPeople(t *testing.T) {
	c, err := letters(t).Letter(sampleIssue(t, "en"), Full)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.HTML) > 20_000 {
		t.Errorf("a common issue has %d bytes", len(c.HTML))
	}
	for line := range strings.Lines(c.HTML + c.Text) {
		if len(line) > 998 { // RFC 5322; where nobody wrote more, no encoding is needed to keep it
			t.Errorf("a line of %d bytes: %.80s", len(line), line)
		}
	}
	doc := parse(t, c.HTML)
	var links []string
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "script" || n.Data == "img" || n.Data == "link" || n.Data == "form" {
			t.Errorf("a letter holds <%s>", n.Data)
		}
		if n.Data == "html" && (attr(n, "lang") != "en" || attr(n, "dir") != "ltr") {
			t.Error("language and direction are not declared")
		}
		if n.Data == "a" {
			links = append(links, attr(n, "href"))
		}
		if n.Data == "td" && strings.Contains(attr(n, "class"), "sheet") && attr(n, "style") == "" {
			t.Error("no inline style")
		}
	}
	all := strings.Join(links, " ")
	for _, want := range []string{"https://update.example.org/en/issues/1 ", "https://update.example.org/en/surveys/events", "{{unsubscribe}}",
		"https://update.example.org/fr/issues/1", "https://update.example.org/en/issues/1#part-2", "https://update.example.org/en/issues/1.pdf"} {
		if !strings.Contains(all, want) {
			t.Errorf("no link to %s among %v", want, links)
		}
	}
	for _, want := range []string{"{{name}}", "1 Example Street", "secretary@example.org"} {
		if !strings.Contains(c.HTML, want) {
			t.Errorf("no %s", want)
		}
	}
	for _, want := range []string{"{{plainname}}", "{{unsubscribe}}", "https://update.example.org/en/issues/1", "1 Example Street"} {
		if !strings.Contains(c.Text, want) {
			t.Errorf("text: no %s", want)
		}
	}
}

func TestAuthorsBracesAreNeverSubstitutions(t *testing.T) {
	l := letters(t)
	for _, braces := range []string{"{{x}}", "{{{name}}}", "{{#each a}}", "{{unsubscribe}}", "{{", "}}", "{{name", "{ {", "{\u200b{", "&#123;&#123;name&#125;&#125;", "{{/if}}", `\{{name}}`} {
		x := Edition{Number: 1, Language: "en", Title: braces, Date: time.Unix(0, 0),
			Body: braces + "\n\n## " + braces + "\n\n| " + braces + " |\n|-|\n| " + braces + " |\n\n[" + braces + "](https://example.org/" + braces + ") ![" + braces + "](https://example.org/?" + braces + ") `" + braces + "`\n\n```\n" + braces + "\n```\n"}
		for _, f := range []Format{Full, TextOnly, Cover} {
			for _, leaflet := range []bool{false, true} {
				x.Leaflet = leaflet
				c, err := l.Letter(x, f)
				if err != nil {
					t.Errorf("%q: %v", braces, err)
				}
				if strings.Contains(c.Subject, "{{") || strings.Contains(c.Subject, "}}") {
					t.Errorf("subject %q", c.Subject)
				}
				want := 1 // the name, once in each part
				if !leaflet {
					want = 2
				}
				if got := strings.Count(c.Text, "{{"); got != want {
					t.Errorf("%q: %d substitutions in the text, want %d", braces, got, want)
				}
				if got := strings.Count(c.HTML, "{{"); f != TextOnly && got != want {
					t.Errorf("%q: %d substitutions in the HTML, want %d", braces, got, want)
				}
			}
		}
	}
	// The author's braces are still there to read.
	c, _ := l.Letter(Edition{Language: "en", Title: "t", Body: "use {{x}}", Date: time.Unix(0, 0)}, Full)
	if !strings.Contains(textOf(parse(t, c.HTML)), "use {{x}}") || !strings.Contains(c.Text, "use { {x} }") {
		t.Error("braces were lost")
	}
}

func FuzzBraces(f *testing.F) {
	f.Add("{{x}}", "a {{{ b }}} `{{`")
	f.Add("\uE000", "{\n{name}}")
	f.Fuzz(func(t *testing.T, title, body string) {
		if _, err := letters(t).Letter(Edition{Language: "en", Title: title, Body: body[:min(len(body), 3000)], Date: time.Unix(0, 0)}, Full); err != nil {
			t.Errorf("%q %q: %v", title, body, err)
		}
	})
}

func TestHostileTitle(t *testing.T) {
	c, err := letters(t).Letter(Edition{Number: 2, Language: "en", Title: "<script>alert(1)</script> & \"quotes\"\r\nBcc: x@example.org", Body: "text", Date: time.Unix(0, 0)}, Full)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(c.HTML, "<script") || strings.ContainsAny(c.Subject, "\r\n") {
		t.Errorf("%q\n%s", c.Subject, c.HTML)
	}
}

func TestRightToLeftLetter(t *testing.T) {
	l := letters(t)
	c, err := l.Letter(Edition{Number: 2, Language: "ar", Title: "العدد", Body: "> اقتباس", Date: time.Unix(0, 0)}, Full)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(c.HTML, `<html lang="ar" dir="rtl">`) || !strings.Contains(c.HTML, "border-right:3px") || strings.Contains(c.HTML, "text-align:left") {
		t.Error("a letter in Arabic begins at the right")
	}
	if !strings.Contains(c.HTML, `<td class="soft" lang="en" dir="ltr"`) {
		t.Error("our words in it, which are English, do not say so")
	}
}

func TestLeafletsStayInside(t *testing.T) {
	x := sampleIssue(t, "en")
	x.Leaflet = true
	c, err := letters(t).Letter(x, Full)
	if err != nil {
		t.Fatal(err)
	}
	for _, never := range []string{"/issues/", "{{unsubscribe}}", "forward"} {
		if strings.Contains(c.HTML, never) || strings.Contains(c.Text, never) {
			t.Errorf("a leaflet holds %q", never)
		}
	}
	for _, h := range letters(t).Headers(x) {
		if h.Name == "List-Archive" || h.Name == "List-Id" && h.Value != "<update-members.update.example.org>" {
			t.Errorf("header %v", h)
		}
	}
}

func TestTrialIsMarked(t *testing.T) {
	l := letters(t)
	c, err := l.Letter(sampleIssue(t, "en"), Full)
	if err != nil {
		t.Fatal(err)
	}
	c = l.Trial(c, l.Programme.Secretariat[0])
	if !strings.HasPrefix(c.Subject, "[Проба] ") || !strings.HasPrefix(c.Text, "Это проба") || !strings.Contains(c.HTML, "Это проба") {
		t.Errorf("%s\n%.300s", c.Subject, c.Text)
	}
}

func parse(t *testing.T, s string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
		}
	}
	return b.String()
}
