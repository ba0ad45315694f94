package intake

import (
	"strconv"

	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/words"
)

// groupOf is the name of the survey's repeated group; empty for an unknown survey.
func groupOf(name string) string {
	switch name {
	case programme.Subscribers:
		return "organisations"
	case programme.Events, programme.Questions:
		return name
	}
	return ""
}

// definition is the form of a survey; nil for an unknown one.
func definition(p *programme.Programme, name string) *form.Definition {
	g := form.Group{Name: groupOf(name), Min: 1, Max: survey.MaxTyped}
	switch name {
	case programme.Subscribers:
		g.Fields = []form.Field{
			{Name: "name", Kind: form.Text, Required: true, Limit: people.MaxName},
			{Name: "email", Kind: form.Email, Required: true},
			{Name: "url", Kind: form.URL},
			{Name: "about", Kind: form.Area, Limit: 2000},
		}
	case programme.Events:
		g.Fields = event(p)
	case programme.Questions:
		g.Fields = []form.Field{
			{Name: "question", Kind: form.Area, Required: true, Limit: 1000},
			{Name: "answer", Kind: form.Area},
		}
	default:
		return nil
	}
	g.Fields = append(g.Fields, form.Field{Name: "row", Kind: form.Hidden, Limit: 10}) // of a change: the index of the row in the answer
	return &form.Definition{Words: "survey." + name, Shared: "survey", GroupsFirst: true, Groups: []form.Group{g}, Fields: []form.Field{
		{Name: "respondent.name", Kind: form.Text, Required: true, Limit: people.MaxName, Autocomplete: "name"},
		{Name: "respondent.organisation", Kind: form.Text, Limit: people.MaxName, Autocomplete: "organization"},
		{Name: "respondent.country", Kind: form.Country, Required: true, Autocomplete: "country"},
		{Name: "respondent.email", Kind: form.Email, Autocomplete: "email"},
		{Name: "upload", Kind: form.Hidden, Limit: 2048},  // token of a list that was uploaded before
		{Name: "draft", Kind: form.Hidden, Limit: 2048},   // token of the saved draft that this form continues
		{Name: "version", Kind: form.Hidden, Limit: 10},   // of a change: the revision that was shown
		{Name: "withdraw", Kind: form.Consent, Limit: 10}, // of a change: take back the waiting rows of lists
	}}
}

func event(p *programme.Programme) []form.Field {
	topics := form.Field{Name: "topics", Kind: form.Tags, More: true}
	if len(p.Topics) > 0 {
		topics.Kind = form.Checks
		for _, t := range p.Topics {
			topics.Options = append(topics.Options, t.ID)
		}
	}
	return []form.Field{
		{Name: "name", Kind: form.Text, Required: true},
		{Name: "start", Kind: form.Date, Required: true},
		{Name: "end", Kind: form.Date},
		{Name: "organiser", Kind: form.Text, Required: true},
		{Name: "audience", Kind: form.Text},
		{Name: "email", Kind: form.Email},
		{Name: "url", Kind: form.URL},
		{Name: "place", Kind: form.Text, More: true},
		{Name: "country", Kind: form.Country, More: true},
		{Name: "mode", Kind: form.Select, Options: []string{"onsite", "online", "hybrid"}, More: true},
		{Name: "languages", Kind: form.Languages, More: true},
		{Name: "presenters", Kind: form.Number, Min: 0, Max: 20, More: true},
		{Name: "travel", Kind: form.Select, Options: []string{"host", "own", "shared"}, More: true},
		topics,
	}
}

// showIn pairs values with a language; topics are worded by the programme.
func showIn(p *programme.Programme, v *form.Values, w *words.Printer) *form.View {
	s := v.Show(w)
	s.Label = func(field, value string) (string, bool) {
		if field != "topics" {
			return "", false
		}
		for _, t := range p.Topics {
			if t.ID == value {
				return t.Name.In(w.Lang, p.Default), true
			}
		}
		return "", false
	}
	return s
}

