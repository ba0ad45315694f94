package cloud

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// A function is called by its alias, watched, traced and logged; a release of it goes back by itself.
func TestEachFunctionIsReleasedAndWatched(t *testing.T) {
	doc, alarms, logs := readTemplate(t), resources(t, "AWS::CloudWatch::Alarm"), resources(t, "AWS::Logs::LogGroup")
	g := doc.At("Globals", "Function")
	if g.At("AutoPublishAlias").Value != "live" || g.At("Tracing").Value != "Active" {
		t.Error("functions have no alias, or are not traced")
	}
	var moves []string
	for _, s := range statements(t, "ReleaseRole", resources(t, "AWS::IAM::Role")["ReleaseRole"]) {
		if slices.Contains(s.actions, "lambda:UpdateAlias") {
			moves = append(moves, s.resources...)
		}
	}
	byFolder, names := functions(t)
	for folder, f := range byFolder {
		name := names[folder]
		short := strings.TrimSuffix(name, "Function")
		if f.At("AutoPublishAliasAllProperties").Value != "true" {
			t.Errorf("%s: a change of anything but its code makes no version", name)
		}
		d := f.At("DeploymentPreference")
		kind := d.At("Type").List()
		if len(kind) != 3 || kind[0].Value != "Careful" || !strings.Contains(kind[1].Value, "10Percent") || kind[2].Value != "AllAtOnce" || d.At("Role").Text() != "!GetAtt ReleaseRole.Arn" {
			t.Errorf("%s is not released step by step", name)
		}
		// CodeDeploy stops a release at an alarm that sounds already, also one of all calls at once, which may be the remedy. The empty list takes
		// away alarms that the release before was stopped by (https://github.com/aws/serverless-application-model/issues/2452).
		var stops []string
		heeded := d.At("Alarms").List()
		if len(heeded) != 3 || heeded[0].Value != "Careful" || len(heeded[2].List()) != 0 {
			t.Fatalf("a release of %s at once is stopped by alarms", name)
		}
		for _, a := range heeded[1].List() {
			stops = append(stops, a.Text())
		}
		if !slices.Equal(stops, []string{"!Ref " + short + "Errors", "!Ref Failures"}) {
			t.Errorf("a release of %s is stopped by %v", name, stops)
		}
		want := map[string]string{"FunctionName": "!Ref " + name, "Resource": "!Sub ${" + name + "}:live", "ExecutedVersion": "!GetAtt " + name + ".Version.Version"}
		if a := alarms[short+"Errors"]; a.At("MetricName").Value != "Errors" || !maps.Equal(dimensions(a), want) {
			t.Errorf("%sErrors does not watch the newest version: %v", short, dimensions(a))
		}
		for _, r := range []string{"!GetAtt " + name + ".Arn", "!Sub ${" + name + ".Arn}:live"} {
			if !slices.Contains(moves, r) {
				t.Errorf("a release may not move the alias: %s", r)
			}
		}
		log := f.At("LoggingConfig")
		group := strings.TrimPrefix(log.At("LogGroup").Text(), "!Ref ")
		if log.At("LogFormat").Value != "JSON" || logs[group] == (node{}) || group != short+"Log" {
			t.Errorf("%s does not write JSON lines into a log of its own", name)
		}
	}
	if len(moves) != 2*len(byFolder) {
		t.Errorf("a release may move %d aliases", len(moves))
	}
}

// Events and requests reach a version of a function only through its alias.
func TestNobodyCallsPastTheAlias(t *testing.T) {
	_, names := functions(t)
	for _, kind := range []string{"AWS::ApiGatewayV2::Integration", "AWS::Lambda::Permission"} {
		for id, p := range resources(t, kind) {
			to := p.At("IntegrationUri").Text() + p.At("FunctionName").Text()
			ok := false
			for _, name := range names {
				ok = ok || to == "!Ref "+name+".Alias"
			}
			if !ok {
				t.Errorf("%s leads to %s", id, to)
			}
		}
	}
	readTemplate(t).At("Resources").Each(func(name string, r node) {
		switch r.At("Type").Value { // SAM makes these from the functions' Events, and has them call the alias
		case "AWS::Lambda::EventSourceMapping", "AWS::Events::Rule", "AWS::Scheduler::Schedule":
			t.Errorf("%s calls a function, and this test does not know by which name", name)
		}
	})
}

