package publications_test

import (
	"context"
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/app"
	"liaison/internal/app/apptest"
	"liaison/internal/app/clock"
	"liaison/internal/app/desk"
	"liaison/internal/app/press"
	"liaison/internal/app/publications"
	"liaison/internal/app/site"
	"liaison/internal/distribution"
	"liaison/internal/programme"
	"liaison/internal/table"
)

var update = flag.Bool("update", false, "write the golden files anew")

// site is the public site in memory, and the desk behind it.
type place struct {
	*testing.T
	*apptest.World
	public, desk *apptest.Browser
	tick         app.Tick
}

// dropped is a queue whose tasks nobody does.
type dropped struct{}

func (dropped) Send(context.Context, ...distribution.Task) error { return nil }

func open(t *testing.T) *place {
	t.Helper()
	w := apptest.New(t)
	w.Outside.Queue = dropped{}
	public, err := publications.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	desk, err := site.Serve(w.Outside, desk.Pages, press.Pages)
	if err != nil {
		t.Fatal(err)
	}
	start, err := clock.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	print := press.Tick(w.Outside)
	tick := func(ctx context.Context) error { return errors.Join(print(ctx), start(ctx)) }
	return &place{t, w, w.Browse(t, public), w.Browse(t, desk).As(w, "secretary@example.org"), tick}
}

const text = "First paragraph of {{braces}} & <b>marks</b>.\\n\\n## Six categories\\n\\nSee [events](/en/events) and [nowhere](javascript:alert(1)).\\n\\n| Category | Number |\\n|--|--:|\\n| Industry | 61 |\\n\\n## What next\\n\\nסוף"

// issue writes an issue whose titles name their language.
func (s *place) issue(number int, kind string, langs ...string) string {
	s.Helper()
	at := fmt.Sprintf("/desk/issues/%d", number)
	s.ok(s.desk.PostJSON("/desk/issues", fmt.Sprintf(`{"number":%d,"kind":%q,"title":"Working title"}`, number, kind)))
	for _, l := range langs {
		s.ok(s.desk.PostJSON(at+"/editions/"+l, fmt.Sprintf(`{"title":"Headline %d <%s>","body":"%s"}`, number, l, text)))
	}
	return at
}

func (s *place) ok(a apptest.Answer) {
	s.Helper()
	if a.Status != 200 {
		s.Fatalf("%d: %s", a.Status, a.Body)
	}
}

// publish starts it now.
func (s *place) publish(at string) {
	s.Helper()
	s.ok(s.desk.PostJSON(at+"/schedule", `{"at":"now"}`))
	if err := s.tick(s.Context()); err != nil {
		s.Fatal(err)
	}
}

func (s *place) want(path string, status int, words ...string) apptest.Answer {
	s.Helper()
	a := s.public.Get(path)
	if a.Status != status {
		s.Fatalf("%s: %d, want %d", path, a.Status, status)
	}
	doc, err := html.Parse(strings.NewReader(a.Body))
	if err != nil {
		s.Fatal(err)
	}
	if strings.Contains(a.Body, "[[") || strings.Contains(a.Body, "%!") {
		s.Errorf("%s: a wording is missing: %s", path, regexp.MustCompile(`\[\[[^\]]*\]\]`).FindString(a.Body))
	}
	shown := visible(doc)
	for _, w := range words {
		if !strings.Contains(shown, w) {
			s.Errorf("%s: no %q in %s", path, w, shown)
		}
	}
	return a
}

