// Package ranking brings the bank of presenters and the bookings of a year to the pure ranking, for the desk and for hosts.
package ranking

import (
	"context"
	"time"

	"liaison/internal/event"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
)

// Of joins the bank and the bookings of a year for the pure ranking: what is told in a result is as it stands when asked for.
func Of(bank *presenter.Bank, book *event.Book) func(context.Context, event.Event) (matching.Result, map[string]presenter.Expert, error) {
	return func(ctx context.Context, e event.Event) (matching.Result, map[string]presenter.Expert, error) {
		experts, err := bank.Presenters(ctx)
		if err != nil {
			return matching.Result{}, nil, err
		}
		booked, err := bookings(ctx, book, e)
		if err != nil {
			return matching.Result{}, nil, err
		}
		byID := make(map[string]presenter.Expert, len(experts))
		candidates := make([]matching.Candidate, 0, len(experts))
		for _, x := range experts {
			if r := x.Registration; r != nil {
				byID[x.ID] = x
				candidates = append(candidates, matching.Candidate{
					ID: x.ID, Registered: x.State == presenter.Yes, Languages: r.Languages, Topics: r.Topics, Country: r.Country, Regions: r.Regions, Countries: r.Countries,
					Unavailable: r.Unavailable, Booked: booked[x.ID], Yearly: r.Yearly, Travel: r.Travel, Category: r.Category, Gender: r.Gender,
				})
			}
		}
		facts := matching.Event{Days: e.Days(), Country: e.Country, Mode: e.Mode, Languages: e.Languages, Topics: e.Topics, Travel: e.Travel}
		return matching.Rank(facts, candidates), byID, nil
	}
}

// bookings finds the other events that presenters accepted, of the event's year and the one before, from which a long one may reach into it.
func bookings(ctx context.Context, book *event.Book, e event.Event) (map[string][]people.Span, error) {
	days := e.Days()
	if days.From == "" {
		days = people.Span{From: book.Today()}
	}
	year := days.From.Time()
	from := time.Date(year.Year()-1, 1, 1, 0, 0, 0, 0, time.UTC)
	to := time.Date(days.Last().Time().Year(), 12, 31, 0, 0, 0, 0, time.UTC)
	list, err := book.Bookings(ctx, people.DateOf(from), people.DateOf(to))
	out := map[string][]people.Span{}
	for _, b := range list {
		if b.Event != e.ID {
			out[b.Presenter] = append(out[b.Presenter], b.Days)
		}
	}
	return out, err
}
