package storetest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/internal/store"
	"ferric/ledger"
)

// refused checks that an error is of a kind and has text to show.
func refused(t testing.TB, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: got %v, want a refusal of kind %q", what, err, kind)
	} else if fault.Text(err) == "" {
		t.Errorf("%s: the refusal says nothing", what)
	}
}

func numbers(copies []catalog.Copy) (ns []int) {
	for _, c := range copies {
		ns = append(ns, c.Number)
	}
	return ns
}

func wantNumbers(t testing.TB, copies []catalog.Copy, ns ...int) {
	t.Helper()
	if !slices.Equal(numbers(copies), ns) {
		t.Errorf("got numbers %v, want %v", numbers(copies), ns)
	}
}

func (h *House) stock(t testing.TB, run catalog.RunID, want int) {
	t.Helper()
	if got := must(h.Catalog.Stock(ctx(t), run, catalog.Web))(t); got != want {
		t.Errorf("stock is %d, want %d", got, want)
	}
}

func testDeclare(t *testing.T, h *House) {
	run := h.Run(t, 1200, func(r *catalog.Run, _ *shop.Terms) {
		r.Proofs = 5
		r.Variants = []catalog.Span{{Name: "black", First: 1, Last: 1000}, {Name: "gold", First: 1001, Last: 1205}}
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 1100}, {Name: "merch", First: 1101, Last: 1200}}
	})
	if got := must(h.Catalog.Run(ctx(t), run.ID))(t); got.Label(17) != "17/1200" || got.Label(1201) != "AP 1/5" || got.Ordinal != 1 || len(got.Variants) != 2 || !got.Declared.Equal(run.Declared) {
		t.Errorf("stored run %+v", got)
	}
	h.stock(t, run.ID, 1100)
	grid := must(h.Catalog.Grid(ctx(t), run.ID))(t)
	if grid[1000].Variant != "gold" || grid[1100].Pool != catalog.Merch || grid[1204].Pool != catalog.ArtistPool {
		t.Errorf("copies are not dealt as declared: %+v", grid[1204])
	}
	again := must(h.Catalog.Declare(ctx(t), catalog.Run{Release: run.Release, Copies: 10}, "label"))(t)
	if again.Ordinal != 2 {
		t.Errorf("a repress is run %d", again.Ordinal)
	}
	if runs := must(h.Catalog.Runs(ctx(t), run.Release))(t); len(runs) != 2 || runs[0].ID != run.ID {
		t.Errorf("runs %+v", runs)
	}
	_, err := h.Catalog.AddLabel(ctx(t), catalog.Label{Slug: "label-0", Name: "Another"})
	refused(t, "a label's address twice", err, fault.Conflict)
	_, err = h.Catalog.Declare(ctx(t), catalog.Run{Release: "none", Copies: 10}, "label")
	refused(t, "a run of no release", err, fault.NotFound)
	_, err = h.Catalog.AddRelease(ctx(t), catalog.Release{Label: "none", Artist: h.artist.ID, Slug: "x", Title: "x"})
	refused(t, "a release of no label", err, fault.NotFound)
	_, _, err = h.Catalog.Copy(ctx(t), run.ID, 1206)
	refused(t, "a number beyond the run", err, fault.NotFound)
	h.Audit(t, again)
}

func testHold(t *testing.T, h *House) {
	run := h.Run(t, 5)
	a, b := Visitor(1), Visitor(2)
	basket := must(h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Numbers: []int{3}}))(t)
	wantNumbers(t, basket.Copies, 3)
	if want := h.Clock.Now().Add(10 * time.Minute); !basket.Until.Equal(want) || !basket.Now.Equal(h.Clock.Now()) {
		t.Errorf("held until %v, want %v", basket.Until, want)
	}
	h.stock(t, run.ID, 4)
	_, err := h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{3}})
	refused(t, "a number that another holds", err, fault.Taken)
	_, err = h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: 5})
	refused(t, "more than are left", err, fault.Taken)
	if !strings.Contains(fault.Text(err), "4") {
		t.Errorf("%q does not say how many are left", fault.Text(err))
	}
	wantNumbers(t, must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{5}, Any: 2}))(t).Copies, 1, 2, 5)
	// At the very moment when the time is over, the copy is free: for the count, the grid and the next buyer.
	h.Clock.Add(10*time.Minute - time.Microsecond)
	h.stock(t, run.ID, 1)
	h.Clock.Add(time.Microsecond)
	h.stock(t, run.ID, 5)
	if c := must(h.Catalog.Grid(ctx(t), run.ID))(t)[2]; c.State != catalog.Free || c.Holder != "" {
		t.Errorf("the grid shows %+v", c)
	}
	if basket := must(h.Shop.Basket(ctx(t), a))(t); len(basket.Copies) != 0 {
		t.Errorf("a basket whose time is over holds %v", numbers(basket.Copies))
	}
	wantNumbers(t, must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{3}}))(t).Copies, 3)
	h.Audit(t, run)
}

