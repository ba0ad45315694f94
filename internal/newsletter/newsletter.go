// Package newsletter is the programme's publication: issues, written in editions by language, planned ahead, started once.
//
// # Life of an issue
//
// An issue is a draft until the secretary schedules it. Its editions may be edited until the moment of the start, also while it is
// scheduled; nobody's words are lost when two people edit one edition, because the later one is shown both versions
// (ErrStale) and every version that was ever saved is kept. At the start the press freezes the text: first the issue is marked as
// started, in one conditional write, from when on no edition can be saved; then every letter that will go out, the paper and the page
// for the web are made from what stands there and stored under the version of that write; then the issue is marked as printed. The
// clock hands what is printed to the Distributor. Whoever dies in between is continued a minute later, with the same text. So an
// issue never mixes two texts, and the web shows what the letters said.
//
// From then on the state is the distribution's. Newsletters are public from their start on; leaflets go to the experts and are
// never public.
//
// # Keys in the Programme table
//
//	PK        SK                  what
//	ISSUES    ISSUE#000007        the issue with a summary of its editions; one partition, so that lists are strongly consistent
//	ISSUE#7   EDITION#en          an edition as it stands
//	ISSUE#7   HISTORY#en#000003   each version that was saved; never changed
//	ISSUE#7   LETTER#v#en#html    a frozen letter of version v
//	ISSUE#7   PDF#v#en            its PDF: number of parts; PDF#v#en#00 … the parts
//	ISSUE#7   PAGE#v#en           its page for the web
//
// Index 1 holds what press and clock must look at: ISSUES#DUE / time#number until it is handed over, ISSUES#RUNNING / number until the
// distribution has ended. It may lag; the issue itself is read again.
//
// What may enter: rules about issues and their text. The Office plans and starts, the Editorial writes and prints; readers need the Store
// alone. How a letter looks is a Press, who gets it a Distributor; both are declared here and met elsewhere.
package newsletter

import (
	"errors"
	"fmt"
	"time"

	"liaison/internal/people"
)

// Limits.
const (
	MaxNumber  = 9999
	MaxTitle   = 150    // characters of an issue's or edition's title
	MaxBody    = 60_000 // characters of an edition's Markdown; MaxLetter binds earlier for most texts
	MaxHTML    = 90_000 // bytes of a letter's HTML, which Gmail cuts off above some 102 KB, and of its plain text
	Ahead      = 2 * 365 * 24 * time.Hour
	Late       = time.Minute    // a schedule may be this much in the past, for slow typists
	LatestSend = 24 * time.Hour // an issue that could not start for so long after its time waits for a person
)

var (
	ErrNotFound = errors.New("newsletter: no such issue or edition")
	// ErrTaken: another issue has the number.
	ErrTaken = errors.New("newsletter: the number is taken")
	// ErrStarted: the text is frozen.
	ErrStarted = errors.New("newsletter: the issue has started")
	// ErrStarting: the issue is being started at this moment; try again in a minute.
	ErrStarting = errors.New("newsletter: the issue is just being started")
	// ErrState: not possible in the state that the issue is in.
	ErrState = errors.New("newsletter: not possible in this state")
	// ErrNoEdition: without an edition in the programme's default language there is nothing to fall back to.
	ErrNoEdition = errors.New("newsletter: no edition in the default language")
	// ErrNoText: there is no edition at all.
	ErrNoText = errors.New("newsletter: no edition")
	ErrPast   = errors.New("newsletter: the time is past")
	ErrFar    = errors.New("newsletter: the time is too far ahead")
	// ErrBlank: an edition needs a title and a text.
	ErrBlank = errors.New("newsletter: no title or no text")
	// ErrInvalid: number, kind, language or length out of bounds.
	ErrInvalid = errors.New("newsletter: invalid")
	// ErrGone: the frozen text of that version is not there. It is an ErrNotFound.
	ErrGone = fmt.Errorf("%w: no such frozen letter", ErrNotFound)
)

// ErrStale: somebody else saved the edition meanwhile. Current is what stands there; nothing was overwritten.
type ErrStale struct{ Current Edition }

