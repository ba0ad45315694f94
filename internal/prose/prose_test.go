package prose

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
)

const sample = "# One\n\nHello **bold**, *leaning* and ~~gone~~ `mono` [there](https://example.org/{{y}}).  \nNext line with https://auto.example.org\n\n" +
	"### Two {{x}}\n\n* a\n* b\n  1. c\n  2. d\n\n> quoted\n\n| Body | Votes |\n|:-----|----:|\n| One & co | 12 |\n\n![A map](https://example.org/map.png)\n\n    code {{x}}\n\n---\n\nשלום to [Two](#part-2), [nobody](#part-9), [mail](mailto:a@example.org), [events](/en/events)\n"

func TestHTML(t *testing.T) {
	got := string(Parse(sample).HTML(Dress{TableName: "Table"}))
	for _, want := range []string{
		`<h2 id="part-1">One</h2>`,
		`<strong>bold</strong>, <em>leaning</em> and <del>gone</del> <code>mono</code> <a href="https://example.org/%7B%7By%7D%7D">there</a>.<br>` + "\nNext line",
		`<a href="https://auto.example.org">https://auto.example.org</a>`,
		`<h3 id="part-2">Two &#123;&#123;x&#125;&#125;</h3>`, // no level is skipped
		"<ul>\n<li>a</li>\n<li>b<ol>\n<li>c</li>\n<li>d</li>\n</ol>",
		`<blockquote><p>quoted</p>`,
		`<div class="scroll" role="region" tabindex="0" aria-label="Table"><table>`,
		`<th scope="col" class="n">Votes</th>`, "<td>One &amp; co</td>\n<td class=\"n\">12</td>\n</tr>\n",
		`<a href="https://example.org/map.png">A map</a>`,
		`<pre dir="ltr">code &#123;&#123;x&#125;&#125;</pre>`, `<hr>`,
		`<p dir="auto">שלום to <a href="#part-2">Two</a>, nobody, <a href="mailto:a@example.org">mail</a>, <a href="/en/events">events</a></p>`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in\n%s", want, got)
		}
	}
	if strings.Contains(got, "<img") {
		t.Error("pages and letters load no pictures from elsewhere")
	}
}

func TestText(t *testing.T) {
	got, links := Parse(sample).Text(Plain{})
	want := `One
---

Hello *bold*, leaning and gone mono there [1].
Next line with https://auto.example.org

Two {{x}}

* a
* b
  1. c
  2. d

> quoted

Body      Votes
---------------
One & co     12

A map [2]

    code {{x}}

* * *

שלום to Two [3], nobody, mail [4], events [5]`
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if want := "https://example.org/%7B%7By%7D%7D https://example.org/map.png #part-2 mailto:a@example.org /en/events"; strings.Join(links, " ") != want {
		t.Errorf("links %q", links)
	}
}

func TestTextKeepsItsWidth(t *testing.T) {
	long := strings.Repeat("слово ", 100) + "\n\n> " + strings.Repeat("word ", 100) + "\n\n* " + strings.Repeat("word ", 100) +
		"\n\n| " + strings.Repeat("head | ", 12) + "\n|" + strings.Repeat("--|", 12) + "\n| " + strings.Repeat("a longer cell | ", 12)
	text, _ := Parse(long).Text(Plain{Width: 60})
	for _, l := range strings.Split(text, "\n") {
		if n := len([]rune(l)); n > 60 {
			t.Errorf("%d characters: %q", n, l)
		}
	}
	if !strings.Contains(text, "head: a longer cell") {
		t.Errorf("a table too wide for its place is set row by row:\n%s", text)
	}
}

