package deployment

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"liaison/infra/local/queue"
	"liaison/internal/sam"
	"liaison/internal/table/dynamo"
	"liaison/internal/transport"
)

// parameters are what a person would answer to `make deploy`; the sender's domain is the demo's.
var parameters = map[string]string{
	"ProgrammeId": "stewardship", "ProgrammeName": "Stewardship Update", "GroupName": "Working group on responsible stewardship",
	"SenderIdentity": "stewardship.example", "Sender": "update@stewardship.example", "Secretary": "secretary@example.org", "PostalAddress": "1 Example Street, Geneva",
}

// name gives every resource its id and its attributes, as CloudFormation would.
func (d *Deployment) name(aws string) {
	stack := "liaison-" + strings.ToLower(rand.Text()[:10])
	d.Parameters = parameters
	d.Known = map[string]string{
		"AWS::Partition": d.Account.Partition, "AWS::Region": d.Account.Region, "AWS::AccountId": d.Account.ID, "AWS::StackName": stack, "AWS::URLSuffix": "amazonaws.com",
	}
	arn := func(id, ref, service, resource string) {
		d.Known[id], d.Known[id+".Arn"] = ref, d.Account.ARN(service, resource)
	}
	d.At("Resources").Each(func(id string, r sam.Node) {
		own := stack + "-" + id
		switch r.At("Type").Value {
		case "AWS::DynamoDB::Table":
			arn(id, own, "dynamodb", "table/"+own)
		case "AWS::SQS::Queue":
			arn(id, aws+"/"+d.Account.ID+"/"+own, "sqs", own)
			d.Known[id+".QueueName"] = own
		case "AWS::SecretsManager::Secret":
			d.Known[id] = d.Account.ARN("secretsmanager", "secret:"+own+"-Ab12Cd")
		case "AWS::SNS::Topic":
			d.Known[id] = d.Account.ARN("sns", own)
		case "AWS::Logs::LogGroup":
			arn(id, own, "logs", "log-group:"+own+":*")
		case "AWS::IAM::Role":
			d.Known[id], d.Known[id+".Arn"] = own, "arn:aws:iam::"+d.Account.ID+":role/"+own
		case "AWS::Serverless::Function":
			arn(id, own, "lambda", "function:"+own)
			d.Known[id+".Alias"] = d.Known[id+".Arn"] + ":live"
		case "AWS::ApiGatewayV2::Api":
			d.Known[id], d.Known[id+".ApiEndpoint"] = "harness", d.Base
		default:
			d.Known[id] = own
		}
	})
}

// Client speaks to the engine itself, as who deploys.
func (d *Deployment) Client() *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: d.Account.Region, BaseEndpoint: &d.Options.Engine, Credentials: credentials.NewStaticCredentialsProvider("harness", "harness", ""),
		HTTPClient: transport.Whole(awshttp.NewBuildableClient()),
	})
}

// tables makes the tables that the template defines: keys, types, indexes and projections are its own.
func (d *Deployment) tables(ctx context.Context) error {
	client := d.Client()
	for id, p := range d.Resources("AWS::DynamoDB::Table") {
		name := d.Known[id]
		in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingMode(p.At("BillingMode").Value), KeySchema: keySchema(p.At("KeySchema"))}
		for _, a := range p.At("AttributeDefinitions").List() {
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
				AttributeName: aws.String(a.At("AttributeName").Value), AttributeType: types.ScalarAttributeType(a.At("AttributeType").Value)})
		}
		for _, i := range p.At("GlobalSecondaryIndexes").List() {
			in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
				IndexName: aws.String(i.At("IndexName").Value), KeySchema: keySchema(i.At("KeySchema")),
				Projection: &types.Projection{ProjectionType: types.ProjectionType(i.At("Projection", "ProjectionType").Value)}})
		}
		if _, err := client.CreateTable(ctx, in); err != nil {
			return fmt.Errorf("deployment: %s: %w", id, err)
		}
		d.closers = append(d.closers, func() { d.drop(client, name) })
		ready := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) { o.MinDelay, o.MaxDelay = 50*time.Millisecond, time.Second })
		if err := ready.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
			return fmt.Errorf("deployment: wait for %s: %w", id, err)
		}
	}
	now := dynamo.WithNow(func() time.Time { return d.Stage.Clock.Now() })
	d.People, d.Records, d.Delivery = dynamo.New(client, d.Known["PeopleTable"], now), dynamo.New(client, d.Known["ProgrammeTable"], now), dynamo.New(client, d.Known["DeliveryTable"], now)
	return nil
}

func (d *Deployment) drop(client *dynamodb.Client, name string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: &name}); err != nil {
		d.log.Warn("table is left behind", "table", name, "error", err)
	}
}

func keySchema(n sam.Node) (out []types.KeySchemaElement) {
	for _, k := range n.List() {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(k.At("AttributeName").Value), KeyType: types.KeyType(k.At("KeyType").Value)})
	}
	return out
}

// stageName is what the stage calls a queue of the template: PlanQueue is plan.
func stageName(id string) string { return strings.ToLower(strings.TrimSuffix(id, "Queue")) }

// queues reads the event sources: visibility, receive counts and dead letters of the queue, batch and concurrency of the source, timeout of
// the function. urls are where functions send to.
func (d *Deployment) queues() (settings map[string]queue.Settings, urls map[string]string, err error) {
	settings, urls = map[string]queue.Settings{}, map[string]string{}
	list, err := d.Template.Functions()
	if err != nil {
		return nil, nil, err
	}
	all := d.Resources("AWS::SQS::Queue")
	for _, f := range list {
		for _, e := range f.Events() {
			if e.Type != "SQS" {
				continue
			}
			q, numbers := all[e.Queue()], map[string]int{}
			concurrency, err := d.Text(e.At("ScalingConfig", "MaximumConcurrency"))
			if err != nil {
				return nil, nil, err
			}
			workers, err := strconv.Atoi(concurrency)
			if err != nil {
				return nil, nil, fmt.Errorf("deployment: concurrency of %s: %w", f.ID, err)
			}
			var errs []error
			for name, n := range map[string]sam.Node{"visibility": q.At("VisibilityTimeout"), "receives": q.At("RedrivePolicy", "maxReceiveCount"), "batch": e.At("BatchSize")} {
				v, err := n.Number()
				numbers[name], errs = v, append(errs, err)
			}
			timeout, err := d.Timeout(f)
			if err := errors.Join(append(errs, err)...); err != nil {
				return nil, nil, err
			}
			settings[stageName(e.Queue())] = queue.Settings{
				Visibility: time.Duration(numbers["visibility"]) * time.Second, Receives: numbers["receives"], Batch: numbers["batch"],
				Timeout: time.Duration(timeout)*time.Second + time.Minute, Workers: min(workers, d.Workers),
			}
			urls[d.Known[e.Queue()]] = stageName(e.Queue())
		}
	}
	return settings, urls, nil
}
