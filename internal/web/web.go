// Package web is the kernel of every page: the site, its layout and the parts of pages, languages, errors, sessions and JSON twins.
//
// Pages themselves live in one sub-package per HTTP function (web/intake, web/desk, …), one file per page with its handler, data and
// form. What may enter here: what at least two of them need.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/programme"
)

// Site is what every page knows.
type Site struct {
	Programme *programme.Programme
	Links     *link.Links
	Now       func() time.Time
	NewID     func() string // random, URL-safe, at least 128 bits
	Log       *slog.Logger
	// Statuses maps domain errors to answers, beside the kernel's own table; sub-packages' constructors append to a copy.
	Statuses []Status
}

// Handler answers a request or returns an error that the wrapper answers.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one address. Path is a net/http pattern without the method; a path that begins with "/{lang}/" exists in every
// language of the programme, and the handler finds the language in LangOf.
type Route struct {
	Method string
	Path   string
	Handle Handler
	// Role, when set, wants somebody of the secretariat who has at least that role.
	Role programme.Role
}

// Get and Post make public routes; GET serves HEAD too.
func Get(path string, h Handler) Route  { return Route{Method: http.MethodGet, Path: path, Handle: h} }
func Post(path string, h Handler) Route { return Route{Method: http.MethodPost, Path: path, Handle: h} }

// For makes the route need a role.
func (r Route) For(role programme.Role) Route { r.Role = role; return r }

// Function is one HTTP function's share of the site.
type Function interface{ Routes() []Route }

type ctxKey int

const langKey ctxKey = 1

func withLang(r *http.Request, lang people.Language) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), langKey, lang))
}

// LangOf is the page's language: of the path, at the desk of the person, else the reader's preference.
func (s *Site) LangOf(r *http.Request) people.Language {
	if l, ok := r.Context().Value(langKey).(people.Language); ok {
		return l
	}
	first, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if s.Programme.Speaks(people.Language(first)) {
		return people.Language(first)
	}
	return s.Preferred(r)
}

// Both does two things at once, for a page that reads what has nothing to do with each other, and returns the errors of both. A panic
// of either is the caller's, where it is turned into an answer.
func Both(one, other func() error) error {
	var err error
	var raised any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() { raised = recover() }()
		err = other()
	}()
	first := one()
	<-done
	if raised != nil {
		panic(raised)
	}
	return errors.Join(first, err)
}
