package intake

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
		v := form.New(definition(world, name), 0)
		v.Groups[groupOf(name)] = []form.Row{rowOf(full[name])}
		v.Set("respondent.name", "Ana")
		v.Set("respondent.country", "PE")
		v.Check()
		if !v.OK() {
			t.Errorf("%s: %v", name, v.Errors)
		}
		if diff := cmp.Diff(full[name], entryOf(name, v.Rows(groupOf(name))[0])); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for _, f := range definition(world, name).Groups[0].Fields {
			if f.Kind != form.Hidden && len(rowOf(full[name])[f.Name]) == 0 {
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
			s := showIn(world, form.New(definition(world, name), 1), w)
			row := s.Group(groupOf(name)).Rows[0]
			fields := append(row.Fields, row.More...)
			for _, f := range s.V.Def.Fields {
				fields = append(fields, s.Field(f.Name))
			}
			for _, f := range fields {
				text := f.Label + f.Hint
				for _, o := range f.Options {
					text += o.Label
				}
				if f.Kind != form.Hidden && (f.Label == "" || strings.Contains(text, "[[")) {
					t.Errorf("%s: %s: %s: %.60s", l, name, f.Name, text)
				}
			}
			for _, lines := range linesOf(world, name, []survey.Entry{full[name]}, w) {
				if len(lines) < 2 {
					t.Errorf("%s: %s: %v", l, name, lines)
				}
			}
		}
	}
}

func TestTopicsByName(t *testing.T) {
	if id, ok := topicNamed(world, "topics", "Travail"); !ok || id != "labour" {
		t.Error(id, ok)
	}
	if _, ok := topicNamed(world, "name", "Travail"); ok {
		t.Error("only topics")
	}
}
