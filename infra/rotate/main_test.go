package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"liaison/internal/cloud"
)

var noon = time.Date(2027, 5, 14, 12, 0, 0, 0, time.UTC)

// vault answers as Secrets Manager does, for one secret. Every text that was ever in it stays in seen.
type vault struct {
	text, pending string
	seen          []string
}

func (v *vault) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var in struct{ SecretString string }
	_ = json.NewDecoder(r.Body).Decode(&in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	switch {
	case v.text == "":
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprint(w, `{"__type":"ResourceNotFoundException","message":"Secrets Manager can't find the specified secret."}`)
	case op == "GetSecretValue":
		_ = json.NewEncoder(w).Encode(map[string]string{"SecretString": v.text, "VersionId": "1"})
	case op == "PutSecretValue":
		v.pending = in.SecretString
		fmt.Fprint(w, `{"VersionId": "2"}`)
	case op == "UpdateSecretVersionStage":
		v.text = v.pending
		v.seen = append(v.seen, v.text)
		fmt.Fprint(w, `{}`)
	}
}

func (v *vault) keys() map[string]string {
	var out struct{ Current, Previous, Retired string }
	_ = json.Unmarshal([]byte(v.text), &out)
	return map[string]string{"current": out.Current, "previous": out.Previous, "retired": out.Retired}
}

// serve makes v what the AWS SDK finds.
func (v *vault) serve(t *testing.T) {
	srv := httptest.NewServer(v)
	t.Cleanup(srv.Close)
	for name, value := range map[string]string{"AWS_ENDPOINT_URL": srv.URL, "AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null"} {
		t.Setenv(name, value)
	}
}

func TestRotate(t *testing.T) {
	first := strings.Repeat("k", 64)
	v := &vault{text: `{"current": "` + first + `", "previous": ""}`}
	v.serve(t)
	var out bytes.Buffer
	at := noon
	rotate := func(args ...string) error {
		out.Reset()
		return run(t.Context(), append([]string{"-secret", "arn:aws:secretsmanager:eu-west-1:123456789012:secret:keys"}, args...), &out, func() time.Time { return at })
	}
	if err := rotate(); err != nil || !strings.Contains(out.String(), "from 2027-05-14 12:15 UTC on") || strings.Contains(out.String(), "etired") {
		t.Fatalf("%v: %s", err, out.String())
	}
	said := out.String()
	second := v.keys()["current"]
	if v.keys()["previous"] != first || second == first || len(second) < 32 {
		t.Errorf("after a rotation: %d signs", len(second))
	}
	if err := rotate(); !errors.Is(err, cloud.ErrTooEarly) || !strings.Contains(err.Error(), "-early") || v.keys()["current"] != second {
		t.Errorf("the day after: %v", err)
	}
	if err := rotate("-early"); err != nil || v.keys()["previous"] != second || v.keys()["retired"] != first || !strings.Contains(out.String(), "must not be mailed: 1") {
		t.Errorf("all the same: %v: %s", err, out.String())
	}
	said += out.String()
	third := v.keys()["current"]
	if err := rotate("-leaked"); err != nil || v.keys()["previous"] != "" || v.keys()["retired"] != third+" "+second+" "+first || !strings.Contains(out.String(), "sessions at the desk") {
		t.Errorf("leaked: %v: %s", err, out.String())
	}
	said += out.String()
	at = at.Add(time.Hour)
	if err := rotate(); err != nil {
		t.Errorf("after a leak: %v", err)
	}
	said += out.String()
	for _, text := range v.seen {
		for _, key := range strings.FieldsFunc(text, func(r rune) bool { return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567k", r) }) {
			if len(key) >= 26 && strings.Contains(said, key[:8]) {
				t.Errorf("a key is printed: %s", said)
			}
		}
	}
}

func TestRotateSaysWhatIsWrong(t *testing.T) {
	for name, x := range map[string]struct {
		text, says string
		args       []string
	}{
		"no secret named": {`{}`, "usage", nil},
		"a stray word":    {`{}`, "usage", []string{"-secret", "arn", "now"}},
		"missing":         {"", "ResourceNotFoundException", []string{"-secret", "arn"}},
		"not JSON":        {"hunter2", "are not {", []string{"-secret", "arn"}},
		"an empty key":    {`{"current": ""}`, "is empty", []string{"-secret", "arn"}},
		"two identical":   {`{"current": "` + strings.Repeat("k", 40) + `", "previous": "` + strings.Repeat("k", 40) + `"}`, "the same", []string{"-secret", "arn"}},
	} {
		v := &vault{text: x.text}
		v.serve(t)
		var out bytes.Buffer
		err := run(t.Context(), x.args, &out, func() time.Time { return noon })
		if err == nil || !strings.Contains(err.Error(), x.says) || strings.Contains(err.Error()+out.String(), "hunter2") || strings.Contains(err.Error()+out.String(), "kkkk") {
			t.Errorf("%s: %v: %s", name, err, out.String())
		}
		if v.text != x.text {
			t.Errorf("%s: the secret was changed", name)
		}
	}
}
