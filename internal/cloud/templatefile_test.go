package cloud

import (
	"testing"

	"liaison/internal/sam"
)

const root = "../.."

type node = sam.Node

// readTemplate reads template.yaml.
func readTemplate(t *testing.T) sam.Template {
	t.Helper()
	out, err := sam.Read(root + "/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func number(t *testing.T, n node) int {
	t.Helper()
	v, err := n.Number()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// resources gives the resources of a type.
func resources(t *testing.T, kind string) map[string]node {
	t.Helper()
	out := readTemplate(t).Resources(kind)
	if len(out) == 0 {
		t.Fatalf("template.yaml has no %s", kind)
	}
	return out
}

// functions gives the functions by their folder, and their names in the template.
func functions(t *testing.T) (byFolder map[string]node, names map[string]string) {
	t.Helper()
	list, err := readTemplate(t).Functions()
	if err != nil {
		t.Fatal(err)
	}
	byFolder, names = map[string]node{}, map[string]string{}
	for _, f := range list {
		byFolder[f.Folder], names[f.Folder] = f.Node, f.ID
	}
	return byFolder, names
}

func timeout(t *testing.T, f node) int {
	t.Helper()
	n, err := readTemplate(t).Timeout(sam.Function{Node: f})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
