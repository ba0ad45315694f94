//go:build linux && (amd64 || arm64)

package sandbox

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// mover moves the wall clock of one process, whose binary stays as it is. A Go program asks the time of a function that the kernel maps
// into every process (vDSO). In the private copy of our child that function is replaced, before its first instruction has
// run, by one that asks the kernel and adds an offset to CLOCK_REALTIME; the offset stands behind it and may change at any
// time. Timers, timeouts and everything else that runs on the monotonic clock go on as they were.
type mover struct {
	memory *os.File
	offset int64 // address
}

// startMoved starts the command with its clock ahead by offset.
func startMoved(c *exec.Cmd, offset time.Duration) (*mover, error) {
	runtime.LockOSThread() // a tracer is a thread
	defer runtime.UnlockOSThread()
	if c.SysProcAttr == nil {
		c.SysProcAttr = &syscall.SysProcAttr{}
	}
	c.SysProcAttr.Ptrace = true // it stops when it is loaded
	if err := c.Start(); err != nil {
		return nil, err
	}
	pid := c.Process.Pid
	m, err := replaceClock(pid, offset)
	if err == nil {
		err = syscall.PtraceDetach(pid)
	}
	if err != nil {
		_ = c.Process.Kill()
		_ = c.Wait()
		return nil, fmt.Errorf("its clock cannot be moved (the machine must let a process trace its child): %w", err)
	}
	return m, nil
}

func replaceClock(pid int, offset time.Duration) (*mover, error) {
	var status syscall.WaitStatus
	for {
		if _, err := syscall.Wait4(pid, &status, 0, nil); !errors.Is(err, syscall.EINTR) {
			if err != nil {
				return nil, err
			}
			break
		}
	}
	if !status.Stopped() {
		return nil, fmt.Errorf("it did not stop: status %#x", status)
	}
	from, to, err := vdso(pid)
	if err != nil {
		return nil, err
	}
	memory, err := os.OpenFile(fmt.Sprintf("/proc/%d/mem", pid), os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	at, size, err := clockFunction(memory, from, to)
	if err == nil && size < uint64(len(clockCode))+16 {
		err = fmt.Errorf("the kernel's function has only %d bytes", size)
	}
	if err != nil {
		return nil, errors.Join(err, memory.Close())
	}
	// The offset stands at the next multiple of eight, so that a change of it is one write.
	code := bytes.Clone(clockCode)
	data := (at + uint64(len(code)) + 7) &^ 7
	point(code, data-at)
	m := &mover{memory, int64(data)}
	if err := m.set(offset); err != nil {
		return nil, errors.Join(err, memory.Close())
	}
	if _, err := memory.WriteAt(code, int64(at)); err != nil {
		return nil, errors.Join(err, memory.Close())
	}
	return m, nil
}

// vdso is where the kernel's functions lie in the process.
func vdso(pid int) (from, to uint64, err error) {
	maps, err := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(maps)) {
		if strings.HasSuffix(strings.TrimSpace(line), "[vdso]") {
			_, err := fmt.Sscanf(line, "%x-%x", &from, &to)
			return from, to, err
		}
	}
	return 0, 0, errors.New("no vDSO is mapped")
}

// clockFunction finds the function that gives the time.
func clockFunction(memory *os.File, from, to uint64) (at, size uint64, err error) {
	image := make([]byte, to-from)
	if _, err := memory.ReadAt(image, int64(from)); err != nil {
		return 0, 0, err
	}
	f, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return 0, 0, err
	}
	symbols, err := f.DynamicSymbols()
	if err != nil {
		return 0, 0, err
	}
	for _, s := range symbols {
		if s.Name == clockSymbol {
			return from + s.Value, s.Size, nil
		}
	}
	return 0, 0, fmt.Errorf("the vDSO has no %s", clockSymbol)
}

// set changes the offset, in whole seconds.
func (m *mover) set(offset time.Duration) error {
	_, err := m.memory.WriteAt(binary.LittleEndian.AppendUint64(nil, uint64(int64(offset/time.Second))), m.offset)
	return err
}

func (m *mover) close() { _ = m.memory.Close() }
