package web

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/people"
)

// Page is the data of one page and what it shows. It embeds *View; the layout around Content asks the View alone, so that a page's own
// fields can never stand in for what every page shows.
type Page interface {
	Content() g.Node
	view() *View
}

func (v *View) view() *View { return v }

// Show answers with a page.
func (s *Site) Show(w http.ResponseWriter, status int, p Page) error {
	body, err := Markup(p)
	if err != nil {
		return err
	}
	return s.write(w, status, "text/html; charset=utf-8", bytes.NewBuffer(body))
}

// Markup is a page as HTML.
func Markup(p Page) ([]byte, error) {
	var b bytes.Buffer
	if err := p.view().layout(p.Content()).Render(&b); err != nil {
		return nil, fmt.Errorf("web: page %T: %w", p, err)
	}
	return b.Bytes(), nil
}

// W words a message as a node; see T.
func (v *View) W(key string, pairs ...any) g.Node { return g.Text(v.T(key, pairs...)) }

// Class is the class attribute of the names that are not empty; nothing where none is.
func Class(names ...string) g.Node {
	var set []string
	for _, n := range names {
		if n != "" {
			set = append(set, n)
		}
	}
	if len(set) == 0 {
		return nil
	}
	return h.Class(strings.Join(set, " "))
}

// When is s where ok, else empty.
func When(ok bool, s string) string {
	if ok {
		return s
	}
	return ""
}

// Href, Action and FormAction are attributes that lead somewhere. Nothing else may write them: an address that somebody typed leads to
// a page or to a mailbox, never to a script.
func Href(address string) g.Node       { return h.Href(safe(address)) }
func Action(address string) g.Node     { return h.Action(safe(address)) }
func FormAction(address string) g.Node { return h.FormAction(safe(address)) }

func safe(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "#"
	}
	switch strings.ToLower(u.Scheme) {
	case "", "http", "https", "mailto", "tel":
		return address
	}
	return "#"
}

// A is a link that holds nothing but words.
func A(address, text string, attrs ...g.Node) g.Node {
	return h.A(Href(address), g.Group(attrs), g.Text(text))
}

// MailTo is a link that writes to an address.
func MailTo(a people.EmailAddress, attrs ...g.Node) g.Node {
	return A(Mailbox(a), string(a), attrs...)
}

// Mailbox is where a link leads that writes to an address. A local part may hold a question mark, which would begin the letter's own
// fields.
func Mailbox(a people.EmailAddress) string { return "mailto:" + url.PathEscape(string(a)) }

// Lang and Dir, as attributes, for text in a language of its own.
func Lang(l people.Language) g.Node { return h.Lang(string(l)) }

// Auto leaves the direction of what somebody typed to its letters.
func Auto() g.Node { return h.Dir("auto") }

// Map shows each of a list.
func Map[T any](list []T, show func(T) g.Node) g.Node { return g.Map(list, show) }

// Join shows a list with the same text between its parts.
func Join[T any](list []T, between string, show func(T) g.Node) g.Node {
	var out g.Group
	for n, x := range list {
		if n > 0 {
			out = append(out, g.Text(between))
		}
		out = append(out, show(x))
	}
	return out
}
