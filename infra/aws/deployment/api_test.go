//go:build aws

package deployment

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

const (
	region  = "eu-west-1"
	account = "000000000000"
)

// operator is who deploys and looks: the account's root, by AWS's own protocols. Most of the services that he asks have no client among
// the modules of Liaison, which needs none of them in the cloud.
type operator struct {
	t   *testing.T
	url string
	key aws.Credentials
}

func newOperator(t *testing.T, e *emulator) operator {
	return operator{t, e.url, aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}} // by which the emulator knows its root
}

// send signs a request for a service and returns status and answer.
func (o operator) send(service, method, path string, header map[string]string, body []byte) (int, []byte) {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, o.url+path, bytes.NewReader(body))
	if err != nil {
		o.t.Fatal(err)
	}
	for k, v := range header {
		r.Header.Set(k, v)
	}
	sum := sha256.Sum256(body)
	hash := hex.EncodeToString(sum[:])
	r.Header.Set("X-Amz-Content-Sha256", hash)
	if err := v4.NewSigner().SignHTTP(ctx, o.key, r, hash, service, region, time.Now()); err != nil {
		o.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		o.t.Fatal(err)
	}
	return res.StatusCode, readAll(o.t, res)
}

func readAll(t *testing.T, res *http.Response) []byte {
	t.Helper()
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func (o operator) fine(what string, status int, answer []byte) []byte {
	o.t.Helper()
	if status < 200 || status > 299 {
		o.t.Fatalf("%s: %d %.1000s", what, status, answer)
	}
	return answer
}

// rest calls an operation of a REST service.
func (o operator) rest(service, method, path string, body []byte, into any) {
	o.t.Helper()
	status, answer := o.send(service, method, path, map[string]string{"Content-Type": "application/json"}, body)
	o.decode(service+" "+path, o.fine(method+" "+path, status, answer), into)
}

// json calls an operation of a service that names it in a header, such as DynamoDB_20120810.DescribeTable.
func (o operator) json(service, target string, in, into any) {
	o.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		o.t.Fatal(err)
	}
	version := "1.1"
	if service == "dynamodb" || service == "sqs" {
		version = "1.0"
	}
	status, answer := o.send(service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-amz-json-" + version, "X-Amz-Target": target}, body)
	o.decode(target, o.fine(target, status, answer), into)
}

func (o operator) decode(what string, answer []byte, into any) {
	o.t.Helper()
	if into == nil {
		return
	}
	d := json.NewDecoder(bytes.NewReader(answer))
	d.UseNumber()
	if err := d.Decode(into); err != nil {
		o.t.Fatalf("%s: %v in %.500s", what, err, answer)
	}
}

var versions = map[string]string{"cloudformation": "2010-05-15", "sns": "2010-03-31", "iam": "2010-05-08", "monitoring": "2010-08-01"}

// query calls an operation of a service that takes forms and answers XML: pairs are names and values.
func (o operator) query(service, action string, into any, pairs ...string) {
	o.t.Helper()
	status, answer := o.ask(service, action, pairs...)
	o.fine(action, status, answer)
	if into == nil {
		return
	}
	if err := xml.Unmarshal(answer, into); err != nil {
		o.t.Fatalf("%s: %v in %.500s", action, err, answer)
	}
}

func (o operator) ask(service, action string, pairs ...string) (status int, answer []byte) {
	o.t.Helper()
	form := url.Values{"Action": {action}, "Version": {versions[service]}}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return o.send(service, http.MethodPost, "/", map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, []byte(form.Encode()))
}

// put stores an object; the bucket is made when it is not there.
func (o operator) put(bucket, key string, body []byte) {
	o.t.Helper()
	o.send("s3", http.MethodPut, "/"+bucket, nil, fmt.Appendf(nil, "<CreateBucketConfiguration><LocationConstraint>%s</LocationConstraint></CreateBucketConfiguration>", region))
	status, answer := o.send("s3", http.MethodPut, "/"+bucket+"/"+key, nil, body)
	o.fine("put "+key, status, answer)
}

func arn(service, rest string) string {
	return strings.Join([]string{"arn:aws", service, region, account, rest}, ":")
}
