package desk

import (
	"net/http"
	"slices"
	"strings"

	"liaison/internal/event"
	"liaison/internal/matching"
	"liaison/internal/people"
	"liaison/internal/presenter"
	"liaison/internal/programme"
	"liaison/internal/web"
)

const (
	rankedAtFirst = 20  // presenters on an event's page
	rankedAtMost  = 200 // with ?all=1
	excludedNames = 20  // of each reason
)

// cell is one reason as the table shows it: how much of the part is met, and the facts.
type cell struct {
	Part string `json:"part"`
	Dot  string `json:"met"` // full, half, none
	Text string `json:"text"`
}

// candidate is one row of the table.
type candidate struct {
	ID           string         `json:"id"`
	Name         string         `json:"name"`
	Organisation string         `json:"organisation"`
	Country      people.Country `json:"country"`
	Band         string         `json:"band"`
	Cells        []cell         `json:"reasons"`
	Nudges       []string       `json:"balance,omitempty"`
}

type band struct {
	Name string
	Rows []candidate
}

// excluded are those whom the same reason keeps out.
type excluded struct {
	Part   string
	Count  int
	People []excludedPerson
}

type excludedPerson struct {
	ID   string   `json:"id"`
	Name string   `json:"name"`
	Why  []string `json:"why"`
}

type eventPage struct {
	*web.View
	Event    event.Event
	Over     bool
	Requests []event.Request
	Accepted int
	Columns  []string // parts that apply to this event
	Bands    []band
	Shown    int
	Ranked   int // all that fit
	Excluded []excluded
	Bank     int // all presenters
	HostLang people.Language
}

