// Package link makes and opens capability links: tokens that let the bearer do one thing, for one subject, until one moment.
//
// Tokens are PASETO v4.local (encrypted and authenticated, so that nothing of the subject shows in an address bar or a log).
// They are URL-safe and belong in the query parameter "link". What may enter: the token itself and its keys.
// Whether a link was used or superseded is the domain's knowledge, not the token's.
package link

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"aidanwoods.dev/go-paseto"
)

// Purpose binds a token to one use; a token of one purpose never opens as another.
type Purpose string

const (
	SignIn       Purpose = "sign-in"      // subject: e-mail address of a listed person
	Session      Purpose = "session"      // the desk's cookie
	Confirm      Purpose = "confirm"      // subject: subscriber id; nonce: the request that it answers
	Subscription Purpose = "subscription" // subject: subscriber id; preferences, export, erasure
	Unsubscribe  Purpose = "unsubscribe"  // subject: subscriber id; in List-Unsubscribe
	Answer       Purpose = "answer"       // subject: answer id; receipt and edit
	Draft        Purpose = "draft"        // subject: saved draft id
	Registration Purpose = "registration" // subject: expert id; nonce: the invitation
	Request      Purpose = "request"      // subject: request id; a presenter's answer to a request
	Host         Purpose = "host"         // subject: event id; the host's page
	Form         Purpose = "form"         // render time of a form; no subject
)

var (
	// ErrForged: not a token of ours, or of another purpose. Nothing about it may be believed.
	ErrForged = errors.New("link: not a valid link")
	// ErrExpired: ours and well formed, but too old. Open returns the claim all the same, so that a page can offer a new link.
	ErrExpired = errors.New("link: expired")
)

// Key is 32 secret bytes.
type Key [32]byte

// Links issues with the first key and opens with any, so that keys can be rotated.
type Links struct {
	keys []paseto.V4SymmetricKey
	base string
	now  func() time.Time
}

// Claim is what a token says.
type Claim struct {
	Purpose Purpose
	Subject string
	Nonce   string // ties the token to one issuing; may be empty
	Expires time.Time
	Issued  time.Time
}

// New needs at least one key and the public base URL, without a slash at its end.
func New(base string, now func() time.Time, keys ...Key) (*Links, error) {
	if len(keys) == 0 {
		return nil, errors.New("link: no key")
	}
	if u, err := url.Parse(base); err != nil || u.Host == "" {
		return nil, fmt.Errorf("link: base URL %q is not absolute", base)
	}
	l := &Links{base: base, now: now}
	for _, k := range keys {
		pk, err := paseto.V4SymmetricKeyFromBytes(k[:])
		if err != nil {
			return nil, err
		}
		l.keys = append(l.keys, pk)
	}
	return l, nil
}

// Token makes a token that opens until life has passed (to the second).
func (l *Links) Token(p Purpose, subject, nonce string, life time.Duration) string {
	now := l.now()
	t := paseto.NewToken()
	t.SetSubject(subject)
	t.SetIssuedAt(now)
	t.SetExpiration(now.Add(life))
	if nonce != "" {
		t.SetJti(nonce)
	}
	return t.V4Encrypt(l.keys[0], []byte(p))
}

// Open reads a token of that purpose. With ErrExpired the claim is filled in all the same.
func (l *Links) Open(p Purpose, token string) (Claim, error) {
	if len(token) > 2048 {
		return Claim{}, ErrForged
	}
	for _, k := range l.keys {
		parser := paseto.NewParserWithoutExpiryCheck()
		t, err := parser.ParseV4Local(k, token, []byte(p))
		if err != nil {
			continue
		}
		c := Claim{Purpose: p}
		if c.Subject, err = t.GetSubject(); err != nil {
			return Claim{}, ErrForged
		}
		c.Nonce, _ = t.GetJti() // absent is empty
		if c.Expires, err = t.GetExpiration(); err != nil {
			return Claim{}, ErrForged
		}
		if c.Issued, err = t.GetIssuedAt(); err != nil {
			return Claim{}, ErrForged
		}
		if !l.now().Before(c.Expires) {
			return c, ErrExpired
		}
		return c, nil
	}
	return Claim{}, ErrForged
}

// URL is the configured base, path and ?link=token; an empty token leaves the query out.
func (l *Links) URL(path, token string) string {
	if token == "" {
		return l.base + path
	}
	return l.base + path + "?link=" + url.QueryEscape(token)
}
