package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"ferric/deck"
	"ferric/internal/listen"
	"ferric/internal/web"
)

// Player plays one pressing folder on the deck, in a browser on this machine, with no shop at all.
type Player struct {
	folder  *listen.Folder
	socket  net.Listener
	handler http.Handler
	address string
}

// PlayConfig says what is played, and as what. Zero fields mean the stated default.
type PlayConfig struct {
	Folder  string // the pressing
	Port    int    // on this machine; 0 is any that is free
	Machine string // a preset's name; empty is the reference deck
	Tape    string // formulation; empty is the pressing's own
	Copy    string // which copy; empty is none in particular
	Plays   int
	Bend    *deck.Bend
	Log     *slog.Logger // nil is none
}

// NewPlayer opens the pressing and takes a port of this machine, which nobody else can reach. The caller must Close it.
func NewPlayer(c PlayConfig) (*Player, error) {
	folder, err := listen.OpenFolder(c.Folder)
	if err != nil {
		return nil, err
	}
	p := &Player{folder: folder}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := p.open(c); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

func (p *Player) open(c PlayConfig) error {
	// Segments are signed with a key that ends with the program, as the address does.
	room, err := listen.New(p.folder, p.folder, listen.Config{Key: []byte(rand.Text()), Own: true})
	if err != nil {
		return err
	}
	if p.socket, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(c.Port))); err != nil {
		return fmt.Errorf("port %d cannot be had: %w", c.Port, err)
	}
	origin := &url.URL{Scheme: "http", Host: p.socket.Addr().String()}
	token := rand.Text()
	p.address = origin.String() + "/" + token + "/"
	m := p.folder.Manifest.Release
	p.handler, err = web.NewPlayer(web.Player{Origin: origin, Token: token, Listen: room, Release: p.folder.Release, Artist: m.Artist, Company: m.Label,
		Copy: c.Copy, Plays: c.Plays, Tape: c.Tape, Machine: c.Machine, Bend: c.Bend, Log: c.Log})
	return err
}

// Address is the page's. Whoever has it, on this machine, may listen.
func (p *Player) Address() string { return p.address }

// Run serves until ctx ends.
func (p *Player) Run(ctx context.Context) error {
	srv := &http.Server{Handler: p.handler, ReadHeaderTimeout: readHeader, ReadTimeout: time.Minute, IdleTimeout: idle, MaxHeaderBytes: 32 << 10, ErrorLog: log.New(io.Discard, "", 0)}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(p.socket) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if err := srv.Shutdown(end); err != nil {
		srv.Close()
	}
	<-done
	return nil
}

// Close closes the folder and the port.
func (p *Player) Close() error {
	err := p.folder.Close()
	if p.socket != nil {
		p.socket.Close() // closed already when Run ended
	}
	return err
}
