package deployment

import (
	"bytes"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Place is where a deployment goes and what stands there already.
type Place struct {
	Bucket     string            // that holds NAME.zip of every function
	Arch       string            // of the functions, as Lambda names it: x86_64 or arm64
	BaseURL    string            // that readers reach the API by
	Parameters map[string]string // given to the stack
}

// substitution is one thing that the emulator must be told differently from AWS. apply returns how often it had to.
type substitution struct {
	name, why string
	apply     func(template, Place) int
}

var substitutions = []substitution{
	{"code", "as `sam package` does: a function's CodeUri names the zip that was uploaded", code},
	{"architecture", "the emulator runs the functions as processes of this machine", architecture},
	{"address", "readers come through a front that has the mailbox beside the API, so mails must link to it", address},
	{"secret", "the emulator's Ref of a secret is its name; AWS gives its ARN, as GetAtt Id does in both", secrets},
	{"concurrency", "the emulator leaves a parameter of type Number a text here, and its queue poller fails on it; CloudFormation makes it a number", concurrency},
	{"dkim", "the emulator knows no DKIM attributes of an identity and fails the stack", dkim},
	{"batch", "the emulator asks a role for sqs:SendMessageBatch, an action that IAM does not have: AWS asks for sqs:SendMessage", batches},
	{"release", "the emulator has no CodeDeploy: a new version takes over at once", release},
	{"budget", "the emulator's CloudFormation has no budgets", func(t template, _ Place) int { return t.drop("AWS::Budgets::Budget") }},
}

// Prepare makes a SAM template one that the emulator can take, and tells how often each substitution was made.
func Prepare(text []byte, p Place) (out []byte, made map[string]int, err error) {
	t, err := parse(text)
	if err != nil {
		return nil, nil, err
	}
	made = map[string]int{}
	for _, s := range substitutions {
		made[s.name] = s.apply(t, p)
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(t.root); err != nil {
		return nil, nil, fmt.Errorf("write the template: %w", err)
	}
	return b.Bytes(), made, e.Close()
}

const function = "AWS::Serverless::Function"

func code(t template, p Place) (n int) {
	for r := range t.ofType(function) {
		uri := get(r, "Properties", "CodeUri")
		folder := uri.Value[strings.LastIndexByte(uri.Value, '/')+1:]
		uri.Value = fmt.Sprintf("s3://%s/%s.zip", p.Bucket, folder)
		n++
	}
	return n
}

func architecture(t template, p Place) int {
	list := get(t.root, "Globals", "Function", "Architectures")
	list.Content = []*yaml.Node{scalar(p.Arch)}
	return 1
}

func address(t template, p Place) int {
	*get(t.root, "Globals", "Function", "Environment", "Variables", "LIAISON_BASE_URL") = *scalar(p.BaseURL)
	return 1
}

func secrets(t template, _ Place) (n int) {
	names := map[string]bool{}
	for _, name := range t.ofType("AWS::SecretsManager::Secret") {
		names[name] = true
	}
	walk(t.root, func(v *yaml.Node) {
		if v.Tag == "!Ref" && names[v.Value] {
			v.Tag, v.Value = "!GetAtt", v.Value+".Id"
			n++
		}
	})
	return n
}

func concurrency(t template, p Place) (n int) {
	for r := range t.ofType(function) {
		events := get(r, "Properties", "Events")
		for i := 1; events != nil && i < len(events.Content); i += 2 {
			v := get(events.Content[i], "Properties", "ScalingConfig", "MaximumConcurrency")
			if v != nil && v.Tag == "!Ref" {
				*v = yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: t.parameter(p, v.Value)}
				n++
			}
		}
	}
	return n
}

// dkim leaves out the outputs that name DKIM records.
func dkim(t template, _ Place) int {
	return prune(get(t.root, "Outputs"), func(_ string, v *yaml.Node) bool {
		names := false
		walk(v, func(x *yaml.Node) { names = names || strings.Contains(x.Value, ".DkimDNSToken") })
		return names
	})
}

func batches(t template, _ Place) (n int) {
	for r := range t.ofType("AWS::IAM::Role") {
		walk(r, func(v *yaml.Node) {
			action := get(v, "Action")
			if action == nil || action.Value != "sqs:SendMessage" {
				return
			}
			*action = yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Content: []*yaml.Node{scalar("sqs:SendMessage"), scalar("sqs:SendMessageBatch")}}
			n++
		})
	}
	return n
}

// release leaves out how a release goes from version to version.
func release(t template, _ Place) (n int) {
	holders := []*yaml.Node{get(t.root, "Globals", "Function")}
	for r := range t.ofType(function) {
		holders = append(holders, get(r, "Properties"))
	}
	for _, h := range holders {
		n += prune(h, func(key string, _ *yaml.Node) bool { return key == "DeploymentPreference" })
	}
	return n
}
