// Package rooms gives each idea what it needs from outside, its letters among it: the same way for every function that puts pages
// to it, and for the clock.
//
// What may enter: one constructor for each idea, and how one idea's words become another's letter. Functions that write to nobody
// (fanout, deliver, feedback) do without it, and so without all wording.
package rooms

import (
	"slices"

	"liaison/internal/app"
	"liaison/internal/event"
	"liaison/internal/letter"
	"liaison/internal/link"
	"liaison/internal/presenter"
	"liaison/internal/subscription"
	"liaison/internal/survey"
)

// Letters writes the programme's transactional mails.
func Letters(o *app.Outside) *letter.Letters { return &letter.Letters{Programme: o.Programme} }

// Surveys takes and keeps the answers to the surveys. Accepting them is the desk's, which sets Accept.
func Surveys(o *app.Outside, links *link.Links) *survey.Surveys {
	return &survey.Surveys{Table: o.Records, Programme: o.Programme, Links: links, Mails: Letters(o), Post: o.Outbox().Post, Audit: o.Audit(),
		Now: o.Now, NewID: o.NewID, Log: o.Log, Meter: o.Meter}
}

// Subscribers is the list of subscribers. Whoever takes requests from the public sets Allow, which limits them.
func Subscribers(o *app.Outside, links *link.Links) *subscription.List {
	l := &subscription.List{Table: o.People, Post: o.Outbox(), Letters: Letters(o), Links: links, Programme: o.Programme, Now: o.Now, NewID: o.NewID,
		Meter: o.Meter}
	for _, k := range slices.Concat(o.Keys, o.Retired) { // an address that was suppressed under any key stays suppressed
		l.Peppers = append(l.Peppers, subscription.PepperFrom(k))
	}
	return l
}

// Bank is the roster of experts and the presenters among them.
func Bank(o *app.Outside, links *link.Links) *presenter.Bank {
	return &presenter.Bank{Table: o.People, Programme: o.Programme, Links: links, Mails: Letters(o), Outbox: o.Outbox(), Audit: o.Audit(), Now: o.Now, NewID: o.NewID,
		Meter: o.Meter}
}

// Book is the events with their presenters.
func Book(o *app.Outside, links *link.Links) *event.Book {
	return &event.Book{Table: o.Records, Programme: o.Programme, Links: links, Mails: eventMails{Letters(o)}, Outbox: o.Outbox(), Audit: o.Audit(), Now: o.Now, NewID: o.NewID}
}
