package web

import (
	"crypto/subtle"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"ferric/deck"
	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/listen"
	"ferric/tape"
)

// Player is a deck with no shop: one pressing, one listener, one page.
type Player struct {
	Origin  *url.URL // scheme and host, on this machine
	Token   string   // the first part of every address: who has it may listen
	Listen  *listen.Listening
	Release catalog.Release
	Artist  string
	Company string
	Copy    string // which copy it plays as, "FER-001/17"; empty: none in particular
	Plays   int    // how often that was played
	Tape    string // formulation, empty for the pressing's own
	Machine string // a preset's name, empty for the reference deck
	Bend    *deck.Bend
	Log     *slog.Logger
}

// NewPlayer makes the deck's page, its files and its questions, and nothing else.
func NewPlayer(c Player) (http.Handler, error) {
	if c.Origin == nil || !loopback(c.Origin.Hostname()) || len(c.Token) < 16 {
		return nil, errors.New("web: a deck without a shop is for this machine alone, behind a secret address")
	}
	w := &Web{cfg: Config{Name: "Ferric", Origin: c.Origin, Now: time.Now, Log: c.Log, Listen: c.Listen}, files: newFiles(), cache: newCache(time.Now), limits: newLimits(time.Now)}
	base := "/" + c.Token
	w.routes = append(staticRoutes(w), accentRoutes(w)...)
	w.routes = append(w.routes, route{pattern: "GET /{token}/{$}", who: secret, opts: options{wasm: true}, do: func(v *visit) error {
		if !sameSecret(v.path("token"), c.Token) {
			return fault.New(fault.NotFound, "There is no deck at this address. It has another each time it is started.")
		}
		d, err := c.Listen.Look(v.r.Context(), listener, listen.Want{Release: c.Release.ID})
		if err != nil {
			return err
		}
		view := newDeckView(d, c.Release, c.Artist, c.Company, "", "")
		view.Base, view.Bend, view.Words = base, c.Bend, c.Copy
		view.Want, view.As = wantJSON{Release: c.Release.ID}, as{c.Copy, c.Tape, c.Plays}
		if f, err := tape.ParseFormulation(c.Tape); err == nil {
			view.Formulation = f
		}
		if c.Machine != "" {
			view.Machine = c.Machine
		}
		return v.showDeck(view, c.Release.Accent)
	}})
	w.mux = http.NewServeMux()
	for _, rt := range w.routes {
		w.mux.Handle(rt.pattern, w.serve(rt))
	}
	ask := http.StripPrefix(base, Play(c.Listen))
	w.mux.HandleFunc("/{token}/", func(rw http.ResponseWriter, r *http.Request) {
		if !sameSecret(r.PathValue("token"), c.Token) {
			http.NotFound(rw, r)
			return
		}
		ask.ServeHTTP(rw, r)
	})
	return w.guard(w.mux), nil
}

// listener is the one who listens where there is no shop.
var listener = listen.Who{Visitor: "here"}

func sameSecret(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }
