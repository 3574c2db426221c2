package web

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/ledger"
)

// windowPaths are the pages of the demo shop's window.
var windowPaths = []string{"/", "/catalogue", "/catalogue?by=label", "/catalogue?by=name", "/l/specimen", "/a/lantern-weir", "/l/specimen/evening", "/l/specimen/zazolc",
	"/l/specimen/evening/1/17", "/l/specimen/evening/1/101", "/search", "/search?q=zazolc", "/search?q=nothing+like+this"}

// Every page of the window answers to everybody, in whole HTML that keeps to the content security policy: no inline script,
// no style, no handler, no other origin; each id once, each picture with its words.
func TestWindowPagesKeepThePolicy(t *testing.T) {
	s := newShop(t)
	for _, who := range []string{"guest", "buyer", "owner"} {
		for _, path := range windowPaths {
			page := s.as(who).ok(path)
			if wrong := unclean(t, s, page); wrong != "" {
				t.Errorf("%s for %s: %s", path, who, wrong)
			}
		}
	}
}

// unclean says what of a page breaks the rules; empty when nothing does.
func unclean(t *testing.T, s *testShop, page string) string {
	t.Helper()
	ids := map[string]bool{}
	for _, n := range elements(parsed(t, page)) {
		if n.Data == "style" || n.Data == "iframe" || n.Data == "base" || n.Data == "object" || n.Data == "embed" {
			return "there is a " + n.Data
		}
		if n.Data == "script" && attr(n, "src") == "" && attr(n, "type") != "application/ld+json" {
			return "there is an inline script"
		}
		if n.Data == "img" && !slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == "alt" }) {
			return "a picture has no words"
		}
		for _, a := range n.Attr {
			switch {
			case a.Key == "style" || strings.HasPrefix(a.Key, "on"):
				return n.Data + " has " + a.Key
			case a.Key == "id" && ids[a.Val]:
				return "two elements are " + a.Val
			case a.Key == "id":
				ids[a.Val] = true
			case (a.Key == "href" || a.Key == "src" || a.Key == "action") && !strings.HasPrefix(a.Val, "/") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, s.URL):
				return n.Data + " leads to " + a.Val
			}
		}
	}
	return ""
}

// hostileTexts are text of strangers: the classes of OWASP's filter evasion list, and what breaks attributes, addresses, JSON in HTML and XML.
var hostileTexts = []string{
	`<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`, `</title><svg onload=alert(1)>`, `</script><script>alert(1)</script>`,
	`javascript:alert(1)`, `<!--`, `]]>`, `{{.}}`, `%s%n%d`, `&lt;b&gt;`, `</textarea><b>`, "\u2028alert(1)", `<a href="//evil.example">x</a>`, `" style="x:expression(1)`, `<style>*{}</style>`,
}

