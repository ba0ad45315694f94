package desk_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"liaison/internal/app/apptest"
	"liaison/internal/app/clock"
	"liaison/internal/app/desk"
	"liaison/internal/people"
	"liaison/internal/subscription"
)

type office struct {
	*apptest.World
	t    *testing.T
	list *subscription.List
	sec  *apptest.Browser
	view *apptest.Browser
}

func openOffice(t *testing.T) *office {
	t.Helper()
	w := apptest.New(t)
	h, err := desk.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	l, err := w.Subscribers()
	if err != nil {
		t.Fatal(err)
	}
	return &office{World: w, t: t, list: l, sec: w.Browse(t, h).As(w, "secretary@example.org"), view: w.Browse(t, h).As(w, "viewer@example.org")}
}

// upload sends a list as a browser or, with json, as a program does.
func (o *office) upload(file, consent string, json bool) apptest.Answer {
	o.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	part, err := m.CreateFormFile("list", "list.csv")
	if err != nil {
		o.t.Fatal(err)
	}
	_, _ = part.Write([]byte(file))
	if consent != "" {
		_ = m.WriteField("consent", consent)
	}
	_ = m.WriteField("form_key", "k")
	m.Close()
	var header []string
	if json {
		header = []string{"Accept", "application/json"}
	}
	return o.sec.Do("POST", "/desk/subscribers/import", m.FormDataContentType(), b.String(), header...)
}

type result struct {
	Added, Asked, Known, Skipped int
	Errors                       []struct {
		Row            int
		Field, Message string
	}
}

func (o *office) counts(a apptest.Answer) result {
	o.t.Helper()
	var r result
	if err := json.Unmarshal([]byte(a.Body), &r); a.Status != 200 || err != nil {
		o.t.Fatalf("%d %v: %.300s", a.Status, err, a.Body)
	}
	return r
}

type page struct {
	Items []struct{ ID, Email, Name, Organisation, Country, Kind, State string }
	Next  string
}

func (o *office) find(b *apptest.Browser, query string) page {
	o.t.Helper()
	a := b.Get("/desk/subscribers?"+query, "Accept", "application/json")
	var p page
	if err := json.Unmarshal([]byte(a.Body), &p); a.Status != 200 || err != nil {
		o.t.Fatalf("%d %v: %.300s", a.Status, err, a.Body)
	}
	return p
}

const mixed = `email;name;organisation;country;language;format;category;kind;consent_at;consent_text
forum@a.example;Ana;Foro;ES;es;html;consumers;subscriber;2026-05-01;ticked on paper
nmb@b.example;;Norma;France;français;pdf;others;nmb;2026-05-01;ticked on paper
ask@c.example;;Ask me;CH;en;;;;;
FORUM@a.example;;Again;;;;;;;
broken;;;XX;;fax;;;2026-05-01;x
late@d.example;;Late;;;;;;2999-01-01;x
`

func TestUpload(t *testing.T) {
	o := openOffice(t)
	r := o.counts(o.upload(mixed, "recorded", true))
	if r.Added != 2 || r.Asked != 1 || r.Known != 0 || r.Skipped != 0 {
		t.Errorf("%+v", r)
	}
	got := map[string]bool{}
	for _, e := range r.Errors {
		got[fmt.Sprint(e.Row, e.Field)] = true
		if e.Message == "" || strings.Contains(e.Message, "[[") {
			t.Errorf("message %q", e.Message)
		}
	}
	for _, want := range []string{"5email", "6email", "6country", "6format", "7consent_at"} {
		if !got[want] {
			t.Errorf("no finding about row and field %s in %+v", want, r.Errors)
		}
	}
	if len(o.Mails.All()) != 0 {
		t.Error("mails before the clock")
	}
	tick, err := clock.New(o.Outside)
	if err != nil {
		t.Fatal(err)
	}
	if err := tick(context.Background()); err != nil {
		t.Fatal(err)
	}
	if len(o.Mails.All()) != 1 || len(o.Mails.To("ask@c.example")) != 1 {
		t.Errorf("mails: %+v", o.Mails.All())
	}
	if r := o.counts(o.upload(mixed, "recorded", true)); r.Added != 0 || r.Asked != 0 || r.Known != 3 {
		t.Errorf("the same list again: %+v", r)
	}
	a := o.upload(mixed, "", false)
	for _, text := range []string{"The list was taken in", "Row 6, E-mail:", "Row 5, E-mail: The same address stands in row 2"} {
		if a.Status != 200 || !strings.Contains(a.Body, text) || strings.Contains(a.Body, "[[") {
			t.Errorf("%d, the page does not say %q", a.Status, text)
		}
	}
	p := o.find(o.sec, "state=active&kind=nmb")
	if len(p.Items) != 1 || p.Items[0].Email != "nmb@b.example" || p.Items[0].Country != "FR" {
		t.Errorf("%+v", p)
	}
	if a := o.sec.Get("/desk/audit?month=2027-03"); !strings.Contains(a.Body, "added 2, asked 1") || strings.Contains(a.Body, "forum@a.example") {
		t.Error("the record does not tell of the upload, or names an address")
	}
}

