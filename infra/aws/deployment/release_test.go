//go:build aws

package deployment

import (
	"fmt"
	"maps"
	"net/http"
	"testing"
)

// secondVersion deploys a second version with another parameter: every function is published anew and its alias moves there, and nothing that
// is kept is made anew.
func secondVersion(t *testing.T, s *stack, codes map[string][]byte, place Place) *stack {
	t.Helper()
	place.Bucket += "/second" // sam package names a zip by its content, so that new code is a new address
	place.Parameters = maps.Clone(place.Parameters)
	place.Parameters["LogRetentionDays"] = "60"
	for name, code := range codes {
		s.put(bucket, "second/"+name+".zip", code)
	}
	before := s.lives()
	secret := s.secretValue()
	if status, reason := s.change("UpdateStack", s.name, prepare(t, place), place.Parameters); status != "UPDATE_COMPLETE" {
		t.Fatalf("after the release the stack is %s\n%s", status, reason)
	}
	again := s.open(s.name)
	again.parameters = place.Parameters
	for name := range kept {
		if was, is := s.physical(name), again.physical(name); was != is {
			t.Errorf("%s was %s and is %s", name, was, is)
		}
	}
	if again.secretValue() != secret {
		t.Error("the signing keys are others: every link in a mail is dead")
	}
	after := again.lives()
	for name, v := range before {
		if after[name] == "" || after[name] == v {
			t.Errorf("%s: version %s was live, and version %s is", name, v, after[name])
		}
	}
	return again
}

// lives are the versions that the functions' aliases lead to.
func (s *stack) lives() map[string]string {
	s.t.Helper()
	out := map[string]string{}
	for name, r := range s.resources {
		if r.ResourceType == "AWS::Lambda::Function" {
			var a struct{ FunctionVersion string }
			s.rest("lambda", http.MethodGet, functionsPath+r.PhysicalResourceId+"/aliases/live", nil, &a)
			out[name] = a.FunctionVersion
		}
	}
	if len(out) != 11 {
		s.t.Errorf("functions: %v", out)
	}
	return out
}

func (s *stack) secretValue() string {
	s.t.Helper()
	var d struct{ SecretString string }
	s.json("secretsmanager", "secretsmanager.GetSecretValue", object{"SecretId": s.outputs["SigningKeys"]}, &d)
	if d.SecretString == "" {
		s.t.Error("there are no signing keys")
	}
	return d.SecretString
}

// calendar asks for a page that reads a table, and returns the answer's status.
func calendar(t *testing.T, base string) int {
	t.Helper()
	res, err := http.Get(base + "/en/events")
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, res)
	return res.StatusCode
}

// underRoles takes a function the right to read its table: what it then cannot do it could do by that right before.
func (s *stack) underRoles(base string) {
	s.t.Helper()
	if got := calendar(s.t, base); got != http.StatusOK {
		s.t.Fatalf("the calendar answers %d", got)
	}
	s.query("iam", "PutRolePolicy", nil, "RoleName", s.physical("PublicationsRole"), "PolicyName", "taken", "PolicyDocument",
		fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Deny","Action":"dynamodb:Query","Resource":%q}]}`, arn("dynamodb", "table/"+s.physical("ProgrammeTable")+"*")))
	if got := calendar(s.t, base); got != http.StatusInternalServerError {
		s.t.Errorf("without the right to query, the calendar answers %d: roles are not enforced", got)
	}
}
