package subscriptions_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/subscription"
)

func TestDecline(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	n := subscription.Nomination{ID: "a1-0", Email: forum, Organisation: "Consumers Forum", By: "Red de Empresas", Language: "en"}
	if _, err := s.list.Nominate(ctx, n); err != nil {
		t.Fatal(err)
	}
	m, l := s.latest(forum)
	if !strings.Contains(m.Content.Text, "Red de Empresas has proposed") {
		t.Errorf("the mail does not say who proposed: %s", m.Content.Text)
	}
	s.wants(s.Get(l), 200, "Red de Empresas proposed your organisation", "No, thank you")
	s.wants(s.Post(l, act("decline")), 303)
	s.wants(s.Get(l), 200, "Everything is erased")
	s.wants(s.Post(l, act("decline")), 303)
	s.wants(s.Post(l, nil), 200, "Everything is erased")
	if got := s.state(forum); got != "" {
		t.Errorf("still on the list as %q", got)
	}
	n.ID = "a2-0"
	if id, err := s.list.Nominate(ctx, n); id != "" || err != nil {
		t.Errorf("proposed again: %q, %v", id, err)
	}
	if n := len(s.Mails.To(forum)); n != 1 {
		t.Errorf("%d mails", n)
	}
	s.subscribe(forum) // she herself may come at any time
	if _, err := s.list.Leave(ctx, s.find(forum).ID, subscription.ByDesk, ""); err != nil {
		t.Fatal(err)
	}
}

// Whoever did not ask is told who did.
func TestRequestsNameTheirOrigin(t *testing.T) {
	s := open(t)
	ctx := context.Background()
	if _, err := s.list.Nominate(ctx, subscription.Nomination{ID: "a1-0", Email: forum, Organisation: "<b>Forum</b>", Language: "en"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.list.Import(ctx, "x", []subscription.Row{{Email: "listed@forum.example", Kind: subscription.Ordinary}}, false); err != nil {
		t.Fatal(err)
	}
	for address, says := range map[people.EmailAddress]string{
		forum:                  "A respondent of our survey proposed your organisation.",
		"listed@forum.example": "Your organisation stands in a list of contacts of our secretariat.",
	} {
		at := "/en/subscription?link=" + s.token(link.Confirm, s.find(address).ID, "1", time.Hour)
		s.wants(s.Get(at), 200, says, "No, thank you")
	}
}
