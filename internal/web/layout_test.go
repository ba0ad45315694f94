package web

import (
	"os"
	"regexp"
	"testing"
)

// A page's own field Name or Group would stand in for the site's in the layout, and has.
func TestLayoutAsksOnlyTheView(t *testing.T) {
	text, err := os.ReadFile("pages/layout.html")
	if err != nil {
		t.Fatal(err)
	}
	layout := regexp.MustCompile(`(?s)\{\{define "layout"\}\}(.*)\{\{define "masthead"\}\}`).FindSubmatch(text)
	if layout == nil {
		t.Fatal("layout.html does not define the layout before the masthead")
	}
	for _, field := range regexp.MustCompile(`[{ (]\$?\.([A-Z]\w*)`).FindAllSubmatch(layout[1], -1) {
		if string(field[1]) != "View" {
			t.Errorf("the layout asks the page for .%s", field[1])
		}
	}
}
