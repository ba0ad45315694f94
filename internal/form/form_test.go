package form

import (
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"liaison/internal/words"
)

// everything has one field of each kind, and a group.
func everything() *Definition {
	return &Definition{Words: "test", Fields: []Field{
		{Name: "text", Kind: Text}, {Name: "area", Kind: Area}, {Name: "email", Kind: Email}, {Name: "url", Kind: URL}, {Name: "tel", Kind: Tel},
		{Name: "country", Kind: Country}, {Name: "language", Kind: Language}, {Name: "spoken", Kind: Language, Options: []string{"en", "fr"}},
		{Name: "choice", Kind: Choice, Options: []string{"yes", "no"}}, {Name: "select", Kind: Select, Options: []string{"a", "b"}},
		{Name: "checks", Kind: Checks, Options: []string{"x", "y", "z"}}, {Name: "tags", Kind: Tags, Max: 3}, {Name: "languages", Kind: Languages},
		{Name: "date", Kind: Date}, {Name: "number", Kind: Number, Min: -5, Max: 10}, {Name: "consent", Kind: Consent}, {Name: "hidden", Kind: Hidden, Limit: 20},
		{Name: "who.name", Kind: Text, Limit: 5},
	}, Groups: []Group{{Name: "rows", Max: 3, Fields: []Field{
		{Name: "id", Kind: Hidden}, {Name: "email", Kind: Email, Required: true}, {Name: "about", Kind: Area}, {Name: "country", Kind: Country, More: true},
		{Name: "tags", Kind: Tags},
	}}}}
}

func post(t testing.TB, d *Definition, contentType, body string) *Values {
	t.Helper()
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("Content-Type", contentType)
	v, err := Decode(r, d)
	if err != nil {
		t.Fatalf("%q: %v", body, err)
	}
	return v
}

func typed(t testing.TB, d *Definition, pairs ...string) *Values {
	t.Helper()
	body := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		body.Add(pairs[i], pairs[i+1])
	}
	return post(t, d, "application/x-www-form-urlencoded", body.Encode())
}

func TestEveryKind(t *testing.T) {
	for _, c := range []struct{ field, in, want, err string }{
		{"text", "  a\u00a0 b\r\nc ", "a b c", ""},
		{"text", "a\x00b\u202ec\u200b", "abc", ""},
		{"text", strings.Repeat("é", 300), strings.Repeat("é", 300), ""},
		{"text", strings.Repeat("é", 301), "", "long"},
		{"text", "caf\xe9", "", "encoding"},
		{"text", "cafe\u0301", "café", ""},
		{"area", "a\r\nb\rc", "a\nb\nc", ""},
		{"area", strings.Repeat("x", 5001), "", "long"},
		{"email", "Ana@Exämple.ORG", "Ana@xn--exmple-cua.org", ""},
		{"email", "ana", "", "email"},
		{"email", "ana@example.org\r\nBcc: x@example.org", "", "email"},
		{"email", "Ana <ana@example.org>", "", "email"},
		{"email", strings.Repeat("a", 300) + "@example.org", "", "long"},
		{"url", "www.example.org/a", "https://www.example.org/a", ""},
		{"url", "javascript:alert(1)", "", "url"},
		{"url", "ftp://example.org", "", "url"},
		{"url", "https://user:pass@example.org", "", "url"},
		{"url", "https://example.org/<script>", "", "url"},
		{"tel", "+41 (22) 749-01.11", "+41 (22) 749-01.11", ""},
		{"tel", "call me", "", "tel"},
		{"tel", "()", "", "tel"},
		{"country", "ch", "CH", ""},
		{"country", "Швейцария", "CH", ""},
		{"country", "XX", "", "country"},
		{"language", "PT-br", "pt-BR", ""},
		{"language", "not a language", "", "language"},
		{"spoken", "fr", "fr", ""},
		{"spoken", "de", "", "language"},
		{"choice", "yes", "yes", ""},
		{"choice", "maybe", "", "option"},
		{"select", "b", "b", ""},
		{"select", "c", "", "option"},
		{"checks", "y", "y", ""},
		{"checks", "q", "", "option"},
		{"tags", "a; b,, a ,c", "a|b|c", ""},
		{"tags", "a,b,c,d", "", "entries"},
		{"tags", strings.Repeat("x", 101), "", "long"},
		{"languages", "en, Français; русский", "en|fr|ru", ""},
		{"languages", "English, en", "en", ""},
		{"languages", "Klingonish", "", "languages"},
		{"date", "2027-02-28", "2027-02-28", ""},
		{"date", "2027-02-30", "", "date"},
		{"date", "14.05.2027", "", "date"},
		{"date", "0001-01-01", "", "date"},
		{"number", "07", "7", ""},
		{"number", "-6", "", "number"},
		{"number", "1e1", "", "number"},
		{"number", "99999999999999999999", "", "number"},
		{"consent", "on", "yes", ""},
		{"consent", "no", "", ""},
		{"hidden", strings.Repeat("h", 21), "", "long"},
		{"who.name", "Anaïs", "Anaïs", ""},
		{"who.name", "Anaïs B", "", "long"},
	} {
		v := typed(t, everything(), c.field, c.in)
		v.Check()
		if c.err != "" {
			if len(v.Errors) != 1 || v.Errors[0].Field != c.field || v.Errors[0].Key != "form.error."+c.err {
				t.Errorf("%s %.40q: %v, want %s", c.field, c.in, v.Errors, c.err)
			}
			continue
		}
		if got := strings.Join(v.All(c.field), "|"); !v.OK() || got != c.want {
			t.Errorf("%s %.40q: %.60q %v, want %q", c.field, c.in, got, v.Errors, c.want)
		}
	}
}

