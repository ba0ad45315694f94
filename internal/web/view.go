package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
	"time"

	g "maragu.dev/gomponents"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

//go:embed pages/*.html
var pageFiles embed.FS

// Pages are the templates of one sub-package, each parsed together with the layout and the partials when it is first shown: a
// function that starts pays for the page that it was asked for and not for all that it knows.
type Pages struct {
	byName map[string]func() *template.Template
}

var kernelPages = ParsePages(pageFiles, "pages/error.html")

var base = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("layout").Funcs(template.FuncMap{"dict": dict}).ParseFS(pageFiles, "pages/layout.html", "pages/partials.html"))
})

// ParsePages takes every file of the pattern; a page is named by its file without ".html" and defines "content".
func ParsePages(files fs.FS, pattern string) *Pages {
	names, err := fs.Glob(files, pattern)
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("web: no pages match %s: %v", pattern, err))
	}
	p := &Pages{byName: make(map[string]func() *template.Template, len(names))}
	for _, n := range names {
		p.byName[strings.TrimSuffix(path.Base(n), ".html")] = sync.OnceValue(func() *template.Template {
			return template.Must(template.Must(base().Clone()).ParseFS(files, n))
		})
	}
	return p
}

// dict makes a map for a partial: {{template "x" dict "View" $ "Field" .}}.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict: odd number of arguments")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		k, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: key %v is not a string", pairs[i])
		}
		m[k] = pairs[i+1]
	}
	return m, nil
}

// shadow compares what a page was with what it is; set in a build of its own.
var shadow func(name string, was, is []byte)

// Render writes a page. Data embeds *View.
func (p *Pages) Render(s *Site, w http.ResponseWriter, status int, name string, data any) error {
	return p.render(s, w, status, name, data)
}

func (p *Pages) render(s *Site, w http.ResponseWriter, status int, name string, data any) error {
	if page, ok := data.(Page); ok {
		if shadow != nil {
			var was bytes.Buffer
			if err := p.byName[name]().ExecuteTemplate(&was, "layout", data); err != nil {
				return err
			}
			is, err := Markup(page)
			if err != nil {
				return err
			}
			shadow(name, was.Bytes(), is)
		}
		return s.Show(w, status, page)
	}
	t, ok := p.byName[name]
	if !ok {
		return fmt.Errorf("web: no page %q", name)
	}
	var buf bytes.Buffer
	if err := t().ExecuteTemplate(&buf, "layout", data); err != nil {
		return fmt.Errorf("web: page %s: %w", name, err)
	}
	return s.write(w, status, "text/html; charset=utf-8", &buf)
}

// Execute renders to a buffer, for tests and previews.
func (p *Pages) Execute(name string, data any) ([]byte, error) {
	if page, ok := data.(Page); ok {
		if shadow != nil {
			var was bytes.Buffer
			if err := p.byName[name]().ExecuteTemplate(&was, "layout", data); err != nil {
				return nil, err
			}
			is, err := Markup(page)
			if err != nil {
				return nil, err
			}
			shadow(name, was.Bytes(), is)
		}
		return Markup(page)
	}
	t, ok := p.byName[name]
	if !ok {
		return nil, fmt.Errorf("web: no page %q", name)
	}
	var buf bytes.Buffer
	err := t().ExecuteTemplate(&buf, "layout", data)
	return buf.Bytes(), err
}

// View is what the layout needs of every page; page data embeds it. Set Title always, and Section where the page belongs to one.
type View struct {
	Site    *Site
	P       *words.Printer
	Lang    people.Language
	Path    string // the address without its language prefix, for the language switch
	Query   string // with its "?", kept by the language switch
	Title   string
	Section string          // issues, events, surveys, subscribe, faq; at the desk: the queue's name
	Desk    *programme.Desk // who is signed in; nil on public pages
	Notice  string          // a status message to announce
	FormID  string          // when set, the language switch submits this form (action=switch), so that nothing typed is lost
	Enter   string          // with FormID: the action of the Enter key, which would otherwise press the language switch
	Bare    bool            // no navigation: pages reached by a personal link
	AtDesk  bool
	Head    g.Node // what this page alone has in its head
}

// View begins a page for a request.
func (s *Site) View(r *http.Request) *View {
	lang := s.LangOf(r)
	v := &View{Site: s, P: words.For(lang), Lang: lang}
	v.Path = strings.TrimPrefix(r.URL.Path, "/"+string(lang))
	if r.URL.RawQuery != "" && r.Method == http.MethodGet {
		v.Query = "?" + r.URL.RawQuery
	}
	if link := r.URL.Query().Get("link"); link != "" && v.Query == "" {
		v.Query = "?link=" + link
	}
	if strings.HasPrefix(r.URL.Path, "/desk") {
		v.AtDesk = true
		if d, ok := s.SignedIn(r); ok {
			v.Desk = &d
		}
	}
	return v
}

