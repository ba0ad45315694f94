// Package sam reads template.yaml for those who hold the code against it: the tests of cloud, and the harness that runs the functions as
// the template describes them (infra/lambda). No function links it.
//
// What may enter: what the template says, in the terms of AWS, and how CloudFormation understands it. Whether it is right is for tests.
package sam

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Node is a value of the template. Short forms of CloudFormation's functions keep their tag: !Ref X is the scalar X with Tag "!Ref".
type Node struct{ *yaml.Node }

// Template is the whole of it.
type Template struct{ Node }

// Read reads the file at path.
func Read(path string) (Template, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Template{}, err
	}
	return Parse(text, path)
}

// Parse reads a template in YAML or JSON; name is what errors call it.
func Parse(text []byte, name string) (Template, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return Template{}, fmt.Errorf("sam: %s: %w", name, err)
	}
	if len(doc.Content) == 0 {
		return Template{}, fmt.Errorf("sam: %s is empty", name)
	}
	return Template{Node{doc.Content[0]}}, nil
}

// At goes down by names; a missing one gives an empty node.
func (n Node) At(names ...string) Node {
	for _, name := range names {
		next := &yaml.Node{}
		if n.Kind == yaml.MappingNode {
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == name {
					next = n.Content[i+1]
				}
			}
		}
		n = Node{next}
	}
	return n
}

// Missing tells that nothing stands there.
func (n Node) Missing() bool { return n.Node == nil || n.Kind == 0 }

// Each calls f for every name and value of a mapping, in order.
func (n Node) Each(f func(name string, value Node)) {
	for i := 0; i+1 < len(n.Content) && n.Kind == yaml.MappingNode; i += 2 {
		f(n.Content[i].Value, Node{n.Content[i+1]})
	}
}

// List gives the members of a sequence, or the one value that stands in its place.
func (n Node) List() []Node {
	if n.Kind != yaml.SequenceNode {
		if n.Missing() {
			return nil
		}
		return []Node{n}
	}
	out := make([]Node, len(n.Content))
	for i, c := range n.Content {
		out[i] = Node{c}
	}
	return out
}

// Text writes a scalar with its function: "!GetAtt PlanQueue.Arn".
func (n Node) Text() string {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return n.Tag + " " + n.Value
	}
	return n.Value
}

// Number reads a whole number.
func (n Node) Number() (int, error) {
	if n.Missing() {
		return 0, fmt.Errorf("sam: a number is missing")
	}
	v, err := strconv.Atoi(n.Value)
	if err != nil {
		return 0, fmt.Errorf("sam: line %d: %q is no number", n.Line, n.Value)
	}
	return v, nil
}

// Resources gives the properties of the resources of a type, by their logical ids.
func (t Template) Resources(kind string) map[string]Node {
	out := map[string]Node{}
	t.At("Resources").Each(func(id string, r Node) {
		if r.At("Type").Value == kind {
			out[id] = r.At("Properties")
		}
	})
	return out
}

// Function is one AWS::Serverless::Function.
type Function struct {
	ID     string // logical
	Folder string // below functions/
	Node          // its properties
}

// Functions gives them in the order of the template.
func (t Template) Functions() ([]Function, error) {
	var out []Function
	var err error
	t.At("Resources").Each(func(id string, r Node) {
		if r.At("Type").Value != "AWS::Serverless::Function" {
			return
		}
		folder, ok := strings.CutPrefix(r.At("Properties", "CodeUri").Value, "functions/")
		if !ok || slices.ContainsFunc(out, func(f Function) bool { return f.Folder == folder }) {
			err = fmt.Errorf("sam: %s has the CodeUri %q", id, r.At("Properties", "CodeUri").Value)
		}
		out = append(out, Function{id, folder, r.At("Properties")})
	})
	return out, err
}

// Timeout of a function in seconds, its own or that of Globals.
func (t Template) Timeout(f Function) (int, error) {
	if n := f.At("Timeout"); !n.Missing() {
		return n.Number()
	}
	return t.At("Globals", "Function", "Timeout").Number()
}

// Event is an event of a function.
type Event struct {
	Name, Type string
	Node       // its properties
}

// Events of a function, in order.
func (f Function) Events() []Event {
	var out []Event
	f.At("Events").Each(func(name string, e Node) { out = append(out, Event{name, e.At("Type").Value, e.At("Properties")}) })
	return out
}

// Queue is the logical id of the queue that an SQS event reads; empty when it is no queue of the template.
func (e Event) Queue() string {
	id, ok := strings.CutPrefix(e.At("Queue").Text(), "!GetAtt ")
	if !ok {
		return ""
	}
	return strings.TrimSuffix(id, ".Arn")
}

// DeadLetters is the logical id of the queue that a queue's hopeless messages go to.
func DeadLetters(queue Node) string {
	return strings.TrimSuffix(strings.TrimPrefix(queue.At("RedrivePolicy", "deadLetterTargetArn").Text(), "!GetAtt "), ".Arn")
}

// Statement is one line of a function's rights.
type Statement struct {
	Sid       string
	Actions   []string
	Resources []Node
}

// Rights reads the statements of a function's own role.
func (t Template) Rights(f Function) ([]Statement, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(f.At("Role").Text(), "!GetAtt "), ".Arn")
	role, ok := t.Resources("AWS::IAM::Role")[id]
	if !ok {
		return nil, fmt.Errorf("sam: %s has no role of its own", f.ID)
	}
	if !f.At("Policies").Missing() {
		return nil, fmt.Errorf("sam: %s has rights that do not stand in its role", f.ID)
	}
	return Statements(id, role)
}

// Statements reads a role.
func Statements(id string, role Node) ([]Statement, error) {
	if !role.At("ManagedPolicyArns").Missing() {
		return nil, fmt.Errorf("sam: %s has rights that do not stand in the template", id)
	}
	var out []Statement
	for _, p := range role.At("Policies").List() {
		for _, s := range p.At("PolicyDocument", "Statement").List() {
			st := Statement{Sid: s.At("Sid").Value, Resources: s.At("Resource").List()}
			for _, a := range s.At("Action").List() {
				st.Actions = append(st.Actions, a.Value)
			}
			if s.At("Effect").Value != "Allow" || len(st.Actions) == 0 || len(st.Resources) == 0 {
				return nil, fmt.Errorf("sam: %s: statement %q is not whole", id, st.Sid)
			}
			out = append(out, st)
		}
	}
	return out, nil
}
