package pdf

import (
	"bytes"
	"compress/gzip"
	"flag"
	"os"
	"testing"

	"github.com/go-fonts/liberation/liberationmonobold"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansbolditalic"
	"github.com/go-fonts/liberation/liberationsansitalic"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifbolditalic"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
)

var update = flag.Bool("update", false, "pack the fonts anew")

var originals = map[string][]byte{
	"serif": liberationserifregular.TTF, "serifB": liberationserifbold.TTF, "serifI": liberationserifitalic.TTF, "serifBI": liberationserifbolditalic.TTF,
	"sans": liberationsansregular.TTF, "sansB": liberationsansbold.TTF, "sansI": liberationsansitalic.TTF, "sansBI": liberationsansbolditalic.TTF,
	"mono": liberationmonoregular.TTF, "monoB": liberationmonobold.TTF,
}

// TestFontsAreTheModules: what is packed is what the module has; after an update of it, run with -update.
func TestFontsAreTheModules(t *testing.T) {
	if len(originals) != len(styles) {
		t.Errorf("%d fonts for %d styles", len(originals), len(styles))
	}
	for style, want := range originals {
		if *update {
			if err := os.WriteFile("fonts/"+style+".ttf.gz", pack(t, want), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got := file(style); !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, want the module's %d", style, len(got), len(want))
		}
	}
}

func pack(t *testing.T, ttf []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(ttf); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
