// Package ses stands in for Amazon SES v2 on one machine: it speaks SES's wire protocol (REST JSON: SendEmail, SendBulkEmail,
// GetAccount), so that the production mail code runs unchanged against it, keeps what it accepted, and reports events as SES
// does through SNS.
//
// What may enter: behaviour that SES has or that its documentation declares, and ways to make it fail. Where SES is strict the
// stand-in is at least as strict, because code that pleases it must please SES. A mail is on disk before it is accepted.
package ses

import (
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// SES's limits.
const (
	MaxEntries    = 50       // destinations of one call
	MaxBulkBody   = 1 << 20  // bytes of a bulk request with an inline template
	MaxBody       = 56 << 20 // bytes of any request: 40 MB of mail in base64
	MaxHeaders    = 15       // extra headers of one mail
	MaxTags       = 50
	MaxHeaderName = 126
	MaxHeader     = 996 // name and value together
)

// Options of a Server.
type Options struct {
	// Store keeps what is accepted. Nil discards it: only counts are kept and no event is reported, for measuring the other side.
	Store *Store
	// Faults, when set, are asked at every call.
	Faults *Faults
	// Now is the program's clock. It times the mails and the daily quota.
	Now func() time.Time
	// PerSecond and PerDay are the quota that the account announces, in recipients. Default: 500 and 1,000,000.
	PerSecond, PerDay float64
	// Strict turns away calls that exceed the quota, as SES does; otherwise it is only announced.
	Strict bool
	// Repeat reports every event twice, as SNS and SQS sometimes do.
	Repeat bool
	Log    *slog.Logger // nil: silent
}

// Server is the service. It answers HTTP; Run reports the events.
type Server struct {
	Options
	limiter    *rate.Limiter
	bell       chan struct{} // rung when there is something to report
	publishing sync.Mutex    // held while events are handed over
	templates  templateCache
	calls      atomic.Int64
	recipients atomic.Int64
}

// New makes the service.
func New(o Options) *Server {
	if o.PerSecond <= 0 {
		o.PerSecond = 500
	}
	if o.PerDay == 0 {
		o.PerDay = 1_000_000
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Faults == nil {
		o.Faults = &Faults{}
	}
	return &Server{Options: o, bell: make(chan struct{}, 1), limiter: rate.NewLimiter(rate.Limit(o.PerSecond), max(MaxEntries, int(o.PerSecond)))}
}

// Counts since the start: sending calls that were accepted, and recipients that were accepted in them.
func (s *Server) Counts() (calls, recipients int64) { return s.calls.Load(), s.recipients.Load() }

// ServeHTTP answers the three operations. Requests need not be signed truly, but signed.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	answer, err := s.serve(r)
	var f *Fault
	switch {
	case err == nil:
		reply(w, http.StatusOK, answer)
	case errors.Is(err, errLost):
		panic(http.ErrAbortHandler) // net/http cuts the connection without an answer
	case errors.As(err, &f):
		w.Header().Set("X-Amzn-ErrorType", f.Type)
		reply(w, f.Status, map[string]string{"message": f.Message})
	default:
		s.Log.Error("ses: request failed", "path", r.URL.Path, "error", err)
		w.Header().Set("X-Amzn-ErrorType", "InternalServiceErrorException")
		reply(w, http.StatusInternalServerError, map[string]string{"message": "internal failure"})
	}
}

func (s *Server) serve(r *http.Request) (any, error) {
	if !strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 ") {
		return nil, &Fault{http.StatusForbidden, "MissingAuthenticationTokenException", "Missing Authentication Token"}
	}
	switch r.Method + " " + r.URL.Path {
	case "GET /v2/email/account":
		return s.account(r.Context())
	case "POST /v2/email/outbound-emails":
		return s.sendEmail(r)
	case "POST /v2/email/outbound-bulk-emails":
		return s.sendBulk(r)
	}
	return nil, &Fault{http.StatusNotFound, "NotFoundException", "this stand-in has SendEmail, SendBulkEmail and GetAccount only: " + r.Method + " " + r.URL.Path}
}

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // the caller went away: nothing to be done
}

// errLost: accepted, and now the answer gets lost.
var errLost = errors.New("ses: the answer is lost")

// Fault is an error answer of SES.
type Fault struct {
	Status  int
	Type    string
	Message string
}

func (f *Fault) Error() string { return f.Type + ": " + f.Message }

func bad(message string) error {
	return &Fault{http.StatusBadRequest, "BadRequestException", message}
}

func tooMany(message string) error {
	return &Fault{http.StatusTooManyRequests, "TooManyRequestsException", message}
}

// decode reads a request body of at most limit bytes.
func decode(r *http.Request, limit int64, into any) error {
	body, err := io.ReadAll(io.LimitReader(r.Body, limit+1))
	if err != nil {
		return err
	}
	if int64(len(body)) > limit {
		return bad("Request is longer than the maximum size")
	}
	if err := json.Unmarshal(body, into); err != nil {
		return &Fault{http.StatusBadRequest, "SerializationException", err.Error()}
	}
	return nil
}

// ring says that there is something to report.
func (s *Server) ring() {
	select {
	case s.bell <- struct{}{}:
	default:
	}
}
