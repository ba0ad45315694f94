// Package mailbox shows what the mail service of a local run has accepted: as a person reads it, as it goes over the wire, and as JSON.
//
// What may enter: reading. Mails are kept by package ses; nothing here sends or deletes one.
package mailbox

import (
	"bytes"
	"context"
	"embed"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"liaison/infra/local/page"
	"liaison/infra/local/ses"
)

//go:embed pages/*.html
var files embed.FS

var pages = page.Parse(files, "pages/*.html")

// Mailbox answers everything under /_local/mailbox.
type Mailbox struct {
	Store *ses.Store
	Now   func() time.Time // the program's clock
	Zone  *time.Location
	// Arrived, when set, waits for the mails that were just posted: whoever looks right after sending a form sees what it sent.
	Arrived func(context.Context)
}

// Routes puts the addresses on a mux.
func (b *Mailbox) Routes(mux *http.ServeMux) {
	mux.HandleFunc("GET /_local/mailbox", b.fails(b.list))
	mux.HandleFunc("GET /_local/mailbox.json", b.fails(b.json))
	mux.HandleFunc("GET /_local/mailbox/{file}", b.fails(b.one))
	mux.HandleFunc("GET /_local/mailbox/{id}/files/{n}", b.fails(b.file))
}

func (b *Mailbox) fails(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if b.Arrived != nil {
			b.Arrived(r.Context())
		}
		err := h(w, r)
		switch {
		case err == nil:
		case errors.Is(err, ses.ErrNotFound):
			if page.FromBrowser(r) {
				pages.Render(w, http.StatusNotFound, "missing", b.frame("No such mail", ""))
				return
			}
			page.Refuse(w, r, http.StatusNotFound, "no such mail")
		default:
			page.Refuse(w, r, http.StatusInternalServerError, err.Error())
		}
	}
}

func (b *Mailbox) frame(title, notice string) page.Frame {
	return page.Frame{Title: title, Section: "mailbox", Notice: notice, Now: b.Now().In(b.Zone)}
}

type line struct {
	ses.Summary
	When string
}

type listPage struct {
	page.Frame
	Filter       ses.Filter
	Issues       []string
	Lines        []line
	Total        int
	Older, Newer string // addresses; empty at the ends
	Newest       string // id of the first mail of an unfiltered list
}

func (b *Mailbox) list(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := ses.Filter{To: strings.TrimSpace(q.Get("to")), Search: strings.TrimSpace(q.Get("q")), Issue: q.Get("issue"), Limit: 40}
	f.Before, _ = strconv.ParseInt(q.Get("before"), 10, 64) // anything else is the first page
	list, total, next, err := b.Store.List(r.Context(), f)
	if err != nil {
		return err
	}
	p := &listPage{Frame: b.frame("Mailbox", ""), Filter: f, Total: total}
	if p.Issues, err = b.Store.Issues(r.Context()); err != nil {
		return err
	}
	newest, _, _, err := b.Store.List(r.Context(), ses.Filter{Limit: 1})
	if err != nil {
		return err
	}
	if len(newest) > 0 {
		p.Newest = newest[0].ID
	}
	now := b.Now().In(b.Zone)
	for _, m := range list {
		p.Lines = append(p.Lines, line{m, when(m.At.In(b.Zone), now)})
	}
	if next > 0 {
		q.Set("before", strconv.FormatInt(next, 10))
		p.Older = "?" + q.Encode()
	}
	if f.Before > 0 {
		q.Del("before")
		p.Newer = "?" + q.Encode()
	}
	pages.Render(w, http.StatusOK, "list", p)
	return nil
}

// when is short for what is near: a time for today, a date for the rest.
func when(t, now time.Time) string {
	switch {
	case t.Format(time.DateOnly) == now.Format(time.DateOnly):
		return t.Format("15:04:05")
	case t.Year() == now.Year():
		return t.Format("2 Jan, 15:04")
	}
	return t.Format("2 Jan 2006")
}

type mailPage struct {
	page.Frame
	*ses.Message
	When   time.Time
	View   string
	Links  []Link
	Source string
	Others int // mails to the same address
}

// ReplyTo is where answers go.
func (p *mailPage) ReplyTo() string {
	for _, h := range p.Headers {
		if h.Name == "Reply-To" {
			return h.Value
		}
	}
	return ""
}

// one answers /_local/mailbox/ID, ID.eml and ID.html.
func (b *Mailbox) one(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	id, kind := name, ""
	for _, k := range []string{".eml", ".html"} {
		if base, ok := strings.CutSuffix(name, k); ok {
			id, kind = base, k
		}
	}
	m, err := b.Store.Get(r.Context(), id)
	if err != nil {
		return err
	}
	switch kind {
	case ".eml":
		w.Header().Set("Content-Type", "message/rfc822")
		w.Header().Set("Content-Disposition", `attachment; filename="`+id+`.eml"`)
		_, err := w.Write(m.MIME())
		return err
	case ".html":
		return b.html(w, m)
	}
	return b.page(w, r, m)
}

