//go:build aws

package deployment

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
)

// resolver turns CloudFormation's functions into what they stand for in a stack.
type resolver struct {
	*stack
	text       map[string]any    // the processed template
	parameters map[string]string // with the presets
	conditions map[string]any
	secrets    map[string]string // ARNs by logical id
}

func (s *stack) resolver() *resolver {
	s.t.Helper()
	r := &resolver{stack: s, parameters: map[string]string{}, secrets: map[string]string{}}
	d := json.NewDecoder(strings.NewReader(s.processed()))
	d.UseNumber()
	if err := d.Decode(&r.text); err != nil {
		s.t.Fatalf("the processed template: %v", err)
	}
	for name, p := range section(r.text, "Parameters") {
		if preset, ok := p.(map[string]any)["Default"]; ok {
			r.parameters[name] = fmt.Sprint(preset)
		}
	}
	maps.Copy(r.parameters, s.parameters)
	r.conditions = section(r.text, "Conditions")
	for name, made := range s.resources {
		if made.ResourceType == "AWS::SecretsManager::Secret" {
			var secret struct{ ARN string }
			s.json("secretsmanager", "secretsmanager.DescribeSecret", map[string]any{"SecretId": made.PhysicalResourceId}, &secret)
			r.secrets[name] = secret.ARN
		}
	}
	return r
}

func section(document map[string]any, name string) map[string]any {
	out, _ := document[name].(map[string]any)
	return out
}

// noValue is what AWS::NoValue stands for: the property is not there.
type noValue struct{}

// value is what v stands for.
func (r *resolver) value(v any) any {
	switch v := v.(type) {
	case []any:
		out := []any{}
		for _, e := range v {
			if e = r.value(e); e != (noValue{}) {
				out = append(out, e)
			}
		}
		return out
	case map[string]any:
		if len(v) == 1 {
			for name, of := range v {
				if out, ok := r.function(name, of); ok {
					return out
				}
			}
		}
		out := map[string]any{}
		for k, e := range v {
			if e = r.value(e); e != (noValue{}) {
				out[k] = e
			}
		}
		return out
	}
	return v
}

func (r *resolver) function(name string, of any) (any, bool) {
	switch name {
	case "Ref":
		return r.ref(of.(string)), true
	case "Fn::GetAtt":
		if parts, ok := of.([]any); ok {
			return r.attribute(fmt.Sprint(parts[0]), fmt.Sprint(parts[1])), true
		}
		logical, attribute, _ := strings.Cut(of.(string), ".")
		return r.attribute(logical, attribute), true
	case "Fn::Sub":
		return r.sub(of), true
	case "Fn::If":
		parts := of.([]any)
		if r.holds(map[string]any{"Condition": parts[0]}) {
			return r.value(parts[1]), true
		}
		return r.value(parts[2]), true
	case "Fn::Join":
		parts := of.([]any)
		var list []string
		for _, e := range r.value(parts[1]).([]any) {
			list = append(list, fmt.Sprint(e))
		}
		return strings.Join(list, fmt.Sprint(parts[0])), true
	}
	return nil, false
}

func (r *resolver) ref(name string) any {
	switch name {
	case "AWS::Region":
		return region
	case "AWS::AccountId":
		return account
	case "AWS::Partition":
		return "aws"
	case "AWS::URLSuffix":
		return "amazonaws.com"
	case "AWS::StackName":
		return r.name
	case "AWS::NoValue":
		return noValue{}
	}
	if v, ok := r.parameters[name]; ok {
		return v
	}
	return r.physical(name)
}

// attribute is what Fn::GetAtt gives, worked out by AWS's rules and not asked of the emulator.
func (r *resolver) attribute(logical, attribute string) any {
	r.t.Helper()
	id := r.physical(logical)
	switch kind := r.resources[logical].ResourceType + "." + attribute; kind {
	case "AWS::DynamoDB::Table.Arn":
		return arn("dynamodb", "table/"+id)
	case "AWS::SQS::Queue.Arn":
		return arn("sqs", id[strings.LastIndexByte(id, '/')+1:])
	case "AWS::SQS::Queue.QueueName":
		return id[strings.LastIndexByte(id, '/')+1:]
	case "AWS::Lambda::Function.Arn":
		return arn("lambda", "function:"+id)
	case "AWS::Lambda::Version.Version":
		return id[strings.LastIndexByte(id, ':')+1:]
	case "AWS::IAM::Role.Arn":
		return "arn:aws:iam::" + account + ":role/" + id
	case "AWS::Logs::LogGroup.Arn":
		return arn("logs", "log-group:"+id+":*")
	case "AWS::SecretsManager::Secret.Id":
		return r.secrets[logical]
	case "AWS::SNS::Topic.TopicArn":
		return id
	case "AWS::Events::Rule.Arn":
		return arn("events", "rule/"+id)
	default:
		r.t.Fatalf("%s: no rule for %s", logical, kind)
		return nil
	}
}

var hole = regexp.MustCompile(`\$\{([^!}][^}]*)\}`)

func (r *resolver) sub(of any) string {
	text, given := of, map[string]any{}
	if parts, ok := of.([]any); ok {
		text, given = parts[0], parts[1].(map[string]any)
	}
	return hole.ReplaceAllStringFunc(text.(string), func(h string) string {
		name := h[2 : len(h)-1]
		if v, ok := given[name]; ok {
			return fmt.Sprint(r.value(v))
		}
		if logical, attribute, ok := strings.Cut(name, "."); ok {
			return fmt.Sprint(r.attribute(logical, attribute))
		}
		return fmt.Sprint(r.ref(name))
	})
}

// holds tells whether a condition does.
func (r *resolver) holds(c any) bool {
	for name, of := range c.(map[string]any) {
		parts, _ := of.([]any)
		switch name {
		case "Condition":
			return r.holds(r.conditions[fmt.Sprint(of)])
		case "Fn::Not":
			return !r.holds(parts[0])
		case "Fn::Equals":
			return fmt.Sprint(r.value(parts[0])) == fmt.Sprint(r.value(parts[1]))
		case "Fn::And", "Fn::Or":
			for _, p := range parts {
				if r.holds(p) == (name == "Fn::Or") {
					return name == "Fn::Or"
				}
			}
			return name == "Fn::And"
		}
		r.t.Fatalf("condition %s is none that is known here", name)
	}
	return false
}
