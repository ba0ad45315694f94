package publications

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"time"

	"liaison/internal/web"
)

// send answers with a body that is the same for every reader: who has it already gets 304.
func send(w http.ResponseWriter, r *http.Request, contentType, caching string, body []byte) error {
	sum := sha256.Sum256(body)
	h := w.Header()
	h.Set("ETag", `"`+hex.EncodeToString(sum[:12])+`"`)
	h.Set("Content-Type", contentType)
	if h.Get("Cache-Control") != "no-store" { // as behind a link, whatever is asked for with it
		h.Set("Cache-Control", caching)
	}
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	return nil
}

// Caching of what may change at any time, and of what is frozen.
const (
	short  = "public, max-age=60"
	frozen = "public, max-age=86400"
)

// either answers with the page, or with v to who asks for JSON at the same address.
func either(w http.ResponseWriter, r *http.Request, p web.Page, v any) error {
	w.Header().Add("Vary", "Accept")
	if !web.WantsJSON(r) {
		return page(w, r, p)
	}
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return send(w, r, "application/json", short, body)
}

// page answers with a page by send.
func page(w http.ResponseWriter, r *http.Request, p web.Page) error {
	body, err := web.Markup(p)
	if err != nil {
		return err
	}
	return send(w, r, "text/html; charset=utf-8", short, body)
}
