package web

import (
	"net/url"
	"strconv"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/window"
)

func catalogueRoutes(w *Web) []route {
	return []route{{pattern: "GET /catalogue", who: anyone, do: w.catalogue, opts: options{cached: true}}}
}

// orders are what the catalogue goes by.
var orders = []struct {
	By    window.Order
	Words string
}{{window.ByDate, "By date"}, {window.ByLabel, "By label"}, {window.ByName, "By name"}}

// listView is a page of a list of releases.
type listView struct {
	Items []window.Item
	Now   time.Time
	By    window.Order
	Next  string // address of the next page; empty at the end
	First bool   // the list begins here
}

func (w *Web) catalogue(v *visit) error {
	query := v.r.URL.Query()
	by := window.Order(query.Get("by"))
	if by != window.ByLabel && by != window.ByName {
		by = window.ByDate
	}
	after := query.Get("after")
	list, err := w.cfg.Window.Releases(v.r.Context(), window.Query{Order: by, After: after})
	if err != nil {
		return err
	}
	view := listView{Items: list.Items, Now: v.Now, By: by, First: after == "", Next: onward("/catalogue", list.Next, "by", string(by))}
	p := page{Title: "Catalogue", Canonical: "/catalogue?by=" + string(by), Feed: "/feed.atom", Scripts: []string{"times.js"}, Description: "Every tape in the shop, by date, label or name."}
	if after != "" {
		p.Canonical = "" // a page in the middle is nothing to be found by
	}
	return v.show(p, cataloguePage(view))
}

// onward is the address of a list's next page.
func onward(path, next string, pairs ...string) string {
	if next == "" {
		return ""
	}
	q := url.Values{"after": {next}}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return path + "?" + q.Encode()
}

// itemState is how a release stands in a list.
type itemState struct {
	Strong string // "63 free"
	Soft   string // "of 100"
	When   time.Time
	Opens  bool // When lies ahead
}

func stateOf(i window.Item, now time.Time) itemState {
	s := itemState{When: i.Published}
	if i.OnSale && !i.Opens.IsZero() {
		s.When = i.Opens
	}
	of := "of " + strconv.Itoa(i.Copies)
	switch {
	case i.State == catalog.Withdrawn:
		s.Strong = "taken back"
	case i.State == catalog.Draft:
		s.Strong = "draft"
	case i.Run == "" || !i.OnSale:
		s.Strong = "not on sale"
	case now.Before(i.Opens):
		s.Strong, s.Soft, s.Opens = many(i.Copies, "copy", "copies"), money(i.Price)+orMore(i.PayMore), true
	case !i.Closes.IsZero() && !now.Before(i.Closes):
		s.Strong = "sale over"
	case i.Free == 0:
		s.Strong, s.Soft = "none free", of
	default:
		s.Strong, s.Soft = strconv.Itoa(i.Free)+" free", of+", "+money(i.Price)+orMore(i.PayMore)
	}
	return s
}

func labelPath(slug string) string          { return "/l/" + url.PathEscape(slug) }
func artistPath(slug string) string         { return "/a/" + url.PathEscape(slug) }
func releasePath(label, slug string) string { return labelPath(label) + "/" + url.PathEscape(slug) }
func itemPath(i window.Item) string         { return releasePath(i.LabelSlug, i.Slug) }
func copyPath(label, slug string, ordinal, number int) string {
	return releasePath(label, slug) + "/" + strconv.Itoa(ordinal) + "/" + strconv.Itoa(number)
}

// frontOf is a release's card as lists show it: small, or large where one stands first.
func frontOf(i window.Item, large bool) cardView {
	drawing, cover := 480, 300
	if large {
		drawing, cover = 1200, 600
	}
	c := cardView{Artist: i.ArtistName, Title: i.Title, Catalogue: i.CatalogNumber, Ground: groundOf(i.Release)}
	if i.Card != "" {
		c.Drawing = drawingPath(i.Card, drawing)
	}
	if i.Cover != "" {
		c.Cover = coverPath(i.Cover, cover)
	}
	return c
}

// facts are what a list says of a tape in one line.
func facts(i window.Item) string {
	s := i.CatalogNumber
	add := func(more string) {
		if more != "" && s != "" {
			s += " · "
		}
		s += more
	}
	add(i.Tape)
	if i.Year != 0 {
		add(strconv.Itoa(i.Year))
	}
	return s
}
