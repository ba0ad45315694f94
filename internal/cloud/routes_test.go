package cloud

import (
	"strings"
	"testing"

	"liaison/internal/app/all"
	"liaison/internal/app/apptest"
	"liaison/internal/words"
)

// examples are addresses of a route of ours, one for each language; without its slash at the end, too.
func examples(path string) []string {
	var out []string
	if p, ok := strings.CutSuffix(path, "/{$}"); ok {
		out, path = examples(p), p+"/"
	}
	for _, l := range words.Languages {
		var parts []string
		for s := range strings.SplitSeq(path, "/") {
			switch {
			case s == "{lang}":
				s = string(l)
			case strings.HasSuffix(s, "...}"):
				s = "some/where"
			case strings.HasPrefix(s, "{"):
				s = "7"
			}
			parts = append(parts, s)
		}
		out = append(out, strings.Join(parts, "/"))
		if !strings.Contains(path, "{lang}") {
			break
		}
	}
	return out
}

// Each address of a function reaches it through the API, and each route of the API leads to a function that has an address there.
func TestRoutesOfTheTemplateAreThoseOfTheCode(t *testing.T) {
	g, err := readTemplate(t).Gateway()
	if err != nil {
		t.Fatal(err)
	}
	for id, p := range resources(t, "AWS::ApiGatewayV2::Integration") {
		if to := p.At("IntegrationUri").Text(); !strings.HasSuffix(to, "Function.Alias") {
			t.Errorf("%s leads to %s, not to what is released", id, to)
		}
	}
	routes, err := all.Routes(apptest.New(t).Outside)
	if err != nil {
		t.Fatal(err)
	}
	taken := map[string]bool{}
	for folder, list := range routes {
		for _, r := range list {
			for _, a := range examples(r.Path) {
				key, err := g.Choose(a)
				if err != nil {
					t.Error(err)
					continue
				}
				if g.Routes[key] != folder {
					t.Errorf("%s %s of functions/%s goes to functions/%s by the route %s", r.Method, a, folder, g.Routes[key], key)
				}
				taken[key] = true
			}
		}
	}
	for key, folder := range g.Routes {
		if !taken[key] {
			t.Errorf("the route %s leads to functions/%s, which has nothing there", key, folder)
		}
	}
}
