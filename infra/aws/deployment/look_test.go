//go:build aws

package deployment

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// look asks a service what a resource is like and tells it in CloudFormation's words. What has no answer of its own is taken from want.
type look func(r *resolver, logical, id string, want object) any

type object = map[string]any

var looks = map[string]look{
	"AWS::DynamoDB::Table":                       table,
	"AWS::SecretsManager::Secret":                secret,
	"AWS::SQS::Queue":                            queue,
	"AWS::SQS::QueuePolicy":                      queuePolicy,
	"AWS::SES::EmailIdentity":                    identity,
	"AWS::SES::ConfigurationSet":                 configurationSet,
	"AWS::SES::ConfigurationSetEventDestination": eventDestination,
	"AWS::SNS::Topic":                            topic,
	"AWS::SNS::TopicPolicy":                      topicPolicy,
	"AWS::ApiGatewayV2::Api":                     api,
	"AWS::ApiGatewayV2::Stage":                   part("stages"),
	"AWS::ApiGatewayV2::Route":                   part("routes"),
	"AWS::ApiGatewayV2::Integration":             part("integrations"),
	"AWS::Lambda::Function":                      lambda,
	"AWS::Lambda::Version":                       version,
	"AWS::Lambda::Alias":                         alias,
	"AWS::Lambda::Permission":                    permission,
	"AWS::Lambda::EventSourceMapping":            mapping,
	"AWS::Lambda::EventInvokeConfig":             invokeConfig,
	"AWS::Events::Rule":                          rule,
	"AWS::IAM::Role":                             role,
	"AWS::Logs::LogGroup":                        logGroup,
	"AWS::CloudWatch::Alarm":                     alarm,
	"AWS::CloudWatch::Dashboard":                 dashboard,
}

// pick is some of an object's entries.
func pick(from object, names ...string) object {
	out := object{}
	for _, n := range names {
		if v, ok := from[n]; ok {
			out[n] = v
		}
	}
	return out
}

// upper has every name begin with a capital, as CloudFormation's do and a REST service's do not.
func upper(v any) any {
	switch v := v.(type) {
	case object:
		out := object{}
		for k, e := range v {
			first, size := utf8.DecodeRuneInString(k)
			out[string(unicode.ToUpper(first))+k[size:]] = upper(e)
		}
		return out
	case []any:
		out := []any{}
		for _, e := range v {
			out = append(out, upper(e))
		}
		return out
	}
	return v
}

// document reads a policy or another text of JSON.
func (r *resolver) document(text string) any {
	var out any
	if text != "" {
		r.decode("document", []byte(text), &out)
	}
	return out
}

func table(r *resolver, _, id string, _ object) any {
	var d struct{ Table object }
	r.json("dynamodb", "DynamoDB_20120810.DescribeTable", object{"TableName": id}, &d)
	out := pick(d.Table, "AttributeDefinitions", "KeySchema", "GlobalSecondaryIndexes", "DeletionProtectionEnabled")
	billing, _ := d.Table["BillingModeSummary"].(object)
	out["BillingMode"] = billing["BillingMode"]
	encryption, _ := d.Table["SSEDescription"].(object)
	out["SSESpecification"] = object{"SSEEnabled": encryption["Status"] == "ENABLED"}
	var ttl struct {
		TimeToLiveDescription struct{ TimeToLiveStatus, AttributeName string }
	}
	r.json("dynamodb", "DynamoDB_20120810.DescribeTimeToLive", object{"TableName": id}, &ttl)
	out["TimeToLiveSpecification"] = object{"Enabled": ttl.TimeToLiveDescription.TimeToLiveStatus == "ENABLED", "AttributeName": ttl.TimeToLiveDescription.AttributeName}
	var backups struct {
		ContinuousBackupsDescription struct {
			PointInTimeRecoveryDescription struct{ PointInTimeRecoveryStatus string }
		}
	}
	r.json("dynamodb", "DynamoDB_20120810.DescribeContinuousBackups", object{"TableName": id}, &backups)
	status := backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus
	out["PointInTimeRecoverySpecification"] = object{"PointInTimeRecoveryEnabled": status == "ENABLED"}
	return out
}

var lettersAndDigits = regexp.MustCompile(`^[A-Za-z0-9]*$`)

// secret tells from the value how it was generated.
func secret(r *resolver, logical, _ string, want object) any {
	var d struct{ Description, SecretString string }
	r.json("secretsmanager", "secretsmanager.DescribeSecret", object{"SecretId": r.secrets[logical]}, &d)
	r.json("secretsmanager", "secretsmanager.GetSecretValue", object{"SecretId": r.secrets[logical]}, &d)
	how := want["GenerateSecretString"].(object)
	key := fmt.Sprint(how["GenerateStringKey"])
	var value map[string]string
	r.decode("the secret", []byte(d.SecretString), &value)
	generated := value[key]
	delete(value, key)
	rest, err := json.Marshal(value)
	if err != nil {
		r.t.Fatal(err)
	}
	return object{"Description": d.Description, "GenerateSecretString": object{
		"GenerateStringKey": key, "PasswordLength": len(generated), "ExcludePunctuation": lettersAndDigits.MatchString(generated),
		"SecretStringTemplate": strings.ReplaceAll(string(rest), `":"`, `": "`)}}
}

func queue(r *resolver, logical, _ string, _ object) any {
	out := object{}
	for k, v := range r.attributes(logical) {
		out[k] = v
	}
	out["RedrivePolicy"] = r.document(r.attributes(logical)["RedrivePolicy"])
	return out
}

