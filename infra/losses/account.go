package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfn "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	ddb "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	queue "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"liaison/internal/sam"
)

var errNoStack = errors.New("no such stack")

// account is the part of AWS that is asked.
type account struct {
	region string
	stacks interface {
		DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
		ListStackResources(context.Context, *cloudformation.ListStackResourcesInput, ...func(*cloudformation.Options)) (*cloudformation.ListStackResourcesOutput, error)
		GetTemplate(context.Context, *cloudformation.GetTemplateInput, ...func(*cloudformation.Options)) (*cloudformation.GetTemplateOutput, error)
	}
	tables interface {
		DescribeTable(context.Context, *dynamodb.DescribeTableInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeTableOutput, error)
		DescribeContinuousBackups(context.Context, *dynamodb.DescribeContinuousBackupsInput, ...func(*dynamodb.Options)) (*dynamodb.DescribeContinuousBackupsOutput, error)
	}
	queues interface {
		GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
	}
}

func connect(ctx context.Context) (*account, error) {
	c, err := config.LoadDefaultConfig(ctx)
	if err != nil {
		return nil, err
	}
	if c.Region == "" {
		return nil, errors.New("no region is set")
	}
	if _, err := c.Credentials.Retrieve(ctx); err != nil {
		return nil, fmt.Errorf("no credentials: %w", err)
	}
	return &account{c.Region, cloudformation.NewFromConfig(c), dynamodb.NewFromConfig(c), sqs.NewFromConfig(c)}, nil
}

// read takes in the stack as it is deployed: its own template, not ours, says what would stay.
func (a *account) read(ctx context.Context, name string) (*deployment, error) {
	out, err := a.stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	var api smithy.APIError
	if errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist") || err == nil && len(out.Stacks) == 0 {
		return nil, errNoStack
	}
	if err != nil {
		return nil, err
	}
	s := out.Stacks[0]
	d := &deployment{stack: name, region: a.region, status: string(s.StackStatus), guarded: aws.ToBool(s.EnableTerminationProtection)}
	for _, p := range s.Parameters {
		if aws.ToString(p.ParameterKey) == "DomainName" {
			d.domain = aws.ToString(p.ParameterValue)
		}
	}
	text, err := a.stacks.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &name, TemplateStage: cfn.TemplateStageProcessed})
	if err != nil {
		return nil, err
	}
	t, err := sam.Parse([]byte(aws.ToString(text.TemplateBody)), "the deployed template")
	if err != nil {
		return nil, err
	}
	in := &cloudformation.ListStackResourcesInput{StackName: &name}
	for {
		page, err := a.stacks.ListStackResources(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, r := range page.StackResourceSummaries {
			if r.ResourceStatus == cfn.ResourceStatusDeleteComplete {
				continue
			}
			id := aws.ToString(r.LogicalResourceId)
			x := resource{id: id, kind: aws.ToString(r.ResourceType), name: aws.ToString(r.PhysicalResourceId), stays: stays(t, id)}
			x.facts, x.waiting = a.look(ctx, x)
			d.resources = append(d.resources, x)
		}
		if in.NextToken = page.NextToken; in.NextToken == nil {
			return d, nil
		}
	}
}

// look says what is in a table or a queue. What cannot be read is said too, and keeps nothing else from being read.
func (a *account) look(ctx context.Context, r resource) (facts string, waiting int) {
	var err error
	switch r.kind {
	case "AWS::DynamoDB::Table":
		facts, err = a.table(ctx, r.name)
	case "AWS::SQS::Queue":
		waiting, err = a.queue(ctx, r.name)
		facts = fmt.Sprintf("%d messages", waiting)
	}
	if err != nil {
		return fmt.Sprintf("could not be read: %v", err), 0
	}
	return facts, waiting
}

func (a *account) table(ctx context.Context, name string) (string, error) {
	out, err := a.tables.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	if err != nil {
		return "", err
	}
	facts := []string{fmt.Sprintf("%d items, %.1f MB", aws.ToInt64(out.Table.ItemCount), float64(aws.ToInt64(out.Table.TableSizeBytes))/1e6)}
	if aws.ToBool(out.Table.DeletionProtectionEnabled) {
		facts = append(facts, "protected from deletion")
	} else {
		facts = append(facts, "NOT PROTECTED from deletion")
	}
	back, err := a.tables.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	switch {
	case err != nil:
		return "", err
	case back.ContinuousBackupsDescription != nil && back.ContinuousBackupsDescription.PointInTimeRecoveryDescription != nil &&
		back.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus == ddb.PointInTimeRecoveryStatusEnabled:
		facts = append(facts, "can be restored to any moment of its last days")
	default:
		facts = append(facts, "CANNOT BE RESTORED to a moment")
	}
	return strings.Join(facts, "; "), nil
}

func (a *account) queue(ctx context.Context, url string) (waiting int, err error) {
	names := []queue.QueueAttributeName{queue.QueueAttributeNameApproximateNumberOfMessages, queue.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		queue.QueueAttributeNameApproximateNumberOfMessagesDelayed}
	out, err := a.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	if err != nil {
		return 0, err
	}
	for _, n := range names {
		v, err := strconv.Atoi(out.Attributes[string(n)])
		if err != nil {
			return 0, fmt.Errorf("%s is %q", n, out.Attributes[string(n)])
		}
		waiting += v
	}
	return waiting, nil
}