func testHoldSets(t *testing.T, h *House) {
	run, other := h.Run(t, 6), h.Run(t, 3)
	a := Visitor(1)
	first := must(h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Numbers: []int{2}, Any: 1}, shop.Want{Run: other.ID, Any: 1}))(t)
	h.Clock.Add(time.Minute)
	// Asking twice is asking once, and does not lengthen the hold.
	again := must(h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Numbers: []int{2}, Any: 1}))(t)
	if !slices.Equal(numbers(first.Copies), numbers(again.Copies)) || !again.Until.Equal(first.Until) {
		t.Errorf("asked again: %v until %v, first %v until %v", numbers(again.Copies), again.Until, numbers(first.Copies), first.Until)
	}
	// Two lines of one run are one demand.
	_, err := h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Any: 3}, shop.Want{Run: run.ID, Any: 4})
	refused(t, "7 of 6 in two lines", err, fault.Taken)
	must(h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Any: 3}, shop.Want{Run: run.ID, Any: 3}))(t)
	h.stock(t, run.ID, 0)
	// Another number instead, and the other run is left alone.
	must(h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Numbers: []int{6}}))(t)
	h.stock(t, run.ID, 5)
	h.stock(t, other.ID, 2)
	// A refusal changes nothing.
	before := must(h.Shop.Basket(ctx(t), a))(t)
	_, err = h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID, Numbers: []int{1}}, shop.Want{Run: other.ID, Any: 9})
	refused(t, "too many of the other run", err, fault.Taken)
	if after := must(h.Shop.Basket(ctx(t), a))(t); !slices.Equal(numbers(before.Copies), numbers(after.Copies)) {
		t.Errorf("a refused hold changed the basket from %v to %v", numbers(before.Copies), numbers(after.Copies))
	}
	must(h.Shop.Hold(ctx(t), a, shop.Want{Run: run.ID}, shop.Want{Run: other.ID}))(t)
	h.stock(t, run.ID, 6)
	h.stock(t, other.ID, 3)
	// Variants.
	gold := h.Run(t, 4, func(r *catalog.Run, _ *shop.Terms) {
		r.Variants = []catalog.Span{{Name: "black", First: 1, Last: 2}, {Name: "gold", First: 3, Last: 4}}
	})
	wantNumbers(t, must(h.Shop.Hold(ctx(t), a, shop.Want{Run: gold.ID, Any: 1, Variant: "gold"}))(t).Copies, 3)
	_, err = h.Shop.Hold(ctx(t), a, shop.Want{Run: gold.ID, Any: 3, Variant: "gold"})
	refused(t, "3 of 2 gold ones", err, fault.Taken)
	_, err = h.Shop.Hold(ctx(t), a, shop.Want{Run: gold.ID, Any: 21})
	refused(t, "more than a basket holds", err, fault.Limit)
	_, err = h.Shop.Hold(ctx(t), a, shop.Want{Run: "none", Any: 1})
	refused(t, "a run that does not exist", err, fault.NotFound)
	_, err = h.Shop.Hold(ctx(t), shop.Buyer{}, shop.Want{Run: gold.ID, Any: 1})
	refused(t, "nobody's basket", err, fault.Invalid)
	h.Audit(t, run)
	h.Audit(t, other)
}

