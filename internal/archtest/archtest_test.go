package archtest

import (
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const root = "../.."

func tree(t *testing.T) []File {
	t.Helper()
	files, err := Read(root)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d files found: is the root right?", len(files))
	}
	return files
}

func TestImportLaw(t *testing.T) {
	for _, fault := range Check(tree(t)) {
		t.Error(fault)
	}
}

// The law itself can be broken: each of these must be named.
func TestLawNoticesBreaches(t *testing.T) {
	breaches := map[string]string{
		"functions/intake/main.go":        "liaison/internal/survey",
		"functions/clock/main.go":         "github.com/aws/aws-lambda-go/lambda",
		"functions/feedback/main.go":      "liaison/internal/app/deliver",
		"functions/fanout/main.go":        "liaison/internal/app",
		"functions/desk/main.go":          "liaison/internal/app/all",
		"infra/local/main.go":             "liaison/internal/cloud",
		"infra/smoke/smoke.go":            "liaison/internal/app",
		"internal/app/app.go":             "liaison/internal/cloud",
		"internal/app/world.go":           "liaison/internal/table/sqlite",
		"internal/app/help.go":            "liaison/internal/app/apptest",
		"internal/app/letters.go":         "liaison/internal/letter",
		"internal/app/desk/x.go":          "liaison/internal/app/clock",
		"internal/app/intake/x.go":        "liaison/internal/web/desk",
		"internal/app/deliver/x.go":       "liaison/internal/app/all",
		"internal/app/audience/x.go":      "liaison/internal/letter",
		"internal/app/rooms/x.go":         "liaison/internal/letter/pdf",
		"internal/app/clock/y.go":         "liaison/internal/app/press",
		"internal/app/rooms/y.go":         "liaison/internal/letter/edition",
		"internal/web/web.go":             "liaison/internal/survey",
		"internal/web/intake/survey.go":   "liaison/internal/web/desk",
		"internal/web/desk/answers.go":    "liaison/internal/app",
		"internal/survey/survey.go":       "liaison/internal/subscription",
		"internal/survey/page.go":         "liaison/internal/web",
		"internal/survey/store.go":        "github.com/aws/aws-sdk-go-v2/service/dynamodb",
		"internal/presenter/words.go":     "liaison/internal/words",
		"internal/letter/issue.go":        "liaison/internal/table",
		"internal/table/table.go":         "liaison/internal/table/sqlite",
		"internal/table/dynamo/x.go":      "liaison/internal/people",
		"internal/people/people.go":       "liaison/internal/programme",
		"internal/cloud/x.go":             "modernc.org/sqlite",
		"internal/cloud/y.go":             "liaison/internal/web/desk",
		"internal/form/list/x_test.go":    "github.com/aws/aws-sdk-go-v2/aws",
		"internal/newsletter/pdf.go":      "codeberg.org/go-pdf/fpdf",
		"internal/newsletter/new.go":      "example.com/some/library",
		"internal/newsletter/out_test.go": "liaison/infra/local/ses",
	}
	for file, imp := range breaches {
		f, err := parse(file, file, "package x\nimport _ \""+imp+"\"\n")
		if err != nil {
			t.Fatal(err)
		}
		if len(Check([]File{f})) != 1 {
			t.Errorf("%s may import %s", file, imp)
		}
	}
	lawful := map[string]string{
		"functions/intake/main.go": "liaison/internal/cloud", "functions/clock/main.go": "liaison/internal/app/clock", "infra/local/main.go": "liaison/internal/table/sqlite", "internal/web/desk/answers.go": "liaison/internal/survey",
		"internal/survey/store.go": "liaison/internal/table", "internal/survey/survey_test.go": "liaison/internal/table/sqlite", "internal/distribution/inner/x.go": "liaison/internal/table",
		"internal/app/desk/desk.go": "liaison/internal/web/desk", "infra/local/all.go": "liaison/internal/app/all", "internal/cloud/x.go": "liaison/internal/table/dynamo",
	}
	for file, imp := range lawful {
		f, err := parse(file, file, "package x\nimport _ \""+imp+"\"\n")
		if err != nil {
			t.Fatal(err)
		}
		if faults := Check([]File{f}); len(faults) != 0 {
			t.Errorf("%s", faults)
		}
	}
}

func TestEveryPackageSaysWhyItExists(t *testing.T) {
	docs, names := map[string]string{}, map[string]string{}
	for _, f := range tree(t) {
		if !f.Test {
			docs[f.Package] += f.Doc
			names[f.Package] = f.Name
		}
	}
	for p, doc := range docs {
		if names[p] != "main" && !strings.HasPrefix(doc, "Package "+names[p]+" ") || len(doc) < 60 {
			t.Errorf("%s: package comment %q", p, doc)
		}
	}
}

func TestMains(t *testing.T) {
	folders, err := os.ReadDir(root + "/functions")
	if err != nil {
		t.Fatal(err)
	}
	mains := map[string]int{}
	for _, f := range tree(t) {
		if !strings.HasPrefix(f.Package, "functions/") {
			continue
		}
		name := path.Base(f.Package)
		mains[name]++
		if f.Name != "main" || path.Dir(f.Package) != "functions" {
			t.Errorf("%s: functions holds mains and nothing else", f.Path)
		}
		if f.Lines >= 30 {
			t.Errorf("%s has %d lines", f.Path, f.Lines)
		}
		first, _, _ := strings.Cut(strings.ReplaceAll(f.Doc, "\n", " "), ". ")
		if !strings.Contains(first, " sets off "+name) {
			t.Errorf("%s does not open with what sets it off: %q", f.Path, first)
		}
	}
	for _, d := range folders {
		if mains[d.Name()] != 1 {
			t.Errorf("functions/%s has %d files, want its main", d.Name(), mains[d.Name()])
		}
	}
}

var unfinished = regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME|XX` + `X)\b|\bt\.Sk` + `ip(Now|f)?\(`)

// The tour of the house in the README leads past every room.
func TestTheReadmeNamesEveryRoom(t *testing.T) {
	text, err := os.ReadFile(root + "/README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, tour, _ := strings.Cut(string(text), "## The house")
	tour, _, _ = strings.Cut(tour, "\n## ")
	for _, wing := range []string{"functions", "internal", "infra"} {
		rooms, err := os.ReadDir(root + "/" + wing)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rooms {
			if r.IsDir() && !slices.Contains(strings.Fields(tour), r.Name()) && !slices.Contains(strings.Fields(tour), r.Name()+"/") {
				t.Errorf("README.md does not name %s/%s", wing, r.Name())
			}
		}
	}
}

func TestNothingUnfinishedAndNothingEndless(t *testing.T) {
	for _, f := range tree(t) {
		text, err := os.ReadFile(root + "/" + f.Path)
		if err != nil {
			t.Fatal(err)
		}
		if m := unfinished.Find(text); m != nil {
			t.Errorf("%s holds %q", f.Path, m)
		}
		if !f.Test && f.Lines > 350 {
			t.Errorf("%s has %d lines: what are its two ideas?", f.Path, f.Lines)
		}
	}
}

// Top level is what a visitor sees first.
func TestTopLevel(t *testing.T) {
	want := map[string]bool{"functions": true, "internal": true, "infra": true, "template.yaml": true, "Makefile": true, "go.mod": true, "go.sum": true, "README.md": true, "LICENSE": true, "bin": true}
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !want[e.Name()] && !strings.HasPrefix(e.Name(), ".") {
			t.Errorf("%s does not belong at the top", e.Name())
		}
	}
}
