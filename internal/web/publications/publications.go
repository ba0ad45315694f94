// Package publications is what the public reads: the home page, newsletter issues, the calendar, and the pages about the programme.
//
// Each file holds one page with its routes, handlers and page data, as a web.Function of its own; app joins them. What may enter:
// pages that change nothing and are the same for every reader, so that caches between us and them may keep them.
package publications

import "liaison/internal/web"

// Static serves the stylesheet and the script of every page.
type Static struct{}

// Routes implements web.Function.
func (Static) Routes() []web.Route {
	return []web.Route{web.Get("/static/{file}", web.Static)}
}
