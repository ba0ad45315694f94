package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Nodes escape every text and every value, but unlike html/template they do not know that an address or a script is more than a text.
// So the names that write such things are for a few files only, each with its reason; everybody else goes through package web.
var (
	guarded = map[string]bool{
		"g.Raw": true, "g.Rawf": true,
		"h.Href": true, "h.Src": true, "h.SrcSet": true, "h.Action": true, "h.FormAction": true, "h.Poster": true, "h.Ping": true, "h.Cite": true, "h.Manifest": true,
		"h.Script": true, "h.Style": true, "h.StyleEl": true, "h.StyleAttr": true, "h.IFrame": true, "h.Object": true, "h.Embed": true, "h.Base": true,
	}
	mayWrite = map[string]map[string]string{ // file -> name -> why
		"internal/web/page.go":               {"h.Href": "it looks at the address", "h.Action": "it looks at the address", "h.FormAction": "it looks at the address"},
		"internal/web/layout.go":             {"g.Raw": "the doctype", "h.Script": "our own script", "h.Src": "our own script"},
		"internal/letter/markup/markup.go":   {"h.Href": "it looks at the address", "h.Style": "a type of its own for styles that are constants", "h.StyleEl": "the same"},
		"internal/web/press/edition_page.go": {"h.IFrame": "the letter, below the page's own address", "h.Src": "the letter, below the page's own address"},
	}
	// nameless are what g.Attr and g.El may not write even by a constant name.
	nameless = []string{"href", "src", "srcset", "action", "formaction", "style", "srcdoc", "data", "script", "iframe", "object", "embed", "base"}
)

const nodes = "maragu.dev/gomponents"

// mailboxes is the only file that puts an address behind "mailto:": a local part may hold what begins the letter's own fields.
const mailboxes = "internal/web/page.go"

// Markup names every place in a file that writes markup in a way which only some may. src is as of parser.ParseFile; used gathers the
// permissions that were made use of, as "file name".
func Markup(from, rel string, src any, used map[string]bool) ([]string, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, from, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var faults []string
	say := func(n ast.Node, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("%s:%d: %s", rel, set.Position(n.Pos()).Line, fmt.Sprintf(format, args...)))
	}
	wanted := map[string]string{nodes: "g", nodes + "/html": "h"}
	named := false
	for _, spec := range tree.Imports {
		name, ok := wanted[importPath(spec)]
		if !ok {
			if strings.HasPrefix(importPath(spec), nodes) {
				say(spec, "%s is not among what we use", importPath(spec))
			}
			continue
		}
		named = true
		if spec.Name == nil || spec.Name.Name != name {
			say(spec, "%s is called %s everywhere, so that what it writes can be found", importPath(spec), name)
		}
	}
	if !named {
		return faults, nil
	}
	ast.Inspect(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if x, ok := n.X.(*ast.Ident); ok && guarded[x.Name+"."+n.Sel.Name] {
				name := x.Name + "." + n.Sel.Name
				if _, ok := mayWrite[rel][name]; !ok {
					say(n, "%s: go through package web", name)
				}
				used[rel+" "+name] = true
			}
		case *ast.CallExpr:
			if why := byName(n); why != "" {
				say(n, "%s", why)
			}
		case *ast.BasicLit:
			if strings.HasPrefix(n.Value, `"mailto:`) && rel != mailboxes {
				say(n, "%s…: web.Mailbox escapes what stands in an address", n.Value)
			}
		}
		return true
	})
	return faults, nil
}

// byName tells what is wrong with a call that writes an attribute or an element by its name.
func byName(c *ast.CallExpr) string {
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || len(c.Args) == 0 {
		return ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok || x.Name != "g" || sel.Sel.Name != "Attr" && sel.Sel.Name != "El" {
		return ""
	}
	lit, ok := c.Args[0].(*ast.BasicLit)
	if !ok {
		return "g." + sel.Sel.Name + " of a name that is no constant"
	}
	name, err := strconv.Unquote(lit.Value)
	if err != nil || slices.Contains(nameless, strings.ToLower(name)) || strings.HasPrefix(strings.ToLower(name), "on") {
		return fmt.Sprintf("g.%s(%s): go through package web", sel.Sel.Name, lit.Value)
	}
	return ""
}

// Unused lists the permissions of mayWrite that nobody makes use of.
func Unused(used map[string]bool) []string {
	var out []string
	for _, file := range slices.Sorted(maps.Keys(mayWrite)) {
		for _, name := range slices.Sorted(maps.Keys(mayWrite[file])) {
			if !used[file+" "+name] {
				out = append(out, file+" may write "+name+" and does not")
			}
		}
	}
	return out
}
