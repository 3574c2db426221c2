package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// How long things may take.
const (
	readHeader = 10 * time.Second
	readForm   = time.Minute // a request with its form; the pages give uploads longer while something comes
	takeAnswer = 2 * time.Minute
	idle       = 2 * time.Minute
	drain      = 15 * time.Second // for requests under way when the shop closes
	sweepEvery = 30 * time.Second
)

// Listen takes the address, so that its owner knows that it is free before anything is promised.
func (a *App) Listen() (net.Listener, error) {
	l, err := net.Listen("tcp", a.cfg.Listen)
	if err != nil {
		return nil, fmt.Errorf("listen: %s cannot be had: %w", a.cfg.Listen, err)
	}
	return l, nil
}

// Run serves until ctx ends, and then finishes what is under way. It closes l.
func (a *App) Run(ctx context.Context, l net.Listener) error {
	g, ctx := errgroup.WithContext(ctx)
	srv := a.server(ctx)
	g.Go(func() error {
		if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			return err
		}
		return nil
	})
	g.Go(func() error {
		<-ctx.Done()
		a.ready.Store(false)
		// Readers that stay (live pages) are told to go by the web's Run, which ends with ctx.
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), drain)
		defer cancel()
		if err := srv.Shutdown(end); err != nil {
			return srv.Close()
		}
		return nil
	})
	g.Go(func() error { return a.Registry.Run(ctx) })
	g.Go(func() error { return a.web.Run(ctx) })
	g.Go(func() error {
		return a.Publish.Run(ctx, func(err error) {
			a.log.Warn("tidying what was published failed; it will be tried again", "cause", err.Error())
		})
	})
	g.Go(func() error { return a.sweep(ctx) })
	if a.cfg.Admin != "" {
		g.Go(func() error { return a.serveAdmin(ctx) })
	}
	if a.mail != nil {
		g.Go(func() error { return a.mail.Run(ctx) })
	}
	a.ready.Store(true)
	return g.Wait()
}

// server is how connections are taken: nobody holds one for nothing, however slowly they send or take.
func (a *App) server(ctx context.Context) *http.Server {
	return &http.Server{
		Handler:           a.Handler(),
		ReadHeaderTimeout: readHeader, ReadTimeout: readForm, WriteTimeout: takeAnswer, IdleTimeout: idle, MaxHeaderBytes: 32 << 10,
		BaseContext: func(net.Listener) context.Context { return context.WithoutCancel(ctx) },
		ErrorLog:    log.New(io.Discard, "", 0), // what strangers' connections do wrong is theirs
	}
}

// sweep keeps histories complete and tables small. Nothing waits for it.
func (a *App) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		if _, err := a.Shop.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("sweeping holds failed; it will be tried again", "cause", err.Error())
		}
		if _, err := a.People.Sweep(ctx); err != nil && ctx.Err() == nil {
			a.log.Warn("sweeping sessions failed; it will be tried again", "cause", err.Error())
		}
	}
}

// Handler answers every request: two questions of machines, and the pages.
func (a *App) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store")
		fmt.Fprintln(w, "ok")
	})
	mux.HandleFunc("GET /readyz", a.answerReady)
	mux.Handle("/", a.web.Handler())
	if a.cfg.Admin == "" {
		return mux
	}
	return a.traffic.count(mux)
}

// answerReady says whether the shop takes orders now: it is open and the database answers.
func (a *App) answerReady(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Second)
	defer cancel()
	if !a.ready.Load() || a.db.Ping(ctx) != nil {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}
