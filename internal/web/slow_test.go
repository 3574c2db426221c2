package web

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestReadersThatTakeNothing (N1): who asks for much and takes none of it is let go; who takes it slowly has all of it.
func TestReadersThatTakeNothing(t *testing.T) {
	s := newShop(t)
	s.silent = 500 * time.Millisecond
	var mu sync.Mutex
	closed := 0
	server := httptest.NewUnstartedServer(s.Handler())
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateClosed {
			mu.Lock()
			closed++
			mu.Unlock()
		}
	}
	server.Start()
	defer server.Close()
	path := s.files.path("fonts/roboto.ttf")
	const asks = 200 // of some 100 KB each, far more than lies between two ends of a connection
	idle, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer idle.Close()
	ask := fmt.Sprintf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", path)
	go io.WriteString(idle, strings.Repeat(ask, asks))
	slow, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer slow.Close()
	io.WriteString(slow, ask[:len(ask)-2]+"Connection: close\r\n\r\n")
	got := 0
	for buf := make([]byte, 16<<10); ; {
		n, err := slow.Read(buf)
		got += n
		if err != nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if want := len(s.files.all["fonts/roboto.ttf"].open()); got < want {
		t.Errorf("who takes slowly has %d bytes of %d", got, want)
	}
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		mu.Lock()
		n := closed
		mu.Unlock()
		if n == 2 {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("who takes nothing still holds a connection (%d are closed)", n)
		}
	}
}
