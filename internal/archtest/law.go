package archtest

import (
	"fmt"
	"path"
	"strings"
)

// Module is the path of ours.
const Module = "liaison"

// room is one rule: what packages of a kind may import of ours. A pattern that ends in "/..." means everything below as well;
// {function} stands for the last part of the importing package's path.
type room struct {
	of   string   // pattern of the packages it holds for
	may  []string // patterns of what they may import
	note string
}

var (
	kernel = []string{"internal/people", "internal/programme", "internal/table", "internal/mail", "internal/link", "internal/audit", "internal/metric", "internal/prose"}
	pages  = join(kernel, "internal/words", "internal/form/...", "internal/letter/...", "internal/web", domains)
)

// domains stands for every package of an idea: whatever is in internal/ and is named by no other rule.
const domains = "(domain)"

// law is read from the top: the first rule whose pattern fits counts.
var law = []room{
	{"functions/...", []string{"internal/app/{function}", "internal/cloud/..."}, "a main delegates to the package of app that has its name"},
	{"infra/smoke/...", []string{"infra/smoke/..."}, "the smoke run knows addresses only"},
	{"infra/local/...", []string{"internal/...", "infra/local/..."}, "one machine is without AWS"},
	{"infra/...", []string{"internal/...", "infra/..."}, ""},
	{"internal/app", join(kernel, "internal/distribution", "internal/mail/outbox"), "what all functions have in common is light"},
	{"internal/app/site", []string{"internal/app", "internal/web"}, "the site knows no pages"},
	{"internal/app/all", []string{"internal/app", "internal/app/...", "internal/web"}, "it joins, and assembles nothing itself"},
	{"internal/app/audience", join(kernel, "internal/app", "internal/mail/outbox", domains), "it writes to nobody"},
	{"internal/app/rooms", join(kernel, "internal/app", "internal/letter", domains), "ideas and their letters; no pages, no paper"},
	{"internal/app/ranking", join(kernel, domains), "ideas brought together; no pages, no letters"},
	{"internal/app/apptest", join(kernel, "internal/app/...", "internal/web", "internal/mail/outbox", "internal/table/sqlite", domains), "the assembly, with an engine"},
	{"internal/app/...", join(pages, "internal/web/{function}", "internal/web/issue", "internal/mail/outbox", "internal/mail/sesevent", "internal/app", "internal/app/site", "internal/app/audience", "internal/app/rooms", "internal/app/ranking"),
		"a function is put together of shared parts and its own pages, never of another function"},
	{"internal/cloud", join(kernel, "internal/app", "internal/words", "internal/distribution", "internal/table/dynamo", "internal/transport"), "what only some functions need is below it"},
	{"internal/cloud/...", []string{"internal/cloud", "internal/distribution", "internal/mail/outbox", "internal/mail/ses"}, "a part of the outside world"},
	{"internal/web", join(kernel, "internal/words", "internal/form/..."), "the kernel of pages knows no idea"},
	{"internal/web/...", join(pages, "internal/web/questionnaire", "internal/web/issue"), "pages know ideas and words, and of each other only the questionnaires that the public fills in and the desk reads, and what desk and press say of issues"},
	{"internal/letter/...", []string{"internal/people", "internal/programme", "internal/mail", "internal/words", "internal/prose", "internal/letter/..."}, "letters are pure"},
	{"internal/form/...", []string{"internal/people", "internal/words", "internal/form/..."}, "forms know no idea"},
	{"internal/words", []string{"internal/people"}, ""},
	{"internal/people", nil, "the shared kernel rests on nothing"},
	{"internal/programme", []string{"internal/people"}, ""},
	{"internal/prose", nil, ""},
	{"internal/link", []string{"internal/people"}, ""},
	{"internal/audit", []string{"internal/people", "internal/table"}, ""},
	{"internal/table", nil, "the port knows no engine"},
	{"internal/table/...", []string{"internal/table"}, "an engine knows the port"},
	{"internal/mail", []string{"internal/people"}, ""},
	{"internal/metric", nil, "names, and a function that hears them"},
	{"internal/transport", nil, ""},
	{"internal/sam", nil, "the template as it stands; tests and infra read it"},
	{"internal/mail/...", []string{"internal/people", "internal/mail", "internal/metric", "internal/table", "internal/transport"}, ""},
	{"internal/archtest", nil, ""},
	{domains, kernel, "an idea imports the kernel and no other idea"},
}

