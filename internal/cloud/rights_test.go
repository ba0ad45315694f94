package cloud

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// start is the call in the main of a function, such as "StartQueue(deliver.New, …)"; parts are what it names of the outside world.
func start(t *testing.T, folder string) string {
	t.Helper()
	name, _ := mainOf(t, folder)
	return name
}

func parts(t *testing.T, folder string) map[string]bool {
	t.Helper()
	_, p := mainOf(t, folder)
	return p
}

func mainOf(t *testing.T, folder string) (start string, parts map[string]bool) {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), root+"/functions/"+folder+"/main.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	parts = map[string]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "cloud" {
				if strings.HasPrefix(s.Sel.Name, "Start") {
					start = s.Sel.Name
				} else {
					parts[s.Sel.Name] = true
				}
			}
		}
		return true
	})
	return start, parts
}

// statement is one line of a function's rights.
type statement struct {
	sid                string
	actions, resources []string
}

// rights reads the statements of a function's own role.
func rights(t *testing.T, f node) []statement {
	t.Helper()
	name, ok := strings.CutPrefix(f.at("Role").text(), "!GetAtt ")
	role := resources(t, "AWS::IAM::Role")[strings.TrimSuffix(name, ".Arn")]
	if !ok || role == (node{}) {
		t.Fatalf("a function without a role of its own: %s", f.at("CodeUri").Value)
	}
	if !f.at("Policies").missing() {
		t.Errorf("%s has rights that do not stand in its role", f.at("CodeUri").Value)
	}
	return statements(t, name, role)
}

// statements reads a role.
func statements(t *testing.T, name string, role node) []statement {
	t.Helper()
	if !role.at("ManagedPolicyArns").missing() {
		t.Errorf("%s has rights that do not stand here", name)
	}
	var out []statement
	for _, p := range role.at("Policies").list() {
		for _, s := range p.at("PolicyDocument", "Statement").list() {
			st := statement{sid: s.at("Sid").Value}
			for _, a := range s.at("Action").list() {
				st.actions = append(st.actions, a.Value)
			}
			for _, r := range s.at("Resource").list() {
				st.resources = append(st.resources, r.text())
			}
			if s.at("Effect").Value != "Allow" || len(st.actions) == 0 || len(st.resources) == 0 {
				t.Errorf("%s: statement %q is not whole", name, st.sid)
			}
			out = append(out, st)
		}
	}
	return out
}

// wildcards are the statements that may name everything, and why; by their Sid and what they allow.
var wildcards = map[string]string{
	"Quota ses:GetAccount":                                 "the quota is the account's: SES knows no resource for it",
	"Trace xray:PutTraceSegments,xray:PutTelemetryRecords": "X-Ray knows no resources for writing",
	"Alarms cloudwatch:DescribeAlarms":                     "CodeDeploy asks for alarms by name, and then CloudWatch wants the right for all",
}

// No role of the template names a wildcard that is not listed above.
func TestWildcardsHaveTheirReasons(t *testing.T) {
	seen := map[string]bool{}
	for role, p := range resources(t, "AWS::IAM::Role") {
		for _, s := range statements(t, role, p) {
			name := s.sid + " " + strings.Join(s.actions, ",")
			for _, a := range s.actions {
				if strings.ContainsAny(a, "*?") {
					t.Errorf("%s, %s allows %s", role, s.sid, a)
				}
			}
			for _, r := range s.resources {
				if strings.ContainsAny(r, "*?") && (r != "*" || wildcards[name] == "") {
					t.Errorf("%s, %s reaches %s", role, name, r)
				}
				seen[name] = seen[name] || r == "*"
			}
		}
	}
	for name := range wildcards {
		if !seen[name] {
			t.Errorf("%s is listed as a wildcard and is none", name)
		}
	}
}

