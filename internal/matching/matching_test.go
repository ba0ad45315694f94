package matching

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"liaison/internal/people"
)

var workshop = Event{
	Days: people.Span{From: "2027-05-14", To: "2027-05-15"}, Country: "KE", Mode: people.OnSite,
	Languages: []people.Language{"en", "fr"}, Topics: []string{"labour", "environment"}, Travel: people.OwnFunds,
}

func presenter(id string, change func(*Candidate)) Candidate {
	c := Candidate{ID: id, Registered: true, Languages: []people.Language{"en", "fr"}, Topics: []string{"labour", "environment"}, Country: "KE", Travel: people.OwnFunds}
	if change != nil {
		change(&c)
	}
	return c
}

func reason(reasons []Reason, part Part) (Reason, bool) {
	i := slices.IndexFunc(reasons, func(r Reason) bool { return r.Part == part })
	if i < 0 {
		return Reason{}, false
	}
	return reasons[i], true
}

func TestHardFilters(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Candidate)
		part   Part
	}{
		"said no":              {func(c *Candidate) { c.Registered = false }, PartRegistered},
		"no common language":   {func(c *Candidate) { c.Languages = []people.Language{"ru"} }, PartLanguage},
		"away on the last day": {func(c *Candidate) { c.Unavailable = []people.Span{{From: "2027-05-15", To: "2027-06-01"}} }, PartUnavailable},
		"booked that day":      {func(c *Candidate) { c.Booked = []people.Span{{From: "2027-05-14"}} }, PartBooked},
		"enough for the year": {func(c *Candidate) {
			c.Yearly, c.Booked = 2, []people.Span{{From: "2027-01-10"}, {From: "2027-12-31"}}
		}, PartYearly},
	} {
		got := Rank(workshop, []Candidate{presenter("a", c.change)})
		if len(got.Ranked) != 0 || len(got.Excluded) != 1 {
			t.Errorf("%s: %+v", name, got)
			continue
		}
		if _, ok := reason(got.Excluded[0].Reasons, c.part); !ok || len(got.Excluded[0].Reasons) != 1 {
			t.Errorf("%s: reasons %+v", name, got.Excluded[0].Reasons)
		}
	}
	for name, change := range map[string]func(*Candidate){
		"away until the day before":  func(c *Candidate) { c.Unavailable = []people.Span{{From: "2027-05-01", To: "2027-05-13"}} },
		"a regional variety":         func(c *Candidate) { c.Languages = []people.Language{"en-ZA"} },
		"enough, but in other years": func(c *Candidate) { c.Yearly, c.Booked = 1, []people.Span{{From: "2026-12-31"}} },
	} {
		if got := Rank(workshop, []Candidate{presenter("a", change)}); len(got.Ranked) != 1 {
			t.Errorf("%s: excluded for %+v", name, got.Excluded)
		}
	}
	all := Rank(workshop, []Candidate{presenter("a", func(c *Candidate) {
		c.Languages, c.Unavailable, c.Booked = nil, []people.Span{{From: "2027-05-14"}}, []people.Span{{From: "2027-05-15"}}
	})})
	if n := len(all.Excluded[0].Reasons); n != 3 {
		t.Errorf("%d reasons are told of 3: %+v", n, all.Excluded[0].Reasons)
	}
}

func TestWhatIsNotKnownIsHeldAgainstNobody(t *testing.T) {
	c := presenter("a", func(c *Candidate) {
		c.Languages, c.Unavailable, c.Yearly, c.Booked = []people.Language{"ru"}, []people.Span{{From: "2027-01-01", To: "2027-12-31"}}, 1, []people.Span{{From: "2027-03-03"}}
	})
	got := Rank(Event{Mode: people.Online}, []Candidate{c})
	if len(got.Ranked) != 1 || len(got.Ranked[0].Reasons) != 1 || got.Ranked[0].Reasons[0].Part != PartLoad {
		t.Errorf("an event of which nothing is known: %+v", got)
	}
}

