package publications_test

import (
	"strings"
	"testing"

	"liaison/internal/app/apptest"
	"liaison/internal/app/publications"
)

func TestAboutPagesAreWholeInEveryLanguage(t *testing.T) {
	w := apptest.New(t)
	h, err := publications.New(w.Outside)
	if err != nil {
		t.Fatal(err)
	}
	b := w.Browse(t, h)
	for _, page := range []string{"privacy", "accessibility"} {
		sections := strings.Count(b.Get("/en/"+page).Body, "<h2>")
		if sections < 4 {
			t.Errorf("%s has %d sections", page, sections)
		}
		for _, lang := range w.Programme.Languages {
			a := b.Get("/" + string(lang) + "/" + page)
			if a.Status != 200 || strings.Contains(a.Body, "[[") || strings.Count(a.Body, "<h2>") != sections {
				t.Errorf("%s in %s: %d, %d sections", page, lang, a.Status, strings.Count(a.Body, "<h2>"))
			}
			if len(a.Header["Set-Cookie"]) != 0 {
				t.Errorf("%s in %s sets a cookie", page, lang)
			}
		}
	}
}