func testTerms(t *testing.T, h *House) {
	opens := h.Clock.Now().Add(time.Hour)
	run := h.Run(t, 3, func(r *catalog.Run, s *shop.Terms) {
		s.Opens, s.Closes, s.PayMore = opens, opens.Add(time.Hour), true
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 2}, {Name: "merch", First: 3, Last: 3}}
	})
	hold := func() error {
		_, err := h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Any: 1})
		return err
	}
	refused(t, "before it opens", hold(), fault.Early)
	_, err := h.Shop.Place(ctx(t), Request(Visitor(2), "k", catalog.Copy{Run: run.ID, Number: 1}))
	refused(t, "ordered before it opens", err, fault.Gone)
	h.Clock.Add(time.Hour)
	ok(t, hold())
	_, err = h.Shop.Hold(ctx(t), Visitor(2), shop.Want{Run: run.ID, Numbers: []int{3}})
	refused(t, "a number of the merch table", err, fault.Taken)
	// What is held may be ordered after the sale closed, and more may be given for it.
	h.Clock.Add(59*time.Minute + 59*time.Second)
	must(h.Shop.Hold(ctx(t), Visitor(3), shop.Want{Run: run.ID, Numbers: []int{2}}))(t)
	h.Clock.Add(time.Second)
	refused(t, "after it closed", hold(), fault.Gone)
	r := Request(Visitor(3), "k", catalog.Copy{Run: run.ID, Number: 2})
	r.Lines[0].Minor = 999
	_, err = h.Shop.Place(ctx(t), r)
	refused(t, "less than the price", err, fault.Conflict)
	r.Lines[0].Minor = 1500
	if got := must(h.Shop.Place(ctx(t), r))(t); got[0].Total != (shop.Money{Minor: 1500, Currency: "EUR"}) {
		t.Errorf("total %v", got[0].Total)
	}
	if got := must(h.Shop.Terms(ctx(t), run.ID))(t); !got.Opens.Equal(opens) || !got.PayMore || got.Label != h.labels[0].ID {
		t.Errorf("terms %+v", got)
	}
	refused(t, "no currency", h.Shop.SetTerms(ctx(t), shop.Terms{Run: run.ID}), fault.Invalid)
	refused(t, "no run", h.Shop.SetTerms(ctx(t), shop.Terms{Run: "none", Price: shop.Money{Minor: 1, Currency: "EUR"}}), fault.NotFound)
}

func testOrder(t *testing.T, h *House) {
	run, second := h.Run(t, 5), h.runOf(t, 1, 5)
	b := shop.Buyer{Visitor: "v", Account: "ann"}
	basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{4}, Any: 1}, shop.Want{Run: second.ID, Any: 1}))(t)
	receipts := must(h.Shop.Place(ctx(t), Request(b, "k", basket.Copies...)))(t)
	if len(receipts) != 2 || receipts[0].Label == receipts[1].Label {
		t.Fatalf("two labels make %d orders: %+v", len(receipts), receipts)
	}
	if left := must(h.Shop.Basket(ctx(t), b))(t); len(left.Copies) != 0 {
		t.Errorf("what is ordered is still in the basket: %v", numbers(left.Copies))
	}
	for _, r := range receipts {
		o := must(h.Shop.OrderBySecret(ctx(t), r.Order, r.Secret))(t)
		if o.State != shop.Placed || o.Mail != "v@example.org" || o.Address.City != "Łódź" || o.Total != r.Total || !o.PayBy.Equal(h.Clock.Now().Add(5*24*time.Hour)) || len(o.Lines) != len(r.Lines) || o.Buyer != b {
			t.Errorf("order %+v", o)
		}
		_, err := h.Shop.OrderBySecret(ctx(t), r.Order, strings.Repeat("a", len(r.Secret)))
		refused(t, "a wrong secret", err, fault.NotFound)
		_, none := h.Shop.OrderBySecret(ctx(t), "none", r.Secret)
		refused(t, "no such order", none, fault.NotFound)
		if fault.Text(err) != fault.Text(none) {
			t.Errorf("%q tells that the order exists, %q that it does not", fault.Text(err), fault.Text(none))
		}
		if len(r.Secret) != 26 || strings.Contains(string(r.Order), r.Secret) {
			t.Errorf("secret %q of %s", r.Secret, r.Order)
		}
	}
	// An order outlives the basket's time, and lapses by its own.
	h.Clock.Add(4 * 24 * time.Hour)
	h.stock(t, run.ID, 3)
	h.Clock.Add(24 * time.Hour)
	h.stock(t, run.ID, 5)
	if o := must(h.Shop.Order(ctx(t), receipts[0].Order))(t); o.Shown(h.Clock.Now()) != shop.Lapsed {
		t.Errorf("an unpaid order is %s after its time", o.Shown(h.Clock.Now()))
	}
	h.Audit(t, run)
}

