package cloud

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"liaison/internal/programme"

	"go.yaml.in/yaml/v3"
)

func TestEachFunctionHasItsFolder(t *testing.T) {
	byFolder, _ := functions(t)
	folders, err := os.ReadDir(root + "/functions")
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range folders {
		if byFolder[d.Name()] == (node{}) {
			t.Errorf("functions/%s is in no function of the template", d.Name())
		}
		delete(byFolder, d.Name())
	}
	for folder := range byFolder {
		t.Errorf("the template builds functions/%s, which is not there", folder)
	}
	g := readTemplate(t).At("Globals", "Function")
	if g.At("Runtime").Value != "provided.al2023" || g.At("Architectures").List()[0].Value != "arm64" || g.At("Handler").Value != "bootstrap" {
		t.Error("functions do not run on provided.al2023, arm64, as bootstrap")
	}
	readTemplate(t).At("Resources").Each(func(name string, r node) {
		if r.At("Type").Value == "AWS::Serverless::Function" && r.At("Metadata", "BuildMethod").Value != "go1.x" {
			t.Errorf("%s is not built with go1.x", name)
		}
	})
}

func TestEachVariableIsSetAndRead(t *testing.T) {
	sources, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	read := map[string]bool{}
	name := regexp.MustCompile(`"(LIAISON_[A-Z_]+)"`)
	for _, f := range sources {
		if f.IsDir() || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range name.FindAllStringSubmatch(string(text), -1) {
			read[m[1]] = true
		}
	}
	set := map[string]bool{}
	readTemplate(t).At("Globals", "Function", "Environment", "Variables").Each(func(name string, _ node) { set[name] = true })
	for v := range read {
		if !set[v] {
			t.Errorf("%s is read and not set", v)
		}
		if _, ok := variables[v]; !ok {
			t.Errorf("%s is not in the tests' environment", v)
		}
	}
	for v := range set {
		if !read[v] {
			t.Errorf("%s is set and not read", v)
		}
	}
	byFolder, _ := functions(t)
	for folder, f := range byFolder {
		if !f.At("Environment").Missing() {
			t.Errorf("functions/%s has variables of its own, which no test knows", folder)
		}
	}
}

// Times that belong together across the template and the code.
const (
	lease    = 120 // seconds; of a claim (distribution.Limits) and of a mail (mail/outbox): longer than any function that sends may live
	patience = 30  // seconds; the HTTP API's
)

func TestQueues(t *testing.T) {
	queues := resources(t, "AWS::SQS::Queue")
	byFolder, _ := functions(t)
	consumed := map[string]bool{}
	for folder, f := range byFolder {
		f.At("Events").Each(func(_ string, e node) {
			if e.At("Type").Value != "SQS" {
				return
			}
			p := e.At("Properties")
			name, ok := strings.CutPrefix(p.At("Queue").Text(), "!GetAtt ")
			name = strings.TrimSuffix(name, ".Arn")
			q := queues[name]
			if !ok || q == (node{}) {
				t.Fatalf("functions/%s consumes %s", folder, p.At("Queue").Text())
			}
			consumed[name] = true
			if v := number(t, q.At("VisibilityTimeout")); v < 6*timeout(t, f) {
				t.Errorf("%s hides a message for %d s, its function may take %d s", name, v, timeout(t, f))
			}
			if got := p.At("FunctionResponseTypes").List(); len(got) != 1 || got[0].Value != "ReportBatchItemFailures" {
				t.Errorf("functions/%s does not report item failures", folder)
			}
			if p.At("ScalingConfig", "MaximumConcurrency").Missing() {
				t.Errorf("functions/%s may take every concurrent execution of the account", folder)
			}
			dead := strings.TrimSuffix(strings.TrimPrefix(q.At("RedrivePolicy", "deadLetterTargetArn").Text(), "!GetAtt "), ".Arn")
			if queues[dead] == (node{}) || number(t, q.At("RedrivePolicy", "maxReceiveCount")) < 3 {
				t.Errorf("%s has no dead letters", name)
			}
			consumed[dead] = true
		})
	}
	for name, q := range queues {
		if !consumed[name] {
			t.Errorf("nobody consumes %s", name)
		}
		if q.At("SqsManagedSseEnabled").Value != "true" || number(t, q.At("MessageRetentionPeriod")) != 14*24*3600 {
			t.Errorf("%s is not encrypted, or forgets before two weeks are over", name)
		}
	}
	if got := byFolder["deliver"].At("Events", "Deliver", "Properties", "ScalingConfig", "MaximumConcurrency").Text(); got != "!Ref DeliverWorkers" ||
		readTemplate(t).At("Globals", "Function", "Environment", "Variables", "LIAISON_DELIVER_WORKERS").Text() != got {
		t.Errorf("as many deliver functions run as %s says, and they share the rate by another number", got)
	}
	single := byFolder["deliver"].At("Events", "Mail", "Properties")
	if single.At("Queue").Text() != "!GetAtt MailQueue.Arn" || single.At("BatchSize").Value != "1" || !single.At("MaximumBatchingWindowInSeconds").Missing() {
		t.Error("a single mail waits for others")
	}
}

