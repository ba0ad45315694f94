package form

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"

	"liaison/internal/people"
)

// Limits of one submitted form.
const (
	MaxBody   = 2 << 20 // bytes without a file
	MaxFile   = 4 << 20 // bytes of a file, as every upload page says: with its form, in base64, it must fit into the 6 MB that Lambda takes
	MaxUpload = 5 << 20 // bytes with a file that are read, so that one that is a little too large is told so on its page
	maxRows   = 20_000  // rows read before the group's own limit is checked; more is ErrTooLarge
	maxPairs  = 10_000  // fields of one form; net/url reads no more
	maxKey    = 200     // bytes of an idempotency key that count
	maxStray  = 20      // unknown fields that are reported one by one; the form is refused all the same
)

var (
	// ErrTooLarge: the body is over the limit. Status 413.
	ErrTooLarge = errors.New("form: body too large")
	// ErrMalformed: the body is not what its Content-Type says. Status 400.
	ErrMalformed = errors.New("form: malformed body")
	// ErrMediaType: neither a form nor JSON. Status 415.
	ErrMediaType = errors.New("form: unsupported content type")
)

// File is an uploaded list, as the multipart field "list" carries it.
type File struct {
	Name string // as the browser names it, one line, without a path
	Data []byte // at most MaxUpload bytes
}

// Decode reads a POST. Only a body that cannot be read at all is an error; everything else is in Values.Errors. Check is not called.
func Decode(r *http.Request, d *Definition) (*Values, error) {
	v := &Values{Def: d, Fields: Row{}, Groups: map[string][]Row{}}
	v.Key = people.OneLine(r.Header.Get("Idempotency-Key"))
	if err := v.read(r); err != nil {
		return nil, err
	}
	if len(v.Key) > maxKey {
		v.Key = v.Key[:maxKey]
	}
	return v, nil
}

func (v *Values) read(r *http.Request) error {
	mt, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil && r.Header.Get("Content-Type") != "" {
		return ErrMediaType
	}
	switch mt {
	case "application/json":
		v.JSON = true
		body, err := readBody(r)
		if err != nil {
			return err
		}
		return v.fromJSON(body)
	case "multipart/form-data":
		return v.fromMultipart(r)
	case "application/x-www-form-urlencoded", "":
		body, err := readBody(r)
		if err != nil {
			return err
		}
		if bytes.Count(body, []byte("&")) >= maxPairs {
			return ErrTooLarge
		}
		pairs, err := url.ParseQuery(string(body))
		if err != nil {
			return ErrMalformed
		}
		return v.fromPairs(pairs)
	}
	return ErrMediaType
}

func readBody(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, MaxBody+1))
	if err != nil {
		return nil, bodyError(err)
	}
	if len(body) > MaxBody {
		return nil, ErrTooLarge
	}
	return body, nil
}

// fromMultipart reads part by part: the standard library's own ParseMultipartForm gives up at 1,000 fields, and a page of 100 rows has more.
func (v *Values) fromMultipart(r *http.Request) error {
	r.Body = http.MaxBytesReader(nil, r.Body, MaxUpload)
	parts, err := r.MultipartReader()
	if err != nil {
		return bodyError(err)
	}
	pairs := url.Values{}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if err == io.EOF {
			return v.fromPairs(pairs)
		}
		if err != nil {
			return bodyError(err)
		}
		if n >= maxPairs {
			return ErrTooLarge
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return bodyError(err)
		}
		name, isFile := part.FormName(), fileName(part)
		switch {
		case name == "": // nobody's
		case isFile == nil:
			pairs[name] = append(pairs[name], string(data))
		case name == "list" && v.File == nil && *isFile != "": // browsers send a field in which nothing was chosen without a name
			v.File = &File{Name: clip(*isFile), Data: data}
		}
	}
}

// fileName is nil for a part that is no file.
func fileName(part *multipart.Part) *string {
	_, params, err := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
	if _, named := params["filename"]; err != nil || !named {
		return nil
	}
	name := part.FileName()
	return &name
}

func bodyError(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) || errors.Is(err, multipart.ErrMessageTooLarge) {
		return ErrTooLarge
	}
	return fmt.Errorf("%w: %v", ErrMalformed, err)
}
