package deployment

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"

	"liaison/infra/local/workbench"
	"liaison/internal/cloud"
	"liaison/internal/link"
	"liaison/internal/programme"
	"liaison/internal/web"
)

// programme stores the programme's configuration as infra/configure does; the address and the sender are the deployment's.
func (d *Deployment) programme(ctx context.Context) error {
	text, err := json.Marshal(d.begins())
	if err != nil {
		return err
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		return err
	}
	delete(fields, "baseURL")
	delete(fields, "sender")
	if text, err = json.Marshal(fields); err != nil {
		return err
	}
	return cloud.StoreProgramme(ctx, d.Records, text)
}

// Site signs people in and makes links as the functions do: with the same keys.
func (d *Deployment) Site() (*web.Site, error) {
	keys, err := cloud.Keys(Secret)
	if err != nil {
		return nil, err
	}
	p := *d.begins()
	p.BaseURL = d.Base
	text, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	parsed, err := programme.Parse(text)
	if err != nil {
		return nil, err
	}
	links, err := link.New(d.Base, d.Stage.Clock.Now, keys...)
	if err != nil {
		return nil, err
	}
	return &web.Site{Programme: parsed, Links: links, Now: d.Stage.Clock.Now, NewID: rand.Text, Log: d.log}, nil
}

// bench is the workbench under /_local/.
func (d *Deployment) bench() (http.Handler, error) {
	site, err := d.Site()
	if err != nil {
		return nil, err
	}
	return (&workbench.Workbench{Stage: d.Stage, Store: d.Mails, Faults: d.Faults, Programme: site.Programme, Site: site}).Handler(), nil
}
