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
	keys    []paseto.V4SymmetricKey
	retired []paseto.V4SymmetricKey
	base    string
	now     func() time.Time
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
	var err error
	l.keys, err = prepare(keys)
	return l, err
}

func prepare(keys []Key) (out []paseto.V4SymmetricKey, err error) {
	for _, k := range keys {
		pk, err := paseto.V4SymmetricKeyFromBytes(k[:])
		if err != nil {
			return nil, err
		}
		out = append(out, pk)
	}
	return out, nil
}

// Remember makes keys known that were rotated out. What they made is over, whatever it says of itself: it opens as ErrExpired. Only
// the way out of a newsletter stays open, because old mail is kept for years, and ending a subscription is all it does.
func (l *Links) Remember(retired ...Key) error {
	keys, err := prepare(retired)
	l.retired = append(l.retired, keys...)
	return err
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
		if c, ok := read(k, p, token); ok {
			return c, l.age(c)
		}
	}
	for _, k := range l.retired {
		c, ok := read(k, p, token)
		switch {
		case ok && p == Unsubscribe:
			return c, l.age(c)
		case ok:
			return c, ErrExpired
		}
	}
	return Claim{}, ErrForged
}

func (l *Links) age(c Claim) error {
	if l.now().Before(c.Expires) {
		return nil
	}
	return ErrExpired
}

// read tells what a token of that key and purpose says.
func read(k paseto.V4SymmetricKey, p Purpose, token string) (c Claim, ok bool) {
	t, err := paseto.NewParserWithoutExpiryCheck().ParseV4Local(k, token, []byte(p))
	if err != nil {
		return Claim{}, false
	}
	c.Purpose = p
	c.Nonce, _ = t.GetJti() // absent is empty
	var errs [3]error
	c.Subject, errs[0] = t.GetSubject()
	c.Expires, errs[1] = t.GetExpiration()
	c.Issued, errs[2] = t.GetIssuedAt()
	if errs != [3]error{} {
		return Claim{}, false
	}
	return c, true
}

// URL is the configured base, path and ?link=token; an empty token leaves the query out.
func (l *Links) URL(path, token string) string {
	if token == "" {
		return l.base + path
	}
	return l.base + path + "?link=" + url.QueryEscape(token)
}
