package list

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"liaison/internal/form"
	"liaison/internal/words"
)

var organisations = Format{Max: 5, Group: "organisations", Def: &form.Definition{Words: "survey.subscribers", Groups: []form.Group{{Name: "organisations", Max: 100, Fields: []form.Field{
	{Name: "name", Kind: form.Text, Required: true}, {Name: "email", Kind: form.Email, Required: true}, {Name: "url", Kind: form.URL}, {Name: "about", Kind: form.Area},
	{Name: "row", Kind: form.Hidden}}}}}}

var events = Format{Max: 5, Group: "events", Def: &form.Definition{Words: "survey.events", Groups: []form.Group{{Name: "events", Max: 100, Fields: []form.Field{
	{Name: "name", Kind: form.Text, Required: true}, {Name: "start", Kind: form.Date, Required: true}, {Name: "country", Kind: form.Country}, {Name: "languages", Kind: form.Languages},
	{Name: "mode", Kind: form.Choice, Options: []string{"onsite", "online", "hybrid"}}, {Name: "topics", Kind: form.Checks, Options: []string{"labour", "env"}},
	{Name: "presenters", Kind: form.Number, Max: 20}}}}},
	Value: func(field, cell string) (string, bool) { return "env", field == "topics" && cell == "Environment" }}

func (l *List) String() string {
	var out []string
	for _, line := range l.Lines {
		var cells []string
		for _, f := range l.format.Def.Groups[0].Fields {
			if vs := line.Row.All(f.Name); len(vs) > 0 {
				cells = append(cells, strings.Join(vs, "+"))
			}
		}
		out = append(out, fmt.Sprintf("%d:%s", line.N, strings.Join(cells, "|")))
	}
	return strings.Join(out, "; ")
}

func encode(t testing.TB, s, as string) []byte {
	t.Helper()
	switch as {
	case "utf-16le":
		b, _ := unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM).NewEncoder().Bytes([]byte(s))
		return b
	case "utf-16be bom":
		b, _ := unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes([]byte(s))
		return b
	case "1252":
		b, err := charmap.Windows1252.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	case "1251":
		b, err := charmap.Windows1251.NewEncoder().Bytes([]byte(s))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	return []byte(s)
}

func TestText(t *testing.T) {
	const one = "2:Forum|f@example.org"
	for _, c := range []struct{ name, as, in, want string }{
		{"comma", "", "name,email\nForum,f@example.org\n", one},
		{"semicolon", "", "email;name\r\nf@example.org;Forum\r\n", one},
		{"tab", "", "email\tname\nf@example.org\tForum", one},
		{"mark", "", "\ufeffname,email\nForum,f@example.org", one},
		{"sep line", "", "sep=;\r\nname;email\r\nForum;f@example.org", "3:Forum|f@example.org"},
		{"utf-16", "utf-16le", "name\temail\nForum\tf@example.org", one},
		{"utf-16 with mark", "utf-16be bom", "name,email\nFörum,f@example.org", "2:Förum|f@example.org"},
		{"1252", "1252", "Nom;Courriel\nFédération européenne;f@example.org", "2:Fédération européenne|f@example.org"},
		{"1251", "1251", "Название;Почта\nФорум;f@example.org", "2:Форум|f@example.org"},
		{"1251 under an English header", "1251", "name;email\nОбщество потребителей;f@example.org", "2:Общество потребителей|f@example.org"},
		{"French", "", "Nom de l'organisation;Adresse électronique;Site web\nForum;f@example.org;forum.example", "2:Forum|f@example.org|forum.example"},
		{"Spanish", "", "ORGANIZACIÓN,CORREO ELECTRONICO\nForum,f@example.org", one},
		{"Russian", "", "Организация,Электронная почта\nForum,f@example.org", one},
		{"brackets and spaces", "", " E-Mail (required) , Name of organisation \n f@example.org , Forum ", one},
		{"title above", "", "Our list of 2027\n\nname,email\n\nForum,f@example.org", "5:Forum|f@example.org"},
		{"quotes and line breaks", "", "name,email,about\n\"For\"\"um, the\",f@example.org,\"two\nlines\"\nB,b@example.org,", "2:For\"um, the|f@example.org|two\nlines; 3:B|b@example.org"},
		{"blank rows", "", "name,email\n,\n\n  ,  \nForum,f@example.org", "5:Forum|f@example.org"},
		{"short row", "", "name,email,about\nForum,f@example.org", one},
		{"formulas are text", "", "name,email\n=HYPERLINK(\"x\"),f@example.org", "2:=HYPERLINK(\"x\")|f@example.org"},
	} {
		l, err := organisations.Read(&form.File{Name: "list", Data: encode(t, c.in, c.as)})
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if l.String() != c.want {
			t.Errorf("%s: %q, want %q", c.name, l, c.want)
		}
	}
}

