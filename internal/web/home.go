package web

import (
	"time"

	"ferric/internal/window"
)

func homeRoutes(w *Web) []route {
	return []route{{pattern: "GET /{$}", who: anyone, do: w.home, opts: options{cached: true}}}
}

// homeView is what opens next and what opened last.
type homeView struct {
	Name string
	Now  time.Time
	Next []window.Item
	Last []window.Item
	More bool // the catalogue has more
}

// How many releases the first page shows of either.
const (
	homeNext = 6
	homeLast = 12
)

func (w *Web) home(v *visit) error {
	next, err := w.cfg.Window.Releases(v.r.Context(), window.Query{Order: window.Next, Limit: homeNext})
	if err != nil {
		return err
	}
	last, err := w.cfg.Window.Releases(v.r.Context(), window.Query{Order: window.Last, Limit: homeLast})
	if err != nil {
		return err
	}
	view := homeView{Name: w.cfg.Name, Now: v.Now, Next: next.Items, Last: last.Items, More: last.Next != "" || next.Next != ""}
	p := page{Title: w.cfg.Name, Canonical: "/", Feed: "/feed.atom", Scripts: []string{"times.js"}, Description: "Numbered cassettes, straight from those who made them."}
	return v.show(p, homePage(view))
}
