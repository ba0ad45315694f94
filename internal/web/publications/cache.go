package publications

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// send answers with a body that is the same for every reader: who has it already gets 304.
func send(w http.ResponseWriter, r *http.Request, contentType, caching string, body []byte) error {
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Content-Type", contentType)
	h.Set("Cache-Control", caching)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// Caching of what may change at any time, and of what is frozen.
const (
	revalidate = "public, max-age=0, must-revalidate"
	frozen     = "public, max-age=86400"
)

// page renders a template for send.
func page(w http.ResponseWriter, r *http.Request, name string, data any) error {
	body, err := pages.Execute(name, data)
	if err != nil {
		return err
	}
	return send(w, r, "text/html; charset=utf-8", revalidate, body)
}
