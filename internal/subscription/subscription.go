// Package subscription is the list of those who receive the newsletter: subscribing organisations, national member bodies and
// liaison organisations, from the first request to erasure.
//
// Nobody is mailed the newsletter before the organisation itself has confirmed: a sign-up, a nomination in a survey and a row of an
// uploaded list all begin as a candidate, who is asked by one mail whose link leads to a page with a button. Each request for
// confirmation is a round; only the link of the latest round confirms, and only within List.Life. The evidence of each round (what was shown,
// asked, mailed, confirmed, withdrawn) is kept apart from the subscriber, whose own item stays small enough to plan a million from.
//
// Who left, complained or was erased is never asked again by nomination or upload. Erasure takes everything away but a keyed hash of the
// address; the person herself may sign up again at any time, for her confirmation is a new consent, and takes the hash away.
// The keys of those hashes are derived from the signing keys: a signing key that is retired altogether takes the memory of its hashes with
// it, so retired keys stay listed behind the new one.
//
// Keys in the People table (nn: segment 00 to 15, from the id):
//
//	PK                 SK                 what                                         index 1             index 2
//	SEG#nn             SUB#id             the subscriber; erased: a tombstone          ORG#xy / name#id    TIDY#nn / when#id
//	ADDRESS#address    SUBSCRIBER         reserves the address (in lower case)
//	CONSENT#id         0001#asked         evidence: a round's request, with what was typed
//	CONSENT#id         0001#mailed        … when its mail was written down
//	CONSENT#id         0001#confirmed     … when it was confirmed
//	CONSENT#id         0001#left#7        … other acts, numbered by the subscriber's version
//	NOMINATION#id      SUBSCRIBER         what a nomination led to
//	SUPPRESSED#hash    ADDRESS            do not ask this address
//	TALLY#SUBSCRIBERS  nn                 how many are in which kind and state
//
// What may enter: rules about who is on the list and how consent is given, proven and taken back. What mails say, and who sends an
// issue to the list, are met elsewhere.
package subscription