func visible(doc *html.Node) string {
	var b strings.Builder
	for n := range doc.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" {
			b.WriteString(n.Data + " ")
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

func TestOnlyStartedNewslettersArePublic(t *testing.T) {
	s := open(t)
	draft := s.issue(1, "newsletter", "en")
	leaflet := s.issue(2, "leaflet", "en")
	s.publish(leaflet)
	planned := s.issue(3, "newsletter", "en")
	s.ok(s.desk.PostJSON(planned+"/schedule", `{"at":"2027-03-02T09:00:00Z"}`))
	stopped := s.issue(4, "newsletter", "en")
	s.ok(s.desk.PostJSON(stopped+"/cancel", `{}`))
	for _, path := range []string{"/en/issues/1", "/en/issues/1.pdf", "/en/issues/2", "/en/issues/2.pdf", "/en/issues/3", "/en/issues/4", "/en/issues/5", "/en/issues/01", "/en/issues/x", "/en/issues/.pdf", "/en/issues/1.PDF", "/en/issues/99999999999999999999", "/en/issues/-1"} {
		s.want(path, 404, "Page not found")
	}
	s.want("/en/issues", 200, "The first issue is being prepared")
	for _, path := range []string{"/en/", "/en/issues", "/en/feed.xml"} {
		if a := s.public.Get(path); strings.Contains(a.Body, "Headline") {
			t.Errorf("%s names what is not public", path)
		}
	}
	s.publish(draft)
	s.want("/en/issues/1", 200, "Issue 1 · 1 March 2027", "Headline 1 <en>")
	s.ok(s.desk.PostJSON(draft+"/cancel", `{}`)) // whoever has the letter must find the page
	s.want("/en/issues/1", 200)
}

func TestIssuePage(t *testing.T) {
	s := open(t)
	s.publish(s.issue(1, "newsletter", "en", "fr"))
	s.Advance(40 * 24 * time.Hour)
	s.desk.As(s.World, "secretary@example.org")
	s.publish(s.issue(2, "newsletter", "en", "ru"))
	a := s.want("/en/issues/2", 200, "Issue 2 · 10 April 2027", "Also in Русский", "PDF, A4", "In this issue Six categories What next", "Past issues Issue 1 · 1 March 2027 Headline 1 <en>", "First paragraph of {{braces}} & marks.", "You are welcome to forward")
	for _, want := range []string{`<article class="issue" lang="en" dir="ltr">`, `<link rel="canonical" href="http://127.0.0.1:8080/en/issues/2">`, `hreflang="ru" href="http://127.0.0.1:8080/ru/issues/2"`, `<meta name="description" content="First paragraph of `,
		`<h2 id="part-1">Six categories</h2>`, `<a href="#part-1">`, `<p dir="auto">סוף</p>`, `<a href="/en/events">events</a>`, `role="region" tabindex="0" aria-label="Table"`, `and nowhere.`} {
		if !strings.Contains(a.Body, want) {
			t.Errorf("no %s", want)
		}
	}
	if len(a.Body) > 30_000 || strings.Contains(a.Body, "javascript:") || strings.Contains(a.Body, "<b>marks") || regexp.MustCompile(`(src|href)="//|src="http`).MatchString(a.Body) {
		t.Errorf("%d bytes", len(a.Body))
	}
	s.want("/en/issues/1", 200, "The next issue Issue 2")
	fallback := s.want("/fr/issues/2", 200, "Ce numéro n’a pas d’édition dans votre langue", "anglais", "Headline 2 <en>", "Numéro 2 · 10 avril 2027")
	if !strings.Contains(fallback.Body, `<article class="issue" lang="en"`) || !strings.Contains(fallback.Body, `href="http://127.0.0.1:8080/en/issues/2"`) || !strings.Contains(fallback.Body, `href="/en/issues/2.pdf"`) {
		t.Error("the fallback does not say what it is")
	}
	s.want("/ru/issues/2", 200, "Headline 2 <ru>", "Выпуск 2 · 10 апреля 2027 г.", "Прошлые выпуски Выпуск 1 · 1 марта 2027 г. Headline 1 <en>")
}

func TestPaperOfAnIssue(t *testing.T) {
	s := open(t)
	at := s.issue(1, "newsletter", "en", "fr")
	s.publish(at)
	a := s.public.Get("/fr/issues/1.pdf")
	if a.Status != 200 || !strings.HasPrefix(a.Body, "%PDF-") || a.Header.Get("Content-Type") != "application/pdf" || a.Header.Get("Content-Disposition") != `inline; filename="update-1-fr.pdf"` {
		t.Errorf("%d %v", a.Status, a.Header)
	}
	if preview := s.desk.Get(at + "/editions/fr/paper.pdf"); preview.Body != a.Body {
		t.Error("the file is not what the desk was shown")
	}
	if again := s.public.Get("/fr/issues/1.pdf", "If-None-Match", a.Header.Get("ETag")); again.Status != 304 {
		t.Errorf("sent again: %d", again.Status)
	}
	if a := s.public.Get("/ru/issues/1.pdf"); a.Status != 303 || a.Location != "/en/issues/1.pdf" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
}

func TestCaching(t *testing.T) {
	s := open(t)
	s.publish(s.issue(1, "newsletter", "en"))
	for _, path := range []string{"/en/", "/en/issues", "/en/issues/1", "/en/feed.xml"} {
		first := s.public.Get(path)
		tag := first.Header.Get("ETag")
		if first.Status != 200 || tag == "" || len(first.Header["Set-Cookie"]) != 0 {
			t.Fatalf("%s: %d %v", path, first.Status, first.Header)
		}
		if a := s.public.Get(path, "If-None-Match", tag); a.Status != 304 || a.Body != "" {
			t.Errorf("%s: %d", path, a.Status)
		}
		if a := s.public.Do("HEAD", path, "", ""); a.Status != 200 || a.Body != "" || a.Header.Get("ETag") != tag {
			t.Errorf("HEAD %s: %d", path, a.Status)
		}
	}
	before := s.public.Get("/en/issues/1").Header.Get("ETag")
	s.publish(s.issue(2, "newsletter", "en"))
	if s.public.Get("/en/issues/1", "If-None-Match", before).Status != 200 {
		t.Error("a page that changed is called unchanged")
	}
}

func TestArchiveByYear(t *testing.T) {
	s := open(t)
	for n := range 3 {
		s.desk.As(s.World, "secretary@example.org")
		s.publish(s.issue(n, "newsletter", "en", "es"))
		s.Advance(300 * 24 * time.Hour)
	}
	s.want("/es/issues", 200, "Número actual · Número 2 · 21 de octubre de 2028", "Headline 2 <es>", "2028 Número 2", "Headline 1 <es>", "2027 Número 1 · 26 de diciembre de 2027", "Número 0 · 1 de marzo de 2027", "English · Español")
	s.want("/ru/issues", 200, "Headline 2 <en>")
}

func TestHome(t *testing.T) {
	s := open(t)
	s.Programme.About = programme.Text{"en": "What we do."}
	s.want("/en/", 200, "Stewardship Update", "What we do.", "Every issue in your mailbox", "Which organisations should hear from us?", "Open until 1 March 2028")
	s.publish(s.issue(1, "newsletter", "en"))
	s.ok(s.desk.PostJSON("/desk/events", `{"name":"Forum","start":"2027-06-01","end":"2027-06-02","country":"KE","place":"Nairobi"}`))
	s.ok(s.desk.PostJSON("/desk/events", `{"name":"Long over","start":"2026-06-01"}`))
	a := s.want("/en/", 200, "Latest issue · Issue 1 · 1 March 2027", "Headline 1 <en>", "First paragraph of {{braces}} & marks.", "Next events 1 – 2 June 2027 Forum Nairobi, Kenya")
	if strings.Contains(a.Body, "Long over") {
		t.Error("an event that is over comes next")
	}
	s.Advance(400 * 24 * time.Hour)
	if a := s.want("/en/", 200); strings.Contains(a.Body, "/surveys/subscribers") {
		t.Error("a survey that is closed asks for answers")
	}
}

func TestEveryPageInEveryLanguage(t *testing.T) {
	s := open(t)
	for _, empty := range []bool{true, false} {
		if !empty {
			s.publish(s.issue(1, "newsletter", "en"))
			s.publish(s.issue(2, "newsletter", "en", "fr", "es", "ru"))
			s.ok(s.desk.PostJSON("/desk/events", `{"name":"Forum","start":"2027-06-01","mode":"online"}`))
		}
		for _, lang := range s.Programme.Languages {
			for _, path := range []string{"/", "/issues", "/feed.xml"} {
				s.want("/"+string(lang)+path, 200)
			}
			if !empty {
				s.want("/"+string(lang)+"/issues/1", 200)
				s.want("/"+string(lang)+"/issues/2", 200)
			}
		}
	}
	if a := s.public.Get("/issues/2", "Accept-Language", "ru"); a.Status != 303 || a.Location != "/ru/issues/2" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
}

type feed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	ID      string   `xml:"id"`
	Title   string   `xml:"title"`
	Updated string   `xml:"updated"`
	Author  string   `xml:"author>name"`
	Links   []struct {
		Rel  string `xml:"rel,attr"`
		Href string `xml:"href,attr"`
	} `xml:"link"`
	Entries []struct {
		Lang    string `xml:"lang,attr"`
		ID      string `xml:"id"`
		Title   string `xml:"title"`
		Updated string `xml:"updated"`
		Summary string `xml:"summary"`
		Content struct {
			Type string `xml:"type,attr"`
			Text string `xml:",chardata"`
		} `xml:"content"`
	} `xml:"entry"`
}

