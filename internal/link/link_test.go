package link_test

import (
	"bytes"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/link"
)

var start = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// at makes links of a clock that stands where the pointer says.
func at(t testing.TB, now *time.Time, keys ...link.Key) *link.Links {
	t.Helper()
	l, err := link.New("https://update.example.org", func() time.Time { return *now }, keys...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestTokenSaysWhatItWasMadeFor(t *testing.T) {
	now := start
	l := at(t, &now, link.Key{1})
	token := l.Token(link.Confirm, "subject é 1", "nonce", time.Hour)
	if strings.Contains(token, "subject") || strings.Trim(token, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_") != "" {
		t.Errorf("the token shows its subject or is not URL-safe: %s", token)
	}
	c, err := l.Open(link.Confirm, token)
	if err != nil {
		t.Fatal(err)
	}
	if want := (link.Claim{Purpose: link.Confirm, Subject: "subject é 1", Nonce: "nonce", Issued: start, Expires: start.Add(time.Hour)}); !c.Issued.Equal(want.Issued) ||
		!c.Expires.Equal(want.Expires) || c.Purpose != want.Purpose || c.Subject != want.Subject || c.Nonce != want.Nonce {
		t.Errorf("%+v, want %+v", c, want)
	}
	first, second := l.Token(link.Confirm, "s", "", time.Hour), l.Token(link.Confirm, "s", "", time.Hour)
	if first == second {
		t.Error("two tokens are alike")
	}
	if c, err := l.Open(link.Host, l.Token(link.Host, "s", "", time.Hour)); err != nil || c.Nonce != "" {
		t.Errorf("without a nonce: %+v, %v", c, err)
	}
}

func TestPurposesDoNotMix(t *testing.T) {
	now := start
	l := at(t, &now, link.Key{1})
	all := []link.Purpose{link.SignIn, link.Session, link.Confirm, link.Subscription, link.Unsubscribe, link.Answer, link.Draft, link.Registration, link.Request, link.Host, link.Form}
	for _, made := range all {
		token := l.Token(made, "s", "n", time.Hour)
		for _, wanted := range all {
			if _, err := l.Open(wanted, token); (err == nil) != (made == wanted) {
				t.Errorf("made for %s, opened for %s: %v", made, wanted, err)
			}
		}
	}
}

func TestExpiry(t *testing.T) {
	now := start
	l := at(t, &now, link.Key{1})
	token := l.Token(link.Answer, "s", "", time.Hour)
	now = start.Add(time.Hour - time.Second)
	if _, err := l.Open(link.Answer, token); err != nil {
		t.Errorf("a second before its end: %v", err)
	}
	now = start.Add(time.Hour)
	c, err := l.Open(link.Answer, token)
	if !errors.Is(err, link.ErrExpired) || c.Subject != "s" {
		t.Errorf("at its end: %v, %+v; want ErrExpired with the claim", err, c)
	}
	if _, err := l.Open(link.Host, token); !errors.Is(err, link.ErrForged) {
		t.Errorf("an expired token of another purpose: %v", err)
	}
}

func TestKeysRotate(t *testing.T) {
	now := start
	old, fresh := link.Key{1}, link.Key{2}
	before := at(t, &now, old).Token(link.Answer, "s", "", time.Hour)
	both := at(t, &now, fresh, old)
	if _, err := both.Open(link.Answer, before); err != nil {
		t.Errorf("a token of the old key: %v", err)
	}
	after := both.Token(link.Answer, "s", "", time.Hour)
	if _, err := at(t, &now, fresh).Open(link.Answer, after); err != nil {
		t.Errorf("the first key does not issue: %v", err)
	}
	if _, err := at(t, &now, fresh).Open(link.Answer, before); !errors.Is(err, link.ErrForged) {
		t.Errorf("a token of a retired key: %v", err)
	}
}

func TestRetiredKeys(t *testing.T) {
	now := start
	old := at(t, &now, link.Key{1})
	l := at(t, &now, link.Key{3}, link.Key{2})
	if err := l.Remember(link.Key{1}); err != nil {
		t.Fatal(err)
	}
	for _, p := range []link.Purpose{link.SignIn, link.Session, link.Confirm, link.Subscription, link.Answer, link.Draft, link.Registration, link.Request, link.Host, link.Form} {
		if c, err := l.Open(p, old.Token(p, "s", "n", time.Hour)); !errors.Is(err, link.ErrExpired) || c.Subject != "s" || c.Nonce != "n" {
			t.Errorf("%s of a retired key: %v, %+v; want ErrExpired with the claim", p, err, c)
		}
	}
	leave := old.Token(link.Unsubscribe, "s", "", time.Hour)
	if c, err := l.Open(link.Unsubscribe, leave); err != nil || c.Subject != "s" {
		t.Errorf("the way out of old mail: %v, %+v", err, c)
	}
	if _, err := l.Open(link.Session, leave); !errors.Is(err, link.ErrForged) {
		t.Errorf("the way out as a session: %v", err)
	}
	now = now.Add(time.Hour)
	if _, err := l.Open(link.Unsubscribe, leave); !errors.Is(err, link.ErrExpired) {
		t.Errorf("the way out after its end: %v", err)
	}
	if _, err := old.Open(link.Answer, l.Token(link.Answer, "s", "", time.Hour)); !errors.Is(err, link.ErrForged) {
		t.Errorf("new links are made with a retired key: %v", err)
	}
}

func TestForgedTokens(t *testing.T) {
	now := start
	l := at(t, &now, link.Key{1})
	token := l.Token(link.Answer, "s", "", time.Hour)
	for i := range token { // one sign changed, anywhere
		b := []byte(token)
		if b[i] = 'A'; token[i] == 'A' {
			b[i] = 'Q'
		}
		if _, err := l.Open(link.Answer, string(b)); !errors.Is(err, link.ErrForged) {
			t.Fatalf("sign %d changed: %v", i, err)
		}
	}
	for i := range token {
		if _, err := l.Open(link.Answer, token[:i]); !errors.Is(err, link.ErrForged) {
			t.Fatalf("cut at %d: %v", i, err)
		}
	}
	for _, s := range []string{"", " " + token, token + " ", token + ".footer", "v4.local.", "v4.public." + token[9:], strings.Repeat("A", 1<<20)} {
		if _, err := l.Open(link.Answer, s); !errors.Is(err, link.ErrForged) {
			t.Errorf("%.40q: %v", s, err)
		}
	}
}

func TestURLs(t *testing.T) {
	now := start
	l := at(t, &now, link.Key{1})
	token := l.Token(link.Answer, "s", "", time.Hour)
	u, err := url.Parse(l.URL("/fr/subscription", token))
	if err != nil || u.Host != "update.example.org" || u.Path != "/fr/subscription" || u.Query().Get("link") != token {
		t.Errorf("%v %v", u, err)
	}
	if got := l.URL("/unsubscribe", ""); got != "https://update.example.org/unsubscribe" {
		t.Error(got)
	}
}

func TestNewWantsAKeyAndAnAddress(t *testing.T) {
	if _, err := link.New("https://x.example", time.Now); err == nil {
		t.Error("no key is good enough")
	}
	for _, base := range []string{"", "/path", "update.example.org", "://"} {
		if _, err := link.New(base, time.Now, link.Key{1}); err == nil {
			t.Errorf("base %q is good enough", base)
		}
	}
}

func FuzzOpen(f *testing.F) {
	now := start
	l := at(f, &now, link.Key{1})
	other := at(f, &now, link.Key{2})
	for _, life := range []time.Duration{time.Hour, -time.Hour} {
		f.Add([]byte(l.Token(link.Answer, "s", "n", life)))
		f.Add([]byte(other.Token(link.Answer, "s", "n", life)))
		f.Add([]byte(l.Token(link.Host, "s", "n", life)))
	}
	f.Add([]byte("v4.local."))
	f.Add(bytes.Repeat([]byte("v4.local.AAAA"), 300))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := l.Open(link.Answer, string(b))
		switch {
		case err == nil || errors.Is(err, link.ErrExpired):
			if c.Purpose != link.Answer || c.Subject != "s" || c.Nonce != "n" { // the seeds of our key and purpose say this; nobody can make others
				t.Errorf("%q opens as %+v", b, c)
			}
		case !errors.Is(err, link.ErrForged):
			t.Errorf("%q: %v", b, err)
		case c != link.Claim{}:
			t.Errorf("%q is forged and says %+v", b, c)
		}
	})
}
