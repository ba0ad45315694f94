package archtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// weight is a package, with all below it, that only some functions may link.
type weight struct {
	of  string // a path, or the beginning of paths where it ends in "/"
	in  string // folders of functions/, separated by spaces; empty for none
	why string
}

// weights is what is heavy, or what would be a surprise to find in a function. The law of imports says who may name what; this says
// what may come along. How many bytes come of it is told by infra/sizes.sh.
var weights = []weight{
	{"modernc.org/", "", "SQLite is for one machine"},
	{"database/sql", "", "SQLite is for one machine"},
	{"liaison/internal/table/sqlite", "", "SQLite is for one machine"},
	{"liaison/infra/", "", "stand-ins and tools are never deployed"},
	{"liaison/internal/app/all", "", "it joins what Lambdas keep apart"},
	{"liaison/internal/app/apptest", "", "tests only"},
	{"liaison/internal/sam", "", "the template is read by tests and tools"},
	{"testing", "", "tests only"},
	{"net/http/httptest", "", "tests only"},
	{"github.com/chromedp/", "", "browsers test"},
	{"github.com/xuri/", "", "it writes the workbooks of tests"},
	{"github.com/go-fonts/", "", "its fonts are packed into letter/pdf"},
	{"github.com/aws/aws-sdk-go-v2/config", "", "it brings single sign-on and what else Lambda has not"},
	{"golang.org/x/text/language/display", "", "names in all languages of the world weigh 2 MB"},
	{"codeberg.org/go-pdf/", "press", "issues are printed when they start, and previewed"},
	{"liaison/internal/letter/pdf", "press", "issues are printed when they start, and previewed"},
	{"liaison/internal/letter/edition", "press", "issues become letters when they start, and are previewed"},
	{"image", "press", "the PDF library reads images"},
	{"encoding/gob", "press", "the PDF library can store templates"},
	{"github.com/yuin/", "press", "authors' Markdown is set"},
	{"github.com/yuin/goldmark/renderer", "", "Markdown becomes blocks without HTML in between"},
	{"github.com/microcosm-cc/", "", "it judges in tests"},
	{"golang.org/x/net/html", "", "tests read pages with it"},
	{"github.com/arran4/", "publications", "the calendar's file"},
	{"liaison/internal/form/xlsx", "desk intake", "lists are uploaded"},
	{"archive/zip", "desk intake", "workbooks are archives"},
	{"golang.org/x/text/encoding", "desk intake", "lists come in old encodings"},
	{"liaison/internal/form", "desk intake presenters press publications recommend subscriptions", "pages hold forms"},
	{"liaison/internal/web", "desk intake presenters press publications recommend subscriptions", "requests are answered with pages"},
	{"liaison/internal/web/desk", "desk", "its own pages"},
	{"liaison/internal/web/intake", "intake", "its own pages"},
	{"liaison/internal/web/press", "press", "its own pages"},
	{"liaison/internal/prose", "press", "authors' Markdown is read"},
	{"liaison/internal/web/presenters", "presenters", "its own pages"},
	{"liaison/internal/web/publications", "publications", "its own pages"},
	{"liaison/internal/web/recommend", "recommend", "its own pages"},
	{"liaison/internal/web/subscriptions", "subscriptions", "its own pages"},
	{"liaison/internal/letter", "clock desk intake presenters press recommend subscriptions", "they write to people"},
	{"liaison/internal/matching", "desk presenters recommend", "they rank, and registration asks in the words of the ranking"},
	{"liaison/internal/mail/sesevent", "feedback", "SES reports to it"},
	{"github.com/aws/aws-sdk-go-v2/service/sesv2", "deliver", "it alone sends mail"},
	{"github.com/aws/aws-sdk-go-v2/service/sqs", "clock deliver desk fanout intake presenters recommend subscriptions", "they send tasks, or wake who sends mail"},
}

// Linked tells for each function, by its folder, every package that is compiled into it for AWS Lambda.
func Linked(root string) (map[string][]string, error) {
	c := exec.Command("go", "list", "-deps", "-json=ImportPath,Imports", "-tags", "lambda.norpc,nethttpomithttp2", "./functions/...")
	c.Dir, c.Env = root, append(os.Environ(), "GOOS=linux", "GOARCH=arm64", "CGO_ENABLED=0")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	out, err := c.Output()
	if err != nil {
		return nil, fmt.Errorf("archtest: go list: %w: %s", err, stderr.Bytes())
	}
	imports := map[string][]string{}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		imports[p.ImportPath] = p.Imports
	}
	linked := map[string][]string{}
	for p := range imports {
		if folder, ok := strings.CutPrefix(p, Module+"/functions/"); ok {
			seen := map[string]bool{}
			reach(p, imports, seen)
			linked[folder] = slices.Sorted(maps.Keys(seen))
		}
	}
	return linked, nil
}

func reach(p string, imports map[string][]string, seen map[string]bool) {
	if seen[p] {
		return
	}
	seen[p] = true
	for _, i := range imports[p] {
		reach(i, imports, seen)
	}
}

// Overweight names every function that links what it must not, and every permission that nothing makes use of.
func Overweight(linked map[string][]string, law []weight) []string {
	var faults []string
	for _, w := range law {
		used := map[string]bool{}
		for folder, packages := range linked {
			for _, p := range packages {
				if p != w.of && !strings.HasPrefix(p, strings.TrimSuffix(w.of, "/")+"/") {
					continue
				}
				if !slices.Contains(strings.Fields(w.in), folder) {
					faults = append(faults, fmt.Sprintf("functions/%s links %s; only %s may: %s", folder, p, orNone(strings.Fields(w.in)), w.why))
				}
				used[folder] = true
			}
		}
		for _, folder := range strings.Fields(w.in) {
			if !used[folder] {
				faults = append(faults, fmt.Sprintf("functions/%s may link %s and does not", folder, w.of))
			}
		}
	}
	slices.Sort(faults)
	return faults
}