func TestFeed(t *testing.T) {
	s := open(t)
	var f feed
	if err := xml.Unmarshal([]byte(s.public.Get("/ru/feed.xml").Body), &f); err != nil || len(f.Entries) != 0 || f.ID == "" || f.Title != "Вестник" || f.Author == "" {
		t.Fatalf("an empty feed: %v %+v", err, f)
	}
	s.publish(s.issue(1, "newsletter", "en"))
	s.Advance(time.Hour / 2)
	s.publish(s.issue(2, "newsletter", "en", "ru"))
	a := s.public.Get("/ru/feed.xml")
	if a.Header.Get("Content-Type") != "application/atom+xml; charset=utf-8" {
		t.Error(a.Header)
	}
	f = feed{}
	if err := xml.Unmarshal([]byte(a.Body), &f); err != nil {
		t.Fatal(err)
	}
	if len(f.Entries) != 2 || f.Updated != "2027-03-01T09:30:00Z" || f.Links[0].Rel != "self" || f.Links[0].Href != "http://127.0.0.1:8080/ru/feed.xml" {
		t.Fatalf("%+v", f)
	}
	e := f.Entries[0]
	if e.Lang != "ru" || e.ID != "http://127.0.0.1:8080/ru/issues/2" || e.Title != "Выпуск 2: Headline 2 <ru>" || e.Updated != "2027-03-01T09:30:00Z" || e.Content.Type != "html" ||
		!strings.Contains(e.Content.Text, `<a href="http://127.0.0.1:8080/en/events">`) || strings.Contains(e.Content.Text, "<b>") || e.Summary == "" {
		t.Errorf("%+v", e)
	}
	if e := f.Entries[1]; e.Lang != "en" || e.ID != "http://127.0.0.1:8080/en/issues/1" {
		t.Errorf("%+v", e)
	}
}