func testOrderRefusals(t *testing.T, h *House) {
	run := h.Run(t, 5)
	b := Visitor(1)
	basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: 2}))(t)
	good := Request(b, "k", basket.Copies...)
	for what, edit := range map[string]func(*shop.Request){
		"no mail":         func(r *shop.Request) { r.Mail = "" },
		"mail header":     func(r *shop.Request) { r.Mail = "a@example.org\r\nBcc: x@example.org" },
		"two addresses":   func(r *shop.Request) { r.Mail = "a@example.org,b@example.org" },
		"no street":       func(r *shop.Request) { r.Address.Street = " " },
		"name with lines": func(r *shop.Request) { r.Address.Name = "A\nB" },
		"bidi name":       func(r *shop.Request) { r.Address.Name = "A\u202eB" },
		"long city":       func(r *shop.Request) { r.Address.City = strings.Repeat("x", 101) },
		"country":         func(r *shop.Request) { r.Address.Country = "Polska" },
		"no key":          func(r *shop.Request) { r.Key = "" },
		"no line":         func(r *shop.Request) { r.Lines = nil },
		"no method":       func(r *shop.Request) { r.Method = "" },
		"twice":           func(r *shop.Request) { r.Lines = append(r.Lines, r.Lines[0]) },
		"negative price":  func(r *shop.Request) { r.Lines[0].Minor = -1 },
	} {
		r := good
		r.Lines = slices.Clone(good.Lines)
		edit(&r)
		_, err := h.Shop.Place(ctx(t), r)
		refused(t, what, err, fault.Invalid)
	}
	_, err := h.Shop.Place(ctx(t), Request(Visitor(2), "k", basket.Copies...))
	refused(t, "another's copies", err, fault.Gone)
	r := good
	r.Lines = append(slices.Clone(good.Lines), shop.Line{Run: run.ID, Number: 99, Minor: 1000})
	_, err = h.Shop.Place(ctx(t), r)
	refused(t, "a number that is not there", err, fault.NotFound)
	// A refusal does not use the key up.
	first := must(h.Shop.Place(ctx(t), good))(t)
	r = good
	r.Mail = "other@example.org"
	_, err = h.Shop.Place(ctx(t), r)
	refused(t, "the same key with another request", err, fault.Mismatch)
	if again := must(h.Shop.Place(ctx(t), good))(t); again[0].Order != first[0].Order {
		t.Error("the same request made a second order")
	}
	if n := h.Audit(t, run); n[catalog.Held] != 2 || n[catalog.Free] != 3 {
		t.Errorf("states %v", n)
	}
}

func testFulfil(t *testing.T, h *House) {
	run := h.Run(t, 6)
	r := h.buy(t, Visitor(1), run.ID, 2)
	_, err := h.Shop.MarkPacked(ctx(t), r.Order, "desk")
	refused(t, "packing what is not paid", err, fault.Conflict)
	for _, s := range []struct {
		do    func(context.Context, shop.OrderID, string) (shop.Order, error)
		order shop.OrderState
		copy  catalog.State
	}{{h.Shop.MarkPaid, shop.Paid, catalog.Sold}, {h.Shop.MarkPacked, shop.Packed, catalog.Packed}, {h.Shop.MarkShipped, shop.Shipped, catalog.Shipped}} {
		h.Clock.Add(time.Hour)
		for range 2 { // saying it twice changes nothing
			if o := must(s.do(ctx(t), r.Order, "desk"))(t); o.State != s.order {
				t.Errorf("order is %s, want %s", o.State, s.order)
			}
		}
		if n := h.Audit(t, run); n[s.copy] != 2 {
			t.Errorf("after %s: %v", s.order, n)
		}
	}
	_, err = h.Shop.Cancel(ctx(t), r.Order, "desk")
	refused(t, "calling off what was sent", err, fault.Conflict)
	if o := must(h.Shop.TakeBack(ctx(t), r.Order, "desk", r.Lines[0]))(t); o.State != shop.Shipped {
		t.Errorf("half an order back is %s", o.State)
	}
	if o := must(h.Shop.TakeBack(ctx(t), r.Order, "desk"))(t); o.State != shop.Returned {
		t.Errorf("a whole order back is %s", o.State)
	}
	for v, unpaid := range []bool{true, false} {
		r := h.buy(t, Visitor(10+v), run.ID, 1)
		if !unpaid {
			must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
		}
		must(h.Shop.Cancel(ctx(t), r.Order, "desk"))(t)
		must(h.Shop.Cancel(ctx(t), r.Order, "desk"))(t)
		_, err := h.Shop.MarkPaid(ctx(t), r.Order, "desk")
		refused(t, "paying what was called off", err, fault.Conflict)
	}
	if n := h.Audit(t, run); n[catalog.Returned] != 2 || n[catalog.Free] != 4 {
		t.Errorf("states %v", n)
	}
	must(h.Catalog.Restock(ctx(t), run.ID, r.Lines[0].Number, "", "desk"))(t)
	h.stock(t, run.ID, 5)
	_, err = h.Shop.MarkPaid(ctx(t), "none", "desk")
	refused(t, "no order", err, fault.NotFound)
}

