package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
)

// slow are calls that a function would make whenever it starts, for an answer that may never need them: each is half a millisecond of
// somebody's first page. They belong into sync.OnceValue.
var slow = map[string]bool{
	"regexp.MustCompile": true, "regexp.Compile": true, "regexp.MustCompilePOSIX": true, "regexp.CompilePOSIX": true,
	"template.Must": true, "template.New": true, "json.Unmarshal": true,
}

// AtStart names every slow call that a file makes when its package is initialised: in the value of a package's variable, or in an
// init function. src is as of parser.ParseFile.
func AtStart(from, rel string, src any) ([]string, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, from, src, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	var faults []string
	var look func(n ast.Node) bool
	look = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false // runs when it is called
		case *ast.CallExpr:
			if f, ok := n.Fun.(*ast.FuncLit); ok { // which is here
				ast.Inspect(f.Body, look)
			}
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok {
				if x, ok := sel.X.(*ast.Ident); ok && slow[x.Name+"."+sel.Sel.Name] {
					faults = append(faults, fmt.Sprintf("%s:%d: %s.%s runs at every start", rel, set.Position(n.Pos()).Line, x.Name, sel.Sel.Name))
				}
			}
		}
		return true
	}
	for _, d := range tree.Decls {
		switch d := d.(type) {
		case *ast.GenDecl:
			ast.Inspect(d, look)
		case *ast.FuncDecl:
			if d.Name.Name == "init" && d.Recv == nil {
				ast.Inspect(d.Body, look)
			}
		}
	}
	return faults, nil
}

// linkedFolders are the folders of ours that some function links.
func linkedFolders(linked map[string][]string) map[string]bool {
	out := map[string]bool{}
	for function, packages := range linked {
		out["functions/"+function] = true
		for _, p := range packages {
			if own, ok := strings.CutPrefix(p, Module+"/"); ok {
				out[own] = true
			}
		}
	}
	return out
}