// Text of strangers stays text: a page with hostile names, notes, credits and reasons has the elements and attributes that it has with harmless ones.
func TestHostileTextStaysText(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// build makes a label and a release whose every text is one, and gives the shape of each page.
	build := func(i int, text string) (shapes []string) {
		slug := fmt.Sprintf("label-%d", i)
		line := strings.Map(func(r rune) rune {
			if catalog.Hidden(r) {
				return -1
			}
			return r
		}, text)
		label, err := s.cfg.Catalog.AddLabel(ctx, catalog.Label{Slug: slug, Name: line, Profile: catalog.Profile{About: line + "\n\n" + line, Place: line, Country: "PL"}})
		check(err)
		artist, err := s.cfg.Catalog.AddArtist(ctx, catalog.Artist{Slug: slug, Name: line})
		check(err)
		d := testDetail()
		d.Genre, d.Copyright, d.Credits = text, text, []catalog.Credit{{Role: text, Names: text}}
		d.Tape.Formulation, d.Tape.Name = text, text
		for i := range d.Sides {
			d.Sides[i].Name = text
			for k := range d.Sides[i].Tracks {
				d.Sides[i].Tracks[k].Title, d.Sides[i].Tracks[k].Artist, d.Sides[i].Tracks[k].Position = text, text+" and others", text
			}
		}
		d.LineUp[0].Name, d.LineUp[0].Purpose, d.Costs.Lines[0].Name, d.Costs.Source = text, text, text, text
		release, err := s.cfg.Catalog.AddRelease(ctx, catalog.Release{Label: label.ID, Artist: artist.ID, Slug: "tape", Title: line, CatalogNumber: line[:min(40, len(line))], Notes: text + "\n\n" + text, Tape: text, Accent: text, Detail: d})
		check(err)
		run, err := s.cfg.Catalog.Declare(ctx, catalog.Run{Release: release.ID, Copies: 3, Declaration: catalog.Declaration{Variants: []catalog.Span{{Name: line, First: 1, Last: 3}}}}, string(s.Admin.ID))
		check(err)
		check(s.cfg.Shop.SetTerms(ctx, shop.Terms{Run: run.ID, Label: label.ID, Price: shop.Money{Minor: 500, Currency: "EUR"}}))
		_, err = s.cfg.Catalog.Open(ctx, release.ID)
		check(err)
		_, err = s.cfg.Catalog.Grade(ctx, run.ID, 1, line, string(s.Admin.ID))
		check(err)
		_, err = s.cfg.Catalog.Void(ctx, run.ID, 2, ledger.Destroyed, line, string(s.Admin.ID))
		check(err)
		for _, path := range []string{"/l/" + slug, "/a/" + slug, "/l/" + slug + "/tape", "/l/" + slug + "/tape/1/1", "/l/" + slug + "/tape/1/2", "/search?q=" + url.QueryEscape(text)} {
			page := s.as("guest").ok(path)
			if wrong := unclean(t, s, page); wrong != "" {
				t.Errorf("%q on %s: %s", text, path, wrong)
			}
			if !strings.HasPrefix(path, "/search") {
				shapes = append(shapes, path+" "+shape(t, page))
			}
		}
		var feed struct{ XMLName xml.Name }
		for _, path := range []string{"/l/" + slug + "/feed.atom", "/l/" + slug + "/feed.rss"} {
			check(xml.Unmarshal([]byte(s.as("guest").ok(path)), &feed))
		}
		s.Clock.Pass(time.Hour) // many requests of one address
		return shapes
	}
	plain := build(0, "A harmless text of some words")
	for i, text := range hostileTexts {
		shapes := build(i+1, text)
		for k := range shapes {
			_, want, _ := strings.Cut(plain[k], " ")
			if _, got, _ := strings.Cut(shapes[k], " "); got != want {
				t.Errorf("%q: page %d has other elements:\n%s\n%s", text, k, got, want)
			}
		}
	}
}

// shape is a page's elements and the names of their attributes, without those of a drawing: its titles break into lines by their length.
func shape(t *testing.T, page string) string {
	var b strings.Builder
	for _, n := range elements(parsed(t, page)) {
		if n.Namespace == "svg" {
			continue
		}
		b.WriteString(n.Data)
		for _, a := range n.Attr {
			b.WriteString("." + a.Key)
		}
		b.WriteByte(' ')
	}
	return b.String()
}

// The grid says of each number what it is, in words, too.
func TestGridStates(t *testing.T) {
	s := newShop(t)
	ctx, run, by := t.Context(), s.Run.ID, string(s.Admin.ID)
	s.as("guest").hold(run, 1)
	s.as("guest-two").hold(run, 2)
	if _, err := s.cfg.Shop.SellByHand(ctx, run, 3, by); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.Catalog.Void(ctx, run, 4, ledger.Destroyed, "cracked", by); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.Catalog.Move(ctx, run, 5, catalog.Merch, by); err != nil {
		t.Fatal(err)
	}
	cells := func(page string) map[string]string {
		states := map[string]string{}
		for _, n := range elements(parsed(t, page)) {
			if n.Data == "a" && strings.HasPrefix(attr(n, "href"), "/l/specimen/evening/1/") && attr(n, "class") != "" && attr(n, "class") != "mono" {
				if n.Data == "a" && !strings.HasPrefix(attr(n, "aria-label"), textOf(n)+", ") {
					t.Errorf("%s says %q", textOf(n), attr(n, "aria-label"))
				}
				states[textOf(n)] = attr(n, "class")
			}
			if n.Data == "label" && attr(n, "class") == "free" {
				states[textOf(n)] = "free"
			}
		}
		return states
	}
	want := map[string]string{"1": "mine", "2": "held", "3": "gone", "4": "void", "5": "away", "6": "free", "100": "free", "AP1": "away", "AP2": "away"}
	page := s.as("guest").ok("/l/specimen/evening")
	got := cells(page)
	if len(got) != 102 {
		t.Errorf("%d cells of 102", len(got))
	}
	for n, state := range want {
		if got[n] != state {
			t.Errorf("%s is %q, not %q", n, got[n], state)
		}
	}
	if !strings.Contains(page, "Number 1 is held for you") || !strings.Contains(page, "10:00") {
		t.Error("the holder is not told what they hold, and for how long")
	}
	if got := cells(s.as("guest-three").ok("/l/specimen/evening"))["1"]; got != "held" {
		t.Errorf("another sees number 1 as %q", got)
	}
	// A hold that is over is free at that moment.
	s.Clock.Pass(10*time.Minute + time.Second)
	if got := cells(s.as("guest-three").ok("/l/specimen/evening"))["2"]; got != "free" {
		t.Errorf("after its hold, number 2 is %q", got)
	}
}