// A message that waits too long, or failed for good, is heard of.
func TestEachQueueIsWatched(t *testing.T) {
	watched := map[string]int{} // metric and queue → threshold
	for name, a := range resources(t, "AWS::CloudWatch::Alarm") {
		if a.At("Namespace").Value == "AWS/SQS" {
			watched[a.At("MetricName").Value+" "+dimensions(a)["QueueName"]] = number(t, a.At("Threshold"))
			if a.At("Statistic").Value != "Maximum" {
				t.Errorf("%s averages away what it looks for", name)
			}
		}
	}
	queues := resources(t, "AWS::SQS::Queue")
	for name, q := range queues {
		metric := "ApproximateAgeOfOldestMessage"
		if q.At("RedrivePolicy").Missing() {
			metric = "ApproximateNumberOfMessagesVisible"
		}
		limit, ok := watched[metric+" !GetAtt "+name+".QueueName"]
		switch {
		case !ok:
			t.Errorf("nobody watches %s of %s", metric, name)
		case q.At("RedrivePolicy").Missing() && limit != 1:
			t.Errorf("%s may hold %d dead letters unheard", name, limit)
		case limit >= number(t, q.At("MessageRetentionPeriod"))/2:
			t.Errorf("messages of %s are gone soon after the alarm", name)
		}
	}
	if len(watched) != len(queues) {
		t.Errorf("%d alarms for %d queues", len(watched), len(queues))
	}
}

func TestAlarmsReachAPerson(t *testing.T) {
	for name, a := range resources(t, "AWS::CloudWatch::Alarm") {
		if a.At("AlarmActions").List()[0].Text() != "!Ref Alarms" || a.At("AlarmDescription").Value == "" || a.At("TreatMissingData").Missing() {
			t.Errorf("%s tells nobody, does not say what is wrong, or hangs on missing data", name)
		}
	}
	topic := resources(t, "AWS::SNS::Topic")["Alarms"].At("Subscription").List()
	if len(topic) != 1 || topic[0].At("Protocol").Value != "email" || len(topic[0].At("Endpoint").List()) != 3 {
		t.Error("nobody reads the alarms")
	}
	for _, n := range resources(t, "AWS::Budgets::Budget")["Budget"].At("NotificationsWithSubscribers").List() {
		if s := n.At("Subscribers").List(); len(s) != 1 || s[0].At("Address").Text() != "!Ref Alarms" {
			t.Error("nobody hears of the budget")
		}
	}
	var callers []string
	policy := resources(t, "AWS::SNS::TopicPolicy")["AlarmsPolicy"].At("PolicyDocument", "Statement").List()[0]
	for _, c := range policy.At("Principal", "Service").List() {
		callers = append(callers, c.Value)
	}
	if !slices.Equal(callers, []string{"cloudwatch.amazonaws.com", "budgets.amazonaws.com"}) || policy.At("Condition", "StringEquals", "aws:SourceAccount").Text() != "!Ref AWS::AccountId" {
		t.Errorf("%v may raise alarms", callers)
	}
}

