package cloud

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
	"golang.org/x/net/html"

	"liaison/internal/words"
)

// eventJSON is an event as an HTTP API sends it; change edits it before it is decoded as the Lambda runtime decodes it.
const eventJSON = `{
 "version": "2.0", "routeKey": "ANY /{lang}/subscribe", "rawPath": "/en/subscribe", "rawQueryString": "a=1&a=2&link=v4%2Flocal",
 "cookies": ["__Host-liaison=abc", "theme=dark"],
 "headers": {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", "accept-language": "fr-CH, fr;q=0.9, en;q=0.8", "content-length": "0",
  "host": "liaison.example.org", "user-agent": "Mozilla/5.0 (X11; Linux x86_64), like Gecko", "x-forwarded-for": "203.0.113.9, 198.51.100.7",
  "x-forwarded-port": "443", "x-forwarded-proto": "https", "x-amzn-trace-id": "Root=1-67891233-abcdef012345678912345678"},
 "queryStringParameters": {"a": "1,2", "link": "v4/local"},
 "requestContext": {"accountId": "123456789012", "apiId": "api-id", "domainName": "api-id.execute-api.eu-west-1.amazonaws.com", "domainPrefix": "api-id",
  "http": {"method": "GET", "path": "/en/subscribe", "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9", "userAgent": "Mozilla/5.0"},
  "requestId": "JKJaXmPLvHcESHA=", "routeKey": "ANY /{lang}/subscribe", "stage": "$default", "time": "14/May/2027:10:00:00 +0000", "timeEpoch": 1810288800000},
 "pathParameters": {"lang": "en"}, "isBase64Encoded": false
}`

func event(t testing.TB, change func(e map[string]any)) events.APIGatewayV2HTTPRequest {
	t.Helper()
	var raw map[string]any
	if err := json.Unmarshal([]byte(eventJSON), &raw); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(raw)
	}
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	var e events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func within(e map[string]any, names ...string) map[string]any {
	for _, n := range names {
		e = e[n].(map[string]any)
	}
	return e
}

func header(name, value string) func(map[string]any) {
	return func(e map[string]any) { within(e, "headers")[name] = value }
}

func path(p string) func(map[string]any) {
	return func(e map[string]any) { e["rawPath"] = p; within(e, "requestContext", "http")["path"] = p }
}

// wire encodes an answer as the Lambda runtime does, and decodes it as the gateway does.
func wire(t testing.TB, out events.APIGatewayV2HTTPResponse) (events.APIGatewayV2HTTPResponse, []byte) {
	t.Helper()
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(out); err != nil {
		t.Fatal(err)
	}
	var back events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(buf.Bytes(), &back); err != nil {
		t.Fatal(err)
	}
	body := []byte(back.Body)
	if back.IsBase64Encoded {
		var err error
		if body, err = base64.StdEncoding.DecodeString(back.Body); err != nil {
			t.Fatal(err)
		}
	}
	return back, body
}

// seen is what a handler was asked.
type seen struct {
	Method, Path, Query, URI, Host, Remote string
	Header                                 http.Header
	Cookies                                []string
	Body                                   string
	Length                                 int64
}

func look(into *seen) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*into = seen{r.Method, r.URL.Path, r.URL.RawQuery, r.RequestURI, r.Host, r.RemoteAddr, r.Header, nil, string(body), r.ContentLength}
		for _, c := range r.Cookies() {
			into.Cookies = append(into.Cookies, c.Name+"="+c.Value)
		}
		w.Header().Set("Content-Type", "text/plain")
		_, _ = io.WriteString(w, "seen")
	})
}

