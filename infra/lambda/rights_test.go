//go:build aws

package main

import (
	"strings"
	"testing"

	"liaison/infra/lambda/deployment"
	"liaison/infra/lambda/endpoint"
)

// unseen are the granted rights that no call of the function's own code uses, and why they are granted.
var unseen = map[string]string{
	"logs:CreateLogStream":     "Lambda writes the function's log with them",
	"logs:PutLogEvents":        "Lambda writes the function's log with them",
	"xray:PutTraceSegments":    "Lambda sends traces with them",
	"xray:PutTelemetryRecords": "Lambda sends traces with them",
	"sqs:ReceiveMessage":       "the event source mapping reads the queue with them",
	"sqs:DeleteMessage":        "the event source mapping reads the queue with them",
	"sqs:GetQueueAttributes":   "the event source mapping reads the queue with them",
}

// rare are rights of the function's own code that no small run can use, with the test that does.
var rare = map[string]string{
	"fanout sqs:SendMessage on PlanQueue": "a planner hands on after a hundred thousand members of one segment: internal/distribution, TestQueueAloneGetsOn",
}

// granted are the rights that the template gives to each function, by the folder.
func granted(t *testing.T, d *deployment.Deployment) map[string]map[endpoint.Right]bool {
	t.Helper()
	list, err := d.Template.Functions()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]map[endpoint.Right]bool{}
	for _, f := range list {
		out[f.Folder] = map[endpoint.Right]bool{}
		statements, err := d.Rights(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range statements {
			if s.Sid == "Sandbox" { // SES asks for it while the account is in the sandbox; the stand-in is not
				continue
			}
			for _, r := range s.Resources {
				resource, err := d.Text(r)
				if err != nil {
					t.Fatal(err)
				}
				for _, action := range s.Actions {
					if unseen[action] == "" {
						out[f.Folder][endpoint.Right{Action: action, Resource: resource}] = true
					}
				}
			}
		}
	}
	return out
}

// readable says a right in the template's names.
func readable(d *deployment.Deployment, r endpoint.Right) string {
	for name, value := range d.Known {
		if strings.HasSuffix(name, ".Arn") && strings.HasPrefix(r.Resource, value) && value != "" {
			return r.Action + " on " + strings.TrimSuffix(name, ".Arn") + strings.TrimPrefix(r.Resource, value)
		}
	}
	return r.Action + " on " + r.Resource
}

// The smoke run, unchanged, goes through the real binaries; and when people have done everything else there is to do, each function
// has used every right that the template grants it, and no other.
func TestMainJobOnTheRealBinaries(t *testing.T) {
	d := deploy(t, deployment.Options{})
	walk(t, d)
	everything(t, d)
	used := d.Endpoint.Used()
	for folder, rights := range granted(t, d) {
		mine := used[deployment.Key(folder)]
		for r := range mine {
			if !rights[r] {
				t.Errorf("functions/%s uses %s, which is not granted", folder, readable(d, r))
			}
		}
		for r := range rights {
			if mine[r] == 0 && rare[folder+" "+readable(d, r)] == "" {
				t.Errorf("functions/%s is granted %s and does not use it", folder, readable(d, r))
			}
		}
		delete(used, deployment.Key(folder))
	}
	for key := range used {
		t.Errorf("calls are signed by %q, which is no function", key)
	}
}
