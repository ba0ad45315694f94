package all_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"liaison/internal/app/all"
	"liaison/internal/app/apptest"
	"liaison/internal/people"
)

// outreach is the whole programme with the secretariat signed in, for the roads that lead through several functions.
type outreach struct {
	*apptest.World
	t                                   *testing.T
	public, secretary, editor, onlooker *apptest.Browser
}

func begin(t *testing.T) *outreach {
	t.Helper()
	w := apptest.New(t)
	all, err := all.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	return &outreach{World: w, t: t, public: w.Browse(t, all.HTTP), secretary: w.Browse(t, all.HTTP).As(w, "secretary@example.org"),
		editor: w.Browse(t, all.HTTP).As(w, "editor@example.org"), onlooker: w.Browse(t, all.HTTP).As(w, "viewer@example.org")}
}

// later moves the clock; whoever is signed in stays so.
func (o *outreach) later(d time.Duration) {
	o.Advance(d)
	o.secretary.As(o.World, "secretary@example.org")
	o.editor.As(o.World, "editor@example.org")
	o.onlooker.As(o.World, "viewer@example.org")
}

// want fails unless the answer has the status and says all of these.
func (o *outreach) want(a apptest.Answer, status int, says ...string) apptest.Answer {
	o.t.Helper()
	if a.Status != status {
		o.t.Fatalf("status %d, want %d: %s", a.Status, status, clip(a.Body))
	}
	if i := strings.Index(a.Body, "[["); i >= 0 {
		o.t.Errorf("a wording is missing: %s", clip(a.Body[i:]))
	}
	text := a.Body
	if strings.Contains(a.Header.Get("Content-Type"), "html") {
		text = o.text(a.Body)
	}
	for _, s := range says {
		if !strings.Contains(text, s) {
			o.t.Errorf("does not say %q: %s", s, clip(text))
		}
	}
	return a
}

func (o *outreach) never(a apptest.Answer, words ...string) {
	o.t.Helper()
	for _, s := range words {
		if strings.Contains(a.Body, s) {
			o.t.Errorf("says %q", s)
		}
	}
}

func clip(s string) string {
	if len(s) > 3000 {
		return s[:3000] + "…"
	}
	return s
}

// text is what a reader sees of a page, white space joined. It fails for a page that has no single h1 or the same id twice.
func (o *outreach) text(page string) string {
	o.t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		o.t.Fatal(err)
	}
	var b strings.Builder
	h1, ids := 0, map[string]bool{}
	for n := range doc.Descendants() {
		switch n.Type {
		case html.TextNode:
			if n.Parent.Data != "script" && n.Parent.Data != "style" {
				b.WriteString(n.Data + " ")
			}
		case html.ElementNode:
			if n.Data == "h1" {
				h1++
			}
			for _, a := range n.Attr {
				if a.Key == "id" && ids[a.Val] {
					o.t.Errorf("id %q stands twice", a.Val)
				}
				if a.Key == "id" {
					ids[a.Val] = true
				}
			}
		}
	}
	if h1 != 1 {
		o.t.Errorf("%d h1 on a page", h1)
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// upload sends a list file as a browser does.
func (o *outreach) upload(b *apptest.Browser, file string, accept string, fields ...string) apptest.Answer {
	o.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreateFormFile("list", "experts.csv")
	if err != nil {
		o.t.Fatal(err)
	}
	fmt.Fprint(part, file)
	for i := 0; i+1 < len(fields); i += 2 {
		w.WriteField(fields[i], fields[i+1])
	}
	w.Close()
	return b.Do("POST", "/desk/roster", w.FormDataContentType(), body.String(), "Accept", accept)
}

const roster = `name,email,organisation,country,category,gender,role,language
Amina Otieno,amina@experts.example.org,Consumers Forum,KE,consumers,f,expert,en
Bruno Keller,bruno@experts.example.org,Standards House,Switzerland,industry,m,task group leader,fr
Clara Ruiz,clara@experts.example.org,Trabajo Digno,ES,labour,,expert,es
`

// experts uploads the roster.
func (o *outreach) experts() {
	o.t.Helper()
	o.want(o.upload(o.secretary, roster, "text/html"), 303)
}

// invite invites everybody and gives the link of each.
func (o *outreach) invite() map[string]string {
	o.t.Helper()
	o.want(o.secretary.PostJSON("/desk/invitations", `{"to":"all"}`), 200)
	out := map[string]string{}
	for _, name := range []string{"amina", "bruno", "clara"} {
		out[name] = o.link(people.EmailAddress(name + "@experts.example.org"))
	}
	return out
}

// link is the address in the latest mail to somebody.
func (o *outreach) link(to people.EmailAddress) string {
	o.t.Helper()
	mails := o.Mails.To(to)
	if len(mails) == 0 {
		o.t.Fatalf("no mail to %s", to)
	}
	l := apptest.Link(mails[len(mails)-1])
	if l == "" {
		o.t.Fatalf("no link in %q", mails[len(mails)-1].Content.Text)
	}
	return l
}

// registered registers all three for events in English and French about labour.
func (o *outreach) registered() map[string]string {
	o.t.Helper()
	o.experts()
	links := o.invite()
	for name, country := range map[string]string{"amina": "KE", "bruno": "CH", "clara": "ES"} {
		o.want(o.public.PostJSON(links[name], fmt.Sprintf(`{"wish":"yes","name":"%s","organisation":"Org of %s","country":"%s","email":"%s@work.example.org","telephone":"+41 22 000 00 00",
			"languages":["en","fr"],"topics":["labour"],"travel":"own","biography":"Biography of %s","address":"Secret street"}`, name, name, country, name, name)), 200)
	}
	return links
}

// event adds an event at the desk and gives its id.
func (o *outreach) event(fields string) string {
	o.t.Helper()
	a := o.want(o.editor.PostJSON("/desk/events", `{"name":"Labour forum","start":"2027-06-10","country":"KE","mode":"onsite","languages":["en"],"topics":["labour"],"email":"host@forum.example.org"`+fields+`}`), 200)
	return o.get(a, "id")
}

// get reads a member of a JSON answer, "event.name" within.
func (o *outreach) get(a apptest.Answer, path string) string {
	o.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.Body), &v); err != nil {
		o.t.Fatalf("%v: %s", err, clip(a.Body))
	}
	for _, name := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			var i int
			fmt.Sscan(name, &i)
			if i >= len(x) {
				return ""
			}
			v = x[i]
		}
	}
	if v == nil {
		return ""
	}
	return fmt.Sprint(v)
}

// expert finds an expert's id by name.
func (o *outreach) expert(name string) string {
	o.t.Helper()
	a := o.want(o.secretary.Get("/desk/presenters", "Accept", "application/json"), 200)
	for i := range 20 {
		if o.get(a, fmt.Sprintf("items.%d.name", i)) == name {
			return o.get(a, fmt.Sprintf("items.%d.id", i))
		}
	}
	o.t.Fatalf("no expert %s: %s", name, a.Body)
	return ""
}

var hidden = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

// fields are the hidden fields of a page's forms.
func fields(page string) url.Values {
	v := url.Values{}
	for _, m := range hidden.FindAllStringSubmatch(page, -1) {
		v.Set(m[1], html.UnescapeString(m[2]))
	}
	return v
}

// with adds pairs to a form.
func with(v url.Values, pairs ...string) url.Values {
	out := url.Values{}
	for k, vs := range v {
		out[k] = vs
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		out.Add(pairs[i], pairs[i+1])
	}
	return out
}
