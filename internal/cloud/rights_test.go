package cloud

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"

	"liaison/internal/sam"
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
			switch x, ok := s.X.(*ast.Ident); {
			case ok && x.Name == "cloud" && strings.HasPrefix(s.Sel.Name, "Start"):
				start = s.Sel.Name
			case ok && s.Sel.Name == "Part":
				parts[x.Name] = true
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
	list, err := readTemplate(t).Rights(sam.Function{ID: f.At("CodeUri").Value, Node: f})
	return spelled(t, list, err)
}

// statements reads a role.
func statements(t *testing.T, name string, role node) []statement {
	t.Helper()
	list, err := sam.Statements(name, role)
	return spelled(t, list, err)
}

func spelled(t *testing.T, list []sam.Statement, err error) []statement {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
	out := make([]statement, len(list))
	for i, s := range list {
		out[i] = statement{sid: s.Sid, actions: s.Actions}
		for _, r := range s.Resources {
			out[i].resources = append(out[i].resources, r.Text())
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

// anyone are the statements that reach every identity of SES, for mail from our domain alone: in the sandbox a send asks for the right to
// the receiver's identity too.
var anyone = []string{"Sandbox ses:SendBulkEmail,ses:SendEmail"}

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
				if slices.Contains(anyone, name) && r == identities {
					continue
				}
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

const identities = "!Sub arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:identity/*"

// One function sends. It may do so while the account is in the sandbox, where a send asks for the right to the receivers' identities: and not
// from another domain than ours.
func TestMailGoesOutOfTheSandboxFromOurDomainAlone(t *testing.T) {
	for role, p := range resources(t, "AWS::IAM::Role") {
		mails, sandbox := "", ""
		for _, s := range statements(t, role, p) {
			for _, a := range s.actions {
				if strings.HasPrefix(a, "ses:") && role != "DeliverRole" {
					t.Errorf("%s, %s: %s", role, s.sid, a)
				}
			}
			switch s.sid {
			case "Mail":
				mails = strings.Join(s.actions, ",")
			case "Sandbox":
				sandbox = strings.Join(s.actions, ",")
			}
		}
		if mails != sandbox {
			t.Errorf("%s may %q, in the sandbox %q", role, mails, sandbox)
		}
		if want := "ses:SendBulkEmail,ses:SendEmail"; role == "DeliverRole" && mails != want {
			t.Errorf("%s may %q, want %q", role, mails, want)
		}
		for _, s := range p.At("Policies").List()[0].At("PolicyDocument", "Statement").List() {
			if s.At("Sid").Value != "Sandbox" {
				continue
			}
			if from := s.At("Condition", "StringLike", "ses:FromAddress").Text(); from != "!Sub *@${SenderIdentity}" || s.At("Resource").Text() != identities {
				t.Errorf("%s may send to %s from %q", role, s.At("Resource").Text(), from)
			}
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
			"ses:SendEmail": p["mail"], "ses:SendBulkEmail": p["mail"], "ses:GetAccount": p["mail"],
			"sqs:SendMessage": p["queue"], "sqs:ReceiveMessage": begin == "StartQueue",
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

// Only our own parts of the cloud may put messages on the feedback queue and its topic.
func TestTheWayOfReports(t *testing.T) {
	topic := resources(t, "AWS::SNS::TopicPolicy")["MailTopicPolicy"].At("PolicyDocument", "Statement").List()[0]
	if topic.At("Principal", "Service").Value != "ses.amazonaws.com" || topic.At("Condition", "StringEquals", "aws:SourceAccount").Text() != "!Ref AWS::AccountId" {
		t.Error("anybody's SES may report to our topic")
	}
	queue := resources(t, "AWS::SQS::QueuePolicy")["FeedbackQueuePolicy"].At("PolicyDocument", "Statement").List()[0]
	if queue.At("Principal", "Service").Value != "sns.amazonaws.com" || queue.At("Condition", "ArnEquals", "aws:SourceArn").Text() != "!Ref MailTopic" {
		t.Error("any topic may report to our queue")
	}
	d := resources(t, "AWS::SES::ConfigurationSetEventDestination")["MailReports"]
	var kinds []string
	for _, k := range d.At("EventDestination", "MatchingEventTypes").List() {
		kinds = append(kinds, k.Value)
	}
	if want := []string{"send", "reject", "bounce", "complaint", "renderingFailure"}; !slices.Equal(kinds, want) {
		t.Errorf("SES reports %v; it costs money with each mail, and needed are %v", kinds, want)
	}
}