// The adapter's faults, one by one: each check holds with our wrapper and, so that we know when the wrapper has served its time, fails
// without it.
func TestRequestFaultsOfTheAdapter(t *testing.T) {
	log.SetOutput(io.Discard) // the bare adapter's
	get := func(name string) func(s seen) any { return func(s seen) any { return s.Header.Values(name) } }
	cases := []struct {
		name   string
		change func(map[string]any)
		got    func(seen) any
		want   any
	}{
		{"percent in the path", path("/en/100%/x"), func(s seen) any { return s.Path }, "/en/100%/x"},
		{"percent that looks like an escape", path("/en/a%20b"), func(s seen) any { return s.Path }, "/en/a%20b"},
		{"question mark in the path", path("/en/what?now"), func(s seen) any { return []string{s.Path, s.Query} }, []string{"/en/what?now", "a=1&a=2&link=v4%2Flocal"}},
		{"fragment in the path", path("/en/a#b"), func(s seen) any { return s.Path }, "/en/a#b"},
		{"line break in the path", path("/en/a\nb"), func(s seen) any { return s.Path }, "/en/a\nb"},
		{"address of the request", nil, func(s seen) any { return s.URI }, "/en/subscribe?a=1&a=2&link=v4%2Flocal"}, // sound in the adapter; see below
		{"control character in the query", func(e map[string]any) { e["rawQueryString"] = "a=\x01" }, func(s seen) any { return s.Query }, "a=\x01"},
		{"port of the client", nil, func(s seen) any { return s.Remote }, "203.0.113.9:0"},
		{"port of a client on IPv6", func(e map[string]any) { within(e, "requestContext", "http")["sourceIp"] = "2001:db8::7" },
			func(s seen) any { return s.Remote }, "[2001:db8::7]:0"},
		{"host as the client named it", nil, func(s seen) any { return s.Host }, "liaison.example.org"},
		{"host is no header", nil, func(s seen) any { _, ok := s.Header["Host"]; return ok }, false},
		{"If-None-Match", header("if-none-match", `"a,b", W/"c"`), get("If-None-Match"), []string{`"a,b", W/"c"`}},
		{"Date", header("date", "Fri, 14 May 2027 10:00:00 GMT"), get("Date"), []string{"Fri, 14 May 2027 10:00:00 GMT"}},
		{"JSON in a header", header("x-note", `{"a":1, "b":[2,3]}`), get("X-Note"), []string{`{"a":1, "b":[2,3]}`}},
		{"Accept-Language whole", nil, get("Accept-Language"), []string{"fr-CH, fr;q=0.9, en;q=0.8"}},
		{"cookies in one line", nil, get("Cookie"), []string{"__Host-liaison=abc; theme=dark"}},
		{"cookies as a header only", func(e map[string]any) { delete(e, "cookies"); within(e, "headers")["cookie"] = "a=1; when=Fri, 14 May" },
			get("Cookie"), []string{"a=1; when=Fri, 14 May"}},
		{"stage before the path", func(e map[string]any) {
			path("/prod/en/subscribe")(e)
			within(e, "requestContext")["stage"] = "prod"
		}, func(s seen) any { return s.Path }, "/en/subscribe"},
	}
	sound := map[string]bool{"address of the request": true}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			e := event(t, c.change)
			var s seen
			out, err := serveHTTP(look(&s), slog.New(slog.DiscardHandler))(context.Background(), e)
			if err != nil || out.StatusCode != 200 {
				t.Fatalf("status %d, error %v, body %s", out.StatusCode, err, out.Body)
			}
			if got := c.got(s); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %q, want %q", got, c.want)
			}
			var bare seen
			_, err = httpadapter.NewV2(look(&bare)).ProxyWithContext(context.Background(), e)
			if fails := err != nil || !reflect.DeepEqual(c.got(bare), c.want); fails == sound[c.name] {
				t.Errorf("the bare adapter answers %q, error %v: is the wrapper still needed for this?", c.got(bare), err)
			}
		})
	}
}

