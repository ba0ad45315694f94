package sam_test

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"liaison/internal/sam"
)

const text = `
Parameters:
  Domain: {Type: String, Default: ""}
  Name: {Type: String}
Conditions:
  HasDomain: !Not [!Equals [!Ref Domain, ""]]
  Both: !And [!Condition HasDomain, !Equals [!Ref Name, x]]
  Either: !Or [!Condition HasDomain, !Equals [!Ref Name, x]]
Globals: {Function: {Timeout: 29, Environment: {Variables: {BASE: !If [HasDomain, !Sub "https://${Domain}", !GetAtt Api.Url], N: 1}}}}
Resources:
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/f, Environment: {Variables: {OWN: !Join ["/", [!Ref Name, !Ref T, "${!x}"]]}}}}
Other:
  Sub: !Sub ["${a}-${T.Arn}-${!Literal}-${AWS::Region}", {a: !Ref Name}]
  Unknown: !GetAtt Nothing.Arn
  Strange: !Select [0, [a]]
`

func read(t *testing.T) sam.Template {
	t.Helper()
	path := filepath.Join(t.TempDir(), "t.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := sam.Read(path)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestValues(t *testing.T) {
	tpl := read(t)
	known := map[string]string{"Api.Url": "http://api", "T": "table", "T.Arn": "arn:t", "AWS::Region": "eu"}
	list, err := tpl.Functions()
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	for domain, base := range map[string]string{"": "http://api", "d.example": "https://d.example"} {
		v := sam.Values{Template: tpl, Parameters: map[string]string{"Name": "x", "Domain": domain}, Known: known}
		vars, err := v.Variables(list[0])
		if want := map[string]string{"BASE": base, "N": "1", "OWN": "x/table/${!x}"}; err != nil || !reflect.DeepEqual(vars, want) {
			t.Errorf("variables %v, %v; want %v", vars, err, want)
		}
		for name, want := range map[string]bool{"HasDomain": domain != "", "Both": domain != "", "Either": true} {
			if got, err := v.Condition(name); got != want || err != nil {
				t.Errorf("%s is %v, %v", name, got, err)
			}
		}
		if got, err := v.Text(tpl.At("Other", "Sub")); err != nil || got != "x-arn:t-${Literal}-eu" {
			t.Errorf("%q, %v", got, err)
		}
		for _, name := range []string{"Unknown", "Strange", "NotThere"} {
			if got, err := v.Text(tpl.At("Other", name)); err == nil {
				t.Errorf("%s gives %q", name, got)
			}
		}
	}
	v := sam.Values{Template: tpl, Known: known}
	if _, err := v.Variables(list[0]); err == nil {
		t.Error("a parameter that is not given has a value")
	}
	if n, err := tpl.Timeout(list[0]); n != 29 || err != nil {
		t.Error(n, err)
	}
}

func TestRoutes(t *testing.T) {
	g := sam.Gateway{Routes: map[string]string{"/en/events/{id}/presenters": "a", "/en/presenters/{rest+}": "b", "/desk": "c", "/desk/{rest+}": "c", sam.Default: "d"}}
	for path, want := range map[string]string{
		"/en/events/7/presenters": "a", "/en/events/7/presenters/": "a", "/en/presenters/x/y": "b", "/en/presenters": "d", "/desk": "c", "/desk/": "c", "/desk/a": "c", "/": "d", "/en/events/7": "d",
	} {
		if r, err := g.Choose(path); err != nil || g.Routes[r] != want {
			t.Errorf("%s goes to %s by %s, %v", path, g.Routes[r], r, err)
		}
	}
	g.Routes["/en/{x}/7/presenters"] = "e"
	if r, err := g.Choose("/en/events/7/presenters"); err == nil {
		t.Errorf("of two that fit, %s is chosen", r)
	}
	if got := sam.Variables("/en/events/{id}/presenters/{rest+}", "/en/events/7/presenters/a/b"); !reflect.DeepEqual(got, map[string]string{"id": "7", "rest": "a/b"}) {
		t.Errorf("%v", got)
	}
}
