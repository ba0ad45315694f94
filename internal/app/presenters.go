package app

import (
	"context"
	"time"

	"liaison/internal/event"
	"liaison/internal/letter"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/web"
	"liaison/internal/web/desk"
	"liaison/internal/web/presenters"
	"liaison/internal/web/publications"
	"liaison/internal/web/recommend"
)

// presenters is what experts see behind their links.
func (o *Outside) presenters(site *web.Site) ([]web.Function, error) {
	return []web.Function{&presenters.Presenters{Site: site, Bank: o.bank(site.Links), Book: o.book(site.Links)}}, nil
}

// recommend is what hosts see behind theirs.
func (o *Outside) recommend(site *web.Site) ([]web.Function, error) {
	book := o.book(site.Links)
	return []web.Function{&recommend.Recommend{Site: site, Book: book, Rank: ranking(o.bank(site.Links), book)}}, nil
}

// calendar is the public part of the events.
func (o *Outside) calendar(site *web.Site) *publications.Calendar {
	return &publications.Calendar{Site: site, Book: o.book(site.Links)}
}

// outreach is the part of the desk that deals with experts and events.
func (o *Outside) outreach(site *web.Site) []web.Function {
	bank, book := o.bank(site.Links), o.book(site.Links)
	return []web.Function{
		&desk.Roster{Site: site, Bank: bank, Book: book},
		&desk.Events{Site: site, Book: book, Bank: bank, Rank: ranking(bank, book)},
	}
}

func (o *Outside) book(links *link.Links) *event.Book {
	return &event.Book{Table: o.Records, Programme: o.Programme, Links: links, Mails: eventMails{o.letters()}, Outbox: o.outbox(), Audit: o.audit(), Now: o.Now, NewID: o.NewID}
}

// ranking joins the bank and the bookings of a year for the pure ranking: what is told in a result is as it stands when asked for.
func ranking(bank *presenter.Bank, book *event.Book) func(context.Context, event.Event) (matching.Result, map[string]presenter.Expert, error) {
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

// eventMails words the mails about events.
type eventMails struct{ *letter.Letters }

func facts(f event.Facts) letter.EventFacts {
	return letter.EventFacts{Name: f.Name, Organiser: f.Organiser, Place: f.Place, URL: f.URL, Days: f.Days, Country: f.Country, Travel: f.Travel,
		Online: f.Mode == people.Online || f.Mode == people.Hybrid}
}

func (m eventMails) EventRequest(lang people.Language, to mail.Address, f event.Facts, note, address string, again bool) mail.Message {
	return m.Letters.EventRequest(lang, to, facts(f), note, address, again)
}

func (m eventMails) EventAnswered(lang people.Language, to mail.Address, f event.Facts, accepted bool) mail.Message {
	return m.Letters.EventAnswered(lang, to, facts(f), accepted)
}

func (m eventMails) EventHost(lang people.Language, to mail.Address, f event.Facts, address string, until time.Time) mail.Message {
	return m.Letters.EventHost(lang, to, facts(f), address, until)
}
