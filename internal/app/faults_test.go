package app

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// opened is a shop's own handler on a server with the settings of Run, on the loopback.
func opened(t *testing.T, edit func(*http.Server)) (address string) {
	t.Helper()
	a, err := New(t.Context(), Config{Data: t.TempDir(), Listen: "127.0.0.1:0", Origin: "http://127.0.0.1"}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	l, err := a.Listen()
	if err != nil {
		t.Fatal(err)
	}
	srv := a.server(context.Background())
	edit(srv)
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		srv.Close()
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
		if err := a.Close(); err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// TestSlowClients (N1): hundreds who send a byte now and then, or a request and then nothing, hold nobody else up, take
// little memory, and are let go.
func TestSlowClients(t *testing.T) {
	const slow = 300
	address := opened(t, func(s *http.Server) {
		for name, d := range map[string]time.Duration{"header": s.ReadHeaderTimeout, "request": s.ReadTimeout, "answer": s.WriteTimeout, "idle": s.IdleTimeout} {
			if d <= 0 || d > 5*time.Minute {
				t.Errorf("the shop waits %s for a client's %s", d, name)
			}
		}
		if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
			t.Errorf("the shop reads %d bytes of headers", s.MaxHeaderBytes)
		}
		s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = 2*time.Second, 2*time.Second, 2*time.Second // as in a shop, in less time
	})
	var before runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	conns := make([]net.Conn, slow)
	for i := range conns {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
		// A third trickle their headers, a third a form's body, a third say nothing at all.
		switch i % 3 {
		case 0:
			fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: %s\r\nX-Slow: a", address)
		case 1:
			fmt.Fprintf(c, "POST /sign-in HTTP/1.1\r\nHost: %s\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nname=", address)
		}
	}
	client := &http.Client{Timeout: 20 * time.Second}
	get := func(path string) int {
		t.Helper()
		r, err := client.Get("http://" + address + path)
		if err != nil {
			t.Fatalf("another's request: %v", err)
		}
		defer r.Body.Close()
		io.Copy(io.Discard, r.Body)
		return r.StatusCode
	}
	for i := range 40 {
		if got := get("/"); got != http.StatusOK {
			t.Errorf("meanwhile the %d. request of another is answered with %d", i, got)
		}
		conns[i*3].Write([]byte("a"))
		conns[i*3+1].Write([]byte("a"))
	}
	var with runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&with)
	if more := int64(with.HeapInuse+with.StackInuse) - int64(before.HeapInuse+before.StackInuse); more > 100<<20 {
		t.Errorf("%d slow clients take %d MB", slow, more>>20)
	}
	// Each is told to go, or cut off, without having sent the rest.
	var wg sync.WaitGroup
	for i, c := range conns {
		wg.Go(func() {
			c.SetReadDeadline(time.Now().Add(30 * time.Second))
			if _, err := io.Copy(io.Discard, c); errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("slow client %d is still there", i)
			}
		})
	}
	wg.Wait()
}

// TestLargeHeaders (N1): a megabyte of headers is refused when the first of it is read, and costs others nothing.
func TestLargeHeaders(t *testing.T) {
	address := opened(t, func(*http.Server) {})
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			c.SetDeadline(time.Now().Add(30 * time.Second))
			head := "GET / HTTP/1.1\r\nHost: x\r\n"
			switch i % 3 {
			case 0:
				head += "X-Large: " + strings.Repeat("a", 1<<20)
			case 1:
				head += strings.Repeat("X-Many: a\r\n", 1<<17)
			case 2:
				head = "GET /" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: x"
			}
			go io.WriteString(c, head+"\r\n\r\n") // the server need not read it all
			r, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				return // cut off while it was sending
			}
			defer r.Body.Close()
			if r.StatusCode != http.StatusRequestHeaderFieldsTooLarge && r.StatusCode != http.StatusRequestURITooLong {
				t.Errorf("large headers %d are answered with %d", i%3, r.StatusCode)
			}
		})
	}
	for range 10 {
		if got := answers("http://" + address + "/"); got != http.StatusOK {
			t.Errorf("meanwhile another is answered with %d", got)
		}
	}
	wg.Wait()
}