func TestBandsAndReasons(t *testing.T) {
	got := Rank(workshop, []Candidate{
		presenter("far", func(c *Candidate) { c.Country, c.Topics, c.Travel = "BR", nil, people.HostPays }),
		presenter("best", nil),
		presenter("near", func(c *Candidate) { c.Country, c.Languages = "UG", []people.Language{"fr"} }),
		presenter("goes", func(c *Candidate) { c.Country, c.Countries = "CH", []people.Country{"KE"} }),
	})
	var order []string
	for _, m := range got.Ranked {
		order = append(order, m.ID+" "+m.Band.String())
	}
	if want := []string{"best strong", "goes strong", "near strong", "far possible"}; !slices.Equal(order, want) {
		t.Errorf("order %q, want %q", order, want)
	}
	far := got.Ranked[3].Reasons
	for part, want := range map[Part]string{PartTopics: "unsaid", PartLanguage: "all", PartPlace: "far", PartTravel: "needs", PartLoad: "none"} {
		if r, ok := reason(far, part); !ok || r.Case != want {
			t.Errorf("far: %s is %q, want %q", part, r.Case, want)
		}
	}
	if r, _ := reason(got.Ranked[2].Reasons, PartPlace); r.Case != "region" || r.Region != people.Africa {
		t.Errorf("near: %+v", r)
	}
}

func TestWhoIsOffTopicIsPossibleAtMost(t *testing.T) {
	got := Rank(workshop, []Candidate{presenter("a", func(c *Candidate) { c.Topics = []string{"other"} })}).Ranked[0]
	if got.Band != Possible || got.Fit < strongShare-1 {
		t.Errorf("%+v", got)
	}
}

func TestBalanceNudgesAreSmallVisibleAndStayInTheBand(t *testing.T) {
	busy := []people.Span{{From: "2026-02-01"}, {From: "2026-03-01"}}
	pool := []Candidate{
		presenter("a-man", func(c *Candidate) { c.Country, c.Category, c.Gender, c.Booked = "CH", people.Industry, Man, busy }),
		presenter("b-same", func(c *Candidate) { c.Country, c.Category, c.Gender = "CH", people.Industry, Man }),
		presenter("c-woman", func(c *Candidate) { c.Country, c.Category, c.Gender = "CH", people.Labour, Woman }),
		presenter("d-silent", func(c *Candidate) { c.Country = "CH" }),
	}
	got := Rank(workshop, pool)
	if got.Ranked[0].ID != "c-woman" {
		t.Errorf("first is %s", got.Ranked[0].ID)
	}
	for _, part := range []Part{PartCategory, PartGender} {
		if r, ok := reason(got.Ranked[0].Reasons, part); !ok || r.Points != weightBalance*whole {
			t.Errorf("%s: %+v", part, r)
		}
	}
	for _, m := range got.Ranked[1:] {
		if _, ok := reason(m.Reasons, PartGender); ok {
			t.Errorf("%s is nudged", m.ID)
		}
		if m.Band != got.Ranked[0].Band || m.Points < got.Ranked[0].Points-3*weightBalance*whole {
			t.Errorf("the nudge weighs too much: %+v", m)
		}
	}
}

var (
	someLanguages = []people.Language{"en", "fr", "es", "ru", "pt"}
	someTopics    = []string{"t1", "t2", "t3", "t4"}
	someCountries = []people.Country{"KE", "UG", "CH", "BR", "JP", "FJ", "AQ"}
	someDates     = []people.Date{"2026-12-30", "2027-01-02", "2027-05-14", "2027-05-20", "2027-12-31", "2028-01-01"}
)

func subset[T comparable](t *rapid.T, from []T, label string) []T {
	return rapid.SliceOfNDistinct(rapid.SampledFrom(from), 0, len(from), rapid.ID[T]).Draw(t, label)
}

