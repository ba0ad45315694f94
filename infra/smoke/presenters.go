package main

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

func roster(w *walk) (string, error) {
	w.expert = w.address("kofi")
	w.experts = []string{w.expert, w.address("mei"), w.address("ines")}
	list := "name,email,organisation,country,category,gender,role,language\n" +
		"Kofi Annor " + w.run + "," + w.expert + ",Coast Institute,GH,ngo,man,expert,en\n" +
		"\"Lin, Mei\"," + w.experts[1] + ",\"Lin & Partners\",SG,industry,,expert,en\n" +
		"Inés Duarte," + w.experts[2] + ",Consumidoras,PE,consumers,woman,expert,es\n"
	var done struct{ Added, Same int }
	if err := w.secretary.upload("/desk/roster", "roster.csv", list, nil, &done); err != nil {
		return "", err
	}
	if done.Added != 3 {
		return "", fmt.Errorf("%d of 3 experts were added", done.Added)
	}
	if err := w.secretary.upload("/desk/roster", "roster.csv", list, nil, &done); err != nil || done.Added != 0 {
		return "", fmt.Errorf("the same list again added %d: %v", done.Added, err)
	}
	return "three experts; the same list again changes nothing", nil
}

func invite(w *walk) (string, error) {
	if err := w.secretary.post("/desk/invitations", map[string]any{"to": w.experts}, nil); err != nil {
		return "", err
	}
	m, _, err := w.newest(w.expert, "/presenters/registration")
	if err != nil {
		return "", err
	}
	spanish, _, err := w.newest(w.experts[2], "/presenters/registration")
	return m.Subject + " · " + spanish.Subject, err
}

// register opens the personal link and says Yes, by the form.
func register(w *walk) (string, error) {
	_, link, err := w.newest(w.expert, "/presenters/registration")
	if err != nil {
		return "", err
	}
	expert := newVisitor(w.ctx, w.base)
	p, err := expert.page(link)
	if err != nil {
		return "", err
	}
	f, err := p.form("wish", "name", "organisation", "country")
	if err != nil {
		return "", err
	}
	f.fields.Set("wish", "yes")
	f.fields.Set("country", "")
	a, err := f.press(expert)
	if err != nil {
		return "", err
	}
	if p, err = a.page(http.StatusUnprocessableEntity); err != nil {
		return "", err
	}
	if f, err = p.form("wish", "name"); err != nil {
		return "", err
	}
	for name, value := range map[string]string{"wish": "yes", "country": "GH", "languages": "en", "travel": "host", "yearly": "4", "biography": "Speaks plainly."} {
		f.fields.Set(name, value)
	}
	f.fields["regions"] = []string{"africa"}
	if a, err = f.press(expert); err != nil {
		return "", err
	}
	if p, err = a.page(http.StatusOK); err != nil {
		return "", err
	}
	if state, err := w.expertState(w.expert); err != nil || state != "yes" {
		return "", fmt.Errorf("the desk says %q: %v", state, err)
	}
	return p.heading()
}

func decline(w *walk) (string, error) {
	_, link, err := w.newest(w.experts[1], "/presenters/registration")
	if err != nil {
		return "", err
	}
	u, err := url.Parse(link)
	if err != nil {
		return "", err
	}
	if err := newVisitor(w.ctx, w.base).post(u.RequestURI(), map[string]string{"wish": "no"}, nil); err != nil {
		return "", err
	}
	state, err := w.expertState(w.experts[1])
	if err == nil && state != "no" {
		err = fmt.Errorf("the desk says %q", state)
	}
	return "recorded", err
}

func (w *walk) expertState(address string) (string, error) {
	list, err := all[struct{ Email, State string }](w.secretary, "/desk/presenters")
	if err != nil {
		return "", err
	}
	for _, e := range list {
		if e.Email == address {
			return e.State, nil
		}
	}
	return "", fmt.Errorf("%s is not on the roster", address)
}

// tellEvent answers the events survey as a program and has it accepted.
func tellEvent(w *walk) (string, error) {
	w.event = "Forum of the coast " + w.run
	start := w.began.AddDate(0, 1, 0)
	host := w.address("host")
	var told struct{ Reference, Edit string }
	err := w.public.post("/en/surveys/events", map[string]any{
		"respondent": map[string]string{"name": "Esi Quaye", "organisation": "Harbour Council", "country": "GH"},
		"events": []map[string]any{{"name": w.event, "start": start.Format("2006-01-02"), "end": start.AddDate(0, 0, 1).Format("2006-01-02"), "organiser": "Harbour Council",
			"audience": "Fishing communities", "email": host, "url": "https://forum.example", "place": "Tema", "country": "GH", "mode": "onsite", "languages": []string{"en"}, "presenters": "2", "travel": "host"}},
	}, &told)
	if err != nil {
		return "", err
	}
	if told.Reference == "" || told.Edit == "" {
		return "", fmt.Errorf("no reference or no edit link: %+v", told)
	}
	list, err := all[candidate](w.secretary, "/desk/candidates?survey=events")
	if err != nil {
		return "", err
	}
	i := slices.IndexFunc(list, func(c candidate) bool { return c.Name == w.event })
	if i < 0 {
		return "", fmt.Errorf("the event is not among %d candidates", len(list))
	}
	return "reference " + told.Reference, w.secretary.post("/desk/surveys/events/answers/"+url.PathEscape(list[i].Answer), map[string]any{"decision": "accept", "row": list[i].Row}, nil)
}

func calendar(w *walk) (string, error) {
	p, err := w.public.page("/en/events")
	if err != nil {
		return "", err
	}
	link, err := p.link(w.event)
	if err != nil {
		return "", err
	}
	if p, err = w.public.page(link); err != nil {
		return "", err
	}
	if strings.Contains(p.text(), w.address("host")) {
		return "", fmt.Errorf("the public page shows the host’s address")
	}
	a, err := w.public.do(http.MethodGet, "/events.ics", "", "text/calendar", nil)
	if err != nil || a.status != http.StatusOK || !strings.Contains(string(a.body), "BEGIN:VEVENT") {
		return "", fmt.Errorf("the calendar file: %v %v", a, err)
	}
	return p.heading()
}

// recommended: who fits is named with reasons, the same on every look; who did not say Yes is not.
func recommended(w *walk) (string, error) {
	p, err := w.secretary.page("/desk/events")
	if err != nil {
		return "", err
	}
	link, err := p.link(w.event)
	if err != nil {
		return "", err
	}
	if p, err = w.secretary.page(link); err != nil {
		return "", err
	}
	first := p.text()
	if !strings.Contains(first, "Kofi Annor "+w.run) {
		return "", fmt.Errorf("the presenter who fits is not recommended")
	}
	for _, who := range []string{"Lin, Mei", "Inés Duarte"} {
		if strings.Contains(first, who) {
			return "", fmt.Errorf("%s never said Yes", who)
		}
	}
	if p, err = w.secretary.page(link); err != nil {
		return "", err
	}
	if p.text() != first {
		return "", fmt.Errorf("a second look recommends otherwise")
	}
	i := strings.Index(first, "Kofi Annor "+w.run)
	return fmt.Sprintf("%.90s …", first[i:]), nil
}
