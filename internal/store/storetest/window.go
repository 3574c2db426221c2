package storetest

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/internal/window"
)

// show adds a release that is public, one minute after the one before.
func (h *House) show(t testing.TB, label int, title, number, barcode string, tracks ...string) catalog.Release {
	t.Helper()
	h.Clock.Add(time.Minute)
	r := catalog.Release{Label: h.labels[label].ID, Artist: h.artist.ID, Slug: catalog.Slug(number + " " + title), Title: title, CatalogNumber: number, Barcode: barcode}
	side := catalog.Side{Name: "A"}
	for _, t := range tracks {
		side.Tracks = append(side.Tracks, catalog.Track{Title: t})
	}
	r.Detail.Sides = []catalog.Side{side}
	r = must(h.Catalog.AddRelease(ctx(t), r))(t)
	return must(h.Catalog.Open(ctx(t), r.ID))(t)
}

// testLists: every order gives every release once, whatever the size of a page, and what comes meanwhile disturbs nothing.
func testLists(t *testing.T, h *House) {
	w := window.New(h.DB.Window(), h.Clock.Now)
	titles := []string{"Zima", "äther", "Álbum", "żółw", "Alpha", "beta", "10 Songs", "雨", "alpha", "Zero"}
	for i, title := range titles {
		h.show(t, i%2, title, fmt.Sprintf("N-%02d", 20-i), "")
	}
	hidden := must(h.Catalog.AddRelease(ctx(t), catalog.Release{Label: h.labels[0].ID, Artist: h.artist.ID, Slug: "hidden", Title: "Hidden"}))(t)
	all := func(q window.Query) (titles []string) {
		for page := 0; ; page++ {
			l := must(w.Releases(ctx(t), q))(t)
			for _, i := range l.Items {
				titles = append(titles, i.Title)
			}
			if page == 0 && q.Order != window.ByName && q.Order != window.Next {
				h.show(t, 0, fmt.Sprint("New ", q.Order, q.Limit), "", "")
			}
			if l.Next == "" || page > 100 {
				return titles
			}
			q.After = l.Next
		}
	}
	for limit := 1; limit <= 4; limit++ {
		got := all(window.Query{Order: window.ByDate, Limit: limit})
		if slices.Index(got, "Zero") > slices.Index(got, "Zima") || len(got) != len(slices.Compact(slices.Sorted(slices.Values(got)))) {
			t.Errorf("by date, %d a page: %v", limit, got)
		}
		for _, title := range titles {
			if !slices.Contains(got, title) {
				t.Errorf("by date, %d a page, has no %s", limit, title)
			}
		}
	}
	byName := all(window.Query{Order: window.ByName, Limit: 3})
	folded := make([]string, len(byName))
	for i, title := range byName {
		folded[i] = catalog.Fold(title)
	}
	if !slices.IsSorted(folded) || folded[0] != "10 songs" || folded[1] != "album" {
		t.Errorf("by name: %v", byName)
	}
	mine := must(w.Releases(ctx(t), window.Query{Label: h.labels[1].ID, Order: window.ByLabel}))(t)
	if len(mine.Items) != 5 || mine.Items[0].CatalogNumber != "N-11" || mine.Items[4].CatalogNumber != "N-19" || mine.Items[0].LabelSlug != "label-1" || mine.Items[0].ArtistName != "Łódź" {
		t.Errorf("a label's: %+v", mine.Items)
	}
	if l := must(w.Releases(ctx(t), window.Query{Artist: "nobody"}))(t); len(l.Items) != 0 {
		t.Errorf("nobody's: %+v", l.Items)
	}
	drafts := must(w.Releases(ctx(t), window.Query{Label: h.labels[0].ID, All: true, Limit: 100}))(t)
	if !slices.ContainsFunc(drafts.Items, func(i window.Item) bool { return i.ID == hidden.ID }) {
		t.Error("a label does not see its draft")
	}
	for _, q := range []window.Query{{Order: "price"}, {After: "x"}, {After: "e30"}, {After: strings.Repeat("A", 9000)}} {
		if _, err := w.Releases(ctx(t), q); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.40v: %v", q, err)
		}
	}

	// What opens next and what opened last.
	now := h.Clock.Now()
	var opening []string
	for i, in := range []time.Duration{-2 * time.Hour, 3 * time.Hour, -time.Hour, time.Hour} {
		r := h.show(t, 0, fmt.Sprint("Opens ", in), fmt.Sprintf("O-%d", i), "")
		run := must(h.Catalog.Declare(ctx(t), catalog.Run{Release: r.ID, Copies: 4}, "ann"))(t)
		ok(t, h.Shop.SetTerms(ctx(t), shop.Terms{Run: run.ID, Price: shop.Money{Minor: 900, Currency: "EUR"}, Opens: now.Add(in)}))
		opening = append(opening, r.Title)
		if in < 0 {
			must(h.Shop.Hold(ctx(t), Visitor(i), shop.Want{Run: run.ID, Any: 1}))(t)
		}
	}
	next, last := all(window.Query{Order: window.Next, Limit: 1}), must(w.Releases(ctx(t), window.Query{Order: window.Last}))(t)
	if strings.Join(next, ",") != opening[3]+","+opening[1] {
		t.Errorf("opens next: %v", next)
	}
	if len(last.Items) != 2 || last.Items[0].Title != opening[2] || last.Items[0].Free != 3 || last.Items[0].Copies != 4 || last.Items[0].Price.Minor != 900 || !last.Items[0].OnSale {
		t.Errorf("opened last: %+v", last.Items)
	}
	h.Clock.Add(time.Hour)
	if last = must(w.Releases(ctx(t), window.Query{Order: window.Last, Limit: 2}))(t); last.Items[1].Free != 4 {
		t.Errorf("holds that are over still count: %+v", last.Items)
	}
}

