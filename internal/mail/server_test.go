package mail_test

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/mail"
)

// server is a mail server on the loopback, as much of RFC 5321 as a client that sends needs.
type server struct {
	addr  *net.TCPAddr
	cert  *tls.Certificate // offers STARTTLS with it; nil: does not
	roots *x509.CertPool

	mu sync.Mutex
	// answer is what to say to a command or a text; empty is yes. "hang" says nothing. "drop" closes the
	// connection, after taking what it was given. Guarded by mu, as all below.
	answer func(command string) string
	got    []letter
	seen   []string // commands
}

// letter is a mail as it arrived.
type letter struct {
	from, to, text string
	tls            bool
}

func newServer(t *testing.T, withTLS bool) *server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: l.Addr().(*net.TCPAddr)}
	if withTLS {
		s.makeCert(t)
	}
	var open sync.WaitGroup
	var mu sync.Mutex
	conns := map[net.Conn]bool{}
	open.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns[c] = true
			mu.Unlock()
			open.Go(func() { s.talk(c); c.Close() })
		}
	})
	t.Cleanup(func() {
		l.Close()
		mu.Lock()
		for c := range conns {
			c.Close()
		}
		mu.Unlock()
		open.Wait()
	})
	return s
}

func (s *server) makeCert(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	about := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Now().AddDate(10, 0, 0), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, about, about, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	s.cert = &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	s.roots = x509.NewCertPool()
	s.roots.AddCert(parsed)
}

func (s *server) config() mail.Server {
	return mail.Server{Host: "127.0.0.1", Port: s.addr.Port, Plain: s.cert == nil, Roots: s.roots}
}

func (s *server) say(f func(command string) string) { s.mu.Lock(); s.answer = f; s.mu.Unlock() }

func (s *server) letters() []letter {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]letter(nil), s.got...)
}

func (s *server) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.seen...)
}

func (s *server) talk(c net.Conn) {
	in, out := bufio.NewReader(c), io.Writer(c)
	secure := false
	var from, to string
	fmt.Fprint(out, "220 here\r\n")
	for {
		line, err := in.ReadString('\n')
		if err != nil {
			return
		}
		command := strings.TrimSpace(line)
		verb := strings.ToUpper(strings.SplitN(command, " ", 2)[0])
		s.mu.Lock()
		s.seen = append(s.seen, command)
		answer := ""
		if s.answer != nil {
			answer = s.answer(command)
		}
		s.mu.Unlock()
		switch {
		case answer == "hang":
			io.Copy(io.Discard, in)
			return
		case answer == "drop":
			return
		case answer != "":
			fmt.Fprintf(out, "%s\r\n", answer)
			continue
		}
		switch verb {
		case "EHLO":
			if s.cert != nil && !secure {
				fmt.Fprint(out, "250-here\r\n250 STARTTLS\r\n")
			} else {
				fmt.Fprint(out, "250 here\r\n")
			}
		case "STARTTLS":
			fmt.Fprint(out, "220 go\r\n")
			t := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{*s.cert}})
			in, out, secure = bufio.NewReader(t), t, true
		case "MAIL":
			from = command
			fmt.Fprint(out, "250 yes\r\n")
		case "RCPT":
			to = command
			fmt.Fprint(out, "250 yes\r\n")
		case "DATA":
			fmt.Fprint(out, "354 go\r\n")
			var text strings.Builder
			for {
				line, err := in.ReadString('\n')
				if err != nil {
					return
				}
				if line == ".\r\n" {
					break
				}
				text.WriteString(strings.TrimPrefix(line, "."))
			}
			s.mu.Lock()
			s.got = append(s.got, letter{from, to, text.String(), secure})
			answer := ""
			if s.answer != nil {
				answer = s.answer("text of " + to)
			}
			s.mu.Unlock()
			if answer == "drop" {
				return
			}
			if answer == "" {
				answer = "250 taken"
			}
			fmt.Fprintf(out, "%s\r\n", answer)
		case "QUIT":
			fmt.Fprint(out, "221 bye\r\n")
			return
		default:
			fmt.Fprint(out, "250 yes\r\n")
		}
	}
}
