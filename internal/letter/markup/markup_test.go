package markup

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"
)

func render(t testing.TB, nodes ...g.Node) string {
	t.Helper()
	s, err := Render(nodes...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestNobodyWritesBraces(t *testing.T) {
	const braces = "{{name}} {x} }}{{ {{{"
	got := render(t, h.P(h.Class(braces), g.Attr("data-x", braces), g.Text(braces), g.Raw(braces), g.Textf("%s", braces), h.StyleEl(g.Raw(braces)), Href("https://example.org/"+braces)))
	if strings.ContainsAny(got, "{}") {
		t.Errorf("braces in %s", got)
	}
	doc, err := html.Parse(strings.NewReader(render(t, h.P(g.Text(braces)))))
	if err != nil {
		t.Fatal(err)
	}
	if got := textOf(doc); got != braces {
		t.Errorf("read as %q", got)
	}
}

func TestSubstitutions(t *testing.T) {
	if got := render(t, h.P(g.Text("Dear "), Substitute("name"), g.Text("{}"))); got != "<p>Dear {{name}}&#123;&#125;</p>" {
		t.Error(got)
	}
	if got := render(t, h.A(h.Class("go"), g.Text("leave"), HrefSubstitute("unsubscribe"))); got != `<a class="go" href="{{unsubscribe}}">leave</a>` {
		t.Error(got)
	}
	if got := render(t, StyleSheet("@media print{a{color:#000}}")); got != "<style>@media print{a{color:#000}}</style>" {
		t.Error(got)
	}
	var other strings.Builder
	if err := h.P(Substitute("name")).Render(&other); err == nil {
		t.Errorf("written elsewhere: %s", other.String())
	}
}

func TestLinksLeadToPagesAndMailboxes(t *testing.T) {
	for address, want := range map[string]string{
		"https://example.org/a?b=1&c='d'": `<a href="https://example.org/a?b=1&amp;c=&#39;d&#39;">x</a>`, "http://127.0.0.1:8080/": `<a href="http://127.0.0.1:8080/">x</a>`,
		"mailto:a@example.org": `<a href="mailto:a@example.org">x</a>`, "HTTPS://example.org": `<a href="HTTPS://example.org">x</a>`,
		`https://example.org/"><script>`: `<a href="https://example.org/&#34;&gt;&lt;script&gt;">x</a>`,
		"javascript:alert(1)":            "<a>x</a>", "JavaScript:alert(1)": "<a>x</a>", " javascript:alert(1)": "<a>x</a>", "java\nscript:alert(1)": "<a>x</a>",
		"data:text/html,x": "<a>x</a>", "/en/": "<a>x</a>", "//example.org": "<a>x</a>", "": "<a>x</a>", "vbscript:x": "<a>x</a>", "%zz": "<a>x</a>",
	} {
		if got := render(t, h.A(Href(address), g.Text("x"))); got != want {
			t.Errorf("%q: %s, want %s", address, got, want)
		}
	}
}

func TestPage(t *testing.T) {
	got := render(t, Page{Lang: "ar", Dir: "rtl", Title: "<T>", CSS: "a{b:c}", Style: "margin:0"}.Holding(Table("", "", Row(h.Class("x"), g.Text("in")))))
	for _, want := range []string{"<!doctype html>\n<html lang=\"ar\" dir=\"rtl\">", "<title>&lt;T&gt;</title>", "<style>a{b:c}</style>", `<body style="margin:0">`,
		`<table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td class="x">in</td></tr></table></body></html>`} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

// FuzzText: whatever is typed is read again as it was typed, as text and as an attribute, and is nothing else.
func FuzzText(f *testing.F) {
	f.Add("<script>alert(1)</script>", `" onclick="x`)
	f.Add("{{name}} &amp; &#123;", "'<!-- -->\r\n\x00")
	f.Fuzz(func(t *testing.T, text, attribute string) {
		got := render(t, h.Div(h.Title(attribute), g.Text(text)))
		doc, err := html.Parse(strings.NewReader("<!doctype html><body>" + got))
		if err != nil {
			t.Fatal(err)
		}
		elements := 0
		for n := range doc.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			elements++
			if n.Data == "div" && (len(n.Attr) != 1 || n.Attr[0].Val != read(attribute)) {
				t.Errorf("%q is read as %v", attribute, n.Attr)
			}
		}
		if elements != 4 || textOf(doc) != read(text) || strings.ContainsAny(got, "{}") { // html, head, body, div
			t.Errorf("%q is read as %q, in %d elements", text, textOf(doc), elements)
		}
	})
}

// read is what a program that reads HTML makes of text: it knows one kind of line end, and no NUL.
func read(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\uFFFD").Replace(s)
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
