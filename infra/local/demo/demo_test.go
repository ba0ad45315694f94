package demo

import (
	"bytes"
	"encoding/csv"
	"regexp"
	"strings"
	"testing"
	"time"

	"liaison/internal/people"
	"liaison/internal/programme"
)

var start = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// reserved are the domains that RFC 2606 keeps free for examples.
var reserved = regexp.MustCompile(`(\.example|@example\.(org|com|net)|\.example\.(org|com|net))$`)

func TestProgrammes(t *testing.T) {
	for name, p := range map[string]*programme.Programme{"demo": Programme(start), "empty": Empty(start)} {
		if err := p.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, l := range p.Languages {
			for _, topic := range p.Topics {
				if topic.Name[l] == "" {
					t.Errorf("topic %s has no name in %s", topic.ID, l)
				}
			}
			if p.Name[l] == "" || p.Group[l] == "" || p.About[l] == "" {
				t.Errorf("%s: no name in %s", name, l)
			}
		}
	}
	if p := Empty(start); len(p.Secretariat) != 1 || len(p.Surveys) != 3 {
		t.Errorf("empty programme %+v", p)
	}
}

func column(t *testing.T, list []byte, name string) []string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(list)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for i, head := range rows[0] {
		if head == name {
			var out []string
			for _, r := range rows[1:] {
				out = append(out, r[i])
			}
			return out
		}
	}
	t.Fatalf("no column %s", name)
	return nil
}

func distinct(list []string) int {
	set := map[string]bool{}
	for _, s := range list {
		set[s] = true
	}
	return len(set)
}

func TestListsAreWellFormed(t *testing.T) {
	orgs, roster := subscribers(start), experts()
	for _, list := range [][]byte{orgs, roster} {
		addresses := column(t, list, "email")
		for _, a := range addresses {
			if _, err := people.ParseAddress(a); err != nil || !reserved.MatchString(a) {
				t.Errorf("address %s is real or wrong: %v", a, err)
			}
		}
		if distinct(addresses) != len(addresses) {
			t.Error("an address stands twice")
		}
		for _, c := range column(t, list, "country") {
			if _, err := people.ParseCountry(c); err != nil {
				t.Errorf("country %s: %v", c, err)
			}
		}
		categories := column(t, list, "category")
		for _, c := range categories {
			if _, err := people.ParseCategory(c); err != nil {
				t.Errorf("category %s: %v", c, err)
			}
		}
		if distinct(categories) != 6 {
			t.Error("a category has nobody")
		}
	}
	if n := len(column(t, orgs, "email")); n < 40 {
		t.Errorf("%d organisations", n)
	}
	if n := distinct(column(t, orgs, "country")); n < 25 {
		t.Errorf("%d countries", n)
	}
	if n := len(column(t, roster, "email")); n != 30 {
		t.Errorf("%d experts", n)
	}
	for _, at := range column(t, orgs, "consent_at") {
		if when, err := time.Parse(time.RFC3339, at); err != nil || when.After(start.Add(-History)) {
			t.Errorf("consent at %s: %v", at, err)
		}
	}
}

func TestIssuesAreWorthReading(t *testing.T) {
	for _, i := range Issues(start) {
		if len(i.Editions) != 4 {
			t.Errorf("issue %d has %d editions", i.Number, len(i.Editions))
		}
		for l, e := range i.Editions {
			if n := len(strings.Fields(e.Body)); n < 400 {
				t.Errorf("issue %d in %s has %d words", i.Number, l, n)
			}
			if e.Title == "" || strings.Contains(e.Title+e.Body, "{{") || strings.HasPrefix(e.Title, "#") || strings.Contains(e.Body, "..") {
				t.Errorf("issue %d in %s: %q", i.Number, l, e.Title)
			}
		}
	}
	if body := Issues(start)[1].Editions["ru"].Body; !strings.HasPrefix(body, "Первый проект готов.") || !strings.Contains(body, "3 мая 2027") {
		t.Errorf("dates are reckoned from the start: %.400s", body)
	}
}

func TestTopicsOfListsExist(t *testing.T) {
	p := config()
	var events []told
	load("events.json", &events)
	var yes []map[string]any
	load("registrations.json", &yes)
	var topics []any
	for _, e := range events {
		topics = append(topics, e.Event["topics"].([]any)...)
	}
	for _, r := range yes {
		if list, ok := r["topics"].([]any); ok {
			topics = append(topics, list...)
		}
	}
	for _, id := range topics {
		if !p.HasTopic(id.(string)) {
			t.Errorf("no topic %v", id)
		}
	}
	if len(events) != 12 {
		t.Errorf("%d events", len(events))
	}
}
