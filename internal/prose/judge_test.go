package prose

import (
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
	"golang.org/x/net/html"
)

// Two judges read what Parse reads: goldmark with its own extensions and renderer, and bluemonday, which passes only what it knows.
var (
	judge  = goldmark.New(goldmark.WithExtensions(extension.Table, extension.Strikethrough, extension.Linkify))
	strict = func() *bluemonday.Policy {
		p := bluemonday.NewPolicy()
		p.AllowElements("p", "h2", "h3", "h4", "ul", "ol", "li", "blockquote", "pre", "code", "em", "strong", "del", "br", "hr", "table", "thead", "tbody", "tr", "th", "td")
		p.AllowAttrs("href").OnElements("a")
		p.AllowAttrs("id").Matching(bluemonday.SpaceSeparatedTokens).OnElements("h2", "h3", "h4")
		p.AllowAttrs("dir").Matching(bluemonday.Direction).OnElements("p", "h2", "h3", "h4", "li", "th", "td", "pre")
		p.AllowAttrs("dir", "class", "scope").Matching(bluemonday.SpaceSeparatedTokens).OnElements("p", "h2", "h3", "h4", "li", "th", "td")
		p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
		p.AllowURLSchemes("http", "https", "mailto")
		p.AllowRelativeURLs(true)
		p.RequireParseableURLs(true)
		return p
	}()
)

// tokens are what a browser makes of HTML, whichever way its characters are written.
func tokens(page string) []html.Token {
	var out []html.Token
	for z := html.NewTokenizer(strings.NewReader(page)); z.Next() != html.ErrorToken; {
		t := z.Token()
		if n := len(out); n > 0 && t.Type == html.TextToken && out[n-1].Type == html.TextToken {
			out[n-1].Data += t.Data
			continue
		}
		out = append(out, t)
	}
	return out
}

// judged holds a text against both.
func judged(t *testing.T, source string) {
	t.Helper()
	d := Parse(source)
	page := string(d.HTML(Dress{}))
	if diff := cmp.Diff(tokens(strict.Sanitize(page)), tokens(page)); diff != "" {
		t.Errorf("%q: the strict policy finds something (-passed +printed):\n%s", source, diff)
	}
	checkSafe(t, page)
	source = normal(source)
	theirs := &Document{Blocks: tree{[]byte(source)}.blocks(judge.Parser().Parse(text.NewReader([]byte(source))), 0)}
	theirs.settle()
	doubtful := strings.Contains(source, "www.") && strings.Contains(source, "@") // TestWhatIsNotAsItWas
	if diff := cmp.Diff(theirs, d); diff != "" && !doubtful {
		t.Errorf("%q: goldmark's extensions read it otherwise (-theirs +ours):\n%s", source, diff)
	}
	var rendered strings.Builder
	if err := judge.Convert([]byte(source), &rendered); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(rendered.String(), "<img") { // which is a link here
		return
	}
	if want, got := letters(tokens(rendered.String())), letters(tokens(page)); want != got {
		t.Errorf("%q: goldmark prints the text\n%q, we\n%q", source, want, got)
	}
}

// letters is the text of a page without white space, of which the ways to HTML leave more or less.
func letters(page []html.Token) string {
	var b strings.Builder
	for _, t := range page {
		if t.Type == html.TextToken {
			b.WriteString(strings.Join(strings.FieldsFunc(t.Data, func(r rune) bool { return strings.ContainsRune(" \t\r\n", r) }), ""))
		}
	}
	return b.String()
}

