// Package intake puts the function together that serves the surveys: forms, list upload, receipts, edit links. It links the reader of
// workbooks, and nothing that prints.
package intake

import (
	"net/http"

	"liaison/internal/app"
	"liaison/internal/app/rooms"
	"liaison/internal/app/site"
	"liaison/internal/web"
	"liaison/internal/web/intake"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (http.Handler, error) { return site.Serve(o, Pages) }

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	return []web.Function{&intake.Pages{Site: s, Surveys: rooms.Surveys(o, s.Links), Limit: &web.Limiter{Table: o.Records, Now: o.Now}}}
}
