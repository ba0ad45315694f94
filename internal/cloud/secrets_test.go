package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	events "liaison/internal/event"
	"liaison/internal/link"
	"liaison/internal/presenter"
	"liaison/internal/subscription"
	"liaison/internal/survey"
)

var now = time.Date(2027, 5, 14, 10, 0, 0, 0, time.UTC)

// vault is Secrets Manager as far as one secret goes: versions, and the labels that move between them.
type vault struct {
	*secretsmanager.Client
	versions     map[string]string // id -> text
	labels       map[string]string // label -> id
	beforeUpdate func()
}

func newVault(t *testing.T, text string) *vault {
	v := &vault{versions: map[string]string{}, labels: map[string]string{}}
	if text != "" {
		v.versions["first"], v.labels["AWSCURRENT"] = text, "first"
	}
	srv := httptest.NewServer(http.HandlerFunc(v.serve))
	t.Cleanup(srv.Close)
	v.Client = secretsmanager.New(secretsmanager.Options{Region: "eu-west-1", BaseEndpoint: &srv.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""), RetryMaxAttempts: 1})
	return v
}

func (v *vault) serve(w http.ResponseWriter, r *http.Request) {
	var in struct {
		SecretString, ClientRequestToken, VersionStage, MoveToVersionId, RemoveFromVersionId string
		VersionStages                                                                        []string
	}
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	fail := func(kind string) {
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":%q,"message":"refused"}`, kind)
	}
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		fail("SerializationException")
		return
	}
	switch op := r.Header.Get("X-Amz-Target"); {
	case strings.HasSuffix(op, ".GetSecretValue"):
		id, ok := v.labels["AWSCURRENT"]
		if !ok {
			fail("ResourceNotFoundException")
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"SecretString": v.versions[id], "VersionId": id})
	case strings.HasSuffix(op, ".PutSecretValue"):
		if len(in.ClientRequestToken) < 32 || len(in.ClientRequestToken) > 64 {
			fail("InvalidParameterException")
			return
		}
		v.versions[in.ClientRequestToken] = in.SecretString
		for _, l := range in.VersionStages {
			v.labels[l] = in.ClientRequestToken
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"VersionId": in.ClientRequestToken})
	case strings.HasSuffix(op, ".UpdateSecretVersionStage"):
		if v.beforeUpdate != nil {
			v.beforeUpdate()
		}
		if v.labels[in.VersionStage] != in.RemoveFromVersionId {
			fail("InvalidParameterException")
			return
		}
		v.labels[in.VersionStage] = in.MoveToVersionId
		fmt.Fprint(w, `{}`)
	default:
		fail("UnknownOperationException")
	}
}

func (v *vault) document() (s secret) {
	_ = json.Unmarshal([]byte(v.versions[v.labels["AWSCURRENT"]]), &s) // ours
	return s
}

// at makes links as a function does that has read the secret at that moment.
func (v *vault) at(t *testing.T, now time.Time) *link.Links {
	t.Helper()
	ring, err := loadKeys(t.Context(), v.Client, "arn", now)
	if err != nil {
		t.Fatal(err)
	}
	return linksOf(t, ring, now)
}

func linksOf(t *testing.T, ring *keyring, now time.Time) *link.Links {
	t.Helper()
	l, err := link.New("https://example.org", func() time.Time { return now }, ring.keys...)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Remember(ring.retired...); err != nil {
		t.Fatal(err)
	}
	return l
}

var a, b, c = strings.Repeat("a", 64), strings.Repeat("b", 64), strings.Repeat("c", 64)

