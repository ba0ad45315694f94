package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	g "maragu.dev/gomponents"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/words"
)

// View is what the layout needs of every page; page data embeds it. Set Title always, and Section where the page belongs to one.
type View struct {
	Site    *Site
	P       *words.Printer
	Lang    people.Language
	Path    string // the address as it is written, without its language prefix, for the language switch
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
	v.Path = strings.TrimPrefix(r.URL.EscapedPath(), "/"+string(lang))
	if r.URL.RawQuery != "" && r.Method == http.MethodGet {
		v.Query = "?" + r.URL.RawQuery
	}
	if link := r.URL.Query().Get("link"); link != "" && v.Query == "" {
		v.Query = "?link=" + url.QueryEscape(link)
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

// Stamp is the signed render time of a form, and Key a fresh idempotency key: Housekeeping shows both.
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