// testSearch: what people type finds what is meant, and nothing that they type means anything to the database.
func testSearch(t *testing.T, h *House) {
	w := window.New(h.DB.Window(), h.Clock.Now)
	h.show(t, 0, "Tramwaje Łodzi", "ZT-01", "6291041500213", "Fabryczna", "Straße & Öl")
	h.show(t, 0, "Smörgåsbord", "ZT 02/b", "036000291452", "Ærø")
	h.show(t, 1, "夜の東京", "K7", "", "ガラス")
	h.show(t, 1, "100% _pure_", "X", "", "O'Brien; DROP TABLE release")
	must(h.Catalog.AddRelease(ctx(t), catalog.Release{Label: h.labels[0].ID, Artist: h.artist.ID, Slug: "d", Title: "Tramwaje draft"}))(t)
	ok(t, second(h.Catalog.EditLabel(ctx(t), h.labels[1].ID, "Kissat Ry", catalog.Profile{})))
	for query, want := range map[string]string{
		"tramwaje": "ZT-01", "TRAMWAJE": "ZT-01", "tram": "ZT-01", "łodzi": "ZT-01", "lodzi": "ZT-01", "tram lodz": "ZT-01", "lodz tram": "ZT-01",
		"tramwaje lodzi warszawa": "", "ramwaje": "",
		"zt-01": "ZT-01", "ZT 01": "ZT-01", "zt01": "ZT-01", "zt0": "ZT 02/b ZT-01", "zt 02b": "ZT 02/b", "zt02b": "ZT 02/b",
		"6291041500213": "ZT-01", "6291 0415 00213": "ZT-01", "629-1041-500213": "ZT-01", "62910415": "ZT-01",
		"036000291452": "ZT 02/b", "0036000291452": "ZT 02/b", "fabryczna": "ZT-01", "strasse": "ZT-01", "STRAẞE": "ZT-01", "ol": "ZT-01", "öl": "ZT-01",
		"smorgasbord": "ZT 02/b", "Smörgåsbord": "ZT 02/b", "aero": "ZT 02/b", "夜": "K7", "東京": "K7", "京": "K7", "ガラス": "K7", "カラス": "K7",
		"kissat": "K7 X", "kissat tokyo": "", "żółw": "ZT 02/b ZT-01", "zolw zt": "ZT 02/b ZT-01", "lodz": "K7 X ZT 02/b ZT-01", "Łódź": "K7 X ZT 02/b ZT-01", "LODZ pure": "X",
		"%": "", "_": "", "100%": "X", "100": "X", "%pure": "X", "_pure_": "X", "pu%re": "X", "'": "", "' OR 1=1 --": "", "o'brien": "X", "drop": "X", "\\": "", "\x00": "", "\xff\xfe": "", "a\u202eb": "ZT 02/b", "": "", "   ": "",
		strings.Repeat("tram ", 500): "ZT-01", strings.Repeat("a", 5000): "",
	} {
		found, err := w.Search(ctx(t), query, window.Query{})
		ok(t, err)
		var got []string
		for _, i := range found.Items {
			got = append(got, i.CatalogNumber)
		}
		slices.Sort(got)
		if strings.Join(got, " ") != want {
			t.Errorf("%.40q finds %q, wanted %q", query, strings.Join(got, " "), want)
		}
	}
	if f := must(w.Search(ctx(t), "kiss", window.Query{}))(t); len(f.Labels) != 1 || f.Labels[0].Name != "Kissat Ry" {
		t.Errorf("labels: %+v", f.Labels)
	}
	if f := must(w.Search(ctx(t), "lódz", window.Query{Limit: 1}))(t); len(f.Artists) != 1 || f.Next == "" || f.Items[0].CatalogNumber != "X" {
		t.Errorf("artists: %+v", f)
	} else if f = must(w.Search(ctx(t), "lódz", window.Query{Limit: 3, After: f.Next}))(t); len(f.Items) != 3 || f.Next != "" || f.Items[0].CatalogNumber != "K7" {
		t.Errorf("its second page: %+v", f)
	}
}

