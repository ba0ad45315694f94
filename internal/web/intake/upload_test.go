package intake_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/url"
	"strings"
	"testing"

	"liaison/internal/app/apptest"
)

// sendFile posts a form with a list, as a browser does.
func sendFile(t *testing.T, b *apptest.Browser, path, name string, data []byte, v url.Values, header ...string) apptest.Answer {
	t.Helper()
	var body bytes.Buffer
	m := multipart.NewWriter(&body)
	for field, values := range v {
		for _, s := range values {
			_ = m.WriteField(field, s)
		}
	}
	f, err := m.CreateFormFile("list", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(data)
	m.Close()
	return b.Do("POST", path, m.FormDataContentType(), body.String(), header...)
}

func ana(more ...string) url.Values {
	return fill(append([]string{"respondent.name", "Ana", "respondent.country", "PE"}, more...)...)
}

func TestListIsPreviewedThenSent(t *testing.T) {
	_, b := public(t)
	csv := "\xef\xbb\xbfОрганизация;Почта;Телефон\r\nФорум;forum@one.example;1\r\n\r\nСоюз;union@two.example;2\r\nФорум ещё раз;FORUM@one.example;3\r\n"
	v := ana("action", "check", "organisations.0.name", "Typed", "organisations.0.email", "typed@three.example")
	a := sendFile(t, b, "/en/surveys/subscribers", "members.csv", []byte(csv), v)
	want(t, "preview", a, 200, "2 rows from members.csv", "1 row repeats another", "Телефон", "Row 2", "Row 4", "Форум", "Typed")
	action, v := formOf(t, a.Body)
	v.Set("action", "change")
	a = b.Post(action, v)
	want(t, "change keeps the list", a, 200, "members.csv is attached: 2 rows", "Remove the list", `value="Typed"`)
	action, v = formOf(t, a.Body)
	v.Set("action", "switch")
	a = b.Post(strings.Replace(action, "/en/", "/ru/", 1), v)
	want(t, "switch keeps the list", a, 200, "members.csv", `value="Typed"`, "Ваше имя")
	_, v = formOf(t, a.Body)
	v.Set("action", "submit")
	a = b.Post(action, v)
	want(t, "send", a, 303)
	r := b.Get(a.Location)
	want(t, "receipt", r, 200, "3 organisations", "Форум", "union@two.example", "typed@three.example")
	if strings.Contains(r.Body, "ещё раз") {
		t.Error("a repeated row was sent")
	}

	_, v = formOf(t, sendFile(t, b, "/en/surveys/subscribers", "members.csv", []byte(csv), ana("action", "check")).Body)
	v.Set("action", "drop-list")
	if a := b.Post(action, v); strings.Contains(a.Body, "members.csv is attached") || a.Status != 200 {
		t.Errorf("the list was to be removed: %d", a.Status)
	}
	v.Set("upload", "forged")
	v.Set("action", "submit")
	want(t, "forged upload", b.Post(action, v), 422, "no longer kept")
}

func TestListWithErrorsIsRefusedWhole(t *testing.T) {
	_, b := public(t)
	var csv strings.Builder
	csv.WriteString("name,email\n")
	for i := range 120 {
		fmt.Fprintf(&csv, "Org %d,wrong-%d\n", i, i)
	}
	for _, action := range []string{"", "check", "save", "add:organisations"} {
		a := sendFile(t, b, "/en/surveys/subscribers", "list.csv", []byte(csv.String()), ana("action", action, "respondent.email", "ana@example.org", "organisations.0.name", "Typed"))
		want(t, action, a, 422, "The list has 120 errors", "The list has 120 errors. Nothing was sent", "Row 2, E-mail: Enter an e-mail address", "Row 51,", "and 70 more", `value="Typed"`)
		if strings.Contains(a.Body, "Row 52,") {
			t.Errorf("%s: more than 50 errors are shown", action)
		}
	}
	a := sendFile(t, b, "/en/surveys/subscribers", "list.csv", []byte(csv.String()), ana(), "Accept", "application/json")
	var problem struct {
		Errors []struct{ Field, Message string }
	}
	if err := json.Unmarshal([]byte(a.Body), &problem); err != nil || a.Status != 422 || len(problem.Errors) != 51 || problem.Errors[1].Field != "list.2.email" {
		t.Errorf("%d %.300s %v", a.Status, a.Body, err)
	}
}

func TestUnfitLists(t *testing.T) {
	_, b := public(t)
	many := []byte("name,email\n" + strings.Repeat("A,a@example.org\n", 10_000))
	for _, c := range []struct {
		name string
		data []byte
		text string
	}{
		{"empty.csv", nil, "has no rows"},
		{"photo.png", []byte("\x89PNG\r\n\x1a\n\x00\x00"), "neither a CSV file nor an Excel workbook"},
		{"list.csv", []byte("a,b\n1,2\n"), "do not recognise the headings"},
		{"list.csv", []byte("name,url\nA,a.example\n"), "no column for: E-mail"},
		{"list.csv", []byte("name,email\n"), "has no rows"},
		{"list.csv", many, "more than 5,000 rows"},
		{"list.csv", bytes.Repeat([]byte("a"), 4<<20+1), "larger than 4 MB"},
	} {
		want(t, c.name+": "+c.text, sendFile(t, b, "/en/surveys/subscribers", c.name, c.data, ana()), 422, c.text, `value="Ana"`)
	}
	want(t, "beyond every limit", sendFile(t, b, "/en/surveys/subscribers", "l.csv", bytes.Repeat([]byte("a"), 6<<20), ana()), 413)
}

func TestFiveThousandRows(t *testing.T) {
	_, b := public(t)
	var rows strings.Builder
	rows.WriteString("<row><c t='inlineStr'><is><t>Event</t></is></c><c t='inlineStr'><is><t>Start</t></is></c><c t='inlineStr'><is><t>Organiser</t></is></c><c t='inlineStr'><is><t>Country</t></is></c></row>")
	for i := range 5000 {
		fmt.Fprintf(&rows, "<row><c t='inlineStr'><is><t>Forum %d</t></is></c><c><v>%d</v></c><c t='inlineStr'><is><t>Host</t></is></c><c t='inlineStr'><is><t>Kenya</t></is></c></row>", i, 46156+i%300)
	}
	a := sendFile(t, b, "/en/surveys/events", "events.xlsx", workbook(t, rows.String()), ana("action", "check"))
	want(t, "preview", a, 200, "5,000 rows from events.xlsx", "Forum 4", "14 May 2026")
	if len(a.Body) > 30<<10 {
		t.Errorf("the preview has %d bytes", len(a.Body))
	}
	action, v := formOf(t, a.Body)
	v.Set("action", "submit")
	a = b.Post(action, v)
	want(t, "send", a, 303)
	first := b.Get(a.Location)
	want(t, "receipt", first, 200, "5,000 events", "Rows 1 to 50 of 5,000", "More rows")
	want(t, "last rows", b.Get(a.Location+"&from=4990"), 200, "Forum 4999", "Rows 4,991 to 5,000 of 5,000")
}

// workbook is the least that a spreadsheet program writes.
func workbook(t *testing.T, rows string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="List" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/worksheets/sheet1.xml":   `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>` + rows + `</sheetData></worksheet>`,
	} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(text))
	}
	z.Close()
	return b.Bytes()
}
