package web

import (
	"fmt"
	"strings"

	"ferric/internal/catalog"
)

// A label's colour is a style sheet of its own, since pages hold no inline styles.
func accentRoutes(w *Web) []route {
	return []route{{pattern: "GET /accent/{colour}", who: anyone, do: w.accent}}
}

func (w *Web) accent(v *visit) error {
	choice := strings.TrimSuffix(v.path("colour"), ".css")
	if len(choice) == 6 && strings.Trim(choice, "0123456789ABCDEFabcdef") == "" {
		choice = "#" + choice
	}
	a := catalog.AccentOf(choice)
	h := v.w.Header()
	h.Set("Content-Type", "text/css; charset=utf-8")
	h.Set("Cache-Control", "public, max-age=86400")
	_, err := fmt.Fprintf(v.w, ":root{--accent:%s}@media(prefers-color-scheme:dark){:root{--accent:%s}}\n", a.Light, a.Dark)
	return err
}

// accentPath is the address of the page's colour; empty for the default.
func (p page) accentPath() string {
	if p.Accent == "" || p.Accent == catalog.Accents[0].Key {
		return ""
	}
	return "/accent/" + strings.TrimPrefix(p.Accent, "#") + ".css"
}
