package cloud

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const root = "../.."

// node is a value of template.yaml. Short forms of CloudFormation's functions keep their tag: !Ref X is the scalar X with Tag "!Ref".
type node struct{ *yaml.Node }

// readTemplate reads template.yaml.
func readTemplate(t *testing.T) node {
	t.Helper()
	text, err := os.ReadFile(root + "/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		t.Fatal(err)
	}
	return node{doc.Content[0]}
}

// at goes down by names; a missing one gives an empty node.
func (n node) at(names ...string) node {
	for _, name := range names {
		next := &yaml.Node{}
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == name {
					next = n.Content[i+1]
				}
			}
		}
		n = node{next}
	}
	return n
}

func (n node) missing() bool { return n.Kind == 0 }

// each calls f for every name and value of a mapping, in order.
func (n node) each(f func(name string, value node)) {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		f(n.Content[i].Value, node{n.Content[i+1]})
	}
}

// list gives the members of a sequence, or the one value that stands in its place.
func (n node) list() []node {
	if n.Kind != yaml.SequenceNode {
		if n.missing() {
			return nil
		}
		return []node{n}
	}
	var out []node
	for _, c := range n.Content {
		out = append(out, node{c})
	}
	return out
}

// text writes a scalar with its function: "!GetAtt PlanQueue.Arn".
func (n node) text() string {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return n.Tag + " " + n.Value
	}
	return n.Value
}

func (n node) number(t *testing.T) int {
	t.Helper()
	v, err := strconv.Atoi(n.Value)
	if err != nil {
		t.Fatalf("line %d: %q is no number", n.Line, n.Value)
	}
	return v
}

// resources gives the resources of a type.
func resources(t *testing.T, kind string) map[string]node {
	t.Helper()
	out := map[string]node{}
	readTemplate(t).at("Resources").each(func(name string, r node) {
		if r.at("Type").Value == kind {
			out[name] = r.at("Properties")
		}
	})
	if len(out) == 0 {
		t.Fatalf("template.yaml has no %s", kind)
	}
	return out
}

// functions gives the functions by their folder, and their names in the template.
func functions(t *testing.T) (byFolder map[string]node, names map[string]string) {
	t.Helper()
	byFolder, names = map[string]node{}, map[string]string{}
	for name, f := range resources(t, "AWS::Serverless::Function") {
		folder, ok := strings.CutPrefix(f.at("CodeUri").Value, "functions/")
		if !ok || byFolder[folder] != (node{}) {
			t.Errorf("%s has CodeUri %s", name, f.at("CodeUri").Value)
		}
		byFolder[folder], names[folder] = f, name
	}
	return byFolder, names
}

func timeout(t *testing.T, f node) int {
	t.Helper()
	if n := f.at("Timeout"); !n.missing() {
		return n.number(t)
	}
	return readTemplate(t).at("Globals", "Function", "Timeout").number(t)
}
