package deployment

import (
	"fmt"
	"iter"

	"go.yaml.in/yaml/v3"
)

// template is template.yaml as nodes. Short forms of CloudFormation's functions are tags: !Ref X is the scalar X with the tag "!Ref".
type template struct{ root *yaml.Node }

func parse(text []byte) (template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return template{}, fmt.Errorf("read the template: %w", err)
	}
	if len(doc.Content) != 1 || get(doc.Content[0], "Resources") == nil {
		return template{}, fmt.Errorf("read the template: it has no resources")
	}
	return template{doc.Content[0]}, nil
}

// resources are all of them, by their names, in the order of the file.
func (t template) resources() iter.Seq2[*yaml.Node, string] {
	return func(yield func(*yaml.Node, string) bool) {
		list := get(t.root, "Resources").Content
		for i := 0; i+1 < len(list); i += 2 {
			if !yield(list[i+1], list[i].Value) {
				return
			}
		}
	}
}

func (t template) ofType(kind string) iter.Seq2[*yaml.Node, string] {
	return func(yield func(*yaml.Node, string) bool) {
		for r, name := range t.resources() {
			if get(r, "Type").Value == kind && !yield(r, name) {
				return
			}
		}
	}
}

// drop takes out the resources of a type.
func (t template) drop(kind string) int {
	return prune(get(t.root, "Resources"), func(_ string, v *yaml.Node) bool { return get(v, "Type").Value == kind })
}

// parameter is what the stack is given for a parameter, or its default.
func (t template) parameter(p Place, name string) string {
	if v, ok := p.Parameters[name]; ok {
		return v
	}
	if v := get(t.root, "Parameters", name, "Default"); v != nil {
		return v.Value
	}
	return ""
}

// get is the node at a path of keys, or nil.
func get(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		var next *yaml.Node
		for i := 0; n != nil && n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == key {
				next = n.Content[i+1]
			}
		}
		n = next
	}
	return n
}

// prune takes those entries out of a mapping that out says.
func prune(n *yaml.Node, out func(key string, v *yaml.Node) bool) (taken int) {
	if n == nil {
		return 0
	}
	var left []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		if out(n.Content[i].Value, n.Content[i+1]) {
			taken++
			continue
		}
		left = append(left, n.Content[i], n.Content[i+1])
	}
	n.Content = left
	return taken
}

func walk(n *yaml.Node, visit func(*yaml.Node)) {
	if n == nil {
		return
	}
	visit(n)
	for _, c := range n.Content {
		walk(c, visit)
	}
}

func scalar(value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: yaml.DoubleQuotedStyle}
}