func testPayLate(t *testing.T, h *House) {
	run := h.Run(t, 3)
	late := func(v int) shop.Receipt {
		r := h.buy(t, Visitor(v), run.ID, 1)
		h.Clock.Add(6 * 24 * time.Hour)
		return r
	}
	// Its own copy is still there, swept or not.
	r := late(1)
	o := must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	if o.State != shop.Paid || o.Lines[0] != r.Lines[0] {
		t.Errorf("paid late: %s, %v, want %v", o.State, o.Lines, r.Lines)
	}
	// Somebody else has it: the next one.
	r = late(2)
	must(h.Shop.Hold(ctx(t), Visitor(3), shop.Want{Run: run.ID, Numbers: []int{r.Lines[0].Number}}))(t)
	o = must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t)
	if o.State != shop.Paid || o.Lines[0].Number == r.Lines[0].Number {
		t.Errorf("paid late: %s, %v", o.State, o.Lines)
	}
	if stored := must(h.Shop.Order(ctx(t), r.Order))(t); stored.Lines[0] != o.Lines[0] {
		t.Errorf("stored lines %v, answered %v", stored.Lines, o.Lines)
	}
	// None is left: the money goes back and no copy is kept.
	must(h.Shop.Hold(ctx(t), Visitor(3), shop.Want{Run: run.ID}))(t)
	r = late(4)
	third := h.buy(t, Visitor(5), run.ID, 1)
	if o = must(h.Shop.MarkPaid(ctx(t), r.Order, "desk"))(t); o.State != shop.RefundDue {
		t.Errorf("paid late with nothing left: %s", o.State)
	}
	must(h.Shop.MarkPaid(ctx(t), third.Order, "desk"))(t)
	if n := h.Audit(t, run); n[catalog.Sold] != 3 {
		t.Errorf("states %v", n)
	}
}

func testClaim(t *testing.T, h *House) {
	codes, withCards := cards(t, 6)
	run := h.Run(t, 6, withCards, func(r *catalog.Run, _ *shop.Terms) {
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 5}, {Name: "merch", First: 6, Last: 6}}
	})
	claim := func(account, code string) error {
		_, err := h.Shop.Claim(ctx(t), account, code)
		return err
	}
	refused(t, "no account", claim("", codes[1]), fault.Forbidden)
	refused(t, "not a code", claim("ann", "hello"), fault.Invalid)
	refused(t, "not sold yet", claim("ann", codes[1]), fault.Conflict)
	r := h.sent(t, Visitor(1), run.ID, 1)
	n := r.Lines[0].Number
	typed := strings.ToLower(strings.ReplaceAll(codes[n], "-", " "))
	c := must(h.Shop.Claim(ctx(t), "ann", typed))(t)
	if c.Number != n || c.Owner != "ann" || c.State != catalog.Claimed || c.Order != string(r.Order) {
		t.Errorf("claimed %+v", c)
	}
	ok(t, claim("ann", codes[n])) // again by the same person
	refused(t, "used already", claim("bob", codes[n]), fault.Conflict)
	wantNumbers(t, must(h.Shop.Owned(ctx(t), "ann"))(t), n)
	// From the merch table, where nobody wrote the sale down.
	if c := must(h.Shop.Claim(ctx(t), "bob", codes[6]))(t); c.Number != 6 {
		t.Errorf("claimed %+v", c)
	}
	unpaid := h.buy(t, Visitor(2), run.ID, 1)
	refused(t, "not paid yet", claim("bob", codes[unpaid.Lines[0].Number]), fault.Conflict)
	must(h.Catalog.Void(ctx(t), run.ID, 5, ledger.Destroyed, "the tape was eaten", "desk"))(t)
	err := claim("bob", codes[5])
	refused(t, "a void number", err, fault.Conflict)
	if !strings.Contains(fault.Text(err), "eaten") {
		t.Errorf("%q does not give the reason", fault.Text(err))
	}
	other, _ := cards(t, 1)
	refused(t, "another shop's code", claim("bob", other[1]), fault.NotFound)
	// Back at the label, a copy whose code was used needs a new card, and the old code is worth nothing.
	must(h.Shop.TakeBack(ctx(t), r.Order, "desk"))(t)
	wantNumbers(t, must(h.Shop.Owned(ctx(t), "ann"))(t))
	_, err = h.Catalog.Restock(ctx(t), run.ID, n, "", "desk")
	refused(t, "a used code on sale again", err, fault.Conflict)
	fresh, withFresh := cards(t, 1)
	var made catalog.Run
	withFresh(&made, nil)
	must(h.Catalog.Restock(ctx(t), run.ID, n, made.Cards[0].SHA256, "desk"))(t)
	refused(t, "the code of the old card", claim("ann", codes[n]), fault.NotFound)
	refused(t, "the new code, not sold", claim("ann", fresh[1]), fault.Conflict)
	h.Audit(t, run)
}

