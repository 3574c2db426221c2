//go:build linux

package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strconv"
	"time"

	"ferric/internal/people"
)

// conn is one HTTP/1.1 connection that is kept open. It knows as little of HTTP as the shop's answers need: the load program
// shares the machine with the server, and what it spends itself is missing there. One goroutine uses it at a time.
type conn struct {
	net.Conn
	in  *bufio.Reader
	out []byte
	got []byte
}

func newConn(c net.Conn) *conn { return &conn{Conn: c, in: bufio.NewReaderSize(c, 16<<10)} }

func (s *site) dial() (*conn, error) {
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		return nil, err
	}
	return newConn(c), nil
}

// request is what a browser sends.
type request struct {
	method, path string
	buyer        buyer
	form         url.Values // of a POST
	json         bool       // asks for JSON, as scripts do
	gzip         bool
}

// answer is what came back. The body is good until the next request of its connection.
type answer struct {
	status   int
	location string
	body     []byte
}

// buyer is a browser: an address, a cookie, perhaps a session.
type buyer struct{ from, visitor, session string }

// newBuyer is the i-th buyer, at an address of their own.
func newBuyer(i int) buyer {
	return buyer{from: address(i), visitor: people.NewVisitor()}
}

func address(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16&255, i>>8&255, i&255) }

const patience = 30 * time.Second

func (c *conn) do(r request) (answer, error) {
	b := append(c.out[:0], r.method...)
	b = append(append(append(b, ' '), r.path...), " HTTP/1.1\r\nHost: load\r\n"...)
	header := func(name, value string) {
		b = append(append(append(append(b, name...), ": "...), value...), '\r', '\n')
	}
	if r.buyer.from != "" {
		header("X-Forwarded-For", r.buyer.from)
	}
	switch {
	case r.buyer.session != "":
		header("Cookie", "ferric-session="+r.buyer.session)
	case r.buyer.visitor != "":
		header("Cookie", "ferric-visitor="+r.buyer.visitor)
	}
	if r.json {
		header("Accept", "application/json")
	}
	if r.gzip {
		header("Accept-Encoding", "gzip")
	}
	if r.method == "POST" {
		form := r.form.Encode()
		header("Sec-Fetch-Site", "same-origin")
		header("Content-Type", "application/x-www-form-urlencoded")
		header("Content-Length", strconv.Itoa(len(form)))
		b = append(append(b, '\r', '\n'), form...)
	} else {
		b = append(b, '\r', '\n')
	}
	c.out = b
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return answer{}, err
	}
	if _, err := c.Write(b); err != nil {
		return answer{}, err
	}
	return c.read()
}

func (c *conn) read() (a answer, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return a, err
	}
	if len(line) < 12 || !bytes.HasPrefix(line, []byte("HTTP/1.1 ")) {
		return a, fmt.Errorf("not an answer: %q", line)
	}
	if a.status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return a, err
	}
	length := -1
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return a, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(": "))
		switch string(name) {
		case "Content-Length":
			if length, err = strconv.Atoi(string(value)); err != nil {
				return a, err
			}
		case "Location":
			a.location = string(value)
		}
	}
	if length < 0 || length > 16<<20 {
		return a, errors.New("an answer without its length")
	}
	if cap(c.got) < length {
		c.got = make([]byte, length)
	}
	a.body = c.got[:length]
	_, err = io.ReadFull(c.in, a.body)
	return a, err
}
