//go:build shadow

package web

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

var seenMu sync.Mutex
var seen = map[string]int{}

func init() {
	dir := os.Getenv("SHADOW")
	if dir == "" {
		dir = "/tmp/shadow"
	}
	shadow = func(name string, was, is []byte) {
		a, b := tree(was), tree(is)
		seenMu.Lock()
		defer seenMu.Unlock()
		_ = os.MkdirAll(dir, 0o755)
		f, err := os.OpenFile(dir+"/pages.log", os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			panic(err)
		}
		defer f.Close()
		if a == b {
			fmt.Fprintln(f, "same", name)
			return
		}
		seen[name]++
		base := fmt.Sprintf("%s/%s-%d-%d", dir, name, os.Getpid(), seen[name])
		_ = os.WriteFile(base+".was", []byte(a), 0o644)
		_ = os.WriteFile(base+".is", []byte(b), 0o644)
		fmt.Fprintln(f, "DIFF", name, base)
	}
}

func tree(doc []byte) string {
	n, err := html.Parse(bytes.NewReader(doc))
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	write(&b, n, 0)
	return b.String()
}

var inline = map[atom.Atom]bool{atom.A: true, atom.Span: true, atom.Strong: true, atom.Em: true, atom.Small: true, atom.Code: true, atom.Button: true, atom.Time: true,
	atom.Input: true, atom.Label: true, atom.Br: true, atom.B: true, atom.I: true, atom.Abbr: true, atom.Q: true, atom.Cite: true}

// flows tells that white space beside n counts.
func flows(n *html.Node) bool {
	return n != nil && (n.Type == html.TextNode || n.Type == html.ElementNode && inline[n.DataAtom])
}

func write(b *strings.Builder, n *html.Node, depth int) {
	pad := strings.Repeat(" ", depth)
	switch n.Type {
	case html.TextNode:
		t := strings.Join(strings.FieldsFunc(n.Data, func(r rune) bool { return r == ' ' || r == '\n' || r == '\t' }), " ")
		pre := n.Parent != nil && (n.Parent.DataAtom == atom.Pre || n.Parent.DataAtom == atom.Textarea)
		if pre {
			t = n.Data
		} else {
			lead, trail := strings.ContainsAny(n.Data[:1], " \n\t"), strings.ContainsAny(n.Data[len(n.Data)-1:], " \n\t")
			if t == "" {
				if flows(n.PrevSibling) && flows(n.NextSibling) {
					fmt.Fprintf(b, "%s_\n", pad)
				}
				return
			}
			if lead && flows(n.PrevSibling) {
				t = "_" + t
			}
			if trail && flows(n.NextSibling) {
				t += "_"
			}
		}
		fmt.Fprintf(b, "%s%q\n", pad, t)
		return
	case html.CommentNode:
		return
	case html.ElementNode:
		var attrs []string
		name := ""
		for _, a := range n.Attr {
			if a.Key == "name" {
				name = a.Val
			}
		}
		for _, a := range n.Attr {
			v := a.Val
			if a.Key == "class" {
				v = strings.Join(strings.Fields(v), " ")
			}
			if a.Key == "value" && (name == "form_key" || name == "form_stamp") {
				v = "*"
			}
			attrs = append(attrs, fmt.Sprintf("%s=%q", a.Key, strings.TrimSpace(v)))
		}
		slices.Sort(attrs)
		fmt.Fprintf(b, "%s<%s %s>\n", pad, n.Data, strings.Join(attrs, " "))
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		write(b, c, depth+1)
	}
}
