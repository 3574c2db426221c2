package web

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"ferric/internal/chromium"
)

// A page that is open stays true while others buy: cells, counter, button and clocks, without anything moving.
func TestOpenPageStaysTrue(t *testing.T) {
	b := chromium.Start(t)
	s := newShop(t)
	p := b.Person("reader")
	p.Open(s.URL + "/l/specimen/evening")
	p.Run(`window.moved = 0; new PerformanceObserver((l) => { for (const e of l.getEntries()) if (!e.hadRecentInput) window.moved += e.value; }).observe({ type: "layout-shift" });`, nil)
	cell := func(n int, state string) {
		t.Helper()
		p.Until(fmt.Sprintf("number %d is %s", n, state), fmt.Sprintf(`[...document.querySelectorAll("#grid-1 > *")].find((c) => c.textContent.trim() === "%d").className === %q`, n, state))
	}
	other := s.as("guest")
	other.hold(s.Run.ID, 17)
	cell(17, "held")
	p.Until("99 on the drums", `document.querySelector("[data-count]").textContent === "99" && [...document.querySelectorAll(".drums b")].map((b) => b.textContent).join("") === "099"`)
	if _, err := s.cfg.Shop.SellByHand(t.Context(), s.Run.ID, 18, string(s.Admin.ID)); err != nil {
		t.Fatal(err)
	}
	cell(18, "gone")
	// Let go, it can be chosen again, also by keys.
	if a := other.post("/basket/let-go", url.Values{"copy": {lineKey(s.Run.ID, 17)}}); a.Status != 303 {
		t.Fatal(a.Status)
	}
	cell(17, "free")
	p.Click(`#grid-1 label:has(input[value="16"])`)
	p.Until("the button names number 16", `document.querySelector("[data-take]").textContent === "Hold number 16"`)
	p.Run(`document.querySelector('#grid-1 input[value="16"]').dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }))`, nil)
	p.Until("the key chooses number 17", `document.querySelector("#grid-1 :checked").value === "17" && document.activeElement.value === "17"`)
	// Somebody is quicker: the choice goes back to any number, and that is said.
	other.hold(s.Run.ID, 17)
	p.Until("the choice is any again", `document.querySelector(".any input").checked && document.querySelector("[data-take]").textContent === "Hold a copy"`)
	p.Until("it is said", `document.querySelector("[data-said]").textContent.includes("17")`)
	var moved float64
	p.Run("return window.moved", &moved)
	if moved > 0 {
		t.Errorf("the page moved by %v", moved)
	}
	p.Quiet()
	// What the reader holds is theirs on the page, with a clock.
	p.Click(`#grid-1 label:has(input[value="20"])`)
	p.Follow("[data-take]")
	p.Open(s.URL + "/l/specimen/evening")
	cell(20, "mine")
	p.Until("the clock runs", `/^(10:00|0[0-9]:[0-5][0-9])$/.test(document.querySelector(".yours .clock").textContent)`)
	other.hold(s.Run.ID, 21)
	cell(21, "held")
	cell(20, "mine")
	p.Quiet()
}

// At the opening the button opens by the server's clock, without a reload; a number can be chosen before.
func TestOpensOnTheServersClock(t *testing.T) {
	b := chromium.Start(t)
	s := newShop(t)
	s.Clock.Pass(24*time.Hour - 3*time.Second) // three seconds before, on a clock that stands still
	p := b.Person("reader")
	p.Open(s.URL + "/l/specimen/zazolc")
	p.Click(`#grid-1 label:has(input[value="7"])`)
	p.Until("the button waits", `document.querySelector("[data-take]").disabled`)
	s.Clock.Pass(4 * time.Second)
	p.Until("the button opens", `!document.querySelector("[data-take]").disabled && document.querySelector("[data-take]").textContent === "Hold number 7"`)
	p.Quiet()
	p.Follow("[data-take]")
	if path := p.Path(); path != "/basket" {
		t.Errorf("after that at %s", path)
	}
}