// The shown count never has what somebody holds.
func TestShownQuantityExcludesHolds(t *testing.T) {
	s := newShop(t)
	for n := 1; n <= 7; n++ {
		s.as(fmt.Sprint("guest-", n)).hold(s.Run.ID, n)
	}
	page := s.as("buyer").ok("/l/specimen/evening")
	if !strings.Contains(page, `data-count>93<`) {
		t.Error("the counter does not say 93")
	}
	if home := s.as("buyer").ok("/"); !strings.Contains(home, "93 free") {
		t.Error("the first page does not say 93")
	}
}

// A sale that is not open says when it is, by the server's clock, and its button waits.
func TestOpeningCountsDown(t *testing.T) {
	s := newShop(t)
	page := s.as("guest").ok("/l/specimen/zazolc")
	for _, want := range []string{`data-left="86400000"`, "1 d 00:00:00", "Not open yet", `value="7"`} {
		if !strings.Contains(page, want) {
			t.Errorf("before the opening the page has no %s", want)
		}
	}
	s.Clock.Pass(24 * time.Hour)
	if page = s.as("guest").ok("/l/specimen/zazolc"); strings.Contains(page, "Not open yet") || !strings.Contains(page, "Hold a copy") {
		t.Error("at the opening the button does not open")
	}
}

// What a label has not made public is nobody's to see but its members'.
func TestDraftsAreSeenByMembersOnly(t *testing.T) {
	s := newShop(t)
	if _, err := s.cfg.Catalog.AddRelease(t.Context(), catalog.Release{Label: s.Label.ID, Artist: s.Artist.ID, Slug: "draft", Title: "Unheard", CatalogNumber: "SPEC-009"}); err != nil {
		t.Fatal(err)
	}
	for who, want := range map[string]int{"guest": 404, "buyer": 404, "owner": 200, "packer": 200} {
		if got := s.as(who).get("/l/specimen/draft").Status; got != want {
			t.Errorf("%s: %d, not %d", who, got, want)
		}
	}
	for _, path := range []string{"/", "/catalogue", "/l/specimen", "/search?q=unheard", "/feed.atom", "/sitemap.xml"} {
		if strings.Contains(s.as("guest").ok(path), "Unheard") || strings.Contains(s.as("guest").ok(path), "/draft") {
			t.Errorf("%s shows a draft", path)
		}
	}
}

// Search needs no accents, and knows numbers and codes.
func TestSearchPage(t *testing.T) {
	s := newShop(t)
	for query, want := range map[string]string{"zazolc gesla": "/l/specimen/zazolc", "ZAŻÓŁĆ": "/l/specimen/zazolc", "spec002": "/l/specimen/zazolc", "SPEC-001": "/l/specimen/evening",
		"lantern": "/a/lantern-weir", "specimen": "/l/specimen", "4006381333931": "/l/specimen/evening", "harbour before": "/l/specimen/evening"} {
		if page := s.as("guest").ok("/search?q=" + url.QueryEscape(query)); !strings.Contains(page, `href="`+want+`"`) {
			t.Errorf("%q does not find %s", query, want)
		}
	}
	if page := s.as("guest").ok("/search?q=" + url.QueryEscape(strings.Repeat("x", 400))); !strings.Contains(page, "Nothing here begins with") {
		t.Error("a long text is not answered")
	}
}