func (d *Events) one(w http.ResponseWriter, r *http.Request) error {
	e, err := d.Book.Get(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	page := &eventPage{View: d.Site.View(r), Event: e, Over: e.Past(d.Book.Today())}
	page.Title, page.Section, page.Notice = e.Name, "events", d.notice(page.View, r.URL.Query().Get("done"))
	if page.Requests, err = d.Book.Requests(r.Context(), e.ID); err != nil {
		return err
	}
	slices.SortFunc(page.Requests, func(a, b event.Request) int { return strings.Compare(a.Name+a.Presenter, b.Name+b.Presenter) })
	most := rankedAtFirst
	if r.URL.Query().Get("all") != "" {
		most = rankedAtMost
	}
	if err := d.recommend(r, page, most); err != nil {
		return err
	}
	hideContacts(page)
	if web.WantsJSON(r) {
		return d.Site.JSON(w, http.StatusOK, page.json())
	}
	page.HostLang = d.Site.Programme.Default
	if len(e.Languages) > 0 {
		page.HostLang = d.Site.Programme.Nearest(e.Languages[0])
	}
	return d.Site.Show(w, http.StatusOK, page)
}

// hideContacts leaves personal data to those who need it: a host's to who edits events, a presenter's to who mails them.
func hideContacts(p *eventPage) {
	if !p.Can(programme.Editor) {
		p.Event.Email = ""
	}
	if !p.Can(programme.Secretary) {
		for i := range p.Requests {
			p.Requests[i].To.Mail = ""
		}
	}
}

// notice words what was just done, as the address says.
func (d *Events) notice(v *web.View, done string) string {
	switch done {
	case "asked", "recorded", "host", "quiet", "no-contact", "full", "answered":
		return v.T("event.desk.done." + done)
	}
	return ""
}

func (d *Events) recommend(r *http.Request, page *eventPage, most int) error {
	result, experts, err := d.Rank(r.Context(), page.Event)
	if err != nil {
		return err
	}
	page.Bank = len(result.Ranked) + len(result.Excluded)
	settled := map[string]bool{}
	for _, q := range page.Requests {
		settled[q.Presenter] = q.Status != event.Cancelled
		if q.Status == event.Accepted {
			page.Accepted++
		}
	}
	byBand := map[matching.Band][]candidate{}
	for _, m := range result.Ranked {
		if settled[m.ID] {
			continue
		}
		page.Ranked++
		if page.Shown < most {
			page.Shown++
			byBand[m.Band] = append(byBand[m.Band], row(page.View, page.Event, m, experts[m.ID]))
		}
	}
	for _, b := range matching.Bands {
		if rows := byBand[b]; len(rows) > 0 {
			page.Bands = append(page.Bands, band{b.String(), rows})
			for _, c := range rows[0].Cells {
				if !slices.Contains(page.Columns, c.Part) {
					page.Columns = append(page.Columns, c.Part)
				}
			}
		}
	}
	page.Excluded = exclude(page.View, result.Excluded, experts, settled)
	return nil
}

func row(v *web.View, e event.Event, m matching.Match, x presenter.Expert) candidate {
	c := candidate{ID: m.ID, Name: x.CalledName(), Band: m.Band.String()}
	if x.Registration != nil {
		c.Organisation, c.Country = x.Registration.Organisation, x.Registration.Country
	}
	for _, r := range m.Reasons {
		text := wordReason(v, e, r)
		switch r.Part {
		case matching.PartCategory, matching.PartDevelopment, matching.PartGender:
			c.Nudges = append(c.Nudges, text)
		default:
			c.Cells = append(c.Cells, cell{Part: string(r.Part), Dot: dot(r), Text: text})
		}
	}
	return c
}

func dot(r matching.Reason) string {
	switch r.Points {
	case r.Of:
		return "full"
	case 0:
		return "none"
	}
	return "half"
}

// exclude groups people by the first reason that keeps them out; each tells all of hers.
func exclude(v *web.View, list []matching.Exclusion, experts map[string]presenter.Expert, settled map[string]bool) []excluded {
	var out []excluded
	for _, part := range []matching.Part{matching.PartUnavailable, matching.PartBooked, matching.PartYearly, matching.PartLanguage} {
		group := excluded{Part: string(part)}
		for _, x := range list {
			if settled[x.ID] || len(x.Reasons) == 0 || leading(x.Reasons) != part {
				continue
			}
			if group.Count++; len(group.People) < excludedNames {
				e := experts[x.ID]
				p := excludedPerson{ID: x.ID, Name: e.CalledName()}
				for _, r := range x.Reasons {
					p.Why = append(p.Why, wordExclusion(v, r))
				}
				group.People = append(group.People, p)
			}
		}
		if group.Count > 0 {
			slices.SortStableFunc(group.People, func(a, b excludedPerson) int { return strings.Compare(a.Name, b.Name) })
			out = append(out, group)
		}
	}
	return out
}

// leading picks the heading under which somebody with several reasons stands: dates before languages, as dates can be talked about.
func leading(reasons []matching.Reason) matching.Part {
	for _, part := range []matching.Part{matching.PartUnavailable, matching.PartBooked, matching.PartYearly} {
		if slices.ContainsFunc(reasons, func(r matching.Reason) bool { return r.Part == part }) {
			return part
		}
	}
	return reasons[0].Part
}

func wordReason(v *web.View, e event.Event, r matching.Reason) string {
	key := "event.reason." + string(r.Part) + "." + r.Case
	switch r.Part {
	case matching.PartTopics:
		return v.T(key, "Topics", topicNames(v, r.Topics), "Lacking", topicNames(v, r.Lacking))
	case matching.PartLanguage:
		return v.T(key, "Languages", v.LanguageNames(r.Languages), "Unspoken", v.LanguageNames(r.Unspoken))
	case matching.PartPlace:
		region := ""
		if r.Region != "" {
			region = v.P.Region(r.Region)
		}
		country := ""
		if r.Country != "" {
			country = v.Country(r.Country)
		}
		return v.T(key, "Country", country, "Region", region)
	case matching.PartLoad:
		if e.Start == "" {
			return v.T(key+".undated", "N", r.Count)
		}
		return v.T(key, "N", r.Count, "Year", e.Start.Year())
	case matching.PartCategory:
		return v.T(key, "Category", v.T("presenter.form.category.option."+string(r.Category)))
	}
	return v.T(key)
}

func wordExclusion(v *web.View, r matching.Reason) string {
	key := "event.excluded." + string(r.Part) + ".why"
	switch r.Part {
	case matching.PartLanguage:
		return v.T(key, "Languages", v.LanguageNames(r.Unspoken))
	case matching.PartUnavailable, matching.PartBooked:
		return v.T(key, "Days", v.Days(r.Days.From.Time(), r.Days.To.Time()))
	case matching.PartYearly:
		return v.T(key, "Count", r.Count)
	}
	return v.T(key)
}

func topicNames(v *web.View, ids []string) string {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = v.TopicName(id)
	}
	return strings.Join(names, " · ") // names of topics may hold commas
}

// json is the page for machines.
func (p *eventPage) json() any {
	recommended := []candidate{}
	for _, b := range p.Bands {
		recommended = append(recommended, b.Rows...)
	}
	left := []excludedPerson{}
	for _, x := range p.Excluded {
		left = append(left, x.People...)
	}
	requests := p.Requests
	if requests == nil {
		requests = []event.Request{}
	}
	return map[string]any{"event": p.Event, "requests": requests, "recommended": recommended, "excluded": left, "fit": p.Ranked, "bank": p.Bank}
}
