package form

import (
	"bytes"
	"errors"
	"fmt"
	"mime/multipart"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaison/internal/words"
)

const formType, jsonType = "application/x-www-form-urlencoded", "application/json; charset=utf-8"

func TestJSONAndFormAreTheSame(t *testing.T) {
	a := post(t, everything(), formType, "text=a+b&number=3&consent=yes&checks=x&checks=y&tags=p%2C+q&who.name=Ana&rows.0.email=a%40example.org&rows.1.email=b%40example.org&form_key=k&action=check")
	b := post(t, everything(), jsonType, `{"text":" a  b","number":3,"consent":true,"checks":["x","y"],"tags":"p,q","who":{"name":"Ana"},
		"rows":[{"email":"a@example.org"},{"email":"b@example.org","about":null}],"form_key":"k","action":"check"}`)
	a.Check()
	b.Check()
	if diff := cmp.Diff(a.Fields, b.Fields) + cmp.Diff(a.Groups, b.Groups); diff != "" || !a.OK() || !b.OK() {
		t.Errorf("%s %v %v", diff, a.Errors, b.Errors)
	}
	if a.Key != "k" || b.Key != "k" || a.Action != "check" || b.Action != "check" || a.JSON || !b.JSON {
		t.Errorf("housekeeping: %+v %+v", a, b)
	}
}

func TestHostileBodies(t *testing.T) {
	for _, c := range []struct {
		name, contentType, body string
		want                    error
	}{
		{"empty", formType, "", nil},
		{"no type", "", "text=a", nil},
		{"text", "text/plain", "text=a", ErrMediaType},
		{"nonsense type", ";;;", "text=a", ErrMediaType},
		{"xml", "application/xml", "<a/>", ErrMediaType},
		{"not JSON", jsonType, "text=a", ErrMalformed},
		{"list", jsonType, "[]", ErrMalformed},
		{"null", jsonType, "null", ErrMalformed},
		{"two values", jsonType, "{} {}", ErrMalformed},
		{"deep", jsonType, strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000), ErrMalformed},
		{"bad escape", formType, "text=%zz", ErrMalformed},
		{"semicolon", formType, "a;b", ErrMalformed},
		{"large form", formType, "text=" + strings.Repeat("a", MaxBody), ErrTooLarge},
		{"large JSON", jsonType, `{"text":"` + strings.Repeat("a", MaxBody) + `"}`, ErrTooLarge},
		{"many rows", jsonType, `{"rows":[` + strings.Repeat("{},", maxRows) + `{}]}`, ErrTooLarge},
		{"many fields", formType, strings.Repeat("text=a&", maxPairs), ErrTooLarge},
		{"many parts", "multipart/form-data; boundary=b", strings.Repeat("--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na\r\n", maxPairs+1) + "--b--\r\n", ErrTooLarge},
		{"no boundary", "multipart/form-data", "x", ErrMalformed},
		{"cut off", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\nhalf", ErrMalformed},
		{"large multipart", "multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"list\"; filename=\"l.csv\"\r\n\r\n" + strings.Repeat("a", MaxUpload) + "\r\n--b--\r\n", ErrTooLarge},
	} {
		r := httptest.NewRequest("POST", "/", strings.NewReader(c.body))
		r.Header.Set("Content-Type", c.contentType)
		if _, err := Decode(r, everything()); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

func TestUnknownAndMistypedFields(t *testing.T) {
	v := post(t, everything(), jsonType, `{"admin":true,"text":{"a":1},"rows":[{"email":["a@example.org"],"x":1},7,null],"who":3,"number":1.5,"consent":[],"list":{"a":1}}`)
	v.Check()
	got := map[string]string{}
	for _, e := range v.Errors {
		got[e.Field] = e.Key
	}
	want := map[string]string{"admin": "form.error.unknown", "text": "form.error.type", "rows.0.x": "form.error.unknown", "rows.1": "form.error.type", "rows.2": "form.error.type",
		"who": "form.error.type", "number": "form.error.number", "list": "form.error.unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	v = post(t, everything(), formType, "rows.0.nope=1&rows.x.email=a&rows.-1.email=a&rows.01.email=a&rows.99999.email=a&rows=a&<script>=1")
	if len(v.Errors) != 7 {
		t.Errorf("%d unknown fields told, want 7: %v", len(v.Errors), v.Errors)
	}
	var many strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&many, "x%d=1&", i)
	}
	if v := post(t, everything(), formType, many.String()); len(v.Errors) != maxStray {
		t.Errorf("%d findings for 5,000 unknown fields", len(v.Errors))
	}
}

func multi(t testing.TB, fileName string, data []byte, pairs ...string) (string, string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := 0; i+1 < len(pairs); i += 2 {
		_ = w.WriteField(pairs[i], pairs[i+1])
	}
	f, err := w.CreateFormFile("list", fileName)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(data)
	w.Close()
	return w.FormDataContentType(), b.String()
}

func TestFiles(t *testing.T) {
	ct, body := multi(t, "members\r\n.csv", []byte("a,b"), "text", "with a file")
	if v := post(t, everything(), ct, body); v.File == nil || string(v.File.Data) != "a,b" || strings.ContainsAny(v.File.Name, "\r\n") || v.Get("text") != "with a file" {
		t.Errorf("%+v", v)
	}
	ct, body = multi(t, "", nil, "text", "no file chosen")
	if v := post(t, everything(), ct, body); v.File != nil {
		t.Errorf("a field without a file: %+v", v.File)
	}
	if v := post(t, everything(), formType, "list=email%0Aa@example.org"); v.File == nil || string(v.File.Data) != "email\na@example.org" {
		t.Errorf("pasted text is a list too: %+v", v.File)
	}
}

// A page of a hundred rows has more fields than the standard library's ParseMultipartForm takes.
func TestMultipartOfManyRows(t *testing.T) {
	var pairs []string
	for i := range 1500 {
		pairs = append(pairs, fmt.Sprintf("rows.%d.email", i), fmt.Sprintf("a%d@example.org", i))
	}
	ct, body := multi(t, "", nil, pairs...)
	if v := post(t, everything(), ct, body); len(v.Groups["rows"]) != 1500 || len(v.Errors) != 0 || v.File != nil {
		t.Errorf("%d rows, %v", len(v.Groups["rows"]), v.Errors)
	}
}

// TestManyTags: with a search through the list for each entry this takes minutes.
func TestManyTags(t *testing.T) {
	var b strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&b, "%x,", i)
	}
	v := post(t, everything(), formType, "tags="+b.String())
	if v.Check(); v.OK() || len(v.Fields.All("tags")) != 300_000 {
		t.Errorf("%d tags, %v", len(v.Fields.All("tags")), v.Errors)
	}
}

