package archtest

import (
	"path/filepath"
	"strings"
	"testing"
)

func TestMarkupGoesThroughPackageWeb(t *testing.T) {
	used := map[string]bool{}
	for _, f := range tree(t) {
		if f.Test {
			continue
		}
		faults, err := Markup(filepath.Join(root, filepath.FromSlash(f.Path)), f.Path, nil, used)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			t.Error(fault)
		}
	}
	for _, u := range Unused(used) {
		t.Error(u)
	}
}

func TestMarkupNoticesBreaches(t *testing.T) {
	const imports = "package x\nimport (\n\tg \"maragu.dev/gomponents\"\n\th \"maragu.dev/gomponents/html\"\n)\n"
	for _, body := range []string{
		`var x = g.Raw("<b>")`, `var x = h.A(h.Href(typed))`, `var x = h.Script()`, `var x = g.Attr("onclick", "x")`, `var x = g.Attr("HREF", "x")`, `var x = g.Attr(name, "x")`,
		`var x = g.El("iframe")`, `var f = g.Raw`, `var x = h.StyleAttr("x")`, `var x = web.A("mailto:"+typed, typed)`,
	} {
		faults, err := Markup("internal/web/x/x.go", "internal/web/x/x.go", imports+body, map[string]bool{})
		if err != nil || len(faults) != 1 {
			t.Errorf("%s: %v %v", body, faults, err)
		}
	}
	for _, imp := range []string{`. "maragu.dev/gomponents"`, `"maragu.dev/gomponents/html"`, `g "maragu.dev/gomponents/components"`} {
		if faults, err := Markup("x.go", "x.go", "package x\nimport "+imp+"\n", map[string]bool{}); err != nil || len(faults) != 1 {
			t.Errorf("%s: %v %v", imp, faults, err)
		}
	}
	if faults, err := Markup("x.go", "x.go", imports+`var x = h.A(g.Attr("hreflang", l), h.Class("y"), g.Text("z"))`, map[string]bool{}); err != nil || len(faults) != 0 {
		t.Error(faults, err)
	}
	if left := Unused(map[string]bool{}); len(left) < 6 || !strings.Contains(left[0], "may write") {
		t.Error(left)
	}
}
