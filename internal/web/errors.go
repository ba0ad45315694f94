package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/table"
)

// Error is an answer that is not the page asked for. Key is a message key; Key+".more", where it exists, says what to do.
type Error struct {
	Status int
	Key    string
	Args   []any
	Err    error // for the log only
}

func (e *Error) Error() string {
	if e.Err != nil {
		return e.Key + ": " + e.Err.Error()
	}
	return e.Key
}
func (e *Error) Unwrap() error { return e.Err }

// NotFound is the plain 404.
func NotFound() error { return &Error{Status: http.StatusNotFound, Key: "error.missing"} }

// Status is one line of the table from errors to answers.
type Status struct {
	Err    error
	Status int
	Key    string
}

var kernelStatuses = []Status{
	{link.ErrForged, http.StatusBadRequest, "error.link.forged"},
	{link.ErrExpired, http.StatusGone, "error.link.expired"},
	{table.ErrNotFound, http.StatusNotFound, "error.missing"},
	{table.ErrInvalid, http.StatusBadRequest, "error.malformed"}, // a cursor that somebody made up
	{table.ErrThrottled, http.StatusServiceUnavailable, "error.busy"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "error.slow"},
	{table.ErrConflict, http.StatusConflict, "error.conflict"},
	{form.ErrTooLarge, http.StatusRequestEntityTooLarge, "error.large"},
	{form.ErrMalformed, http.StatusBadRequest, "error.malformed"},
	{form.ErrMediaType, http.StatusUnsupportedMediaType, "error.media"},
}

// Fail answers with the page, or problem+json, that belongs to err. Internal text goes to the log only.
func (s *Site) Fail(w http.ResponseWriter, r *http.Request, err error) {
	e := s.answer(err)
	if e.Status == http.StatusInternalServerError && errors.Is(r.Context().Err(), context.DeadlineExceeded) {
		e = &Error{Status: http.StatusServiceUnavailable, Key: "error.slow", Err: err}
	}
	if e.Status >= 500 {
		s.Log.ErrorContext(r.Context(), "request failed", "route", r.Pattern, "status", e.Status, "error", err) // a path may hold anything
	}
	if e.Status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", retryAfter)
	}
	w.Header().Set("Cache-Control", "no-store")
	v := s.View(r)
	title := v.T(e.Key, e.Args...)
	more := ""
	if v.P.Has(e.Key + ".more") {
		more = v.T(e.Key+".more", e.Args...)
	}
	if WantsJSON(r) {
		s.problem(w, e.Status, problem{Title: title, Status: e.Status, Detail: more})
		return
	}
	page := &errorPage{View: v, Heading: title, More: more, SignIn: e.Status == http.StatusUnauthorized}
	if e.Status >= 500 || e.Status == http.StatusTooManyRequests || page.SignIn {
		page.Again = again(r)
	}
	page.Title = title
	if err := s.Show(w, e.Status, page); err != nil {
		http.Error(w, title, e.Status)
	}
}

func (s *Site) answer(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	for _, line := range append(s.Statuses[:len(s.Statuses):len(s.Statuses)], kernelStatuses...) {
		if errors.Is(err, line.Err) {
			return &Error{Status: line.Status, Key: line.Key, Err: err}
		}
	}
	return &Error{Status: http.StatusInternalServerError, Key: "error.internal", Err: err}
}

type errorPage struct {
	*View
	Heading, More string
	SignIn        bool
	Again         *Again // what was typed, where it could not be taken through no fault of its own
}

// Content implements Page.
func (p *errorPage) Content() g.Node {
	back := A(p.At("/"), p.T("error.back"))
	if p.AtDesk {
		back = A("/desk/", p.T("error.back.desk"))
	}
	return g.Group{
		h.H1(g.Text(p.Heading)),
		g.If(p.More != "", h.P(h.Class("lede"), g.Text(p.More))),
		g.If(p.SignIn, h.P(A("/desk/sign-in", p.T("signin.title"), h.Target("_blank"), h.Rel("noopener")))),
		p.Again.form(p.View),
		h.P(back),
	}
}

// form sends again what was kept.
func (a *Again) form(v *View) g.Node {
	if a == nil {
		return nil
	}
	return h.Form(h.Class("card"), h.Method("post"), Action(a.Action), g.If(a.File != "", h.EncType("multipart/form-data")),
		h.P(v.W("error.again.kept")),
		Map(a.Fields, func(s Sent) g.Node { return Hidden(s.Name, s.Value) }),
		g.If(a.File != "", h.Div(h.Class("field"), h.Label(h.For("f-list"), v.W("error.again.file", "Name", a.File)), v.FileInput())),
		Acts(h.Button(v.W("error.again"))))
}

// retryAfter is when a program should ask again, in seconds.
const retryAfter = "20"

type problem struct {
	Type   string         `json:"type,omitempty"`
	Title  string         `json:"title"`
	Status int            `json:"status"`
	Detail string         `json:"detail,omitempty"`
	Errors []form.Message `json:"errors,omitempty"`
	More   int            `json:"more,omitempty"` // errors that are not listed
}

// mostErrors is how many errors an answer lists. A list file may have several in each of its thousands of rows, and an answer 6 MB.
const mostErrors = 5_000

func (s *Site) problem(w http.ResponseWriter, status int, p problem) {
	w.Header().Set("Cache-Control", "no-store") // also of a form that has errors
	if len(p.Errors) > mostErrors {
		p.Errors, p.More = p.Errors[:mostErrors], len(p.Errors)-mostErrors
	}
	_ = s.jsonAs(w, status, "application/problem+json", p)
}

// Problem answers with v as application/problem+json; v holds title and status, and what a client may want besides.
func (s *Site) Problem(w http.ResponseWriter, status int, v any) error {
	return s.jsonAs(w, status, "application/problem+json", v)
}

// WantsJSON tells whether the answer should be JSON: the body was, or Accept asks for it and not for HTML. What a GET says of a body that
// it has not counts for nothing: caches tell answers apart by Accept alone, and would give the next reader's browser JSON.
func WantsJSON(r *http.Request) bool {
	accept := r.Header.Get("Accept")
	return !reads(r) && strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") ||
		strings.Contains(accept, "json") && !strings.Contains(accept, "text/html")
}

// reads tells a request that only asks for a page.
func reads(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }

// JSON answers with v.
func (s *Site) JSON(w http.ResponseWriter, status int, v any) error {
	return s.jsonAs(w, status, "application/json", v)
}

func (s *Site) jsonAs(w http.ResponseWriter, status int, contentType string, v any) error {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(true)
	if err := enc.Encode(v); err != nil {
		return err
	}
	return s.write(w, status, contentType, &buf)
}

// Refuse answers a form that has errors: 422 problem+json, or calls page, which renders the form again with status 422.
func (s *Site) Refuse(w http.ResponseWriter, r *http.Request, shown *form.View, page func(status int) error) error {
	if WantsJSON(r) {
		s.problem(w, http.StatusUnprocessableEntity, problem{Title: s.View(r).T("form.problem"), Status: 422, Errors: shown.Messages()})
		return nil
	}
	return page(http.StatusUnprocessableEntity)
}

// Done answers a POST that succeeded: JSON where wanted, else 303 to the address.
func (s *Site) Done(w http.ResponseWriter, r *http.Request, to string, v any) error {
	if WantsJSON(r) {
		return s.JSON(w, http.StatusOK, v)
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}
