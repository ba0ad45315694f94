package archtest

import (
	"path/filepath"
	"testing"
)

func TestFunctionsStartWithoutDelay(t *testing.T) {
	linked, err := Linked(root)
	if err != nil {
		t.Fatal(err)
	}
	folders := linkedFolders(linked)
	if !folders["internal/cloud"] || !folders["functions/desk"] || folders["internal/table/sqlite"] {
		t.Fatalf("linked are %v", folders)
	}
	for _, f := range tree(t) {
		if f.Test || !folders[f.Package] {
			continue
		}
		faults, err := AtStart(filepath.Join(root, filepath.FromSlash(f.Path)), f.Path, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range faults {
			t.Error(fault)
		}
	}
}

func TestSlowStartsAreNoticed(t *testing.T) {
	for body, want := range map[string]int{
		"var x = regexp.MustCompile(`a`)":                                                              1,
		"var x, y = 1, f(regexp.MustCompile(`a`))":                                                     1,
		"var x = func() any { return regexp.MustCompile(`a`) }()":                                      1,
		"func init() { x = template.Must(nil) }":                                                       1,
		"var m = map[string]any{`a`: regexp.MustCompile(`a`), `b`: regexp.MustCompile(`b`)}":           2,
		"var x = sync.OnceValue(func() any { return regexp.MustCompile(`a`) })":                        0,
		"var x = func() any { return regexp.MustCompile(`a`) }":                                        0,
		"func f() { regexp.MustCompile(`a`) }":                                                         0,
		"func (x T) init() { regexp.MustCompile(`a`) }":                                                0,
		"var x = func() any { return func() any { return regexp.MustCompile(`a`) } }()":                0,
		"var x = template.Must(template.New(``).Parse(``))":                                            2,
		"var a = []string{`regexp.MustCompile`}; var b = regexp.QuoteMeta(`a`); type regexp2 struct{}": 0,
	} {
		faults, err := AtStart("x.go", "x.go", "package x\n"+body)
		if err != nil || len(faults) != want {
			t.Errorf("%s: %v %v, want %d", body, faults, err, want)
		}
	}
}