// topicNamed finds a topic by its name in any language, for lists.
func topicNamed(p *programme.Programme, field, cell string) (string, bool) {
	if field != "topics" {
		return "", false
	}
	for _, t := range p.Topics {
		for _, name := range t.Name {
			if people.OneLine(name) == cell {
				return t.ID, true
			}
		}
	}
	return "", false
}

// respondentOf reads the respondent from a checked form.
func respondentOf(v *form.Values) survey.Respondent {
	return survey.Respondent{Name: v.Get("respondent.name"), Organisation: v.Get("respondent.organisation"),
		Country: people.Country(v.Get("respondent.country")), Email: people.EmailAddress(v.Get("respondent.email"))}
}

// setRespondent fills the form in.
func setRespondent(v *form.Values, r survey.Respondent) {
	for name, value := range map[string]string{"name": r.Name, "organisation": r.Organisation, "country": string(r.Country), "email": string(r.Email)} {
		v.Set("respondent."+name, value)
	}
}

// entryOf reads a checked row.
func entryOf(name string, r form.Row) survey.Entry {
	switch name {
	case programme.Subscribers:
		return &survey.Organisation{Email: people.EmailAddress(r.Get("email")), Name: r.Get("name"), About: r.Get("about"), URL: r.Get("url")}
	case programme.Events:
		e := &survey.Event{Name: r.Get("name"), Start: r.Get("start"), End: r.Get("end"), Organiser: r.Get("organiser"), Audience: r.Get("audience"),
			Email: people.EmailAddress(r.Get("email")), URL: r.Get("url"), Place: r.Get("place"), Country: people.Country(r.Get("country")), Mode: r.Get("mode"),
			Topics: r.All("topics"), Presenters: r.Int("presenters"), Travel: r.Get("travel")}
		for _, l := range r.All("languages") {
			e.Languages = append(e.Languages, people.Language(l))
		}
		return e
	default:
		return &survey.Question{Question: r.Get("question"), Answer: r.Get("answer")}
	}
}

// entriesOf reads checked rows.
func entriesOf(name string, rows []form.Row) []survey.Entry {
	out := make([]survey.Entry, len(rows))
	for i, r := range rows {
		out[i] = entryOf(name, r)
	}
	return out
}

// rowOf is the entry as a row of the form.
func rowOf(e survey.Entry) form.Row {
	r := form.Row{}
	put := func(name string, values ...string) {
		if len(values) > 0 && values[0] != "" {
			r[name] = values
		}
	}
	switch e := e.(type) {
	case *survey.Organisation:
		put("email", string(e.Email))
		put("name", e.Name)
		put("about", e.About)
		put("url", e.URL)
	case *survey.Event:
		for name, value := range map[string]string{"name": e.Name, "start": e.Start, "end": e.End, "organiser": e.Organiser, "audience": e.Audience, "email": string(e.Email),
			"url": e.URL, "place": e.Place, "country": string(e.Country), "mode": e.Mode, "travel": e.Travel} {
			put(name, value)
		}
		if e.Presenters > 0 {
			put("presenters", strconv.Itoa(e.Presenters))
		}
		var languages []string
		for _, l := range e.Languages {
			languages = append(languages, string(l))
		}
		put("languages", languages...)
		put("topics", e.Topics...)
	case *survey.Question:
		put("question", e.Question)
		put("answer", e.Answer)
	}
	return r
}

// linesOf puts entries into words: for each its questions and answers, those without an answer left out.
func linesOf(p *programme.Programme, name string, entries []survey.Entry, w *words.Printer) [][]form.Line {
	v := form.New(definition(p, name), 0)
	group := groupOf(name)
	v.Groups[group] = nil
	for _, e := range entries {
		v.Groups[group] = append(v.Groups[group], rowOf(e))
	}
	shown := showIn(p, v, w)
	out := make([][]form.Line, len(entries))
	for i := range entries {
		for _, l := range shown.Lines(group, i) {
			if !l.Empty {
				out[i] = append(out[i], l)
			}
		}
	}
	return out
}
