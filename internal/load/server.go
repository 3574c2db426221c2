//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// server is "ferric serve" as a process of its own.
type server struct {
	cmd  *exec.Cmd
	out  *bytes.Buffer // what it said
	took time.Duration // from its start until it was ready
	gone chan struct{} // closed when it has ended
}

// launch starts the shop and does not wait for it.
func (s *site) launch() (*server, error) {
	args := []string{"serve", "--data", s.data, "--listen", s.address, "--trusted-proxy", "127.0.0.1", "--log-level", "warn"}
	if s.database != "" {
		args = append(args, "--database", s.database)
	}
	p := &server{cmd: exec.Command(s.ferric, args...), out: &bytes.Buffer{}, gone: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // it does not outlive us, however we end
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.cmd.Wait()
		close(p.gone)
	}()
	return p, nil
}

// start starts the shop and waits until it takes orders.
func (s *site) start(ctx context.Context) (*server, error) {
	began := time.Now()
	p, err := s.launch()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !s.ready() {
		select {
		case <-p.gone:
			return nil, fmt.Errorf("the server did not start:\n%s", p.out)
		case <-ctx.Done():
			p.kill()
			return nil, fmt.Errorf("the server was not ready in time: %w\n%s", ctx.Err(), p.out)
		case <-time.After(2 * time.Millisecond):
		}
	}
	p.took = time.Since(began)
	return p, nil
}

func (s *site) ready() bool {
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		return false
	}
	defer c.Close()
	a, err := newConn(c).do(request{method: "GET", path: "/readyz"})
	return err == nil && a.status == 200
}

// kill ends the server as a power cut would, as far as a process can.
func (p *server) kill() {
	p.cmd.Process.Kill()
	<-p.gone
}

// stop asks it to end and waits.
func (p *server) stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	<-p.gone
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		return fmt.Errorf("the server ended with %d:\n%s", code, p.out)
	}
	return nil
}

// cpu is the processor time that the server has used, user and system: fields 14 and 15 of proc_pid_stat(5), in ticks of 10 ms.
func (p *server) cpu() (time.Duration, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(b[bytes.LastIndexByte(b, ')')+1:])) // from field 3 on; the name before may have spaces
	if len(fields) < 13 {
		return 0, errors.New("/proc has no processor times")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * 10 * time.Millisecond, errors.Join(err1, err2)
}

// memory is what is resident of the server in bytes, now and at most so far.
func (p *server) memory() (now, most int64, err error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return 0, 0, err
	}
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		kb, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			now = kb << 10
		case "VmHWM":
			most = kb << 10
		}
	}
	return now, most, nil
}
