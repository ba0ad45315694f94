package people

import (
	"errors"
	"time"
)

var ErrDate = errors.New("people: not a date")

// Date is a calendar day without a place, "2027-05-14"; "" is not known. Dates compare as strings.
type Date string

// ParseDate accepts exactly year, month and day, of the years 1900 to 2200.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, Clean(s))
	if err != nil || t.Year() < 1900 || t.Year() > 2200 {
		return "", ErrDate
	}
	return Date(t.Format(time.DateOnly)), nil
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date { return Date(t.Format(time.DateOnly)) }

// Time is midnight UTC of that day; zero where the date is not known.
func (d Date) Time() time.Time {
	t, _ := time.Parse(time.DateOnly, string(d))
	return t
}

// Add moves by whole days; an unknown date stays unknown.
func (d Date) Add(days int) Date {
	if d == "" {
		return ""
	}
	return DateOf(d.Time().AddDate(0, 0, days))
}

// Year is "2027", or "" where the date is not known.
func (d Date) Year() string {
	if len(d) < 4 {
		return ""
	}
	return string(d[:4])
}

// Span is a run of days, both ends within. A span without From is not known and overlaps nothing; one without To is a single day.
type Span struct {
	From Date `json:"from,omitempty"`
	To   Date `json:"to,omitempty"`
}

// Last is the last day.
func (s Span) Last() Date {
	if s.To > s.From {
		return s.To
	}
	return s.From
}

// Overlaps tells whether the two have a day in common.
func (s Span) Overlaps(o Span) bool {
	return s.From != "" && o.From != "" && s.From <= o.Last() && o.From <= s.Last()
}

// Mode is how an event is held.
type Mode string

const (
	OnSite Mode = "onsite"
	Online Mode = "online"
	Hybrid Mode = "hybrid"
)

// Modes in the order of the forms.
var Modes = []Mode{OnSite, Online, Hybrid}

// Travel is who pays a presenter's travel: at an event what the host says, of a presenter what she needs.
type Travel string

const (
	HostPays Travel = "host"
	OwnFunds Travel = "own" // the presenter
	Shared   Travel = "shared"
)

// Travels in the order of the forms.
var Travels = []Travel{HostPays, OwnFunds, Shared}
