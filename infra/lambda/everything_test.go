//go:build aws

package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"liaison/infra/lambda/deployment"
)

// everything does what the smoke run leaves out, so that every way through the functions that touches a right has been gone.
func everything(t *testing.T, d *deployment.Deployment) {
	answers(t, d)
	subscriptions(t, d)
	speakers(t, d)
	issues(t, d)
}

const respondent = `"respondent": {"name": "Ana Lima", "organisation": "Harbour Council", "country": "PE", "email": "ana@answers.example"}`

// answers: a draft and its end, a change with rows taken back, a key used twice, an answer that looks like spam.
func answers(t *testing.T, d *deployment.Deployment) {
	public, desk := newPerson(t, d), secretary(t, d)
	public.form("/en/surveys/subscribers", "action", "save", "respondent.name", "Ana Lima", "respondent.email", "ana@answers.example", "organisations.0.name", strings.Repeat("Guild ", 20))
	draft := public.link("ana@answers.example", "/surveys/drafts")
	page := public.page(draft)
	for _, key := range []string{field(page.body, "draft"), ""} {
		public.send("POST", "/en/surveys/subscribers", "application/json", []byte(`{`+respondent+`, "draft": "`+key+`", "organisations": [{"email": "one@answers.example", "name": "One"}]}`))
	}
	public.get("/en/surveys")
	body := `{` + respondent + `, "form_key": "twice", "organisations": [{"email": "two@answers.example", "name": "Two"}, {"email": "three@answers.example", "name": "Three"}]}`
	edit := text(public.post("/en/surveys/subscribers", body).json["edit"])
	public.post("/en/surveys/subscribers", body)
	public.get(edit)
	public.post(edit, `{`+respondent+`, "version": "1", "organisations": [{"row": "0", "email": "two@answers.example", "name": "Two and more"}]}`)
	public.form("/en/surveys/subscribers", "respondent.name", "B", "respondent.country", "PE", "respondent.email", "b@answers.example", "action", "submit", "organisations.0.email", "spam@answers.example", "organisations.0.name", "Spam")
	list := "email,name\n"
	for n := range 60 {
		list += fmt.Sprintf("row%d@answers.example,Row %d\n", n, n)
	}
	edit = text(public.upload("/en/surveys/subscribers", list, "respondent.name", "Cy", "respondent.country", "PE").json["edit"])
	public.post(edit, `{"respondent": {"name": "Cy", "country": "PE"}, "version": "1", "withdraw": "yes", "organisations": [{"email": "four@answers.example", "name": "Four"}]}`)
	public.post("/en/surveys/questions", `{`+respondent+`, "questions": [{"question": "Who represents my country?"}]}`)
	for _, survey := range []string{"subscribers", "questions"} {
		for _, to := range []string{"/desk/surveys", "/desk/surveys/" + survey, "/desk/candidates?survey=" + survey, "/desk/surveys/" + survey + "?show=quarantine"} {
			desk.get(to)
		}
		for _, c := range desk.items("/desk/candidates?survey=" + survey) {
			to := "/desk/surveys/" + survey + "/answers/" + text(c["answer"])
			desk.get(to)
			desk.post(to, fmt.Sprintf(`{"decision": "accept", "row": %v}`, c["row"]))
			break
		}
	}
	desk.later(10 * time.Minute)
}