func TestTimesThatBelongTogether(t *testing.T) {
	byFolder, _ := functions(t)
	for folder, f := range byFolder {
		seconds := timeout(t, f)
		switch {
		case parts(t, folder)["mail"] && seconds >= lease:
			t.Errorf("functions/%s may live %d s and send mail after its lease of %d s", folder, seconds, lease)
		case strings.HasPrefix(start(t, folder), "StartHTTP") && seconds >= patience:
			t.Errorf("functions/%s may take %d s; the API gives up after %d s", folder, seconds, patience)
		}
	}
	for name, p := range resources(t, "AWS::ApiGatewayV2::Integration") {
		if number(t, p.At("TimeoutInMillis")) != patience*1000 || p.At("PayloadFormatVersion").Value != "2.0" {
			t.Errorf("%s", name)
		}
	}
	if s := byFolder["clock"].At("Events", "Minute", "Properties", "Schedule").Value; s != "rate(1 minute)" || timeout(t, byFolder["clock"]) >= 60 {
		t.Errorf("the clock ticks at %s and may take %d s", s, timeout(t, byFolder["clock"]))
	}
}

func TestTables(t *testing.T) {
	tables := resources(t, "AWS::DynamoDB::Table")
	if len(tables) != 3 {
		t.Errorf("%d tables", len(tables))
	}
	keys := func(n node) string {
		var out []string
		for _, k := range n.List() {
			out = append(out, k.At("AttributeName").Value+" "+k.At("KeyType").Value)
		}
		return strings.Join(out, ", ")
	}
	for name, p := range tables {
		if p.At("BillingMode").Value != "PAY_PER_REQUEST" || p.At("DeletionProtectionEnabled").Value != "true" || p.At("SSESpecification", "SSEEnabled").Value != "true" ||
			p.At("PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled").Value != "true" {
			t.Errorf("%s is not on demand, protected, recoverable and encrypted", name)
		}
		if ttl := p.At("TimeToLiveSpecification"); ttl.At("AttributeName").Value != "ttl" || ttl.At("Enabled").Value != "true" {
			t.Errorf("%s does not expire items", name)
		}
		if got := keys(p.At("KeySchema")); got != "pk HASH, sk RANGE" {
			t.Errorf("%s has the key %s", name, got)
		}
		indexes := map[string]string{}
		for _, i := range p.At("GlobalSecondaryIndexes").List() {
			if i.At("Projection", "ProjectionType").Value == "ALL" {
				indexes[i.At("IndexName").Value] = keys(i.At("KeySchema"))
			}
		}
		if fmt.Sprint(indexes) != "map[index1:pk1 HASH, sk1 RANGE index2:pk2 HASH, sk2 RANGE]" {
			t.Errorf("%s has the indexes %v", name, indexes)
		}
	}
}