func TestSecretBecomesKeys(t *testing.T) {
	load := func(text string) *keyring {
		t.Helper()
		ring, err := loadKeys(t.Context(), newVault(t, text).Client, "arn", now)
		if err != nil {
			t.Fatal(err)
		}
		return ring
	}
	one := load(`{"previous": "", "current": "` + a + `"}`) // as CloudFormation generates it
	if len(one.keys) != 1 || one.keys[0] == (link.Key{}) || len(one.retired) != 0 {
		t.Fatalf("%+v", one)
	}
	two := load(`{"previous": "` + a + `", "current": "` + b + `"}`)
	if len(two.keys) != 2 || two.keys[1] != one.keys[0] || two.keys[0] == two.keys[1] {
		t.Errorf("after a rotation: %+v", two)
	}
	soon := load(`{"previous": "` + a + `", "current": "` + b + `", "since": "` + now.Add(time.Second).Format(time.RFC3339) + `"}`)
	if !slices.Equal(soon.keys, []link.Key{two.keys[1], two.keys[0]}) {
		t.Errorf("before its time the new key makes links: %+v", soon)
	}
	three := load(`{"current": "` + c + `", "previous": "` + b + `", "retired": "` + a + `", "since": "` + now.Format(time.RFC3339) + `"}`)
	if len(three.keys) != 2 || three.keys[1] != two.keys[0] || !slices.Equal(three.retired, one.keys) {
		t.Errorf("after two rotations: %+v", three)
	}
	twin := load(`{"current": "` + a + `", "previous": "` + a + `", "retired": "` + a + `"}`)
	if !slices.Equal(twin.keys, one.keys) || len(twin.retired) != 0 || len(twin.notes) == 0 {
		t.Errorf("two identical keys: %+v", twin)
	}
	if strings.Contains(fmt.Sprint(twin.notes), a) {
		t.Errorf("the notes hold a key: %v", twin.notes)
	}
}

func TestSecretsThatAreNone(t *testing.T) {
	for name, x := range map[string]struct{ text, says string }{
		"missing":         {"", "ResourceNotFoundException"},
		"no JSON":         {"hunter2", `not {"current"`},
		"a list":          {`["hunter2"]`, `not {"current"`},
		"a number":        {`{"current": 2}`, `not {"current"`},
		"no key":          {`{}`, "current signing key is empty"},
		"an empty key":    {`{"current": "", "previous": "` + a + `"}`, "current signing key is empty"},
		"a short key":     {`{"current": "hunter2"}`, "shorter than 32"},
		"a short old one": {`{"current": "` + a + `", "previous": "hunter2"}`, "shorter than 32"},
		"a short retired": {`{"current": "` + a + `", "previous": "", "retired": "hunter2"}`, "shorter than 32"},
		"two previous":    {`{"current": "` + a + `", "previous": "` + b + ` ` + c + `"}`, "spaces"},
	} {
		v := newVault(t, x.text)
		_, err := loadKeys(t.Context(), v.Client, "arn", now)
		_, rotated := RotateSigningKeys(t.Context(), v.Client, "arn", now, Rotation{})
		for what, err := range map[string]error{"load": err, "rotate": rotated} {
			if err == nil || !strings.Contains(err.Error(), x.says) {
				t.Errorf("%s: %s: %v, want %q", name, what, err, x.says)
			} else if strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), a) || strings.Contains(err.Error(), c) {
				t.Errorf("%s: %s: the secret stands in the error: %v", name, what, err)
			}
		}
		if len(v.versions) > 1 {
			t.Errorf("%s: a new version was written", name)
		}
	}
}

// A function reads the secret every five minutes; whichever of two functions has read it later, links of the one open at the other.
func TestRotationBreaksNoLink(t *testing.T) {
	v := newVault(t, `{"current": "`+a+`", "previous": ""}`)
	before := v.at(t, now)
	old := before.Token(link.Registration, "expert", "", LongestLink)
	leave := before.Token(link.Unsubscribe, "reader", "", 10*LongestLink)
	session := before.Token(link.Session, "secretary", "", 12*time.Hour)
	done, err := RotateSigningKeys(t.Context(), v.Client, "arn", now, Rotation{})
	if err != nil || !done.Since.Equal(now.Add(takeUp)) || !done.Rests || done.Retired != 0 {
		t.Fatalf("%+v, %v", done, err)
	}
	late := before // has read just before the rotation
	for after := time.Duration(0); after <= 2*takeUp; after += time.Minute {
		if after%keysLife == keysLife-time.Minute {
			late = v.at(t, now.Add(after))
		}
		early := v.at(t, now.Add(after))
		for _, pair := range [][2]*link.Links{{early, late}, {late, early}} {
			if _, err := pair[1].Open(link.Answer, pair[0].Token(link.Answer, "s", "", time.Hour)); err != nil {
				t.Errorf("%v after the rotation a link of one function does not open at another: %v", after, err)
			}
			if _, err := pair[1].Open(link.Session, session); err != nil {
				t.Errorf("%v after the rotation a session ends: %v", after, err)
			}
		}
	}
	settled := v.at(t, now.Add(takeUp))
	if _, err := before.Open(link.Answer, settled.Token(link.Answer, "s", "", time.Hour)); !errors.Is(err, link.ErrForged) {
		t.Errorf("links are still made with the old key: %v", err)
	}

	if _, err := RotateSigningKeys(t.Context(), v.Client, "arn", now.Add(LongestLink-time.Minute), Rotation{}); !errors.Is(err, ErrTooEarly) {
		t.Errorf("a second rotation while registrations of before the first are on their way: %v", err)
	}
	for n := range 3 { // and years of rotations
		at := now.Add(time.Duration(n+1) * LongestLink)
		if _, err := RotateSigningKeys(t.Context(), v.Client, "arn", at, Rotation{}); err != nil {
			t.Fatal(err)
		}
	}
	later := v.at(t, now.Add(3*LongestLink+takeUp))
	if _, err := later.Open(link.Registration, old); !errors.Is(err, link.ErrExpired) {
		t.Errorf("a link of a retired key: %v", err)
	}
	if _, err := later.Open(link.Unsubscribe, leave); err != nil {
		t.Errorf("the way out of an old mail: %v", err)
	}
	if d := v.document(); len(strings.Fields(d.Retired)) != 3 || !strings.HasSuffix(d.Retired, a) {
		t.Errorf("retired: %d keys", len(strings.Fields(d.Retired)))
	}
}

