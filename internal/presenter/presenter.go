// Package presenter keeps the roster of experts and the presenter bank: who was invited, who said Yes or No, and what those who said Yes
// told about themselves.
//
// An expert comes in by the roster that the secretariat uploads, never by herself; her personal link is bound to her id and to the
// generation of the invitation, so that a newer link ends the older ones. What may enter: facts from the roster and from the expert's own
// hand, and what follows from them (who may be invited, which link holds). Who is recommended to whom is package matching; events and
// requests are package event.
//
// Keys in the People table; segment is a hash of the id:
//
//	ROSTER#07 / EXPERT#id            the expert; index1 EXPERTS / name#id; index2 EXPERTS#state / name#id
//	ROSTER-MAIL#address / EXPERT     the id of the expert with that address: no address is on the roster twice
//	ROSTER-COUNTS / COUNTS           how many experts are in each state, counted with each change
package presenter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"liaison/internal/audit"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

const (
	// LinkLife is how long a personal link opens.
	LinkLife = 180 * 24 * time.Hour
	// Quiet is how long after a mail with a link no other is sent to the same expert: a second press of the button, or a second person
	// pressing it, mails nobody twice.
	Quiet = 10 * time.Minute
	// Segments of the roster, read in parallel.
	Segments = 16
)

var (
	ErrNotFound = fmt.Errorf("presenter: no such expert: %w", table.ErrNotFound)
	// ErrSuperseded: a newer link was mailed. The expert is returned with it, so that a page can offer another.
	ErrSuperseded = errors.New("presenter: a newer link was issued")
	// ErrChanged: somebody recorded another answer since the form was shown. The expert as she stands now is returned with it.
	ErrChanged = errors.New("presenter: changed meanwhile")
)

// State is where an expert stands.
type State string

const (
	NotAsked State = "not-asked"
	Asked    State = "invited"
	Yes      State = "yes" // in the presenter bank
	No       State = "no"  // ends invitations and reminders
)

// States in the order of a list.
var States = []State{NotAsked, Asked, Yes, No}

// Listing is what the roster says of an expert. Only Name and Email are certain.
type Listing struct {
	Name         string              `json:"name"`
	Email        people.EmailAddress `json:"email"`
	Organisation string              `json:"organisation,omitempty"`
	Country      people.Country      `json:"country,omitempty"`
	Category     people.Category     `json:"category,omitempty"`
	Gender       string              `json:"gender,omitempty"`
	Role         string              `json:"role,omitempty"`     // in the working group: "expert", "task group leader", …
	Language     people.Language     `json:"language,omitempty"` // of mails
}

// Registration is what a designated presenter says of herself.
type Registration struct {
	Name         string              `json:"name"`
	Organisation string              `json:"organisation"`
	Address      string              `json:"address,omitempty"`
	Country      people.Country      `json:"country"`
	Telephone    string              `json:"telephone,omitempty"`
	Fax          string              `json:"fax,omitempty"`
	Email        people.EmailAddress `json:"email"`
	Languages    []people.Language   `json:"languages,omitempty"`
	Topics       []string            `json:"topics,omitempty"`
	Regions      []people.Region     `json:"regions,omitempty"`
	Countries    []people.Country    `json:"countries,omitempty"` // beside the regions, named one by one
	Unavailable  []people.Span       `json:"unavailable,omitempty"`
	Yearly       int                 `json:"yearly,omitempty"` // events a year; 0 is not said
	Travel       people.Travel       `json:"travel,omitempty"`
	Category     people.Category     `json:"category,omitempty"`
	Gender       string              `json:"gender,omitempty"`
	Biography    string              `json:"biography,omitempty"`
}

func (r *Registration) equal(o *Registration) bool {
	if r == nil || o == nil {
		return r == o
	}
	return r.Name == o.Name && r.Organisation == o.Organisation && r.Address == o.Address && r.Country == o.Country && r.Telephone == o.Telephone &&
		r.Fax == o.Fax && r.Email == o.Email && r.Yearly == o.Yearly && r.Travel == o.Travel && r.Category == o.Category && r.Gender == o.Gender &&
		r.Biography == o.Biography && slices.Equal(r.Languages, o.Languages) && slices.Equal(r.Topics, o.Topics) && slices.Equal(r.Regions, o.Regions) &&
		slices.Equal(r.Countries, o.Countries) && slices.Equal(r.Unavailable, o.Unavailable)
}

// Invitation is the latest personal link.
type Invitation struct {
	Generation int       `json:"generation"` // 1 for the first link; the link carries it
	At         time.Time `json:"at"`
	By         string    `json:"by"` // e-mail address of a listed person; "programme" where the expert asked for a new link
}

// Consent is the evidence of an answer.
type Consent struct {
	Text     string          `json:"text"` // id of the wording that was shown
	Language people.Language `json:"language"`
	At       time.Time       `json:"at"`
}

// Expert is one person of the roster.
type Expert struct {
	ID string `json:"id"`
	Listing
	State        State         `json:"state"`
	Invitation   *Invitation   `json:"invitation,omitempty"`
	Registration *Registration `json:"registration,omitempty"` // of those who said Yes; deleted with a No
	Consent      *Consent      `json:"consent,omitempty"`      // to the latest answer
	Revision     int           `json:"revision"`               // counts the answers; a form carries it
	Blocked      string        `json:"blocked,omitempty"`      // "bounced" or "complained": mail does not arrive or is not wanted
	Created      time.Time     `json:"created"`
	Changed      time.Time     `json:"changed"`

	version int64
}

// Contact is the address for mails about events: the one of the registration, else the roster's.
func (e *Expert) Contact() mail.Address {
	if e.Registration != nil {
		return mail.Address{Name: e.Registration.Name, Mail: e.Registration.Email}
	}
	return mail.Address{Name: e.Name, Mail: e.Email}
}

// CalledName is the name of the registration, else the roster's.
func (e *Expert) CalledName() string { return e.Contact().Name }

func (e *Expert) generation() int {
	if e.Invitation == nil {
		return 0
	}
	return e.Invitation.Generation
}

// Mails words the mails of the bank. Languages are as known; the writer picks the nearest that the programme speaks.
type Mails interface {
	// PresenterInvitation asks an expert to register; again marks a link that she asked for.
	PresenterInvitation(lang people.Language, to mail.Address, address string, until time.Time, again bool) mail.Message
	// PresenterAnswered confirms an answer and carries the link to change it, where address is not empty.
	PresenterAnswered(lang people.Language, to mail.Address, yes bool, address string) mail.Message
}

// Outbox makes mails durable. Posting an id again is the same mail.
type Outbox interface {
	Post(ctx context.Context, id string, m mail.Message) error
	Later(ctx context.Context, id string, m mail.Message) error
}

// Bank is the roster and the presenter bank.
type Bank struct {
	Table     table.Table
	Programme *programme.Programme // for the language of a link's page
	Links     *link.Links
	Mails     Mails
	Outbox    Outbox
	Audit     *audit.Log
	Now       func() time.Time
	NewID     func() string // random; letters, digits, "-" and "_"
	Meter     metric.Meter  // nil: nobody counts
}
