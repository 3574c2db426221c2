package web

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"ferric/deck"
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