// TestSmuggling: requests that two servers in a row could read in two ways are refused (CWE-444).
func TestSmuggling(t *testing.T) {
	address := opened(t, func(*http.Server) {})
	for name, head := range map[string]string{
		"two lengths":           "Content-Length: 5\r\nContent-Length: 6\r\n",
		"length that is none":   "Content-Length: +5\r\n",
		"unknown coding":        "Transfer-Encoding: xchunked\r\n",
		"two codings":           "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
		"space before colon":    "Content-Length : 5\r\n",
		"line without a colon":  "Content-Length\r\n",
		"two hosts":             "Host: y\r\nContent-Length: 5\r\n",
		"control in a value":    "X-A: a\x01b\r\n",
		"bare return in a line": "X-A: a\rContent-Length: 5\r\n",
	} {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		c.SetDeadline(time.Now().Add(30 * time.Second))
		fmt.Fprintf(c, "POST /sign-in HTTP/1.1\r\nHost: x\r\n%s\r\n0\r\n\r\nGET /evil HTTP/1.1\r\nHost: x\r\n\r\n", head)
		in := bufio.NewReader(c)
		r, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if r.StatusCode != http.StatusBadRequest && r.StatusCode != http.StatusNotImplemented {
			t.Errorf("%s: %d", name, r.StatusCode)
		} else {
			io.Copy(io.Discard, r.Body)
			if second, err := http.ReadResponse(in, nil); err == nil {
				t.Errorf("%s: a second request was answered, with %d", name, second.StatusCode)
			}
		}
		c.Close()
	}
}

// TestKeysBeforeListening (default secrets): a shop has a key of its own before anybody can ask, the same for two processes
// that begin at once, and never one that was only half written.
func TestKeysBeforeListening(t *testing.T) {
	dir := t.TempDir()
	keys := make([]secret, 8)
	var wg sync.WaitGroup
	for i := range keys {
		wg.Go(func() {
			var err error
			if keys[i], err = openSecret(dir); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	for _, k := range keys {
		if len(k) != 32 || !bytes.Equal(k, keys[0]) || bytes.Equal(k, make([]byte, 32)) {
			t.Fatal("processes that begin at once have different keys")
		}
	}
	if other, err := openSecret(t.TempDir()); err != nil || bytes.Equal(other, keys[0]) {
		t.Errorf("two shops have one key, %v", err)
	}
	if bytes.Equal(keys[0].derive("people"), keys[0].derive("shop")) {
		t.Error("two purposes have one key")
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("%d files are left, %v", len(left), err)
	}
	path := filepath.Join(dir, secretFile)
	for _, damaged := range [][]byte{nil, keys[0][:31], append(keys[0], 0)} {
		if err := os.WriteFile(path, damaged, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := openSecret(dir); err == nil || !strings.Contains(err.Error(), "backup") {
			t.Errorf("a key of %d bytes: %v", len(damaged), err)
		}
	}
}

// TestDemoStaysHere (default secrets): a shop whose passwords are public cannot be opened to others.
func TestDemoStaysHere(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, demoMark), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		listen, origin string
		want           bool
	}{
		{"localhost:8080", "", true}, {"127.0.0.1:8321", "", true}, {"[::1]:1", "http://[::1]:1", true},
		{"0.0.0.0:8080", "http://localhost:8080", false}, {":8080", "http://localhost:8080", false}, {"192.0.2.1:80", "http://localhost", false},
		{"localhost:8080", "https://tapes.example", false}, {"[::]:80", "https://tapes.example", false},
	} {
		cfg := Config{Data: dir, Listen: c.listen, Origin: c.origin}
		if err := cfg.check(); err != nil {
			t.Fatal(err)
		}
		if err := cfg.refuseDemo(); (err == nil) != c.want {
			t.Errorf("a demo on %s, reached as %q: %v", c.listen, c.origin, err)
		}
		cfg.Data = t.TempDir()
		if err := cfg.refuseDemo(); err != nil {
			t.Errorf("a shop that is no demo: %v", err)
		}
	}
	if _, err := New(t.Context(), Config{Data: dir, Listen: "0.0.0.0:0", Origin: "https://tapes.example"}, slog.New(slog.DiscardHandler)); err == nil || !strings.Contains(err.Error(), "public") {
		t.Errorf("opened to everybody: %v", err)
	}
}
