package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const secretaryAddress = "secretary@example.org"

var languages = []string{"en", "fr", "es", "ru"}

func ready(w *walk) (string, error) {
	if err := w.public.get("/_local/health", nil); err != nil {
		return "", err
	}
	var err error
	w.began, err = w.now()
	return "the programme’s clock says " + w.began.Format(time.DateTime), err
}

func homes(w *walk) (string, error) {
	var seen []string
	for _, l := range languages {
		p, err := w.public.page("/" + l + "/")
		if err != nil {
			return "", err
		}
		h, err := p.heading()
		if err != nil {
			return "", err
		}
		if p.lang() != l {
			return "", fmt.Errorf("/%s/ says it is in %q", l, p.lang())
		}
		seen = append(seen, h)
	}
	a, err := w.public.do(http.MethodGet, "/", "", asPage, nil, "Accept-Language", "ru;q=0.9, de;q=0.8")
	if err != nil {
		return "", err
	}
	if a.at.Path != "/ru/" {
		return "", fmt.Errorf("a Russian reader is led to %s", a.at.Path)
	}
	return strings.Join(seen, " · "), nil
}

func nowhere(w *walk) (string, error) {
	a, err := w.public.do(http.MethodGet, "/fr/nulle-part", "", asPage, nil)
	if err != nil {
		return "", err
	}
	p, err := a.page(http.StatusNotFound)
	if err != nil {
		return "", err
	}
	for _, to := range []string{"/en/subscription?link=forged", "/en/presenters/registration?link=v4.local.forged"} {
		a, err := w.public.do(http.MethodGet, to, "", asPage, nil)
		if err != nil {
			return "", err
		}
		if a.status < 400 || a.status > 499 {
			return "", fmt.Errorf("a forged link: %s", a)
		}
	}
	return p.heading()
}

// signIn asks for a link, opens it, and presses the button on its page.
func signIn(w *walk) (string, error) {
	a, err := w.secretary.do(http.MethodGet, "/desk/", "", asPage, nil)
	if err != nil {
		return "", err
	}
	p, err := a.page(http.StatusOK)
	if err != nil {
		return "", err
	}
	f, err := p.form("email")
	if err != nil {
		return "", err
	}
	f.fields.Set("email", secretaryAddress)
	if a, err = f.press(w.secretary); err != nil || a.status != http.StatusOK {
		return "", fmt.Errorf("asking for a link: %v %v", a, err)
	}
	_, link, err := w.newest(secretaryAddress, "/desk/sign-in/open")
	if err != nil {
		return "", err
	}
	if p, err = w.secretary.page(link); err != nil {
		return "", err
	}
	if a, err := w.secretary.do(http.MethodGet, "/desk/audit", "", asJSON, nil); err != nil || a.status != http.StatusUnauthorized {
		return "", fmt.Errorf("opening the link alone must not sign in: %v %v", a, err)
	}
	if f, err = p.form(); err != nil {
		return "", err
	}
	if a, err = f.press(w.secretary); err != nil {
		return "", err
	}
	if p, err = a.page(http.StatusOK); err != nil {
		return "", err
	}
	if strings.TrimSuffix(a.at.Path, "/") != "/desk" { // a gateway may know it without its slash only
		return "", fmt.Errorf("signing in led to %s", a.at.Path)
	}
	return p.heading()
}

// roles: strangers see nothing, viewers change nothing, editors do not see to lists of people.
func roles(w *walk) (string, error) {
	stranger := newVisitor(w.ctx, w.base)
	a, err := stranger.do(http.MethodGet, "/desk/subscribers", "", asJSON, nil)
	if err != nil || a.status != http.StatusUnauthorized {
		return "", fmt.Errorf("a stranger at the desk: %v %v", a, err)
	}
	a, err = stranger.do(http.MethodGet, "/_local/signin?as="+url.QueryEscape(w.address("nobody")), "", asJSON, nil)
	if err != nil || a.status != http.StatusNotFound {
		return "", fmt.Errorf("somebody who is not listed signs in: %v %v", a, err)
	}
	saw := "strangers are kept out"
	for _, c := range []struct{ who, post string }{{"viewer@example.org", "/desk/issues"}, {"editor@example.org", "/desk/invitations"}} {
		v := newVisitor(w.ctx, w.base)
		a, err := v.do(http.MethodGet, "/_local/signin?as="+url.QueryEscape(c.who)+"&to=/desk/", "", asPage, nil)
		if err != nil {
			return "", err
		}
		if a.status == http.StatusNotFound {
			continue // an empty programme has a secretary only
		}
		if a.status != http.StatusOK {
			return "", fmt.Errorf("%s at the desk: %s", c.who, a)
		}
		if a, err = v.do(http.MethodPost, c.post, "application/json", asJSON, []byte("{}")); err != nil || a.status != http.StatusForbidden {
			return "", fmt.Errorf("%s may POST %s: %v %v", c.who, c.post, a, err)
		}
		saw += ", " + c.who + " is held to the role"
	}
	return saw, nil
}