func TestOneColumnMayHoldCommas(t *testing.T) {
	f := Format{Max: 5, Group: "questions", Def: &form.Definition{Words: "survey.questions", Groups: []form.Group{{Name: "questions", Fields: []form.Field{
		{Name: "question", Kind: form.Area, Required: true}, {Name: "answer", Kind: form.Area}}}}}}
	l, err := f.Read(&form.File{Data: []byte("question\nWho, and when?\n")})
	if err != nil || l.String() != "2:Who, and when?" {
		t.Errorf("%v %v", l, err)
	}
}

func TestChoicesAndDates(t *testing.T) {
	l, err := events.Read(&form.File{Data: []byte("Manifestation;Date;Pays;Langues;Déroulement;Thèmes;Intervenants;Budget\n" +
		"Forum;14.05.2027;Suisse;français, anglais;En ligne;labour, Environment;3;\nB;46156;CH;;ОНЛАЙН;;;\nC;05/06/2027;;;;;;1000\n")})
	if err != nil {
		t.Fatal(err)
	}
	problems := l.Check()
	if want := "2:Forum|2027-05-14|CH|fr+en|online|labour+env|3; 3:B|2026-05-14|CH|online; 4:C|05/06/2027"; l.String() != want {
		t.Errorf("%s, want %s", l, want)
	}
	if len(problems) != 1 || problems[0].N != 4 || problems[0].Field != "start" {
		t.Errorf("an ambiguous date is no date: %v", problems)
	}
	if got := l.Describe(words.For("en"), problems[0]); got != "Row 4, First day: Enter a date, like 2027-05-14" {
		t.Error(got)
	}
	if !cmp.Equal(l.Unknown, []string{"Budget"}) {
		t.Errorf("unknown columns: %v", l.Unknown)
	}
}

func TestRowsAreChecked(t *testing.T) {
	l, err := organisations.Read(&form.File{Data: []byte("name,email,x\nA,a@example.org,\n\nB,wrong,\nC,c@example.org,,too far\n,,only x\n" + strings.Repeat("n", 400) + ",d@example.org,\n")})
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]string{}
	for _, p := range l.Check() {
		got[p.N] = p.Field + " " + p.Key
	}
	want := map[int]string{4: "email form.error.email", 5: " list.error.cells", 6: " list.error.blank", 7: "name form.error.long"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func book(t testing.TB, fill func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	fill(f)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func put(f *excelize.File, sheet, cell string, values ...any) {
	_ = f.SetSheetRow(sheet, cell, &values)
}

func TestWorkbooks(t *testing.T) {
	date, _ := excelize.NewFile().NewStyle(&excelize.Style{NumFmt: 14})
	data := book(t, func(f *excelize.File) {
		put(f, "Sheet1", "A1", "Notes")
		_, _ = f.NewSheet("List")
		put(f, "List", "B3", "Event", "Date", "Presenters")
		put(f, "List", "B5", "Forum", 46156, 2)
		put(f, "List", "B6", "Second", "2027-05-14", "many")
		_ = f.SetCellStyle("List", "C5", "C5", date)
		_, _ = f.NewSheet("Hidden")
		put(f, "Hidden", "A1", "Event", "Date", "Country", "Languages")
		_ = f.SetSheetVisible("Hidden", false)
	})
	l, err := events.Read(&form.File{Name: "events.xlsx", Data: data})
	if err != nil {
		t.Fatal(err)
	}
	problems := l.Check()
	if want := "5:Forum|2026-05-14|2; 6:Second|2027-05-14|many"; l.String() != want || len(problems) != 1 || problems[0].N != 6 {
		t.Errorf("%s %v, want %s", l, problems, want)
	}
}

// zipped makes an archive of parts; a part's content is repeated to the size.
func zipped(t testing.TB, parts map[string]int) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, size := range parts {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		for chunk := bytes.Repeat([]byte("a"), 1<<16); size > 0; size -= len(chunk) {
			_, _ = w.Write(chunk[:min(len(chunk), size)])
		}
	}
	z.Close()
	return b.Bytes()
}

func TestUnfitFiles(t *testing.T) {
	many := "name,email\n" + strings.Repeat("A,a@example.org\n", 10_000)
	wide := sheetOf(t, strings.Repeat(`<row><c r="XFD1" t="inlineStr"><is><t> </t></is></c></row>`, 1000))
	high := sheetOf(t, `<row r="2147483000"><c t="inlineStr"><is><t>x</t></is></c></row>`)
	bomb := zipped(t, map[string]int{"xl/workbook.xml": 10, "xl/worksheets/sheet1.xml": MaxUnzipped + 1})
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"nothing", nil, ErrEmpty},
		{"spaces", []byte(" \r\n\t\n"), ErrEmpty},
		{"separators", []byte(";;;\n;;;\n"), ErrEmpty},
		{"only a header", []byte("name,email\n"), ErrEmpty},
		{"no header", []byte("Forum,f@example.org\n"), ErrHeader},
		{"half a header", []byte("name,url\nForum,forum.example\n"), ErrHeader},
		{"10,000 rows", []byte(many), ErrRows},
		{"too big", bytes.Repeat([]byte("a"), MaxBytes+1), ErrTooBig},
		{"bomb", bomb, ErrTooBig},
		{"many parts", zipped(t, func() map[string]int {
			m := map[string]int{"xl/workbook.xml": 10}
			for i := range maxParts {
				m[fmt.Sprint("xl/p", i)] = 1
			}
			return m
		}()), ErrTooBig},
		{"wide", wide, ErrTooBig},
		{"high", high, ErrTooBig},
		{"other zip", zipped(t, map[string]int{"mimetype": 10}), ErrType},
		{"broken zip", []byte("PK\x03\x04 and no more"), ErrType},
		{"broken workbook", zipped(t, map[string]int{"xl/workbook.xml": 100, "[Content_Types].xml": 100}), ErrType},
		{"old Excel", append([]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1}, make([]byte, 600)...), ErrType},
		{"PDF", []byte("%PDF-1.7\nname,email\nA,b"), ErrType},
		{"picture", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"), ErrType},
	} {
		l, err := organisations.Read(&form.File{Name: c.name, Data: c.data})
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) {
			t.Errorf("%s: %v %v, want %v", c.name, l, err, c.want)
			continue
		}
		for _, lang := range words.Languages {
			f := e.Finding(words.For(lang))
			if s := words.For(lang).T(f.Key, f.Args...); strings.Contains(s, "[[") || strings.Contains(s, "<no value>") {
				t.Errorf("%s: %s", c.name, s)
			}
		}
	}
	_, err := organisations.Read(&form.File{Data: []byte("Organisation;url\nForum;forum.example\n")})
	var e *Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	if f := e.Finding(words.For("fr")); words.For("fr").T(f.Key, f.Args...) != "Il manque à la liste une colonne pour\u00a0: Adresse électronique" {
		t.Error(words.For("fr").T(f.Key, f.Args...))
	}
}

