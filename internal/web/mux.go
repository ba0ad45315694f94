package web

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"runtime/debug"
	"strings"

	"golang.org/x/text/language"

	"liaison/internal/people"
	"liaison/internal/programme"
)

// Handler serves the routes of some functions: language prefixes, roles, cross-origin protection, headers, errors, panics.
func (s *Site) Handler(functions ...Function) http.Handler {
	mux := http.NewServeMux()
	for _, f := range functions {
		for _, route := range f.Routes() {
			if rest, ok := strings.CutPrefix(route.Path, "/{lang}/"); ok {
				for _, l := range s.Programme.Languages {
					path := "/" + string(l) + "/" + rest
					if rest == "" {
						path += "{$}"
					}
					mux.Handle(route.Method+" "+path, s.serve(route, l))
				}
				continue
			}
			mux.Handle(route.Method+" "+route.Path, s.serve(route, ""))
		}
	}
	mux.HandleFunc("/", s.elsewhere)
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST /unsubscribe") // a webmail's own button may come from its page (RFC 8058); the signed link is the authority
	guard.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.Fail(w, r, &Error{Status: http.StatusForbidden, Key: "error.origin"})
	}))
	return &Handling{Handler: s.headers(guard.Handler(s.methods(mux))), site: s}
}

// Handling is a site's handler.
type Handling struct {
	http.Handler
	site *Site
}

// Late answers for the handler when it has not answered in time: a page that says so and keeps what was typed. It asks nobody for anything.
func (h *Handling) Late(w http.ResponseWriter, r *http.Request) {
	h.site.headers(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h.site.Fail(w, keep(r), context.DeadlineExceeded)
	})).ServeHTTP(w, r)
}

// methods answers net/http's own plain 405 with a page.
func (s *Site) methods(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "/" && !reads(r) {
			get := r.Clone(r.Context())
			get.Method = http.MethodGet
			if _, p := mux.Handler(get); p != "/" {
				w.Header().Set("Allow", "GET, HEAD")
				s.Fail(w, r, &Error{Status: http.StatusMethodNotAllowed, Key: "error.method"})
				return
			}
		} else if pattern == "/" {
			post := r.Clone(r.Context())
			post.Method = http.MethodPost
			if _, p := mux.Handler(post); p != "/" {
				w.Header().Set("Allow", "POST")
				s.Fail(w, r, &Error{Status: http.StatusMethodNotAllowed, Key: "error.method"})
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Site) serve(route Route, lang people.Language) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r = keep(r)
		if lang != "" {
			r = withLang(r, lang)
		}
		if route.Role != "" {
			d, ok := s.SignedIn(r)
			if !ok {
				s.toSignIn(w, r)
				return
			}
			r = withLang(r, s.Programme.Nearest(d.Language))
			if !allows(d.Role, route.Role) {
				s.Fail(w, r, &Error{Status: http.StatusForbidden, Key: "error.role"})
				return
			}
		}
		if err := s.call(route.Handle, w, r); err != nil {
			s.Fail(w, r, err)
		}
	})
}

// call turns a panic into an error, so that one bad record cannot take a function down.
func (s *Site) call(h Handler, w http.ResponseWriter, r *http.Request) (err error) {
	defer func() {
		if p := recover(); p != nil && p != http.ErrAbortHandler {
			s.Log.ErrorContext(r.Context(), "panic", "value", fmt.Sprint(p), "stack", string(debug.Stack()))
			err = errors.New("panic")
		}
	}()
	return h(w, r)
}

func allows(has, needs programme.Role) bool {
	rank := map[programme.Role]int{programme.Viewer: 1, programme.Editor: 2, programme.Secretary: 3}
	return rank[has] >= rank[needs]
}

