package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"sync"
	"time"
)

//go:embed static
var staticFiles embed.FS

type staticFile struct {
	body []byte
	hash string
}

// statics are the files under static/, by name.
var statics = sync.OnceValue(func() map[string]staticFile {
	out := map[string]staticFile{}
	names, _ := fs.Glob(staticFiles, "static/*") // the pattern is right
	for _, n := range names {
		body, err := staticFiles.ReadFile(n)
		if err != nil {
			panic(err) // embedded
		}
		sum := sha256.Sum256(body)
		out[path.Base(n)] = staticFile{body, hex.EncodeToString(sum[:8])}
	}
	return out
})

// Static is the address of a file under static/, with a hash of its content: another version has another address.
func (v *View) Static(name string) string { return "/static/" + name + "?v=" + statics()[name].hash }

// Static serves /static/{file}. Under the address that View.Static gives it is kept for good; under any other for some minutes, so that
// while one version of the site replaces another a page of the one never keeps the files of the other.
func Static(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("file")
	f, ok := statics()[name]
	if !ok {
		return NotFound()
	}
	h := w.Header()
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(name)))
	h.Set("ETag", `"`+f.hash+`"`)
	h.Set("Cache-Control", "public, max-age=300")
	if r.URL.Query().Get("v") == f.hash {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(f.body))
	return nil
}
