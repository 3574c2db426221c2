package web

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/window"
)

// Feeds of what was made public last: of the shop and of each label, as Atom (RFC 4287) and as RSS 2.0.
func feedRoutes(w *Web) []route {
	cached := options{cached: true}
	return []route{
		{pattern: "GET /feed.atom", who: anyone, do: w.atom, opts: cached},
		{pattern: "GET /feed.rss", who: anyone, do: w.rss, opts: cached},
		{pattern: "GET /l/{label}/feed.atom", who: anyone, do: w.atom, opts: cached},
		{pattern: "GET /l/{label}/feed.rss", who: anyone, do: w.rss, opts: cached},
		{pattern: "GET /sitemap.xml", who: anyone, do: w.sitemap, opts: cached},
		{pattern: "GET /robots.txt", who: anyone, do: w.robots, opts: cached},
	}
}

// feedOf is how many releases a feed has.
const feedOf = 50

// feedItems reads a feed's releases, and who it is of.
func (v *visit) feedItems() (title, path string, items []window.Item, err error) {
	q := window.Query{Order: window.ByDate, Limit: feedOf}
	title, path = v.web.cfg.Name, "/"
	if slug := v.path("label"); slug != "" {
		l, err := v.web.cfg.Catalog.LabelBySlug(v.r.Context(), slug)
		if err != nil {
			return "", "", nil, err
		}
		title, path, q.Label = l.Name, labelPath(l.Slug), l.ID
	}
	list, err := v.web.cfg.Window.Releases(v.r.Context(), q)
	return title, path, list.Items, err
}

type atomFeed struct {
	XMLName xml.Name `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string   `xml:"title"`
	ID      string   `xml:"id"`
	Updated string   `xml:"updated"`
	Links   []atomLink
	Entries []atomEntry `xml:"entry"`
}

type atomLink struct {
	XMLName xml.Name `xml:"link"`
	Rel     string   `xml:"rel,attr,omitempty"`
	Type    string   `xml:"type,attr,omitempty"`
	Href    string   `xml:"href,attr"`
}

type atomEntry struct {
	Title     string `xml:"title"`
	ID        string `xml:"id"`
	Published string `xml:"published"`
	Updated   string `xml:"updated"`
	Author    string `xml:"author>name"`
	Link      atomLink
	Summary   string `xml:"summary"`
}

func (w *Web) atom(v *visit) error {
	title, path, items, err := v.feedItems()
	if err != nil {
		return err
	}
	f := atomFeed{Title: title, ID: w.address(path), Updated: stamp(time.Unix(0, 0)),
		Links: []atomLink{{Rel: "self", Type: "application/atom+xml", Href: w.address(v.r.URL.Path)}, {Rel: "alternate", Type: "text/html", Href: w.address(path)}}}
	for _, i := range items {
		at := w.address(itemPath(i))
		f.Entries = append(f.Entries, atomEntry{Title: itemTitle(i), ID: at, Published: stamp(i.Published), Updated: stamp(i.Published),
			Author: orElse(i.ArtistName, i.LabelName), Link: atomLink{Rel: "alternate", Type: "text/html", Href: at}, Summary: summary(i)})
	}
	if len(items) > 0 {
		f.Updated = stamp(items[0].Published)
	}
	return v.xml("application/atom+xml", f)
}

type rssFeed struct {
	XMLName xml.Name `xml:"rss"`
	Version string   `xml:"version,attr"`
	Channel struct {
		Title       string    `xml:"title"`
		Link        string    `xml:"link"`
		Description string    `xml:"description"`
		Items       []rssItem `xml:"item"`
	} `xml:"channel"`
}

type rssItem struct {
	Title       string `xml:"title"`
	Link        string `xml:"link"`
	GUID        string `xml:"guid"`
	Date        string `xml:"pubDate"`
	Description string `xml:"description"`
}

func (w *Web) rss(v *visit) error {
	title, path, items, err := v.feedItems()
	if err != nil {
		return err
	}
	f := rssFeed{Version: "2.0"}
	f.Channel.Title, f.Channel.Link, f.Channel.Description = title, w.address(path), "Numbered cassettes, by the date on which they were made public."
	for _, i := range items {
		at := w.address(itemPath(i))
		f.Channel.Items = append(f.Channel.Items, rssItem{Title: itemTitle(i), Link: at, GUID: at, Date: i.Published.UTC().Format(time.RFC1123Z), Description: summary(i)})
	}
	return v.xml("application/rss+xml", f)
}

func itemTitle(i window.Item) string { return plain(i.ArtistName + ": " + i.Title) }

// summary is what a feed says of a release: nothing that changes with every sale.
func summary(i window.Item) string {
	s := facts(i)
	if i.Copies > 0 {
		s += " · " + many(i.Copies, "numbered copy", "numbered copies")
	}
	if i.OnSale {
		s += " · " + money(i.Price) + orMore(i.PayMore)
		if !i.Opens.IsZero() {
			s += " · opens " + hour(i.Opens)
		}
	}
	return plain(i.LabelName + " · " + s)
}

// plain takes out what XML cannot hold.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r == 0xFFFE || r == 0xFFFF || catalog.Hidden(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
}

type sitemapURL struct {
	Loc string `xml:"loc"`
	Mod string `xml:"lastmod,omitempty"`
}

// sitemap names the pages of the window (sitemaps.org): at most a few thousand releases, the latest first.
func (w *Web) sitemap(v *visit) error {
	set := struct {
		XMLName xml.Name     `xml:"http://www.sitemaps.org/schemas/sitemap/0.9 urlset"`
		URLs    []sitemapURL `xml:"url"`
	}{URLs: []sitemapURL{{Loc: w.address("/")}, {Loc: w.address("/catalogue?by=date")}}}
	labels, err := w.cfg.Catalog.Labels(v.r.Context())
	if err != nil {
		return err
	}
	for _, l := range labels {
		set.URLs = append(set.URLs, sitemapURL{Loc: w.address(labelPath(l.Slug))})
	}
	q := window.Query{Order: window.ByDate, Limit: 100}
	for range 50 {
		list, err := w.cfg.Window.Releases(v.r.Context(), q)
		if err != nil {
			return err
		}
		for _, i := range list.Items {
			set.URLs = append(set.URLs, sitemapURL{Loc: w.address(itemPath(i)), Mod: stamp(i.Published)})
		}
		if q.After = list.Next; q.After == "" {
			break
		}
	}
	return v.xml("application/xml", set)
}

func (w *Web) robots(v *visit) error {
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.Write([]byte("User-agent: *\nDisallow: /account\nDisallow: /basket\nDisallow: /order\nDisallow: /desk\nDisallow: /search\n\nSitemap: " + w.address("/sitemap.xml") + "\n"))
	return nil
}

// xml answers with a document.
func (v *visit) xml(kind string, document any) error {
	b, err := xml.Marshal(document)
	if err != nil {
		return err
	}
	body := append([]byte(xml.Header), b...)
	v.w.Header().Set("Content-Type", kind+"; charset=utf-8")
	v.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	v.w.WriteHeader(http.StatusOK)
	if v.r.Method != http.MethodHead {
		v.w.Write(body)
	}
	return nil
}
