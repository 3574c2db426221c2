package web

import (
	"strings"
	"unicode/utf8"

	"ferric/internal/catalog"
	"ferric/internal/window"
)

func searchRoutes(w *Web) []route {
	return []route{{pattern: "GET /search", who: anyone, do: w.search}}
}

// searchView is what was asked for and what was found.
type searchView struct {
	listView
	Text    string
	Labels  []catalog.Label
	Artists []catalog.Artist
}

// maxSearch is how many characters are searched for.
const maxSearch = 100

func (w *Web) search(v *visit) error {
	query := v.r.URL.Query()
	text := strings.TrimSpace(strings.ToValidUTF8(query.Get("q"), ""))
	if utf8.RuneCountInString(text) > maxSearch {
		text = string([]rune(text)[:maxSearch])
	}
	after := query.Get("after")
	view := searchView{listView: listView{Now: v.Now, First: after == ""}, Text: text}
	if text != "" {
		found, err := w.cfg.Window.Search(v.r.Context(), text, window.Query{After: after})
		if err != nil {
			return err
		}
		view.Items, view.Labels, view.Artists = found.Items, found.Labels, found.Artists
		view.Next = onward("/search", found.Next, "q", text)
	}
	return v.show(page{Title: "Search", Scripts: []string{"times.js"}}, searchPage(view))
}

func (s searchView) empty() bool { return len(s.Items)+len(s.Labels)+len(s.Artists) == 0 }