func TestRequestPassesWhole(t *testing.T) {
	pdf := string([]byte{'%', 'P', 'D', 'F', 0xff, 0x00, 0xfe, '\r', '\n'})
	var s seen
	serve := serveHTTP(look(&s), slog.New(slog.DiscardHandler))
	post := func(body string, coded bool) events.APIGatewayV2HTTPRequest {
		return event(t, func(e map[string]any) {
			within(e, "requestContext", "http")["method"] = "POST"
			within(e, "headers")["content-type"] = "multipart/form-data; boundary=x"
			e["body"], e["isBase64Encoded"] = body, coded
		})
	}
	for name, c := range map[string]struct {
		e    events.APIGatewayV2HTTPRequest
		want string
	}{
		"text":   {post("name=Жук&x=%25", false), "name=Жук&x=%25"},
		"binary": {post(base64.StdEncoding.EncodeToString([]byte(pdf)), true), pdf},
		"empty":  {post("", false), ""},
	} {
		t.Run(name, func(t *testing.T) {
			if out, err := serve(context.Background(), c.e); err != nil || out.StatusCode != 200 {
				t.Fatalf("%+v, %v", out, err)
			}
			if s.Method != "POST" || s.Body != c.want || s.Length != int64(len(c.want)) || s.Header.Get("Content-Type") != "multipart/form-data; boundary=x" {
				t.Errorf("handler saw %+v, want body %q", s, c.want)
			}
			if want := []string{"__Host-liaison=abc", "theme=dark"}; !reflect.DeepEqual(s.Cookies, want) {
				t.Errorf("cookies %q, want %q", s.Cookies, want)
			}
		})
	}
}

func TestAnswerFaultsOfTheAdapter(t *testing.T) {
	log.SetOutput(io.Discard)
	type answer struct {
		Status  int
		Body    string
		Type    string
		Cookies []string
	}
	cases := []struct {
		name   string
		handle http.HandlerFunc
		want   answer
		sound  bool // the bare adapter does it too
	}{
		{name: "a handler that writes nothing", handle: func(http.ResponseWriter, *http.Request) {}, want: answer{Status: 200}},
		{name: "headers only", handle: func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Content-Type", "text/css") },
			want: answer{Status: 200, Type: "text/css"}},
		{name: "a late status", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			_, _ = io.WriteString(w, "fine")
			w.WriteHeader(500)
		}, want: answer{Status: 200, Body: "fine", Type: "text/plain"}},
		{name: "a second status", handle: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204); w.WriteHeader(500) }, want: answer{Status: 204}},
		{name: "a late header", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/plain")
			w.WriteHeader(200)
			w.Header().Set("Content-Type", "text/html")
		}, want: answer{Status: 200, Type: "text/plain"}},
		{name: "an informational status", handle: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(404) }, want: answer{Status: 404}, sound: true},
		{name: "a body where none is allowed", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(304)
			if _, err := io.WriteString(w, "body"); err != http.ErrBodyNotAllowed {
				panic(err)
			}
		}, want: answer{Status: 304}},
		{name: "a panic", handle: func(http.ResponseWriter, *http.Request) { panic("oops") }, want: answer{Status: 500}},
		{name: "an unknown type", handle: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<!doctype html><p>x") },
			want: answer{Status: 200, Body: "<!doctype html><p>x", Type: "text/html; charset=utf-8"}, sound: true},
		{name: "several cookies", handle: func(w http.ResponseWriter, _ *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
			http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
			w.WriteHeader(http.StatusSeeOther)
		}, want: answer{Status: 303, Cookies: []string{"a=1", "b=2"}}, sound: true},
		{name: "binary", handle: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/pdf")
			_, _ = w.Write([]byte{'%', 'P', 0xff, 0x00})
		}, want: answer{Status: 200, Body: "%P\xff\x00", Type: "application/pdf"}, sound: true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			read := func(out events.APIGatewayV2HTTPResponse) answer {
				back, body := wire(t, out)
				a := answer{Status: back.StatusCode, Body: string(body), Type: back.Headers["Content-Type"], Cookies: back.Cookies}
				if len(a.Cookies) == 0 {
					a.Cookies = nil
				}
				if a.Status == 500 {
					a.Body, a.Type = "", "" // the page is tested below
				}
				return a
			}
			out, err := serveHTTP(c.handle, slog.New(slog.DiscardHandler))(context.Background(), event(t, nil))
			if err != nil {
				t.Fatal(err)
			}
			if got := read(out); !reflect.DeepEqual(got, c.want) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			bare, ok := bareAnswer(c.handle, event(t, nil))
			if same := ok && reflect.DeepEqual(read(bare), c.want); same != c.sound {
				t.Errorf("the bare adapter answers %+v: is the wrapper still needed for this?", read(bare))
			}
		})
	}
}

