// Package programme is the configuration of one programme: its names, languages, addresses and dates.
//
// One deployment serves one programme, and nothing of it is a constant in the code. The configuration is a JSON
// document; Parse checks it whole and names every fault, so that a deployment fails at the start and not at a page.
package programme

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"liaison/internal/people"
)

// Role is what a listed person may do at the desk.
type Role string

const (
	Secretary Role = "secretary" // everything
	Editor    Role = "editor"    // issues, events, answers; no lists of people, no sending
	Viewer    Role = "viewer"    // reads
)

// Text is a wording in several languages.
type Text map[people.Language]string

// In gives the wording in lang, else in its base language, else in fallback.
func (t Text) In(lang, fallback people.Language) string {
	for _, l := range []people.Language{lang, lang.Base(), fallback} {
		if s, ok := t[l]; ok && s != "" {
			return s
		}
	}
	return ""
}

// Desk is a person of the secretariat.
type Desk struct {
	Name     string              `json:"name"`
	Email    people.EmailAddress `json:"email"`
	Role     Role                `json:"role"`
	Language people.Language     `json:"language"`
}

// Survey says when one of the three surveys takes answers. Closing is exclusive: an answer at Closes is late.
type Survey struct {
	Opens  time.Time `json:"opens"`
	Closes time.Time `json:"closes"`
	Intro  Text      `json:"intro,omitempty"` // who asks and why, beside the standing wording
}

// Names of the public surveys.
const (
	Subscribers = "subscribers"
	Events      = "events"
	Questions   = "questions"
)

// Surveys in the order of the paper forms.
var Surveys = []string{Subscribers, Events, Questions}

// Programme is the whole configuration.
type Programme struct {
	ID          string              `json:"id"`    // short, lower case: in List-Id and file names
	Name        Text                `json:"name"`  // "Stewardship Update": the newsletter and the site
	Group       Text                `json:"group"` // "Working group on responsible stewardship"
	About       Text                `json:"about,omitempty"`
	Languages   []people.Language   `json:"languages"`
	Default     people.Language     `json:"default"`
	BaseURL     string              `json:"baseURL"` // without a slash at the end; every link is built from it
	Sender      people.EmailAddress `json:"sender"`
	ReplyTo     people.EmailAddress `json:"replyTo"` // a person reads it; also the contact on pages
	Postal      string              `json:"postal"`  // the sender's postal address, in every newsletter mail
	TimeZone    string              `json:"timeZone"`
	Secretariat []Desk              `json:"secretariat"`
	Surveys     map[string]Survey   `json:"surveys"`
	Topics      []Topic             `json:"topics"` // what events are about and presenters speak of
	Limits      Limits              `json:"limits,omitzero"`

	zone *time.Location
}

// Limits bound what strangers send within an hour, so that nobody floods the desk or a third person's mailbox. They do not hold on the
// machine itself (loopback).
type Limits struct {
	PerNetwork int `json:"perNetwork"` // survey answers from one IPv4 address or IPv6 /64; 0 is 60
	PerAddress int `json:"perAddress"` // survey answers that name one e-mail address for the receipt; 0 is 20
}

// Hourly are the limits with the defaults filled in.
func (l Limits) Hourly() Limits {
	if l.PerNetwork == 0 {
		l.PerNetwork = 60
	}
	if l.PerAddress == 0 {
		l.PerAddress = 20
	}
	return l
}

// Topic is a subject offered as a choice; ID is kept in records.
type Topic struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// Parse reads and checks a configuration. The error joins one error per fault.
func Parse(data []byte) (*Programme, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	var p Programme
	if err := dec.Decode(&p); err != nil {
		return nil, fmt.Errorf("programme: %w", err)
	}
	if err := p.Check(); err != nil {
		return nil, err
	}
	return &p, nil
}

// Check validates the configuration and resolves its time zone. Call it after building one in code.
func (p *Programme) Check() error {
	var errs []error
	fault := func(format string, args ...any) { errs = append(errs, fmt.Errorf("programme: "+format, args...)) }
	if p.ID == "" {
		fault("id is empty")
	}
	if len(p.Languages) == 0 || !p.Speaks(p.Default) {
		fault("default language %q is not one of languages %v", p.Default, p.Languages)
	}
	for _, l := range p.Languages {
		if _, err := people.ParseLanguage(string(l)); err != nil {
			fault("language %q: %v", l, err)
		}
	}
	for name, t := range map[string]Text{"name": p.Name, "group": p.Group} {
		if t.In(p.Default, p.Default) == "" {
			fault("%s has no wording in the default language", name)
		}
	}
	if u, err := url.Parse(p.BaseURL); err != nil || u.Host == "" || u.Path != "" {
		fault("baseURL %q must be scheme://host without a path", p.BaseURL)
	}
	for name, a := range map[string]people.EmailAddress{"sender": p.Sender, "replyTo": p.ReplyTo} {
		if _, err := people.ParseAddress(string(a)); err != nil {
			fault("%s %q: %v", name, a, err)
		}
	}
	zone, err := time.LoadLocation(p.TimeZone)
	if err != nil {
		fault("timeZone: %v", err)
		zone = time.UTC
	}
	p.zone = zone
	secretaries := 0
	for _, d := range p.Secretariat {
		if _, err := people.ParseAddress(string(d.Email)); err != nil {
			fault("secretariat %q: %v", d.Email, err)
		}
		switch d.Role {
		case Secretary:
			secretaries++
		case Editor, Viewer:
		default:
			fault("secretariat %s: role %q is not secretary, editor or viewer", d.Email, d.Role)
		}
	}
	if secretaries == 0 {
		fault("no secretary is listed")
	}
	for _, name := range Surveys {
		if s, ok := p.Surveys[name]; ok && !s.Opens.Before(s.Closes) {
			fault("survey %s closes before it opens", name)
		}
	}
	if p.Limits.PerNetwork < 0 || p.Limits.PerAddress < 0 {
		fault("a limit is negative")
	}
	for name := range p.Surveys {
		if name != Subscribers && name != Events && name != Questions {
			fault("unknown survey %q", name)
		}
	}
	return errors.Join(errs...)
}

// Zone is the programme's time zone, in which dates are shown and typed.
func (p *Programme) Zone() *time.Location {
	if p.zone == nil {
		return time.UTC
	}
	return p.zone
}

// Speaks tells whether pages and mails exist in lang.
func (p *Programme) Speaks(lang people.Language) bool {
	for _, l := range p.Languages {
		if l == lang {
			return true
		}
	}
	return false
}

// Nearest is the programme's language nearest to lang: itself, its base, or the default.
func (p *Programme) Nearest(lang people.Language) people.Language {
	for _, l := range []people.Language{lang, lang.Base()} {
		if p.Speaks(l) {
			return l
		}
	}
	return p.Default
}

// Listed finds a person of the secretariat by address.
func (p *Programme) Listed(a people.EmailAddress) (Desk, bool) {
	for _, d := range p.Secretariat {
		if d.Email.Key() == a.Key() {
			return d, true
		}
	}
	return Desk{}, false
}

// HasTopic tells whether id is one of the programme's topics.
func (p *Programme) HasTopic(id string) bool {
	for _, t := range p.Topics {
		if t.ID == id {
			return true
		}
	}
	return false
}

// Open tells whether the survey takes answers at t; known is false for a survey that the programme does not hold.
func (p *Programme) Open(survey string, t time.Time) (open, known bool) {
	s, ok := p.Surveys[survey]
	if !ok {
		return false, false
	}
	return !t.Before(s.Opens) && t.Before(s.Closes), true
}
