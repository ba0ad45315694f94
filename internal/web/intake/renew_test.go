package intake_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/app/apptest"
)

// A receipt whose link has expired tells whose it is and mails another to the address on record, once a day.
func TestExpiredReceiptIsRenewed(t *testing.T) {
	w, b := public(t)
	answer := fill("action", "submit", "organisations.0.name", "Org", "organisations.0.email", "o@o.example", "respondent.name", "Ana", "respondent.country", "PE", "form_key", "k1")
	without := b.Post("/en/surveys/subscribers", answer)
	want(t, "sent without an address", without, 303)
	answer.Set("form_key", "k2")
	answer.Set("respondent.email", "ana@example.org")
	want(t, "sent", b.Post("/fr/surveys/subscribers", answer), 303)
	mails := w.Mails.To("ana@example.org")
	if len(mails) != 1 {
		t.Fatalf("%d mails", len(mails))
	}
	first := apptest.Link(mails[0])

	w.Advance(2 * 365 * 24 * time.Hour)
	a := b.Get(first)
	want(t, "expired", a, 410, "Ce lien a expiré", "a…@example.org")
	if strings.Contains(a.Body, "ana@example.org") {
		t.Error("the address on record is shown whole")
	}
	if a.Header.Get("Cache-Control") != "no-store" {
		t.Error(a.Header)
	}
	if len(w.Mails.To("ana@example.org")) != 1 {
		t.Error("opening the link mailed another")
	}
	want(t, "expired and no address", b.Get(without.Location), 410, "we cannot mail a new link")
	_, after, found := strings.Cut(a.Body, `<form method="post" action="`)
	action, _, _ := strings.Cut(after, `"`)
	if !found || !strings.HasPrefix(action, "/fr/surveys/answers/renew?link=") {
		t.Fatalf("no way to a new link: %s", a.Body)
	}
	v := url.Values{}
	for range 2 {
		a = b.Post(action, v)
		want(t, "renew", a, 303)
		want(t, "renewed", b.Get(a.Location), 200, "nouveau lien")
	}
	mails = w.Mails.To("ana@example.org")
	if len(mails) != 2 {
		t.Fatalf("%d mails after asking twice on one day", len(mails))
	}
	want(t, "the new link", b.Get(apptest.Link(mails[1])), 200, "o@o.example")
	link := without.Location[strings.Index(without.Location, "link="):]
	want(t, "nobody to mail to", b.Post("/en/surveys/answers/renew?"+link, v), 303)
	want(t, "forged", b.Post("/en/surveys/answers/renew?link=v4.local.x", v), 400)
	want(t, "as JSON", b.Get(first, "Accept", "application/json"), 410)
}