// elsewhere sends an address without a language to the reader's, one with a slash too many to the one without, and answers 404 to the
// rest. Whether a gateway brings /desk/ to the function that has /desk/{rest+} is not written anywhere: this is where it comes otherwise.
func (s *Site) elsewhere(w http.ResponseWriter, r *http.Request) {
	first, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	read := r.Method == http.MethodGet || r.Method == http.MethodHead
	if read && (rest != "" || first == "desk") && path.Clean(r.URL.Path)+"/" == r.URL.Path {
		to := strings.TrimSuffix(r.URL.EscapedPath(), "/")
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	if s.Programme.Speaks(people.Language(first)) {
		r = withLang(r, people.Language(first))
		if r.URL.Path == "/"+first && read {
			http.Redirect(w, r, "/"+first+"/", http.StatusSeeOther)
			return
		}
	} else if read && s.prefixed(r.URL.Path, first) {
		to := "/" + string(s.Preferred(r)) + r.URL.EscapedPath()
		if r.URL.RawQuery != "" {
			to += "?" + r.URL.RawQuery
		}
		w.Header().Add("Vary", "Accept-Language")
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	s.Fail(w, r, &Error{Status: http.StatusNotFound, Key: "error.missing"})
}

// prefixed tells whether a path without a language may be meant for the public pages.
func (s *Site) prefixed(address, first string) bool {
	switch first {
	case "":
		return address == "/"
	case "surveys", "subscribe", "subscription", "presenters", "events", "issues", "faq", "registers", "privacy", "accessibility", "feed.xml":
		return true
	}
	return false
}

// Preferred is the programme's language that the reader's browser asks for, else the default.
func (s *Site) Preferred(r *http.Request) people.Language {
	tags, _, err := language.ParseAcceptLanguage(clipHeader(r.Header.Get("Accept-Language")))
	if err == nil {
		for _, t := range tags {
			if l := people.Language(t.String()); s.Programme.Speaks(l) {
				return l
			}
			if b, _ := t.Base(); s.Programme.Speaks(people.Language(b.String())) {
				return people.Language(b.String())
			}
		}
	}
	return s.Programme.Default
}

func clipHeader(h string) string {
	if len(h) > 300 {
		return h[:300]
	}
	return h
}

// policy lets a page load what is ours, and send forms to us. Previews at the desk are frames of ours.
const policy = "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; frame-src 'self'"

// headers says what browsers and caches may do with an answer; a handler that knows better says so itself. Unless it does, an answer is its
// reader's own and is asked for each time: forms carry a key that must not be another reader's.
func (s *Site) headers(next http.Handler) http.Handler {
	secure := strings.HasPrefix(s.Programme.BaseURL, "https:")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "strict-origin-when-cross-origin")
		h.Set("Cache-Control", "private, no-cache")
		if personal(r) {
			// "no-referrer" would hide the address from ourselves as well, and with it the origin of a form that is sent.
			h.Set("Referrer-Policy", "same-origin")
			h.Set("X-Robots-Tag", "noindex")
			h.Set("Cache-Control", "no-store")
		}
		if secure {
			h.Set("Strict-Transport-Security", "max-age=63072000")
		}
		next.ServeHTTP(w, r)
	})
}

// personal tells pages behind a link, and the desk's.
func personal(r *http.Request) bool {
	return r.URL.Query().Has("link") || r.URL.Path == "/unsubscribe" || r.URL.Path == "/desk" || strings.HasPrefix(r.URL.Path, "/desk/")
}

// toSignIn leads whoever is not signed in to where that is done. A form that was sent after its session had ended is kept on the way.
func (s *Site) toSignIn(w http.ResponseWriter, r *http.Request) {
	if WantsJSON(r) || again(r) != nil {
		s.Fail(w, r, &Error{Status: http.StatusUnauthorized, Key: "error.signin"})
		return
	}
	to := "/desk/sign-in"
	if reads(r) {
		to += "?to=" + url.QueryEscape(r.URL.RequestURI())
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// Write sends a whole page at once, so that one that fails never leaves half of itself.
func (s *Site) write(w http.ResponseWriter, status int, contentType string, body *bytes.Buffer) error {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	_, err := body.WriteTo(w)
	if err != nil {
		s.Log.Debug("reader went away", "error", err)
	}
	return nil
}
