//go:build aws

package deployment

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// probe has one of each thing that the emulator does otherwise than AWS, as small as it can be.
const probe = `
Parameters:
  Workers: {Type: Number}
Resources:
  Keys: {Type: AWS::SecretsManager::Secret, Properties: {SecretString: x}}
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Echo:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code:
        ZipFile: |
          import json
          def handler(event, context):
              return {"statusCode": 200, "body": json.dumps(event)}
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {Name: probe, ProtocolType: HTTP}}
  Stage: {Type: AWS::ApiGatewayV2::Stage, Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true}}
  Integration: {Type: AWS::ApiGatewayV2::Integration, Properties: {ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Echo.Arn, PayloadFormatVersion: "2.0"}}
  Greedy: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: "ANY /a/{rest+}", Target: !Sub "integrations/${Integration}"}}
  Default: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: !Ref Api, RouteKey: $default, Target: !Sub "integrations/${Integration}"}}
  Queue: {Type: AWS::SQS::Queue}
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Echo, EventSourceArn: !GetAtt Queue.Arn, Enabled: false, ScalingConfig: {MaximumConcurrency: !Ref Workers}}
  Reports: {Type: AWS::SQS::Queue}
  Topic: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: sqs, Endpoint: !GetAtt Reports.Arn}]}}
  Let:
    Type: AWS::SQS::QueuePolicy
    Properties: {Queues: [!Ref Reports], PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: sns.amazonaws.com}, Action: sqs:SendMessage, Resource: !GetAtt Reports.Arn}]}}
  LetSes:
    Type: AWS::SNS::TopicPolicy
    Properties: {Topics: [!Ref Topic], PolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: ses.amazonaws.com}, Action: sns:Publish, Resource: !Ref Topic}]}}
  Events: {Type: AWS::SES::ConfigurationSet}
  Destination:
    Type: AWS::SES::ConfigurationSetEventDestination
    Properties:
      ConfigurationSetName: !Ref Events
      EventDestination: {Enabled: true, MatchingEventTypes: [send, delivery], SnsDestination: {TopicARN: !Ref Topic}}
Outputs:
  Ref: {Value: !Ref Keys}
  Id: {Value: !GetAtt Keys.Id}
`

// TestGaps proves what each substitution and each way round is for. When one of these fails with a newer emulator, the way round that it
// names can go.
func TestGaps(t *testing.T) {
	t.Parallel() // while the other waits for its schedule
	o := newOperator(t, startEmulator(t, ""))
	if status, reason := o.create("probe", []byte(probe), map[string]string{"Workers": "2"}); status != "CREATE_COMPLETE" {
		t.Fatalf("%s\n%s", status, reason)
	}
	s := o.open("probe")
	for _, c := range []struct {
		substitution string // or what else goes round it
		prove        func(*testing.T, *stack)
	}{
		{"secret", refOfSecret}, {"concurrency", numbersAreTexts}, {"dkim", noDkim}, {"batch", batchIsNoAction},
		{"release", func(t *testing.T, s *stack) {
			unsupported(t, s, "AWS::CodeDeploy::Application", "ComputePlatform: Lambda")
		}},
		{"budget", func(t *testing.T, s *stack) {
			unsupported(t, s, "AWS::Budgets::Budget", "Budget: {BudgetType: COST, TimeUnit: MONTHLY}")
		}},
		{"the desk's way through $default", emptyRest}, {"the front's way to the API", lostSlash}, {"cookies as a header", noCookies}, {"the stand-in of SES", mailWithoutHeaders},
	} {
		t.Run(c.substitution, func(t *testing.T) { c.prove(t, s.as(t)) })
	}
}

// as is the stack for a test within the test.
func (s *stack) as(t *testing.T) *stack {
	again := *s
	again.t = t
	return &again
}

func refOfSecret(t *testing.T, s *stack) {
	if got := s.outputs["Ref"]; strings.HasPrefix(got, "arn:") {
		t.Errorf("Ref of a secret is %s", got)
	}
	if got := s.outputs["Id"]; !strings.HasPrefix(got, "arn:aws:secretsmanager:") {
		t.Errorf("Id of a secret is %s", got)
	}
}

func numbersAreTexts(t *testing.T, s *stack) {
	var m struct {
		ScalingConfig struct{ MaximumConcurrency any }
	}
	s.rest("lambda", "GET", "/2015-03-31/event-source-mappings/"+s.physical("Mapping"), nil, &m)
	if got := m.ScalingConfig.MaximumConcurrency; got != "2" {
		t.Errorf("a number from a parameter is %v of type %[1]T", got)
	}
}

// echo asks the API and returns the event that its function was given.
func (s *stack) echo(host, path string, header ...string) (event struct {
	RouteKey, RawPath string
	Cookies           []string
	Headers           map[string]string
}) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Host = host
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	s.decode(path, s.fine(path, res.StatusCode, readAll(s.t, res)), &event)
	return event
}

func (s *stack) onStage(path string) string {
	return "/_aws/execute-api/" + s.physical("Api") + "/$default" + path
}

func emptyRest(t *testing.T, s *stack) {
	if e := s.echo("", s.onStage("/a/b")); e.RouteKey != "ANY /a/{rest+}" {
		t.Fatalf("/a/b takes the route %s", e.RouteKey)
	}
	if e := s.echo("", s.onStage("/a/")); e.RouteKey != "$default" || e.RawPath != "/a/" {
		t.Errorf("/a/ takes the route %s as %s", e.RouteKey, e.RawPath)
	}
}

