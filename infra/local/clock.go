package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"sync"
	"time"
)

// clock is the programme's clock: the machine's, moved by an offset that is kept in a file.
type clock struct {
	path   string
	mu     sync.RWMutex
	offset time.Duration
}

func openClock(path string) (*clock, error) {
	c := &clock{path: path}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return c, nil
	}
	if err != nil {
		return nil, err
	}
	if c.offset, err = time.ParseDuration(strings.TrimSpace(string(text))); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// Now is the programme's time, in UTC.
func (c *clock) Now() time.Time {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return time.Now().Add(c.offset).UTC()
}

// advance moves the clock; the file is written first, so that time never goes back.
func (c *clock) advance(d time.Duration) error { return c.set(c.offsetNow() + d) }

func (c *clock) offsetNow() time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset
}

func (c *clock) set(offset time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := write(c.path, []byte(offset.String()+"\n")); err != nil {
		return err
	}
	c.offset = offset
	return nil
}
