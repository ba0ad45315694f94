package sandbox

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// routes are the Runtime API: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (w *worker) routes() http.Handler {
	const base = "/2018-06-01/runtime/"
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+base+"invocation/next", w.next)
	mux.HandleFunc("POST "+base+"invocation/{id}/response", w.response)
	mux.HandleFunc("POST "+base+"invocation/{id}/error", w.error)
	mux.HandleFunc("POST "+base+"init/error", w.initError)
	return mux
}

func (w *worker) next(rw http.ResponseWriter, r *http.Request) {
	i := w.take(r.Context())
	if i == nil {
		return // the process is gone
	}
	h := rw.Header()
	h.Set("Lambda-Runtime-Aws-Request-Id", i.id)
	h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(i.deadline.UnixMilli(), 10))
	h.Set("Lambda-Runtime-Invoked-Function-Arn", w.ARN)
	h.Set("Lambda-Runtime-Trace-Id", trace(w.now()))
	h.Set("Content-Type", "application/json")
	_, _ = rw.Write(i.event) // the process may die now; that is seen elsewhere
}

func (w *worker) response(rw http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxPayload+1))
	if err != nil {
		return // it died while it answered
	}
	id := r.PathValue("id")
	if len(body) > MaxPayload {
		w.settle(id, outcome{err: &FunctionError{"Function.ResponseSizeTooLarge", fmt.Sprintf("%v: an answer of more than %d bytes", ErrTooLarge, MaxPayload)}})
		reply(rw, http.StatusRequestEntityTooLarge, map[string]string{"errorType": "RequestEntityTooLarge", "errorMessage": "Exceeded maximum allowed payload size (6291556 bytes)."})
		return
	}
	// A function that finds a fault in the midst of its answer says so after it.
	if kind := r.Trailer.Get("Lambda-Runtime-Function-Error-Type"); kind != "" {
		text, _ := base64.StdEncoding.DecodeString(r.Trailer.Get("Lambda-Runtime-Function-Error-Body")) // its wording is all that is lost
		w.answer(rw, id, outcome{err: &FunctionError{kind, string(text)}})
		return
	}
	w.answer(rw, id, outcome{answer: body})
}

func (w *worker) error(rw http.ResponseWriter, r *http.Request) {
	w.answer(rw, r.PathValue("id"), outcome{err: readError(r)})
}

func (w *worker) initError(rw http.ResponseWriter, r *http.Request) {
	w.mu.Lock()
	w.failed = readError(r)
	w.mu.Unlock()
	reply(rw, http.StatusAccepted, map[string]string{"status": "OK"})
}

func (w *worker) answer(rw http.ResponseWriter, id string, o outcome) {
	if !w.settle(id, o) {
		reply(rw, http.StatusBadRequest, map[string]string{"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"})
		return
	}
	reply(rw, http.StatusAccepted, map[string]string{"status": "OK"})
}

// readError reads what a function says of its failure.
func readError(r *http.Request) *FunctionError {
	var e struct{ ErrorType, ErrorMessage string }
	body, _ := io.ReadAll(io.LimitReader(r.Body, 256<<10)) // what came is good enough
	if json.Unmarshal(body, &e) != nil || e.ErrorType == "" {
		e.ErrorType = r.Header.Get("Lambda-Runtime-Function-Error-Type")
	}
	return &FunctionError{e.ErrorType, e.ErrorMessage}
}

func reply(rw http.ResponseWriter, status int, v any) {
	rw.Header().Set("Content-Type", "application/json")
	rw.WriteHeader(status)
	_ = json.NewEncoder(rw).Encode(v) // the process went away
}
