package cloud

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"liaison/internal/link"
)

// minSecret is the least length of a signing secret, in characters: 32 letters and digits are 190 bits.
const minSecret = 32

// secret is the document in Secrets Manager. Its keys are random texts without spaces. Two of them open links: the current one, and the
// previous one, so that a rotation breaks no link that is on its way. Retired ones, separated by spaces, the newest first, are
// remembered for what outlives many rotations: the way out of old newsletters, and the list of those who must not be mailed again.
type secret struct {
	Current  string `json:"current"`
	Previous string `json:"previous"`
	Retired  string `json:"retired,omitempty"`
	// Since is when the current key begins to make links. Until then it only opens them: no function makes a link that another, which
	// has not read the secret again yet, would take for a forgery.
	Since time.Time `json:"since,omitzero"`
	// Rotated is when current was made; zero before the first rotation.
	Rotated time.Time `json:"rotated,omitzero"`
}

// keyring is what the secret says at a moment.
type keyring struct {
	keys    []link.Key // the first makes links, all open them
	retired []link.Key
	notes   []string // what is odd about the secret, for the log; never any of it
}

func (r *keyring) equal(other *keyring) bool {
	return slices.Equal(r.keys, other.keys) && slices.Equal(r.retired, other.retired)
}

// loadKeys reads the signing keys as they count at now. Errors never hold any of the secret.
func loadKeys(ctx context.Context, client *secretsmanager.Client, arn string, now time.Time) (*keyring, error) {
	s, _, err := readSecret(ctx, client, arn)
	if err != nil {
		return nil, err
	}
	return s.ring(now)
}

// readSecret reads the document and tells which version of the secret it is.
func readSecret(ctx context.Context, client *secretsmanager.Client, arn string) (s secret, version string, err error) {
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return s, "", fmt.Errorf("cloud: read the signing keys: %w", err)
	}
	s, err = parseSecret(aws.ToString(out.SecretString))
	return s, aws.ToString(out.VersionId), err
}

func parseSecret(document string) (s secret, err error) {
	if json.Unmarshal([]byte(document), &s) != nil { // the decoder's own words may quote them
		return s, errors.New(`cloud: the signing keys are not {"current": "…", "previous": "…"}`)
	}
	return s, nil
}

// Keys are the signing keys of the secret's document that open links, as of now, the one first that makes them.
func Keys(document string) ([]link.Key, error) {
	s, err := parseSecret(document)
	if err != nil {
		return nil, err
	}
	ring, err := s.ring(time.Now())
	if err != nil {
		return nil, err
	}
	return ring.keys, nil
}

// ring derives the keys. A key that stands there twice counts once, with a note: what works must go on working, but somebody believes
// that a key was changed which was not.
func (s secret) ring(now time.Time) (*keyring, error) {
	opening := []string{s.Current}
	switch {
	case s.Previous == "":
	case now.Before(s.Since):
		opening = []string{s.Previous, s.Current}
	default:
		opening = append(opening, s.Previous)
	}
	ring := &keyring{}
	seen := map[string]bool{}
	for i, text := range append(opening, strings.Fields(s.Retired)...) {
		k, err := deriveKey(text)
		switch {
		case err != nil:
			return nil, err
		case seen[text]:
			ring.notes = append(ring.notes, "two of the signing keys are the same: a rotation changed nothing")
		case i < len(opening):
			ring.keys = append(ring.keys, k)
		default:
			ring.retired = append(ring.retired, k)
		}
		seen[text] = true
	}
	return ring, nil
}

// deriveKey makes 32 bytes of a random text of any alphabet.
func deriveKey(text string) (link.Key, error) {
	switch {
	case text == "":
		return link.Key{}, errors.New("cloud: the current signing key is empty")
	case len(text) < minSecret:
		return link.Key{}, fmt.Errorf("cloud: a signing key is shorter than %d characters", minSecret)
	case strings.ContainsAny(text, " \t\r\n"):
		return link.Key{}, errors.New("cloud: a signing key has spaces in it: previous holds one key, others are retired")
	}
	b, err := hkdf.Key(sha256.New, []byte(text), nil, "liaison links v1", len(link.Key{}))
	if err != nil {
		return link.Key{}, fmt.Errorf("cloud: derive key: %w", err)
	}
	return link.Key(b), nil
}
