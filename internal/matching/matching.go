// Package matching ranks the presenters of the bank for one event, and says why.
//
// It is pure and deterministic: equal input gives equal output, whatever its order. What may enter: facts that a presenter gave by herself
// or that the desk recorded, and rules that can be told to her face. Nothing is learnt, nothing is inferred from a name.
//
// # Hard filters
//
// A candidate is left out, with every reason that holds, if she is not registered with Yes; speaks none of the event's languages; is not
// available on one of its days; is booked elsewhere on one of them; or has as many events that year as she wants.
//
// # Score
//
// Each part that applies to the event gives a share of its weight:
//
//	topics    30   the share of the event's topics that she speaks on
//	language  25   the share of the event's languages that she speaks
//	place     20   whole: based in the country, or named it; 6/10: the same for the region. Not for online events
//	travel    15   whole: the host pays, or she has funds of her own; half: shared, or not said; none: she needs what the host
//	               does not offer. Not for online events
//	load      10   1/(1 + her events that year)
//
// The band comes from this fit alone: strong from 70 %, good from 45 % of what could be reached, possible below. Studies of
// similarity scores find many pairs in the wrong order, so bands are shown and points are not. Who speaks on none of the topics that the
// event names is possible at most, however near she lives.
//
// Within a band, nudges of at most 3 points each help balance: of stakeholder categories, of developing countries, of gender where she
// described hers. A nudge is given to groups whose share of bookings is below their share of the bank, in proportion, and is always told.
// It never lifts anybody into another band. Equal points are ordered by id.
package matching

import (
	"cmp"
	"slices"

	"liaison/internal/people"
)

// Weights of the parts, in points.
const (
	weightTopics   = 30
	weightLanguage = 25
	weightPlace    = 20
	weightTravel   = 15
	weightLoad     = 10
	weightBalance  = 3 // each of three
)

// Shares are in thousandths, so that no sum depends on the order of floating point.
const (
	whole       = 1000
	sameRegion  = 600
	half        = 500
	strongShare = 700
	goodShare   = 450
)

// Event is what matching needs to know of an event; what is not known is left empty and is held against nobody.
type Event struct {
	Days      people.Span
	Country   people.Country
	Mode      people.Mode // empty counts as on site
	Languages []people.Language
	Topics    []string
	Travel    people.Travel // what the host offers
}

// Candidate is one presenter.
type Candidate struct {
	ID          string
	Registered  bool // said Yes, and it stands
	Languages   []people.Language
	Topics      []string
	Country     people.Country
	Regions     []people.Region  // where she goes
	Countries   []people.Country // the same, named one by one
	Unavailable []people.Span
	Booked      []people.Span // other events that she accepted
	Yearly      int           // events a year that she wants; 0: no limit
	Travel      people.Travel
	Category    people.Category
	Gender      string // as she described it
}

// Band is how well a presenter fits.
type Band int

const (
	Possible Band = iota
	Good
	Strong
)

// Bands from best to least.
var Bands = []Band{Strong, Good, Possible}

func (b Band) String() string { return [...]string{"possible", "good", "strong"}[b] }

// Part names what a reason is about.
type Part string

const (
	PartTopics      Part = "topics"
	PartLanguage    Part = "language"
	PartPlace       Part = "place"
	PartTravel      Part = "travel"
	PartLoad        Part = "load"
	PartCategory    Part = "category"
	PartDevelopment Part = "development"
	PartGender      Part = "gender"
	PartRegistered  Part = "registered" // of exclusions only, as the next three
	PartUnavailable Part = "unavailable"
	PartBooked      Part = "booked"
	PartYearly      Part = "yearly"
)

// Reason is one line of the explanation: Part and Case choose the wording, the rest are its variables.
type Reason struct {
	Part      Part
	Case      string // "all", "some", "none", …: see wording
	Points    int    // thousandths of a point
	Of        int    // what the part could give
	Topics    []string
	Lacking   []string // topics
	Languages []people.Language
	Unspoken  []people.Language
	Country   people.Country
	Region    people.Region
	Category  people.Category
	Days      people.Span
	Count     int
}