func testHandOn(t *testing.T, h *House) {
	codes, withCards := cards(t, 2)
	run := h.Run(t, 2, withCards)
	r := h.sent(t, Visitor(1), run.ID, 1)
	n := r.Lines[0].Number
	must(h.Shop.Claim(ctx(t), "ann", codes[n]))(t)
	offer := func(from, to string) string {
		token, _, err := h.Shop.OfferCopy(ctx(t), from, run.ID, n, to)
		ok(t, err)
		return token
	}
	accept := func(account, token string) error {
		_, err := h.Shop.Accept(ctx(t), account, token)
		return err
	}
	_, _, err := h.Shop.OfferCopy(ctx(t), "bob", run.ID, n, "")
	refused(t, "giving what is another's", err, fault.Forbidden)
	old := offer("ann", "")
	token := offer("ann", "bob")
	refused(t, "an offer that was replaced", accept("cleo", old), fault.NotFound)
	refused(t, "an offer to another", accept("cleo", token), fault.NotFound)
	refused(t, "nobody", accept("", token), fault.Forbidden)
	ok(t, accept("bob", token))
	refused(t, "an offer twice", accept("bob", token), fault.NotFound)
	wantNumbers(t, must(h.Shop.Owned(ctx(t), "bob"))(t), n)
	wantNumbers(t, must(h.Shop.Owned(ctx(t), "ann"))(t))
	token = offer("bob", "")
	ok(t, h.Shop.Withdraw(ctx(t), "bob", run.ID, n))
	refused(t, "an offer taken back", accept("ann", token), fault.NotFound)
	token = offer("bob", "")
	refused(t, "one's own", accept("bob", token), fault.Conflict)
	h.Clock.Add(15 * 24 * time.Hour)
	refused(t, "an offer whose time is over", accept("ann", token), fault.Gone)
	ok(t, accept("ann", offer("bob", "")))
	h.Audit(t, run)
}

func testCatalogActs(t *testing.T, h *House) {
	run := h.Run(t, 4)
	must(h.Catalog.Move(ctx(t), run.ID, 4, catalog.Consignment, "desk"))(t)
	h.stock(t, run.ID, 3)
	must(h.Catalog.Grade(ctx(t), run.ID, 1, "NM, small scuff on the window", "desk"))(t)
	_, err := h.Catalog.Void(ctx(t), run.ID, 2, ledger.Destroyed, "  ", "desk")
	refused(t, "void without a reason", err, fault.Invalid)
	must(h.Catalog.Void(ctx(t), run.ID, 2, ledger.Destroyed, "shell cracked", "desk"))(t)
	_, err = h.Catalog.Void(ctx(t), run.ID, 2, ledger.Destroyed, "again", "desk")
	refused(t, "void twice", err, fault.Conflict)
	must(h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Numbers: []int{3}}))(t)
	_, err = h.Catalog.Void(ctx(t), run.ID, 3, ledger.Destroyed, "shell cracked", "desk")
	refused(t, "void while held", err, fault.Conflict)
	h.Clock.Add(time.Hour)
	must(h.Catalog.Void(ctx(t), run.ID, 3, ledger.Destroyed, "shell cracked", "desk"))(t)
	copy, history, err := h.Catalog.Copy(ctx(t), run.ID, 3)
	ok(t, err)
	var verbs []catalog.Verb
	for _, e := range history {
		verbs = append(verbs, e.Verb)
	}
	if copy.Reason != "shell cracked" || !slices.Equal(verbs, []catalog.Verb{catalog.Mint, catalog.Hold, catalog.Lapse, catalog.Annul}) || history[3].Note != "shell cracked" {
		t.Errorf("history of a void number: %v %+v", verbs, copy)
	}
	h.Audit(t, run)
}

