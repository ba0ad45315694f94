package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"liaison/infra/local/demo"
	"liaison/infra/local/stage"
	"liaison/internal/link"
	"liaison/internal/programme"
)

// config is what the command line says.
type config struct {
	addr, data string
	demo       bool
	rate       float64
	logger     *slog.Logger
}

var errNotLoopback = errors.New("only loopback addresses are allowed (127.0.0.1, [::1], localhost): there is no protection here against strangers")

// listen opens the port, on loopback only.
func (c config) listen() (net.Listener, error) {
	host, _, err := net.SplitHostPort(c.addr)
	if err != nil {
		return nil, fmt.Errorf("-addr %s: %w", c.addr, err)
	}
	if ip := net.ParseIP(host); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
		return nil, fmt.Errorf("-addr %s: %w", c.addr, errNotLoopback)
	}
	return net.Listen("tcp", c.addr)
}

// programme reads the programme that the folder holds, or begins one.
func (c config) programme(base string, now time.Time) (p *programme.Programme, err error) {
	path := filepath.Join(c.data, "programme.json")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		p = demo.Empty(now)
		if c.demo {
			p = demo.Programme(now)
		}
		p.BaseURL = base
		if text, err = json.MarshalIndent(p, "", "  "); err == nil {
			err = stage.Write(path, text)
		}
	}
	if err != nil {
		return nil, err
	}
	if p, err = programme.Parse(text); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	p.BaseURL = base // the port may be another one now
	return p, p.Check()
}

// key reads the signing key, or makes one.
func (c config) key() (k link.Key, err error) {
	path := filepath.Join(c.data, "key")
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		if _, err := rand.Read(k[:]); err != nil {
			return k, err
		}
		return k, stage.Write(path, []byte(hex.EncodeToString(k[:])+"\n"))
	}
	if err != nil {
		return k, err
	}
	if n, err := hex.Decode(k[:], []byte(strings.TrimSpace(string(text)))); err != nil || n != len(k) {
		return k, fmt.Errorf("%s is no key: delete the folder to begin anew", path)
	}
	return k, nil
}