func TestBadUploads(t *testing.T) {
	o := openOffice(t)
	for name, c := range map[string]struct{ file, consent, says string }{
		"empty":       {"", "ask", "The list has no rows"},
		"no heading":  {"a@b.example\nc@d.example\n", "ask", "We do not recognise the headings"},
		"no address":  {"organisation,country\nForum,ES\n", "ask", "E-mail"},
		"binary":      {"\x89PNG\r\n\x1a\n\x00\x00\x00\x00", "ask", "CSV"},
		"bad consent": {"email\na@b.example\n", "all", "is not one of the choices"},
	} {
		a := o.upload(c.file, c.consent, false)
		if a.Status != 422 || !strings.Contains(a.Body, c.says) || strings.Contains(a.Body, "[[") {
			t.Errorf("%s: %d, does not say %q", name, a.Status, c.says)
		}
		if a := o.upload(c.file, c.consent, true); a.Status != 422 || a.Header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s as JSON: %d %s", name, a.Status, a.Header.Get("Content-Type"))
		}
	}
	if a := o.sec.Post("/desk/subscribers/import", url.Values{"consent": {"ask"}}); a.Status != 422 || !strings.Contains(a.Body, "Choose the file") {
		t.Errorf("no file: %d", a.Status)
	}
	if a := o.upload("email\n"+strings.Repeat("x", 5<<20), "ask", true); a.Status != 413 && a.Status != 422 {
		t.Errorf("5 MB: %d", a.Status)
	}
	if a := o.upload("email,organisation\na@b.example,<script>x</script>\nb,<script>y</script>\n", "ask", false); strings.Contains(a.Body, "<script>y") {
		t.Error("a cell is not escaped")
	}
	for _, b := range []*apptest.Browser{o.view} {
		if a := b.Post("/desk/subscribers/import", nil); a.Status != 403 {
			t.Errorf("a viewer uploads: %d", a.Status)
		}
	}
}

// long is a list of so many rows, every other with consent on record.
func long(rows int) string {
	var b strings.Builder
	b.WriteString("email,organisation,consent_at,consent_text\n")
	for n := range rows {
		fmt.Fprintf(&b, "a%d@forum.example,Organisation %d", n, n)
		if n%2 == 0 {
			b.WriteString(",2026-05-01,paper")
		} else {
			b.WriteString(",,")
		}
		b.WriteString("\n")
	}
	return b.String()
}

// A list of 20,000 rows takes 6 s of one core, and half of that when it is uploaded again; the test makes do with less.
func TestLongUpload(t *testing.T) {
	o := openOffice(t)
	const rows = 2000
	if r := o.counts(o.upload(long(rows), "recorded", true)); r.Added != rows/2 || r.Asked != rows/2 || len(r.Errors) != 0 {
		t.Errorf("%d added, %d asked, %d errors", r.Added, r.Asked, len(r.Errors))
	}
	if r := o.counts(o.upload(long(rows), "recorded", true)); r.Known != rows {
		t.Errorf("again: %+v", r)
	}
	c, err := o.list.Counts(context.Background())
	if err != nil || c.In(subscription.Active) != rows/2 || c.In(subscription.Candidate) != rows/2 {
		t.Errorf("%v %v", c, err)
	}
	if a := o.upload(long(20_001), "ask", true); a.Status != 422 {
		t.Errorf("a row too many: %d", a.Status)
	}
}

