package main

import (
	"bytes"
	"fmt"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// page is a page as a reader has it before her.
type page struct {
	at   *url.URL
	root *html.Node
}

func parsePage(at *url.URL, body []byte) (*page, error) {
	root, err := html.Parse(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return &page{at, root}, nil
}

// readable is the text of a page, or of what is no page.
func readable(body []byte) string {
	p, err := parsePage(nil, body)
	if err != nil {
		return string(body)
	}
	return p.text()
}

func attr(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, name string) bool {
	for _, a := range n.Attr {
		if a.Key == name {
			return true
		}
	}
	return false
}

func textOf(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode && c.Parent.Data != "script" && c.Parent.Data != "style" && c.Parent.Data != "title" {
			b.WriteString(c.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func (p *page) text() string { return textOf(p.root) }

// each calls f for every element of that name.
func (p *page) each(name string, f func(*html.Node)) {
	for n := range p.root.Descendants() {
		if n.Type == html.ElementNode && n.Data == name {
			f(n)
		}
	}
}

// heading is the one h1.
func (p *page) heading() (string, error) {
	var all []string
	p.each("h1", func(n *html.Node) { all = append(all, textOf(n)) })
	if len(all) != 1 {
		return "", fmt.Errorf("%s has %d first headings", p.at.Path, len(all))
	}
	return all[0], nil
}

// lang is the language that the page says it is in.
func (p *page) lang() (lang string) {
	p.each("html", func(n *html.Node) { lang = attr(n, "lang") })
	return lang
}

// link is the address behind the first link whose text contains words.
func (p *page) link(words string) (string, error) {
	found := ""
	p.each("a", func(n *html.Node) {
		if found == "" && strings.Contains(textOf(n), words) {
			found = p.absolute(attr(n, "href"))
		}
	})
	if found == "" {
		return "", fmt.Errorf("%s has no link %q", p.at.Path, words)
	}
	return found, nil
}

func (p *page) absolute(ref string) string {
	u, err := p.at.Parse(ref)
	if err != nil {
		return ref
	}
	return u.String()
}

// form is a form with what is filled in.
type form struct {
	action  string
	fields  url.Values
	buttons []*html.Node
}

// form finds the form that POSTs and has all these fields; a name that ends in "." is the beginning of one.
func (p *page) form(names ...string) (*form, error) {
	var found *form
	p.each("form", func(n *html.Node) {
		if found != nil || !strings.EqualFold(attr(n, "method"), "post") {
			return
		}
		f := p.read(n)
		for _, name := range names {
			if !f.hasField(name) {
				return
			}
		}
		if len(names) == 0 && strings.Contains(f.action, "sign-out") {
			return
		}
		found = f
	})
	if found == nil {
		return nil, fmt.Errorf("%s has no form with %s", p.at.Path, strings.Join(names, ", "))
	}
	return found, nil
}

func (f *form) hasField(name string) bool {
	for k := range f.fields {
		if k == name || strings.HasSuffix(name, ".") && strings.HasPrefix(k, name) {
			return true
		}
	}
	return false
}

func (p *page) read(n *html.Node) *form {
	f := &form{action: p.absolute(attr(n, "action")), fields: url.Values{}}
	for c := range n.Descendants() {
		name := attr(c, "name")
		switch {
		case c.Type != html.ElementNode:
		case c.Data == "button":
			f.buttons = append(f.buttons, c)
		case name == "":
		case c.Data == "textarea":
			f.fields.Add(name, strings.TrimPrefix(rawText(c), "\n"))
		case c.Data == "select":
			f.fields.Add(name, chosen(c))
		case c.Data == "input":
			if kind := attr(c, "type"); (kind == "radio" || kind == "checkbox") && !has(c, "checked") {
				f.fields[name] = append(f.fields[name], []string{}...)
				continue
			}
			f.fields.Add(name, attr(c, "value"))
		}
	}
	return f
}

func rawText(n *html.Node) string {
	var b strings.Builder
	for c := range n.Descendants() {
		if c.Type == html.TextNode {
			b.WriteString(c.Data)
		}
	}
	return b.String()
}

func chosen(n *html.Node) string {
	out := ""
	for c := range n.Descendants() {
		if c.Type == html.ElementNode && c.Data == "option" && has(c, "selected") {
			out = attr(c, "value")
		}
	}
	return out
}

// press submits the form with its main button, the first one that is no other action.
func (f *form) press(v *visitor) (*answer, error) {
	fields := url.Values{}
	for k, list := range f.fields {
		if len(list) > 0 {
			fields[k] = list
		}
	}
	for _, b := range f.buttons {
		if name := attr(b, "name"); !has(b, "formnovalidate") && !has(b, "formaction") {
			if name != "" {
				fields.Set(name, attr(b, "value"))
			}
			break
		}
	}
	return v.send(f.action, fields)
}

// problems are the messages of the error summary, with the fields that they lead to.
func (p *page) problems() (out []string) {
	for n := range p.root.Descendants() {
		if n.Type != html.ElementNode || attr(n, "id") != "summary" {
			continue
		}
		for a := range n.Descendants() {
			if a.Type == html.ElementNode && a.Data == "a" {
				out = append(out, textOf(a))
			}
		}
	}
	return out
}
