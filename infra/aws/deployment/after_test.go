//go:build aws

package deployment

import (
	"regexp"
	"slices"
	"strings"
	"time"
)

// logged are the lines that a function wrote, and how often it was called, by the name of its log group in the template.
func (s *stack) logged(group string) (lines []string, calls int) {
	s.t.Helper()
	next := ""
	for range 100 {
		in := object{"logGroupName": s.physical(group)}
		if next != "" {
			in["nextToken"] = next
		}
		var found struct {
			Events    []struct{ Message string }
			NextToken string
		}
		s.json("logs", "Logs_20140328.FilterLogEvents", in, &found)
		for _, e := range found.Events {
			switch {
			case strings.HasPrefix(e.Message, "START "):
				calls++
			case strings.HasPrefix(e.Message, "{"):
				lines = append(lines, strings.TrimSpace(e.Message))
			}
		}
		if next = found.NextToken; next == "" {
			return lines, calls
		}
	}
	s.t.Fatalf("the log %s never ends", group)
	return nil, 0
}

// functionLogs are the log groups of the functions.
func (s *stack) functionLogs() (out []string) {
	for name, r := range s.resources {
		if r.ResourceType == "AWS::Logs::LogGroup" && name != "ApiLog" {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// private is what no log may hold: an address of the smoke run, or a link's token.
var private = regexp.MustCompile(`@smoke\.example|@example\.org|v4\.local\.[A-Za-z0-9_-]{20}`)

// quiet looks for what went wrong without stopping the walk, and for what should not be in a log; and it sees that every function was at
// work, feedback with SES's reports among them.
func (s *stack) quiet(e *emulator) {
	if found := e.troubles(); len(found) > 0 {
		s.t.Errorf("the emulator had troubles:\n%s", strings.Join(found, "\n"))
	}
	logs := s.functionLogs()
	if len(logs) != 11 {
		s.t.Errorf("logs of functions: %v", logs)
	}
	for _, group := range logs {
		lines, calls := s.logged(group)
		if calls == 0 {
			s.t.Errorf("%s: the function was never called", group)
		}
		s.t.Logf("%-18s %4d calls, %4d lines", group, calls, len(lines))
		for _, l := range lines {
			if strings.Contains(l, `"level":"ERROR"`) || private.MatchString(l) {
				s.t.Errorf("%s: %s", group, l)
			}
		}
	}
	for _, q := range []string{"PlanDeadLetters", "DeliverDeadLetters", "FeedbackDeadLetters"} {
		if n := s.attributes(q)["ApproximateNumberOfMessages"]; n != "0" {
			s.t.Errorf("%s holds %s messages", q, n)
		}
	}
}

// scheduled waits until clock and press were called by their schedules, not by us: nobody asks the press for a page any more.
func (s *stack) scheduled(ours int) {
	s.t.Helper()
	_, before := s.logged("PressLog")
	for deadline := time.Now().Add(70 * time.Second); time.Now().Before(deadline); time.Sleep(500 * time.Millisecond) {
		_, clock := s.logged("ClockLog")
		if _, press := s.logged("PressLog"); clock > ours && press > before {
			return
		}
	}
	s.t.Error("in a minute the schedule did not call both clock and press")
}

// kept are the resources that outlive a stack, by the template's DeletionPolicy.
var kept = map[string]string{
	"PeopleTable": "AWS::DynamoDB::Table", "ProgrammeTable": "AWS::DynamoDB::Table", "DeliveryTable": "AWS::DynamoDB::Table",
	"SigningKeys": "AWS::SecretsManager::Secret", "SenderDomain": "AWS::SES::EmailIdentity",
}

// destroy deletes the stack and looks at what is left: what a programme cannot get back, and nothing else.
func (s *stack) destroy() {
	s.t.Helper()
	for name, v := range section(s.resolver().text, "Resources") {
		// SAM retains versions, which end with their function.
		policy, _ := v.(object)["DeletionPolicy"].(string)
		retained := strings.HasPrefix(policy, "Retain") && v.(object)["Type"] != "AWS::Lambda::Version"
		if _, want := kept[name]; want != retained {
			s.t.Errorf("%s: retained is %v", name, retained)
		}
	}
	items := s.items("PeopleTable")
	s.query("cloudformation", "DeleteStack", nil, "StackName", s.name)
	if status := s.settled(s.name); status != "GONE" && status != "DELETE_COMPLETE" {
		s.t.Fatalf("the stack is %s", status)
	}
	if left := s.items("PeopleTable"); left != items || left == 0 {
		s.t.Errorf("of %d items %d are left", items, left)
	}
	left := s.left()
	for name, kind := range kept {
		if i := slices.Index(left, kind+" "+s.physical(name)); i >= 0 {
			left = slices.Delete(left, i, i+1)
		} else {
			s.t.Errorf("%s is gone", name)
		}
	}
	if len(left) > 0 {
		s.t.Errorf("left over: %v", left)
	}
}

func (s *stack) items(table string) int {
	s.t.Helper()
	var d struct{ Count int }
	s.json("dynamodb", "DynamoDB_20120810.Scan", object{"TableName": s.physical(table), "Select": "COUNT"}, &d)
	return d.Count
}

// left is everything of the account that the services still list.
func (s *stack) left() (out []string) {
	s.t.Helper()
	add := func(kind string, names ...string) {
		for _, n := range names {
			out = append(out, kind+" "+n)
		}
	}
	var tables struct{ TableNames []string }
	s.json("dynamodb", "DynamoDB_20120810.ListTables", object{}, &tables)
	add("AWS::DynamoDB::Table", tables.TableNames...)
	var secrets struct{ SecretList []struct{ Name string } }
	s.json("secretsmanager", "secretsmanager.ListSecrets", object{}, &secrets)
	for _, e := range secrets.SecretList {
		add("AWS::SecretsManager::Secret", e.Name)
	}
	var identities struct {
		EmailIdentities []struct{ IdentityName string }
	}
	s.rest("ses", "GET", "/v2/email/identities", nil, &identities)
	for _, e := range identities.EmailIdentities {
		add("AWS::SES::EmailIdentity", e.IdentityName)
	}
	var sets struct{ ConfigurationSets []string }
	s.rest("ses", "GET", "/v2/email/configuration-sets", nil, &sets)
	add("configuration set", sets.ConfigurationSets...)
	var queues struct{ QueueUrls []string }
	s.json("sqs", "AmazonSQS.ListQueues", object{}, &queues)
	add("queue", queues.QueueUrls...)
	var functions struct {
		Functions []struct{ FunctionName string }
	}
	s.rest("lambda", "GET", functionsPath, nil, &functions)
	for _, e := range functions.Functions {
		add("function", e.FunctionName)
	}
	var mappings struct{ EventSourceMappings []struct{ UUID string } }
	s.rest("lambda", "GET", "/2015-03-31/event-source-mappings/", nil, &mappings)
	for _, e := range mappings.EventSourceMappings {
		add("mapping", e.UUID)
	}
	var apis struct{ Items []struct{ Name string } }
	s.rest("apigateway", "GET", "/v2/apis", nil, &apis)
	for _, e := range apis.Items {
		add("API", e.Name)
	}
	var rules struct{ Rules []struct{ Name string } }
	s.json("events", "AWSEvents.ListRules", object{}, &rules)
	for _, e := range rules.Rules {
		add("rule", e.Name)
	}
	var groups struct {
		LogGroups []struct{ LogGroupName string }
	}
	s.json("logs", "Logs_20140328.DescribeLogGroups", object{}, &groups)
	for _, e := range groups.LogGroups {
		add("log group", e.LogGroupName)
	}
	var roles struct {
		Names []string `xml:"ListRolesResult>Roles>member>RoleName"`
	}
	s.query("iam", "ListRoles", &roles)
	add("role", roles.Names...)
	var topics struct {
		ARNs []string `xml:"ListTopicsResult>Topics>member>TopicArn"`
	}
	s.query("sns", "ListTopics", &topics)
	add("topic", topics.ARNs...)
	return out
}