func queuePolicy(r *resolver, _, _ string, want object) any {
	var at struct{ Attributes map[string]string }
	r.json("sqs", "AmazonSQS.GetQueueAttributes", object{"QueueUrl": want["Queues"].([]any)[0], "AttributeNames": []string{"Policy"}}, &at)
	return object{"Queues": want["Queues"], "PolicyDocument": r.document(at.Attributes["Policy"])}
}

func identity(r *resolver, _, id string, _ object) any {
	var d object
	r.rest("ses", "GET", "/v2/email/identities/"+url.PathEscape(id), nil, &d)
	return object{"EmailIdentity": id, "MailFromAttributes": d["MailFromAttributes"], "ConfigurationSetAttributes": pick(d, "ConfigurationSetName")}
}

func configurationSet(r *resolver, _, id string, _ object) any {
	var d object
	r.rest("ses", "GET", "/v2/email/configuration-sets/"+url.PathEscape(id), nil, &d)
	return d
}

// eventTypes are CloudFormation's words for the API's.
var eventTypes = map[string]string{"SEND": "send", "REJECT": "reject", "BOUNCE": "bounce", "COMPLAINT": "complaint", "DELIVERY": "delivery", "RENDERING_FAILURE": "renderingFailure"}

func eventDestination(r *resolver, _, _ string, want object) any {
	var d struct {
		EventDestinations []struct {
			Enabled            bool
			MatchingEventTypes []string
			SnsDestination     struct{ TopicArn string }
		}
	}
	r.rest("ses", "GET", "/v2/email/configuration-sets/"+url.PathEscape(want["ConfigurationSetName"].(string))+"/event-destinations", nil, &d)
	if len(d.EventDestinations) != 1 {
		return d
	}
	there := map[string]bool{}
	for _, e := range d.EventDestinations[0].MatchingEventTypes {
		there[eventTypes[e]] = true
	}
	types := []any{} // in the template's order: theirs has no meaning
	for _, e := range want["EventDestination"].(object)["MatchingEventTypes"].([]any) {
		if there[e.(string)] {
			types = append(types, e)
			delete(there, e.(string))
		}
	}
	for e := range there {
		types = append(types, e)
	}
	return object{"ConfigurationSetName": want["ConfigurationSetName"], "EventDestination": object{
		"Enabled": d.EventDestinations[0].Enabled, "MatchingEventTypes": types, "SnsDestination": object{"TopicARN": d.EventDestinations[0].SnsDestination.TopicArn}}}
}

func topic(r *resolver, _, id string, _ object) any {
	var d struct {
		Subscriptions []struct{ Protocol, Endpoint string } `xml:"ListSubscriptionsByTopicResult>Subscriptions>member"`
	}
	r.query("sns", "ListSubscriptionsByTopic", &d, "TopicArn", id)
	list := []any{}
	for _, s := range d.Subscriptions {
		list = append(list, object{"Protocol": s.Protocol, "Endpoint": s.Endpoint})
	}
	return object{"Subscription": list}
}

func topicPolicy(r *resolver, _, _ string, want object) any {
	var d struct {
		Entries []struct {
			Key   string `xml:"key"`
			Value string `xml:"value"`
		} `xml:"GetTopicAttributesResult>Attributes>entry"`
	}
	r.query("sns", "GetTopicAttributes", &d, "TopicArn", want["Topics"].([]any)[0].(string))
	out := object{"Topics": want["Topics"]}
	for _, e := range d.Entries {
		if e.Key == "Policy" {
			out["PolicyDocument"] = r.document(e.Value)
		}
	}
	return out
}

func role(r *resolver, _, id string, _ object) any {
	var d struct {
		Trust string `xml:"GetRoleResult>Role>AssumeRolePolicyDocument"`
	}
	var names struct {
		Inline []string `xml:"ListRolePoliciesResult>PolicyNames>member"`
	}
	var managed struct {
		ARNs []string `xml:"ListAttachedRolePoliciesResult>AttachedPolicies>member>PolicyArn"`
	}
	r.query("iam", "GetRole", &d, "RoleName", id)
	r.query("iam", "ListRolePolicies", &names, "RoleName", id)
	r.query("iam", "ListAttachedRolePolicies", &managed, "RoleName", id)
	out := object{"AssumeRolePolicyDocument": r.escaped(d.Trust), "Policies": []any{}, "ManagedPolicyArns": []any{}}
	slices.Sort(names.Inline)
	for _, n := range names.Inline {
		out["Policies"] = append(out["Policies"].([]any), object{"PolicyName": n, "PolicyDocument": r.policy(id, n)})
	}
	for _, a := range managed.ARNs {
		out["ManagedPolicyArns"] = append(out["ManagedPolicyArns"].([]any), a)
	}
	return out
}

// policy is an inline policy of a role.
func (r *resolver) policy(role, name string) any {
	var p struct {
		XMLName  xml.Name
		Document string `xml:"GetRolePolicyResult>PolicyDocument"`
	}
	r.query("iam", "GetRolePolicy", &p, "RoleName", role, "PolicyName", name)
	return r.escaped(p.Document)
}

// escaped reads a document as IAM writes it.
func (r *resolver) escaped(text string) any {
	r.t.Helper()
	if plain, err := url.QueryUnescape(text); err == nil && !strings.HasPrefix(text, "{") {
		text = plain
	}
	if !json.Valid([]byte(text)) {
		r.t.Fatalf("no JSON: %.300s", text)
	}
	return r.document(text)
}
