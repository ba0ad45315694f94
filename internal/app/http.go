package app

import (
	"net/http"

	"liaison/internal/web"
	"liaison/internal/web/desk"
)

// An HTTP function is a handler for its own routes. Each constructor below names just the rooms that its Lambda links.

// Intake serves the surveys: forms, list upload, receipts, edit links.
func Intake(o *Outside) (http.Handler, error) { return o.serve(o.intake) }

// Subscriptions serves sign-up, confirmation, preferences, unsubscribing, export and erasure.
func Subscriptions(o *Outside) (http.Handler, error) { return o.serve(o.subscriptions) }

// Presenters serves registration from a personal link, and answers to requests.
func Presenters(o *Outside) (http.Handler, error) { return o.serve(o.presenters) }

// Recommend serves the host's page of recommended presenters.
func Recommend(o *Outside) (http.Handler, error) { return o.serve(o.recommend) }

// Publications serves what the public reads, and the answer to every address that is nobody's.
func Publications(o *Outside) (http.Handler, error) { return o.serve(o.publications) }

// Desk serves the secretariat.
func Desk(o *Outside) (http.Handler, error) { return o.serve(o.desk) }

// share makes one function's part of the site.
type share func(*web.Site) ([]web.Function, error)

func (o *Outside) serve(shares ...share) (http.Handler, error) {
	site, err := o.site()
	if err != nil {
		return nil, err
	}
	var all []web.Function
	for _, s := range shares {
		functions, err := s(site)
		if err != nil {
			return nil, err
		}
		all = append(all, functions...)
	}
	return site.Handler(all...), nil
}

// Routes lists every HTTP function's addresses, by the name of its folder.
func Routes(o *Outside) (map[string][]web.Route, error) {
	site, err := o.site()
	if err != nil {
		return nil, err
	}
	out := map[string][]web.Route{}
	for name, s := range map[string]share{
		"intake": o.intake, "subscriptions": o.subscriptions, "presenters": o.presenters,
		"recommend": o.recommend, "publications": o.publications, "desk": o.desk,
	} {
		functions, err := s(site)
		if err != nil {
			return nil, err
		}
		for _, f := range functions {
			out[name] = append(out[name], f.Routes()...)
		}
	}
	return out, nil
}

func (o *Outside) desk(site *web.Site) ([]web.Function, error) {
	site.Statuses = append(site.Statuses, desk.AnswerStatuses...)
	return append([]web.Function{
		&desk.SignIn{Site: site, Table: o.Records, Letters: o.letters(), Post: o.outbox().Post},
		o.overview(site),
		&desk.Answers{Site: site, Surveys: o.surveys(site.Links)},
		&desk.Record{Site: site, Log: o.audit()},
		&desk.Issues{Site: site, Office: o.office()},
		o.deskSubscribers(site),
	}, o.outreach(site)...), nil
}
