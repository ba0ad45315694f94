package deployment

import (
	"os"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

var place = Place{Bucket: "artifacts", Arch: "x86_64", BaseURL: "http://127.0.0.1:1", Parameters: map[string]string{"DeliverWorkers": "3"}}

func prepared(t *testing.T) (before, after template, made map[string]int) {
	t.Helper()
	text, err := os.ReadFile("../../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if before, err = parse(text); err != nil {
		t.Fatal(err)
	}
	out, made, err := Prepare(text, place)
	if err != nil {
		t.Fatal(err)
	}
	if after, err = parse(out); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return before, after, made
}

// What AWS gets and what the emulator gets differ in what the substitutions say, and in nothing else.
func TestOnlyWhatTheEmulatorCannotTakeIsChanged(t *testing.T) {
	before, after, made := prepared(t)
	for _, s := range substitutions {
		if made[s.name] == 0 && s.name != "release" && s.name != "budget" {
			t.Errorf("%s was not needed: %s", s.name, s.why)
		}
	}
	functions := 0
	for r, name := range after.ofType(function) {
		functions++
		if uri := get(r, "Properties", "CodeUri").Value; !strings.HasPrefix(uri, "s3://artifacts/") || !strings.HasSuffix(uri, ".zip") {
			t.Errorf("%s has the code %s", name, uri)
		}
		if v := get(r, "Properties", "DeploymentPreference"); v != nil {
			t.Errorf("%s is released by CodeDeploy", name)
		}
	}
	if functions != 11 || made["code"] != functions {
		t.Errorf("%d functions, %d zips", functions, made["code"])
	}
	names := map[string]bool{}
	for _, name := range after.resources() {
		names[name] = true
	}
	for r, name := range before.resources() {
		if !names[name] && get(r, "Type").Value != "AWS::Budgets::Budget" {
			t.Errorf("%s is left out", name)
		}
		delete(names, name)
	}
	for name := range names {
		t.Errorf("%s came in", name)
	}
	for _, section := range []string{"Parameters", "Conditions", "Rules"} {
		if was, is := flat(before, section), flat(after, section); was != is {
			t.Errorf("%s changed:\n%s\n%s", section, was, is)
		}
	}
	if v := get(after.root, "Globals", "Function", "Environment", "Variables", "LIAISON_SECRET_ARN"); v.Tag != "!GetAtt" || !strings.HasSuffix(v.Value, ".Id") {
		t.Errorf("the secret is %s %s", v.Tag, v.Value)
	}
	if text := flat(after, "Resources"); !strings.Contains(text, "MaximumConcurrency 3 ") {
		t.Error("the number of workers is not that of the parameter")
	}
}

// flat is a section as one line of its values.
func flat(t template, section string) string {
	var b strings.Builder
	walk(get(t.root, section), func(n *yaml.Node) { b.WriteString(n.Value + " ") })
	return b.String()
}

func TestWhatIsNoTemplateIsRefused(t *testing.T) {
	for _, text := range []string{"", "a: [", "a: b", "- Resources"} {
		if _, _, err := Prepare([]byte(text), place); err == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
