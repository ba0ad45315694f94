package deployment

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestTheMakefileBuildsWithTheSameFlags: what the tests run is built as `make build`, `make sam-build` and `make deploy` build it.
func TestTheMakefileBuildsWithTheSameFlags(t *testing.T) {
	text, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	flags := regexp.MustCompile(`(?m)^FLAGS = (.*)$`).FindSubmatch(text)
	if flags == nil {
		t.Fatal("the Makefile has no FLAGS")
	}
	have := strings.NewReplacer(`"`, "", " $(STAMP)", "").Replace(string(flags[1]))
	if want := strings.Join(Flags, " "); have != want {
		t.Errorf("the Makefile builds with %s, the tests with %s", have, want)
	}
	for _, use := range []string{"$(LAMBDA) GOOS=linux GOARCH=arm64 go build", "$(LAMBDA) sam build", "LAMBDA = CGO_ENABLED=0 GOFLAGS='$(FLAGS)'"} {
		if !strings.Contains(string(text), use) {
			t.Errorf("the Makefile has no %q", use)
		}
	}
}
