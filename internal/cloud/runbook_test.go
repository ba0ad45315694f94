package cloud

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// The runbook is read in trouble: what it names is there, and every alarm that may wake somebody is explained in it.
func TestTheRunbookNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile(root + "/infra/runbook.md")
	if err != nil {
		t.Fatal(err)
	}
	book, doc := string(text), readTemplate(t)
	find := func(pattern string) (out []string) {
		for _, m := range regexp.MustCompile(pattern).FindAllStringSubmatch(book, -1) {
			out = append(out, m[1])
		}
		if len(out) == 0 {
			t.Errorf("nothing in the runbook is like %s", pattern)
		}
		return out
	}
	for _, name := range find(`output ([A-Z]\w+)`) {
		if doc.At("Outputs", name).Missing() {
			t.Errorf("there is no output %s", name)
		}
	}
	for _, name := range find(`physical ([A-Z]\w+)`) {
		if name != "ClockFunctionMinute" && doc.At("Resources", name).Missing() { // SAM names the rule of the event Minute so
			t.Errorf("there is no resource %s", name)
		}
	}
	if doc.At("Resources", "ClockFunction", "Properties", "Events", "Minute").Missing() {
		t.Error("the clock's rule has another name")
	}
	for _, dir := range find(`go run \./(infra/\w+)`) {
		if _, err := os.Stat(root + "/" + dir + "/main.go"); err != nil {
			t.Error(err)
		}
	}
	makefile, err := os.ReadFile(root + "/Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, target := range find("`make ([a-z-]+)`") {
		if !strings.Contains(string(makefile), "\n"+target+":") {
			t.Errorf("there is no make %s", target)
		}
	}
	for _, parameter := range []string{"Operator", "SesPlan", "DomainName", "CertificateArn", "DeliverWorkers", "Release", "SenderIdentity", "ProgrammeId"} {
		if doc.At("Parameters", parameter).Missing() || !strings.Contains(book, parameter) {
			t.Errorf("parameter %s is not both asked for and explained", parameter)
		}
	}
	_, names := functions(t)
	for name := range resources(t, "AWS::CloudWatch::Alarm") {
		function, own := strings.CutSuffix(name, "Errors")
		for _, f := range names {
			own = own && name != "ApiErrors" || f == function+"Function"
		}
		if !own && !strings.Contains(book, "`"+name+"`") {
			t.Errorf("the runbook does not say what to do about %s", name)
		}
	}
	template, err := os.ReadFile(root + "/template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`See the runbook, ([^."]+)\.`).FindAllStringSubmatch(string(template), -1) {
		if !strings.Contains(strings.ToLower(book), "\n## "+m[1]+"\n") {
			t.Errorf("an alarm refers to a part %q of the runbook", m[1])
		}
	}
	for section := range strings.SplitSeq("First deployment|Leaving the sandbox|Dead letters|Back to a moment|Keys|Moving a programme|The end of a programme|What a month costs", "|") {
		if !strings.Contains(book, "# "+section+"\n") && !strings.Contains(book, "**"+section+".**") {
			t.Errorf("the runbook has no part %q, to which others refer", section)
		}
	}
}
