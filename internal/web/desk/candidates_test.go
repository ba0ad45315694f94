package desk_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// The address of the next page keeps what the list was narrowed to.
func TestTheCandidatesGoOnWithTheSameFilter(t *testing.T) {
	_, as, _ := surveyed(t)
	var rows []string
	for n := range 60 {
		rows = append(rows, fmt.Sprintf(`{"email":"o%d@many.example","name":"Forum %d"}`, n, n))
	}
	if a := as("").PostJSON("/en/surveys/subscribers", `{"respondent":{"name":"B","country":"CH"},"organisations":[`+strings.Join(rows, ",")+`]}`); a.Status != 200 {
		t.Fatal(a.Status, a.Body)
	}
	d := as("viewer@example.org")
	first := d.Get("/desk/candidates?survey=subscribers&state=pending").Body
	next := linkWith(t, first, "cursor")
	if next.Query().Get("survey") != "subscribers" || next.Query().Get("state") != "pending" {
		t.Fatalf("the next page is %s", next)
	}
	second := d.Get("/desk/candidates" + next.String())
	if n := strings.Count(first, "<li><h2") + strings.Count(second.Body, "<li><h2"); second.Status != 200 || n != 63 {
		t.Errorf("%d rows on two pages, want 63", n)
	}
}

// linkWith is the first link of a page that has this parameter.
func linkWith(t *testing.T, page, parameter string) *url.URL {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for n := range doc.Descendants() {
		for _, a := range n.Attr {
			if u, err := url.Parse(a.Val); a.Key == "href" && err == nil && u.Query().Has(parameter) {
				return u
			}
		}
	}
	t.Fatalf("no link with %q", parameter)
	return nil
}