func TestHostileMarkdown(t *testing.T) {
	for name, source := range map[string]string{
		"script":      "<script>alert(1)</script>\n\nText <img src=x onerror=alert(1)> here",
		"scheme":      "[a](javascript:alert(1)) [b](JaVaScRiPt:x) [c](data:text/html,x) [d](vbscript:x) [e](//evil.example) [f](\x01javascript:x) ![g](javascript:x)",
		"entities":    "[a](&#106;avascript:alert(1)) &lt;script&gt;",
		"attributes":  "[a](https://example.org/\"onmouseover=\"alert(1)) [b](<https://example.org/' x> \"t\\\" onload='x\")",
		"autolink":    "<javascript:alert(1)> <https://example.org/\"><script>>",
		"deep quote":  strings.Repeat(">", 3000) + " x",
		"deep list":   strings.Repeat("* ", 500) + "x",
		"many stars":  strings.Repeat("*a_b", 3000),
		"many opens":  strings.Repeat("[", 3000),
		"table":       "|" + strings.Repeat("a|", 300) + "\n|" + strings.Repeat("-|", 300) + "\n" + strings.Repeat("|"+strings.Repeat("b|", 300)+"\n", 100),
		"odd rows":    "| a | b |\n|---|---|\n| 1 |\n| 1 | 2 | 3 |\n",
		"invalid":     "a\xff\xfe\x00b {{{{ }}}}",
		"html in all": "# <b>x</b>\n* <b>y</b>\n\n|<i>z</i>|\n|-|\n|<u>w</u>|\n\n```\n<p>\n```",
	} {
		t.Run(name, func(t *testing.T) {
			d := Parse(source)
			checkSafe(t, string(d.HTML(Dress{})))
			_, links := d.Text(Plain{})
			for _, l := range links {
				if scheme, _, _ := strings.Cut(l, ":"); scheme != "https" && scheme != "http" && scheme != "mailto" {
					t.Errorf("link %q", l)
				}
			}
		})
	}
}

var allowed = map[string]bool{"html": true, "head": true, "body": true, "p": true, "h2": true, "h3": true, "h4": true, "ul": true, "ol": true, "li": true, "blockquote": true,
	"pre": true, "code": true, "em": true, "strong": true, "del": true, "br": true, "hr": true, "table": true, "thead": true, "tbody": true, "tr": true, "th": true,
	"td": true, "a": true, "div": true}

func checkSafe(t *testing.T, out string) {
	t.Helper()
	if strings.Contains(out, "{{") || strings.Contains(out, "}}") {
		t.Errorf("braces come through: %.200s", out)
	}
	doc, err := html.Parse(strings.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode || n.Type == html.ElementNode && !allowed[n.Data] {
			t.Errorf("node %q", n.Data)
		}
		for _, a := range n.Attr {
			switch a.Key {
			case "href":
				if !strings.HasPrefix(a.Val, "https:") && !strings.HasPrefix(a.Val, "http:") && !strings.HasPrefix(a.Val, "mailto:") && !strings.HasPrefix(a.Val, "#part-") &&
					(!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//") || strings.HasPrefix(a.Val, `/\`)) {
					t.Errorf("leads to %q", a.Val)
				}
			case "id", "dir", "scope", "class", "start", "role", "tabindex", "aria-label":
			default:
				t.Errorf("attribute %s=%q", a.Key, a.Val)
			}
		}
	}
}

func TestContentsAndLead(t *testing.T) {
	d := Parse("## First\n\ntext\n\n### below\n\n## Second *part*\n")
	if got := d.Contents(); len(got) != 2 || got[1] != (Headline{"part-3", "Second part"}) {
		t.Errorf("contents %v", got)
	}
	if got := Parse("# Head\n\nOne two\nthree, four five").Lead(16); got != "One two three…" {
		t.Errorf("lead %q", got)
	}
	if len(Parse(" \n<b></b>\n").Blocks) != 0 {
		t.Error("nothing but markup is empty")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(sample)
	f.Add("| a |\n|--|\n| b\n\n1) x\n\n<a href=x>{{y}}")
	f.Add(strings.Repeat("> * ", 40))
	f.Fuzz(func(t *testing.T, s string) {
		s = s[:min(len(s), 5000)]
		d := Parse(s)
		checkSafe(t, string(d.HTML(Dress{})))
		d.Text(Plain{Width: 30})
		d.Lead(50)
	})
}
