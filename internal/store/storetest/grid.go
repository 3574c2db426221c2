package storetest

import (
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
	"ferric/internal/window"
	"ferric/ledger"
)

// testGrid: the window's grid says of every number what its row says, whatever has happened to it.
func testGrid(t *testing.T, h *House) {
	w := window.New(h.DB.Window(), h.Clock.Now)
	run := h.Run(t, 30, func(r *catalog.Run, _ *shop.Terms) {
		r.Proofs = 2
		r.Variants = []catalog.Span{{Name: "clear; 'smoke' |", First: 1, Last: 10}, {Name: "red", First: 11, Last: 32}}
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 20}, {Name: "merch", First: 21, Last: 30}}
	})
	odd := shop.Buyer{Visitor: "a buyer; with 'blanks' in the name"}
	must(h.Shop.Hold(ctx(t), odd, shop.Want{Run: run.ID, Numbers: []int{3, 4}}))(t)
	must(h.Shop.SellByHand(ctx(t), run.ID, 5, "label"))(t)
	must(h.Shop.SellByHand(ctx(t), run.ID, 25, "label"))(t)
	must(h.Catalog.Void(ctx(t), run.ID, 6, ledger.Destroyed, "Cracked; the reel, too | \"both\"", "label"))(t)
	must(h.Catalog.Move(ctx(t), run.ID, 7, catalog.Consignment, "label"))(t)
	check := func() {
		t.Helper()
		cells, now, err := w.Grid(ctx(t), run.ID)
		ok(t, err)
		copies := must(h.Catalog.Grid(ctx(t), run.ID))(t)
		if len(cells) != len(copies) || !now.Equal(h.Clock.Now()) {
			t.Fatalf("%d cells of %d at %v", len(cells), len(copies), now)
		}
		for i, c := range copies {
			want := window.Cell{Number: c.Number, Variant: c.Variant, Pool: c.Pool, State: c.State, Holder: c.Holder, Until: c.HeldUntil, Reason: c.Reason}
			if cells[i] != want {
				t.Errorf("cell %+v of copy %+v", cells[i], want)
			}
		}
	}
	check()
	h.Clock.Add(11 * time.Minute) // the hold is over, and nobody has written so
	check()
	if none, _, err := w.Grid(ctx(t), "no such run"); err == nil || none != nil {
		t.Errorf("a run that is not there has %d cells, %v", len(none), err)
	}
}
