// Package archtest is the law of the house as a test: who may import whom, in which room each library lives, and what the
// main of a function looks like.
//
// The test reads the files themselves, so the test cache cannot hide a change. What may enter: rules about the shape of the whole tree.
package archtest

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// File is what the law looks at.
type File struct {
	Path    string // from the root, with slashes
	Package string // its folder, "." for the root
	Name    string // package clause
	Test    bool
	Imports []string
	Doc     string
	Lines   int
}

// Read parses every Go file below root that the go command would build or test.
func Read(root string) ([]File, error) {
	var out []File
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && p != root && (name == "testdata" || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasPrefix(name, "_") || strings.HasPrefix(name, ".") {
			return nil
		}
		rel, err := filepath.Rel(root, p)
		if err != nil {
			return err
		}
		f, err := parse(p, filepath.ToSlash(rel), nil)
		if err != nil {
			return err
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

// parse reads one file; src as of parser.ParseFile.
func parse(from, rel string, src any) (File, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, from, src, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return File{}, err
	}
	f := File{Path: rel, Package: path.Dir(rel), Name: tree.Name.Name, Test: strings.HasSuffix(rel, "_test.go"), Lines: set.File(tree.Pos()).LineCount()}
	if tree.Doc != nil {
		f.Doc = tree.Doc.Text()
	}
	for _, spec := range tree.Imports {
		f.Imports = append(f.Imports, importPath(spec))
	}
	return f, nil
}

func importPath(spec *ast.ImportSpec) string {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil {
		return spec.Path.Value // the compiler says the rest
	}
	return p
}

// Check names every import that breaks the law.
func Check(files []File) []string {
	var faults []string
	for _, f := range files {
		for _, imp := range f.Imports {
			var why string
			if own, ok := strings.CutPrefix(imp, Module+"/"); ok {
				why = ownImport(f, own)
			} else if first, _, _ := strings.Cut(imp, "/"); strings.Contains(first, ".") {
				why = foreignImport(f, imp)
			}
			if why != "" {
				faults = append(faults, fmt.Sprintf("%s imports %s: %s", f.Path, imp, why))
			}
		}
	}
	slices.Sort(faults)
	return faults
}
