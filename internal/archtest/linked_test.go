package archtest

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestFunctionsLinkWhatTheyNeed holds what the compiler is given for each Lambda against the list of weights.
func TestFunctionsLinkWhatTheyNeed(t *testing.T) {
	linked, err := Linked(root)
	if err != nil {
		t.Fatal(err)
	}
	folders, err := os.ReadDir(root + "/functions")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range folders {
		if all := linked[f.Name()]; !slices.Contains(all, "liaison/internal/cloud") || !slices.Contains(all, "github.com/aws/aws-sdk-go-v2/service/dynamodb") {
			t.Errorf("functions/%s: %d packages, and none of what every function needs", f.Name(), len(all))
		}
	}
	for _, fault := range Overweight(linked, weights) {
		t.Error(fault)
	}
}

func TestOverweightIsNoticed(t *testing.T) {
	law := []weight{{"modernc.org/", "", "one machine"}, {"image", "clock desk", "it prints"}, {"a.org/b", "desk", "it reads"}}
	linked := map[string][]string{
		"clock": {"image/png", "images/x", "modernc.org.example/x"}, "desk": {"image", "a.org/b/c", "a.org/bc"}, "intake": {"image/png", "modernc.org/sqlite/lib", "os"}, "fanout": {"a.org/b"},
	}
	want := []string{
		"functions/fanout links a.org/b; only desk may: it reads",
		"functions/intake links image/png; only clock, desk may: it prints",
		"functions/intake links modernc.org/sqlite/lib; only nothing may: one machine",
	}
	if diff := cmp.Diff(want, Overweight(linked, law)); diff != "" {
		t.Error(diff)
	}
	delete(linked, "desk")
	if faults := strings.Join(Overweight(linked, law), "; "); !strings.Contains(faults, "functions/desk may link image and does not") {
		t.Errorf("a permission that is not made use of: %s", faults)
	}
}
