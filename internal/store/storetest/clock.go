package storetest

import (
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// testClock (C3): the machine's clock is an hour behind, or ten years ahead, and comes back. No copy is sold twice, none is
// lost, what was paid stays paid, and histories and the ledger hold.
func testClock(t *testing.T, h *House) {
	const hour, decade = time.Hour, 87_600 * time.Hour
	run := h.Run(t, 12, perPerson(2))
	held := must(h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Any: 1}))(t)
	placed := h.buy(t, Visitor(2), run.ID, 1)
	paid := h.buy(t, Visitor(3), run.ID, 1)
	must(h.Shop.MarkPaid(ctx(t), paid.Order, "desk"))(t)

	h.Clock.Add(-hour)
	if b := must(h.Shop.Basket(ctx(t), Visitor(1)))(t); len(b.Copies) != 1 {
		t.Error("an hour back, and a hold is gone")
	}
	_, err := h.Shop.Hold(ctx(t), Visitor(4), shop.Want{Run: run.ID, Numbers: []int{held.Copies[0].Number}})
	refused(t, "a held copy, an hour back", err, fault.Taken)
	must(h.Shop.Place(ctx(t), Request(Visitor(1), "k", held.Copies...)))(t)
	must(h.Shop.Sweep(ctx(t)))(t)
	must(h.Shop.MarkPaid(ctx(t), placed.Order, "desk"))(t)
	late := h.buy(t, Visitor(5), run.ID, 1)
	h.Audit(t, run)

	h.Clock.Add(hour + decade)
	must(h.Shop.Sweep(ctx(t)))(t)
	for _, r := range []shop.Receipt{placed, paid} {
		if o := must(h.Shop.Order(ctx(t), r.Order))(t); o.State != shop.Paid {
			t.Errorf("ten years on, a paid order is %s", o.State)
		}
		if c := h.copy(t, run.ID, r.Lines[0].Number); c.State != catalog.Sold {
			t.Errorf("ten years on, its copy is %s", c.State)
		}
	}
	// Ten years on somebody buys what was waiting for its money then.
	must(h.Shop.Hold(ctx(t), Visitor(6), shop.Want{Run: run.ID, Numbers: []int{late.Lines[0].Number}}))(t)
	ahead := h.buy(t, Visitor(7), run.ID, 1)
	must(h.Shop.MarkPaid(ctx(t), ahead.Order, "desk"))(t)

	h.Clock.Add(-decade)
	o, err := h.Shop.MarkPaid(ctx(t), late.Order, "desk")
	if err == nil && o.State == shop.Paid {
		if c := h.copy(t, run.ID, o.Lines[0].Number); c.Order != string(o.ID) {
			t.Errorf("an order is paid, and its number is in %q", c.Order)
		}
	} else if err != nil && fault.Of(err) == fault.Internal {
		t.Error(err)
	}
	last := h.buy(t, Visitor(8), run.ID, 1)
	must(h.Shop.MarkPaid(ctx(t), last.Order, "desk"))(t)
	must(h.Shop.Sweep(ctx(t)))(t)
	in := map[int]shop.OrderID{}
	for _, r := range []shop.Receipt{placed, paid, ahead, last} {
		o := must(h.Shop.Order(ctx(t), r.Order))(t)
		for _, l := range o.Lines {
			if other := in[l.Number]; other != "" {
				t.Errorf("number %d is in the paid orders %s and %s", l.Number, other, o.ID)
			}
			in[l.Number] = o.ID
			if c := h.copy(t, run.ID, l.Number); c.Order != string(o.ID) || c.State != catalog.Sold {
				t.Errorf("number %d of the paid order %s is %s in %q", l.Number, o.ID, c.State, c.Order)
			}
		}
	}
	h.Audit(t, run)
}

func (h *House) copy(t testing.TB, run catalog.RunID, number int) catalog.Copy {
	t.Helper()
	c, _, err := h.Catalog.Copy(ctx(t), run, number)
	ok(t, err)
	return c
}
