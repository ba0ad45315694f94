package cloud

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

const (
	// takeUp is how long after a rotation the new key only opens links: every function has read the secret again by then.
	takeUp = 3 * keysLife
	// LongestLink is the longest life of a link that a rotation may break, in days and one to spare: a saved form and a receipt open until 30
	// days after their survey has closed, and a survey may be open for a year; other links have less. A key is not retired earlier, unless it must.
	LongestLink = (366 + 30 + 1) * 24 * time.Hour
)

var (
	// ErrTooEarly: links made with the previous key are still on their way.
	ErrTooEarly = errors.New("cloud: the last rotation was less than 397 days ago; links made before it would end")
	// ErrOvertaken: somebody else changed the secret in the meantime. Nothing was changed.
	ErrOvertaken = errors.New("cloud: somebody else changed the signing keys at the same time; nothing was changed")
)

// Rotation says how to rotate.
type Rotation struct {
	Leaked bool // the current key is known to strangers: nothing that it made may open any more
	Early  bool // retire the previous key though links made with it are still on their way
}

// Rotated says what a rotation did.
type Rotated struct {
	Since   time.Time // when the new key begins to make links
	Rests   bool      // the key before still opens links
	Retired int       // how many are remembered, and open nothing but the way out
}

// RotateSigningKeys makes a new signing key and puts the secret arn in order: the current key becomes the previous one, the previous one
// is retired. The functions take it up by themselves. Of two rotations at the same time one fails with ErrOvertaken: the new
// version becomes the current one only if the one that was read still is.
func RotateSigningKeys(ctx context.Context, client *secretsmanager.Client, arn string, now time.Time, how Rotation) (*Rotated, error) {
	old, version, err := readSecret(ctx, client, arn)
	if err != nil {
		return nil, err
	}
	ring, err := old.ring(now)
	if err != nil {
		return nil, err
	}
	if len(ring.notes) > 0 {
		return nil, errors.New("cloud: " + strings.Join(slices.Compact(ring.notes), "; ") + ": put the secret right first")
	}
	if !how.Leaked && !how.Early && old.Previous != "" && now.Before(old.Rotated.Add(LongestLink)) {
		return nil, ErrTooEarly
	}
	fresh := old.next(rand.Text()+rand.Text(), now.UTC().Truncate(time.Second), how)
	if err := put(ctx, client, arn, version, fresh); err != nil {
		return nil, err
	}
	return &Rotated{Since: fresh.Since, Rests: fresh.Previous != "", Retired: len(strings.Fields(fresh.Retired))}, nil
}

// next is the document after a rotation. A leaked key is retired at once, and so is the one before: whoever had the one had the other.
func (s secret) next(key string, now time.Time, how Rotation) secret {
	out := secret{Current: key, Previous: s.Current, Retired: strings.TrimSpace(s.Previous + " " + s.Retired), Since: now.Add(takeUp), Rotated: now}
	if how.Leaked {
		out.Retired, out.Previous, out.Since = strings.TrimSpace(s.Current+" "+out.Retired), "", now
	}
	return out
}

// put writes a version beside the current one and then gives it the label, which fails where the label has moved meanwhile.
func put(ctx context.Context, client *secretsmanager.Client, arn, version string, s secret) error {
	text, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("cloud: write the signing keys: %w", err)
	}
	written, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: &arn, SecretString: aws.String(string(text)),
		ClientRequestToken: aws.String(rand.Text() + rand.Text()), VersionStages: []string{"AWSPENDING"}})
	if err != nil {
		return fmt.Errorf("cloud: write the signing keys: %w", err)
	}
	_, err = client.UpdateSecretVersionStage(ctx, &secretsmanager.UpdateSecretVersionStageInput{SecretId: &arn, VersionStage: aws.String("AWSCURRENT"),
		MoveToVersionId: written.VersionId, RemoveFromVersionId: &version})
	var moved *types.InvalidParameterException
	var unfit *types.InvalidRequestException
	switch {
	case errors.As(err, &moved) || errors.As(err, &unfit):
		return fmt.Errorf("%w (%w)", ErrOvertaken, err)
	case err != nil:
		return fmt.Errorf("cloud: make the new signing keys current: %w", err)
	}
	return nil
}