// pieces are what Markdown's rules are about; texts that are thrown together from them meet most of the corners.
var pieces = []string{"a", "b c", " ", "  ", "\n", "\n\n", "  \n", "\\\n", "\t", "    ", "*", "**", "***", "_", "__", "~", "~~", "`", "``", "```", "```\n",
	"[", "]", "(", ")", "](", "![", "[a](b)", "[a]: /b\n", "[a]: <https://x.yz> \"t\"\n", "[a]", "[a][]", "[b][a]",
	"<", ">", "> ", "- ", "* ", "+ ", "1. ", "2) ", "10. ", "0. ", "# ", "## ", "###### ", " #", "===\n", "---\n", "***\n",
	"|", " | ", "\\|", "`\\|`", "|--|\n", "|:-:|--:|\n", "-|-\n", "| a | b |\n|---|:--|\n", "| x |\n",
	"&amp;", "&lt;", "&copy;", "&#65;", "&#x41;", "&#X1F600;", "&#0;", "&#10;", "&#9;", "&#1114112;", "&nbsp;", "&bogus;", "&", ";", "\\", "\\*", "\\\\", "\\&amp;", "\\`",
	"<b>", "</b>", "<br/>", "<!-- c -->", "<!--", "-->", "<div>\n", "</div>\n", "<script>", "<a href='x'>", "<?php ?>", "<![CDATA[x]]>", "<!A>", "<https://a.bc>", "<a@b.cd>", "<javascript:x>",
	"http://a.bc", "https://a.bc/d_e?f=g&h;", "www.a.bc", "www.a.bc/d)", "a@b.cd", "a.b-c@d.e_", "ftp://a.bc/", "http://a", "(http://a.bc/(d))", "https://a.bc:80/x.", "mailto:a@b.cd",
	"(javascript:x)", "(data:x)", "(https://a.bc)", "(/p)", "(//e.vil)", "(#part-1)", "(#part-2)", "(mailto:a@b.cd)", "(<a b>)", "(a \"t\")", "(a 'b)", "(https://a.bc/{x}\\y)", "(/a b)",
	"(https://x.yz/é%20%zz)", "(http://[::1]:8/a)", "(HTTPS://A.bc)", "(mailto:x)",
	"é", "я", "中", "ש", "\u00a0", "\u2028", "\u00ad", "\"", "'", "{", "}", "{{x}}", ".", ",", "!", "?", ":", "=", "-", "+", "1", "x@y", "\f", "\v", "\x01"}

func thrown(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.Intn(30) {
		b.WriteString(pieces[r.Intn(len(pieces))])
	}
	return b.String()
}

func TestJudges(t *testing.T) {
	for seed := range int64(4000) {
		if judged(t, thrown(rand.New(rand.NewSource(seed)))); t.Failed() {
			break
		}
	}
}

func FuzzJudges(f *testing.F) {
	f.Add(sample)
	for seed := range int64(50) {
		f.Add(thrown(rand.New(rand.NewSource(seed))))
	}
	f.Fuzz(func(t *testing.T, s string) {
		judged(t, s[:min(len(s), 2000)])
	})
}

// TestWhatIsNotAsItWas: where Parse reads otherwise than goldmark's renderer and a browser did before decision 24.
func TestWhatIsNotAsItWas(t *testing.T) {
	for source, want := range map[string]string{
		"[to <https://a.example> there](https://b.example)": `<p><a href="https://b.example">to https://a.example there</a></p>`,
		"![a\nb](https://a.example/c)":                      `<p><a href="https://a.example/c">a b</a></p>`,
		"![a\\\nb](https://a.example/c)":                    `<p><a href="https://a.example/c">a b</a></p>`,
		"x ![](javascript:y) z":                             "<p>x  z</p>",
		"|a|\n|-|-:|\n|b|c|":                                `<table><thead><tr><th scope="col">a</th><th scope="col" class="n"></th></tr></thead><tbody><tr><td>b</td><td class="n">c</td></tr></tbody></table>`,
		"www.a@b.COM":                                       `<p><a href="mailto:www.a@b.COM">www.a@b.COM</a></p>`,
		"`a\r\nb`  \r\nc\rd":                                "<p><code>a b</code><br>\nc d</p>",
		"# a\rb\x00":                                        "<h2 id=\"part-1\">a</h2><p>b\uFFFD</p>",
		"a\xffb":                                            "<p>a\uFFFDb</p>",
	} {
		page := strings.ReplaceAll(string(Parse(source).HTML(Dress{})), ">\n<", "><") // lines are for mail, which breaks long ones
		if got := strings.TrimSuffix(page, "\n"); got != want {
			t.Errorf("%q\n%s, want\n%s", source, got, want)
		}
	}
}

