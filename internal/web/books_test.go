package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ferric/internal/shop"
)

// TestBooks walks a label's books as its accountant: a bill, shares, an order, a shop's settlement, a payout, a statement in three forms.
func TestBooks(t *testing.T) {
	s := newShop(t)
	a := s.as("accountant")
	key := func(page string) string {
		t.Helper()
		m := regexp.MustCompile(`name="key" value="([0-9a-f]+)"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatal("the page has no key")
		}
		return m[1]
	}
	went := func(path string, form url.Values) {
		t.Helper()
		if got := a.post(path, form); got.Status != http.StatusSeeOther {
			t.Fatalf("POST %s: %d\n%s", path, got.Status, clip(got.Body, 3000))
		}
	}
	has := func(page string, words ...string) {
		t.Helper()
		text := textOf(parsed(t, page))
		for _, w := range words {
			if !strings.Contains(text, w) {
				t.Errorf("the page has no %q", w)
			}
		}
	}
	base := "/desk/specimen/books"
	page := a.ok(base)
	bill := url.Values{"what": {"making"}, "run": {string(s.Run.ID)}, "amount": {"two hundred"}, "currency": {"EUR"}, "note": {"=cmd() duplicator"}, "key": {key(page)}}
	wrong := a.post(base+"/spend", bill)
	if wrong.Status != http.StatusUnprocessableEntity || !strings.Contains(wrong.Body, `value="two hundred"`) || !strings.Contains(wrong.Body, `value="=cmd() duplicator"`) {
		t.Errorf("a wrong amount: %d, or what was typed is gone", wrong.Status)
	}
	bill.Set("amount", "20")
	went(base+"/spend", bill)
	went(base+"/spend", bill) // sent twice, written once
	went(base+"/deal/evening", url.Values{"version": {"0"}, "recoup": {"yes"}, "payee-0-0": {"Ada Quill"}, "percent-0-0": {"50"}, "payee-0-1": {"Bo Marsh"}, "percent-0-1": {"40"}, "tracks-0-1": {"1"}})
	over := a.post(base+"/deal/evening", url.Values{"version": {"1"}, "payee-0-0": {"Ada Quill"}, "percent-0-0": {"101"}})
	if over.Status != http.StatusUnprocessableEntity || !strings.Contains(over.Body, `value="101"`) {
		t.Errorf("a share of 101 percent: %d", over.Status)
	}
	has(a.ok(base+"/deal/evening"), "In force since")

	buyer := shop.Buyer{Visitor: "v"}
	if _, err := s.cfg.Shop.Hold(t.Context(), buyer, shop.Want{Run: s.Run.ID, Numbers: []int{17}}); err != nil {
		t.Fatal(err)
	}
	placed, err := s.cfg.Shop.Place(t.Context(), shop.Request{Buyer: buyer, Key: "k", Mail: "b@example.org", Method: shop.Transfer,
		Address: shop.Address{Name: "B", Street: "S 1", Code: "1", City: "C", Country: "PL"}, Lines: []shop.Line{{Run: s.Run.ID, Number: 17, Minor: 1200}}})
	if err != nil {
		t.Fatal(err)
	}
	went("/desk/specimen/orders/"+string(placed[0].Order)+"/paid", nil)
	run := base + "/run/evening/1"
	went(run+"/elsewhere", url.Values{"to": {"shop"}, "numbers": {"30-31"}, "amount": {"12.50"}, "commission": {"36"}, "note": {"the corner shop"}})
	again := a.post(run+"/elsewhere", url.Values{"to": {"shop"}, "numbers": {"30-31"}, "amount": {"12.50"}, "commission": {"36"}})
	if again.Status != http.StatusUnprocessableEntity || !strings.Contains(again.Body, `value="30-31"`) {
		t.Errorf("numbers that are sold: %d", again.Status)
	}
	// 12.00 + 2 x 8.00 - 20.00 = 8.00, of which half and a twentieth.
	has(a.ok(run), "3 copies of 100", "€37.00", "-€9.00", "€8.00", "2,424", "€4.00", "€0.40")
	has(a.ok(base), "order paid", "manufacturing", "sold by a shop", "the corner shop")

	page = a.ok(base + "/statements")
	has(page, "Ada Quill", "€4.00", "in bank and box")
	id := regexp.MustCompile(`<option value="([0-9a-f]{32})"[^>]*>Ada Quill`).FindStringSubmatch(page)[1]
	went(base+"/payout", url.Values{"payee": {id}, "amount": {"1.50"}, "currency": {"EUR"}, "key": {key(page)}})
	s.Clock.Pass(time.Second)
	statement := base + "/statements/" + id + "/"
	has(a.ok(statement+"page"), "Ada Quill", "Opening balance", "paid out", "-€1.50", "Closing balance€2.50")
	has(a.ok(base+"/statements/label/page?from=2020-01-01"), "Closing balance€6.50", "The label's own", "€3.60")
	table := a.ok(base + "/statements/label/csv")
	if !strings.Contains(table, "'=cmd() duplicator") || strings.Contains(table, ",=cmd()") {
		t.Errorf("a note that is a formula: %s", table)
	}
	one, two := a.ok(statement+"pdf"), a.ok(statement+"pdf")
	if !strings.HasPrefix(one, "%PDF-1.7") || one != two {
		t.Error("the statement is no PDF, or another one each time")
	}
	if got := a.get(base + "/statements/" + strings.Repeat("0", 32) + "/page"); got.Status != http.StatusNotFound {
		t.Errorf("nobody's statement: %d", got.Status)
	}
	if got := s.as("packer").get(base); got.Status != http.StatusForbidden {
		t.Errorf("the packer reads the books: %d", got.Status)
	}
	if got := a.get(base + "?from=x"); got.Status != http.StatusUnprocessableEntity {
		t.Errorf("a period that is none: %d", got.Status)
	}
}
