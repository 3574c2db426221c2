package web

import (
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/window"
)

func labelRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /l/{label}", who: anyone, do: w.label, opts: options{cached: true}},
		{pattern: "GET /a/{artist}", who: anyone, do: w.artist, opts: options{cached: true}},
	}
}

// labelView is a label and its shelf.
type labelView struct {
	catalog.Label
	Spines []spineView
	Next   string
	Now    time.Time
	First  bool
	Member bool // the reader has a part in it
}

// shelfOf is how many spines stand on one shelf.
const shelfOf = 100

func (w *Web) label(v *visit) error {
	ctx := v.r.Context()
	label, err := w.cfg.Catalog.LabelBySlug(ctx, v.path("label"))
	if err != nil {
		return err
	}
	after := v.r.URL.Query().Get("after")
	list, err := w.cfg.Window.Releases(ctx, window.Query{Label: label.ID, Order: window.ByLabel, After: after, Limit: shelfOf})
	if err != nil {
		return err
	}
	view := labelView{Label: label, Now: v.Now, First: after == "", Next: onward(labelPath(label.Slug), list.Next)}
	for _, i := range list.Items {
		view.Spines = append(view.Spines, spineOf(i, v.Now))
	}
	if v.SignedIn() {
		role, err := w.cfg.People.Role(ctx, v.Account.ID, label.ID)
		if err != nil {
			return err
		}
		view.Member = role != ""
	}
	p := page{Title: label.Name, Canonical: labelPath(label.Slug), Accent: label.Accent, Feed: labelPath(label.Slug) + "/feed.atom",
		Description: describeLabel(label), Data: labelData(w, label)}
	return v.show(p, labelPage(view))
}

func spineOf(i window.Item, now time.Time) spineView {
	s := stateOf(i, now)
	return spineView{Path: itemPath(i), Artist: i.ArtistName, Title: i.Title, Catalogue: i.CatalogNumber, Ground: groundOf(i.Release), Note: strings.TrimSpace(s.Strong + " " + s.Soft)}
}

func describeLabel(l catalog.Label) string {
	if ps := paragraphs(l.About); len(ps) > 0 {
		return clipWords(strings.Join(strings.Fields(ps[0]), " "), 180)
	}
	return "The tapes of " + l.Name + "."
}

// where is the label's town and country.
func (l labelView) where() string {
	if l.Place != "" && l.Country != "" {
		return l.Place + ", " + l.Country
	}
	return l.Place + l.Country
}

// artistView is an artist and their tapes.
type artistView struct {
	catalog.Artist
	listView
}

func (w *Web) artist(v *visit) error {
	ctx := v.r.Context()
	artist, err := w.cfg.Catalog.ArtistBySlug(ctx, v.path("artist"))
	if err != nil {
		return err
	}
	after := v.r.URL.Query().Get("after")
	list, err := w.cfg.Window.Releases(ctx, window.Query{Artist: artist.ID, After: after})
	if err != nil {
		return err
	}
	view := artistView{artist, listView{Items: list.Items, Now: v.Now, First: after == "", Next: onward(artistPath(artist.Slug), list.Next)}}
	p := page{Title: artist.Name, Canonical: artistPath(artist.Slug), Scripts: []string{"times.js"}, Description: "The tapes of " + artist.Name + "."}
	return v.show(p, artistPage(view))
}
