package web

import (
	"testing"

	"github.com/chromedp/chromedp"

	"ferric/internal/chromium"
	"ferric/internal/shop"
)

// TestPackingInBrowser: a wrong number is refused aloud without leaving the page, the right one completes the parcel.
func TestPackingInBrowser(t *testing.T) {
	b := chromium.Start(t).Person("packer")
	w := newMatrixWorld(t)
	if _, err := w.cfg.Shop.MarkPaid(t.Context(), w.order.Order, "desk"); err != nil {
		t.Fatal(err)
	}
	signInThrough(b, w.testShop, "packer")
	b.Open(w.URL + "/desk/specimen/packing")
	field := "[data-parcel] input[name=number]"
	b.Do(chromedp.SendKeys(field, "26\r"))
	b.Until("the refusal", `document.querySelector("[data-heard]").innerText.startsWith("Stop: 26 is not in this parcel")`)
	b.Until("an empty field that waits", `document.activeElement.name === "number" && document.activeElement.value === ""`)
	b.Do(chromedp.SendKeys(field, "30\r"))
	b.Until("the number in the parcel", `document.querySelector("[data-copy]").classList.contains("in") && document.querySelector("[data-heard]").innerText.endsWith("The parcel is complete.")`)
	b.Until("the button to go on with", `document.activeElement.closest("[data-packed]") !== null`)
	b.Follow("[data-packed] button")
	b.Until("the parcel among those to send", `document.body.innerText.includes("To send")`)
	if o, err := w.cfg.Shop.Order(t.Context(), w.order.Order); err != nil || o.State != shop.Packed {
		t.Errorf("the order is %s, %v", o.State, err)
	}
}
