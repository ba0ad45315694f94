// Package desk puts the function together that serves the secretariat. It uses every idea and reads workbooks; the text of issues is
// another function's (package press).
package desk

import (
	"context"
	"net/http"
	"slices"

	"liaison/internal/app"
	"liaison/internal/app/ranking"
	"liaison/internal/app/rooms"
	"liaison/internal/app/site"
	"liaison/internal/web"
	"liaison/internal/web/desk"
	"liaison/internal/web/issue"
)

// New makes the handler of the Lambda.
func New(o *app.Outside) (http.Handler, error) { return site.Serve(o, Pages) }

// Pages is its share of the site.
func Pages(o *app.Outside, s *web.Site) []web.Function {
	s.Statuses = slices.Concat(s.Statuses, desk.AnswerStatuses, issue.Statuses)
	surveys, list := rooms.Surveys(o, s.Links), rooms.Subscribers(o, s.Links)
	bank, book, office := rooms.Bank(o, s.Links), rooms.Book(o, s.Links), rooms.Issues(o)
	list.Allow = (&web.Limiter{Table: o.People, Now: o.Now}).Allow
	surveys.Accept = acceptance{list, book}
	return []web.Function{
		&desk.SignIn{Site: s, Table: o.Records, Letters: rooms.Letters(o), Post: o.Outbox().Post},
		&desk.Overview{Site: s, Tallies: surveys.Tallies, Subscribers: list.Counts, Experts: bank.Counts,
			Upcoming: func(ctx context.Context) (int, error) {
				page, err := book.From(ctx, book.Today(), 100, "")
				return len(page.Events), err
			},
			Issues: office.Issues, Progress: office.Progress},
		&desk.Answers{Site: s, Surveys: surveys},
		&desk.Record{Site: s, Log: o.Audit()},
		&desk.Issues{Site: s, Office: office},
		&desk.Subscribers{Site: s, List: list, Log: o.Audit()},
		&desk.Roster{Site: s, Bank: bank, Book: book},
		&desk.Events{Site: s, Book: book, Bank: bank, Rank: ranking.Of(bank, book)},
	}
}
