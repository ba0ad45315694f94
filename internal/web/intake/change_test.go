package intake_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"liaison/internal/app/all"
	"liaison/internal/app/apptest"
)

func TestSaveAndFinishLater(t *testing.T) {
	w, b := public(t)
	half := fill("action", "save", "organisations.0.name", "Half", "organisations.0.email", "not yet", "form_key", "k")
	want(t, "no address", b.Post("/en/surveys/subscribers", half), 422, "Enter your e-mail, so that we can send you the link", `value="Half"`)
	half.Set("respondent.email", "ana@@example.org")
	want(t, "wrong address", b.Post("/en/surveys/subscribers", half), 422, "Enter an e-mail address")
	half.Set("respondent.email", "ana@example.org")
	a := sendFile(t, b, "/fr/surveys/subscribers", "l.csv", []byte("name,email\nListed,l@listed.example\n"), half)
	want(t, "save", a, 303)
	want(t, "saved", b.Get(a.Location), 200, "Enregistré", "a…@example.org", `value="Half"`, `value="not yet"`, "l.csv")
	mails := w.Mails.To("ana@example.org")
	if len(mails) != 1 || !strings.Contains(mails[0].Content.Text, "1 mars 2028") {
		t.Fatalf("%d mails: %+v", len(mails), mails)
	}
	w.Advance(100 * 24 * time.Hour) // far longer than an upload lives by itself
	resumed := b.Get(apptest.Link(mails[0]))
	want(t, "resumed", resumed, 200, "Voici ce que vous avez enregistré", `value="Half"`, "l.csv")
	action, v := formOf(t, resumed.Body)
	v.Set("action", "switch")
	v.Set("organisations.0.email", "half@half.example")
	a = b.Post(strings.Replace(action, "/fr/", "/en/", 1), v)
	want(t, "switched", a, 200, "half@half.example", "l.csv")
	action, v = formOf(t, a.Body)
	v.Set("action", "save")
	want(t, "saved again", b.Post(action, v), 303)
	mails = w.Mails.To("ana@example.org")
	if len(mails) != 2 {
		t.Fatalf("%d mails", len(mails))
	}
	_, v = formOf(t, b.Get(apptest.Link(mails[0])).Body)
	if v.Get("organisations.0.email") != "half@half.example" {
		t.Errorf("the first link leads to the newer text: %v", v)
	}
	v.Set("respondent.name", "Ana")
	v.Set("respondent.country", "PE")
	v.Set("action", "submit")
	a = b.Post(action, v)
	want(t, "sent", a, 303)
	want(t, "receipt", b.Get(a.Location), 200, "2 organisations", "l@listed.example", "half@half.example")
	want(t, "the draft is gone", b.Get(apptest.Link(mails[1])), 410, "no longer kept")
	want(t, "pressed twice", b.Post(action, v), 303)
	if n, _, _ := listAll(w); n != 1 {
		t.Errorf("%d answers", n)
	}
}

func TestDraftAfterClosing(t *testing.T) {
	w, b := public(t)
	b.Post("/en/surveys/questions", fill("action", "save", "respondent.email", "ana@example.org", "questions.0.question", "Why so late?"))
	link := apptest.Link(w.Mails.To("ana@example.org")[0])
	w.Advance(366 * 24 * time.Hour)
	want(t, "a week later it can be copied", b.Get(link), 410, "Why so late?", "was not sent")
	w.Advance(60 * 24 * time.Hour)
	want(t, "then it is gone", b.Get(link), 410, "no longer kept")
	want(t, "forged", b.Get("/en/surveys/drafts?link=x"), 400)
}

// sent submits an answer and returns the address of its receipt.
func sent(t *testing.T, b *apptest.Browser, v url.Values) string {
	t.Helper()
	a := b.Post("/en/surveys/subscribers", v)
	want(t, "send", a, 303)
	return strings.TrimSuffix(a.Location, "&new=1")
}

func TestChange(t *testing.T) {
	w, b := public(t)
	receipt := sent(t, b, three())
	page := b.Get(receipt + "&change=1")
	want(t, "form", page, 200, "Change your answer", `value="info@red.example"`, `name="version" value="1"`, `name="organisations.2.row" value="2"`)
	action, v := formOf(t, page.Body)
	v.Set("action", "remove:organisations:2")
	page = b.Post(action, v)
	want(t, "remove", page, 200, "Organisation 2 of 2")
	_, v = formOf(t, page.Body)
	v.Set("action", "add:organisations")
	_, v = formOf(t, b.Post(action, v).Body)
	v.Set("organisations.2.name", "New")
	v.Set("organisations.2.email", "not yet")
	v.Set("respondent.email", "new@example.org")
	want(t, "error", b.Post(action, v), 422, "Organisation 3: Enter an e-mail", `value="not yet"`)
	v.Set("organisations.2.email", "new@new.example")
	v.Set("organisations.0.name", "Red, renamed")
	v.Set("action", "switch")
	page = b.Post(strings.Replace(action, "/en/", "/es/", 1), v)
	want(t, "switch", page, 200, "Red, renamed", "Guardar los cambios")
	_, v = formOf(t, page.Body)
	v.Set("action", "submit")
	a := b.Post(action, v)
	want(t, "save", a, 303)
	r := b.Get(a.Location)
	want(t, "receipt", r, 200, "Your changes are saved", "3 organisations", "Red, renamed", "post@labour.example", "new@new.example", "Organisation 4")
	if strings.Contains(r.Body, "hello@forum.example") {
		t.Error("the removed row is still there")
	}
	if n := len(w.Mails.To("new@example.org")); n != 1 {
		t.Errorf("%d mails to the new address", n)
	}
	want(t, "pressed twice", b.Post(action, v), 303)
	if _, v := formOf(t, b.Get(receipt+"&change=1").Body); v.Get("version") != "2" {
		t.Errorf("version %s after one change", v.Get("version"))
	}
	want(t, "JSON without a version", b.PostJSON(action, jsonAnswer), 422, `"field":"version"`)
	w.Advance(366 * 24 * time.Hour)
	want(t, "too late", b.Post(action, v), 410, "Red, renamed")
	a = b.Get(receipt + "&change=1")
	want(t, "read only", a, 200, "can no longer be changed")
	if strings.Contains(a.Body, "<form") {
		t.Error("a closed survey offers a form")
	}
}