// bareAnswer asks the adapter without the wrapper; it is not ok where that panics or gives an error.
func bareAnswer(h http.Handler, e events.APIGatewayV2HTTPRequest) (out events.APIGatewayV2HTTPResponse, ok bool) {
	defer func() {
		if recover() != nil {
			ok = false
		}
	}()
	out, err := httpadapter.NewV2(h).ProxyWithContext(context.Background(), e)
	return out, err == nil
}

func TestHeadHasNoBody(t *testing.T) {
	e := event(t, func(e map[string]any) { within(e, "requestContext", "http")["method"] = "HEAD" })
	var s seen
	out, err := serveHTTP(look(&s), slog.New(slog.DiscardHandler))(context.Background(), e)
	if err != nil || out.StatusCode != 200 || out.Body != "" || out.Headers["Content-Type"] != "text/plain" {
		t.Errorf("%+v, %v", out, err)
	}
}

// What we cannot make a request of is answered, in the reader's language, and logged.
func TestEventsThatAreNone(t *testing.T) {
	for name, change := range map[string]func(map[string]any){
		"bad base64":      func(e map[string]any) { e["body"], e["isBase64Encoded"] = "%%%", true },
		"payload 1.0":     func(e map[string]any) { e["version"] = "1.0"; delete(e, "rawPath") },
		"no version":      func(e map[string]any) { delete(e, "version") },
		"no method":       func(e map[string]any) { within(e, "requestContext", "http")["method"] = "" },
		"method in words": func(e map[string]any) { within(e, "requestContext", "http")["method"] = "GET /" },
	} {
		t.Run(name, func(t *testing.T) {
			called := false
			var lines bytes.Buffer
			serve := serveHTTP(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called = true }), newLog(&lines))
			out, err := serve(context.Background(), event(t, func(e map[string]any) { path("/fr/subscribe")(e); change(e) }))
			if err != nil || out.StatusCode != 400 || called {
				t.Fatalf("%+v, %v, handler called: %v", out, err, called)
			}
			if name != "payload 1.0" && !strings.Contains(out.Body, `<html lang="fr">`) {
				t.Errorf("page is %s", out.Body)
			}
			if lines.Len() == 0 {
				t.Error("nothing was logged")
			}
		})
	}
}

func TestAnswersNearTheLimit(t *testing.T) {
	const lambdaLimit = 6 << 20
	cases := map[string]struct {
		body []byte
		want int
	}{
		"text that fits":           {bytes.Repeat([]byte("a"), 6_000_000), 200},
		"Cyrillic that fits":       {bytes.Repeat([]byte("ж"), 3_000_000), 200},
		"quotes fit as base64":     {bytes.Repeat([]byte(`"`), 4_000_000), 200},
		"binary that fits":         {bytes.Repeat([]byte{0xff}, 4_600_000), 200},
		"control characters":       {bytes.Repeat([]byte{1}, 4_600_000), 200},
		"text that does not":       {bytes.Repeat([]byte("a"), 6_300_000), 500},
		"binary that does not":     {bytes.Repeat([]byte{0xff}, 4_800_000), 500},
		"much text that does not":  {bytes.Repeat([]byte("a"), 20_000_000), 500},
		"separators that grow six": {bytes.Repeat([]byte("\u2028"), 1_600_000), 500},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var lines bytes.Buffer
			h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(c.body) })
			out, err := serveHTTP(h, newLog(&lines))(context.Background(), event(t, path("/ru/issues")))
			if err != nil || out.StatusCode != c.want {
				t.Fatalf("status %d, %v", out.StatusCode, err)
			}
			text, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			back, body := wire(t, out)
			if c.want == 200 && (!bytes.Equal(body, c.body) || len(back.Body) > lambdaLimit) {
				t.Errorf("body came back with %d bytes, %d on the wire", len(body), len(text))
			}
			if c.want == 500 && (!strings.Contains(out.Body, "слишком велика") || !strings.Contains(lines.String(), `"route":"ANY /{lang}/subscribe"`)) {
				t.Errorf("page %s\nlog %s", out.Body, lines.String())
			}
		})
	}
}

