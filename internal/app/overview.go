package app

import (
	"context"

	"liaison/internal/web"
	"liaison/internal/web/desk"
)

func (o *Outside) overview(site *web.Site) web.Function {
	office, book, bank := o.office(), o.book(site.Links), o.bank(site.Links)
	return &desk.Overview{Site: site, Tallies: o.surveys(site.Links).Tallies, Subscribers: o.subscribers(site.Links).Counts, Experts: bank.Counts,
		Upcoming: func(ctx context.Context) (int, error) {
			page, err := book.From(ctx, book.Today(), 100, "")
			return len(page.Events), err
		},
		Issues: office.Issues, Progress: office.Progress}
}
