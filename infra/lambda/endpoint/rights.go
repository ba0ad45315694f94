package endpoint

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/mail"
	"slices"
	"strings"
)

// target are the fields of a JSON call that name what it is about.
type target struct {
	TableName, IndexName string
	RequestItems         map[string]json.RawMessage
	TransactItems        []map[string]struct{ TableName string }
	QueueUrl             string
	SecretId             string
	FromEmailAddress     string
	ConfigurationSetName string
}

// rights tells what IAM asks of a call: https://docs.aws.amazon.com/service-authorization/latest/reference/
func (e *Endpoint) rights(service string, r *http.Request, body []byte) (operation string, rights []Right, err error) {
	var t target
	if len(body) > 0 {
		if err := json.Unmarshal(body, &t); err != nil {
			return "", nil, fmt.Errorf("endpoint: a call of %s: %w", service, err)
		}
	}
	_, operation, _ = strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch service {
	case "dynamodb":
		return service + ":" + operation, e.ofTables(operation, t), nil
	case "sqs":
		// The batch is sent with the right for one message; the queue's name ends its URL.
		return service + ":" + operation, []Right{{"sqs:" + strings.TrimSuffix(operation, "Batch"), e.ARN("sqs", t.QueueUrl[strings.LastIndexByte(t.QueueUrl, '/')+1:])}}, nil
	case "secretsmanager":
		return service + ":" + operation, []Right{{"secretsmanager:" + operation, t.SecretId}}, nil
	case "ses":
		return e.ofMail(r, t)
	}
	return "", nil, fmt.Errorf("endpoint: unknown service %s", service)
}

// ofTables: a transaction needs the rights of what it is made of; a query of an index, the right to the index.
func (e *Endpoint) ofTables(operation string, t target) (rights []Right) {
	add := func(action, name string) {
		if right := (Right{"dynamodb:" + action, e.ARN("dynamodb", "table/"+name)}); !slices.Contains(rights, right) {
			rights = append(rights, right)
		}
	}
	parts := map[string]string{"Put": "PutItem", "Update": "UpdateItem", "Delete": "DeleteItem", "ConditionCheck": "ConditionCheckItem"}
	switch {
	case len(t.TransactItems) > 0:
		for _, item := range t.TransactItems {
			for kind, of := range item {
				add(parts[kind], of.TableName)
			}
		}
	case len(t.RequestItems) > 0:
		for name := range t.RequestItems {
			add(operation, name)
		}
	case t.IndexName != "":
		add(operation, t.TableName+"/index/"+t.IndexName)
	default:
		add(operation, t.TableName)
	}
	return rights
}

func (e *Endpoint) ofMail(r *http.Request, t target) (string, []Right, error) {
	action := map[string]string{
		"GET /v2/email/account": "ses:GetAccount", "POST /v2/email/outbound-emails": "ses:SendEmail", "POST /v2/email/outbound-bulk-emails": "ses:SendBulkEmail",
	}[r.Method+" "+r.URL.Path]
	switch action {
	case "":
		return "", nil, fmt.Errorf("endpoint: SES has no %s %s here", r.Method, r.URL.Path)
	case "ses:GetAccount":
		return action, []Right{{action, "*"}}, nil
	}
	from, err := mail.ParseAddress(t.FromEmailAddress)
	if err != nil {
		return "", nil, fmt.Errorf("endpoint: from %q: %w", t.FromEmailAddress, err)
	}
	rights := []Right{{action, e.ARN("ses", "identity/"+from.Address[strings.LastIndexByte(from.Address, '@')+1:])}}
	if t.ConfigurationSetName != "" {
		rights = append(rights, Right{action, e.ARN("ses", "configuration-set/"+t.ConfigurationSetName)})
	}
	return action, rights, nil
}
