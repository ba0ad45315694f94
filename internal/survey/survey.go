// Package survey takes the answers to the three public surveys, keeps them whatever happens, and leads each of their rows through the
// secretariat's decision.
//
// An answer is one item; each of its rows is an item of its own, so that a list of thousands fits. Rows are written first and are
// nobody's until the answer names them: the answer item is the one place that says what counts, and every change of an answer, by the
// respondent or at the desk, goes through a conditional write of it. So a crash at any point leaves an answer either as it was or as it
// was meant to be; rows that were written for nothing are never read.
//
// What may enter: the life of an answer, from the draft to the decision. What accepting a row brings about elsewhere is behind the
// interface Acceptance.
//
// Keys in the Programme table (<received> is RFC 3339 in UTC, so that text order is time order):
//
//	ANSWER#<id>    / ANSWER                the answer; index 1 ANSWERS#<survey or "quarantine"> / <received>#<id>,
//	                                       index 2, while rows wait: OPEN#<survey> / <received>#<id>
//	ANSWER#<id>    / ROW#<index>#<stamp>   a row; index 1 ROWS#<survey>#<state> / <received>#<id>#<index>,
//	                                       index 2 SAME#<survey>#<hash of what it names> / <received>#<id>#<index>
//	KEY#<survey>#<hash> / KEY              an idempotency key and the answer that it led to
//	REFERENCE#<reference> / ANSWER         whose reference it is
//	TALLY#<survey> / 00 … 15               counts, spread so that many may write at once
//	DRAFT#<id>     / DRAFT, PART#…         what a respondent saved for later, or a list before it is sent; expires
package survey

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"liaison/internal/audit"
	"liaison/internal/link"
	"liaison/internal/mail"
	"liaison/internal/metric"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/table"
)

// Limits of one answer, in rows.
const (
	MaxTyped = 100
	MaxList  = 5000
	maxEver  = 20_000 // with all that was taken back, over all changes
)

var (
	// ErrUnknown: the programme holds no such survey.
	ErrUnknown = errors.New("survey: no such survey")
	// ErrClosed: at or after the closing time, or before the opening; nothing was written.
	ErrClosed = errors.New("survey: not open")
	// ErrAccepted: an accepted row cannot be rejected any more, because its effects are out in the world.
	ErrAccepted = errors.New("survey: row is accepted")
	// ErrFull: an answer was changed so often that it can hold no more rows.
	ErrFull = errors.New("survey: answer is full")
	// ErrWithdrawn: the respondent took the row back.
	ErrWithdrawn = errors.New("survey: row was withdrawn")
)

// Reused is the error of a key that came before with another content. The first answer stands; nothing was written.
type Reused struct{ Reference string }

func (e *Reused) Error() string { return "survey: key was used for answer " + e.Reference }

// State of a row.
type State string

const (
	Pending   State = "pending"
	Accepting State = "accepting" // claimed at the desk; its effect may or may not have happened: accept again
	Accepted  State = "accepted"
	Rejected  State = "rejected"
	Withdrawn State = "withdrawn" // by the respondent
)

// States that a queue can be filtered by. Rows being accepted stand with the pending ones.
var States = []State{Pending, Accepted, Rejected}

// Respondent is who answers.
type Respondent struct {
	Name         string              `json:"name"`
	Organisation string              `json:"organisation,omitempty"`
	Country      people.Country      `json:"country"`
	Email        people.EmailAddress `json:"email,omitempty"`
}

// Part is a run of rows that came together.
type Part struct {
	From      int    `json:"from"` // index of the first row
	To        int    `json:"to"`   // after the last
	Stamp     string `json:"stamp"`
	List      string `json:"list,omitempty"`      // name of the file; empty for typed rows
	Withdrawn bool   `json:"withdrawn,omitempty"` // its pending rows were taken back
}

