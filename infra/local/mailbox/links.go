package mailbox

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"

	"liaison/infra/local/ses"
)

// Link is a link of a mail and the words that it stands under.
type Link struct{ Href, Text string }

var bareLink = regexp.MustCompile(`https?://[^\s<>"]+`)

// LinksOf lists the web links of a mail in the order of reading, each once: of the HTML, then those that only the text has.
func LinksOf(m *ses.Message) []Link {
	var out []Link
	seen := map[string]bool{}
	add := func(href, text string) {
		href = strings.TrimSpace(href)
		if !seen[href] && (strings.HasPrefix(href, "https://") || strings.HasPrefix(href, "http://")) {
			seen[href] = true
			out = append(out, Link{href, strings.Join(strings.Fields(text), " ")})
		}
	}
	if root, err := html.Parse(strings.NewReader(m.HTML)); err == nil {
		for n := range root.Descendants() {
			if n.Type != html.ElementNode || n.Data != "a" {
				continue
			}
			for _, a := range n.Attr {
				if a.Key == "href" {
					add(a.Val, words(n))
				}
			}
		}
	}
	for _, href := range bareLink.FindAllString(m.Text, -1) {
		add(strings.TrimRight(href, ".,;:!?)]»"), "")
	}
	return out
}

func words(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data + " ")
		}
	}
	return b.String()
}

// beside lets the links of a letter open in a window of their own.
func beside(letter string) string {
	const base = `<base target="_blank">`
	lower := strings.ToLower(letter)
	if i := strings.Index(lower, "<head"); i >= 0 {
		if j := strings.IndexByte(lower[i:], '>'); j >= 0 {
			return letter[:i+j+1] + base + letter[i+j+1:]
		}
	}
	return base + letter
}