func TestSubscribersList(t *testing.T) {
	o := openOffice(t)
	if a := o.sec.Get("/desk/subscribers"); a.Status != 200 || !strings.Contains(a.Body, "Nobody is on the list yet") || strings.Contains(a.Body, "[[") {
		t.Errorf("empty list: %d", a.Status)
	}
	o.upload(mixed, "recorded", true)
	a := o.sec.Get("/desk/subscribers")
	for _, text := range []string{"Foro", "forum@a.example", "National member body", "Upload a list"} {
		if a.Status != 200 || !strings.Contains(a.Body, text) || strings.Contains(a.Body, "[[") {
			t.Errorf("%d, the list does not show %q", a.Status, text)
		}
	}
	a = o.view.Get("/desk/subscribers")
	if a.Status != 200 || !strings.Contains(a.Body, "Foro") || strings.Contains(a.Body, "@a.example") || strings.Contains(a.Body, "Ana") {
		t.Errorf("a viewer sees %d, people: %v", a.Status, strings.Contains(a.Body, "@a.example"))
	}
	for _, it := range o.find(o.view, "").Items {
		if it.Email != "" || it.Name != "" {
			t.Errorf("a viewer's JSON: %+v", it)
		}
	}
	for query, want := range map[string]int{"": 3, "q=forum@a.example": 1, "q=FORUM@A.example": 1, "q=for": 1, "q=nobody@a.example": 0, "q=x@": 0, "state=candidate": 1, "state=nonsense": 0,
		"language=fr": 1, "kind=nmb&state=candidate": 0, "q=for&state=left": 0} {
		if got := len(o.find(o.sec, query).Items); got != want {
			t.Errorf("%q finds %d, want %d", query, got, want)
		}
	}
	if got := len(o.find(o.view, "q=forum@a.example").Items); got != 0 {
		t.Error("a viewer learns who is on the list")
	}
	seen, next := 0, ""
	for range 10 {
		p := o.find(o.sec, "limit=1&cursor="+url.QueryEscape(next))
		seen += len(p.Items)
		if next = p.Next; next == "" {
			break
		}
	}
	if seen != 3 || next != "" {
		t.Errorf("paging shows %d", seen)
	}
	for _, bad := range []string{"cursor=zz", "q=for&cursor=zz"} {
		if a := o.sec.Get("/desk/subscribers?" + bad); a.Status != 400 {
			t.Errorf("%s: %d", bad, a.Status)
		}
	}
}

