package main

import (
	"fmt"
	"io"
	"sort"
	"strings"
	"text/tabwriter"

	"liaison/internal/sam"
)

// deployment is what would be deleted.
type deployment struct {
	stack, region, status string // empty: only a template
	guarded               bool   // termination protection
	domain                string // the site's own; "": none. Unknown without a stack
	resources             []resource
}

type resource struct {
	id, kind, name string
	stays          bool
	facts          string
	waiting        int // messages
}

// stays tells whether CloudFormation leaves a resource alone when its stack is deleted.
func stays(t sam.Template, id string) bool {
	policy := t.At("Resources", id, "DeletionPolicy").Value
	// A version goes with its function, whatever is said of it.
	return strings.HasPrefix(policy, "Retain") && t.At("Resources", id, "Type").Value != "AWS::Lambda::Version"
}

func fromTemplate(path string) (*deployment, error) {
	t, err := sam.Read(path)
	if err != nil {
		return nil, err
	}
	d := &deployment{}
	t.At("Resources").Each(func(id string, r sam.Node) {
		d.resources = append(d.resources, resource{id: id, kind: r.At("Type").Value, stays: stays(t, id)})
	})
	if len(d.resources) == 0 {
		return nil, fmt.Errorf("%s has no resources", path)
	}
	return d, nil
}

// holding are the kinds that hold something of ours; each of them is named, the others are counted.
var holding = map[string]string{
	"AWS::DynamoDB::Table":        "table",
	"AWS::SecretsManager::Secret": "secret",
	"AWS::SES::EmailIdentity":     "sender's domain",
	"AWS::SQS::Queue":             "queue",
	"AWS::Logs::LogGroup":         "log",
	"AWS::SNS::Topic":             "topic",
	"AWS::ApiGatewayV2::Api":      "address of the site",
	"AWS::CloudWatch::Dashboard":  "dashboard",
}

func (d *deployment) report(out io.Writer) {
	if d.stack == "" {
		fmt.Fprintln(out, "If a stack of template.yaml were deleted:")
	} else {
		fmt.Fprintf(out, "If stack %s in %s (%s) were deleted:\n", d.stack, d.region, d.status)
	}
	fmt.Fprintln(out, "\nSTAYS, belongs to no stack any more, and goes on being billed")
	d.list(out, true)
	fmt.Fprintln(out, "\nGOES, and does not come back")
	d.list(out, false)
	fmt.Fprintln(out, "\nWHAT THAT MEANS")
	for _, s := range d.meaning() {
		fmt.Fprintf(out, "- %s\n", s)
	}
	fmt.Fprintln(out, "\nNothing was deleted. To delete: infra/runbook.md, \"The end of a programme\".")
}

func (d *deployment) list(out io.Writer, stays bool) {
	var lines strings.Builder
	w := tabwriter.NewWriter(&lines, 0, 0, 2, ' ', 0)
	others := map[string]int{}
	for _, r := range d.resources {
		switch what := holding[r.kind]; {
		case r.stays != stays:
		case what == "" && !stays:
			others[r.kind]++
		default:
			if what == "" {
				what = r.kind
			}
			fmt.Fprintf(w, "  %s\t%s\t%s\t%s\n", r.id, what, r.name, r.facts)
		}
	}
	w.Flush()
	for line := range strings.Lines(lines.String()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	var kinds []string
	for k, n := range others {
		kinds = append(kinds, fmt.Sprintf("%d %s", n, strings.TrimPrefix(k, "AWS::")))
	}
	sort.Strings(kinds)
	if len(kinds) > 0 {
		fmt.Fprintf(out, "  and %s\n", strings.Join(kinds, ", "))
	}
}

// meaning says in words what an operator may not see in the lists.
func (d *deployment) meaning() (out []string) {
	say := func(format string, a ...any) { out = append(out, fmt.Sprintf(format, a...)) }
	var kept, unread int
	var waiting []string
	for _, r := range d.resources {
		switch {
		case r.kind == "AWS::DynamoDB::Table" && !r.stays:
			say("%s DOES NOT STAY: everything in it is lost. Its DeletionPolicy is not Retain.", r.id)
		case r.kind == "AWS::DynamoDB::Table":
			kept++
		case r.kind == "AWS::SecretsManager::Secret" && !r.stays:
			say("%s DOES NOT STAY: no link in any mail opens any more, and addresses that must not be mailed again are forgotten.", r.id)
		}
		if r.waiting > 0 {
			waiting = append(waiting, fmt.Sprintf("%d in %s", r.waiting, r.id))
		}
		if strings.HasPrefix(r.facts, "could not be read") {
			unread++
		}
	}
	if kept > 0 {
		say("Tables stay (%d) with what is in them, under names that a new stack does not use by itself (infra/runbook.md, \"Moving a programme\").", kept)
	}
	switch {
	case len(waiting) > 0:
		say("Messages are lost: %s. A distribution that is on its way stops where it is; reports of SES that nobody has read are gone.", strings.Join(waiting, ", "))
	case d.stack != "":
		say("No message waits in any queue.")
	}
	switch {
	case d.stack == "":
		say("A site without a domain of its own loses its address: every link in every mail that was ever sent leads nowhere, the ways out of the newsletter among them.")
	case d.domain == "":
		say("The site has no domain of its own. Its address is lost: every link in every mail that was ever sent leads nowhere, the ways out of the newsletter among them.")
	default:
		say("%s leads nowhere until a new deployment takes it over. With the same signing keys, links in old mails then open again.", d.domain)
	}
	if d.stack != "" {
		say("Numbers of items are up to six hours old: DynamoDB counts no oftener.")
		if d.guarded {
			say("The stack is protected from termination: a deletion would be refused.")
		} else {
			say("The stack is NOT protected from termination: aws cloudformation update-termination-protection --enable-termination-protection --stack-name %s", d.stack)
		}
	}
	if unread > 0 {
		say("%d resources could not be read. %s", unread, needs)
	}
	return out
}
