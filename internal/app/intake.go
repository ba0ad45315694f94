package app

import (
	"context"

	"liaison/internal/event"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/survey"
	"liaison/internal/web"
	"liaison/internal/web/intake"
)

// intake serves the public side of the surveys.
func (o *Outside) intake(site *web.Site) ([]web.Function, error) {
	return []web.Function{&intake.Pages{Site: site, Surveys: o.answers(site.Links), Limit: &web.Limiter{Table: o.Records, Now: o.Now}}}, nil
}

// answers takes and keeps the answers to the surveys.
func (o *Outside) answers(links *link.Links) *survey.Surveys {
	return &survey.Surveys{Table: o.Records, Programme: o.Programme, Links: links, Mails: o.letters(), Post: o.outbox().Post, Audit: o.audit(),
		Now: o.Now, NewID: o.NewID, Log: o.Log}
}

// surveys also decides on them, for the desk.
func (o *Outside) surveys(links *link.Links) *survey.Surveys {
	s := o.answers(links)
	s.Accept = acceptance{o.subscribers(links), o.book(links)}
	return s
}

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