func TestRequired(t *testing.T) {
	d := everything()
	for i := range d.Fields {
		d.Fields[i].Required = true
	}
	d.Groups[0].Min = 1
	v := typed(t, d, "consent", "no", "tags", " , ", "text", "\u200b ")
	v.Check()
	if want := len(d.Fields) + 1; len(v.Errors) != want {
		t.Errorf("%d findings, want %d: %v", len(v.Errors), want, v.Errors)
	}
	for _, e := range v.Errors {
		if e.Key != "form.error.required" && e.Key != "form.error.rows.min" {
			t.Errorf("%+v", e)
		}
	}
}

func TestRows(t *testing.T) {
	v := typed(t, everything(), "rows.7.email", "b@example.org", "rows[2][email]", "a@example.org", "rows.4.about", "  ", "rows.5.id", "9", "rows.9.about", "no address")
	v.Check()
	if len(v.Rows("rows")) != 3 || v.Rows("rows")[0].Get("email") != "a@example.org" || v.Rows("rows")[1].Get("email") != "b@example.org" {
		t.Errorf("gaps, order and blank rows: %v", v.Rows("rows"))
	}
	if want := []Error{{Field: "rows.2.email", Key: "form.error.required"}}; !cmp.Equal(v.Errors, want) {
		t.Errorf("%v, want %v", v.Errors, want)
	}
	v = typed(t, everything(), "rows.0.email", "a@example.org", "rows.1.email", "b@example.org", "rows.2.email", "c@example.org", "rows.3.email", "d@example.org")
	v.Check()
	if len(v.Errors) != 1 || v.Errors[0].Key != "form.error.rows.max" || len(v.Rows("rows")) != 4 {
		t.Errorf("one row too many must be told and kept: %v %d", v.Errors, len(v.Rows("rows")))
	}
}

func TestAddAndRemove(t *testing.T) {
	emails := func(v *Values) string {
		var out []string
		for _, r := range v.Rows("rows") {
			out = append(out, r.Get("email"))
		}
		return strings.Join(out, ",")
	}
	for _, c := range []struct {
		action, rows, want, focus string
		edited                    bool
	}{
		{"add:rows", "a,b", "a,b,", "rows.2.email", true},
		{"add:rows", "a,b,c", "a,b,c", "rows.2.email", true}, // full
		{"remove:rows:1", "a,b,c", "b,c", "rows.0.email", true},
		{"remove:rows:3", "a,b,c", "a,b", "rows.1.email", true},
		{"remove:rows:1", "a", "", "rows.0.email", true}, // one blank row stays
		{"remove:rows:9", "a,b", "a,b", "rows.1.email", true},
		{"remove:rows:-1", "a,b", "a,b", "rows.0.email", true},
		{"remove:rows:x", "a,b", "a,b", "rows.0.email", true},
		{"add:nothing", "a", "a", "", false},
		{"check", "a", "a", "", false},
		{"", "a", "a", "", false},
	} {
		pairs := []string{"action", c.action}
		for i, e := range strings.Split(c.rows, ",") {
			pairs = append(pairs, "rows."+string(rune('0'+i))+".email", e)
		}
		v := typed(t, everything(), pairs...)
		if got := v.Edit(); got != c.edited || emails(v) != c.want || v.Focus != c.focus {
			t.Errorf("%s of %s: %v %q focus %q, want %v %q %q", c.action, c.rows, got, emails(v), v.Focus, c.edited, c.want, c.focus)
		}
	}
}