// engines may be named only here, whatever the rules above say.
var engines = []struct {
	engine string
	in     []string
}{
	{"internal/table/sqlite", []string{"infra/...", "internal/app/apptest"}},
	{"internal/table/dynamo", []string{"infra/...", "internal/cloud"}},
	{"internal/mail/ses", []string{"infra/...", "internal/cloud/mail"}},
	{"internal/cloud/...", []string{"functions/...", "internal/cloud/...", "infra/aws/...", "infra/configure", "infra/rotate", "infra/lambda/..."}},
	{"internal/sam", []string{"infra/..."}},
	{"internal/app/apptest", nil}, // tests only
	{"internal/app/all", []string{"infra/local"}},
	{"internal/table/tabletest", nil},
}

// libraries says in which rooms each module that is not ours may be named. Tests may name any of them, but for the first three.
var libraries = []struct {
	prefix string
	in     []string
}{
	{"github.com/aws/", []string{"internal/cloud/...", "internal/table/dynamo", "internal/mail/ses", "infra/..."}},
	{"github.com/awslabs/aws-lambda-go-api-proxy/", []string{"internal/cloud"}},
	{"modernc.org/sqlite", []string{"internal/table/sqlite", "infra/local/..."}},
	{"aidanwoods.dev/", []string{"internal/link"}},
	{"codeberg.org/go-pdf/fpdf", []string{"internal/letter/..."}},
	{"github.com/go-fonts/", []string{"internal/letter/..."}},
	{"github.com/xuri/excelize", nil}, // writes the workbooks of tests, and is the judge of what ours reads
	{"maragu.dev/gomponents", []string{"internal/web/...", "internal/letter/..."}},
	{"github.com/yuin/goldmark", []string{"internal/prose"}},
	{"github.com/microcosm-cc/bluemonday", nil}, // judges in tests
	{"github.com/arran4/golang-ical", []string{"internal/web/..."}},
	{"github.com/google/uuid", []string{"internal/...", "infra/..."}},
	{"github.com/google/go-cmp/", []string{"internal/...", "infra/..."}},
	{"github.com/chromedp/", []string{"infra/..."}},
	{"pgregory.net/rapid", []string{"internal/...", "infra/..."}},
	{"go.yaml.in/yaml/", []string{"internal/sam", "infra/aws/..."}},
	{"golang.org/x/", []string{"internal/...", "infra/..."}},
}

func ownImport(f File, own string) string {
	if f.Test {
		return testImport(f, own)
	}
	for _, e := range engines {
		if fits(e.engine, own) && f.Package != own && !fitsAny(e.in, f.Package) {
			return "only " + orNone(e.in) + " may name it"
		}
	}
	for _, r := range law {
		if !fits(r.of, f.Package) {
			continue
		}
		if own == f.Package || strings.HasPrefix(own, f.Package+"/") && r.of == domains || fitsAny(of(path.Base(f.Package), r.may), own) {
			return ""
		}
		return fmt.Sprintf("%s may import only %s (%s)", r.of, orNone(r.may), r.note)
	}
	return "no rule holds for " + f.Package
}

// testImport: tests may name what they test with, but no Lambda and nothing of infra.
func testImport(f File, own string) string {
	if strings.HasPrefix(own, "functions/") || strings.HasPrefix(own, "infra/") && !strings.HasPrefix(f.Package, "infra/") {
		return "a test of internal does not reach outside"
	}
	return ""
}

func foreignImport(f File, imp string) string {
	if strings.HasPrefix(f.Package, "functions/") {
		return "a main only delegates"
	}
	for i, l := range libraries {
		if strings.HasPrefix(imp, l.prefix) {
			if fitsAny(l.in, f.Package) || f.Test && i >= 3 {
				return ""
			}
			return "it lives in " + orNone(l.in)
		}
	}
	return "say in law.go in which room this library lives"
}

// fits tells whether package p is of the pattern.
func fits(pattern, p string) bool {
	switch {
	case pattern == domains:
		return isDomain(p)
	case strings.HasSuffix(pattern, "/..."):
		base := strings.TrimSuffix(pattern, "/...")
		return p == base || strings.HasPrefix(p, base+"/")
	}
	return p == pattern
}

func fitsAny(patterns []string, p string) bool {
	for _, pattern := range patterns {
		if fits(pattern, p) {
			return true
		}
	}
	return false
}

// isDomain: in internal/ and named by no rule of its own.
func isDomain(p string) bool {
	if !strings.HasPrefix(p, "internal/") {
		return false
	}
	for _, r := range law {
		if r.of != domains && r.of != "infra/..." && fits(r.of, p) {
			return false
		}
	}
	return true
}

// of puts a function's name into patterns.
func of(function string, patterns []string) []string {
	out := make([]string, len(patterns))
	for i, p := range patterns {
		out[i] = strings.ReplaceAll(p, "{function}", function)
	}
	return out
}

func orNone(patterns []string) string {
	if len(patterns) == 0 {
		return "nothing"
	}
	return strings.Join(patterns, ", ")
}

func join(lists []string, more ...string) []string {
	return append(lists[:len(lists):len(lists)], more...)
}