// A sheet whose rows are formatted down to the bottom has a million empty rows.
func TestEmptyRowsCostLittle(t *testing.T) {
	const forum = `<row r="1000000"><c t="inlineStr"><is><t>Forum</t></is></c><c t="inlineStr"><is><t>f@example.org</t></is></c></row>`
	l, err := organisations.Read(&form.File{Data: sheetOf(t, strings.Repeat(`<row ht="20"/>`, 100_000)+forum)})
	if err != nil || l.String() != "1000000:Forum|f@example.org" {
		t.Errorf("%v %v", l, err)
	}
}

// A small file that unpacks to millions of cells is refused before the reader spends its time on them.
func TestDenseSheetsAreRefusedAtOnce(t *testing.T) {
	_, err := organisations.Read(&form.File{Data: sheetOf(t, "<row>"+strings.Repeat(`<c r="A2"/>`, maxMarks)+"</row>")})
	if !errors.Is(err, ErrTooBig) {
		t.Errorf("%v, want %v", err, ErrTooBig)
	}
}

// sheetOf is a workbook whose only sheet has a header and these rows.
func sheetOf(t testing.TB, rows string) []byte {
	t.Helper()
	plain := book(t, func(*excelize.File) {})
	old, err := zip.NewReader(bytes.NewReader(plain), int64(len(plain)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, f := range old.File {
		w, _ := z.Create(f.Name)
		if f.Name == "xl/worksheets/sheet1.xml" {
			fmt.Fprintf(w, `<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`+
				`<row r="1"><c t="inlineStr"><is><t>name</t></is></c><c t="inlineStr"><is><t>email</t></is></c></row>%s</sheetData></worksheet>`, rows)
			continue
		}
		r, _ := f.Open()
		_, _ = io.Copy(w, r)
		r.Close()
	}
	z.Close()
	return b.Bytes()
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("name,email\nForum,f@example.org\n"))
	f.Add([]byte("sep=;\n\"na\"me\";email\n\n;\nA;b;c"))
	f.Add([]byte("\xff\xfen\x00a\x00m\x00e\x00,\x00e\x00m\x00a\x00i\x00l\x00\n\x00a\x00"))
	f.Add([]byte("\xcd\xe0\xe7\xe2\xe0\xed\xe8\xe5;email\n\xe9;a"))
	f.Add(book(f, func(x *excelize.File) {
		put(x, "Sheet1", "A1", "name", "email")
		put(x, "Sheet1", "A2", "F", "f@example.org")
	}))
	f.Fuzz(func(t *testing.T, data []byte) {
		l, err := organisations.Read(&form.File{Data: data})
		var e *Error
		if err != nil {
			if !errors.As(err, &e) {
				t.Fatalf("a bare error: %v", err)
			}
			e.Finding(words.For("es"))
			return
		}
		last := 1
		for _, line := range l.Lines {
			if line.N <= last {
				t.Fatalf("row %d after row %d", line.N, last)
			}
			last = line.N
		}
		for _, p := range l.Check() {
			if s := l.Describe(words.For("ru"), p); strings.Contains(s, "[[") {
				t.Fatal(s)
			}
		}
	})
}
