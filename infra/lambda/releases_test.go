//go:build aws

package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"liaison/infra/lambda/deployment"
	"liaison/infra/local/queue"
	"liaison/infra/local/stage"
)

// each changes every item of the tables that wanted picks, with an update expression; it says how many.
func each(t *testing.T, d *deployment.Deployment, wanted func(pk string) bool, update string, names map[string]string, values map[string]types.AttributeValue) (n int) {
	t.Helper()
	client := d.Client()
	for _, id := range []string{"PeopleTable", "ProgrammeTable", "DeliveryTable"} {
		name := d.Known[id]
		pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &name})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, item := range page.Items {
				if pk := item["pk"].(*types.AttributeValueMemberS).Value; pk == "PROGRAMME" || !wanted(pk) {
					continue
				}
				if _, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: &name, UpdateExpression: aws.String(update),
					Key:                      map[string]types.AttributeValue{"pk": item["pk"], "sk": item["sk"]},
					ExpressionAttributeNames: names, ExpressionAttributeValues: values}); err != nil {
					t.Fatal(err)
				}
				n++
			}
		}
	}
	return n
}

// While a release rolls out, functions of both versions read the same items and messages. What the newer one writes, the older one reads, though
// it holds fields that the older one does not know; what the older one wrote, the newer one reads, though fields are missing that it knows.
func TestTwoReleasesAtOnce(t *testing.T) {
	d := deploy(t, deployment.Options{})
	public, desk := newPerson(t, d), secretary(t, d)
	readers(desk)
	edit := text(public.post("/en/surveys/subscribers", `{`+respondent+`, "organisations": [{"email": "two@answers.example", "name": "Two"}]}`).json["edit"])
	public.post("/en/subscribe", `{"email": "mara@readers.example", "name": "Mara", "organisation": "Org", "country": "PE", "language": "en", "format": "html", "category": "labour", "consent": true}`)
	confirm := public.link("mara@readers.example", "/subscription")
	desk.upload("/desk/roster", "name,email,organisation,country,category,gender,role,language\nAya Moor,aya@experts.example,Coast,GH,ngo,,expert,en\n")
	desk.post("/desk/invitations", `{"to": "all"}`)
	desk.later(time.Minute)
	d.Faults.Mail.Throttle(1000)
	issue := desk.issue(9)
	desk.later(2 * time.Minute)

	// Items of counters hold nothing but numbers, so a new release can add nothing else there.
	name, counters := map[string]string{"#f": "fromTheNextRelease"}, func(pk string) bool { return strings.HasPrefix(pk, "TALLY#") || pk == "ROSTER-COUNTS" }
	each(t, d, counters, "SET #f = :v", name, map[string]types.AttributeValue{":v": &types.AttributeValueMemberN{Value: "7"}})
	n := each(t, d, func(pk string) bool { return !counters(pk) }, "SET #f = :v", name, map[string]types.AttributeValue{
		":v": &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"some": &types.AttributeValueMemberBOOL{Value: true}}}})
	if n < 2*crowd {
		t.Fatalf("only %d items", n)
	}
	without := map[string]string{"#a": "category", "#b": "format", "#c": "kind", "#d": "organisation"} // as if an older release had not had them
	subscribers := func(pk string) bool { return strings.HasPrefix(pk, "SEG#") }
	if n := each(t, d, subscribers, "REMOVE #a, #b, #c, #d", without, nil); n < crowd {
		t.Fatalf("only %d subscribers", n)
	}
	if err := d.Stage.Broker.Send(t.Context(), stage.DeliverQueue, queue.Outgoing{Body: []byte(`{"v":1,"kind":"deliver","distribution":"issue-9","segment":1,"shard":1,"fromTheNextRelease":{"a":1}}`)}); err != nil {
		t.Fatal(err)
	}

	d.Faults.Mail.Throttle(0)
	issue.once()
	public.post(confirm, `{}`)
	public.post(edit, `{`+respondent+`, "version": "1", "organisations": [{"row": "0", "email": "two@answers.example", "name": "Two and more"}]}`)
	public.post(public.link("aya@experts.example", "/presenters/registration"), `{"wish": "yes", "name": "Aya", "organisation": "Coast", "country": "GH", "email": "aya@work.example", "languages": ["en"], "travel": "own"}`)
	for _, to := range []string{"/desk/", "/desk/subscribers", "/desk/presenters", "/desk/candidates?survey=subscribers", "/desk/issues/9", "/desk/audit", "/en/", "/en/issues/9"} {
		desk.get(to)
	}
	desk.later(2 * time.Minute)
	for folder, log := range d.Logs {
		if strings.Contains(log.String(), `"level":"ERROR"`) {
			t.Errorf("functions/%s stumbles", folder)
		}
	}
}
