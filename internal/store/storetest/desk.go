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
)

// testDesk lists a label's orders in every way and compares with what was placed.
func testDesk(t *testing.T, h *House) {
	run, other := h.Run(t, 40), h.runOf(t, 1, 3)
	var placed []shop.Receipt
	for i := range 13 {
		b := Visitor(i)
		basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: 2}))(t)
		r := Request(b, "k", basket.Copies...)
		r.Address.Name = fmt.Sprintf("Zoë Łącka %c", 'A'+i)
		placed = append(placed, must(h.Shop.Place(ctx(t), r))(t)[0])
		h.Clock.Add(time.Minute)
	}
	h.buy(t, Visitor(99), other.ID, 1)
	label := h.labels[0].ID

	ids := func(orders []shop.Order) (ids []shop.OrderID) {
		for _, o := range orders {
			ids = append(ids, o.ID)
			if len(o.Lines) != 2 || o.Label != label || o.Address.Street == "" || o.Total.Minor != 2000 {
				t.Errorf("listed order %+v", o)
			}
		}
		return ids
	}
	var want []shop.OrderID
	for _, r := range placed {
		want = append(want, r.Order)
	}
	list := func(what string, l shop.Listing, want ...shop.OrderID) {
		t.Helper()
		l.Label, l.Most = label, 5
		var got []shop.OrderID
		for pages := 0; pages < 10; pages++ {
			page, more, err := h.Shop.Orders(ctx(t), l)
			ok(t, err)
			got = append(got, ids(page)...)
			if !more {
				break
			}
			if len(page) != 5 {
				t.Errorf("%s: a page of %d says there are more", what, len(page))
			}
			l.After = page[len(page)-1].Mark()
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", what, got, want)
		}
	}
	newest := slices.Clone(want)
	slices.Reverse(newest)
	list("all", shop.Listing{}, newest...)
	list("all, oldest first", shop.Listing{Oldest: true}, want...)

	must(h.Shop.MarkPaid(ctx(t), want[3], "desk"))(t)
	must(h.Shop.MarkPaid(ctx(t), want[4], "desk"))(t)
	must(h.Shop.MarkPacked(ctx(t), want[4], "desk"))(t)
	must(h.Shop.Cancel(ctx(t), want[5], "desk"))(t)
	list("all, in several states", shop.Listing{}, newest...)
	list("paid", shop.Listing{State: shop.Paid}, want[3])
	list("packed", shop.Listing{State: shop.Packed}, want[4])
	list("cancelled", shop.Listing{State: shop.Cancelled}, want[5])
	list("name, folded", shop.Listing{Search: "zoe lacka g"}, want[6])
	list("reference in part", shop.Listing{Search: strings.ToLower(strings.ReplaceAll(string(want[7]), "-", " "))[:9]}, want[7])
	list("number", shop.Listing{Search: "#" + fmt.Sprint(placed[8].Lines[1].Number)}, want[8])
	list("nothing", shop.Listing{Search: "nobody"})

	h.Clock.Add(5*24*time.Hour - 12*time.Minute) // the first two were placed 13 and 12 minutes before
	list("lapsed", shop.Listing{State: shop.Lapsed, Oldest: true}, want[:2]...)
	list("placed", shop.Listing{State: shop.Placed, Oldest: true}, slices.Concat(want[2:3], want[6:])...)
	count := must(h.Shop.CountOrders(ctx(t), label))(t)
	for state, n := range map[shop.OrderState]int{shop.Placed: 8, shop.Lapsed: 2, shop.Paid: 1, shop.Packed: 1, shop.Cancelled: 1, shop.Shipped: 0} {
		if count[state] != n {
			t.Errorf("%d orders are %s, want %d", count[state], state, n)
		}
	}
	_, _, err := h.Shop.Orders(ctx(t), shop.Listing{Label: label, State: "open"})
	refused(t, "a state that is none", err, fault.Invalid)
	_, _, err = h.Shop.Orders(ctx(t), shop.Listing{Label: label, Search: strings.Repeat("x", 101)})
	refused(t, "a long search", err, fault.Invalid)
}

// testByHand sells copies without an order, and takes that back.
func testByHand(t *testing.T, h *House) {
	codes, withCards := cards(t, 10)
	run := h.Run(t, 10, withCards, func(r *catalog.Run, _ *shop.Terms) {
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 5}, {Name: "merch", First: 6, Last: 10}}
	})
	for _, n := range []int{2, 7} {
		c := must(h.Shop.SellByHand(ctx(t), run.ID, n, "table"))(t)
		if c.State != catalog.Sold || c.Order != "" {
			t.Errorf("sold by hand: %+v", c)
		}
		_, err := h.Shop.SellByHand(ctx(t), run.ID, n, "table")
		refused(t, "selling a number twice", err, fault.Conflict)
	}
	_, err := h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Numbers: []int{2}})
	refused(t, "holding what was sold by hand", err, fault.Taken)
	h.stock(t, run.ID, 4)

	must(h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Numbers: []int{1}}))(t)
	_, err = h.Shop.SellByHand(ctx(t), run.ID, 1, "table")
	refused(t, "selling what somebody holds", err, fault.Conflict)
	h.Clock.Add(10 * time.Minute)
	must(h.Shop.SellByHand(ctx(t), run.ID, 1, "table"))(t)

	claimed := must(h.Shop.Claim(ctx(t), "ann", codes[2]))(t)
	if claimed.Number != 2 || claimed.Owner != "ann" {
		t.Errorf("claimed %+v", claimed)
	}
	_, err = h.Shop.UndoHandSale(ctx(t), run.ID, 2, "table")
	refused(t, "undoing what was claimed", err, fault.Conflict)
	_, err = h.Shop.Claim(ctx(t), "bob", codes[3])
	refused(t, "claiming what is in the label's box", err, fault.Conflict)
	if c := must(h.Shop.UndoHandSale(ctx(t), run.ID, 7, "table"))(t); c.State != catalog.Free || c.Pool != catalog.Merch {
		t.Errorf("undone: %+v", c)
	}
	receipt := h.buy(t, Visitor(2), run.ID, 1)
	must(h.Shop.MarkPaid(ctx(t), receipt.Order, "desk"))(t)
	_, err = h.Shop.UndoHandSale(ctx(t), run.ID, receipt.Lines[0].Number, "table")
	refused(t, "undoing an order's sale", err, fault.Conflict)

	sent := h.sent(t, Visitor(3), run.ID, 1)
	must(h.Shop.TakeBack(ctx(t), sent.Order, "desk"))(t)
	if back := must(h.Shop.CameBack(ctx(t), h.labels[0].ID, 10))(t); len(back) != 1 || back[0].Number != sent.Lines[0].Number {
		t.Errorf("came back: %+v", back)
	}
	if back := must(h.Shop.CameBack(ctx(t), h.labels[1].ID, 10))(t); len(back) != 0 {
		t.Errorf("came back to another label: %+v", back)
	}
	h.Audit(t, run)
}
