package prose

import (
	"net/url"
	"path"
	"strings"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/util"
)

// inline reads the running text of nodes, as one, and trims its ends.
func (t tree) inline(nodes ...ast.Node) []Span {
	var r running
	for i, n := range nodes {
		if i > 0 {
			r.text(Span{}, " ")
		}
		t.within(n, Span{}, &r)
	}
	r.flush()
	return trim(r.out)
}

// within reads what is in a node. It goes no deeper than marks and brackets can be within each other (maxMarks, and 999 characters in
// goldmark's brackets).
func (t tree) within(parent ast.Node, dress Span, r *running) {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		d := dress
		switch n := n.(type) {
		case *ast.Text:
			r.text(d, unescape(n.Value(t.source)))
			if n.HardLineBreak() {
				r.lineBreak()
			} else if n.SoftLineBreak() {
				r.text(d, " ")
			}
		case *ast.CodeSpan:
			d.Mono = true
			r.text(d, t.code(n))
		case *ast.AutoLink:
			if d.Href == "" { // links hold no links: where the outer one leads counts
				d.Href = t.autoLink(n)
			}
			r.text(d, string(n.Label(t.source)))
		case *ast.Image:
			text, href := t.picture(n, d.Href)
			d.Href = href
			r.text(d, text)
		case *ast.Link:
			d.Href = address(util.URLEscape(n.Destination, true))
			t.within(n, d, r)
		case *ast.Emphasis:
			d.Bold, d.Italic = d.Bold || n.Level == 2, d.Italic || n.Level == 1
			t.within(n, d, r)
		case *extension.Strikethrough:
			d.Strike = true
			t.within(n, d, r)
		}
	}
}

// running is running text in the making. Neighbours in one dress become one span.
type running struct {
	out   []Span
	dress Span // of now
	now   []byte
}

func (r *running) text(dress Span, s string) {
	if len(r.now) == 0 && (len(r.out) == 0 || r.out[len(r.out)-1].Break) {
		s = strings.TrimLeft(s, " \t")
	}
	if s == "" {
		return
	}
	if dress != r.dress {
		r.flush()
	}
	r.dress, r.now = dress, append(r.now, s...)
}

func (r *running) flush() {
	if len(r.now) > 0 {
		r.dress.Text = string(r.now)
		r.out = append(r.out, r.dress)
	}
	r.dress, r.now = Span{}, nil
}

func (r *running) lineBreak() {
	r.flush()
	r.out = append(r.out, Span{Break: true})
}

func trim(out []Span) []Span {
	for len(out) > 0 {
		if out[0].Text = strings.TrimLeft(out[0].Text, " \t"); out[0].Text != "" {
			break
		}
		out = out[1:]
	}
	for len(out) > 0 {
		last := &out[len(out)-1]
		if last.Text = strings.TrimRight(last.Text, " \t"); last.Text != "" {
			break
		}
		out = out[:len(out)-1]
	}
	return out
}

// code is the text of a code span on one line. In a table its bars are escaped, or they would part cells.
func (t tree) code(n ast.Node) string {
	var b strings.Builder
	for c := n.FirstChild(); c != nil; c = c.NextSibling() {
		if part, ok := c.(*ast.Text); ok {
			b.Write(part.Value(t.source))
		}
	}
	s := strings.ReplaceAll(b.String(), "\n", " ")
	block := n.Parent()
	for block.Type() == ast.TypeInline {
		block = block.Parent()
	}
	if block.Kind() == extension.KindTableCell {
		s = strings.ReplaceAll(s, `\|`, "|")
	}
	return s
}

func (t tree) autoLink(n *ast.AutoLink) string {
	to := util.URLEscape(n.URL(t.source), false)
	if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(string(to)), "mailto:") {
		return address(append([]byte("mailto:"), to...))
	}
	return address(to)
}

// picture is an image as a link to it: letters are read with images off, and no page asks a third party for anything.
func (t tree) picture(n *ast.Image, within string) (text, href string) {
	src := address(util.URLEscape(n.Destination, true))
	text = strings.TrimSpace(t.alternative(n))
	if text == "" && src != "" {
		text = path.Base(src)
	}
	if within != "" {
		return text, within
	}
	return text, src
}

// alternative is the text of an image, without emphasis and links.
func (t tree) alternative(parent ast.Node) string {
	var b strings.Builder
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		text, ok := n.(*ast.Text)
		switch {
		case !ok:
			b.WriteString(t.alternative(n))
			continue
		case text.IsRaw():
			b.WriteString(strings.ReplaceAll(string(text.Value(t.source)), "\n", " "))
		default:
			b.WriteString(unescape(text.Value(t.source)))
		}
		if text.SoftLineBreak() || text.HardLineBreak() {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// address keeps what leads somewhere: absolute addresses, paths of this site, headings of this document. Braces are
// percent-encoded, so that no address can hold a substitution.
func address(b []byte) string {
	s := string(b)
	u, err := url.Parse(strings.TrimSpace(s))
	if err != nil || len(s) > 2000 {
		return ""
	}
	switch {
	case u.Scheme == "mailto" && strings.Contains(u.Opaque, "@"):
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	case u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/") && !strings.HasPrefix(u.Path, "//"):
	case u.Scheme == "" && u.Host == "" && u.Path == "" && u.RawQuery == "" && u.Fragment != "":
	default:
		return ""
	}
	return strings.NewReplacer("{", "%7B", "}", "%7D", "\\", "%5C").Replace(u.String())
}
