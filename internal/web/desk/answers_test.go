package desk_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"liaison/internal/app/all"
	"liaison/internal/app/apptest"
	"liaison/internal/people"
)

// surveyed is a world with an answer of three organisations, and the address of that answer at the desk.
func surveyed(t *testing.T) (w *apptest.World, as func(people.EmailAddress) *apptest.Browser, path string) {
	t.Helper()
	w = apptest.New(t)
	all, err := all.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	as = func(who people.EmailAddress) *apptest.Browser {
		b := w.Browse(t, all.HTTP)
		if who != "" {
			b.As(w, who)
		}
		return b
	}
	a := as("").PostJSON("/en/surveys/subscribers", `{"respondent":{"name":"Ana <b>","organisation":"Red","country":"PE"},"organisations":[
		{"email":"a@one.example","name":"One <script>","about":"About"},{"email":"b@two.example","name":"Two"},{"email":"c@three.example","name":"Three"}]}`)
	if a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	list := candidates(t, as("editor@example.org"), "")
	if len(list) != 3 {
		t.Fatalf("%d candidates", len(list))
	}
	return w, as, "/desk/surveys/subscribers/answers/" + list[0]["answer"].(string)
}

func candidates(t *testing.T, b *apptest.Browser, query string) []map[string]any {
	t.Helper()
	a := b.Get("/desk/candidates"+query, "Accept", "application/json")
	var list struct{ Items []map[string]any }
	if err := json.Unmarshal([]byte(a.Body), &list); err != nil || a.Status != 200 {
		t.Fatalf("%d %s %v", a.Status, a.Body, err)
	}
	return list.Items
}

func TestDecisionsThroughTheDesk(t *testing.T) {
	w, as, path := surveyed(t)
	d := as("editor@example.org")
	first := candidates(t, d, "?survey=subscribers&state=pending")[0]
	if first["survey"] != "subscribers" || first["row"] != 0.0 || first["state"] != "pending" || first["email"] != "a@one.example" || first["about"] != "About" {
		t.Errorf("a candidate carries %v", first)
	}
	for range 2 { // idempotent
		if a := d.PostJSON(path, `{"decision":"accept","row":0}`); a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
	}
	if n := len(w.Mails.To("a@one.example")); n != 1 {
		t.Errorf("%d mails to an accepted organisation", n)
	}
	if a := d.Post(path, map[string][]string{"decision": {"reject"}, "row": {"1"}}); a.Status != 303 {
		t.Errorf("reject: %d", a.Status)
	}
	for body, status := range map[string]int{`{"decision":"reject","row":0}`: 409, `{"decision":"accept","row":9}`: 404, `{"decision":"maybe"}`: 422, `{"decision":"accept","row":-1}`: 422, `{}`: 422} {
		if a := d.PostJSON(path, body); a.Status != status {
			t.Errorf("%s: %d, want %d: %s", body, a.Status, status, a.Body)
		}
	}
	if a := d.PostJSON(path, `{"decision":"accept"}`); a.Status != 200 || !strings.Contains(a.Body, `"decided":1`) {
		t.Errorf("every row that waits: %d %s", a.Status, a.Body)
	}
	for state, want := range map[string]int{"accepted": 2, "rejected": 1, "pending": 0} {
		if n := len(candidates(t, d, "?state="+state)); n != want {
			t.Errorf("%d %s, want %d", n, state, want)
		}
	}
	record := as("secretary@example.org").Get("/desk/audit", "Accept", "application/json").Body
	if strings.Count(record, "answer.accept") != 2 || strings.Count(record, "answer.reject") != 1 || strings.Contains(record, "one.example") {
		t.Errorf("the record: %s", record)
	}
}

func TestWhoMayDecide(t *testing.T) {
	w, as, path := surveyed(t)
	v := as("viewer@example.org")
	if a := v.Get(path); a.Status != 200 || strings.Contains(a.Body, "a@one.example") || strings.Contains(a.Body, `name="decision"`) {
		t.Errorf("a viewer sees %d %s", a.Status, a.Body)
	}
	if a := v.PostJSON(path, `{"decision":"accept"}`); a.Status != 403 {
		t.Errorf("a viewer decides: %d", a.Status)
	}
	if a := as("").PostJSON(path, `{"decision":"accept"}`); a.Status != 401 {
		t.Errorf("a stranger decides: %d", a.Status)
	}
	if n := len(w.Mails.All()); n != 0 {
		t.Errorf("%d mails", n)
	}
}

// Right after a decision the answer's own page is right, however far the indexes lag.
func TestTheAnswersPageDoesNotLag(t *testing.T) {
	w, as, path := surveyed(t)
	w.Lag(time.Hour)
	d := as("editor@example.org")
	for row := range 3 {
		if a := d.PostJSON(path, fmt.Sprintf(`{"decision":"accept","row":%d}`, row)); a.Status != 200 {
			t.Fatal(a.Status, a.Body)
		}
		a := d.Get(path, "Accept", "application/json")
		if n := strings.Count(a.Body, `"state":"accepted"`); n != row+1 {
			t.Errorf("%d rows accepted on the page, want %d", n, row+1)
		}
	}
	if n := len(candidates(t, d, "?state=pending")); n != 0 {
		t.Errorf("%d accepted rows stand among those that wait", n)
	}
}

func TestAnswerPagesAreSound(t *testing.T) {
	w, as, path := surveyed(t)
	as("").PostJSON("/ru/surveys/subscribers", `{"respondent":{"name":"B","country":"RU"},"organisations":[{"email":"A@one.example","name":"Again"}]}`)
	for _, lang := range []people.Language{"en", "fr", "es", "ru"} {
		w.Programme.Secretariat[1].Language = lang
		d := as("editor@example.org")
		for _, page := range []string{"/desk/surveys", "/desk/surveys/subscribers", "/desk/surveys/subscribers?which=all", "/desk/surveys/events", "/desk/surveys/quarantine",
			"/desk/candidates", "/desk/candidates?survey=subscribers&state=rejected", path} {
			a := d.Get(page)
			if a.Status != 200 || strings.Contains(a.Body, "[[") || strings.Contains(a.Body, "<script>") || strings.Contains(a.Body, "<no value>") || strings.Count(a.Body, "<h1") != 1 {
				t.Errorf("%s in %s: %d", page, lang, a.Status)
			}
		}
	}
	if a := as("editor@example.org").Get(path); !strings.Contains(a.Body, "/desk/surveys/subscribers/answers/") {
		t.Error("the same organisation in another answer is not pointed out")
	}
}
