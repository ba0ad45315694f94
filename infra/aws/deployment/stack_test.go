//go:build aws

package deployment

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	harness "liaison/infra/lambda/deployment"
)

const bucket = "artifacts"

var architectures = map[string]string{"amd64": "x86_64", "arm64": "arm64"}

// packFunctions builds every function for this machine as `make build` does for Lambda, and packs each as SAM does.
func packFunctions(t *testing.T) map[string][]byte {
	t.Helper()
	folders, err := filepath.Glob(root + "/functions/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("functions: %v %v", folders, err)
	}
	bin := t.TempDir()
	out := map[string][]byte{}
	for _, f := range folders {
		name := filepath.Base(f)
		to := filepath.Join(bin, name)
		cmd := exec.Command("go", slices.Concat([]string{"build"}, harness.Flags, []string{"-o", to, "liaison/functions/" + name})...)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
		if said, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("build %s: %v\n%s", name, err, said)
		}
		if out[name], err = pack(to); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func pack(program string) ([]byte, error) {
	code, err := os.ReadFile(program)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) { return flate.NewWriter(out, flate.BestSpeed) })
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Deflate}
	h.SetMode(0o755)
	f, err := w.CreateHeader(h)
	if err == nil {
		_, err = f.Write(code)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}

// stack is one of the emulator's.
type stack struct {
	operator
	name       string
	parameters map[string]string
	outputs    map[string]string // by their names
	resources  map[string]resource
}

type resource struct {
	LogicalResourceId, PhysicalResourceId, ResourceType, ResourceStatus string
}

// create makes a stack through CloudFormation. It returns how that ended, and why.
func (o operator) create(name string, text []byte, parameters map[string]string) (status, reason string) {
	o.t.Helper()
	return o.change("CreateStack", name, text, parameters)
}

// change creates or updates a stack, from a template in S3 as it is too large to be sent.
func (o operator) change(action, name string, text []byte, parameters map[string]string) (status, reason string) {
	o.t.Helper()
	o.put(bucket, name+".yaml", text)
	pairs := []string{"StackName", name, "TemplateURL", o.url + "/" + bucket + "/" + name + ".yaml",
		"Capabilities.member.1", "CAPABILITY_IAM", "Capabilities.member.2", "CAPABILITY_AUTO_EXPAND"}
	n := 0
	for k, v := range parameters {
		n++
		pairs = append(pairs, fmt.Sprintf("Parameters.member.%d.ParameterKey", n), k, fmt.Sprintf("Parameters.member.%d.ParameterValue", n), v)
	}
	if code, answer := o.ask("cloudformation", action, pairs...); code != 200 {
		return "REFUSED", string(answer)
	}
	status = o.settled(name)
	var events struct {
		Events []struct{ LogicalResourceId, ResourceStatus, ResourceStatusReason string } `xml:"DescribeStackEventsResult>StackEvents>member"`
	}
	o.query("cloudformation", "DescribeStackEvents", &events, "StackName", name)
	for _, e := range events.Events {
		if strings.HasSuffix(e.ResourceStatus, "_FAILED") || e.LogicalResourceId == name && e.ResourceStatusReason != "" {
			reason += e.LogicalResourceId + " " + e.ResourceStatus + ": " + e.ResourceStatusReason + "\n"
		}
	}
	return status, reason
}

type described struct {
	Stacks []struct {
		StackStatus, StackStatusReason string
		Outputs                        []struct{ OutputKey, OutputValue string } `xml:"Outputs>member"`
	} `xml:"DescribeStacksResult>Stacks>member"`
}

// settled waits until nothing is in progress; a stack that is no more is GONE.
func (o operator) settled(name string) string {
	o.t.Helper()
	for range 600 {
		if code, answer := o.ask("cloudformation", "DescribeStacks", "StackName", name); code != 200 {
			if bytes.Contains(answer, []byte("does not exist")) {
				return "GONE"
			}
			o.fine("DescribeStacks", code, answer)
		}
		var d described
		o.query("cloudformation", "DescribeStacks", &d, "StackName", name)
		if len(d.Stacks) == 1 && !strings.HasSuffix(d.Stacks[0].StackStatus, "_IN_PROGRESS") {
			return d.Stacks[0].StackStatus
		}
		time.Sleep(100 * time.Millisecond)
	}
	o.t.Fatalf("the stack %s does not come to rest", name)
	return ""
}

// open reads what a stack came to.
func (o operator) open(name string) *stack {
	o.t.Helper()
	s := &stack{operator: o, name: name, outputs: map[string]string{}, resources: map[string]resource{}}
	var d described
	o.query("cloudformation", "DescribeStacks", &d, "StackName", name)
	for _, out := range d.Stacks[0].Outputs {
		s.outputs[out.OutputKey] = out.OutputValue
	}
	for _, r := range o.listed(name) {
		s.resources[r.LogicalResourceId] = r
	}
	return s
}

func (o operator) listed(name string) []resource {
	o.t.Helper()
	var list struct {
		Resources []resource `xml:"DescribeStackResourcesResult>StackResources>member"`
	}
	o.query("cloudformation", "DescribeStackResources", &list, "StackName", name)
	return list.Resources
}

// processed is the template after the SAM transform: what CloudFormation made the resources from, as JSON.
func (s *stack) processed() string {
	s.t.Helper()
	var body struct {
		Text string `xml:"GetTemplateResult>TemplateBody"`
	}
	s.query("cloudformation", "GetTemplate", &body, "StackName", s.name, "TemplateStage", "Processed")
	return body.Text
}

// physical is the id that a resource was given.
func (s *stack) physical(logical string) string {
	s.t.Helper()
	id := s.resources[logical].PhysicalResourceId
	if id == "" {
		s.t.Fatalf("%s was not made", logical)
	}
	return id
}
