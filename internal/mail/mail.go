// Package mail is what Liaison needs of a mail service: one message, or one batch of the same letter to many.
//
// The types are those of SES v2, because its limits are the ones that bind; mail/ses is the only implementation, and the local
// run gives it a stand-in that speaks the same wire protocol. mail/outbox makes single messages durable.
package mail

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liaison/internal/people"
)

// MaxBatch is the number of recipients in one bulk call (SES SendBulkEmail).
const MaxBatch = 50

// Address is a mailbox with an optional name. The sender encodes and quotes; a name may hold any printable characters.
type Address struct {
	Name string              `json:"name,omitempty"`
	Mail people.EmailAddress `json:"mail"`
}

// Header is one extra header. Name at most 126 ASCII characters, value at most 995; no line breaks: the sender refuses them.
type Header struct{ Name, Value string }

// Tag comes back in the service's events. Name and value: letters, digits, "_" and "-", at most 256.
type Tag struct{ Name, Value string }

// Attachment is a file sent along; at most 10 MB a message in all.
type Attachment struct {
	Name string `json:"name"`
	Type string `json:"type"` // media type
	Data []byte `json:"data"`
}

// Content is one letter: subject, HTML and its plain text twin (HTML may be empty, text never).
type Content struct {
	Subject     string       `json:"subject"`
	HTML        string       `json:"html,omitempty"`
	Text        string       `json:"text"`
	Attachments []Attachment `json:"attachments,omitempty"`
}

// Message is one mail to one address.
type Message struct {
	From    Address  `json:"from"`
	To      Address  `json:"to"`
	ReplyTo Address  `json:"replyTo"`
	Content Content  `json:"content"`
	Headers []Header `json:"headers,omitempty"`
	Tags    []Tag    `json:"tags,omitempty"`
}

// Batch is one letter to at most MaxBatch recipients. {{name}} in subject, HTML and text is replaced by the recipient's Data["name"].
type Batch struct {
	From, ReplyTo Address
	Content       Content
	Headers       []Header // the same for all
	Entries       []Entry
}

// Entry is one recipient of a batch.
type Entry struct {
	To      Address
	Data    map[string]string // substitutions; values are put in as they are: escape for HTML before
	Headers []Header          // override the batch's
	Tags    []Tag
}

// Outcome is what the service said of one entry.
type Outcome int

const (
	Sent      Outcome = iota
	Retry             // throttled or passing: nothing was sent, try again later
	Refused           // will never be sent as it is
	Stopped           // the account or configuration cannot send now: hold everything
	Exhausted         // the quota of 24 hours is used up: hold everything until it opens again
)

// Result is per entry, in the order of the entries.
type Result struct {
	Outcome   Outcome
	MessageID string // when Sent
	Reason    string // the service's status and words otherwise
}

// Account is the sending quota.
type Account struct {
	PerSecond float64 // recipients a second
	PerDay    float64 // recipients in 24 hours; negative is unlimited
	Today     float64 // sent in the last 24 hours
	Enabled   bool
	Sandbox   bool
}

var (
	// ErrThrottled: the whole call was turned away before anything was accepted.
	ErrThrottled = errors.New("mail: throttled")
	// ErrDoubt: the call may or may not have been accepted (lost answer, broken connection). Never send again blindly.
	ErrDoubt = errors.New("mail: outcome unknown")
	// ErrRefused: the service will never accept this message.
	ErrRefused = errors.New("mail: refused")
	// ErrStopped: the account may not send now.
	ErrStopped = errors.New("mail: sending is stopped")
	// ErrExhausted is an ErrStopped that time mends: the quota of 24 hours is used up.
	ErrExhausted = fmt.Errorf("%w: the daily quota is used up", ErrStopped)
)

// Sender sends. An error of Send or SendBatch is always one of those above (wrapped); only ErrDoubt leaves open whether anything was accepted.
type Sender interface {
	// Send sends one message and returns the service's id.
	Send(ctx context.Context, m Message) (string, error)
	// SendBatch makes exactly one call and never retries by itself.
	SendBatch(ctx context.Context, b Batch) ([]Result, error)
	Account(ctx context.Context) (Account, error)
}

// Event is what the mail service reports about one recipient.
type Event struct {
	Kind      EventKind
	MessageID string
	Recipient people.EmailAddress
	Tags      map[string]string
	At        time.Time
	Permanent bool   // of a bounce
	Reason    string // diagnostic text, for people at the desk
}

type EventKind string

const (
	EventSend      EventKind = "send" // SES has taken the message and will try to deliver it
	EventDelivery  EventKind = "delivery"
	EventBounce    EventKind = "bounce"
	EventComplaint EventKind = "complaint"
	EventReject    EventKind = "reject"
	EventRendering EventKind = "rendering-failure" // accepted, then found wrong: it was not sent
)
