// Package event keeps the events at which the work could be presented, and who was asked to present at them.
//
// Events come from accepted rows of the events survey, or by hand from the desk. A request asks one presenter for one event; the answer is
// hers, by a personal link, or is recorded at the desk. What may enter: facts about events and requests. Presenters are known here by id
// alone; who they are is package presenter, who fits is package matching.
//
// Keys in the Programme table:
//
//	EVENT#id / EVENT              the event; index1 EVENTS / start#id
//	EVENT#id / REQUEST#presenter  one request; while accepted index1 BOOKINGS / start#id#presenter; index2 REQUESTS#presenter / start#id
//
// An event without a date has the start "9999-99-99", which sorts after all others. Requests carry the days of their event, so that
// bookings are read without the events; a change of dates rewrites them in the same transaction.
package event

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"liaison/internal/audit"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

const (
	// LinkLife is how long a request's and a host's link opens.
	LinkLife = 180 * 24 * time.Hour
	// Quiet is how long after a mail about a request or to a host the same mail is not sent again.
	Quiet = 10 * time.Minute
	// MaxRequests is how many presenters may be asked for one event.
	MaxRequests = 90
)

var (
	ErrNotFound = fmt.Errorf("event: no such event: %w", table.ErrNotFound)
	// ErrChanged: somebody stored the event since the form was shown. The event as it stands now is returned with it.
	ErrChanged = errors.New("event: changed meanwhile")
	// ErrSuperseded: a newer link was mailed.
	ErrSuperseded = errors.New("event: a newer link was issued")
	// ErrFull: MaxRequests presenters were asked.
	ErrFull = errors.New("event: too many requests")
	// ErrNoContact: the event has no contact address to mail to.
	ErrNoContact = errors.New("event: no contact address")
	// ErrQuiet: the same mail went out less than Quiet ago.
	ErrQuiet = errors.New("event: mailed just now")
	// ErrInvalid: an event without a name or with an id that cannot be one.
	ErrInvalid = errors.New("event: invalid")
)

// Event is a seminar, conference, workshop or training programme of somebody else's. Only ID and Name are certain.
type Event struct {
	ID         string              `json:"id"`
	Name       string              `json:"name"`
	Start      people.Date         `json:"start,omitempty"`
	End        people.Date         `json:"end,omitempty"` // empty: one day
	Organiser  string              `json:"organiser,omitempty"`
	Audience   string              `json:"audience,omitempty"`
	Email      people.EmailAddress `json:"email,omitempty"` // of the host's contact; shown at the desk only
	URL        string              `json:"url,omitempty"`
	Place      string              `json:"place,omitempty"`
	Country    people.Country      `json:"country,omitempty"`
	Mode       people.Mode         `json:"mode,omitempty"`
	Languages  []people.Language   `json:"languages,omitempty"`
	Topics     []string            `json:"topics,omitempty"`
	Presenters int                 `json:"presenters,omitempty"` // wanted; 0 is not said
	Travel     people.Travel       `json:"travel,omitempty"`

	Source    string    `json:"source"` // "survey" or "desk"
	Withdrawn bool      `json:"withdrawn,omitempty"`
	Host      *Issued   `json:"host,omitempty"` // the latest link that was mailed to the host
	Revision  int       `json:"revision"`       // counts what is stored at the desk; a form carries it
	Created   time.Time `json:"created"`
	Changed   time.Time `json:"changed"`

	version int64
}

// Issued is the latest link of a kind.
type Issued struct {
	Generation int       `json:"generation"`
	At         time.Time `json:"at"`
	By         string    `json:"by"`
}

// Days of the event.
func (e *Event) Days() people.Span { return people.Span{From: e.Start, To: e.End} }

// Past tells whether the event was over before today began.
func (e *Event) Past(today people.Date) bool { return e.Start != "" && e.Days().Last() < today }

// same compares what a form can change.
func (e *Event) same(o *Event) bool {
	return e.Name == o.Name && e.Start == o.Start && e.End == o.End && e.Organiser == o.Organiser && e.Audience == o.Audience && e.Email == o.Email &&
		e.URL == o.URL && e.Place == o.Place && e.Country == o.Country && e.Mode == o.Mode && slices.Equal(e.Languages, o.Languages) &&
		slices.Equal(e.Topics, o.Topics) && e.Presenters == o.Presenters && e.Travel == o.Travel && e.Withdrawn == o.Withdrawn
}

// normal puts dates in order.
func (e *Event) normal() error {
	if e.End != "" && e.Start != "" && e.End < e.Start {
		e.Start, e.End = e.End, e.Start
	}
	if e.End == e.Start {
		e.End = ""
	}
	if e.Start == "" {
		e.Start, e.End = e.End, ""
	}
	if e.Name == "" || !validID(e.ID) {
		return ErrInvalid
	}
	return nil
}

// validID keeps what strangers put into an address out of keys.
func validID(id string) bool {
	return id != "" && len(id) <= 100 && strings.IndexFunc(id, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == '-' || r == '_')
	}) < 0
}

// Facts are what a mail says of an event, in plain values; the writer words them.
type Facts struct {
	Name, Organiser, Place string
	Days                   people.Span
	Country                people.Country
	Mode                   people.Mode
	Travel                 people.Travel
	URL                    string
}

func (e *Event) facts() Facts {
	return Facts{Name: e.Name, Organiser: e.Organiser, Place: e.Place, Days: e.Days(), Country: e.Country, Mode: e.Mode, Travel: e.Travel, URL: e.URL}
}

// Mails words the mails about events.
type Mails interface {
	// EventRequest asks a presenter; note is the secretary's own words and may be empty; again marks a link that she asked for.
	EventRequest(lang people.Language, to mail.Address, f Facts, note, address string, again bool) mail.Message
	// EventAnswered confirms a presenter's answer.
	EventAnswered(lang people.Language, to mail.Address, f Facts, accepted bool) mail.Message
	// EventHost gives the host the link to the page of presenters.
	EventHost(lang people.Language, to mail.Address, f Facts, address string, until time.Time) mail.Message
}

// Outbox makes mails durable. Posting an id again is the same mail.
type Outbox interface {
	Post(ctx context.Context, id string, m mail.Message) error
}

// Book is the events and their requests.
type Book struct {
	Table     table.Table
	Programme *programme.Programme // for the language of a link's page
	Links     *link.Links
	Mails     Mails
	Outbox    Outbox
	Audit     *audit.Log
	Now       func() time.Time
	NewID     func() string // random; letters, digits, "-" and "_"
}

// Today is the day in the programme's time zone.
func (b *Book) Today() people.Date { return people.DateOf(b.Now().In(b.Programme.Zone())) }
