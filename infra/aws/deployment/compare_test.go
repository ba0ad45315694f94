//go:build aws

package deployment

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// lacks are the properties that the emulator does not keep as the template says, so that nothing here is proof of them. Each must be so:
// when a newer emulator keeps one, the test fails until it is taken from the list.
var lacks = map[string]string{
	"AWS::DynamoDB::Table PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled": "keeps no earlier points in time",
	"AWS::DynamoDB::Table SSESpecification.SSEEnabled":                                 "does not tell of encryption",
	"AWS::DynamoDB::Table TimeToLiveSpecification.AttributeName":                       "deletes no expired items",
	"AWS::DynamoDB::Table TimeToLiveSpecification.Enabled":                             "deletes no expired items",
	"AWS::SES::EmailIdentity DkimSigningAttributes":                                    "does not tell of DKIM keys",
	"AWS::SecretsManager::Secret GenerateSecretString.ExcludePunctuation":              "puts punctuation into a generated secret all the same",
	"AWS::SNS::Topic DisplayName":                                                      "does not tell of a topic's display name",
}

// inspect holds every resource of the stack against the template: those properties that the template gives, as the service itself tells
// them.
func inspect(t *testing.T, s *stack) {
	r := s.resolver()
	found := map[string][]string{} // what differs, by type and property
	compared := map[string]int{}
	for name, v := range section(r.text, "Resources") {
		declared := v.(map[string]any)
		kind := fmt.Sprint(declared["Type"])
		if c, ok := declared["Condition"]; ok && !r.holds(map[string]any{"Condition": c}) {
			if _, ok := s.resources[name]; ok {
				t.Errorf("%s was made against its condition", name)
			}
			continue
		}
		made, ok := s.resources[name]
		if !ok || !strings.HasSuffix(made.ResourceStatus, "E_COMPLETE") || made.ResourceType != kind {
			t.Errorf("%s of type %s: %+v", name, kind, made)
			continue
		}
		look := looks[kind]
		if look == nil {
			t.Errorf("%s: nobody looks at resources of type %s", name, kind)
			continue
		}
		properties, _ := declared["Properties"].(map[string]any)
		want := r.value(properties).(map[string]any)
		compared[kind]++
		differ("", want, look(r, name, made.PhysicalResourceId, want), func(path string, want, got any) {
			key := kind + " " + path
			found[key] = append(found[key], fmt.Sprintf("%s: the template says %s, there is %s", name, short(want), short(got)))
		})
	}
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if lacks[key] == "" {
			t.Errorf("%s\n\t%s", key, strings.Join(found[key], "\n\t"))
		}
	}
	for key, why := range lacks {
		if len(found[key]) == 0 {
			t.Errorf("the emulator keeps %s now: it is no longer true that it %s", key, why)
		}
	}
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(compared)) {
		t.Logf("%3d × %s", compared[kind], kind)
		total += compared[kind]
	}
	t.Logf("%d resources are as the template says but for %d properties", total, len(lacks))
}

func short(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return fmt.Sprintf("%.200s", text)
}

// differ reports where got is not what want says. What want does not name may be anything. CloudFormation turns texts into numbers and
// booleans as a property needs, so only the writing counts.
func differ(path string, want, got any, report func(path string, want, got any)) {
	switch want := want.(type) {
	case map[string]any:
		have, ok := got.(map[string]any)
		if !ok {
			report(path, want, got)
			return
		}
		for k, w := range want {
			below := k
			if path != "" {
				below = path + "." + k
			}
			if strings.ContainsAny(k, " /") { // a route, not a property
				below = path + ".*"
			}
			differ(below, w, have[k], report)
		}
	case []any:
		have, ok := got.([]any)
		if !ok || len(have) != len(want) {
			report(path, want, got)
			return
		}
		for i, w := range want {
			differ(path, w, have[i], report)
		}
	default:
		if !same(fmt.Sprint(want), fmt.Sprint(got)) {
			report(path, want, got)
		}
	}
}

// same tells whether two values are written alike, or are the same number.
func same(a, b string) bool {
	x, errX := strconv.ParseFloat(a, 64)
	y, errY := strconv.ParseFloat(b, 64)
	return a == b || errX == nil && errY == nil && x == y
}
