package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go"
)

// fake is an account with one stack, whose resources come two a page.
type fake struct {
	domain, template string
	resources        []cfn.StackResourceSummary
	guarded          bool
	denied           bool // tables may not be described
	messages         map[string]string
}

func (f *fake) DescribeStacks(_ context.Context, in *cloudformation.DescribeStacksInput, _ ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error) {
	if aws.ToString(in.StackName) != "liaison" {
		return nil, &smithy.GenericAPIError{Code: "ValidationError", Message: "Stack with id " + *in.StackName + " does not exist"}
	}
	return &cloudformation.DescribeStacksOutput{Stacks: []cfn.Stack{{StackStatus: cfn.StackStatusUpdateComplete, EnableTerminationProtection: &f.guarded,
		Parameters: []cfn.Parameter{{ParameterKey: aws.String("DomainName"), ParameterValue: &f.domain}}}}}, nil
}

func (f *fake) ListStackResources(_ context.Context, in *cloudformation.ListStackResourcesInput, _ ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error) {
	from := 0
	if in.NextToken != nil {
		if _, err := fmt.Sscan(*in.NextToken, &from); err != nil {
			return nil, err
		}
	}
	out := &cloudformation.ListStackResourcesOutput{StackResourceSummaries: f.resources[from:min(from+2, len(f.resources))]}
	if from+2 < len(f.resources) {
		out.NextToken = aws.String(fmt.Sprint(from + 2))
	}
	return out, nil
}

func (f *fake) GetTemplate(_ context.Context, in *cloudformation.GetTemplateInput, _ ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error) {
	if in.TemplateStage != cfn.TemplateStageProcessed {
		return nil, errors.New("the template as it was written does not name what SAM made of it")
	}
	return &cloudformation.GetTemplateOutput{TemplateBody: &f.template}, nil
}

func (f *fake) DescribeTable(_ context.Context, in *dynamodb.DescribeTableInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error) {
	if f.denied {
		return nil, &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "not authorized"}
	}
	n := int64(len(*in.TableName))
	return &dynamodb.DescribeTableOutput{Table: &ddb.TableDescription{ItemCount: &n, TableSizeBytes: aws.Int64(2_500_000), DeletionProtectionEnabled: aws.Bool(!strings.HasPrefix(*in.TableName, "bare"))}}, nil
}

func (f *fake) DescribeContinuousBackups(_ context.Context, in *dynamodb.DescribeContinuousBackupsInput, _ ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error) {
	status := ddb.PointInTimeRecoveryStatusEnabled
	if strings.HasPrefix(*in.TableName, "bare") {
		status = ddb.PointInTimeRecoveryStatusDisabled
	}
	return &dynamodb.DescribeContinuousBackupsOutput{ContinuousBackupsDescription: &ddb.ContinuousBackupsDescription{
		PointInTimeRecoveryDescription: &ddb.PointInTimeRecoveryDescription{PointInTimeRecoveryStatus: status}}}, nil
}

func (f *fake) GetQueueAttributes(_ context.Context, in *sqs.GetQueueAttributesInput, _ ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	n := f.messages[*in.QueueUrl]
	if n == "" {
		n = "0"
	}
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{"ApproximateNumberOfMessages": n, "ApproximateNumberOfMessagesNotVisible": "1", "ApproximateNumberOfMessagesDelayed": "0"}}, nil
}

func row(id, kind, name string, status ...cfn.ResourceStatus) cfn.StackResourceSummary {
	s := cfn.ResourceStatusCreateComplete
	if len(status) > 0 {
		s = status[0]
	}
	return cfn.StackResourceSummary{LogicalResourceId: &id, ResourceType: aws.String("AWS::" + kind), PhysicalResourceId: &name, ResourceStatus: s}
}

func deployed() *fake {
	return &fake{guarded: true, messages: map[string]string{"https://queue/deliver": "41"},
		template: `{"Resources": {
			"PeopleTable": {"Type": "AWS::DynamoDB::Table", "DeletionPolicy": "Retain"}, "BareTable": {"Type": "AWS::DynamoDB::Table"},
			"SigningKeys": {"Type": "AWS::SecretsManager::Secret", "DeletionPolicy": "RetainExceptOnCreate"}, "DeliverQueue": {"Type": "AWS::SQS::Queue", "DeletionPolicy": "Delete"},
			"DeskVersion1": {"Type": "AWS::Lambda::Version", "DeletionPolicy": "Retain"}, "Route": {"Type": "AWS::ApiGatewayV2::Route"}}}`,
		resources: []cfn.StackResourceSummary{row("PeopleTable", "DynamoDB::Table", "people-1"), row("BareTable", "DynamoDB::Table", "bare-table-1"),
			row("SigningKeys", "SecretsManager::Secret", "arn:secret"), row("DeliverQueue", "SQS::Queue", "https://queue/deliver"),
			row("DeskVersion1", "Lambda::Version", "arn:version"), row("Route", "ApiGatewayV2::Route", "r1"), row("Old", "SQS::Queue", "https://queue/old", cfn.ResourceStatusDeleteComplete)}}
}

