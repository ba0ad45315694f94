// Package page is the frame of the pages under /_local/, which exist on the developer's own machine only.
//
// They look like the programme's own pages, because they use its stylesheet, and they speak English only. What may enter: what more
// than one of these pages needs. Nothing here may ever be linked into a function.
package page

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"
)

//go:embed layout.html local.css local.js
var files embed.FS

// Pages are the templates of one package, each with the frame around its "content".
type Pages struct {
	byName map[string]*template.Template
}

// Parse reads every file of the pattern; a page is named by its file without ".html".
func Parse(from fs.FS, pattern string) *Pages {
	p := &Pages{byName: map[string]*template.Template{}}
	frame := template.Must(template.New("layout").Funcs(template.FuncMap{
		"clock": func(t time.Time) string { return t.Format("2 January 2006, 15:04:05") },
		"iso":   func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
	}).ParseFS(files, "layout.html"))
	names, err := fs.Glob(from, pattern)
	if err != nil || len(names) == 0 {
		panic(fmt.Sprintf("page: nothing matches %s: %v", pattern, err))
	}
	for _, n := range names {
		base := n[strings.LastIndexByte(n, '/')+1:]
		p.byName[strings.TrimSuffix(base, ".html")] = template.Must(template.Must(frame.Clone()).ParseFS(from, n))
	}
	return p
}

// Frame is what every page has; page data embeds it.
type Frame struct {
	Title   string
	Section string // workbench or mailbox
	Notice  string
	Now     time.Time // of the program's clock, in the programme's time zone
}

// Render writes a whole page or an error, never half a page.
func (p *Pages) Render(w http.ResponseWriter, status int, name string, data any) {
	var b bytes.Buffer
	if err := p.byName[name].ExecuteTemplate(&b, "layout", data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	w.WriteHeader(status)
	_, _ = b.WriteTo(w) // the reader went away: nothing to be done
}

// JSON answers with v.
func JSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

// FromBrowser tells whether a person's browser asks, who is led back to a page instead of getting JSON.
func FromBrowser(r *http.Request) bool { return strings.Contains(r.Header.Get("Accept"), "text/html") }

// Done answers a POST that succeeded: back to the page for a browser, v for a program.
func Done(w http.ResponseWriter, r *http.Request, back, notice string, v any) {
	if !FromBrowser(r) {
		JSON(w, http.StatusOK, v)
		return
	}
	http.Redirect(w, r, back+"?done="+url.QueryEscape(notice), http.StatusSeeOther)
}

// Refuse answers bad input in plain words.
func Refuse(w http.ResponseWriter, r *http.Request, status int, why string) {
	if FromBrowser(r) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(status)
		fmt.Fprintln(w, why)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]any{"title": why, "status": status})
}

// Static serves the stylesheet and the script of these pages.
func Static(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeFileFS(w, r, files, r.PathValue("file"))
}
