//go:build aws

package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"liaison/infra/lambda/deployment"
)

const root = "../.."

// built is where binaries put them; empty while no test has asked.
var built string

// binaries are built once for all tests.
var binaries = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "lambda-binaries-")
	if err != nil {
		return "", err
	}
	built = dir
	if err := deployment.Build(context.Background(), root, dir); err != nil {
		return "", err
	}
	smoke := exec.Command("go", "build", "-o", filepath.Join(dir, "smoke"), "./infra/smoke")
	smoke.Dir = root
	if out, err := smoke.CombinedOutput(); err != nil {
		return "", &exec.Error{Name: string(out), Err: err}
	}
	return dir, nil
})

func TestMain(m *testing.M) {
	status := m.Run()
	if built != "" {
		_ = os.RemoveAll(built)
	}
	os.Exit(status)
}

// deploy puts the template up with the real binaries.
func deploy(t *testing.T, o deployment.Options) *deployment.Deployment {
	t.Helper()
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	o.Root, o.Bin, o.Log = root, dir, said{t}
	if o.Engine = os.Getenv("LIAISON_TEST_DYNAMODB"); o.Engine == "" {
		t.Fatal("LIAISON_TEST_DYNAMODB names no engine: run this by `make test-aws`")
	}
	d, err := deployment.Up(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		d.Close()
		if t.Failed() {
			for folder, log := range d.Logs {
				for line := range strings.Lines(log.String()) {
					if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level":"WARN"`) || strings.Contains(line, "Error:") {
						t.Logf("%s: %.600s", folder, strings.TrimSpace(line))
					}
				}
			}
		}
	})
	return d
}

// said writes what the harness says into the test's log.
type said struct{ t *testing.T }

func (s said) Write(b []byte) (int, error) {
	if s.t.Context().Err() == nil {
		s.t.Log(strings.TrimSpace(string(b)))
	}
	return len(b), nil
}

// walk takes the smoke run, which knows addresses only, through the deployment.
func walk(t *testing.T, d *deployment.Deployment) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	dir, err := binaries()
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "smoke"), "-base", d.Base).CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}
