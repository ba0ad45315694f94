package all_test

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"liaison/internal/app/all"
	"liaison/internal/app/apptest"
	"liaison/internal/distribution"
)

// dropped is a queue whose tasks nobody does.
type dropped struct{}

func (dropped) Send(context.Context, ...distribution.Task) error { return nil }

// furnished is a programme with something behind every kind of address.
func furnished(t *testing.T) (o *outreach, examples map[string]string) {
	o = begin(t)
	o.Queue = dropped{}
	o.later(0)
	whole, err := all.New(o.Outside)
	if err != nil {
		t.Fatal(err)
	}
	o.public, o.secretary = o.Browse(t, whole.HTTP), o.Browse(t, whole.HTTP).As(o.World, "secretary@example.org")
	o.experts()
	event := o.get(o.want(o.secretary.PostJSON("/desk/events", `{"name":"Forum","start":"2027-06-01","end":"2027-06-02","country":"KE","email":"host@forum.example"}`), 200), "id")
	for _, post := range [][2]string{{"/desk/issues", `{"number":1,"kind":"newsletter","title":"First"}`}, {"/desk/issues/1/editions/en", `{"title":"First","body":"Text with **weight**."}`},
		{"/desk/issues/1/schedule", `{"at":"now"}`}, {"/desk/issues", `{"number":2,"kind":"newsletter","title":"Second"}`}, {"/desk/issues/2/editions/en", `{"title":"Second","body":"Text."}`}} {
		o.want(o.secretary.PostJSON(post[0], post[1]), 200)
	}
	if err := whole.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	expert := o.get(o.secretary.Get("/desk/presenters", "Accept", "application/json"), "items.0.id")
	o.want(o.public.PostJSON("/en/surveys/subscribers", `{"respondent":{"name":"R","country":"PE"},"organisations":[{"email":"one@red.example","name":"Red"}]}`), 200)
	found := o.secretary.Get("/desk/surveys/subscribers", "Accept", "application/json")
	return o, map[string]string{"/{lang}/events/{id}": event, "/{lang}/events/{id}/presenters": event, "/desk/events": event, "/desk/presenters": expert, "/desk/surveys": "subscribers",
		"answer": o.get(found, "items.0.id"), "{number}": "1", "{file}": "look.css", "{lang}": "en"}
}

// address is an example of a route's addresses.
func address(path string, examples map[string]string, lang string) string {
	id := ""
	for prefix, v := range examples {
		if strings.HasPrefix(path, prefix) && strings.HasPrefix(prefix, "/") && strings.Contains(path, "{id}") {
			id = v
		}
	}
	if strings.Contains(path, "/answers/{id}") {
		id = examples["answer"]
	}
	path = strings.TrimSuffix(path, "{$}")
	if strings.HasPrefix(path, "/{lang}/") {
		path = "/" + lang + strings.TrimPrefix(path, "/{lang}")
	}
	return strings.NewReplacer("{id}", id, "{survey}", "subscribers", "{number}", examples["{number}"], "{file}", "look.css", "{lang}", "en", "{edition}", "en").Replace(path)
}

// Which addresses caches may keep, and for how long. Everything else is its reader's own.
var cached = map[string]string{
	"/{lang}/{$}": "public, max-age=60", "/{lang}/issues": "public, max-age=60", "/{lang}/issues/{number}": "public, max-age=60", "/{lang}/feed.xml": "public, max-age=60",
	"/{lang}/events": "public, max-age=60", "/{lang}/events/{id}": "public, max-age=60", "/events.ics": "public, max-age=900", "/{lang}/privacy": "public, max-age=60",
	"/{lang}/accessibility": "public, max-age=60", "/static/{file}": "public, max-age=300",
}