func TestSubscriberPage(t *testing.T) {
	o := openOffice(t)
	ctx := context.Background()
	o.upload(mixed, "recorded", true)
	s, err := o.list.Find(ctx, "forum@a.example")
	if err != nil {
		t.Fatal(err)
	}
	at := "/desk/subscribers/" + s.ID
	if a := o.view.Get(at); a.Status != 403 {
		t.Errorf("a viewer opens a person's page: %d", a.Status)
	}
	if a := o.sec.Get("/desk/subscribers/nobody"); a.Status != 404 {
		t.Errorf("nobody's page: %d", a.Status)
	}
	a := o.sec.Get(at)
	for _, text := range []string{"Foro", "forum@a.example", "Consent on record taken over", "ticked on paper", "1 May 2026", "secretary@example.org"} {
		if a.Status != 200 || !strings.Contains(a.Body, text) || strings.Contains(a.Body, "[[") {
			t.Errorf("%d, the page does not show %q", a.Status, text)
		}
	}
	post := func(status int, pairs ...string) {
		t.Helper()
		v := url.Values{"form_key": {"k"}}
		for i := 0; i+1 < len(pairs); i += 2 {
			v.Set(pairs[i], pairs[i+1])
		}
		if a := o.sec.Post(at, v); a.Status != status {
			t.Errorf("%v: %d, want %d", pairs, a.Status, status)
		} else if a.Location != "" && o.sec.Get(a.Location).Status != 200 {
			t.Errorf("%v leads nowhere: %s", pairs, a.Location)
		}
	}
	post(303, "action", "kind", "kind", "dliaison")
	post(422, "action", "kind", "kind", "king")
	post(422, "action", "dance")
	post(422)
	if s, _ := o.list.Get(ctx, s.ID); s.Kind != subscription.DLiaison {
		t.Error(s.Kind)
	}
	post(303, "action", "leave")
	post(303, "action", "leave")
	if s, _ := o.list.Get(ctx, s.ID); s.State != subscription.Left {
		t.Error(s.State)
	}
	post(422, "action", "erase")
	post(303, "action", "erase", "sure", "yes")
	if a := o.sec.Get(at); a.Status != 200 || strings.Contains(a.Body, "forum@") || strings.Contains(a.Body, "Foro") {
		t.Errorf("after erasure: %d", a.Status)
	}
	a = o.sec.Get("/desk/audit?month=2027-03")
	for _, text := range []string{"changed a subscriber’s kind", "took a subscriber off the list", "erased a subscriber"} {
		if !strings.Contains(a.Body, text) {
			t.Errorf("the record does not say %q", text)
		}
	}
}

func TestSubscribersFiles(t *testing.T) {
	o := openOffice(t)
	o.upload("email,organisation,name,consent_at,consent_text\na@b.example,=HYPERLINK(1),@x,2026-01-01,t\nc@d.example,D,,,\n", "recorded", true)
	a := o.sec.Get("/desk/subscribers/export?state=active")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\uFEFF"))).ReadAll()
	if a.Status != 200 || err != nil || len(rows) != 2 || !strings.HasPrefix(a.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %v %v", a.Status, err, rows)
	}
	if rows[1][0] != "a@b.example" || rows[1][1] != "'@x" || rows[1][2] != "'=HYPERLINK(1)" {
		t.Errorf("%q", rows[1])
	}
	total := 0
	for n := range 3 * subscription.Segments {
		a := o.sec.Get(fmt.Sprintf("/desk/subscribers/export?part=%d&of=%d", n+1, 3*subscription.Segments))
		if a.Status != 200 || !strings.Contains(a.Header.Get("Content-Disposition"), fmt.Sprintf("subscribers-%d-of-48.csv", n+1)) {
			t.Errorf("part %d: %d %v", n, a.Status, a.Header)
		}
		total += strings.Count(a.Body, "\n") - 1
	}
	for _, q := range []string{"part=1", "of=16", "part=0&of=16", "part=17&of=16", "part=1&of=15", "part=1&of=16000", "part=x&of=16"} {
		if a := o.sec.Get("/desk/subscribers/export?" + q); a.Status != 400 {
			t.Errorf("%s: %d", q, a.Status)
		}
	}
	if total != 2 {
		t.Errorf("%d rows in all segments", total)
	}
	if a := o.view.Get("/desk/subscribers/export"); a.Status != 403 {
		t.Errorf("a viewer exports: %d", a.Status)
	}
	if a := o.sec.Get("/desk/subscribers/template"); a.Status != 200 || !strings.Contains(a.Body, "email,name,organisation,country,language,format,category,kind,consent_at,consent_text") {
		t.Errorf("template: %d %s", a.Status, a.Body)
	}
	again := o.upload(o.sec.Get("/desk/subscribers/export").Body, "ask", true) // what was exported can be uploaded
	if r := o.counts(again); r.Known != 2 || len(r.Errors) != 0 {
		t.Errorf("%+v", r)
	}
}