// blocks begin a line of a golden page, so that differences can be read.
var blocks = regexp.MustCompile(`<(h[1-6]|p|li|ul|ol|dl|div|section|aside|nav|article|header)[ >]`)

// TestAnIssueOfAnOlderRelease has no page: readers find its title, its date and its paper, and its text as soon as the press has looked.
func TestAnIssueOfAnOlderRelease(t *testing.T) {
	s := open(t)
	s.publish(s.issue(1, "newsletter", "en", "fr"))
	whole := s.want("/fr/issues/1", 200, "Headline 1 <fr>", "First paragraph").Body
	s.forgetPages(1)
	for _, lang := range []string{"fr", "es"} {
		s.want("/"+lang+"/issues", 200, "Headline 1")
		s.want("/"+lang+"/", 200, "Headline 1")
	}
	a := s.want("/fr/issues/1", 200, "Headline 1 <fr>", "Numéro 1 · 1 mars 2027", "Le texte de ce numéro est dans son PDF", "PDF, A4")
	if strings.Contains(a.Body, `class="prose"`) || !strings.Contains(a.Body, `href="/fr/issues/1.pdf"`) || s.public.Get("/fr/issues/1.pdf").Status != 200 {
		t.Errorf("%s", a.Body)
	}
	var f feed
	if err := xml.Unmarshal([]byte(s.public.Get("/fr/feed.xml").Body), &f); err != nil || len(f.Entries) != 1 || !strings.HasSuffix(f.Entries[0].Title, "Headline 1 <fr>") || f.Entries[0].Content.Text != "" || f.Entries[0].Summary != "" {
		t.Errorf("%v %+v", err, f)
	}
	if err := press.Tick(s.Outside)(t.Context()); err != nil { // the press of this release begins
		t.Fatal(err)
	}
	if got := s.want("/fr/issues/1", 200).Body; got != whole {
		t.Errorf("the page that was made afterwards differs: %s", got)
	}
}

// forgetPages leaves an issue as a release left it that froze no pages.
func (s *place) forgetPages(number int) {
	s.Helper()
	items, err := s.Records.Query(s.Context(), table.Query{PK: fmt.Sprintf("ISSUE#%d", number), Prefix: "PAGE#"})
	if err != nil || len(items.Items) != 2 {
		s.Fatalf("%d pages, %v", len(items.Items), err)
	}
	for _, it := range items.Items {
		if err := s.Records.Delete(s.Context(), it.Key, table.Any); err != nil {
			s.Fatal(err)
		}
	}
	issue, err := s.Records.Get(s.Context(), table.Key{PK: "ISSUES", SK: fmt.Sprintf("ISSUE#%06d", number)})
	var fields map[string]any
	if err == nil {
		err = issue.Decode(&fields)
	}
	if err != nil || fields["printed"] != true {
		s.Fatalf("%v %v", fields, err)
	}
	delete(fields, "printed")
	older := table.NewItem(issue.Key, fields)
	older.Index1 = issue.Index1
	if _, err := s.Records.Put(s.Context(), older, table.Any); err != nil {
		s.Fatal(err)
	}
}

// TestGolden keeps what readers get from changing by accident: the part of the pages that this package makes.
func TestGolden(t *testing.T) {
	s := open(t)
	s.publish(s.issue(1, "newsletter", "en", "fr", "es", "ru"))
	for name, path := range map[string]string{"home.en": "/en/", "issues.fr": "/fr/issues", "issue.ru": "/ru/issues/1", "feed.es": "/es/feed.xml"} {
		got := s.want(path, 200).Body
		if from, to := strings.Index(got, "<main"), strings.Index(got, "</main>"); from >= 0 {
			got = strings.TrimSpace(blocks.ReplaceAllString(got[from:to], "\n$0"))
		}
		file := filepath.Join("testdata", name+".golden")
		if *update {
			if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got+"\n" != string(want) {
			t.Errorf("%s differs; go test ./internal/web/publications -update writes it anew, after a look at the difference\n%s", file, got)
		}
	}
}