func spans(t *rapid.T, label string) []people.Span {
	var out []people.Span
	for range rapid.IntRange(0, 3).Draw(t, label) {
		a, b := rapid.SampledFrom(someDates).Draw(t, "from"), rapid.SampledFrom(someDates).Draw(t, "to")
		out = append(out, people.Span{From: min(a, b), To: max(a, b)})
	}
	return out
}

func anyEvent(t *rapid.T) Event {
	e := Event{
		Country: rapid.SampledFrom(append(someCountries, "")).Draw(t, "country"), Mode: rapid.SampledFrom(append(people.Modes, "")).Draw(t, "mode"),
		Languages: subset(t, someLanguages, "languages"), Topics: subset(t, someTopics, "topics"), Travel: rapid.SampledFrom(append(people.Travels, "")).Draw(t, "travel"),
	}
	if s := spans(t, "days"); len(s) > 0 {
		e.Days = s[0]
	}
	return e
}

func anyCandidate(t *rapid.T, id string) Candidate {
	return Candidate{
		ID: id, Registered: rapid.IntRange(0, 9).Draw(t, "registered") > 0, Languages: subset(t, someLanguages, "languages"), Topics: subset(t, someTopics, "topics"),
		Country: rapid.SampledFrom(append(someCountries, "")).Draw(t, "country"), Regions: subset(t, people.Regions, "regions"), Countries: subset(t, someCountries, "countries"),
		Unavailable: spans(t, "unavailable"), Booked: spans(t, "booked"), Yearly: rapid.IntRange(0, 3).Draw(t, "yearly"),
		Travel: rapid.SampledFrom(append(people.Travels, "")).Draw(t, "travel"), Category: rapid.SampledFrom(append(people.Categories, "")).Draw(t, "category"),
		Gender: rapid.SampledFrom([]string{"", Woman, Man, "x", "y"}).Draw(t, "gender"),
	}
}

func anyBank(t *rapid.T) []Candidate {
	var out []Candidate
	for i := range rapid.IntRange(1, 12).Draw(t, "bank") {
		out = append(out, anyCandidate(t, fmt.Sprintf("p%02d", i)))
	}
	return out
}

func TestOrderOfInputDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, bank := anyEvent(t), anyBank(t)
		if diff := cmp.Diff(Rank(e, bank), Rank(e, rapid.Permutation(bank).Draw(t, "shuffled"))); diff != "" {
			t.Fatalf("another order of input gives another result:\n%s", diff)
		}
	})
}

func TestEverybodyIsInOnceAndFiltersHold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e, bank := anyEvent(t), anyBank(t)
		byID := map[string]Candidate{}
		for _, c := range bank {
			byID[c.ID] = c
		}
		got := Rank(e, bank)
		if len(got.Ranked)+len(got.Excluded) != len(bank) {
			t.Fatalf("%d ranked and %d excluded of %d", len(got.Ranked), len(got.Excluded), len(bank))
		}
		for i, m := range got.Ranked {
			c := byID[m.ID]
			delete(byID, m.ID)
			if i > 0 {
				last := got.Ranked[i-1]
				if last.Band < m.Band || last.Band == m.Band && (last.Points < m.Points || last.Points == m.Points && last.ID >= m.ID) {
					t.Fatalf("%+v stands before %+v", last, m)
				}
			}
			common := len(e.Languages) == 0
			for _, l := range e.Languages {
				common = common || slices.Contains(c.Languages, l)
			}
			year := 0
			for _, s := range c.Booked {
				if e.Days.From != "" && s.From[:4] == e.Days.From[:4] {
					year++
				}
			}
			away := slices.ContainsFunc(append(c.Unavailable, c.Booked...), func(s people.Span) bool {
				return e.Days.From != "" && s.From <= e.Days.To && e.Days.From <= s.To
			})
			if !c.Registered || !common || away || c.Yearly > 0 && year >= c.Yearly {
				t.Fatalf("%+v may not be recommended for %+v", c, e)
			}
			sum, of := 0, 0
			for _, r := range m.Reasons {
				sum += r.Points
				of += r.Of
				if r.Points < 0 || r.Points > r.Of {
					t.Fatalf("reason out of bounds: %+v", r)
				}
			}
			if sum != m.Points || m.Fit < 0 || m.Fit > whole || of > 109*whole {
				t.Fatalf("the reasons do not add up to the score: %+v", m)
			}
		}
		for _, x := range got.Excluded {
			if len(x.Reasons) == 0 {
				t.Fatalf("%s is excluded without a reason", x.ID)
			}
			delete(byID, x.ID)
		}
		if len(byID) != 0 {
			t.Fatalf("lost: %v", byID)
		}
	})
}