// A list of a million comes in parts that each fit into an answer of 6 MB; one that does not says so, and no function breaks off.
func TestLongListsComeInParts(t *testing.T) {
	o := openOffice(t)
	rows := make([]subscription.Row, 8_000)
	for n := range rows { // the longest that there are
		rows[n] = subscription.Row{Email: people.EmailAddress(fmt.Sprintf("%s-%04d@forum.example", strings.Repeat("a", 50), n)), Kind: subscription.Ordinary, Given: o.Now(), Text: "form",
			Details: subscription.Details{Organisation: strings.Repeat("Ж", subscription.MaxOrganisation), Name: strings.Repeat("Я", subscription.MaxName), Country: "CH"}}
	}
	if _, err := o.list.Import(t.Context(), "secretary@example.org", rows, true); err != nil {
		t.Fatal(err)
	}
	if a := o.sec.Get("/desk/subscribers/export"); a.Status != 413 || !strings.Contains(a.Body, "Download it in parts") {
		t.Errorf("all in one: %d, %d bytes", a.Status, len(a.Body))
	}
	seen := map[string]bool{}
	for n := range 32 {
		a := o.sec.Get(fmt.Sprintf("/desk/subscribers/export?part=%d&of=32", n+1))
		file, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(a.Body, "\uFEFF"))).ReadAll()
		if a.Status != 200 || err != nil || len(file) < 50 || len(file) > 600 {
			t.Fatalf("part %d: %d, %d rows, %v", n+1, a.Status, len(file), err)
		}
		for _, row := range file[1:] {
			if seen[row[0]] {
				t.Errorf("%s is in two parts", row[0])
			}
			seen[row[0]] = true
		}
	}
	if len(seen) != len(rows) {
		t.Errorf("%d of %d subscribers are in the parts", len(seen), len(rows))
	}
	page := o.sec.Get("/desk/subscribers?state=active&kind=subscriber&limit=10")
	for _, link := range []string{`"/desk/subscribers/export?kind=subscriber&amp;state=active"`, `"?cursor=`} {
		if !strings.Contains(page.Body, link) {
			t.Errorf("the page lacks %s", link)
		}
	}
	if strings.Contains(page.Body, "%3d") || strings.Contains(page.Body, "%26") {
		t.Error("a link of the page is escaped twice")
	}
}

func TestHeldSignUpsAreReleasedAtTheDesk(t *testing.T) {
	o := openOffice(t)
	err := o.list.SignUp(context.Background(), subscription.SignUp{Email: "odd@forum.example", Details: subscription.Details{Organisation: "Odd"}, Odd: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := o.list.Find(context.Background(), people.EmailAddress("odd@forum.example"))
	if err != nil {
		t.Fatal(err)
	}
	if a := o.sec.Get("/desk/subscribers"); !strings.Contains(a.Body, "held back") {
		t.Error("the list does not show that it is held back")
	}
	if a := o.sec.Get("/desk/subscribers/" + s.ID); !strings.Contains(a.Body, "looks like a machine") {
		t.Error("the page does not say why")
	}
	if a := o.sec.Post("/desk/subscribers/"+s.ID, url.Values{"action": {"release"}}); a.Status != 303 || len(o.Mails.To("odd@forum.example")) != 1 {
		t.Errorf("release: %d, %d mails", a.Status, len(o.Mails.To("odd@forum.example")))
	}
}

// A list in which no row can be taken is refused, row by row.
func TestImportOfNothingButErrors(t *testing.T) {
	o := openOffice(t)
	a := o.upload("email,name,organisation,country,language\nnot an address,Ana,Red,ES,es\n,Bo,Net,SE,en\n", "ask", true)
	var r result
	if err := json.Unmarshal([]byte(a.Body), &r); err != nil || a.Status != 422 || !strings.HasPrefix(a.Header.Get("Content-Type"), "application/problem+json") {
		t.Fatalf("%d %s %v", a.Status, a.Header.Get("Content-Type"), err)
	}
	if len(r.Errors) != 2 || r.Errors[0].Row != 2 || r.Errors[0].Field != "email" || r.Errors[1].Field != "email" || r.Added+r.Asked != 0 {
		t.Errorf("%+v", r)
	}
	page := o.upload("email\nnot an address\n", "ask", false)
	if page.Status != 422 || !strings.Contains(page.Body, "No row could be taken") || strings.Contains(page.Body, "All other rows") {
		t.Errorf("the page answers %d: %s", page.Status, page.Body)
	}
}
