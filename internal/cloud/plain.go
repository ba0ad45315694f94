package cloud

import (
	"encoding/json"
	"html"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"golang.org/x/text/language"

	"liaison/internal/people"
	"liaison/internal/words"
)

// plain is what is left to say when no handler could answer: it needs no programme, only words.
type plain struct {
	Lang   people.Language `json:"-"`
	Title  string          `json:"title"`
	Status int             `json:"status"`
	Detail string          `json:"detail,omitempty"`
}

func (p plain) page() string {
	title, more := html.EscapeString(p.Title), ""
	if p.Detail != "" {
		more = `<p class="lede">` + html.EscapeString(p.Detail) + "</p>"
	}
	return `<!doctype html>
<html lang="` + html.EscapeString(string(p.Lang)) + `">
<head><meta charset="utf-8"><title>` + title + `</title><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><link rel="stylesheet" href="/static/look.css"></head>
<body><main id="main" class="wrap"><h1>` + title + "</h1>" + more + `</main></body>
</html>
`
}

// plainAnswer says key (and key.more, where it exists) in the reader's language, as a page or as application/problem+json.
func plainAnswer(e events.APIGatewayV2HTTPRequest, status int, key string) events.APIGatewayV2HTTPResponse {
	header := http.Header{}
	for name, value := range e.Headers {
		header.Set(name, value)
	}
	w := words.For(readerLanguage(pathOf(e), header.Get("Accept-Language")))
	page := plain{Lang: w.Lang, Title: w.T(key), Status: status}
	if w.Has(key + ".more") {
		page.Detail = w.T(key + ".more")
	}
	out := events.APIGatewayV2HTTPResponse{StatusCode: status, Headers: map[string]string{
		"Cache-Control":             "no-store",
		"Content-Security-Policy":   "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Referrer-Policy":           "same-origin",
		"Strict-Transport-Security": "max-age=63072000", // the gateway speaks nothing but HTTPS
		"X-Content-Type-Options":    "nosniff",
		"X-Robots-Tag":              "noindex",
	}}
	if status == http.StatusServiceUnavailable {
		out.Headers["Retry-After"] = "20"
	}
	var body string
	if wantsJSON(header) {
		out.Headers["Content-Type"] = "application/problem+json"
		b, _ := json.Marshal(page) // two strings and a number: it does not fail
		body = string(b) + "\n"
	} else {
		out.Headers["Content-Type"] = "text/html; charset=utf-8"
		body = page.page()
	}
	if e.RequestContext.HTTP.Method != http.MethodHead {
		out.Body = body
	}
	return out
}

func wantsJSON(h http.Header) bool {
	accept := h.Get("Accept")
	return strings.HasPrefix(h.Get("Content-Type"), "application/json") || strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// readerLanguage is the language of the path, else the one that the browser likes best among those we have words in.
func readerLanguage(path, accept string) people.Language {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	for _, l := range words.Languages {
		if first == string(l) {
			return l
		}
	}
	tags, _, err := language.ParseAcceptLanguage(accept[:min(len(accept), 300)])
	if err != nil {
		return words.Languages[0]
	}
	for _, t := range tags {
		base, _ := t.Base()
		for _, l := range words.Languages {
			if base.String() == string(l) {
				return l
			}
		}
	}
	return words.Languages[0]
}