// Each route has its own limit but $default, which has the general one; the way out is as wide as what everybody reads.
func TestRoutesAreThrottledByWhatTheyDo(t *testing.T) {
	doc := readTemplate(t).At("Resources", "Stage")
	p := doc.At("Properties")
	after := map[string]bool{}
	for _, d := range doc.At("DependsOn").List() {
		after[d.Value] = true
	}
	all := number(t, p.At("DefaultRouteSettings", "ThrottlingRateLimit"))
	if p.At("DefaultRouteSettings", "DetailedMetricsEnabled").Value != "false" {
		t.Error("each route is billed as several metrics")
	}
	known := map[string]bool{"$default": true}
	for id, r := range resources(t, "AWS::ApiGatewayV2::Route") {
		key := r.At("RouteKey").Value
		s := p.At("RouteSettings", key)
		if key == "$default" {
			continue
		}
		known[key] = true
		if s.Missing() || !after[id] {
			t.Errorf("%s has no limit, or its limit comes before it", key)
			continue
		}
		rate, burst := number(t, s.At("ThrottlingRateLimit")), number(t, s.At("ThrottlingBurstLimit"))
		switch {
		case burst < rate:
			t.Errorf("%s: %d at once is less than %d a second", key, burst, rate)
		case strings.HasSuffix(key, "/unsubscribe") && rate < all:
			t.Errorf("%s is narrower than what everybody reads", key)
		case strings.Contains(key, "/subscribe") && rate > 20:
			t.Errorf("%s: %d mails a second", key, rate)
		case rate > all:
			t.Errorf("%s is wider than everything", key)
		}
	}
	p.At("RouteSettings").Each(func(key string, _ node) {
		if !known[key] {
			t.Errorf("%s has a limit and is no route: API Gateway would refuse the stage", key)
		}
	})
}

// Who deploys is asked for each parameter once, in groups, by a name that a person reads.
func TestParametersAreAskedInGroups(t *testing.T) {
	doc := readTemplate(t)
	ui := doc.At("Metadata", "AWS::CloudFormation::Interface")
	asked := map[string]int{}
	for _, g := range ui.At("ParameterGroups").List() {
		for _, p := range g.At("Parameters").List() {
			asked[p.Value]++
		}
	}
	doc.At("Parameters").Each(func(name string, _ node) {
		if asked[name] != 1 || ui.At("ParameterLabels", name, "default").Value == "" {
			t.Errorf("parameter %s stands in %d groups, or has no label", name, asked[name])
		}
		delete(asked, name)
	})
	for name := range asked {
		t.Errorf("%s is asked for and is no parameter", name)
	}
}

// What the owner of the domain must enter is printed, each record whole.
func TestOutputsNameTheDNSRecords(t *testing.T) {
	out := readTemplate(t).At("Outputs")
	for name, parts := range map[string][]string{
		"Dkim1": {"DkimDNSTokenName1", " CNAME ", "DkimDNSTokenValue1"}, "Dkim2": {"DkimDNSTokenName2", " CNAME ", "DkimDNSTokenValue2"},
		"Dkim3": {"DkimDNSTokenName3", " CNAME ", "DkimDNSTokenValue3"}, "MailFromMx": {"mail.${SenderIdentity} MX 10 feedback-smtp.${AWS::Region}.amazonses.com"},
		"MailFromSpf": {`mail.${SenderIdentity} TXT "v=spf1 include:amazonses.com`}, "Dmarc": {`_dmarc.${SenderIdentity} TXT "v=DMARC1;`, "mailto:"},
	} {
		for _, part := range parts {
			if !strings.Contains(out.At(name, "Value").Value, part) {
				t.Errorf("output %s does not say %s", name, part)
			}
		}
	}
	mail := resources(t, "AWS::SES::EmailIdentity")["SenderDomain"]
	if mail.At("MailFromAttributes", "MailFromDomain").Text() != "!Sub mail.${SenderIdentity}" || mail.At("DkimSigningAttributes", "NextSigningKeyLength").Value != "RSA_2048_BIT" {
		t.Error("the sender's domain does not fit the records")
	}
	out.Each(func(name string, o node) {
		if o.At("Description").Value == "" {
			t.Errorf("output %s is not described", name)
		}
	})
}

// dimensions of an alarm, by name.
func dimensions(a node) map[string]string {
	out := map[string]string{}
	for _, d := range a.At("Dimensions").List() {
		out[d.At("Name").Value] = d.At("Value").Text()
	}
	return out
}
