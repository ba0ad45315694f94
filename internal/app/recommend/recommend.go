// Package recommend puts the function together that serves what hosts see behind their links: the recommended presenters.
package recommend

import (
	"net/http"

	"liaison/internal/app"
	"liaison/internal/app/ranking"
	"liaison/internal/app/rooms"
	"liaison/internal/app/site"
	"liaison/internal/web"
	"liaison/internal/web/recommend"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (http.Handler, error) { return site.Serve(o, Pages) }

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	book := rooms.Book(o, s.Links)
	return []web.Function{&recommend.Recommend{Site: s, Book: book, Rank: ranking.Of(rooms.Bank(o, s.Links), book)}}
}