// Match is one presenter who may be asked.
type Match struct {
	ID      string
	Band    Band
	Fit     int // thousandths of what could be reached, balance left out
	Points  int // thousandths of a point, balance included
	Reasons []Reason
}

// Exclusion is one who may not, with every reason.
type Exclusion struct {
	ID      string
	Reasons []Reason
}

// Result holds each candidate once: ranked best first, or excluded in the order of ids.
type Result struct {
	Ranked   []Match
	Excluded []Exclusion
}

// Rank ranks candidates for an event. Ids must be unique.
func Rank(e Event, candidates []Candidate) Result {
	bal := weigh(candidates)
	var out Result
	for i := range candidates {
		c := &candidates[i]
		if why := exclude(&e, c); len(why) > 0 {
			out.Excluded = append(out.Excluded, Exclusion{ID: c.ID, Reasons: why})
			continue
		}
		out.Ranked = append(out.Ranked, match(&e, c, bal))
	}
	slices.SortFunc(out.Ranked, func(a, b Match) int {
		return cmp.Or(cmp.Compare(b.Band, a.Band), cmp.Compare(b.Points, a.Points), cmp.Compare(a.ID, b.ID))
	})
	slices.SortFunc(out.Excluded, func(a, b Exclusion) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func match(e *Event, c *Candidate, bal *balance) Match {
	m := Match{ID: c.ID, Reasons: make([]Reason, 0, len(parts)+3)}
	of := 0
	for _, part := range parts {
		if r, applies := part(e, c); applies {
			m.Points += r.Points
			of += r.Of
			m.Reasons = append(m.Reasons, r)
		}
	}
	m.Fit = m.Points * whole / of // load always applies, so of is never 0
	switch {
	case offTopic(m.Reasons):
	case m.Fit >= strongShare:
		m.Band = Strong
	case m.Fit >= goodShare:
		m.Band = Good
	}
	for _, r := range bal.nudges(c) {
		m.Points += r.Points
		m.Reasons = append(m.Reasons, r)
	}
	return m
}

func offTopic(reasons []Reason) bool {
	return slices.ContainsFunc(reasons, func(r Reason) bool { return r.Part == PartTopics && r.Points == 0 })
}

// exclude finds every hard filter that c does not pass.
func exclude(e *Event, c *Candidate) []Reason {
	var out []Reason
	if !c.Registered {
		out = append(out, Reason{Part: PartRegistered})
	}
	if len(e.Languages) > 0 {
		if spoken, unspoken := split(e.Languages, func(l people.Language) bool { return speaks(c, l) }); len(spoken) == 0 {
			out = append(out, Reason{Part: PartLanguage, Case: "none", Unspoken: unspoken})
		}
	}
	if days, found := clash(e.Days, c.Unavailable); found {
		out = append(out, Reason{Part: PartUnavailable, Days: days})
	}
	if days, found := clash(e.Days, c.Booked); found {
		out = append(out, Reason{Part: PartBooked, Days: days})
	}
	if n := booked(e, c); c.Yearly > 0 && n >= c.Yearly && e.Days.From != "" {
		out = append(out, Reason{Part: PartYearly, Count: c.Yearly})
	}
	return out
}

// clash is the earliest of spans that shares a day with days.
func clash(days people.Span, spans []people.Span) (people.Span, bool) {
	var first people.Span
	found := false
	for _, s := range spans {
		if s.Overlaps(days) && (!found || s.From < first.From || s.From == first.From && s.To < first.To) {
			first, found = s, true
		}
	}
	return first, found
}

// booked counts her events in the event's year, or all where its date is not known.
func booked(e *Event, c *Candidate) int {
	n := 0
	for _, s := range c.Booked {
		if e.Days.From == "" || s.From.Year() == e.Days.From.Year() {
			n++
		}
	}
	return n
}

// speaks compares primary languages: who speaks pt can present in pt-BR.
func speaks(c *Candidate, l people.Language) bool {
	for _, own := range c.Languages {
		if own.Base() == l.Base() {
			return true
		}
	}
	return false
}

// split parts list by keep, in its own order.
func split[T any](list []T, keep func(T) bool) (in, out []T) {
	for _, x := range list {
		if keep(x) {
			in = append(in, x)
		} else {
			out = append(out, x)
		}
	}
	return in, out
}