// TestShapes pins down what the tree is made of, form by form.
func TestShapes(t *testing.T) {
	word := func(s string) []Span { return []Span{{Text: s}} }
	p := func(s string) Block { return Block{Kind: Paragraph, Spans: word(s)} }
	for source, want := range map[string][]Block{
		"* a\n* b\n\n  c":                  {{Kind: List, Start: 1, Items: [][]Block{{p("a")}, {p("b"), p("c")}}}},
		"* a\n  <!-- c -->\n  b":           {{Kind: List, Start: 1, Items: [][]Block{{p("a b")}}}},
		"7. a\n   * b\n8. \n":              {{Kind: List, Ordered: true, Start: 7, Items: [][]Block{{p("a"), {Kind: List, Start: 1, Items: [][]Block{{p("b")}}}}, nil}}},
		"1000000. a":                       {{Kind: List, Ordered: true, Start: 1, Items: [][]Block{{p("a")}}}},
		"a\n===\n\n\tx\n\t\ty\n\n\tz":      {{Kind: Heading, Level: 2, ID: "part-1", Spans: word("a")}, {Kind: Code, Text: "x\n\ty\n\nz"}},
		"```go\na\x00 <b> &amp;\n\n```":    {{Kind: Code, Text: "a\uFFFD <b> &amp;"}},
		"<div>\n*a*\n</div>\n\nb <i>c</i>": {p("b c")},
		"a  \nb\\\nc\nd":                   {{Kind: Paragraph, Spans: []Span{{Text: "a"}, {Break: true}, {Text: "b"}, {Break: true}, {Text: "c d"}}}},
		"***a** b* ~~c~~ ~d~ ~~~e~~~":      {{Kind: Paragraph, Spans: []Span{{Text: "a", Bold: true, Italic: true}, {Text: " b", Italic: true}, {Text: " "}, {Text: "c", Strike: true}, {Text: " "}, {Text: "d", Strike: true}, {Text: " ~~~e~~~"}}}},
		"&copy;&#169;&#xA9;&amp;lt;\\&lt;": {p("©©©&lt;&lt;")},
		"[a]: https://a.example\n\n[a] [a][] [b][a] [c]": {{Kind: Paragraph, Spans: []Span{{Text: "a", Href: "https://a.example"}, {Text: " "}, {Text: "a", Href: "https://a.example"}, {Text: " "},
			{Text: "b", Href: "https://a.example"}, {Text: " [c]"}}}},
		"|a|`b\\|c`|\n|:-:|-:|\n|d\\|e|\n||f|g": {{Kind: Table, Align: []Align{Middle, End}, Rows: []Row{{word("a"), Cell{{Text: "b|c", Mono: true}}}, {word("d|e"), nil}, {nil, word("f")}}}},
	} {
		if diff := cmp.Diff(want, Parse(source).Blocks); diff != "" {
			t.Errorf("%q (-want +got):\n%s", source, diff)
		}
	}
}

func TestBareLinks(t *testing.T) {
	for source, want := range map[string]string{
		"https://a.example/b_c(d)?e=f&g#h.": "https://a.example/b_c(d)?e=f&g#h",
		"(see http://a.example:80/b).":      "http://a.example:80/b",
		"www.a.example/b,":                  "http://www.a.example/b",
		"*sam@a.example*":                   "mailto:sam@a.example",
		"https://a.example/?b&amp;":         "https://a.example/?b",
		"https://localhost":                 "", "xhttps://a.example": "", "sam@example": "", "sam@a.example_": "", "javascript://a.example": "", "www.": "", "https://.example": "",
		"https://" + strings.Repeat("a", 300) + ".example": "",
	} {
		var got []string
		Parse(source).spans(func(s *Span) {
			if s.Href != "" {
				got = append(got, s.Href)
			}
		})
		if want == "" && len(got) > 0 || want != "" && !slices.Equal(got, []string{want}) {
			t.Errorf("%s leads to %s", strconv.Quote(source), got)
		}
	}
}
