// Package subscriptions puts the function together that serves sign-up, confirmation, preferences, unsubscribing, export and erasure.
package subscriptions

import (
	"net/http"

	"liaison/internal/app"
	"liaison/internal/app/rooms"
	"liaison/internal/app/site"
	"liaison/internal/web"
	"liaison/internal/web/subscriptions"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (http.Handler, error) { return site.Serve(o, Pages) }

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	limit := &web.Limiter{Table: o.People, Now: o.Now}
	list := rooms.Subscribers(o, s.Links)
	list.Allow = limit.Allow
	return []web.Function{&subscriptions.Pages{Site: s, List: list, Limit: limit}}
}