func TestJSONLenIsExact(t *testing.T) {
	var all strings.Builder
	for r := rune(0); r < 0x2100; r++ {
		all.WriteRune(r)
	}
	all.WriteString("𝄞\u2028\u2029<&>")
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(all.String()); err != nil {
		t.Fatal(err)
	}
	if got, want := jsonLen([]byte(all.String())), buf.Len()-1; got != want {
		t.Errorf("jsonLen is %d, encoding/json wrote %d", got, want)
	}
}

func TestPlainAnswerForPrograms(t *testing.T) {
	e := event(t, header("accept", "application/json"))
	out := plainAnswer(e, 400, "error.malformed")
	var p struct {
		Title  string
		Status int
		Detail string
	}
	if err := json.Unmarshal([]byte(out.Body), &p); err != nil || p.Title == "" || p.Detail == "" || p.Status != 400 || out.Headers["Content-Type"] != "application/problem+json" {
		t.Errorf("%+v, %v", out, err)
	}
}

// The plain page is a whole page in the reader's language, whatever a wording holds.
func TestPlainAnswerForPeople(t *testing.T) {
	for _, l := range words.Languages {
		for _, key := range []string{"error.malformed", "error.slow", "error.internal", "cloud.answer", "error.method"} {
			out := plainAnswer(event(t, path("/"+string(l)+"/")), 503, key)
			doc, err := html.Parse(strings.NewReader(out.Body))
			if err != nil {
				t.Fatal(err)
			}
			said := map[string]string{}
			for n := range doc.Descendants() {
				if n.Type == html.ElementNode && n.FirstChild != nil && n.FirstChild.Type == html.TextNode {
					said[n.Data] = n.FirstChild.Data
				}
			}
			p, more := words.For(l), ""
			if p.Has(key + ".more") {
				more = p.T(key + ".more")
			}
			if said["title"] != p.T(key) || said["h1"] != p.T(key) || said["p"] != more || !strings.Contains(out.Body, `<html lang="`+string(l)+`">`) {
				t.Errorf("%s %s: %v in %s", l, key, said, out.Body)
			}
		}
	}
	hostile := plain{Lang: `"><i>`, Title: "<b>&amp;", Detail: "<script>"}.page()
	if strings.Contains(hostile, "<i>") || strings.Contains(hostile, "<b>") || strings.Contains(hostile, "<script>") || !strings.Contains(hostile, "&lt;b&gt;&amp;amp;") {
		t.Error(hostile)
	}
}

func TestReaderLanguage(t *testing.T) {
	for _, c := range []struct{ path, accept, want string }{
		{"/ru/", "fr", "ru"}, {"/", "de, es-MX;q=0.8, fr;q=0.5", "es"}, {"/desk/", "", "en"}, {"/", ";;;;", "en"}, {"/", strings.Repeat("fr,", 1000), "fr"},
	} {
		if got := readerLanguage(c.path, c.accept); string(got) != c.want {
			t.Errorf("%s with %.20q is %s, want %s", c.path, c.accept, got, c.want)
		}
	}
}

// No event takes the function down or goes without an answer.
func FuzzServeHTTP(f *testing.F) {
	f.Add("/en/%zz?#", "a=%&b", `a,b"`, "x=1; y", "AAA=", true, "POST")
	f.Add("", "", "", "", "", false, "")
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = r.ParseForm()
		_, _ = r.Cookie("x")
		fmt.Fprint(w, r.URL.String(), r.Host)
	})
	serve := serveHTTP(h, slog.New(slog.DiscardHandler))
	f.Fuzz(func(t *testing.T, p, query, head, cookie, body string, coded bool, method string) {
		e := event(t, func(e map[string]any) {
			path(p)(e)
			e["rawQueryString"], e["cookies"], e["body"], e["isBase64Encoded"] = query, []string{cookie}, body, coded
			within(e, "headers")["x-any"], within(e, "headers")[head] = head, head
			within(e, "requestContext", "http")["method"] = method
		})
		out, err := serve(context.Background(), e)
		if err != nil || out.StatusCode != 200 && out.StatusCode != 400 {
			t.Errorf("%+v, %v", out, err)
		}
	})
}
