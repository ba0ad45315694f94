package survey

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"fmt"
	"strings"

	"liaison/internal/people"
	"liaison/internal/programme"
)

// Entry is what one row says: an Organisation, an Event or a Question. Its fields were checked by the form.
type Entry interface {
	// same is what makes two entries name the same thing.
	same() string
	accept(ctx context.Context, a Acceptance, from Origin) error
}

// Organisation is a row of the survey on subscribers.
type Organisation struct {
	Email people.EmailAddress `json:"email"`
	Name  string              `json:"name"`
	About string              `json:"about,omitempty"`
	URL   string              `json:"url,omitempty"`
}

// Event is a row of the survey on related events. Start and End are days, 2027-05-14; End is empty for one day.
type Event struct {
	Name       string              `json:"name"`
	Start      string              `json:"start"`
	End        string              `json:"end,omitempty"`
	Organiser  string              `json:"organiser"`
	Audience   string              `json:"audience,omitempty"`
	Email      people.EmailAddress `json:"email,omitempty"`
	URL        string              `json:"url,omitempty"`
	Place      string              `json:"place,omitempty"`
	Country    people.Country      `json:"country,omitempty"`
	Mode       string              `json:"mode,omitempty"` // onsite, online, hybrid
	Languages  []people.Language   `json:"languages,omitempty"`
	Topics     []string            `json:"topics,omitempty"`
	Presenters int                 `json:"presenters,omitempty"` // wanted; 0 when nothing was said
	Travel     string              `json:"travel,omitempty"`     // host, own, shared
}

// Question is a row of the collection of questions.
type Question struct {
	Question string `json:"question"`
	Answer   string `json:"answer,omitempty"`
}

// Origin tells where an accepted entry came from.
type Origin struct {
	ID         string          // of the row; the same at every repetition
	Reference  string          // of the answer
	Language   people.Language // in which the respondent answered
	Respondent Respondent
	By         people.EmailAddress // who accepted
}

// Acceptance is what accepting a row brings about. Every method is idempotent by Origin.ID: after a crash it is called again.
type Acceptance interface {
	// AcceptOrganisation makes the organisation a candidate and asks it once whether it wants the newsletter.
	AcceptOrganisation(ctx context.Context, from Origin, o Organisation) error
	// AcceptEvent puts the event on the calendar.
	AcceptEvent(ctx context.Context, from Origin, e Event) error
	// AcceptQuestion collects the question for the list of frequent questions.
	AcceptQuestion(ctx context.Context, from Origin, q Question) error
}

func (o *Organisation) same() string { return o.Email.Key() }
func (e *Event) same() string        { return e.Start + " " + plain(e.Name) }
func (q *Question) same() string     { return plain(q.Question) }

func (o *Organisation) accept(ctx context.Context, a Acceptance, from Origin) error {
	return a.AcceptOrganisation(ctx, from, *o)
}
func (e *Event) accept(ctx context.Context, a Acceptance, from Origin) error {
	return a.AcceptEvent(ctx, from, *e)
}
func (q *Question) accept(ctx context.Context, a Acceptance, from Origin) error {
	return a.AcceptQuestion(ctx, from, *q)
}

// plain is text without case, punctuation at its end and spacing.
func plain(s string) string {
	return strings.TrimRight(strings.ToLower(people.OneLine(s)), " .?!…¿¡")
}

// Repeats finds entries that name the same thing as an earlier one: index to index of the earlier.
func Repeats(entries []Entry) map[int]int {
	first, out := map[string]int{}, map[int]int{}
	for i, e := range entries {
		if at, ok := first[e.same()]; ok {
			out[i] = at
		} else {
			first[e.same()] = i
		}
	}
	return out
}

// Empty is an entry of a survey with nothing in it, to decode into; nil for an unknown survey.
func Empty(survey string) Entry {
	switch survey {
	case programme.Subscribers:
		return &Organisation{}
	case programme.Events:
		return &Event{}
	case programme.Questions:
		return &Question{}
	}
	return nil
}

func decodeEntry(survey string, data []byte) (Entry, error) {
	e := Empty(survey)
	if e == nil {
		return nil, fmt.Errorf("%w: %q", ErrUnknown, survey)
	}
	return e, json.Unmarshal(data, e)
}

func equal(a, b Entry) bool {
	x, errA := json.Marshal(a)
	y, errB := json.Marshal(b)
	return errA == nil && errB == nil && string(x) == string(y)
}

var code = base32.StdEncoding.WithPadding(base32.NoPadding)

// digest is a short name for values that may be long: 26 lower-case letters and digits of SHA-256.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		fmt.Fprintf(h, "%d:%s", len(p), p)
	}
	return strings.ToLower(code.EncodeToString(h.Sum(nil)[:16]))
}