// Machines can read what the pages say.
func TestMachineReadable(t *testing.T) {
	s := newShop(t)
	var atom atomFeed
	if err := xml.Unmarshal([]byte(s.as("guest").ok("/feed.atom")), &atom); err != nil || len(atom.Entries) != 2 || atom.ID == "" || atom.Updated == "" {
		t.Errorf("Atom: %v, %d entries", err, len(atom.Entries))
	}
	var rss rssFeed
	if err := xml.Unmarshal([]byte(s.as("guest").ok("/l/specimen/feed.rss")), &rss); err != nil || len(rss.Channel.Items) != 2 {
		t.Errorf("RSS: %v, %d items", err, len(rss.Channel.Items))
	}
	if site := s.as("guest").ok("/sitemap.xml"); strings.Count(site, "<loc>") != 5 {
		t.Errorf("sitemap: %s", site)
	}
	var data struct {
		Context string   `json:"@context"`
		Type    []string `json:"@type"`
		Format  string   `json:"musicReleaseFormat"`
		Number  string   `json:"catalogNumber"`
		EAN     string   `json:"gtin13"`
		Offers  []struct {
			Price, PriceCurrency, Availability string
			InventoryLevel                     struct{ Value int }
		}
	}
	for _, n := range elements(parsed(t, s.as("guest").ok("/l/specimen/evening"))) {
		if attr(n, "type") == "application/ld+json" {
			if err := json.Unmarshal([]byte(n.FirstChild.Data), &data); err != nil {
				t.Fatal(err)
			}
		}
	}
	if data.Context != "https://schema.org" || !slices.Equal(data.Type, []string{"MusicRelease", "Product"}) || data.Format != "https://schema.org/CassetteFormat" || data.Number != "SPEC-001" || data.EAN != "4006381333931" {
		t.Errorf("JSON-LD: %+v", data)
	}
	if len(data.Offers) != 1 || data.Offers[0].Price != "12.00" || data.Offers[0].PriceCurrency != "EUR" || data.Offers[0].Availability != "https://schema.org/LimitedAvailability" || data.Offers[0].InventoryLevel.Value != 100 {
		t.Errorf("offers: %+v", data.Offers)
	}
}

// A page from memory is the page.
func TestCachedPageIsThePage(t *testing.T) {
	s := newShop(t)
	for _, path := range []string{"/", "/catalogue?by=name", "/l/specimen", "/l/specimen/evening"} {
		first := s.as("guest").ok(path) // fills
		kept := s.as("guest").ok(path)
		s.Clock.Pass(2 * keepFor)
		fresh := s.as("guest").ok(path)
		if first != kept || !sameButTime(kept, fresh) {
			t.Errorf("%s differs when kept", path)
		}
		known := s.as("guest-known")
		known.hold(s.Run.ID, 50)
		if page := known.ok("/l/specimen/evening"); !strings.Contains(page, "Number 50 is held for you") {
			t.Error("a guest with a basket gets the page of those without")
		}
	}
}

// sameButTime compares pages but for clocks and what was held meanwhile.
func sameButTime(a, b string) bool {
	return len(a) > 0 && len(a)-len(b) < 200 && len(b)-len(a) < 200
}

// A copy's page tells its history and its owner as they wish.
func TestCopyPage(t *testing.T) {
	s := newShop(t)
	ctx, by := t.Context(), string(s.Admin.ID)
	if _, err := s.cfg.Shop.SellByHand(ctx, s.Run.ID, 17, by); err != nil {
		t.Fatal(err)
	}
	owner := s.as("buyer")
	if _, err := s.cfg.Shop.Claim(ctx, string(owner.Account.ID), s.Codes[17]); err != nil {
		t.Fatal(err)
	}
	path := "/l/specimen/evening/1/17"
	page := textOf(parsed(t, s.as("guest").ok(path)))
	for _, want := range []string{"17/100", "With its owner", "nobody's business", "sold", "claimed by its owner"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "buyer") {
		t.Error("the page names an owner who does not want it")
	}
	if _, err := s.cfg.People.Profile(ctx, owner.Account.ID, "Ada of the <b>Hills</b>", true); err != nil {
		t.Fatal(err)
	}
	if page = textOf(parsed(t, s.as("guest").ok(path))); !strings.Contains(page, "Its owner: Ada of the <b>Hills</b>") {
		t.Error("the page does not name an owner who wants it")
	}
	if page = s.as("buyer").ok(path); !strings.Contains(page, "/certificate/"+string(s.Run.ID)+"/17") {
		t.Error("the owner finds no certificate")
	}
	for _, bad := range []string{"/l/specimen/evening/1/0", "/l/specimen/evening/1/103", "/l/specimen/evening/2/1", "/l/specimen/evening/1/017", "/l/specimen/evening/1/x", "/l/specimen/evening/1/99999999999999999999"} {
		if got := s.as("guest").get(bad).Status; got != 404 {
			t.Errorf("%s: %d", bad, got)
		}
	}
}

// Files that came up are not reachable, whatever their name.
func TestFilesAreNotServed(t *testing.T) {
	s := newShop(t)
	hash, _, err := s.cfg.Blobs.Put(t.Context(), io.LimitReader(strings.NewReader("RIFF....WAVE"), 100), 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"side-a.wav", "cover-300.jpg", "og.jpg", "..%2f..%2fsecret.key", "cover-301.jpg", "x"} {
		for _, who := range []string{"guest", "owner"} {
			if got := s.as(who).get("/files/" + hash + "/" + name).Status; got != 404 {
				t.Errorf("%s for %s: %d", name, who, got)
			}
		}
	}
}
