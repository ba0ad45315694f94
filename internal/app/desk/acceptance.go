package desk

import (
	"context"

	"liaison/internal/event"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/survey"
)

// acceptance leads accepted rows into the rooms that they are meant for.
type acceptance struct {
	list *subscription.List
	book *event.Book
}

func (a acceptance) AcceptOrganisation(ctx context.Context, from survey.Origin, o survey.Organisation) error {
	_, err := a.list.Nominate(ctx, subscription.Nomination{ID: from.ID, Email: o.Email, Organisation: o.Name, About: o.About, URL: o.URL,
		Language: from.Language, By: from.Respondent.Organisation})
	return err
}

func (a acceptance) AcceptEvent(ctx context.Context, from survey.Origin, e survey.Event) error {
	return a.book.Accept(ctx, event.Event{ID: from.ID, Name: e.Name, Start: people.Date(e.Start), End: people.Date(e.End), Organiser: e.Organiser, Audience: e.Audience,
		Email: e.Email, URL: e.URL, Place: e.Place, Country: e.Country, Mode: people.Mode(e.Mode), Languages: e.Languages, Topics: e.Topics, Presenters: e.Presenters,
		Travel: people.Travel(e.Travel)})
}

// AcceptQuestion has nothing to bring about: the accepted rows of the survey are the collection that the secretariat edits.
func (acceptance) AcceptQuestion(context.Context, survey.Origin, survey.Question) error { return nil }