// TestHeadersOfEveryAddress asks every route of every function, in every language, and looks at what browsers and caches are told.
func TestHeadersOfEveryAddress(t *testing.T) {
	o, examples := furnished(t)
	routes, err := all.Routes(o.Outside)
	if err != nil {
		t.Fatal(err)
	}
	seen, pages, kept := 0, 0, map[string]bool{}
	for function, list := range routes {
		for _, route := range list {
			for _, lang := range []string{"en", "fr", "es", "ru"} {
				if lang != "en" && !strings.HasPrefix(route.Path, "/{lang}/") {
					continue
				}
				at := address(route.Path, examples, lang)
				name := function + ": " + route.Method + " " + at
				desk := route.Path == "/desk" || strings.HasPrefix(route.Path, "/desk/")
				b := o.public
				if desk && route.Path != "/desk/sign-out" {
					b = o.secretary
				}
				a := b.Do(route.Method, at, "", "")
				if a.Status >= 500 {
					t.Errorf("%s: %d", name, a.Status)
				}
				seen++
				strict(t, name, a)
				if strings.Contains(a.Header.Get("Content-Type"), "text/html") && !strings.HasSuffix(route.Path, "/letter") {
					pages++
					ownOnly(t, name, a.Body)
				}
				if !desk && len(a.Header.Values("Set-Cookie")) > 0 {
					t.Errorf("%s sets a cookie: %v", name, a.Header.Values("Set-Cookie"))
				}
				caching := a.Header.Get("Cache-Control")
				want := "private, no-cache"
				switch {
				case desk || strings.HasPrefix(at, "/unsubscribe") || a.Status >= 400 && a.Status != 422:
					want = "no-store"
				case cached[route.Path] != "" && a.Status == 200:
					want, kept[route.Path] = cached[route.Path], true
				}
				if caching != want {
					t.Errorf("%s (%d): Cache-Control %q, want %q", name, a.Status, caching, want)
				}
				if desk && a.Header.Get("X-Robots-Tag") != "noindex" {
					t.Errorf("%s is open to search engines", name)
				}
				if desk {
					continue
				}
				a = b.Do(route.Method, at+"?link=v4.local.forged", "", "")
				strict(t, name+" with a link", a)
				if h := a.Header; h.Get("Cache-Control") != "no-store" && route.Path != "/static/{file}" && route.Path != "/events.ics" || h.Get("X-Robots-Tag") != "noindex" ||
					h.Get("Referrer-Policy") != "same-origin" || h.Get("Set-Cookie") != "" {
					t.Errorf("%s with a link (%d): %v", name, a.Status, h)
				}
			}
		}
	}
	if seen < 120 || pages < 60 {
		t.Errorf("only %d answers, %d pages", seen, pages)
	}
	for path := range cached {
		if !kept[path] {
			t.Errorf("%s was never asked with success", path)
		}
	}
}

// strict is what every answer says.
func strict(t *testing.T, name string, a apptest.Answer) {
	t.Helper()
	csp := a.Header.Get("Content-Security-Policy")
	need := []string{"default-src 'none'", "base-uri 'none'"}
	if strings.HasSuffix(strings.Split(name, "?")[0], "/letter") { // an author's letter, in a sandboxed frame of our own page
		need = append(need, "frame-ancestors 'self'", "form-action 'none'", "sandbox")
	} else {
		need = append(need, "frame-ancestors 'none'", "form-action 'self'", "script-src 'self'", "style-src 'self'")
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: %s", name, csp)
		}
	}
	for _, s := range need {
		if !strings.Contains(csp, s) {
			t.Errorf("%s: policy lacks %s: %s", name, s, csp)
		}
	}
	if a.Header.Get("X-Content-Type-Options") != "nosniff" || a.Header.Get("Referrer-Policy") == "" || a.Header.Get("Strict-Transport-Security") != "" {
		t.Errorf("%s: %v", name, a.Header)
	}
}

