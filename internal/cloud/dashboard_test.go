package cloud

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// declaredMetrics are the constants of package metric, by their value.
func declaredMetrics(t *testing.T) map[string]bool {
	t.Helper()
	tree, err := parser.ParseFile(token.NewFileSet(), root+"/internal/metric/metric.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	ast.Inspect(tree, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if l, ok := v.Values[0].(*ast.BasicLit); ok {
				value, err := strconv.Unquote(l.Value)
				if err != nil || value != v.Names[0].Name {
					t.Errorf("the metric %s is called %s", v.Names[0].Name, l.Value)
				}
				out[value] = true
			}
		}
		return true
	})
	if len(out) < 10 {
		t.Fatalf("only %d metrics found", len(out))
	}
	return out
}

// writtenMetrics are those that code outside of tests names, and so counts.
func writtenMetrics(t *testing.T) map[string]bool {
	t.Helper()
	out := map[string]bool{}
	err := filepath.WalkDir(root+"/internal", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		tree, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(tree, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "metric" {
					out[s.Sel.Name] = true
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, other := range []string{"Meter", "Name", "Counts"} {
		delete(out, other)
	}
	return out
}

// widget is what the dashboard's body says of one.
type widget struct {
	Type                string
	X, Y, Width, Height int
	Properties          struct {
		Title, Region, View, Stat string
		Period                    int
		Metrics                   [][]any
	}
}

func dashboard(t *testing.T) []widget {
	t.Helper()
	body := resources(t, "AWS::CloudWatch::Dashboard")["Dashboard"].At("DashboardBody")
	if body.Tag != "!Sub" {
		t.Fatalf("the dashboard is %s", body.Tag)
	}
	var d struct{ Widgets []widget }
	dec := json.NewDecoder(strings.NewReader(body.Value))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&d); err != nil {
		t.Fatalf("the dashboard is no JSON: %v", err)
	}
	return d.Widgets
}

// Each number of the programme is declared, counted somewhere and shown; alarms and dashboard name none beside.
func TestMetricsAreCountedAndShown(t *testing.T) {
	declared, written := declaredMetrics(t), writtenMetrics(t)
	shown, watched := map[string]bool{}, map[string]bool{}
	for _, w := range dashboard(t) {
		for _, m := range w.Properties.Metrics {
			if m[0] != namespace {
				continue
			}
			shown[m[1].(string)] = true
			if len(m) != 4 || m[2] != dimension || m[3] != "${ProgrammeId}" || w.Properties.Stat != "Sum" {
				t.Errorf("%q shows %v, which nobody writes", w.Properties.Title, m)
			}
		}
	}
	for name, a := range resources(t, "AWS::CloudWatch::Alarm") {
		if a.At("Namespace").Value != namespace {
			continue
		}
		watched[a.At("MetricName").Value] = true
		if d := dimensions(a); len(d) != 1 || d[dimension] != "!Ref ProgrammeId" || a.At("Statistic").Value != "Sum" {
			t.Errorf("%s watches %v, which nobody writes", name, d)
		}
	}
	if v := readTemplate(t).At("Globals", "Function", "Environment", "Variables", "LIAISON_ID").Text(); v != "!Ref ProgrammeId" {
		t.Errorf("functions count for %s", v)
	}
	for name := range declared {
		if !written[name] || !shown[name] {
			t.Errorf("%s: counted %v, shown %v", name, written[name], shown[name])
		}
	}
	for _, named := range []map[string]bool{written, shown, watched} {
		for name := range named {
			if !declared[name] {
				t.Errorf("%s is named and is not declared", name)
			}
		}
	}
	for _, name := range []string{"Held", "Failures", "MailsLost", "Repeated", "Doubt"} {
		if !watched[name] {
			t.Errorf("nobody is told of %s", name)
		}
	}
}

// What the dashboard shows of AWS's own numbers is there: each queue, each function; and no widget lies over another.
func TestTheDashboardShowsEverything(t *testing.T) {
	text := resources(t, "AWS::CloudWatch::Dashboard")["Dashboard"].At("DashboardBody").Value
	for name := range resources(t, "AWS::SQS::Queue") {
		if !strings.Contains(text, `"${`+name+`.QueueName}"`) {
			t.Errorf("%s is not shown", name)
		}
	}
	for name := range resources(t, "AWS::Serverless::Function") {
		if !strings.Contains(text, `"${`+name+`}"`) {
			t.Errorf("%s is not shown", name)
		}
	}
	taken := map[[2]int]string{}
	numbers := 0
	for _, w := range dashboard(t) {
		numbers += len(w.Properties.Metrics)
		if w.X+w.Width > 24 || w.Properties.Region != "${AWS::Region}" || w.Properties.Title == "" {
			t.Errorf("%q is not whole", w.Properties.Title)
		}
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				if other := taken[[2]int{x, y}]; other != "" {
					t.Fatalf("%q lies over %q", w.Properties.Title, other)
				}
				taken[[2]int{x, y}] = w.Properties.Title
			}
		}
	}
	if numbers > 50 {
		t.Errorf("%d numbers: a dashboard with more than 50 is billed", numbers)
	}
}