func TestKeys(t *testing.T) {
	r := httptest.NewRequest("POST", "/", strings.NewReader("form_key=form"))
	r.Header.Set("Content-Type", formType)
	r.Header.Set("Idempotency-Key", strings.Repeat("h", 500))
	if v, _ := Decode(r, everything()); v.Key != strings.Repeat("h", maxKey) {
		t.Errorf("the header goes first and is cut: %q", v.Key)
	}
}

// invariants hold for whatever anybody sends.
func invariants(t *testing.T, v *Values) {
	v.Check()
	s := v.Show(words.For("ru"))
	if len(s.Findings()) != len(v.Errors) || len(s.Messages()) != len(v.Errors) {
		t.Fatalf("a finding is not shown: %v", v.Errors)
	}
	for _, f := range s.Findings() {
		if strings.Contains(f.Text, "[[form.") {
			t.Fatalf("a finding has no words: %s", f.Text)
		}
	}
	for _, f := range v.Def.Fields {
		s.Field(f.Name)
	}
	s.Group("rows")
	for i := range v.Rows("rows") {
		s.Lines("rows", i)
	}
	for _, p := range v.Pairs() {
		if strings.ContainsAny(p.Value, "\x00\r\u202e") {
			t.Fatalf("%s kept what cannot be shown: %q", p.Name, p.Value)
		}
	}
	if v.OK() {
		again := *v
		again.Check()
		if !again.OK() {
			t.Fatalf("a checked form fails the second time: %v", again.Errors)
		}
	}
	v.Edit()
}

func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"text":"a","rows":[{"email":"a@example.org"},{}],"who":{"name":"x"}}`, `{"rows":{"0":1},"checks":["x",1,null,true],"number":1e400}`,
		`{"action":"remove:rows:1","form_key":[1],"tags":"a,b;c","languages":["fr","русский"]}`, "{\"text\":\"\\ud800\",\"email\":\"a@\xff.org\"}"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequest("POST", "/", bytes.NewReader(body))
		r.Header.Set("Content-Type", jsonType)
		if v, err := Decode(r, everything()); err == nil {
			invariants(t, v)
		}
	})
}

func FuzzDecodeForm(f *testing.F) {
	for _, s := range []string{"", "text=a&rows.0.email=a%40b.org", "rows[3][email]=x&rows.1.tags=a,b&action=add:rows", "%ff=%fe&number=9&date=2027-02-29", "languages[]=fr&country=fr&url=a.b",
		"tags=,;,&consent=on&list=a%0Ab&homepage_2=x"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", formType)
		if v, err := Decode(r, everything()); err == nil {
			invariants(t, v)
		}
	})
}