// Answer is one respondent's answer to one survey.
type Answer struct {
	ID         string          `json:"id"`
	Reference  string          `json:"reference"` // short, for reading aloud
	Survey     string          `json:"survey"`
	Language   people.Language `json:"language"` // of the page it was sent from
	Respondent Respondent      `json:"respondent"`
	Received   time.Time       `json:"received"`
	Changed    time.Time       `json:"changed,omitzero"`     // by the respondent
	Revision   int             `json:"revision"`             // 1, and one more with each change by the respondent
	Quarantine string          `json:"quarantine,omitempty"` // why it waits apart: trap, stamp, quick

	Pending  int `json:"pending"` // rows in that state; Accepting counts as pending
	Accepted int `json:"accepted"`
	Rejected int `json:"rejected"`

	Parts  []Part         `json:"parts"`
	Stamps map[int]string `json:"stamps,omitempty"` // of rows changed since; taken back: ""
	Last   string         `json:"last,omitempty"`   // digest of the last change, to know a double submit

	version int64
}

// Rows is the number of rows that the answer ever had; their indexes are 0 to Rows()-1.
func (a *Answer) Rows() int {
	if len(a.Parts) == 0 {
		return 0
	}
	return a.Parts[len(a.Parts)-1].To
}

// Standing is the number of rows that were not withdrawn.
func (a *Answer) Standing() int { return a.Pending + a.Accepted + a.Rejected }

// Row is one row of an answer.
type Row struct {
	Answer  string
	Index   int // from 0; stays the same for good
	State   State
	Entry   Entry
	List    string              // file that it came from; empty when typed
	Line    int                 // row in that file
	Decided time.Time           // zero while pending
	By      people.EmailAddress // who decided

	stamp   string
	version int64
}

// ID names the row in the world: "<answer>-<index>".
func (r *Row) ID() string { return fmt.Sprintf("%s-%d", r.Answer, r.Index) }

// Locked tells whether the respondent can no longer change the row.
func (r *Row) Locked() bool { return r.State != Pending }

// Mails are the mails that answers bring about.
type Mails interface {
	// SurveyReceipt thanks for an answer and carries the link to read and change it.
	SurveyReceipt(to mail.Address, lang people.Language, survey, reference string, rows int, link string, until time.Time) mail.Message
	// SurveyDraft carries the link to an answer that was saved for later.
	SurveyDraft(to mail.Address, lang people.Language, survey, link string, until time.Time) mail.Message
}

// Surveys is the service. Accept may be nil where nobody decides (the public function).
type Surveys struct {
	Table     table.Table
	Programme *programme.Programme
	Links     *link.Links
	Mails     Mails
	Post      func(ctx context.Context, id string, m mail.Message) error // idempotent by id
	Audit     *audit.Log
	Accept    Acceptance
	Now       func() time.Time
	NewID     func() string
	Log       *slog.Logger
	Meter     metric.Meter // nil: nobody counts
}

// window finds when the survey takes answers.
func (s *Surveys) window(survey string) (programme.Survey, error) {
	w, ok := s.Programme.Surveys[survey]
	if !ok {
		return w, fmt.Errorf("%w: %q", ErrUnknown, survey)
	}
	return w, nil
}

// open is nil while the survey takes answers. Closing is exclusive.
func (s *Surveys) open(survey string) error {
	if _, err := s.window(survey); err != nil {
		return err
	}
	if open, _ := s.Programme.Open(survey, s.Now()); !open {
		return ErrClosed
	}
	return nil
}

// Keep is how long receipts can be read and drafts copied after a survey has closed.
const Keep = 30 * 24 * time.Hour

// Link is the address of an answer's receipt, which is also where it is changed.
func (s *Surveys) Link(a *Answer) string {
	return s.Links.URL("/"+string(s.Programme.Nearest(a.Language))+"/surveys/answers", s.Token(a))
}

// Token opens the receipt until the survey has been closed for Keep.
func (s *Surveys) Token(a *Answer) string {
	return s.Links.Token(link.Answer, a.ID, "", s.until(a.Survey).Sub(s.Now()))
}

func (s *Surveys) until(survey string) time.Time {
	until := s.Programme.Surveys[survey].Closes
	if now := s.Now(); until.Before(now) {
		until = now
	}
	return until.Add(Keep)
}