// field is the value of a hidden field of a page.
func field(page, name string) string {
	_, rest, _ := strings.Cut(page, `name="`+name+`" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// subscriptions: signing up, confirming, every button, export, erasure, coming back, and never answering.
func subscriptions(t *testing.T, d *deployment.Deployment) {
	public, desk := newPerson(t, d), secretary(t, d)
	sign := func(who string) {
		public.post("/en/subscribe", `{"email": "`+who+`@readers.example", "name": "`+who+`", "organisation": "Readers", "country": "PE", "language": "en", "format": "html", "category": "labour", "consent": true}`)
	}
	for _, who := range []string{"mara", "nils", "olga"} {
		sign(who)
	}
	confirm := public.link("mara@readers.example", "/subscription")
	public.get(confirm)
	public.post(confirm, `{}`)
	public.post(confirm, `{"action": "again"}`)
	sign("mara")
	mine := public.link("mara@readers.example", "/subscription")
	for _, to := range []string{mine, mine + "&export=json", mine + "&export=csv"} {
		public.get(to)
	}
	public.post(mine, `{"language": "fr"}`)
	for _, act := range []string{"pause", "resume", "leave"} {
		public.post(mine, `{"action": "`+act+`"}`)
	}
	desk.leap(25 * time.Hour) // one address is not mailed any number of times a day
	desk = secretary(t, d)
	sign("mara") // comes back
	public.post(public.link("mara@readers.example", "/subscription"), `{}`)
	public.post(public.link("nils@readers.example", "/subscription"), `{"action": "decline"}`)
	one := desk.find("/desk/subscribers", "email", "mara@readers.example")
	at := "/desk/subscribers/" + text(one["id"])
	desk.get(at)
	desk.post(at, `{"action": "kind", "kind": "nmb"}`)
	for _, to := range []string{"/desk/subscribers?search=ma", "/desk/subscribers/export", "/desk/subscribers?state=active", "/desk/subscribers/import", "/desk/"} {
		desk.get(to)
	}
	public.post(mine, `{"action": "erase", "sure": true}`)
	desk.leap(25 * time.Hour)
	desk = secretary(t, d)
	sign("mara") // after her erasure
	public.post(public.link("mara@readers.example", "/subscription"), `{}`)
	desk.post("/desk/subscribers/"+text(desk.find("/desk/subscribers", "email", "mara@readers.example")["id"]), `{"action": "erase", "sure": "yes"}`)
	desk.upload("/desk/subscribers/import", "email,name,language,consent_at,consent_text\nasked@readers.example,Asked,en,,\nmara@readers.example,Mara,en,2026-01-02T00:00:00Z,Signed form\n", "consent", "ask")
	d.Faults.Mail.Bounce("gone@readers.example")
	d.Faults.Mail.Complain("cross@readers.example")
	sign("gone")
	sign("cross")
	desk.later(time.Minute)
	d.Faults.Mail.Bounce()
	d.Faults.Mail.Complain()
	desk.leap(40 * 24 * time.Hour) // who has not answered is forgotten
}

// speakers: links renewed, requests asked, accepted and declined, hosts.
func speakers(t *testing.T, d *deployment.Deployment) {
	public, desk := newPerson(t, d), secretary(t, d)
	list := "name,email,organisation,country,category,gender,role,language\n"
	for _, who := range []string{"Aya", "Ben", "Cleo"} {
		list += fmt.Sprintf("%s Moor,%s@experts.example,Coast,GH,ngo,,expert,en\n", who, strings.ToLower(who))
	}
	desk.upload("/desk/roster", list)
	desk.upload("/desk/roster", strings.Replace(list, "Coast", "Shore", 1))
	desk.post("/desk/invitations", `{"to": "all"}`)
	desk.later(time.Minute)
	for _, who := range []string{"aya", "ben"} {
		to := public.link(who+"@experts.example", "/presenters/registration")
		public.get(to)
		public.post(to, `{"wish": "yes", "name": "`+who+`", "organisation": "Coast", "country": "GH", "email": "`+who+`@work.example", "languages": ["en"], "travel": "own"}`)
	}
	cleo := public.link("cleo@experts.example", "/presenters/registration")
	public.post(cleo, `{"wish": "no"}`)
	event := text(desk.post("/desk/events", `{"name": "Harbour day", "start": "`+d.Stage.Clock.Now().AddDate(0, 2, 0).Format("2006-01-02")+`", "country": "GH", "mode": "onsite", "languages": ["en"], "email": "host@harbour.example", "travel": "own"}`).json["id"])
	at := "/desk/events/" + event
	for n, who := range []string{"aya", "ben"} {
		id := text(desk.find("/desk/presenters", "email", who+"@experts.example")["id"])
		desk.get("/desk/presenters/" + id)
		desk.get("/desk/presenters?state=yes")
		desk.post(at+"/ask", `{"presenter": "`+id+`", "note": "Please"}`)
		to := public.link(who+"@work.example", "/presenters/request")
		public.page(to)
		public.post(to, `{"answer": "`+[]string{"accept", "decline"}[n]+`"}`)
		desk.get(at)
	}
	third := text(desk.find("/desk/presenters", "email", "cleo@experts.example")["id"])
	desk.send("POST", at+"/requests", "application/json", []byte(`{"presenter": "`+third+`", "status": "declined"}`))
	desk.post(at+"/host", `{}`)
	host := public.link("host@harbour.example", "/presenters")
	public.get(host)
	desk.post(at, `{"name": "Harbour day, moved", "email": "host@harbour.example", "start": "`+d.Stage.Clock.Now().AddDate(0, 2, 1).Format("2006-01-02")+`"}`)
	for _, to := range []string{"/en/events", "/events.ics", "/en/events?year=2026", "/en/events/" + event, "/desk/events", "/desk/events?when=past"} {
		desk.get(to)
	}
	desk.leap(120 * 24 * time.Hour) // every link is old
	for _, old := range []string{cleo, host, public.link("aya@work.example", "/presenters/request")} {
		public.send("GET", old, "", nil)
		path, query, _ := strings.Cut(old, "?")
		public.form(path+"/renew?"+query, "form_key", "k"+path)
	}
}

// issues: a newsletter with every trouble on its way, and a leaflet for experts.
func issues(t *testing.T, d *deployment.Deployment) {
	desk := secretary(t, d)
	list := "email,name,organisation,country,language,format,category,kind,consent_at,consent_text\n"
	for n := range 120 {
		list += fmt.Sprintf("r%d@crowd.example,R %d,Org,CH,en,html,labour,subscriber,2026-01-02T00:00:00Z,Signed form\n", n, n)
	}
	desk.upload("/desk/subscribers/import", list, "consent", "recorded")
	number := 70
	begin := func(kind string) string {
		number++
		at := fmt.Sprintf("/desk/issues/%d", number)
		desk.post("/desk/issues", fmt.Sprintf(`{"number": %d, "kind": "%s", "title": "T"}`, number, kind))
		desk.post(at+"/editions/en", `{"title": "T", "body": "Text"}`)
		desk.get(at + "/editions/en")
		return at
	}
	d.Faults.Mail.Bounce("r1@crowd.example")
	d.Faults.Mail.Complain("r2@crowd.example")
	d.Faults.Mail.Lose(1)
	at := begin("newsletter")
	desk.post(at+"/schedule", `{"at": "now"}`)
	desk.later(2 * time.Minute)
	desk.later(30 * time.Minute)
	for n := range 9 {
		d.Faults.Mail.Bounce(fmt.Sprintf("r%d@crowd.example", 20+n))
	}
	at = begin("newsletter") // cannot get on, is paused and resumed
	d.Faults.Mail.Throttle(1000)
	desk.post(at+"/schedule", `{"at": "now"}`)
	desk.later(2 * time.Minute)
	desk.post(at+"/pause", `{}`)
	desk.get(at)
	d.Faults.Mail.Throttle(0)
	desk.post(at+"/resume", `{}`)
	desk.later(time.Hour)
	desk.post(begin("newsletter")+"/schedule", `{"at": "`+d.Stage.Clock.Now().Add(time.Hour).Format(time.RFC3339)+`"}`)
	desk.post(fmt.Sprintf("/desk/issues/%d/cancel", number), `{}`)
	d.Faults.Mail.Bounce("cleo@experts.example")
	desk.post(begin("leaflet")+"/schedule", `{"at": "now"}`)
	desk.later(30 * time.Minute)
	desk.get("/desk/audit")
}
