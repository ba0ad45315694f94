package questionnaire

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaison/internal/form"
	"liaison/internal/people"
	"liaison/internal/programme"
	"liaison/internal/survey"
	"liaison/internal/words"
)

var world = &programme.Programme{Default: "en", Topics: []programme.Topic{{ID: "labour", Name: programme.Text{"en": "Labour practices", "fr": "Travail"}}}}

// full is one entry of each survey with every field filled in.
var full = map[string]survey.Entry{
	programme.Subscribers: &survey.Organisation{Email: "a@example.org", Name: "A", About: "two\nlines", URL: "https://a.example"},
	programme.Events: &survey.Event{Name: "Forum", Start: "2027-05-14", End: "2027-05-15", Organiser: "O", Audience: "All", Email: "e@example.org", URL: "https://e.example", Place: "Bern",
		Country: "CH", Mode: "hybrid", Languages: []people.Language{"en", "pt-BR"}, Topics: []string{"labour"}, Presenters: 2, Travel: "shared"},
	programme.Questions: &survey.Question{Question: "Who?", Answer: "We."},
}

func TestEntriesAndRowsAreTheSame(t *testing.T) {
	for _, name := range programme.Surveys {
		v := form.New(Form(world, name), 0)
		v.Groups[Group(name)] = []form.Row{Row(full[name])}
		v.Set("respondent.name", "Ana")
		v.Set("respondent.country", "PE")
		v.Check()
		if !v.OK() {
			t.Errorf("%s: %v", name, v.Errors)
		}
		if diff := cmp.Diff(full[name], Entry(name, v.Rows(Group(name))[0])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, f := range Form(world, name).Groups[0].Fields {
			if f.Kind != form.Hidden && len(Row(full[name])[f.Name]) == 0 {
				t.Errorf("%s: the test leaves %s empty", name, f.Name)
			}
		}
	}
}

// Every label, hint and option has words in every language.
func TestWords(t *testing.T) {
	for _, l := range words.Languages {
		for _, name := range programme.Surveys {
			w := words.For(l)
			s := Show(world, form.New(Form(world, name), 1), w)
			for _, f := range append(s.Fields(""), append(s.Group(Group(name)).Rows[0].Fields, s.Group(Group(name)).Rows[0].More...)...) {
				text := f.Label + f.Hint
				for _, o := range f.Options {
					text += o.Label
				}
				if f.Kind != form.Hidden && (f.Label == "" || strings.Contains(text, "[[")) {
					t.Errorf("%s: %s: %s: %.60s", l, name, f.Name, text)
				}
			}
			for _, lines := range Lines(world, name, []survey.Entry{full[name]}, w) {
				if len(lines) < 2 {
					t.Errorf("%s: %s: %v", l, name, lines)
				}
			}
		}
	}
}

func TestTopicsByName(t *testing.T) {
	if id, ok := Topic(world, "topics", "Travail"); !ok || id != "labour" {
		t.Error(id, ok)
	}
	if _, ok := Topic(world, "name", "Travail"); ok {
		t.Error("only topics")
	}
}
