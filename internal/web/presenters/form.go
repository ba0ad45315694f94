package presenters

import (
	"slices"
	"strconv"

	"liaison/internal/form"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/web"
	"liaison/internal/words"
)

// Limits of the registration form.
const (
	maxBiography = 1500 // characters
	maxSpans     = 20
	maxYearly    = 50
)

// self is the choice "I describe it myself", whose words come in gender_own.
const self = "self"

// registrationForm is the form of one programme. "regions" takes the five regions, and countries by code or name; the page offers both
// kinds of input under that one name.
func registrationForm(p *programme.Programme) *form.Definition {
	topics := make([]string, len(p.Topics))
	for i, t := range p.Topics {
		topics[i] = t.ID
	}
	return &form.Definition{
		Words: "presenter.form",
		Fields: []form.Field{
			{Name: "wish", Kind: form.Choice, Required: true, Options: []string{"yes", "no"}},
			{Name: "name", Kind: form.Text, Required: true, Limit: people.MaxName, Autocomplete: "name"},
			{Name: "organisation", Kind: form.Text, Required: true, Limit: people.MaxName, Autocomplete: "organization"},
			{Name: "country", Kind: form.Country, Required: true, Autocomplete: "country"},
			{Name: "email", Kind: form.Email, Required: true, Autocomplete: "email"},
			{Name: "telephone", Kind: form.Tel, Autocomplete: "tel"},
			{Name: "fax", Kind: form.Tel},
			{Name: "address", Kind: form.Area, Limit: 500, Autocomplete: "street-address"},
			{Name: "languages", Kind: form.Languages, Max: 20},
			{Name: "topics", Kind: form.Checks, Options: topics},
			{Name: "regions", Kind: form.Tags, Max: 60},
			{Name: "yearly", Kind: form.Number, Min: 1, Max: maxYearly},
			{Name: "travel", Kind: form.Select, Options: strs(people.Travels)},
			{Name: "biography", Kind: form.Area, Limit: maxBiography},
			{Name: "category", Kind: form.Select, Options: strs(people.Categories)},
			{Name: "gender", Kind: form.Text, Limit: 60},
			{Name: "gender_own", Kind: form.Text, Limit: 60},
			{Name: "revision", Kind: form.Hidden, Limit: 12},
		},
		Groups: []form.Group{{Name: "unavailable", Max: maxSpans, Fields: []form.Field{
			{Name: "from", Kind: form.Date, Required: true},
			{Name: "to", Kind: form.Date},
		}}},
	}
}

func strs[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}

func typed[T ~string](list []string) []T {
	out := make([]T, len(list))
	for i, s := range list {
		out[i] = T(s)
	}
	return out
}

// fill shows what is known of an expert: her registration, else the roster. Gender is hers alone to describe: what a list says of it is
// never put into her mouth.
func fill(d *form.Definition, e *presenter.Expert) *form.Values {
	v := form.New(d, 1)
	set := func(name, value string) {
		if value != "" {
			v.Set(name, value)
		}
	}
	v.Set("revision", strconv.Itoa(e.Revision))
	switch e.State {
	case presenter.Yes, presenter.No:
		v.Set("wish", string(e.State))
	}
	r := e.Registration
	if r == nil {
		r = &presenter.Registration{Name: e.Name, Organisation: e.Organisation, Country: e.Country, Email: e.Email, Category: e.Category}
	}
	set("name", r.Name)
	set("organisation", r.Organisation)
	set("address", r.Address)
	set("country", string(r.Country))
	set("telephone", r.Telephone)
	set("fax", r.Fax)
	set("email", string(r.Email))
	v.Set("languages", strs(r.Languages)...)
	v.Set("topics", r.Topics...)
	v.Set("regions", append(strs(r.Regions), strs(r.Countries)...)...)
	if r.Yearly > 0 {
		v.Set("yearly", strconv.Itoa(r.Yearly))
	}
	set("travel", string(r.Travel))
	set("category", string(r.Category))
	set("gender", r.Gender)
	set("biography", r.Biography)
	for i, s := range r.Unavailable {
		row := form.Row{"from": {string(s.From)}}
		if s.To != "" {
			row["to"] = []string{string(s.To)}
		}
		v.Groups["unavailable"] = append(v.Groups["unavailable"][:i], row)
	}
	return v
}

