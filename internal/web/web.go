// Package web is the house as pages: every route, who may use it, and what it
// shows.
//
// A page is a file: its handler reads what it needs from the domains, fills a
// typed view, and a templ component of the same name writes it. Handlers return
// errors; one place turns them into a status and a page that says what
// happened, what was kept and what to do.
//
// Who may do what is a table. Every route is a row (type route) with the access
// that it asks for, and nothing is served that has no row: a test walks all
// rows with every role. What a page hides, its handler refuses too, because the
// row is checked before the handler runs.
//
// Pages are whole without scripts. Scripts (ES modules below static/) only keep
// a shown thing true while others act. The content security policy allows our
// own files and nothing else: no inline script, no style attribute, no other
// origin.
package web

import (
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"ferric/internal/blob"
	"ferric/internal/catalog"
	"ferric/internal/journal"
	"ferric/internal/listen"
	"ferric/internal/mail"
	"ferric/internal/parcel"
	"ferric/internal/people"
	"ferric/internal/publish"
	"ferric/internal/registry"
	"ferric/internal/shop"
	"ferric/internal/window"
)

// Config is what the pages stand on. All of the domains are needed.
type Config struct {
	Name    string   // of the shop, for titles and mails ["Ferric"]
	Origin  *url.URL // where the shop is reached: scheme and host; needed
	Now     func() time.Time
	Log     *slog.Logger
	Proxies []netip.Prefix // whose X-Forwarded-For is believed

	Catalog  *catalog.Catalog
	Window   *window.Window
	Publish  *publish.Desk
	Shop     *shop.Shop
	People   *people.People
	Registry *registry.Registry
	Blobs    *blob.Store
	Mail     *mail.Mailer // nil: the shop sends no mail
	Listen   *listen.Listening
	Books    *journal.Books
	Parcels  *parcel.Desk
}

// Web serves the pages. It is safe for use by many goroutines.
type Web struct {
	cfg    Config
	secure bool // cookies are Secure and have the __Host- prefix
	files  *files
	cache  *cache
	limits *limits
	live   *live
	mux    *http.ServeMux
	routes []route
	silent time.Duration // how long a reader may take nothing of what it asked for
}

// New makes the pages. It refuses a shop that is neither on https nor on this
// machine: its cookies could be read on the way.
func New(c Config) (*Web, error) {
	if c.Name == "" {
		c.Name = "Ferric"
	}
	if c.Origin == nil || c.Origin.Host == "" {
		return nil, errors.New("web: the shop's address is needed")
	}
	secure := c.Origin.Scheme == "https"
	if !secure && (c.Origin.Scheme != "http" || !loopback(c.Origin.Hostname())) {
		return nil, errors.New("the shop's address must begin with https://, except on this machine itself (http://localhost)")
	}
	w := &Web{cfg: c, secure: secure, files: newFiles(), cache: newCache(c.Now), limits: newLimits(c.Now), silent: takeSilence}
	w.live = newLive(c.Window, func(err error) { c.Log.Error("open pages could not be kept true", "cause", err.Error()) })
	w.routes = w.table()
	w.mux = http.NewServeMux()
	for _, rt := range w.routes {
		w.mux.Handle(rt.pattern, w.serve(rt))
	}
	return w, nil
}

// Handler answers every request.
func (w *Web) Handler() http.Handler { return w.guard(w.mux) }

// address is an absolute address of the shop.
func (w *Web) address(path string) string {
	return w.cfg.Origin.Scheme + "://" + w.cfg.Origin.Host + path
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}
