package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

const subscribersSurvey = "/fr/surveys/subscribers"

// wrongRows: what was typed comes back with a clear error, in the language of the page.
func wrongRows(w *walk) (string, error) {
	p, err := w.public.page(subscribersSurvey)
	if err != nil {
		return "", err
	}
	f, err := p.form("respondent.name", "organisations.0.email")
	if err != nil {
		return "", err
	}
	const typed = `<b>Guilde & "Fils"</b>`
	f.fields.Set("respondent.name", "Zoé Dupré")
	f.fields.Set("respondent.country", "CH")
	f.fields.Set("organisations.0.name", typed)
	f.fields.Set("organisations.0.email", "pas une adresse")
	a, err := f.press(w.public)
	if err != nil {
		return "", err
	}
	if p, err = a.page(http.StatusUnprocessableEntity); err != nil {
		return "", err
	}
	problems := p.problems()
	if len(problems) == 0 || p.lang() != "fr" {
		return "", fmt.Errorf("no summary of errors in French: %s", a)
	}
	if f, err = p.form("respondent.name", "organisations.0.email"); err != nil {
		return "", err
	}
	for name, want := range map[string]string{"respondent.name": "Zoé Dupré", "organisations.0.name": typed, "organisations.0.email": "pas une adresse"} {
		if got := f.fields.Get(name); got != want {
			return "", fmt.Errorf("%s came back as %q, typed was %q", name, got, want)
		}
	}
	a, err = w.public.do(http.MethodPost, subscribersSurvey, "application/json", asJSON, []byte(`{"organisations":[{"email":"x"}]}`))
	if err != nil || a.status != http.StatusUnprocessableEntity || !strings.HasPrefix(a.header.Get("Content-Type"), "application/problem+json") || !strings.Contains(string(a.body), "organisations.0.email") {
		return "", fmt.Errorf("a program's wrong rows: %v %s %v", a, a.header.Get("Content-Type"), err)
	}
	return "422: " + problems[0], nil
}

// answerSurvey fills in the form as a person does, takes her time, and checks her answers where the site asks to.
func answerSurvey(w *walk) (string, error) {
	p, err := w.public.page(subscribersSurvey)
	if err != nil {
		return "", err
	}
	f, err := p.form("respondent.name", "organisations.0.email")
	if err != nil {
		return "", err
	}
	if err := w.advance(40 * time.Second); err != nil {
		return "", err
	}
	for name, value := range map[string]string{"name": "Zoé Dupré", "organisation": "Ligue du lac", "country": "CH", "email": w.address("zoe")} {
		f.fields.Set("respondent."+name, value)
	}
	for i, name := range []string{"Guilde des jardins", "Amis des rivières", "Marché commun"} {
		to := w.address([]string{"jardins", "rivieres", "marche"}[i])
		w.organisations = append(w.organisations, to)
		row := fmt.Sprintf("organisations.%d.", i)
		f.fields.Set(row+"name", name)
		f.fields.Set(row+"email", to)
		f.fields.Set(row+"about", "Une association de la région.")
		f.fields.Set(row+"url", "https://"+w.run+".example")
	}
	a, err := f.press(w.public)
	for err == nil && a.status == http.StatusOK && !a.at.Query().Has("link") { // the answers are shown for a last look
		if p, err = a.page(http.StatusOK); err != nil {
			return "", err
		}
		if f, err = p.form(); err == nil {
			a, err = f.press(w.public)
		}
	}
	if err != nil {
		return "", err
	}
	if p, err = a.page(http.StatusOK); err != nil {
		return "", err
	}
	return p.heading()
}

// receipt: the e-mailed link shows the answer, and its reference.
func receipt(w *walk) (string, error) {
	m, link, err := w.newest(w.address("zoe"), "/surveys/answers")
	if err != nil {
		return "", err
	}
	p, err := w.public.page(link)
	if err != nil {
		return "", err
	}
	for _, want := range []string{"Amis des rivières", w.organisations[2]} {
		if !strings.Contains(p.text(), want) {
			return "", fmt.Errorf("the answer’s page lacks %q", want)
		}
	}
	return m.Subject, nil
}

// candidate is a row of an answer that waits at the desk.
type candidate struct {
	Answer, Survey, State string
	Row                   any
	Email, Name           string
	Respondent            struct{ Name string }
}

func acceptRows(w *walk) (string, error) {
	list, err := all[candidate](w.secretary, "/desk/candidates?survey=subscribers")
	if err != nil {
		return "", err
	}
	answers := map[string]bool{}
	found := 0
	for _, c := range list {
		if slices.Contains(w.organisations, c.Email) {
			answers[c.Answer] = true
			found++
		}
	}
	if found != len(w.organisations) || len(answers) != 1 {
		return "", fmt.Errorf("%d of %d rows are among the %d candidates, in %d answers", found, len(w.organisations), len(list), len(answers))
	}
	for id := range answers {
		if err := w.secretary.post("/desk/surveys/subscribers/answers/"+url.PathEscape(id), map[string]string{"decision": "accept"}, nil); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%d rows", found), w.advance(2 * time.Minute)
}

// confirmations: one mail each; the link's page changes nothing; the button does.
func confirmations(w *walk) (string, error) {
	lang := ""
	for n, to := range w.organisations {
		_, link, err := w.newest(to, "/subscription")
		if err != nil {
			return "", err
		}
		if list, err := w.mails(to); err != nil || len(list) != 1 {
			return "", fmt.Errorf("%s has %d mails: %v", to, len(list), err)
		}
		reader := newVisitor(w.ctx, w.base)
		var p *page
		for range 2 { // a scanner opens it first
			if p, err = reader.page(link); err != nil {
				return "", err
			}
		}
		if state, err := w.stateOf(to); err != nil || state == "active" {
			return "", fmt.Errorf("before the button was pressed %s is %q: %v", to, state, err)
		}
		if n == 2 {
			break // the third never answers
		}
		f, err := p.form()
		if err != nil {
			return "", err
		}
		for range 2 { // and pressed twice
			a, err := f.press(reader)
			if err != nil {
				return "", err
			}
			if p, err = a.page(http.StatusOK); err != nil {
				return "", err
			}
		}
		lang = p.lang()
	}
	return "two confirm, in " + lang + "; one does not answer", nil
}

type subscriber struct {
	Email, State, Language string
}

// stateOf is where a subscriber stands, by the desk's list.
func (w *walk) stateOf(address string) (string, error) {
	list, err := all[subscriber](w.secretary, "/desk/subscribers")
	if err != nil {
		return "", err
	}
	for _, s := range list {
		if s.Email == address {
			return s.State, nil
		}
	}
	return "", nil
}

func confirmed(w *walk) (string, error) {
	for n, to := range w.organisations {
		state, err := w.stateOf(to)
		if err != nil {
			return "", err
		}
		if want := []string{"active", "active", "candidate"}[n]; state != want {
			return "", fmt.Errorf("%s is %q, want %q", to, state, want)
		}
		if state == "active" {
			w.readers[to] = "fr"
		}
	}
	var record struct{ Items []struct{ Who, Act string } }
	if err := w.secretary.get("/desk/audit", &record); err != nil {
		return "", err
	}
	for _, e := range record.Items {
		if e.Who == secretaryAddress && strings.Contains(e.Act, "accept") {
			return fmt.Sprintf("two are active, one is a candidate; “%s” stands in the record", e.Act), nil
		}
	}
	return "", errors.New("the record does not tell who accepted the answer")
}