func testSweep(t *testing.T, h *House) {
	run := h.Run(t, 300, perPerson(0))
	for v := range 15 {
		must(h.Shop.Hold(ctx(t), Visitor(v), shop.Want{Run: run.ID, Any: 20}))(t)
	}
	if n := must(h.Shop.Sweep(ctx(t)))(t); n != 0 {
		t.Errorf("swept %d before their time", n)
	}
	r := must(h.Shop.Place(ctx(t), Request(Visitor(0), "k", must(h.Shop.Basket(ctx(t), Visitor(0)))(t).Copies...)))(t)
	h.Clock.Add(10 * time.Minute)
	if n := must(h.Shop.Sweep(ctx(t)))(t); n != 280 {
		t.Errorf("swept %d, want 280", n)
	}
	h.stock(t, run.ID, 280)
	// A key is forgotten after its time, and not before: seven days.
	h.Clock.Add(7*24*time.Hour + time.Minute)
	if n := must(h.Shop.Sweep(ctx(t)))(t); n != 20 {
		t.Errorf("swept %d of an unpaid order, want 20", n)
	}
	_, err := h.Shop.Place(ctx(t), Request(Visitor(0), "k", catalog.Copy{Run: run.ID, Number: 1}))
	ok(t, err)
	if o := must(h.Shop.Order(ctx(t), r[0].Order))(t); o.Shown(h.Clock.Now()) != shop.Lapsed {
		t.Errorf("order is %s", o.Shown(h.Clock.Now()))
	}
	h.Audit(t, run)
}

// testRollback: what a transaction did is gone when it fails, whatever others did beside it.
func testRollback(t *testing.T, h *House) {
	run := h.Run(t, 8)
	failure := errors.New("on purpose")
	done := make(chan error, 16)
	for i := range 16 {
		go func() {
			n := i/2 + 1
			done <- h.DB.Update(ctx(t), func(tx *store.Tx) error {
				c, err := tx.Copy(run.ID, n)
				if err != nil {
					return err
				}
				if c.State != catalog.Free && i%2 == 0 {
					return nil
				}
				after, e, err := c.After(catalog.Act{Verb: catalog.Grade, At: h.Clock.Now(), Note: "played"})
				if err != nil {
					return err
				}
				if err := tx.PutCopy(after, e); err != nil {
					return err
				}
				if i%2 == 1 {
					return failure
				}
				return nil
			})
		}()
	}
	failed := 0
	for range 16 {
		if err := <-done; errors.Is(err, failure) {
			failed++
		} else {
			ok(t, err)
		}
	}
	if failed != 8 {
		t.Errorf("%d failed, want 8", failed)
	}
	for _, c := range must(h.Catalog.Grid(ctx(t), run.ID))(t) {
		if c.Seq != 2 || c.Condition != "played" {
			t.Errorf("number %d has Seq %d", c.Number, c.Seq)
		}
	}
	h.Audit(t, run)
	// A stale change is never written.
	err := h.DB.Update(ctx(t), func(tx *store.Tx) error {
		c, err := tx.Copy(run.ID, 1)
		if err != nil {
			return err
		}
		c.Seq--
		after, e, err := c.After(catalog.Act{Verb: catalog.Grade, At: h.Clock.Now(), Note: "stale"})
		if err != nil {
			return err
		}
		return tx.PutCopy(after, e)
	})
	if !errors.Is(err, store.ErrStale) {
		t.Errorf("a stale change: %v", err)
	}
	cancelled, stop := context.WithCancel(context.Background())
	stop()
	_, err = h.Shop.Hold(cancelled, Visitor(1), shop.Want{Run: run.ID, Any: 1})
	refused(t, "a request that was given up", err, fault.Unavailable)
	h.stock(t, run.ID, 8)
}
