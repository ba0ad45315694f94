package distribution

import (
	"context"
	"errors"
	"time"

	"liaison/internal/mail"
	"liaison/internal/people"
)

const (
	Segments  = 16            // parts of an audience, planned independently
	ShardSize = mail.MaxBatch // members of one shard
)

var (
	ErrNotFound = errors.New("distribution: no such distribution")
	// ErrState: what was asked is not possible in the state that the distribution is in (pausing a finished one).
	ErrState = errors.New("distribution: not possible in this state")
	// ErrInvalid: a Spec that cannot be distributed.
	ErrInvalid = errors.New("distribution: invalid")
	// ErrKilled, from Options.Step, makes a worker stop at once without writing anything more, as if its process had died.
	ErrKilled = errors.New("distribution: worker killed")
)

// State of a distribution.
type State string

const (
	Planning   State = "planning" // some segment is not planned whole; what is planned is being sent
	Sending    State = "sending"
	Paused     State = "paused"
	Cancelled  State = "cancelled"
	Incomplete State = "incomplete" // nothing more will happen by itself, and somebody is unaccounted for
	Finished   State = "finished"
)

// Active tells whether workers act on it.
func (s State) Active() bool { return s == Planning || s == Sending }

// Final tells whether it can never be active again.
func (s State) Final() bool { return s == Cancelled || s == Finished }

// Reason says why a distribution is paused or incomplete, or what was reported of a finished one. It is a stable
// name, not a wording. The empty reason of a paused distribution: a person paused it.
type Reason string

const (
	Overdue     Reason = "overdue"     // started after Spec.LatestStart, or untouched for Limits.Stale: somebody must confirm
	Quota       Reason = "quota"       // the daily quota is used up; goes on by itself at Progress.ResumeAt
	Unreachable Reason = "unreachable" // the mail service gives no answers; goes on by itself at Progress.ResumeAt
	Stopped     Reason = "stopped"     // the mail service does not let the account or its configuration send
	Bounces     Reason = "bounces"     // too many addresses do not exist
	Complaints  Reason = "complaints"  // too many recipients call it spam
	Refusals    Reason = "refusals"    // the mail service refuses too many of the mails
	BadLetter   Reason = "letter"      // the letter wants a substitution that no recipient has, or its frozen text is gone
	Unsettled   Reason = "unsettled"   // shards whose answers were lost again and again: whether they were sent is unknown
	Stalled     Reason = "stalled"     // no progress for Limits.GiveUp although everything was tried again
	Expired     Reason = "expired"     // older than Limits.Retention: the record of who has it is being deleted
)

// Spec says what is distributed to whom. It is frozen by Start.
type Spec struct {
	ID       string   // of the distribution, letters, digits, "_" and "-", at most 100: one per issue, and as stable as the issue
	Kind     string   // of the audience: "newsletter", "leaflet"; passed to Audience and Standing
	Issue    string   // tag "issue" of every mail: letters, digits, "_" and "-"
	Version  string   // of the text at the start; passed to Letters
	Editions []string // languages in which the issue exists
	Default  string   // the edition for members whose language is not among Editions
	Formats  []string // formats that exist; the first is for members who want another
	Due      time.Time
	// LatestStart: a start after it is paused as Overdue until somebody resumes it. Zero: 24 hours after Due; without Due never.
	LatestStart time.Time
}

// Member is who should receive, as the planner sees it.
type Member struct{ ID, Language, Format string }

// Recipient is who receives, as the worker sees it just before handing over.
type Recipient struct {
	ID       string
	Address  people.EmailAddress
	Name     string
	Language string
	Format   string
	Active   bool // false: skipped
}

// Audience lists who should receive now. Positions are member ids in bytewise order: next means that everybody whose id is at most
// next has been looked at, and is empty at the end of the segment; a page may be short, even empty, and still have a
// next. Reads are strongly consistent: a member who was in before the start is found. Ids hold no white space and are at most 64 bytes.
type Audience interface {
	Page(ctx context.Context, kind string, segment int, after string, limit int) (members []Member, next string, err error)
}

// Standing reads members again at claim time, in any order; ids that are gone may be left out.
type Standing interface {
	Standing(ctx context.Context, kind string, ids []string) ([]Recipient, error)
}

// Which names one rendering of one frozen text.
type Which struct{ Issue, Version, Edition, Format string }

// Letter is one rendering. {{name}} in Content is filled in from Personal for each recipient.
type Letter struct {
	From, ReplyTo mail.Address
	Content       mail.Content
	Headers       []mail.Header // the same for all
}

// ErrNoText, from Letters: that version is no longer there. The distribution is paused rather than sent with another text.
var ErrNoText = errors.New("distribution: the frozen text is gone")

// Letters renders. For equal Which it gives the same letter for the life of a distribution, whatever is edited meanwhile.
type Letters interface {
	Letter(ctx context.Context, w Which) (Letter, error)
}

// Personal gives what differs from recipient to recipient of an audience of that kind: substitutions (escaped for HTML) and headers, such as List-Unsubscribe.
type Personal func(kind string, r Recipient, edition string) (data map[string]string, headers []mail.Header)

// Queue takes tasks and delivers each at least once, after its Delay.
type Queue interface {
	Send(ctx context.Context, tasks ...Task) error
}

// Suppressor hears of addresses that must not be mailed again. It is told at least once for each event. Member and kind are
// empty for mails that belong to no distribution.
type Suppressor interface {
	Suppress(ctx context.Context, kind, member string, e mail.Event) error
}

// Alarm hears that a distribution was paused or given up by the program itself, or that a finished one went badly: at least once for
// each time, from the Sweeper, with the State and Reason as they are then. After an error it is told again a minute later.
type Alarm interface {
	Alarm(ctx context.Context, p Progress) error
}

// Counts of members; Planned = Sent + Refused + Skipped + those not yet handed over, of whom Doubt and Retry are known as such.
type Counts struct {
	Planned, Sent, Refused, Skipped int64
	Doubt                           int64 // handed over, answer lost: being cleared up
	Retry                           int64 // throttled, will be tried again
	Bounced, Complained             int64 // of Sent, as reported later
	Repeated                        int64 // mails known to have gone out a second time
}

// Progress of a distribution.
type Progress struct {
	ID, Kind, Issue string
	State           State
	Reason          Reason
	Counts
	ByLanguage map[string]Counts // by edition
	Due        time.Time
	Started    time.Time
	Finished   time.Time // or cancelled, or given up
	ResumeAt   time.Time // of a pause that ends by itself
	Alarm      time.Time // when it stopped by itself, until the secretaries are told
	Estimate   time.Time // when it will be finished at the pace so far; zero: unknown
}
