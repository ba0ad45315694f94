package web_test

import (
	"strings"
	"testing"

	"liaison/internal/form"
	"liaison/internal/web"
)

// The choices of a list are written without nodes of their own: what stands in them is text all the same.
func TestChoicesAreText(t *testing.T) {
	var b strings.Builder
	f := form.FieldView{ID: "f-x", Name: "x", Kind: form.Select, Options: []form.Option{{Value: `"><script>`, Label: "<b>Tom & Ann</b>"}, {Value: "b", Label: "B", On: true}}}
	if err := web.Field(f).Render(&b); err != nil {
		t.Fatal(err)
	}
	want := `<option value=""></option><option value="&#34;&gt;&lt;script&gt;">&lt;b&gt;Tom &amp; Ann&lt;/b&gt;</option><option value="b" selected>B</option></select>`
	if !strings.Contains(b.String(), want) {
		t.Errorf("%s\nwant %s", b.String(), want)
	}
}

// A local part may hold what begins a letter's own fields in an address (RFC 6068): it stays part of the address.
func TestAnAddressIsNoMoreThanAnAddress(t *testing.T) {
	var b strings.Builder
	if err := web.MailTo("a?bcc=other@forum.example").Render(&b); err != nil {
		t.Fatal(err)
	}
	if want := `<a href="mailto:a%3Fbcc=other@forum.example">a?bcc=other@forum.example</a>`; b.String() != want {
		t.Errorf("%s\nwant %s", b.String(), want)
	}
}
