//go:build aws

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"liaison/infra/lambda/deployment"
	"liaison/infra/local/mailbox"
	"liaison/infra/local/ses"
)

// person uses the deployment as a program does, in JSON.
type person struct {
	t    *testing.T
	d    *deployment.Deployment
	http *http.Client
}

func newPerson(t *testing.T, d *deployment.Deployment) *person {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &person{t, d, &http.Client{Jar: jar, Timeout: time.Minute}}
}

// secretary is signed in at the desk.
func secretary(t *testing.T, d *deployment.Deployment) *person {
	p := newPerson(t, d)
	p.get("/_local/signin?as=secretary@example.org&to=/desk/sign-in")
	return p
}

// reply is an answer: its status, and its JSON where it has any.
type reply struct {
	status int
	body   string
	json   map[string]any
}

func (p *person) send(method, to, kind string, body []byte, header ...string) reply {
	p.t.Helper()
	if strings.HasPrefix(to, "/") {
		to = p.d.Base + to
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, to, bytes.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Accept", "application/json")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := p.http.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	out := reply{status: res.StatusCode, body: string(text)}
	_ = json.Unmarshal(text, &out.json) // pages are none
	return out
}

// fine ends the test unless the answer is a success.
func (p *person) fine(what string, r reply) reply {
	p.t.Helper()
	if r.status > 299 {
		p.t.Fatalf("%s: %d %.400s", what, r.status, r.body)
	}
	return r
}

func (p *person) get(to string) reply {
	p.t.Helper()
	return p.fine("GET "+to, p.send("GET", to, "", nil))
}

// page opens an address as a browser does.
func (p *person) page(to string) reply {
	p.t.Helper()
	return p.fine("GET "+to, p.send("GET", to, "", nil, "Accept", "text/html"))
}

// post sends JSON, given as text.
func (p *person) post(to, body string) reply {
	p.t.Helper()
	return p.fine("POST "+to, p.send("POST", to, "application/json", []byte(body)))
}

func (p *person) form(to string, pairs ...string) reply {
	p.t.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return p.fine("POST "+to, p.send("POST", to, "application/x-www-form-urlencoded", []byte(v.Encode()), "Accept", "text/html"))
}

func (p *person) upload(to, list string, pairs ...string) reply {
	p.t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1]) // a buffer
	}
	part, err := w.CreateFormFile("list", "list.csv")
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = io.WriteString(part, list)
	w.Close()
	return p.fine("upload to "+to, p.send("POST", to, w.FormDataContentType(), b.Bytes()))
}

// items are the members of a desk list, page by page.
func (p *person) items(to string) []map[string]any {
	p.t.Helper()
	var out []map[string]any
	for at := to; ; {
		answer := p.get(at)
		list, _ := answer.json["items"].([]any)
		for _, i := range list {
			out = append(out, i.(map[string]any))
		}
		next, _ := answer.json["next"].(string)
		if next == "" {
			return out
		}
		mark := "?"
		if strings.Contains(to, "?") {
			mark = "&"
		}
		at = to + mark + "cursor=" + url.QueryEscape(next)
	}
}

// find is the member of a desk list whose field has that value.
func (p *person) find(to, field string, value any) map[string]any {
	p.t.Helper()
	list := p.items(to)
	i := slices.IndexFunc(list, func(m map[string]any) bool { return m[field] == value })
	if i < 0 {
		p.t.Fatalf("%s has nothing whose %s is %v: %v", to, field, value, list)
	}
	return list[i]
}

// link is the newest link to path that was mailed to an address.
func (p *person) link(to, path string) string {
	p.t.Helper()
	for range 100 {
		list, _, _, err := p.d.Mails.List(p.t.Context(), ses.Filter{To: to, Limit: 20})
		if err != nil {
			p.t.Fatal(err)
		}
		for _, s := range list {
			m, err := p.d.Mails.Get(p.t.Context(), s.ID)
			if err != nil {
				p.t.Fatal(err)
			}
			for _, l := range mailbox.LinksOf(m) {
				if u, err := url.Parse(l.Href); err == nil && strings.HasSuffix(u.Path, path) {
					return u.RequestURI()
				}
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	p.t.Fatalf("no mail to %s leads to %s", to, path)
	return ""
}

// later lets time pass.
func (p *person) later(d time.Duration) {
	p.t.Helper()
	if err := p.d.Stage.Advance(p.t.Context(), d, 20*time.Second); err != nil {
		p.t.Fatal(err)
	}
}

// leap lets much time pass at once, in which nothing is done.
func (p *person) leap(d time.Duration) {
	p.t.Helper()
	if err := p.d.Stage.Advance(p.t.Context(), d, 0); err != nil {
		p.t.Fatal(err)
	}
	p.later(time.Minute)
}

func text(v any) string { return fmt.Sprint(v) }
