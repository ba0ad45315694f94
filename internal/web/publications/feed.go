package publications

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"net/http"
	"strings"
	"time"

	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/web"
)

// feedLength is how many issues the feed holds.
const feedLength = 10

// Atom (RFC 4287), as little of it as readers need.
type atomFeed struct {
	XMLName  xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Lang     string      `xml:"xml:lang,attr"`
	ID       string      `xml:"id"`
	Title    string      `xml:"title"`
	Subtitle string      `xml:"subtitle"`
	Updated  string      `xml:"updated"`
	Author   atomPerson  `xml:"author"`
	Links    []atomLink  `xml:"link"`
	Entries  []atomEntry `xml:"entry"`
}

type atomPerson struct {
	Name string `xml:"name"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr,omitempty"`
	Lang string `xml:"hreflang,attr,omitempty"`
}

type atomEntry struct {
	Lang      string     `xml:"xml:lang,attr"`
	ID        string     `xml:"id"`
	Title     string     `xml:"title"`
	Published string     `xml:"published"`
	Updated   string     `xml:"updated"`
	Links     []atomLink `xml:"link"`
	Summary   string     `xml:"summary,omitempty"`
	Content   *atomText  `xml:"content"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// feed lists the latest issues whole, in the reader's language or the one that comes nearest.
func (s *Issues) feed(w http.ResponseWriter, r *http.Request) error {
	v := s.Site.View(r)
	list, err := s.Store.Published(r.Context(), feedLength)
	if err != nil {
		return err
	}
	base := s.Site.Programme.BaseURL
	home := base + v.At("/")
	f := atomFeed{Lang: string(v.Lang), ID: base + v.At("/feed.xml"), Title: v.Name(), Subtitle: v.Group(), Author: atomPerson{v.Group()},
		Updated: time.Unix(0, 0).UTC().Format(time.RFC3339), // of a feed without entries
		Links:   []atomLink{{Rel: "self", Href: base + v.At("/feed.xml"), Type: "application/atom+xml"}, {Rel: "alternate", Href: home, Type: "text/html", Lang: string(v.Lang)}}}
	for k, i := range list {
		e, err := s.feedEntry(r, v, i)
		if err != nil {
			return err
		}
		if k == 0 || e.Updated > f.Updated {
			f.Updated = e.Updated
		}
		f.Entries = append(f.Entries, e)
	}
	var out bytes.Buffer
	out.WriteString(xml.Header)
	if err := xml.NewEncoder(&out).Encode(f); err != nil {
		return err
	}
	return send(w, r, "application/atom+xml; charset=utf-8", short, out.Bytes())
}

func (s *Issues) feedEntry(r *http.Request, v *web.View, i *newsletter.Issue) (atomEntry, error) {
	e := s.entry(i, v.Lang)
	text, err := s.text(r.Context(), i, e.In)
	if err != nil {
		return atomEntry{}, err
	}
	base := s.Site.Programme.BaseURL
	address := func(l people.Language) string { return fmt.Sprintf("%s/%s/issues/%d", base, l, e.Number) }
	at := e.Day.UTC().Format(time.RFC3339)
	out := atomEntry{Lang: string(e.In), ID: address(e.In), Title: v.T("publications.feed.entry", "Number", e.Number, "Title", e.Headline), Published: at, Updated: at,
		Links:   []atomLink{{Rel: "alternate", Href: address(e.In), Type: "text/html", Lang: string(e.In)}, {Rel: "enclosure", Href: address(e.In) + ".pdf", Type: "application/pdf"}},
		Summary: text.Lead}
	if text.HTML != "" {
		out.Content = &atomText{"html", whole(string(text.HTML), base, address(e.In))}
	}
	return out, nil
}

// whole makes the links of a frozen page whole, for readers who are not on the site. No text of an author's can look like one: in a page
// his quotation marks are entities.
func whole(html, base, page string) string {
	return strings.NewReplacer(` href="/`, ` href="`+base+`/`, ` href="#`, ` href="`+page+`#`).Replace(html)
}
