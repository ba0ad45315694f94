//go:build aws

package deployment

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const root = "../../.."

// services are those that the template has resources of. Fewer start faster, and leave fewer ports open.
const services = "cloudformation,s3,dynamodb,lambda,sqs,sns,ses,apigateway,events,logs,secretsmanager,iam,sts,monitoring"

// emulator is the emulator as a process of its own. Roles are enforced: a function may do what its role says, and nothing else.
type emulator struct {
	url  string
	cmd  *exec.Cmd
	line io.Closer
	log  *safeBuffer
}

// safeBuffer may be read while a process writes to it.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

var install = sync.OnceValues(exec.Command(root + "/infra/aws/install.sh").CombinedOutput)

// lifeline runs the emulator, and ends it with all its functions when the input ends: when it is told to stop, and also when the test is killed.
const lifeline = `"$0" </dev/null & cat >/dev/null; kill $!; wait $!; kill -9 0`

// startEmulator installs the emulator where it is not yet and starts it on a free port. Its functions send mail to mailService, or to
// the emulator's own when that is empty.
func startEmulator(t *testing.T, mailService string) *emulator {
	t.Helper()
	if out, err := install(); err != nil {
		t.Fatalf("install the emulator: %v\n%s", err, out)
	}
	program, err := filepath.Abs(root + "/.venv/bin/ministack")
	if err != nil {
		t.Fatal(err)
	}
	for try := range 3 { // another program may take the port between the question and the start
		e := &emulator{url: "http://" + freeAddress(t), log: &safeBuffer{}}
		e.cmd = exec.Command("sh", "-c", lifeline, program)
		port := e.url[strings.LastIndexByte(e.url, ':')+1:]
		home := t.TempDir()
		e.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home, "LOG_LEVEL=WARNING", "NO_PROXY=*",
			"BIND_HOST=127.0.0.1", "GATEWAY_PORT=" + port, "SERVICES=" + services, "IOT_MTLS_ENABLED=0", "AUTH=true",
			"MINISTACK_REGION=" + region, "AWS_DEFAULT_REGION=" + region,
			"AWS_ENDPOINT_URL=" + e.url} // handed on to the functions, with the next
		if mailService != "" {
			e.cmd.Env = append(e.cmd.Env, "AWS_ENDPOINT_URL_SESV2="+mailService)
		}
		e.cmd.Stdout, e.cmd.Stderr = e.log, e.log
		e.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // kill -9 0 is for them alone
		if e.line, err = e.cmd.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := e.cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { e.stop() })
		if e.ready() {
			return e
		}
		t.Logf("try %d: the emulator did not start\n%s", try+1, e.log)
		e.stop()
	}
	t.Fatal("the emulator does not start")
	return nil
}

func (e *emulator) ready() bool {
	for range 150 {
		if res, err := http.Get(e.url + "/_ministack/health"); err == nil {
			res.Body.Close()
			return res.StatusCode == http.StatusOK
		}
		time.Sleep(200 * time.Millisecond)
	}
	return false
}

// stop ends it once and for all.
func (e *emulator) stop() {
	if e.cmd.ProcessState == nil {
		e.line.Close()
		_ = e.cmd.Wait() // with "signal: killed"
	}
}

// troubles are the lines of its log that tell of something gone wrong in it.
func (e *emulator) troubles() (out []string) {
	for line := range strings.Lines(e.log.String()) {
		if strings.Contains(line, " ERROR ") {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return out
}

func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return fmt.Sprint(l.Addr())
}