func say(t *testing.T, f *fake, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(context.Background(), args, &out, func(context.Context) (*account, error) {
		return &account{"eu-west-1", f, f, f}, nil
	})
	return out.String(), err
}

func TestWhatStaysAndWhatGoes(t *testing.T) {
	said, err := say(t, deployed())
	if err != nil {
		t.Fatal(err)
	}
	stays, goes, _ := strings.Cut(said, "GOES,")
	for _, want := range []string{"PeopleTable", "people-1", "8 items, 2.5 MB; protected from deletion; can be restored", "SigningKeys"} {
		if !strings.Contains(stays, want) {
			t.Errorf("%q does not stay:\n%s", want, stays)
		}
	}
	for _, want := range []string{"BareTable", "NOT PROTECTED", "CANNOT BE RESTORED", "DeliverQueue", "42 messages", "1 Lambda::Version", "1 ApiGatewayV2::Route",
		"BareTable DOES NOT STAY", "Messages are lost: 42 in DeliverQueue", "every link in every mail", "Tables stay (1)", "protected from termination: a deletion would be refused", "Nothing was deleted"} {
		if !strings.Contains(goes, want) {
			t.Errorf("%q is not said:\n%s", want, goes)
		}
	}
	if strings.Contains(said, "Old") || strings.Contains(stays, "Version") {
		t.Errorf("what is gone, or goes with its function, is told as if it were there:\n%s", said)
	}
}

func TestOwnDomainAndOpenStack(t *testing.T) {
	f := deployed()
	f.domain, f.guarded = "outreach.example.org", false
	said, err := say(t, f)
	if err != nil || !strings.Contains(said, "outreach.example.org leads nowhere until") || strings.Contains(said, "Its address is lost") ||
		!strings.Contains(said, "update-termination-protection --enable-termination-protection --stack-name liaison") {
		t.Errorf("%v:\n%s", err, said)
	}
}

func TestWhatCannotBeReadIsSaid(t *testing.T) {
	f := deployed()
	f.denied = true
	said, err := say(t, f)
	if err != nil || strings.Count(said, "could not be read: ") != 2 || !strings.Contains(said, "42 messages") || !strings.Contains(said, "dynamodb:DescribeTable") {
		t.Errorf("%v:\n%s", err, said)
	}
}

func TestNoSuchStack(t *testing.T) {
	if said, err := say(t, deployed(), "-stack", "other"); err == nil || !strings.Contains(err.Error(), `no stack "other" in eu-west-1: nothing would be lost`) {
		t.Errorf("%v: %s", err, said)
	}
}

// Without an account it says what it needs, then what the template says, and does not pretend to have looked.
func TestWithoutCredentials(t *testing.T) {
	var out bytes.Buffer
	err := run(context.Background(), []string{"-template", "../../template.yaml"}, &out, func(context.Context) (*account, error) { return nil, errors.New("no credentials") })
	if err == nil || !strings.Contains(err.Error(), "no credentials") {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"AWS_PROFILE", "cloudformation:GetTemplate", "If a stack of template.yaml were deleted"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not said:\n%s", want, out.String())
		}
	}
}

// What our own template leaves behind, and what it takes along.
func TestOfTheTemplateAlone(t *testing.T) {
	said, err := say(t, nil, "-template-only", "-template", "../../template.yaml")
	if err != nil {
		t.Fatal(err)
	}
	stays, goes, _ := strings.Cut(said, "GOES,")
	for _, want := range []string{"PeopleTable", "ProgrammeTable", "DeliveryTable", "SigningKeys", "SenderDomain"} {
		if !strings.Contains(stays, want) || strings.Contains(goes, want+" DOES NOT") {
			t.Errorf("%s would not stay", want)
		}
	}
	if strings.Contains(goes, "DOES NOT STAY") || !strings.Contains(goes, "11 Serverless::Function") {
		t.Errorf("said:\n%s", goes)
	}
}

func TestTemplateThatIsNone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "empty.yaml")
	if err := os.WriteFile(path, []byte("Resources: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := say(t, nil, "-template-only", "-template", path); err == nil {
		t.Error("a template without resources loses nothing, it is said")
	}
	if _, err := say(t, nil, "liaison"); err == nil || !strings.Contains(err.Error(), "liaison") {
		t.Errorf("a stray argument is taken for nothing: %v", err)
	}
}