// T words a message; see words.Printer.T.
func (v *View) T(key string, pairs ...any) string { return v.P.T(key, pairs...) }

// Name and Group are the programme's own names in the page's language.
func (v *View) Name() string  { return v.Text(v.Site.Programme.Name) }
func (v *View) Group() string { return v.Text(v.Site.Programme.Group) }

// Text picks a configured wording.
func (v *View) Text(t programme.Text) string { return t.In(v.Lang, v.Site.Programme.Default) }

// At is the address of a public page in this page's language: At("/events") is "/fr/events".
func (v *View) At(path string) string { return "/" + string(v.Lang) + path }

// Date and the like print in the programme's time zone.
func (v *View) Date(t time.Time) string { return v.P.Date(t.In(v.Site.Programme.Zone())) }
func (v *View) DateTime(t time.Time) string {
	zone := v.Site.Programme.Zone()
	return v.P.Moment(t.In(zone))
}
func (v *View) ISO(t time.Time) string            { return t.UTC().Format(time.RFC3339) }
func (v *View) Country(c people.Country) string   { return v.P.Country(c) }
func (v *View) Language(l people.Language) string { return v.P.Language(l) }
func (v *View) SelfName(l people.Language) string { return words.SelfName(l) }
func (v *View) Number(n int) string               { return v.P.Number(n) }
func (v *View) Can(role programme.Role) bool      { return v.Desk != nil && allows(v.Desk.Role, role) }
func (v *View) Languages() []people.Language      { return v.Site.Programme.Languages }
func (v *View) Days(from, to time.Time) string    { return v.P.Days(from, to) }

// Languages and topics, as a list in words.
func (v *View) LanguageNames(list []people.Language) string { return names(list, v.Language) }
func (v *View) TopicNames(list []string) string             { return names(list, v.TopicName) }

func names[T any](list []T, name func(T) string) string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = name(x)
	}
	return strings.Join(out, ", ")
}

// Where is a place and its country, in words.
func (v *View) Where(place string, c people.Country) string {
	country := ""
	if c != "" {
		country = v.Country(c)
	}
	return place + When(place != "" && country != "", ", ") + country
}

// TopicName is the programme's name of a topic.
func (v *View) TopicName(id string) string {
	for _, t := range v.Site.Programme.Topics {
		if t.ID == id {
			return v.Text(t.Name)
		}
	}
	return id
}

// Switch is where the language switch leads.
func (v *View) Switch(l people.Language) string {
	if v.AtDesk {
		return ""
	}
	if !strings.HasPrefix(v.Path, "/") {
		return "/" + string(l) + "/"
	}
	return "/" + string(l) + v.Path + v.Query
}

// FileMost is how many bytes an uploaded file may have; the script of the page says so before a larger one is sent, because the gateway
// would refuse that with words of its own.
func (v *View) FileMost() int { return form.MaxFile }

// FileLarge is what is said of a larger one.
func (v *View) FileLarge() string { return v.T("list.error.big", "Count", form.MaxFile>>20) }

// Stamp is the signed render time of a form, and Key a fresh idempotency key: the partial "housekeeping" prints both.
func (v *View) Stamp() string  { return v.Site.Links.Token(link.Form, "form", "", 48*time.Hour) }
func (v *View) NewKey() string { return v.Site.NewID() }

// Suspicion tells why a public answer should wait in quarantine: "" when nothing is odd. It is never a reason to drop one.
// JSON callers carry no stamp, so only the trap counts for them.
func (s *Site) Suspicion(v *form.Values) string {
	if v.Trap != "" {
		return "trap"
	}
	if v.JSON || v.Stamp == "" {
		return ""
	}
	c, err := s.Links.Open(link.Form, v.Stamp)
	if err != nil && c.Issued.IsZero() {
		return "stamp"
	}
	if s.Now().Sub(c.Issued) < 2*time.Second {
		return "quick"
	}
	return ""
}

// Section is one entry of the navigation.
type Section struct{ Name, Href, Key string }

// Sections of the public site, in order.
func (v *View) Sections() []Section {
	return []Section{
		{"issues", "/issues", "layout.section.issues"},
		{"events", "/events", "layout.section.events"},
		{"surveys", "/surveys", "layout.section.surveys"},
		{"subscribe", "/subscribe", "layout.section.subscribe"},
	}
}

// DeskSections are the rooms of the desk.
func (v *View) DeskSections() []Section {
	return []Section{
		{"desk", "/desk/", "layout.desk.section.home"},
		{"answers", "/desk/surveys", "layout.desk.section.answers"},
		{"subscribers", "/desk/subscribers", "layout.desk.section.subscribers"},
		{"presenters", "/desk/presenters", "layout.desk.section.presenters"},
		{"events", "/desk/events", "layout.desk.section.events"},
		{"issues", "/desk/issues", "layout.desk.section.issues"},
		{"audit", "/desk/audit", "layout.desk.section.audit"},
	}
}