// Whoever becomes better in one part, all else equal, is never ranked worse than before.
func TestMonotone(t *testing.T) {
	improve := map[string]func(*rapid.T, *Event, *Candidate) bool{
		"language": func(t *rapid.T, e *Event, c *Candidate) bool {
			return add(t, e.Languages, &c.Languages)
		},
		"topic": func(t *rapid.T, e *Event, c *Candidate) bool { return add(t, e.Topics, &c.Topics) },
		"goes there": func(_ *rapid.T, e *Event, c *Candidate) bool {
			c.Countries = append(slices.Clone(c.Countries), e.Country)
			return e.Country != ""
		},
		"goes to the region": func(_ *rapid.T, e *Event, c *Candidate) bool {
			c.Regions = append(slices.Clone(c.Regions), e.Country.Region())
			return e.Country.Region() != ""
		},
		"own funds": func(_ *rapid.T, _ *Event, c *Candidate) bool { c.Travel = people.OwnFunds; return true },
		"one event fewer": func(_ *rapid.T, _ *Event, c *Candidate) bool {
			if len(c.Booked) == 0 {
				return false
			}
			c.Booked = slices.Clone(c.Booked[1:])
			return true
		},
	}
	for name, f := range improve {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				e, bank := anyEvent(t), anyBank(t)
				i := rapid.IntRange(0, len(bank)-1).Draw(t, "who")
				bank[i].Registered = true
				before, was := standing(Rank(e, bank), bank[i].ID)
				better := slices.Clone(bank)
				if !f(t, &e, &better[i]) {
					return
				}
				after, is := standing(Rank(e, better), bank[i].ID)
				if was && (!is || after.Band < before.Band || after.Band == before.Band && after.Points < before.Points) {
					t.Fatalf("worse by becoming better:\n%+v\n%+v", before, after)
				}
			})
		})
	}
}

func add[T comparable](t *rapid.T, from []T, to *[]T) bool {
	if len(from) == 0 {
		return false
	}
	*to = append(slices.Clone(*to), rapid.SampledFrom(from).Draw(t, "added"))
	return true
}

func standing(r Result, id string) (Match, bool) {
	for _, m := range r.Ranked {
		if m.ID == id {
			return m, true
		}
	}
	return Match{}, false
}

func BenchmarkRank(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 2))
	bank := make([]Candidate, 10_000)
	for i := range bank {
		c := &bank[i]
		*c = Candidate{ID: fmt.Sprintf("%016x", rng.Uint64()), Registered: true, Country: people.Countries[rng.IntN(len(people.Countries))],
			Category: people.Categories[rng.IntN(6)], Gender: []string{"", Woman, Man}[rng.IntN(3)], Travel: people.Travels[rng.IntN(3)], Yearly: rng.IntN(5)}
		for range 1 + rng.IntN(3) {
			c.Languages = append(c.Languages, someLanguages[rng.IntN(len(someLanguages))])
			c.Topics = append(c.Topics, someTopics[rng.IntN(len(someTopics))])
			c.Booked = append(c.Booked, people.Span{From: someDates[rng.IntN(len(someDates))]})
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		Rank(workshop, bank)
	}
}