import (
	"context"
	"errors"
	"time"

	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

const (
	Segments        = 16
	MaxName         = 100                 // characters of a contact's name
	MaxOrganisation = people.MaxName      // characters of an organisation's name
	DefaultLife     = 72 * time.Hour      // of a confirmation link
	PreferencesLife = 7 * 24 * time.Hour  // of a link to the preferences
	CandidateLife   = 30 * 24 * time.Hour // then a request that nobody confirmed is deleted
	UnansweredLife  = 365 * 24 * time.Hour
	mailsPerHour    = 3 // that one address gets by asking for them; more are silently left out
	mailsPerDay     = 10
)

// State of a subscriber.
type State string

const (
	Candidate  State = "candidate" // not confirmed, never mailed an issue
	Active     State = "active"
	Paused     State = "paused"     // by herself; resumes by herself
	Left       State = "left"       // unsubscribed, or asked the secretariat to be taken off
	Bounced    State = "bounced"    // the address does not exist
	Complained State = "complained" // called a mail spam
	Erased     State = "erased"     // nothing is left but this state
)

// States in the order of a life.
var States = []State{Candidate, Active, Paused, Left, Bounced, Complained, Erased}

// Kind of subscriber.
type Kind string

const (
	Ordinary Kind = "subscriber"
	NMB      Kind = "nmb"      // national member body
	DLiaison Kind = "dliaison" // liaison organisation of the working group
)

// Kinds of subscribers.
var Kinds = []Kind{Ordinary, NMB, DLiaison}

// Format in which an issue is received.
type Format string

const (
	HTML Format = "html"
	Text Format = "text"
	PDF  Format = "pdf"
)

// Formats of an issue; the first is for who names none.
var Formats = []Format{HTML, Text, PDF}

var (
	// ErrNotFound: no such subscriber. A request that nobody confirmed is deleted after CandidateLife, so an old link may meet it.
	ErrNotFound = errors.New("subscription: no such subscriber")
	// ErrOver: the link can no longer confirm (Landing tells why).
	ErrOver = errors.New("subscription: the link can no longer confirm")
	// ErrState: not possible in the subscriber's state.
	ErrState = errors.New("subscription: not possible in this state")
	// ErrCursor: a listing's cursor that is none of ours.
	ErrCursor = errors.New("subscription: not a cursor")
)

// Details are what a subscriber says of itself and may change by itself.
type Details struct {
	Name         string          `json:"name,omitempty"` // of the contact; may be empty
	Organisation string          `json:"organisation,omitempty"`
	Country      people.Country  `json:"country,omitempty"`
	Language     people.Language `json:"language,omitempty"`
	Format       Format          `json:"format,omitempty"`
	Category     people.Category `json:"category,omitempty"`
}

// Subscriber is one place on the list. It is read once per issue and recipient: nothing that an issue does not need belongs here.
type Subscriber struct {
	ID    string              `json:"-"`
	Email people.EmailAddress `json:"email,omitempty"`
	Details
	Kind    Kind      `json:"kind"`
	State   State     `json:"state"`
	Since   time.Time `json:"since"`           // when it came into its state
	Round   int       `json:"round,omitempty"` // number of the latest request for confirmation; 0: never asked
	Held    bool      `json:"held,omitempty"`  // the latest request looks odd and was not mailed: somebody at the desk must look
	Version int64     `json:"-"`

	Uncleared  bool `json:"uncleared,omitempty"`  // erased: evidence may be left
	Unanswered bool `json:"unanswered,omitempty"` // erased because nobody confirmed
}

// Called is how a letter addresses a subscriber: the contact, else the organisation.
func (s Subscriber) Called() string {
	if s.Name != "" {
		return s.Name
	}
	return s.Organisation
}

// Subscribed tells whether the subscriber has consented and not taken it back.
func (s Subscriber) Subscribed() bool { return s.State == Active || s.State == Paused }

// Letters writes the mails that the list sends. Languages are the programme's; hours is how long the link opens.
type Letters interface {
	// ConfirmSignUp asks somebody who typed the address into the form.
	ConfirmSignUp(to mail.Address, lang people.Language, organisation, link string, hours int) mail.Message
	// ConfirmNomination asks an organisation that by has proposed.
	ConfirmNomination(to mail.Address, lang people.Language, organisation, by, link string, hours int) mail.Message
	// ConfirmListed asks an organisation that stands in a list of the secretariat's.
	ConfirmListed(to mail.Address, lang people.Language, organisation, link string, hours int) mail.Message
	// AlreadySubscribed answers a sign-up of an address that is subscribed, with the link to its preferences.
	AlreadySubscribed(to mail.Address, lang people.Language, organisation, link string, hours int, paused bool) mail.Message
	// Preferences is the link that somebody asked for.
	Preferences(to mail.Address, lang people.Language, organisation, link string, hours int) mail.Message
}

// Post makes single mails durable; an id that was posted before is the same mail.
type Post interface {
	Post(ctx context.Context, id string, m mail.Message) error
	// Later leaves the sending to the clock.
	Later(ctx context.Context, id string, m mail.Message) error
}

// List is the list. All fields but Life must be set.
type List struct {
	Table     table.Table // People
	Post      Post
	Letters   Letters
	Links     *link.Links
	Programme *programme.Programme
	Peppers   []Pepper // the first makes new hashes; all are looked for
	// Allow counts an attempt under name and tells whether it is within most a window.
	Allow func(ctx context.Context, name string, most int64, window time.Duration) (bool, error)
	Now   func() time.Time
	NewID func() string // random, no white space
	Life  time.Duration // of a confirmation link; 0: DefaultLife
	Meter metric.Meter  // nil: nobody counts
}

// ConfirmLife is how long a confirmation link opens.
func (l *List) ConfirmLife() time.Duration {
	if l.Life > 0 {
		return l.Life
	}
	return DefaultLife
}

// now is to the second, so that what is stored reads back the same.
func (l *List) now() time.Time { return l.Now().UTC().Truncate(time.Second) }