func lostSlash(t *testing.T, s *stack) {
	if e := s.echo(s.physical("Api")+".execute-api.localhost", "/b/"); e.RawPath != "/b" {
		t.Errorf("/b/ comes as %s", e.RawPath)
	}
}

func noCookies(t *testing.T, s *stack) {
	if e := s.echo("", s.onStage("/b"), "Cookie", "one=1; two=2"); len(e.Cookies) != 0 || e.Headers["cookie"] != "one=1; two=2" {
		t.Errorf("cookies come as %q and as the header %q", e.Cookies, e.Headers["cookie"])
	}
}

func noDkim(t *testing.T, s *stack) {
	status, reason := s.create("dkim", []byte(`
Resources: {Sender: {Type: AWS::SES::EmailIdentity, Properties: {EmailIdentity: example.org}}}
Outputs: {Name: {Value: !GetAtt Sender.DkimDNSTokenName1}}
`), nil)
	if status == "CREATE_COMPLETE" {
		t.Errorf("the stack is %s: %s", status, reason)
	}
}

func unsupported(t *testing.T, s *stack, kind, properties string) {
	status, reason := s.create("unsupported"+strings.ReplaceAll(kind, "::", ""), fmt.Appendf(nil, "Resources: {It: {Type: %q, Properties: {%s}}}", kind, properties), nil)
	if status == "CREATE_COMPLETE" || !strings.Contains(reason, kind) {
		t.Errorf("the stack is %s: %s", status, reason)
	}
}

// batchIsNoAction: who may sqs:SendMessage may send one message and not a batch of one.
func batchIsNoAction(t *testing.T, s *stack) {
	var key struct {
		AccessKeyId     string `xml:"CreateAccessKeyResult>AccessKey>AccessKeyId"`
		SecretAccessKey string `xml:"CreateAccessKeyResult>AccessKey>SecretAccessKey"`
	}
	s.query("iam", "CreateUser", nil, "UserName", "sender")
	s.query("iam", "PutUserPolicy", nil, "UserName", "sender", "PolicyName", "send", "PolicyDocument", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"*"}]}`)
	s.query("iam", "CreateAccessKey", &key, "UserName", "sender")
	user := s.operator
	user.key = aws.Credentials{AccessKeyID: key.AccessKeyId, SecretAccessKey: key.SecretAccessKey}
	send := func(action, more string) int {
		status, _ := user.send("sqs", "POST", "/", map[string]string{"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS." + action},
			fmt.Appendf(nil, `{"QueueUrl":%q,%s}`, s.physical("Queue"), more))
		return status
	}
	if one, batch := send("SendMessage", `"MessageBody":"x"`), send("SendMessageBatch", `"Entries":[{"Id":"0","MessageBody":"x"}]`); one != 200 || batch != 403 {
		t.Errorf("SendMessage answers %d, SendMessageBatch %d", one, batch)
	}
}

// mailWithoutHeaders: the emulator takes bulk mail and keeps its text, but neither its headers nor its tags, and it reports nothing.
func mailWithoutHeaders(t *testing.T, s *stack) {
	s.rest("ses", "POST", "/v2/email/identities", []byte(`{"EmailIdentity":"example.com"}`), nil)
	var sent struct {
		BulkEmailEntryResults []struct{ Status string }
	}
	s.rest("ses", "POST", "/v2/email/outbound-bulk-emails", fmt.Appendf(nil, `{"FromEmailAddress":"update@example.com","ConfigurationSetName":%q,
		"DefaultContent":{"Template":{"TemplateContent":{"Subject":"Hello","Text":"for {{name}}"},"TemplateData":"{}"}},
		"BulkEmailEntries":[{"Destination":{"ToAddresses":["zoe@example.net"]},"ReplacementHeaders":[{"Name":"List-Unsubscribe","Value":"<https://example.com/leave>"}],
		"ReplacementTags":[{"Name":"shard","Value":"7"}],"ReplacementEmailContent":{"ReplacementTemplate":{"ReplacementTemplateData":"{\"name\":\"Zoe\"}"}}}]}`, s.physical("Events")), &sent)
	if len(sent.BulkEmailEntryResults) != 1 || sent.BulkEmailEntryResults[0].Status != "SUCCESS" {
		t.Fatalf("bulk mail: %+v", sent)
	}
	_, kept := s.send("ses", "GET", "/_ministack/ses/messages", nil, nil)
	if text := string(kept); !strings.Contains(text, "for Zoe") || strings.Contains(text, "/leave") || strings.Contains(text, "shard") {
		t.Errorf("what it keeps: %s", text)
	}
	time.Sleep(500 * time.Millisecond)
	if n := s.attributes("Reports")["ApproximateNumberOfMessages"]; n != "0" {
		t.Errorf("it reports %s events", n)
	}
	s.query("sns", "Publish", nil, "TopicArn", s.physical("Topic"), "Message", "hello") // what would have come does come
	for range 50 {
		if s.attributes("Reports")["ApproximateNumberOfMessages"] == "1" {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Error("the topic does not reach its queue: nothing is proved")
}