func TestNoRightIsWiderThanItsUse(t *testing.T) {
	byFolder, _ := functions(t)
	for folder, f := range byFolder {
		granted := map[string]bool{}
		for _, s := range rights(t, f) {
			for _, a := range s.actions {
				granted[a] = true
			}
			for _, r := range s.resources {
				if strings.HasSuffix(r, "Log.Arn") && !strings.EqualFold(r, "!GetAtt "+folder+"Log.Arn") {
					t.Errorf("functions/%s, %s writes to %s", folder, s.sid, r)
				}
			}
		}
		p, begin := parts(t, folder), start(t, folder)
		for action, want := range map[string]bool{
			"logs:PutLogEvents": true, "xray:PutTraceSegments": true, "secretsmanager:GetSecretValue": true, "dynamodb:GetItem": true, "dynamodb:PutItem": folder != "publications",
			"ses:SendEmail": p["Mail"] && begin != "StartQueue", "ses:SendBulkEmail": p["Mail"] && begin == "StartQueue", "ses:GetAccount": p["Mail"] && begin == "StartQueue",
			"sqs:SendMessage": p["Queues"], "sqs:ReceiveMessage": begin == "StartQueue",
		} {
			if granted[action] != want {
				t.Errorf("functions/%s: %s granted is %v; its main names the parts %v of %s", folder, action, granted[action], p, begin)
			}
		}
		for _, never := range []string{"dynamodb:Scan", "dynamodb:DeleteTable", "dynamodb:ExportTableToPointInTime", "secretsmanager:PutSecretValue"} {
			if granted[never] {
				t.Errorf("functions/%s may %s", folder, never)
			}
		}
	}
}

// An index is read, never written, and only with its table.
func TestIndexesComeWithTheirTables(t *testing.T) {
	byFolder, _ := functions(t)
	for folder, f := range byFolder {
		for _, s := range rights(t, f) {
			tables := map[string]int{}
			for _, r := range s.resources {
				switch {
				case strings.HasPrefix(r, "!GetAtt ") && strings.HasSuffix(r, "Table.Arn"):
					tables[strings.TrimSuffix(strings.TrimPrefix(r, "!GetAtt "), ".Arn")]++
				case strings.Contains(r, "/index/"):
					name := strings.TrimPrefix(r[:strings.Index(r, ".")], "!Sub ${")
					tables[name] += 10
				}
			}
			for name, n := range tables {
				if read := strings.Contains(strings.Join(s.actions, " "), "dynamodb:Query"); read && n != 21 || !read && n != 1 {
					t.Errorf("functions/%s, %s: %s is there %d times", folder, s.sid, name, n)
				}
			}
		}
	}
}

// Only our own parts of the cloud may put messages on the feedback queue and its topic.
func TestTheWayOfReports(t *testing.T) {
	topic := resources(t, "AWS::SNS::TopicPolicy")["MailTopicPolicy"].at("PolicyDocument", "Statement").list()[0]
	if topic.at("Principal", "Service").Value != "ses.amazonaws.com" || topic.at("Condition", "StringEquals", "aws:SourceAccount").text() != "!Ref AWS::AccountId" {
		t.Error("anybody's SES may report to our topic")
	}
	queue := resources(t, "AWS::SQS::QueuePolicy")["FeedbackQueuePolicy"].at("PolicyDocument", "Statement").list()[0]
	if queue.at("Principal", "Service").Value != "sns.amazonaws.com" || queue.at("Condition", "ArnEquals", "aws:SourceArn").text() != "!Ref MailTopic" {
		t.Error("any topic may report to our queue")
	}
	d := resources(t, "AWS::SES::ConfigurationSetEventDestination")["MailReports"]
	kinds := map[string]bool{}
	for _, k := range d.at("EventDestination", "MatchingEventTypes").list() {
		kinds[k.Value] = true
	}
	for _, k := range []string{"send", "reject", "bounce", "complaint", "renderingFailure"} {
		if !kinds[k] {
			t.Errorf("SES does not report %s", k)
		}
	}
}