// What a check-answers page carries in hidden inputs is the form as it was.
func TestPairsLoseNothing(t *testing.T) {
	d := everything()
	v := typed(t, d, "text", `<b>"&'`, "area", "two\nlines", "checks", "x", "checks", "z", "tags", "a, b", "languages", "fr, sw", "who.name", "Ana", "hidden", "h",
		"rows.0.email", "a@example.org", "rows.0.country", "Kenya", "rows.1.email", "wrong", "rows.1.tags", "t,u", "rows.1.id", "4")
	v.Check()
	body := url.Values{}
	for _, p := range v.Pairs() {
		body.Add(p.Name, p.Value)
	}
	again := post(t, d, "application/x-www-form-urlencoded", body.Encode())
	again.Check()
	if diff := cmp.Diff(v.Fields, again.Fields) + cmp.Diff(v.Groups, again.Groups); diff != "" {
		t.Error(diff)
	}
}

func TestViews(t *testing.T) {
	v := typed(t, everything(), "checks", "y", "languages", "fr, pt-BR", "rows.0.email", "wrong", "rows.0.country", "ke", "country", "fr", "date", "2027-05-14", "consent", "yes")
	v.Check()
	for lang, want := range map[string][]string{"fr": {"français, pt-BR", "Kenya", "France", "14 mai 2027"}, "ru": {"французский, pt-BR", "Кения", "Франция", "14 мая 2027 г."}} {
		s := v.Show(words.For(words.Languages[map[string]int{"fr": 1, "ru": 3}[lang]]))
		row := s.Group("rows").Rows[0]
		got := []string{s.Field("languages").Value, row.More[0].Value, "", ""}
		for _, l := range s.Lines("", 0) {
			switch l.Href {
			case "#f-country":
				got[2] = l.Value
			case "#f-date":
				got[3] = l.Value
			}
		}
		if !cmp.Equal(got, want) {
			t.Errorf("%s: %q, want %q", lang, got, want)
		}
		if !row.MoreOpen || row.More[0].List != CountryList || len(row.More[0].Options) != 0 {
			t.Errorf("a country in a row suggests and stays open while filled: %+v", row)
		}
		if f := s.Findings(); len(f) != 1 || f[0].Href != "#f-rows-0-email" {
			t.Errorf("findings: %v", f)
		}
	}
	for _, l := range words.Languages { // what a suggestion puts in must come back as the country
		s := v.Show(words.For(l))
		for _, name := range s.Countries() {
			if _, err := words.CountryNamed(name); err != nil {
				t.Errorf("%s: %q leads to no country", l, name)
			}
		}
	}
}

func TestFindingsComeInTheOrderOfThePage(t *testing.T) {
	d := &Definition{Words: "w", Fields: []Field{{Name: "name", Kind: Text, Required: true}}, Groups: []Group{{Name: "rows", Min: 1, Max: 2, Fields: []Field{{Name: "email", Kind: Email}}}}}
	order := func() string {
		v := New(d, 1)
		v.Groups["rows"][0] = Row{"email": {"x"}}
		v.Check()
		var out []string
		for _, e := range v.Errors {
			out = append(out, e.Field)
		}
		return strings.Join(out, " ")
	}
	if got := order(); got != "name rows.0.email" {
		t.Errorf("fields first: %s", got)
	}
	d.GroupsFirst = true
	if got := order(); got != "rows.0.email name" {
		t.Errorf("groups first: %s", got)
	}
}