func TestTwoChangeAtOnce(t *testing.T) {
	_, b := public(t)
	receipt := sent(t, b, three())
	action, first := formOf(t, b.Get(receipt+"&change=1").Body)
	_, second := formOf(t, b.Get(receipt+"&change=1").Body)
	first.Set("organisations.0.name", "By the first")
	first.Set("organisations.1.name", "")
	first.Set("organisations.1.email", "")
	first.Set("organisations.1.url", "")
	want(t, "the first", b.Post(action, first), 303)
	second.Set("organisations.1.name", "By the second")
	a := b.Post(action, second)
	want(t, "the second sees both", a, 409, "By the first", "By the second", "What stands there now", `name="version" value="2"`)
	want(t, "as JSON", b.Do("POST", action, "application/x-www-form-urlencoded", second.Encode(), "Accept", "application/json"), 409, "Nothing was overwritten")
	_, v := formOf(t, a.Body)
	a = b.Post(action, v)
	want(t, "and may send again", a, 303)
	want(t, "receipt", b.Get(a.Location), 200, "By the second", "Red de Empresas", "Organisation 4")
}

// desk opens the whole programme and signs an editor in.
func desk(t *testing.T) (*apptest.World, *apptest.Browser, *apptest.Browser) {
	t.Helper()
	w := apptest.New(t)
	all, err := all.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	return w, w.Browse(t, all.HTTP), w.Browse(t, all.HTTP).As(w, "editor@example.org")
}

func TestDecidedRowsAreLocked(t *testing.T) {
	_, b, d := desk(t)
	receipt := sent(t, b, three())
	action, v := formOf(t, b.Get(receipt+"&change=1").Body)
	list := items(t, d.Get("/desk/candidates", "Accept", "application/json"))
	path := "/desk/surveys/subscribers/answers/" + list[0]["answer"].(string)
	want(t, "accept", d.PostJSON(path, `{"decision":"accept","row":0}`), 200)
	want(t, "reject", d.PostJSON(path, `{"decision":"reject","row":1}`), 200)

	unchanged := b.Post(action, v)
	want(t, "a form that leaves decided rows alone", unchanged, 303)
	page := b.Get(receipt + "&change=1")
	want(t, "form", page, 200, "can no longer be changed", "Accepted", "Not taken up", "info@red.example")
	_, fresh := formOf(t, page.Body)
	if strings.Contains(fresh.Encode(), "red.example") || fresh.Get("organisations.0.email") != "post@labour.example" {
		t.Errorf("locked rows are no fields: %v", fresh)
	}
	v.Set("version", "2")
	v.Set("organisations.0.name", "Renamed after all")
	want(t, "a decided row changed", b.Post(action, v), 422, "Organisation 1: This row has been decided on")
	fresh.Set("organisations.0.name", "Labour and more")
	want(t, "the row that waits", b.Post(action, fresh), 303)
	want(t, "receipt", b.Get(receipt), 200, "Labour and more", "Red de Empresas", "Consumers Forum")
	for _, field := range []string{"name", "email"} {
		fresh.Set("organisations.0."+field, "")
	}
	fresh.Set("version", "3")
	want(t, "the last waiting row is taken back", b.Post(action, fresh), 303)
	if r := b.Get(receipt); strings.Contains(r.Body, "Labour and more") || !strings.Contains(r.Body, "Consumers Forum") {
		t.Error("decided rows stay, the row that waited goes")
	}
}

func TestListsInChanges(t *testing.T) {
	_, b, d := desk(t)
	a := sendFile(t, b, "/en/surveys/subscribers", "l.csv", []byte("name,email\nA,a@one.example\nB,b@two.example\nC,c@three.example\n"), ana("organisations.0.name", "Typed", "organisations.0.email", "t@four.example"))
	receipt := strings.TrimSuffix(a.Location, "&new=1")
	id := items(t, d.Get("/desk/candidates", "Accept", "application/json"))[0]["answer"].(string)
	want(t, "accept a row of the list", d.PostJSON("/desk/surveys/subscribers/answers/"+id, `{"decision":"accept","row":2}`), 200)
	page := b.Get(receipt + "&change=1")
	want(t, "form", page, 200, "2 rows of your lists are waiting", "Take back the rows of my lists")
	action, v := formOf(t, page.Body)
	v.Set("withdraw", "yes")
	a = sendFile(t, b, action, "l2.csv", []byte("name,email\nD,d@five.example\n"), v)
	want(t, "another list", a, 303)
	r := b.Get(receipt)
	want(t, "receipt", r, 200, "3 organisations", "b@two.example", "d@five.example", "t@four.example")
	if strings.Contains(r.Body, "a@one.example") || strings.Contains(r.Body, "c@three.example") {
		t.Error("waiting rows of the first list were to go")
	}
	if n := len(items(t, d.Get("/desk/candidates?state=pending", "Accept", "application/json"))); n != 2 {
		t.Errorf("%d rows wait", n)
	}
	want(t, "a withdrawn row", d.PostJSON("/desk/surveys/subscribers/answers/"+id, `{"decision":"accept","row":1}`), 410)
}
