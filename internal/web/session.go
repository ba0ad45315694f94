package web

import (
	"net/http"
	"strings"
	"time"

	"liaison/internal/link"
	"liaison/internal/people"
	"liaison/internal/programme"
)

// SessionLife is how long a person stays signed in at the desk.
const SessionLife = 12 * time.Hour

// cookieName has the __Host- prefix wherever the site is served over TLS; browsers refuse that prefix on plain loopback HTTP.
func (s *Site) cookieName() (name string, secure bool) {
	if strings.HasPrefix(s.Programme.BaseURL, "https:") {
		return "__Host-liaison", true
	}
	return "liaison", false
}

// SignIn gives the browser a session for a listed person.
func (s *Site) SignIn(w http.ResponseWriter, d programme.Desk) {
	name, secure := s.cookieName()
	http.SetCookie(w, &http.Cookie{Name: name, Value: s.Links.Token(link.Session, string(d.Email), "", SessionLife), Path: "/", Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: int(SessionLife.Seconds())})
}

// SignOut takes it away.
func (s *Site) SignOut(w http.ResponseWriter) {
	name, secure := s.cookieName()
	http.SetCookie(w, &http.Cookie{Name: name, Path: "/", Secure: secure, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

// SignedIn finds who asks. The list is looked at each time, so taking a person off it ends her session.
func (s *Site) SignedIn(r *http.Request) (programme.Desk, bool) {
	name, _ := s.cookieName()
	c, err := r.Cookie(name)
	if err != nil {
		return programme.Desk{}, false
	}
	claim, err := s.Links.Open(link.Session, c.Value)
	if err != nil {
		return programme.Desk{}, false
	}
	return s.Programme.Listed(people.EmailAddress(claim.Subject))
}
