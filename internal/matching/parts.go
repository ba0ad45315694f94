package matching

import (
	"slices"

	"liaison/internal/people"
)

// parts in the order in which their reasons are told. Whether a part applies depends on the event alone, so that all candidates are
// measured against the same whole.
var parts = []func(*Event, *Candidate) (Reason, bool){topics, language, place, travel, load}

func (r Reason) worth(weight, share int) Reason {
	r.Points, r.Of = weight*share, weight*whole
	return r
}

func topics(e *Event, c *Candidate) (Reason, bool) {
	if len(e.Topics) == 0 {
		return Reason{}, false
	}
	r := Reason{Part: PartTopics}
	r.Topics, r.Lacking = split(e.Topics, func(t string) bool { return slices.Contains(c.Topics, t) })
	switch {
	case len(r.Lacking) == 0:
		r.Case = "all"
	case len(r.Topics) > 0:
		r.Case = "some"
	case len(c.Topics) == 0:
		r.Case = "unsaid"
	default:
		r.Case = "none"
	}
	return r.worth(weightTopics, len(r.Topics)*whole/len(e.Topics)), true
}

func language(e *Event, c *Candidate) (Reason, bool) {
	if len(e.Languages) == 0 {
		return Reason{}, false
	}
	r := Reason{Part: PartLanguage, Case: "all"}
	r.Languages, r.Unspoken = split(e.Languages, func(l people.Language) bool { return speaks(c, l) })
	if len(r.Unspoken) > 0 {
		r.Case = "some"
	}
	return r.worth(weightLanguage, len(r.Languages)*whole/len(e.Languages)), true
}

func place(e *Event, c *Candidate) (Reason, bool) {
	if e.Mode == people.Online || e.Country == "" {
		return Reason{}, false
	}
	region := e.Country.Region()
	r := Reason{Part: PartPlace, Country: e.Country, Region: region}
	switch {
	case c.Country == e.Country:
		r.Case = "country"
		return r.worth(weightPlace, whole), true
	case slices.Contains(c.Countries, e.Country):
		r.Case = "goes-country"
		return r.worth(weightPlace, whole), true
	case region != "" && c.Country.Region() == region:
		r.Case = "region"
		return r.worth(weightPlace, sameRegion), true
	case region != "" && slices.Contains(c.Regions, region):
		r.Case = "goes-region"
		return r.worth(weightPlace, sameRegion), true
	}
	r.Case, r.Country = "far", c.Country
	return r.worth(weightPlace, 0), true
}

func travel(e *Event, c *Candidate) (Reason, bool) {
	if e.Mode == people.Online {
		return Reason{}, false
	}
	r := Reason{Part: PartTravel}
	switch {
	case e.Travel == people.HostPays:
		r.Case = "host"
		return r.worth(weightTravel, whole), true
	case c.Travel == people.OwnFunds:
		r.Case = "own"
		return r.worth(weightTravel, whole), true
	case c.Travel == people.Shared && e.Travel == people.Shared:
		r.Case = "shared"
		return r.worth(weightTravel, whole), true
	case c.Travel == people.Shared:
		r.Case = "share"
		return r.worth(weightTravel, half), true
	case c.Travel == people.HostPays:
		r.Case = "needs"
		return r.worth(weightTravel, 0), true
	}
	r.Case = "unsaid"
	return r.worth(weightTravel, half), true
}

func load(e *Event, c *Candidate) (Reason, bool) {
	r := Reason{Part: PartLoad, Case: "none", Count: booked(e, c)}
	if r.Count > 0 {
		r.Case = "some"
	}
	return r.worth(weightLoad, whole/(1+r.Count)), true
}