func (b *Mailbox) page(w http.ResponseWriter, r *http.Request, m *ses.Message) error {
	p := &mailPage{Frame: b.frame(m.Subject, ""), Message: m, When: m.At.In(b.Zone), View: r.URL.Query().Get("view"), Links: LinksOf(m)}
	switch p.View {
	case "html", "phone":
		if m.HTML == "" {
			p.View = "text"
		}
	case "text", "headers":
	case "source":
		p.Source = string(m.MIME())
	default:
		p.View = "html"
		if m.HTML == "" {
			p.View = "text"
		}
	}
	_, others, _, err := b.Store.List(r.Context(), ses.Filter{To: m.Address, Limit: 1})
	if err != nil {
		return err
	}
	p.Others = others - 1
	pages.Render(w, http.StatusOK, "mail", p)
	return nil
}

// html is the letter alone, for the frame: no script, nothing from elsewhere, links open beside it.
func (b *Mailbox) html(w http.ResponseWriter, m *ses.Message) error {
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox allow-popups allow-popups-to-escape-sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	html := m.HTML
	for _, f := range m.Files {
		if f.Inline != "" {
			html = strings.ReplaceAll(html, "cid:"+f.Inline, "data:"+f.Type+";base64,"+base64.StdEncoding.EncodeToString(f.Data))
		}
	}
	_, err := w.Write([]byte(beside(html)))
	return err
}

func (b *Mailbox) file(w http.ResponseWriter, r *http.Request) error {
	m, err := b.Store.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(m.Files) {
		return ses.ErrNotFound
	}
	f := m.Files[n]
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	disposition := "attachment"
	if f.Type == "application/pdf" { // the browser's own viewer shows it
		disposition = "inline"
	} else {
		h.Set("Content-Security-Policy", "sandbox")
	}
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", disposition+"; filename*=UTF-8''"+url.PathEscape(f.Name))
	http.ServeContent(w, r, "", m.At, bytes.NewReader(f.Data))
	return nil
}

// wireMail is a mail in mailbox.json. What is nil is left out (body=no); what is only empty is there, so that a reader finds every name.
type wireMail struct {
	ID      string            `json:"id"`
	At      time.Time         `json:"at"`
	To      string            `json:"to"`
	From    string            `json:"from"`
	Subject string            `json:"subject"`
	State   string            `json:"state"` // delivery, bounce, complaint, rendering-failure
	Headers map[string]string `json:"headers,omitzero"`
	Tags    map[string]string `json:"tags,omitempty"`
	Text    *string           `json:"text,omitempty"`
	HTML    *string           `json:"html,omitempty"`
	Links   []string          `json:"links,omitzero"`
	Files   []wireFile        `json:"files,omitempty"`
}

type wireFile struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Size int    `json:"size"`
	Href string `json:"href"`
}

const maxJSON = 1000

// json answers ?to=ADDRESS&issue=N&q=WORD&limit=N; body=no leaves out what is long.
func (b *Mailbox) json(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := ses.Filter{To: strings.TrimSpace(q.Get("to")), Search: q.Get("q"), Issue: q.Get("issue"), Limit: 100}
	if s := q.Get("limit"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 1 || n > maxJSON {
			page.Refuse(w, r, http.StatusUnprocessableEntity, fmt.Sprintf("limit must be a number from 1 to %d", maxJSON))
			return nil
		}
		f.Limit = n
	}
	list, _, _, err := b.Store.List(r.Context(), f)
	if err != nil {
		return err
	}
	out := make([]wireMail, 0, len(list))
	for _, s := range list {
		if q.Get("body") == "no" {
			out = append(out, wireMail{ID: s.ID, At: s.At.UTC(), To: s.Address, Subject: s.Subject, State: s.Fate})
			continue
		}
		m, err := b.Store.Get(r.Context(), s.ID)
		if err != nil {
			return err
		}
		out = append(out, wire(m))
	}
	page.JSON(w, http.StatusOK, out)
	return nil
}

func wire(m *ses.Message) wireMail {
	out := wireMail{ID: m.ID, At: m.At.UTC(), To: m.Address, From: m.From, Subject: m.Subject, State: m.Fate, Text: &m.Text, HTML: &m.HTML, Headers: map[string]string{}, Tags: map[string]string{}, Links: []string{}}
	for _, h := range m.Headers {
		out.Headers[h.Name] = h.Value
	}
	for _, t := range m.Tags {
		out.Tags[t.Name] = t.Value
	}
	for _, l := range LinksOf(m) {
		out.Links = append(out.Links, l.Href)
	}
	for n, f := range m.Files {
		out.Files = append(out.Files, wireFile{f.Name, f.Type, len(f.Data), fmt.Sprintf("/_local/mailbox/%s/files/%d", m.ID, n)})
	}
	return out
}
