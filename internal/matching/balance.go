package matching

import "liaison/internal/people"

// balance counts, for each group, its members in the bank and their bookings.
type balance struct {
	bank, bookings int
	members        map[group]int
	booked         map[group]int
}

type group struct {
	part Part
	name string
}

func weigh(candidates []Candidate) *balance {
	b := &balance{members: map[group]int{}, booked: map[group]int{}}
	for i := range candidates {
		c := &candidates[i]
		if !c.Registered {
			continue
		}
		b.bank++
		b.bookings += len(c.Booked)
		for _, g := range groups(c) {
			b.members[g]++
			b.booked[g] += len(c.Booked)
		}
	}
	return b
}

// groups of one presenter. Of development, only the developing side is one: the programme wants to hear more from there, not less.
// Descriptions of gender other than the two offered by name count as one group, so that no single person makes a group of her own.
func groups(c *Candidate) []group {
	var out []group
	if c.Category != "" {
		out = append(out, group{PartCategory, string(c.Category)})
	}
	if c.Country.Developing() {
		out = append(out, group{PartDevelopment, "developing"})
	}
	switch c.Gender {
	case "":
	case Woman, Man:
		out = append(out, group{PartGender, c.Gender})
	default:
		out = append(out, group{PartGender, "other"})
	}
	return out
}

// The two descriptions of gender that the form offers by name.
const (
	Woman = "woman"
	Man   = "man"
)

// nudges for a presenter whose groups are booked less than their share of the bank.
func (b *balance) nudges(c *Candidate) []Reason {
	if b.bookings == 0 || !c.Registered {
		return nil
	}
	var out []Reason
	for _, g := range groups(c) {
		// 1 - (booked/bookings) / (members/bank), in thousandths
		missing := whole - whole*b.booked[g]*b.bank/(b.members[g]*b.bookings)
		if missing <= 0 {
			continue
		}
		r := Reason{Part: g.part, Case: "few"}
		if g.part == PartCategory {
			r.Category = people.Category(g.name)
		}
		out = append(out, r.worth(weightBalance, missing))
	}
	return out
}
