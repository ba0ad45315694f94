package cloud

import (
	"context"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"liaison/internal/link"
)

// minSecret is the least length of a signing secret, in characters: 32 letters and digits are 190 bits.
const minSecret = 32

// secret is the document in Secrets Manager: random strings. New links are made with the current one; links of the previous ones still
// open, so that a rotation breaks no mail that is on its way. Links in newsletters, and the list of those who must not be mailed
// again, outlive many rotations: previous may hold several, separated by spaces, the newest first.
type secret struct {
	Current  string `json:"current"`
	Previous string `json:"previous"`
}

// loadKeys reads the signing keys, the current one first. Errors never hold any of the secret.
func loadKeys(ctx context.Context, client *secretsmanager.Client, arn string) ([]link.Key, error) {
	out, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: &arn})
	if err != nil {
		return nil, fmt.Errorf("cloud: read the signing keys: %w", err)
	}
	return Keys(aws.ToString(out.SecretString))
}

// Keys are the signing keys of the secret's document, the current one first.
func Keys(document string) ([]link.Key, error) {
	var s secret
	if err := json.Unmarshal([]byte(document), &s); err != nil {
		return nil, errors.New(`cloud: the signing keys are not {"current": "…", "previous": "…"}`)
	}
	var keys []link.Key
	for _, text := range append([]string{s.Current}, strings.Fields(s.Previous)...) {
		if len(text) < minSecret {
			return nil, fmt.Errorf("cloud: a signing secret is shorter than %d characters", minSecret)
		}
		k, err := deriveKey(text)
		if err != nil {
			return nil, err
		}
		keys = append(keys, k)
	}
	return keys, nil
}

// deriveKey makes 32 bytes of a random text of any alphabet.
func deriveKey(text string) (link.Key, error) {
	b, err := hkdf.Key(sha256.New, []byte(text), nil, "liaison links v1", len(link.Key{}))
	if err != nil {
		return link.Key{}, fmt.Errorf("cloud: derive key: %w", err)
	}
	return link.Key(b), nil
}
