// Package issue is what the pages of issues, at the desk, and of their editions, at the press, have in common: how an address names an issue, and
// what the newsletter's errors are answered with.
//
// They are two functions that look like one to the secretariat. What may enter: what both need; no page.
package issue

import (
	"net/http"
	"strconv"

	"liaison/internal/newsletter"
	"liaison/internal/people"
	"liaison/internal/web"
)

// Pattern is the address of an issue at the desk, as a route.
const Pattern = "/desk/issues/{number}"

// Address of an issue at the desk.
func Address(number int) string { return "/desk/issues/" + strconv.Itoa(number) }

// EditionPattern is the address of an edition, as a route.
const EditionPattern = Pattern + "/editions/{lang}"

// EditionAddress is the address of an edition. Its letter and its paper are below it.
func EditionAddress(number int, l people.Language) string {
	return Address(number) + "/editions/" + string(l)
}

// Find reads the issue that the address of a request names, written in one way only.
func Find(r *http.Request, s *newsletter.Store) (*newsletter.Issue, error) {
	n, err := strconv.Atoi(r.PathValue("number"))
	if err != nil || strconv.Itoa(n) != r.PathValue("number") {
		return nil, web.NotFound()
	}
	return s.Issue(r.Context(), n)
}

// Statuses is the table from the newsletter's errors to answers.
var Statuses = []web.Status{
	{Err: newsletter.ErrNotFound, Status: http.StatusNotFound, Key: "error.missing"},
	{Err: newsletter.ErrStarted, Status: http.StatusConflict, Key: "issues.error.started"},
	{Err: newsletter.ErrStarting, Status: http.StatusConflict, Key: "issues.error.starting"},
	{Err: newsletter.ErrState, Status: http.StatusConflict, Key: "issues.error.state"},
	{Err: newsletter.ErrNoText, Status: http.StatusConflict, Key: "issues.error.notext"},
	{Err: newsletter.ErrInvalid, Status: http.StatusUnprocessableEntity, Key: "error.malformed"},
}