// What was typed into a form and saved can be reached until its survey has closed and a while longer, whatever was rotated meanwhile.
func TestARotationOutwaitsEveryLink(t *testing.T) {
	year := 366 * 24 * time.Hour
	for what, life := range map[string]time.Duration{"receipt or saved form": year + survey.Keep, "registration": presenter.LinkLife, "request or host": events.LinkLife, "preferences": subscription.PreferencesLife} {
		v := newVault(t, `{"current": "`+a+`", "previous": ""}`)
		token := v.at(t, now).Token(link.Draft, "draft", "", life)
		at := now // made just before the first rotation; then as often as may be
		for at.Before(now.Add(life)) {
			if _, err := RotateSigningKeys(t.Context(), v.Client, "arn", at, Rotation{}); err != nil && !errors.Is(err, ErrTooEarly) {
				t.Fatal(err)
			}
			if _, err := v.at(t, at).Open(link.Draft, token); err != nil {
				t.Errorf("%s, after %v: %v", what, at.Sub(now), err)
				break
			}
			at = at.Add(24 * time.Hour)
		}
	}
}

func TestALeakedKeyEndsAtOnce(t *testing.T) {
	v := newVault(t, `{"current": "`+b+`", "previous": "`+a+`"}`)
	before := v.at(t, now)
	done, err := RotateSigningKeys(t.Context(), v.Client, "arn", now, Rotation{Leaked: true})
	if err != nil || done.Rests || done.Retired != 2 || !done.Since.Equal(now) {
		t.Fatalf("%+v, %v", done, err)
	}
	after := v.at(t, now)
	if _, err := after.Open(link.Session, before.Token(link.Session, "secretary", "", time.Hour)); !errors.Is(err, link.ErrExpired) {
		t.Errorf("a session of a leaked key: %v", err)
	}
	if _, err := after.Open(link.Answer, after.Token(link.Answer, "s", "", time.Hour)); err != nil {
		t.Errorf("a new link: %v", err)
	}
	if _, err := RotateSigningKeys(t.Context(), v.Client, "arn", now.Add(time.Hour), Rotation{}); err != nil {
		t.Errorf("with nothing on its way to break, the next rotation is refused: %v", err)
	}
}

func TestOfTwoRotationsOneFails(t *testing.T) {
	v := newVault(t, `{"current": "`+a+`", "previous": ""}`)
	v.beforeUpdate = func() {
		v.beforeUpdate = nil
		if _, err := RotateSigningKeys(context.Background(), v.Client, "arn", now, Rotation{}); err != nil {
			t.Errorf("the faster one: %v", err)
		}
	}
	if _, err := RotateSigningKeys(t.Context(), v.Client, "arn", now, Rotation{}); !errors.Is(err, ErrOvertaken) {
		t.Errorf("the slower one: %v", err)
	}
	if d := v.document(); d.Previous != a || d.Retired != "" {
		t.Error("a key was lost")
	}
}

func TestRotationOfTwinsIsRefused(t *testing.T) {
	v := newVault(t, `{"current": "`+a+`", "previous": "`+a+`"}`)
	if _, err := RotateSigningKeys(t.Context(), v.Client, "arn", now, Rotation{}); err == nil || !strings.Contains(err.Error(), "the same") || strings.Contains(err.Error(), a) {
		t.Errorf("%v", err)
	}
}