// tidy brings what may be said in several ways into one, before the form is checked.
func tidy(v *form.Values) {
	if own := v.Get("gender_own"); own != "" && (v.Get("gender") == self || v.Get("gender") == "") {
		v.Set("gender", own)
	}
	if v.Get("gender") == self {
		v.Set("gender")
	}
	v.Set("gender_own")
	switch v.Get("travel") { // "own funds: yes or no" is the same question
	case "yes":
		v.Set("travel", string(people.OwnFunds))
	case "no":
		v.Set("travel", string(people.HostPays))
	}
}

// read takes a checked form, or adds the findings that concern more than one field.
func read(v *form.Values) *presenter.Registration {
	r := &presenter.Registration{
		Name: v.Get("name"), Organisation: v.Get("organisation"), Address: v.Get("address"), Country: people.Country(v.Get("country")), Telephone: v.Get("telephone"),
		Fax: v.Get("fax"), Email: people.EmailAddress(v.Get("email")), Languages: typed[people.Language](v.All("languages")), Topics: v.All("topics"),
		Yearly: v.Fields.Int("yearly"), Travel: people.Travel(v.Get("travel")), Category: people.Category(v.Get("category")), Gender: v.Get("gender"), Biography: v.Get("biography"),
	}
	for _, s := range v.All("regions") {
		region, country := place(s)
		switch {
		case region != "":
			r.Regions = appendNew(r.Regions, region)
		case country != "":
			r.Countries = appendNew(r.Countries, country)
		default:
			v.Fail("regions", "presenter.error.region", "Value", s)
		}
	}
	for i, row := range v.Rows("unavailable") {
		s := people.Span{From: people.Date(row.Get("from")), To: people.Date(row.Get("to"))}
		if s.To != "" && s.To < s.From {
			v.Fail("unavailable."+strconv.Itoa(i)+".to", "presenter.error.span")
		}
		if s.From != "" {
			if s.To == s.From {
				s.To = ""
			}
			r.Unavailable = append(r.Unavailable, s)
		}
	}
	return r
}

func appendNew[T comparable](list []T, x T) []T {
	if slices.Contains(list, x) {
		return list
	}
	return append(list, x)
}

// place reads a region by its name in any language or in the contract's, or a country.
func place(s string) (people.Region, people.Country) {
	if r, err := people.ParseRegion(s); err == nil {
		return r, ""
	}
	for _, l := range words.Languages {
		for _, r := range people.Regions {
			if people.OneLine(s) == words.For(l).Region(r) {
				return r, ""
			}
		}
	}
	c, err := words.CountryNamed(s)
	if err != nil {
		return "", ""
	}
	return "", c
}

// labels words the options that come from the programme's configuration.
func labels(v *web.View, s *form.View) *form.View {
	s.Label = func(field, value string) (string, bool) {
		return v.TopicName(value), field == "topics"
	}
	return s
}

// picks are the choices that the page draws by itself.
type picks struct {
	Regions   []form.Option
	Countries string // typed beside the regions
	Genders   []form.Option
	GenderOwn string
}

func pick(v *web.View, f *form.Values) picks {
	var out picks
	var rest []string
	chosen := map[people.Region]bool{}
	for _, s := range f.All("regions") {
		region, country := place(s)
		switch {
		case region != "":
			chosen[region] = true
		case country != "":
			rest = append(rest, v.Country(country))
		default:
			rest = append(rest, s)
		}
	}
	for _, r := range people.Regions {
		out.Regions = append(out.Regions, form.Option{ID: "f-regions-" + string(r), Value: string(r), Label: v.P.Region(r), On: chosen[r]})
	}
	for i, s := range rest {
		if i > 0 {
			out.Countries += ", "
		}
		out.Countries += s
	}
	gender := f.Get("gender")
	own := gender != "" && gender != matching.Woman && gender != matching.Man
	if own {
		out.GenderOwn = gender
	}
	for _, g := range []string{matching.Woman, matching.Man, self, ""} {
		name := g
		if g == "" {
			name = "unsaid"
		}
		out.Genders = append(out.Genders, form.Option{ID: "f-gender-" + name, Value: g, Label: v.T("presenter.form.gender.option." + name), On: g == gender || own && g == self})
	}
	return out
}