// What is lost for good when it is deleted, or replaced by a change of the template, is kept.
func TestNothingIsLostByAChangeOfTheTemplate(t *testing.T) {
	// What is protected from deletion could not be deleted when its creation is rolled back; all else is taken back then, or a second try would
	// find the sender's domain taken.
	deletion := map[string]string{"AWS::DynamoDB::Table": "Retain", "AWS::SecretsManager::Secret": "RetainExceptOnCreate", "AWS::SES::EmailIdentity": "RetainExceptOnCreate",
		"AWS::SQS::Queue": "Delete", "AWS::Logs::LogGroup": "Delete"}
	readTemplate(t).At("Resources").Each(func(name string, r node) {
		want, stated := deletion[r.At("Type").Value]
		if got := r.At("DeletionPolicy").Value; stated && got != want {
			t.Errorf("%s is deleted by the policy %q, want %s", name, got, want)
		}
		if got := r.At("UpdateReplacePolicy").Value; stated && got != strings.TrimSuffix(want, "ExceptOnCreate") {
			t.Errorf("%s is replaced by the policy %q", name, got)
		}
	})
	for name, p := range resources(t, "AWS::Logs::LogGroup") {
		if p.At("RetentionInDays").Text() != "!Ref LogRetentionDays" {
			t.Errorf("%s keeps logs for ever", name)
		}
	}
}

// Every name that the template uses exists, and every parameter is used, described and constrained.
func TestNamesAndParameters(t *testing.T) {
	doc := readTemplate(t)
	known := map[string]bool{}
	for _, section := range []string{"Parameters", "Resources"} {
		doc.At(section).Each(func(name string, _ node) { known[name] = true })
	}
	used := map[string]bool{}
	use := func(line int, name string) {
		name, _, _ = strings.Cut(name, ".")
		if !strings.HasPrefix(name, "AWS::") && !known[name] {
			t.Errorf("line %d: %s is nothing in the template", line, name)
		}
		used[name] = true
	}
	inside := regexp.MustCompile(`\$\{([^!}]+)\}`)
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		switch n.Tag {
		case "!Ref", "!GetAtt":
			use(n.Line, n.Value)
		case "!Sub":
			for _, m := range inside.FindAllStringSubmatch(n.Value, -1) {
				use(n.Line, m[1])
			}
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	walk(doc.Node.Node)
	doc.At("Parameters").Each(func(name string, p node) {
		if !used[name] {
			t.Errorf("parameter %s is not used", name)
		}
		constrained := false
		for _, c := range []string{"AllowedPattern", "AllowedValues", "MinLength", "MinValue"} {
			constrained = constrained || !p.At(c).Missing()
		}
		if p.At("Description").Value == "" || !constrained {
			t.Errorf("parameter %s has no description or takes anything", name)
		}
		if pattern := p.At("AllowedPattern"); !pattern.Missing() && p.At("ConstraintDescription").Missing() {
			t.Errorf("parameter %s refuses without a word", name)
		}
	})
}

// An address that the template takes and the programme does not would deploy a stack of which every function fails.
func TestTheTemplateTakesNoAddressThatTheProgrammeRefuses(t *testing.T) {
	parameters := readTemplate(t).At("Parameters")
	taken := 0
	for _, address := range []string{"secretary@example.org", "first.o'last+sr@mail.example.org", "A_b-c@Example.org", "a,b@example.org", "a@example.org,", ",a@example.org", "a@example.org,b@example.org",
		"a..b@example.org", ".a@example.org", "a.@example.org", "a@-x.org", "a@x-.org", "a@x..org", "a@x", `a"b@example.org`, "a;b@example.org", "a@b@example.org", "A <a@example.org>", "a\nb@example.org", ""} {
		for _, name := range []string{"Sender", "Secretary", "Secretariat", "Operator"} {
			if !regexp.MustCompile(parameters.At(name, "AllowedPattern").Value).MatchString(address) || address == "" && name != "Sender" && name != "Secretary" {
				continue
			}
			taken++
			p := programmeParameters{id: "sr", name: "N", group: "G", baseURL: "https://example.org", sender: "s@example.org", secretary: "first@example.org", postal: "P", timeZone: "UTC", languages: "en", preset: "en"}
			switch name {
			case "Sender":
				p.sender = address
			case "Secretariat":
				p.secretary += "," + address
			default:
				p.secretary = address
			}
			document, err := p.document()
			if err == nil {
				_, err = programme.Parse(document)
			}
			if err != nil {
				t.Errorf("%s %q: %v", name, address, err)
			}
		}
	}
	if taken != 13 { // three addresses by each parameter, and two at once as further secretaries
		t.Errorf("%d are taken", taken)
	}
}
