package web

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ferric/deck"
	"ferric/internal/catalog"
	"ferric/pressing"
)

// Every number of a bend has a knob on the board, and every module a wire.
func TestBoardHoldsEveryKnob(t *testing.T) {
	var drawn []string
	for _, part := range board {
		for _, m := range part.Modules {
			for _, k := range m.Knobs {
				if k.Field == "keys" {
					continue
				}
				r := m.knobRange(k)
				drawn = append(drawn, r.Name)
				if k.At <= r.Lo || k.At > r.Hi {
					t.Errorf("%s begins at %g, outside of %g to %g, or does nothing there", r.Name, k.At, r.Lo, r.Hi)
				}
			}
		}
	}
	for _, k := range deck.Knobs() {
		if !slices.Contains(drawn, k.Name) {
			t.Errorf("no knob turns %s", k.Name)
		}
	}
}

// The deck's page keeps to the policy: nothing inline, a label for every control, and WebAssembly for this page and its worker.
func TestDeckMarkup(t *testing.T) {
	h := newTapeHouse(t, "C2", 2, 1)
	r, err := http.Get(h.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	if csp := r.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self' 'wasm-unsafe-eval';") || strings.Contains(csp, "'unsafe-") {
		t.Errorf("policy %q", csp)
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	page, err := html.Parse(strings.NewReader(string(body)))
	if err != nil {
		t.Fatal(err)
	}
	ids, buttons, script := map[string]int{}, 0, ""
	for n := range page.Descendants() {
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s> has %s", n.Data, a.Key)
			}
		}
		if id := attr["id"]; id != "" {
			if ids[id]++; ids[id] > 1 {
				t.Errorf("two elements are called %s", id)
			}
		}
		switch {
		case n.Data == "button" && attr["data-key"] != "":
			buttons++
		case n.Data == "script" && attr["src"] == "" && attr["type"] != "application/json":
			t.Error("an inline script")
		case n.Data == "script" && attr["src"] != "":
			script = attr["src"]
		case n.Data == "input" || n.Data == "select":
			labelled := false
			for p := n.Parent; p != nil; p = p.Parent {
				labelled = labelled || p.Data == "label"
			}
			if !labelled {
				t.Errorf("%v has no label", n.Attr)
			}
		}
	}
	if buttons != 8 {
		t.Errorf("%d keys", buttons)
	}
	if !newFiles().Has("deck/deck.wasm") {
		if script != "" || !strings.Contains(string(body), "built without the deck") {
			t.Error("the page does not say that its deck is missing")
		}
		return
	}
	for _, name := range []string{"deck.js", "decoder.js", "worklet.js", "deck.wasm"} {
		f, err := http.Get(r.Request.URL.Scheme + "://" + r.Request.URL.Host + strings.Replace(script, "deck.js", name, 1))
		if err != nil {
			t.Fatal(err)
		}
		f.Body.Close()
		if f.StatusCode != http.StatusOK || !strings.Contains(f.Header.Get("Content-Security-Policy"), "wasm-unsafe-eval") {
			t.Errorf("%s: %d, %s", name, f.StatusCode, f.Header.Get("Content-Security-Policy"))
		}
	}
}

// Who may not hear a tape is told that there is no deck; a copy's deck is its owner's.
func TestDecksOfAShop(t *testing.T) {
	s := newShop(t)
	detail := testDetail()
	for i := range detail.Sides {
		detail.Sides[i].Programme = strings.Repeat("cd", 32)
	}
	r, err := s.cfg.Catalog.AddRelease(t.Context(), catalog.Release{Label: s.Label.ID, Artist: s.Artist.ID, Slug: "heard", Title: "To Be Heard", CatalogNumber: "SPEC-003", Tape: "C40", Digital: catalog.Preview, Detail: detail})
	if err != nil {
		t.Fatal(err)
	}
	code, err := pressing.NewClaim(nil)
	if err != nil {
		t.Fatal(err)
	}
	run := catalog.Run{Release: r.ID, Copies: 3, Salt: "salt", Declaration: catalog.Declaration{Manifest: strings.Repeat("ab", 32)}}
	run.Cards = []catalog.Card{{Number: 2, SHA256: pressing.HashClaim("salt", code)}}
	if run, err = s.cfg.Catalog.Declare(t.Context(), run, string(s.Admin.ID)); err != nil {
		t.Fatal(err)
	}
	if a := s.as("guest").get("/l/specimen/heard/deck"); a.Status != http.StatusNotFound {
		t.Errorf("the deck of a draft: %d", a.Status)
	}
	if r, err = s.cfg.Catalog.Open(t.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	if r, err = s.cfg.Catalog.SetDigital(t.Context(), r.ID, catalog.Preview); err != nil {
		t.Fatal(err)
	}
	a := s.as("guest").get("/l/specimen/heard/deck")
	if a.Status != http.StatusOK || !strings.Contains(a.Body, `"release":"`+string(r.ID)+`"`) || !strings.Contains(a.Body, `"heard":[true,false]`) || !strings.Contains(a.Header.Get("Content-Security-Policy"), "wasm-unsafe-eval") {
		t.Errorf("the preview: %d", a.Status)
	}
	if a := s.as("guest").get("/l/specimen/evening/deck"); a.Status != http.StatusNotFound {
		t.Errorf("a release with nothing to hear: %d", a.Status)
	}
	if _, err := s.cfg.Catalog.SetDigital(t.Context(), r.ID, catalog.TapeOnly); err != nil {
		t.Fatal(err)
	}
	if a := s.as("guest").get("/l/specimen/heard/deck"); a.Status != http.StatusNotFound {
		t.Errorf("a release on tape only: %d", a.Status)
	}
	path := "/l/specimen/heard/1/2/deck"
	if a := s.as("guest").get(path); a.Status != http.StatusSeeOther || !strings.HasPrefix(a.Location, "/sign-in") {
		t.Errorf("a copy's deck, for a guest: %d to %q", a.Status, a.Location)
	}
	for _, who := range []string{"buyer", "admin", "owner"} {
		if a := s.as(who).get(path); a.Status != http.StatusNotFound {
			t.Errorf("a copy's deck, for %s: %d", who, a.Status)
		}
	}
	if _, err := s.cfg.Shop.SellByHand(t.Context(), run.ID, 2, string(s.Admin.ID)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cfg.Shop.Claim(t.Context(), string(s.as("buyer").Account.ID), code); err != nil {
		t.Fatal(err)
	}
	a = s.as("buyer").get(path)
	if a.Status != http.StatusOK || !strings.Contains(a.Body, `"number":2`) || !strings.Contains(a.Body, `"heard":[true,true]`) {
		t.Errorf("a copy's deck, for its owner: %d", a.Status)
	}
	if a := s.as("stranger").get(path); a.Status != http.StatusNotFound {
		t.Errorf("a copy's deck, for a stranger: %d", a.Status)
	}
}
