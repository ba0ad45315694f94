package desk

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"

	g "maragu.dev/gomponents"
	h "maragu.dev/gomponents/html"

	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/web"
)

type candidatesPage struct {
	*web.View
	Filter  survey.Filter
	Cards   []candidateCard
	Next    string
	Surveys []string
	States  []survey.State
}

type candidateCard struct {
	rowCard
	Reference, Href, Survey string
	Received                time.Time
}

// candidates lists rows of all answers, filtered by ?survey= and ?state=.
func (d *Answers) candidates(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	f := survey.Filter{Survey: q.Get("survey"), State: survey.State(q.Get("state"))}
	list, next, err := d.Surveys.Candidates(r.Context(), f, answersPage, q.Get("cursor"))
	if err != nil {
		return err
	}
	p := &candidatesPage{View: d.Site.View(r), Filter: f, Next: next, Surveys: programme.Surveys, States: survey.States}
	may := p.Can(programme.Editor)
	if web.WantsJSON(r) {
		items := make([]map[string]any, len(list))
		for i, c := range list {
			items[i] = flat(c.Of, &c.Row, may)
		}
		return d.Site.JSON(w, http.StatusOK, map[string]any{"items": items, "next": next})
	}
	p.Title, p.Section = p.T("answers.candidates.title"), "answers"
	for _, c := range list {
		card := candidateCard{rowCard: rowCard{N: c.Index + 1, Index: c.Index, State: c.State}, Reference: c.Of.Reference, Href: answerPath(c.Of), Survey: c.Of.Survey, Received: c.Of.Received}
		card.Head, card.Lines = entryLines(p.View, c.Of.Survey, c.Entry, may)
		p.Cards = append(p.Cards, card)
	}
	return d.Site.Show(w, http.StatusOK, p)
}

// Content implements web.Page.
func (p *candidatesPage) Content() g.Node {
	content := h.P(p.W("answers.candidates.none"))
	if len(p.Cards) > 0 {
		content = g.Group{h.Ul(h.Class("plain-list"), web.Map(p.Cards, p.card)), g.If(p.Next != "", h.P(web.A(p.more(), p.T("answers.more"))))}
	}
	return g.Group{kicker("/desk/surveys", p.T("answers.title")), h.H1(g.Text(p.Title)), p.narrow(), content}
}

func (p *candidatesPage) narrow() g.Node {
	short, all := h.Class("short"), p.T("answers.all")
	return h.Form(h.Method("get"), h.Class("acts"),
		abreast(chooser("survey", p.T("answers.survey"), all, p.Surveys, p.Filter.Survey, func(s string) string { return p.T("answers.of." + s) }, short)),
		abreast(chooser("state", p.T("answers.state"), all, p.States, p.Filter.State, func(s survey.State) string { return p.T("answers.state." + string(s)) }, short)),
		h.Button(h.Class("plain"), p.W("answers.filter")))
}

func (p *candidatesPage) card(c candidateCard) g.Node {
	return h.Li(
		h.H2(web.Auto(), web.A(c.Href+"#row-"+strconv.Itoa(c.N), c.Head)),
		h.P(rowState(p.View, c.State), g.Text(" "), h.Span(h.Class("soft"), g.Text(p.T("answers.of."+c.Survey)+" · "+c.Reference+" · "+p.Date(c.Received)))))
}

// more is the address of the next page of the same choice.
func (p *candidatesPage) more() string {
	return "?" + url.Values{"survey": {p.Filter.Survey}, "state": {string(p.Filter.State)}, "cursor": {p.Next}}.Encode()
}

// entryLines words a row: what it is called, and every answer that was given.
func entryLines(v *web.View, of string, e survey.Entry, addresses bool) (head string, lines []form.Line) {
	group := map[string]string{programme.Subscribers: "organisations", programme.Events: "events", programme.Questions: "questions"}[of]
	add := func(field, value string) {
		if value != "" {
			lines = append(lines, form.Line{Label: v.T("survey." + of + "." + group + "." + field + ".label"), Value: value})
		}
	}
	mail := func(a people.EmailAddress) string {
		if a != "" && !addresses {
			return a.Masked()
		}
		return string(a)
	}
	option := func(field, value string) string {
		if value == "" {
			return ""
		}
		return v.T("survey." + of + "." + group + "." + field + ".option." + value)
	}
	switch e := e.(type) {
	case *survey.Organisation:
		head = e.Name
		add("email", mail(e.Email))
		add("url", e.URL)
		add("about", e.About)
	case *survey.Event:
		head = e.Name
		add("start", dayOf(v, e.Start))
		add("end", dayOf(v, e.End))
		add("organiser", e.Organiser)
		add("audience", e.Audience)
		add("place", e.Place)
		if e.Country != "" {
			add("country", v.Country(e.Country))
		}
		add("mode", option("mode", e.Mode))
		add("languages", v.LanguageNames(e.Languages))
		add("topics", v.TopicNames(e.Topics))
		if e.Presenters > 0 {
			add("presenters", v.Number(e.Presenters))
		}
		add("travel", option("travel", e.Travel))
		add("email", mail(e.Email))
		add("url", e.URL)
	case *survey.Question:
		head = e.Question
		add("answer", e.Answer)
	}
	return head, lines
}

func dayOf(v *web.View, s string) string {
	if t, err := time.Parse(time.DateOnly, s); err == nil {
		return v.P.Date(t)
	}
	return s
}

// flat is a row as the contract wants it: its own fields beside where it stands.
func flat(a *survey.Answer, r *survey.Row, addresses bool) map[string]any {
	out := map[string]any{}
	data, err := json.Marshal(r.Entry)
	if err != nil || json.Unmarshal(data, &out) != nil {
		out = map[string]any{}
	}
	if email, ok := out["email"].(string); ok && !addresses {
		out["email"] = people.EmailAddress(email).Masked()
	}
	state := r.State
	if state == survey.Accepting {
		state = survey.Pending
	}
	out["answer"], out["survey"], out["row"], out["state"], out["reference"], out["received"] = a.ID, a.Survey, r.Index, state, a.Reference, a.Received
	return out
}
