package cloud

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"liaison/internal/programme"
	"liaison/internal/table"
)

// programmeKey is where a programme's configuration stands in the Programme table; the item's body is the document itself.
var programmeKey = table.Key{PK: "PROGRAMME", SK: "CONFIG"}

// given are the fields that a document may leave to the deployment's parameters: they change with the deployment, not with the programme.
var given = []string{"baseURL", "sender"}

// loadProgramme reads the configuration, or makes one of the parameters where none was written yet. raw is what it was made from, to
// tell whether another reading differs.
func loadProgramme(ctx context.Context, t table.Table, p programmeParameters) (out *programme.Programme, raw string, err error) {
	preset, err := p.document()
	if err != nil {
		return nil, "", err
	}
	doc := preset
	it, err := t.Get(ctx, programmeKey)
	switch {
	case errors.Is(err, table.ErrNotFound):
	case err != nil:
		return nil, "", fmt.Errorf("cloud: read the programme's configuration: %w", err)
	default:
		if doc, err = complete(it.Body, preset); err != nil {
			return nil, "", err
		}
	}
	if out, err = programme.Parse(doc); err != nil {
		return nil, "", fmt.Errorf("cloud: the programme's configuration is wrong: %w", err)
	}
	return out, string(doc), nil
}

// complete takes the given fields that doc leaves out from preset.
func complete(doc, preset []byte) ([]byte, error) {
	var fields, from map[string]json.RawMessage
	if err := json.Unmarshal(doc, &fields); err != nil {
		return nil, fmt.Errorf("cloud: the programme's configuration: %w", err)
	}
	if err := json.Unmarshal(preset, &from); err != nil {
		return nil, err
	}
	for _, name := range given {
		if _, ok := fields[name]; !ok {
			fields[name] = from[name]
		}
	}
	return json.Marshal(fields)
}

// StoreProgramme checks a programme's configuration whole and puts it where the functions find it within a minute. The document may
// leave out baseURL and sender: the deployment's parameters give them.
func StoreProgramme(ctx context.Context, t table.Table, doc []byte) error {
	preset, err := json.Marshal(map[string]string{"baseURL": "https://example.org", "sender": "sender@example.org"})
	if err != nil {
		return err
	}
	whole, err := complete(doc, preset)
	if err != nil {
		return err
	}
	if _, err := programme.Parse(whole); err != nil {
		return err
	}
	_, err = t.Put(ctx, table.Item{Key: programmeKey, Body: doc}, table.Any)
	return err
}
