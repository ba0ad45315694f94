// Package subscriptions is what a subscriber sees: sign-up, the page where a request is confirmed, preferences, export, erasure, and the way
// out.
//
// GET and HEAD change nothing, for mail scanners open every link; the pages say whom a link was issued to and what the button will do. Personal
// pages are reached by link alone: no sign-in, no cookie. What may enter: pages about one subscription, for the person behind it.
package subscriptions

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"

	"liaison/internal/form"
	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/subscription"
	"liaison/internal/web"
	"liaison/internal/words"
)

// Pages serves them. Limit counts attempts by network; it may be nil.
type Pages struct {
	Site  *web.Site
	List  *subscription.List
	Limit *web.Limiter
}

// Routes implements web.Function. /unsubscribe has no language of its own: it stands in headers of mails that outlive the programme's choice of
// languages; the same page exists in each language for the language switch.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		web.Get("/{lang}/subscribe", p.signUp),
		web.Post("/{lang}/subscribe", p.ask),
		web.Get("/{lang}/subscribe/asked", p.asked),
		web.Get("/{lang}/subscription", p.look),
		web.Post("/{lang}/subscription", p.act),
		web.Get("/unsubscribe", p.leaving),
		web.Post("/unsubscribe", p.leave),
		web.Get("/{lang}/unsubscribe", p.leaving),
		web.Post("/{lang}/unsubscribe", p.leave),
	}
}

// details is the form of what a subscriber says of itself. also is a language beside the programme's that must stay choosable.
func (p *Pages) details(also people.Language, strict bool) *form.Definition {
	var languages []string
	for _, l := range p.Site.Programme.Languages {
		languages = append(languages, string(l))
	}
	if also != "" && !p.Site.Programme.Speaks(also) {
		languages = append(languages, string(also))
	}
	return &form.Definition{Words: "subscription.form", Fields: []form.Field{
		{Name: "organisation", Kind: form.Text, Required: strict, Limit: subscription.MaxOrganisation, Autocomplete: "organization"},
		{Name: "name", Kind: form.Text, Limit: subscription.MaxName, Autocomplete: "name"},
		{Name: "country", Kind: form.Country, Autocomplete: "country"},
		{Name: "category", Kind: form.Select, Options: names(people.Categories)},
		{Name: "language", Kind: form.Language, Required: true, Options: languages},
		{Name: "format", Kind: form.Choice, Required: true, Options: names(subscription.Formats)},
	}}
}

func names[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// read takes checked values over.
func read(v *form.Values) subscription.Details {
	return subscription.Details{
		Name: v.Get("name"), Organisation: v.Get("organisation"), Country: people.Country(v.Get("country")),
		Language: people.Language(v.Get("language")), Format: subscription.Format(v.Get("format")), Category: people.Category(v.Get("category")),
	}
}

// fill is the other way round.
func fill(v *form.Values, d subscription.Details) {
	for name, s := range map[string]string{"name": d.Name, "organisation": d.Organisation, "country": string(d.Country),
		"language": string(d.Language), "format": string(d.Format), "category": string(d.Category)} {
		if s != "" {
			v.Set(name, s)
		}
	}
}

// lines are a subscriber's details in words.
func (p *Pages) lines(pr *words.Printer, d subscription.Details) []form.Line {
	v := form.New(p.details(d.Language, false), 0)
	fill(v, d)
	return v.Show(pr).Lines("", 0)
}

// shown names a wording as evidence: its key, and a hash of the very text in that language, so that it can be told from later versions.
func shown(pr *words.Printer, key string) subscription.Shown {
	sum := sha256.Sum256([]byte(pr.T(key)))
	return subscription.Shown{Text: key + "@" + hex.EncodeToString(sum[:4]), Language: pr.Lang}
}

// bearer is who holds a link, as far as the link itself tells.
type bearer struct {
	link.Claim
	Token   string
	Expired bool
}

// open reads the request's link for any of the purposes.
func (p *Pages) open(r *http.Request, purposes ...link.Purpose) (bearer, error) {
	token := r.URL.Query().Get("link")
	for _, purpose := range purposes {
		c, err := p.Site.Links.Open(purpose, token)
		if err == nil || errors.Is(err, link.ErrExpired) {
			return bearer{c, token, err != nil}, nil
		}
	}
	return bearer{}, link.ErrForged
}
