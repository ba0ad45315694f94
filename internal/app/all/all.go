// Package all joins every function of the programme for one machine. No Lambda links it.
package all

import (
	"context"
	"errors"
	"net/http"

	"liaison/internal/app"
	"liaison/internal/app/clock"
	"liaison/internal/app/deliver"
	"liaison/internal/app/desk"
	"liaison/internal/app/fanout"
	"liaison/internal/app/feedback"
	"liaison/internal/app/intake"
	"liaison/internal/app/presenters"
	"liaison/internal/app/press"
	"liaison/internal/app/publications"
	"liaison/internal/app/recommend"
	"liaison/internal/app/site"
	"liaison/internal/app/subscriptions"
	"liaison/internal/web"
)

// Everything is the whole programme on one machine.
type Everything struct {
	HTTP                    http.Handler
	Tick                    app.Tick
	Plan, Deliver, Feedback app.Message
}

// New joins every function.
func New(o *app.Outside) (*Everything, error) {
	var e Everything
	var errs [5]error
	e.HTTP, errs[0] = site.Serve(o, intake.Pages, subscriptions.Pages, presenters.Pages, recommend.Pages, publications.Pages, desk.Pages, press.Pages)
	tick, err := clock.New(o)
	print := press.Tick(o)
	e.Tick, errs[1] = func(ctx context.Context) error { return errors.Join(print(ctx), tick(ctx)) }, err
	e.Plan, errs[2] = fanout.New(o)
	e.Deliver, errs[3] = deliver.New(o)
	e.Feedback, errs[4] = feedback.New(o)
	return &e, errors.Join(errs[:]...)
}

// Routes lists every HTTP function's addresses, by the name of its folder.
func Routes(o *app.Outside) (map[string][]web.Route, error) {
	s, err := site.New(o)
	if err != nil {
		return nil, err
	}
	out := map[string][]web.Route{}
	for name, pages := range map[string]site.Share{
		"intake": intake.Pages, "subscriptions": subscriptions.Pages, "presenters": presenters.Pages,
		"recommend": recommend.Pages, "publications": publications.Pages, "desk": desk.Pages, "press": press.Pages,
	} {
		for _, f := range pages(o, s) {
			out[name] = append(out[name], f.Routes()...)
		}
	}
	return out, nil
}
