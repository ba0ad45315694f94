package stage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Clock is the programme's clock: the machine's, moved by an offset that is kept in a file.
type Clock struct {
	path   string
	mu     sync.RWMutex
	offset time.Duration
}

// OpenClock reads the file at path, which need not be there yet; with an empty path nothing is kept.
func OpenClock(path string) (*Clock, error) {
	c := &Clock{path: path}
	if path == "" {
		return c, nil
	}
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
func (c *Clock) Now() time.Time { return time.Now().Add(c.Offset()).UTC() }

// Offset is how far the programme's clock is ahead of the machine's.
func (c *Clock) Offset() time.Duration {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.offset
}

// Advance moves the clock; the file is written first, so that time never goes back.
func (c *Clock) Advance(d time.Duration) error { return c.Set(c.Offset() + d) }

// Set lets the clock be ahead of the machine's by offset, or behind it.
func (c *Clock) Set(offset time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.path != "" {
		if err := Write(c.path, []byte(offset.String()+"\n")); err != nil {
			return err
		}
	}
	c.offset = offset
	return nil
}

// Write replaces a file as a whole, readable by its owner alone.
func Write(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // of mode 0600
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Rename(f.Name(), path)
}