// ownOnly: nothing on a page that the policy would stop, and nothing from elsewhere.
func ownOnly(t *testing.T, name, body string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode {
			continue
		}
		if n.Data == "style" || n.Data == "script" && n.FirstChild != nil {
			t.Errorf("%s has an inline %s", name, n.Data)
		}
		for _, a := range n.Attr {
			loads := a.Key == "src" || n.Data == "link" && a.Key == "href" && !strings.Contains(fmt.Sprint(n.Attr), "canonical") && !strings.Contains(fmt.Sprint(n.Attr), "alternate")
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				t.Errorf("%s: <%s %s=%q>", name, n.Data, a.Key, a.Val)
			case loads && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")):
				t.Errorf("%s loads %s", name, a.Val)
			case strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:"):
				t.Errorf("%s: %s", name, a.Val)
			}
		}
	}
}

func TestStaticFilesAreKeptForGood(t *testing.T) {
	o := begin(t)
	page := o.want(o.public.Get("/en/"), 200).Body
	found := regexp.MustCompile(`"(/static/[a-z.]+\?v=[0-9a-f]{16})"`).FindAllStringSubmatch(page, -1)
	if len(found) != 2 {
		t.Fatalf("%v", found)
	}
	for _, f := range found {
		a := o.public.Get(f[1])
		if a.Status != 200 || a.Header.Get("Cache-Control") != "public, max-age=31536000, immutable" || a.Header.Get("ETag") == "" || len(a.Body) < 100 {
			t.Errorf("%s: %d %v", f[1], a.Status, a.Header)
		}
		if again := o.public.Get(f[1], "If-None-Match", a.Header.Get("ETag")); again.Status != 304 || again.Body != "" {
			t.Errorf("%s again: %d", f[1], again.Status)
		}
		bare, _, _ := strings.Cut(f[1], "?")
		for _, other := range []string{bare, bare + "?v=0123456789abcdef"} { // of a page of another version
			if a := o.public.Get(other); a.Status != 200 || a.Header.Get("Cache-Control") != "public, max-age=300" {
				t.Errorf("%s: %d %v", other, a.Status, a.Header)
			}
		}
	}
	if a := o.public.Get("/static/nothing.css"); a.Status != 404 || !strings.Contains(a.Body, "<h1>") {
		t.Errorf("no such file: %d", a.Status)
	}
}

func TestWhatDependsOnTheReaderSaysSo(t *testing.T) {
	o, examples := furnished(t)
	for _, c := range []struct{ path, accept, vary string }{
		{"/", "", "Accept-Language"}, {"/issues", "", "Accept-Language"}, {"/events.ics", "", "Accept-Language"},
		{"/en/events", "", "Accept"}, {"/en/events", "application/json", "Accept"}, {"/en/events/" + examples["/{lang}/events/{id}"], "application/json", "Accept"},
	} {
		a := o.public.Get(c.path, "Accept", c.accept)
		if got := a.Header.Get("Vary"); got != c.vary {
			t.Errorf("%s for %q: Vary %q, want %q", c.path, c.accept, got, c.vary)
		}
	}
	if a := o.public.Get("/en/events", "Content-Type", "application/json"); !strings.Contains(a.Header.Get("Content-Type"), "text/html") {
		t.Errorf("a type without a body is answered with %s, and Vary does not tell", a.Header.Get("Content-Type"))
	}
	a := o.public.Get("/en/events")
	if again := o.public.Get("/en/events", "If-None-Match", a.Header.Get("ETag")); a.Header.Get("ETag") == "" || again.Status != 304 {
		t.Errorf("the calendar again: %d", again.Status)
	}
}

// Behind HTTPS, and only there, browsers are told to stay with it.
func TestTransportSecurityFollowsTheAddress(t *testing.T) {
	for base, want := range map[string]string{"https://liaison.example.org": "max-age=63072000", "http://127.0.0.1:8080": ""} {
		w := apptest.New(t)
		w.Programme.BaseURL = base
		whole, err := all.New(w.Outside)
		if err != nil {
			t.Fatal(err)
		}
		b := w.Browse(t, whole.HTTP)
		for _, path := range []string{"/en/", "/nowhere", "/static/look.css", "/desk/"} {
			if got := b.Get(path).Header.Get("Strict-Transport-Security"); got != want {
				t.Errorf("%s at %s: %q, want %q", path, base, got, want)
			}
		}
	}
}