func second[T any](_ T, err error) error { return err }

// testProfiles: what a label says of itself, and a copy's photos.
func testProfiles(t *testing.T, h *House) {
	l := must(h.Catalog.EditLabel(ctx(t), h.labels[0].ID, "New name", catalog.Profile{About: "Two lines\nof text", HowToPay: "IBAN", Place: "Łódź", Country: "PL", Accent: "#ff00ff"}))(t)
	if got := must(h.Catalog.LabelBySlug(ctx(t), "label-0"))(t); got != l || got.Country != "PL" || got.HowToPay != "IBAN" {
		t.Errorf("%+v, wanted %+v", got, l)
	}
	for _, p := range []catalog.Profile{{Accent: "red"}, {Country: "Poland"}, {About: strings.Repeat("x", catalog.MaxText+1)}, {Place: "a\nb"}, {About: "a\u202eb"}, {HowToPay: "\xff"}} {
		if _, err := h.Catalog.EditLabel(ctx(t), l.ID, "Name", p); !fault.Is(err, fault.Invalid) {
			t.Errorf("%.60v: %v", p, err)
		}
	}
	if _, err := h.Catalog.EditLabel(ctx(t), "nobody", "Name", catalog.Profile{}); !fault.Is(err, fault.NotFound) {
		t.Errorf("no such label: %v", err)
	}
	r := h.show(t, 0, "Notes", "N", "")
	if r = must(h.Catalog.EditNotes(ctx(t), r.ID, " some\nnotes "))(t); r.Notes != "some\nnotes" {
		t.Errorf("%q", r.Notes)
	}
	if _, err := h.Catalog.SetDigital(ctx(t), r.ID, "everything"); !fault.Is(err, fault.Invalid) {
		t.Errorf("%v", err)
	}
	must(h.Catalog.SetDigital(ctx(t), r.ID, catalog.Files))(t)
	if got := must(h.Catalog.Release(ctx(t), r.ID))(t); got.Digital != catalog.Files || got.Notes != r.Notes {
		t.Errorf("%+v", got)
	}
	run := must(h.Catalog.Declare(ctx(t), catalog.Run{Release: r.ID, Copies: 2}, "ann"))(t)
	hash := strings.Repeat("ab", 32)
	if _, err := h.Catalog.AddPhoto(ctx(t), run.ID, 1, hash, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("a photo of nothing graded: %v", err)
	}
	must(h.Catalog.Grade(ctx(t), run.ID, 1, "VG+", "ann"))(t)
	must(h.Catalog.AddPhoto(ctx(t), run.ID, 1, hash, "the spine"))(t)
	if _, err := h.Catalog.AddPhoto(ctx(t), run.ID, 1, hash, ""); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same photo: %v", err)
	}
	p := must(window.New(h.DB.Window(), h.Clock.Now).Copy(ctx(t), "label-0", r.Slug, 1, 1, false))(t)
	if len(p.Photos) != 1 || p.Photos[0].Seq != 2 || p.Photos[0].Caption != "the spine" || len(p.History) != 2 || p.Label.Name != "New name" {
		t.Errorf("%+v", p)
	}
}
