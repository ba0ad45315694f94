package people

import (
	"errors"
	"net/mail"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestAddresses(t *testing.T) {
	for in, want := range map[string]EmailAddress{
		"info@forum.example":                "info@forum.example",
		"  Info.O'Neil+x@Forum.EXAMPLE \n":  "Info.O'Neil+x@forum.example",
		"info\u200b@forum.example":          "info@forum.example",
		"a@bücher.example":                  "a@xn--bcher-kva.example",
		"a@почта.рф":                        "a@xn--80a1acny.xn--p1ai",
		"a@faß.example":                     "a@xn--fa-hia.example",
		strings.Repeat("a", 64) + "@b.exam": EmailAddress(strings.Repeat("a", 64) + "@b.exam"),
	} {
		if got, err := ParseAddress(in); err != nil || got != want {
			t.Errorf("ParseAddress(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "@", "a@", "@b.example", "a", "a@b", "a@b.", "a@.b.example", "a@b..example", "a b@c.example", "a@b .example", "a@b.example, c@d.example",
		"Ana <a@b.example>", "<a@b.example>", `"a b"@c.example`, `"a"@c.example`, "a@[127.0.0.1]", "a@b.example\r\nBcc: c@d.example", "a\r\nb@c.example", "a\x00\n@b.example x",
		"é@b.example", "a@b.example;c@d.example", "mailto:a@b.example", "a@@b.example", ".a@b.example", "a.@b.example", "a..b@c.example", "a@-b.example", "a@b_c.example", "a@127.0.0.1", "a@b.example.", "a@b.example\\",
		strings.Repeat("a", 65) + "@b.example", "a@" + strings.Repeat("b", 64) + ".example", "a@" + strings.Repeat("bbbbbbbbb.", 26) + "example"} {
		if got, err := ParseAddress(in); !errors.Is(err, ErrAddress) || got != "" {
			t.Errorf("ParseAddress(%q) = %q, %v; want ErrAddress", in, got, err)
		}
	}
}

func TestAddressKeysAndMasks(t *testing.T) {
	if a, b := EmailAddress("Info@forum.example"), EmailAddress("info@forum.example"); a.Key() != b.Key() {
		t.Errorf("%q and %q are two", a.Key(), b.Key())
	}
	for in, want := range map[EmailAddress]string{"info@forum.example": "i…@forum.example", "a@b.example": "a…@b.example", "": "…", "@x": "…", "x": "…"} {
		if got := in.Masked(); got != want {
			t.Errorf("%q masked is %q, want %q", in, got, want)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"info@forum.example", " A.b+c@Bücher.example", "a@b.example\r\nBcc: x@y.example", `"q"@b.example`, "a@xn--80a1acny.xn--p1ai", "a\xff@b.example", "a@\u202eb.example", "a@１２７.0.0.1", "a@b。example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := ParseAddress(s)
		if err != nil {
			if a != "" || !errors.Is(err, ErrAddress) {
				t.Errorf("%q: %q, %v", s, a, err)
			}
			return
		}
		if len(a) > MaxAddress {
			t.Errorf("%q is %d bytes long", a, len(a))
		}
		for _, r := range string(a) { // what goes into a header
			if r > unicode.MaxASCII || r <= ' ' || strings.ContainsRune("<>,;:\"()[]\\", r) {
				t.Errorf("%q holds %q", a, r)
			}
		}
		if strings.Count(string(a), "@") != 1 {
			t.Errorf("%q has not one @", a)
		}
		if p, err := mail.ParseAddress(string(a)); err != nil || p.Address != string(a) || p.Name != "" {
			t.Errorf("%q is read as %v, %v", a, p, err)
		}
		if again, err := ParseAddress(string(a)); err != nil || again != a {
			t.Errorf("%q reads again as %q, %v", a, again, err)
		}
		if k, err := ParseAddress(a.Key()); err != nil || k.Key() != a.Key() {
			t.Errorf("the key %q of %q is no address, or another's: %q, %v", a.Key(), a, k, err)
		}
	})
}

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"  a\r\nb\rc\td  ":               "a\nb\nc\td",
		"e\u0301":                        "é",
		"a\x00\x07b\u200bc\ufeff\u2060d": "abcd",
		"a\u202eb\u2066c\u2069":          "abc",
		"\xff\xfea":                      "\uFFFDa",
		"نمی\u200cخواهم":                 "نمی\u200cخواهم",
		"\u00a0 x \u3000":                "x",
		"":                               "",
	} {
		if got := Clean(in); got != want {
			t.Errorf("Clean(%q) = %q, want %q", in, got, want)
		}
	}
	if got := OneLine(" a \r\n\t b\u00a0\u3000c "); got != "a b c" {
		t.Errorf("OneLine gives %q", got)
	}
	if got := Length("é日本"); got != 3 {
		t.Errorf("Length %d", got)
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{" a\r\nb ", "e\u0301\u0301", "\xff\x00\u202e", "\u1100\u1161\u11a8", "\u200b\u0301", " \u0301", "\ufeff "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		c := Clean(s)
		if !utf8.ValidString(c) || strings.ContainsAny(c, "\r\x00\u200b\u202e\ufeff") {
			t.Errorf("Clean(%q) = %q", s, c)
		}
		if again := Clean(c); again != c {
			t.Errorf("Clean(%q) = %q, and of that %q", s, c, again)
		}
		if l := OneLine(s); strings.ContainsAny(l, "\n\t") || OneLine(l) != l {
			t.Errorf("OneLine(%q) = %q", s, l)
		}
	})
}

func TestCountries(t *testing.T) {
	if len(Countries) != 249 || !slices.IsSorted(Countries) {
		t.Errorf("%d countries, sorted: %v", len(Countries), slices.IsSorted(Countries))
	}
	if c, err := ParseCountry(" ch "); err != nil || c != "CH" {
		t.Errorf("%q, %v", c, err)
	}
	for _, in := range []string{"", "XX", "CHE", "UK", "EU", "C", "ＣＨ"} {
		if c, err := ParseCountry(in); !errors.Is(err, ErrCountry) || c != "" {
			t.Errorf("ParseCountry(%q) = %q, %v", in, c, err)
		}
	}
}

func TestLanguages(t *testing.T) {
	for in, want := range map[string]Language{"EN": "en", "pt_br": "pt-BR", " fr ": "fr", "zh-hant-tw": "zh-Hant-TW", "iw": "he"} {
		if got, err := ParseLanguage(in); err != nil || got != want {
			t.Errorf("ParseLanguage(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
	for _, in := range []string{"", "und", "e", "englisch!", "en fr", "xx-yy-zz-", strings.Repeat("en-", 20)} {
		if got, err := ParseLanguage(in); !errors.Is(err, ErrLanguage) || got != "" {
			t.Errorf("ParseLanguage(%q) = %q, %v; want ErrLanguage", in, got, err)
		}
	}
	if got := Language("pt-BR").Base(); got != "pt" {
		t.Errorf("base %q", got)
	}
}

func TestCategories(t *testing.T) {
	if len(Categories) != 6 {
		t.Errorf("%d categories", len(Categories))
	}
	for _, c := range Categories {
		if got, err := ParseCategory(string(c)); err != nil || got != c {
			t.Errorf("%q: %q, %v", c, got, err)
		}
	}
	for _, in := range []string{"", "Industry", "unions"} {
		if _, err := ParseCategory(in); !errors.Is(err, ErrCategory) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

func TestCountriesAreAssignedCodes(t *testing.T) {
	for _, c := range Countries {
		if got, err := ParseCountry(" " + strings.ToLower(string(c)) + "\n"); got != c || err != nil {
			t.Errorf("%s: %q, %v", c, got, err)
		}
	}
	if len(Countries) != 249 || !slices.IsSorted(Countries) {
		t.Errorf("%d countries, in order: %v", len(Countries), slices.IsSorted(Countries))
	}
	for _, s := range []string{"", "A", "XX", "D A", "AD AE", "A\u00a0D", "D\u2003A", "ADAE", "12", "Ａ"} {
		if got, err := ParseCountry(s); err != ErrCountry {
			t.Errorf("%q is %q", s, got)
		}
	}
}