func (e *ErrStale) Error() string {
	return fmt.Sprintf("newsletter: edition is at version %d", e.Current.Version)
}

// ErrTooLarge: a letter of the edition would be too large to arrive whole.
type ErrTooLarge struct{ Bytes, Limit int }

func (e *ErrTooLarge) Error() string {
	return fmt.Sprintf("newsletter: letter of %d bytes, at most %d", e.Bytes, e.Limit)
}

// Kind of an issue. Both are numbered in one series, because people and addresses name an issue by its number.
type Kind string

const (
	Newsletter Kind = "newsletter" // to subscribers, and public
	Leaflet    Kind = "leaflet"    // the members' leaflet: to experts only
)

// State of an issue. Draft, scheduled, paused and cancelled before the start are the newsletter's own; from the start on it
// is the distribution's.
type State string

const (
	Draft      State = "draft"
	Scheduled  State = "scheduled"
	Planning   State = "planning"
	Sending    State = "sending"
	Paused     State = "paused"
	Cancelled  State = "cancelled"
	Incomplete State = "incomplete"
	Finished   State = "finished"
)

// Running tells that mails are going out, or are about to.
func (s State) Running() bool { return s == Planning || s == Sending }

// ReasonLetter: the start was given up because the letters could not be made; the issue is a draft again.
const ReasonLetter = "render"

// ReasonForgotten: the distribution's records do not reach back to its start, because of their age or because they were restored.
const ReasonForgotten = "expired"

// Issue is one number of the newsletter, or one leaflet.
type Issue struct {
	Number      int                         `json:"number"`
	Kind        Kind                        `json:"kind"`
	Title       string                      `json:"title"` // the desk's name for it; editions have their own
	State       State                       `json:"state"`
	Reason      string                      `json:"reason,omitempty"`
	ScheduledAt time.Time                   `json:"scheduledAt,omitzero"`
	StartedAt   time.Time                   `json:"startedAt,omitzero"`  // when the text was frozen
	Frozen      string                      `json:"frozen,omitempty"`    // version of the frozen letters
	Printed     bool                        `json:"printed,omitzero"`    // letters, paper and pages are frozen
	HandedOver  bool                        `json:"handedOver,omitzero"` // the distributor has it
	Editions    map[people.Language]Summary `json:"editions"`
	Outcome     *Progress                   `json:"outcome,omitempty"` // once the distribution has ended
	CreatedAt   time.Time                   `json:"createdAt"`
	CreatedBy   string                      `json:"createdBy"`

	version int64
}

// Started tells that the text is frozen.
func (i *Issue) Started() bool { return !i.StartedAt.IsZero() }

// Public tells whether the public may read it: from the moment when every letter of it is frozen.
func (i *Issue) Public() bool { return i.Kind == Newsletter && i.HandedOver }

// Date is what the issue is dated: its start, before that the plan, before that the moment given.
func (i *Issue) Date(now time.Time) time.Time {
	switch {
	case i.Started():
		return i.StartedAt
	case !i.ScheduledAt.IsZero() && i.ScheduledAt.After(now):
		return i.ScheduledAt
	}
	return now
}

// Run is the id of its distribution.
func (i *Issue) Run() string { return fmt.Sprintf("issue-%d", i.Number) }

// Summary of an edition, kept with the issue so that lists need not read the texts.
type Summary struct {
	Title     string    `json:"title"`
	Version   int64     `json:"version"` // 1, 2, …
	UpdatedAt time.Time `json:"updatedAt"`
	By        string    `json:"by"` // e-mail address of a listed person
}

// Edition is an issue in one language.
type Edition struct {
	Number   int             `json:"number"`
	Language people.Language `json:"language"`
	Summary
	Body string `json:"body"` // Markdown
}

// Format in which a reader wants letters.
type Format string

const (
	HTML Format = "html" // HTML with its text twin
	Text Format = "text" // text alone
	PDF  Format = "pdf"  // a short letter with the issue attached
)

// Formats that every issue is made in; the first is for readers who want another.
var Formats = []Format{HTML, Text, PDF}
