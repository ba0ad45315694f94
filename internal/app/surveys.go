package app

import (
	"context"

	"liaison/internal/event"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/survey"
)

// surveys takes answers. Nobody can decide on them: for that the desk adds what accepting brings about.
func (o *Outside) surveys(links *link.Links) *survey.Surveys {
	return &survey.Surveys{Table: o.Records, Programme: o.Programme, Links: links, Mails: o.letters(), Post: o.outbox().Post, Audit: o.audit(),
		Now: o.Now, NewID: o.NewID, Log: o.Log}
}

// acceptance is what accepting a row brings about in the other rooms.
type acceptance struct {
	subscribers *subscription.List
	events      *event.Book
}

// AcceptOrganisation implements survey.Acceptance. The organisation learns who proposed it by that organisation's name, never a person's.
func (a acceptance) AcceptOrganisation(ctx context.Context, from survey.Origin, o survey.Organisation) error {
	_, err := a.subscribers.Nominate(ctx, subscription.Nomination{ID: from.ID, Email: o.Email, Organisation: o.Name, About: o.About, URL: o.URL,
		Country: from.Respondent.Country, Language: from.Language, By: from.Respondent.Organisation})
	return err
}

// AcceptEvent implements survey.Acceptance.
func (a acceptance) AcceptEvent(ctx context.Context, from survey.Origin, e survey.Event) error {
	return a.events.Accept(ctx, event.Event{ID: from.ID, Name: e.Name, Start: people.Date(e.Start), End: people.Date(e.End), Organiser: e.Organiser, Audience: e.Audience,
		Email: e.Email, URL: e.URL, Place: e.Place, Country: e.Country, Mode: people.Mode(e.Mode), Languages: e.Languages, Topics: e.Topics,
		Presenters: e.Presenters, Travel: people.Travel(e.Travel), Source: "survey"})
}

// AcceptQuestion implements survey.Acceptance. A collected question is its row: nothing else happens until a list of questions is published.
func (a acceptance) AcceptQuestion(context.Context, survey.Origin, survey.Question) error { return nil }
