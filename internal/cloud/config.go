package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"liaison/internal/people"
	"liaison/internal/programme"
)

// config is what template.yaml gives a function in its environment. Region, credentials and endpoints come through the AWS SDK's own
// variables (AWS_REGION, AWS_ENDPOINT_URL, …). A test holds the names below against the template, both ways.
type config struct {
	people, programme, delivery string // names of the tables
	planQueue, deliverQueue     string // URLs
	mailQueue                   string // URL
	configurationSet            string // of SES
	secret                      string // ARN of the signing keys
	workers                     int    // how many deliver functions run at a time
	fallback                    programmeParameters
}

// programmeParameters is what the template's parameters say of the programme, for a deployment without a configuration of its own.
type programmeParameters struct {
	id, name, group, baseURL, sender, secretary, postal, timeZone, languages, preset string
}

// readConfig reads the environment whole and names every variable that is missing or wrong.
func readConfig(getenv func(string) string) (*config, error) {
	var errs []error
	need := func(name string) string {
		v := strings.TrimSpace(getenv(name))
		if v == "" {
			errs = append(errs, fmt.Errorf("cloud: %s is not set", name))
		}
		return v
	}
	c := &config{
		people: need("LIAISON_PEOPLE_TABLE"), programme: need("LIAISON_PROGRAMME_TABLE"), delivery: need("LIAISON_DELIVERY_TABLE"),
		planQueue: need("LIAISON_PLAN_QUEUE"), deliverQueue: need("LIAISON_DELIVER_QUEUE"), mailQueue: need("LIAISON_MAIL_QUEUE"),
		configurationSet: need("LIAISON_CONFIGURATION_SET"), secret: need("LIAISON_SECRET_ARN"),
		fallback: programmeParameters{
			id: need("LIAISON_ID"), name: need("LIAISON_NAME"), group: need("LIAISON_GROUP"), baseURL: need("LIAISON_BASE_URL"),
			sender: need("LIAISON_SENDER"), secretary: need("LIAISON_SECRETARY"), postal: need("LIAISON_POSTAL"),
			timeZone: need("LIAISON_TIME_ZONE"), languages: need("LIAISON_LANGUAGES"), preset: need("LIAISON_DEFAULT_LANGUAGE"),
		},
	}
	var err error
	if c.workers, err = strconv.Atoi(need("LIAISON_DELIVER_WORKERS")); err != nil || c.workers < 1 {
		errs = append(errs, errors.New("cloud: LIAISON_DELIVER_WORKERS is not a number from 1 on"))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return c, nil
}

// document writes the parameters as a programme's configuration, without surveys: opening them is a decision of the programme's.
func (p programmeParameters) document() ([]byte, error) {
	if u, err := url.Parse(p.baseURL); err != nil || u.Host == "" {
		return nil, fmt.Errorf("cloud: base URL %q is not absolute", p.baseURL)
	}
	preset := people.Language(p.preset)
	secretaries := strings.Split(p.secretary, ",") // readers answer to the first
	out := programme.Programme{
		ID: p.id, Name: programme.Text{preset: p.name}, Group: programme.Text{preset: p.group}, Default: preset,
		BaseURL: strings.TrimSuffix(p.baseURL, "/"), Sender: people.EmailAddress(p.sender), ReplyTo: people.EmailAddress(strings.TrimSpace(secretaries[0])),
		Postal: p.postal, TimeZone: p.timeZone,
	}
	for _, s := range secretaries {
		s = strings.TrimSpace(s)
		out.Secretariat = append(out.Secretariat, programme.Desk{Name: s, Email: people.EmailAddress(s), Role: programme.Secretary, Language: preset})
	}
	for l := range strings.SplitSeq(p.languages, ",") {
		out.Languages = append(out.Languages, people.Language(strings.TrimSpace(l)))
	}
	if !slices.Contains(out.Languages, preset) { // two parameters that a template cannot hold against each other
		out.Languages = append(out.Languages, preset)
	}
	return json.Marshal(out)
}
