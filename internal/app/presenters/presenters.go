// Package presenters puts the function together that serves what experts see behind their links: registration, and answers to requests.
package presenters

import (
	"net/http"

	"liaison/internal/app"
	"liaison/internal/app/rooms"
	"liaison/internal/app/site"
	"liaison/internal/web"
	"liaison/internal/web/presenters"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (http.Handler, error) { return site.Serve(o, Pages) }

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	return []web.Function{&presenters.Presenters{Site: s, Bank: rooms.Bank(o, s.Links), Book: rooms.Book(o, s.Links)}}
}
