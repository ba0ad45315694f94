package xlsx

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

func open(t testing.TB, data []byte) (*Book, error) {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	return Open(z)
}

// grid reads a sheet as lines "row: cell|cell".
func grid(s Sheet) ([]string, error) {
	var out []string
	err := s.Rows(func(n int, cells []string) error {
		if len(cells) > 0 {
			out = append(out, fmt.Sprintf("%d: %s", n, strings.Join(cells, "|")))
		}
		return nil
	})
	return out, err
}

// TestReadsWhatTheFullLibraryReads: for a workbook with everything that lists hold, the values are those that excelize gives.
func TestReadsWhatTheFullLibraryReads(t *testing.T) {
	f := excelize.NewFile()
	set := func(cell string, value any) {
		t.Helper()
		if err := f.SetCellValue("Sheet1", cell, value); err != nil {
			t.Fatal(err)
		}
	}
	day, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
	money, _ := f.NewStyle(&excelize.Style{NumFmt: 4})
	for cell, value := range map[string]any{
		"A1": "name", "B1": "Дата", "D1": "  spaces kept  ", "A2": 46156, "B2": 3.25, "C2": true, "D2": false, "E2": -1e21, "F2": 0.1 + 0.2, "G2": int64(9007199254740993),
		"A3": time.Date(2027, 5, 14, 0, 0, 0, 0, time.UTC), "B3": time.Date(2027, 5, 14, 18, 30, 0, 0, time.UTC), "C3": 1234567.891, "AB7": "far", "A9": "a\nb\tc\r\nd",
		"B9": "_x000D_ and \x01 and _x005F_", "C9": "<&>\"' 😀", "D9": "", "E9": "=1+1", "F9": "#N/A", "A10": "name",
	} {
		set(cell, value)
	}
	for cell, style := range map[string]int{"A2": day, "C3": money} {
		if err := f.SetCellStyle("Sheet1", cell, cell, style); err != nil {
			t.Fatal(err)
		}
	}
	_ = f.SetCellRichText("Sheet1", "B10", []excelize.RichTextRun{{Text: "rich ", Font: &excelize.Font{Bold: true}}, {Text: "text"}})
	_ = f.SetCellFormula("Sheet1", "C10", "SUM(A2:B2)")
	_ = f.MergeCell("Sheet1", "D10", "F11")
	set("D10", "merged")
	_ = f.SetRowHeight("Sheet1", 12, 30)
	_ = f.SetColWidth("Sheet1", "A", "C", 30)
	_, _ = f.NewSheet("Second & last")
	_ = f.SetCellValue("Second & last", "C3", "here")
	_, _ = f.NewSheet("Secret")
	_ = f.SetSheetVisible("Secret", false)
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	book, err := open(t, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	oracle, err := excelize.OpenReader(bytes.NewReader(b.Bytes()), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range book.Sheets {
		names = append(names, s.Name)
		if visible, _ := oracle.GetSheetVisible(s.Name); visible == s.Hidden {
			t.Errorf("%s: hidden is %v", s.Name, s.Hidden)
		}
		got, err := grid(s)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := oracle.GetRows(s.Name)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		for i, cells := range rows {
			for len(cells) > 0 && cells[len(cells)-1] == "" { // excelize shows the empty result of a formula
				cells = cells[:len(cells)-1]
			}
			if len(cells) > 0 {
				want = append(want, fmt.Sprintf("%d: %s", i+1, strings.Join(cells, "|")))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", s.Name, diff)
		}
	}
	if diff := cmp.Diff(oracle.GetSheetList(), names); diff != "" {
		t.Error(diff)
	}
}

const (
	workbookXML = `<?xml version="1.0"?><workbook xmlns="m" xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`
	relsXML     = `<?xml version="1.0"?><Relationships xmlns="p"><Relationship Id="rId1" Type="t/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`
)

// parts packs a workbook of one sheet; more are further parts, name and content.
func parts(t testing.TB, sheet string, more ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i, all := 0, append([]string{Main, workbookXML, "xl/_rels/workbook.xml.rels", relsXML, "xl/worksheets/sheet1.xml", sheet}, more...); i < len(all); i += 2 {
		w, err := z.Create(all[i])
		if err != nil {
			t.Fatal(err)
		}
		_, _ = w.Write([]byte(all[i+1]))
	}
	z.Close()
	return b.Bytes()
}

func data(rows string) string {
	return `<?xml version="1.0"?><worksheet xmlns="m"><cols><col min="1"/></cols><sheetData>` + rows + `</sheetData><rowBreaks><row r="9"/></rowBreaks></worksheet>`
}

func TestOtherWriters(t *testing.T) {
	texts := `<sst><si><t>zero</t></si><si><r><t>o</t></r><r><rPr><b/></rPr><t xml:space="preserve">ne </t></r><rPh sb="0"><t>reading</t></rPh></si></sst>`
	for _, c := range []struct{ name, sheet, want string }{
		{"no references", data(`<row><c><v>1</v></c><c t="s"><v>1</v></c></row><row><c t="inlineStr"><is><t>x</t></is></c></row>`), "1: 1|one ; 2: x"},
		{"gaps", data(`<row r="3"><c r="B3"><v>1</v></c><c><v>2</v></c><c r="e3" t="str"><v>e</v></c></row><row r="7"/><row/><row><c r="A9"><v/></c></row>`), "3: |1|2||e"},
		{"prefixes", `<x:worksheet xmlns:x="m"><x:sheetData><x:row r="1"><x:c r="A1"><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`, "1: 1"},
		{"kinds", data(`<row><c t="b"><v>1</v></c><c t="d"><v>2027-05-14</v></c><c t="e"><v>#N/A</v></c><c><f>1+1</f><v>2</v></c><c t="s"><v/></c><c t="s"><v> 0 </v></c></row>`), "1: 1|2027-05-14|#N/A|2||zero"},
		{"inline", data(`<row><c t="inlineStr"><is><r><t>a_x000D_</t></r><r><t>b</t></r></is></c><c t="inlineStr"/></row>`), "1: a\rb"},
		{"out of order", data(`<row><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>`), "1: 1||3"},
		{"comments", data(`<!-- c --><row><?p?><c><v>1<!-- c -->2</v><extLst><c><v>9</v></c></extLst></c><extLst><c><v>9</v></c></extLst></row>`), "1: 12"},
		{"chart", `<chartsheet><drawing/></chartsheet>`, ""},
	} {
		book, err := open(t, parts(t, c.sheet, "xl/sharedStrings.xml", texts))
		if err != nil || len(book.Sheets) != 1 {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for range 2 { // it can be read again
			if got, err := grid(book.Sheets[0]); err != nil || strings.Join(got, "; ") != c.want {
				t.Errorf("%s: %q %v, want %q", c.name, got, err, c.want)
			}
		}
	}
}

func TestNamesAndEncodings(t *testing.T) {
	utf := func(s string) string {
		b := []byte{0xff, 0xfe}
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return string(b)
	}
	row := func(s string) string {
		return `<worksheet><sheetData><row><c t="inlineStr"><is><t>` + s + `</t></is></c></row></sheetData></worksheet>`
	}
	for name, sheet := range map[string]string{
		"UTF-8 with its mark": "\ufeff" + `<?xml version="1.0" encoding="UTF-8"?>` + row("é"),
		"UTF-16":              utf(`<?xml version="1.0" encoding="UTF-16"?>` + row("é")),
		"Latin":               `<?xml version="1.0" encoding="ISO-8859-1"?>` + row("\xe9"),
	} {
		book, err := open(t, parts(t, sheet))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := grid(book.Sheets[0]); err != nil || strings.Join(got, "") != "1: é" {
			t.Errorf("%s: %q %v", name, got, err)
		}
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		Main: workbookXML, `xl\_rels\workbook.xml.rels`: `<Relationships><Relationship Id="rId1" Target="/XL/Sheets/One.xml"/><Relationship Id="rId2" Type="t/sharedStrings" Target="texts.xml"/></Relationships>`,
		"xl/sheets/one.xml": `<worksheet><sheetData><row><c t="s"><v>0</v></c></row></sheetData></worksheet>`, "xl/texts.xml": `<sst><si><t>elsewhere</t></si></sst>`,
	} {
		w, _ := z.Create(name)
		_, _ = w.Write([]byte(text))
	}
	z.Close()
	book, err := open(t, b.Bytes())
	if err != nil || len(book.Sheets) != 1 {
		t.Fatal(book, err)
	}
	if got, err := grid(book.Sheets[0]); err != nil || strings.Join(got, "") != "1: elsewhere" {
		t.Errorf("%q %v", got, err)
	}
}

func TestBrokenBooks(t *testing.T) {
	for name, sheet := range map[string]string{
		"cut off":             `<worksheet><sheetData><row><c><v>1</v></c>`,
		"rows that go back":   data(`<row r="2"/><row r="2"/>`),
		"row zero":            data(`<row r="0"/>`),
		"a row of letters":    data(`<row r="x"/>`),
		"no column":           data(`<row><c r="12"/></row>`),
		"no row in the cell":  data(`<row><c r="AB"/></row>`),
		"a column too far":    data(`<row><c r="XFE1"/></row>`),
		"a column far beyond": data(`<row><c r="AAAAAAAAAAAA1"/></row>`),
		"a text that is not":  data(`<row><c t="s"><v>7</v></c></row>`),
		"a text below zero":   data(`<row><c t="s"><v>-1</v></c></row>`),
		"foreign letters":     `<?xml version="1.0" encoding="EBCDIC"?><worksheet/>`,
	} {
		book, err := open(t, parts(t, sheet, "xl/sharedStrings.xml", "<sst><si><t>x</t></si></sst>"))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := grid(book.Sheets[0]); !errors.Is(err, ErrBroken) {
			t.Errorf("%s: %q %v, want %v", name, got, err, ErrBroken)
		}
	}
	book, _ := open(t, parts(t, data(`<row><c t="s"><v>0</v></c></row>`))) // without its texts
	if _, err := grid(book.Sheets[0]); !errors.Is(err, ErrBroken) {
		t.Error(err)
	}
	stop := errors.New("stop")
	book, _ = open(t, parts(t, data(`<row/><row/>`)))
	if err := book.Sheets[0].Rows(func(int, []string) error { return stop }); err != stop {
		t.Errorf("the visitor's error came back as %v", err)
	}
}

func FuzzRows(f *testing.F) {
	f.Add(data(`<row r="3"><c r="B3"><v>1</v></c><c t="s"><v>0</v></c></row>`), "<sst><si><t>x</t></si></sst>")
	f.Add(data(`<row><c t="inlineStr"><is><r><t>_x000D_</t></r></is></c></row>`), "")
	f.Fuzz(func(t *testing.T, sheet, texts string) {
		book, err := open(t, parts(t, sheet, "xl/sharedStrings.xml", texts))
		if err != nil {
			t.Fatal(err)
		}
		last := 0
		err = book.Sheets[0].Rows(func(n int, cells []string) error {
			if n <= last || len(cells) > MaxColumn || len(cells) > 0 && cells[len(cells)-1] == "" {
				t.Fatalf("row %d after %d, %d cells", n, last, len(cells))
			}
			last = n
			return nil
		})
		if err != nil && !errors.Is(err, ErrBroken) {
			t.Fatalf("a bare error: %v", err)
		}
	})
}
