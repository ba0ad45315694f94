// Package publications puts the function together that serves what the public reads, and the answer to every address that is nobody's.
// It reads no Markdown, prints nothing and writes to nobody: pages, letters and PDFs were made when an issue started.
package publications

import (
	"net/http"

	"liaison/internal/app"
	"liaison/internal/app/site"
	"liaison/internal/event"
	"liaison/internal/newsletter"
	"liaison/internal/web"
	"liaison/internal/web/publications"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (http.Handler, error) { return site.Serve(o, Pages) }

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	issues := &publications.Issues{Site: s, Store: &newsletter.Store{Table: o.Records}}
	calendar := &publications.Calendar{Site: s, Book: &event.Book{Table: o.Records, Programme: o.Programme, Now: o.Now, NewID: o.NewID}}
	return []web.Function{
		publications.Static{},
		&publications.Home{Site: s, Issues: issues, Calendar: calendar},
		issues,
		&publications.About{Site: s},
		calendar,
	}
}
