package storetest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
	"ferric/ledger"
)

// crowd runs n buyers, at most width at a time, and ends the test with the first error.
func crowd(t *testing.T, n, width int, do func(int) error) {
	t.Helper()
	var next atomic.Int64
	var wg sync.WaitGroup
	errs := make(chan error, width)
	for range width {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if err := do(i); err != nil {
					errs <- fmt.Errorf("buyer %d: %w", i, err)
					return
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-errs:
		t.Fatal(err)
	default:
	}
}

// expected gives nil for a refusal that is an answer, and the error for anything else.
func expected(err error, kinds ...fault.Kind) error {
	for _, k := range kinds {
		if fault.Is(err, k) {
			return nil
		}
	}
	return err
}

// testRace is the drop: thousands want one of 100 numbers, some want a certain
// one, some ask twice at once, some walk away with a copy in the basket. In the
// end every number is sold once and no more are sold than there are.
func testRace(t *testing.T, h *House) {
	const copies = 100
	buyers := 2000
	if testing.Short() {
		buyers = 400
	}
	run := h.Run(t, copies, perPerson(1))
	var mu sync.Mutex
	sold := map[int]shop.OrderID{}
	abandoned := 0
	buyer := func(i int) error {
		b := Visitor(i)
		r := rand.New(rand.NewPCG(1, uint64(i)))
		want := shop.Want{Run: run.ID, Any: 1}
		if r.IntN(3) == 0 {
			want = shop.Want{Run: run.ID, Numbers: []int{1 + r.IntN(copies)}}
		}
		twice := 1 + r.IntN(2)
		var baskets [2]shop.Basket
		var errs [2]error
		var wg sync.WaitGroup
		for k := range twice {
			wg.Go(func() { baskets[k], errs[k] = h.Shop.Hold(ctx(t), b, want) })
		}
		wg.Wait()
		for k := range twice {
			if errs[k] != nil {
				return expected(errs[k], fault.Taken)
			}
		}
		if twice == 2 && baskets[0].Copies[0].Number != baskets[1].Copies[0].Number {
			return fmt.Errorf("two requests hold %d and %d", baskets[0].Copies[0].Number, baskets[1].Copies[0].Number)
		}
		if r.IntN(4) == 0 {
			mu.Lock()
			abandoned++
			mu.Unlock()
			return nil
		}
		req := Request(b, "k", baskets[0].Copies...)
		var receipts [2][]shop.Receipt
		for k := range twice {
			wg.Go(func() { receipts[k], errs[k] = h.Shop.Place(ctx(t), req) })
		}
		wg.Wait()
		for k := range twice {
			if errs[k] != nil {
				return errs[k]
			}
			if receipts[k][0].Order != receipts[0][0].Order {
				return fmt.Errorf("two orders: %s and %s", receipts[0][0].Order, receipts[k][0].Order)
			}
		}
		o, err := h.Shop.MarkPaid(ctx(t), receipts[0][0].Order, "desk")
		if err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		if other, twice := sold[o.Lines[0].Number]; twice {
			return fmt.Errorf("number %d was sold to %s and to %s", o.Lines[0].Number, other, o.ID)
		}
		sold[o.Lines[0].Number] = o.ID
		return nil
	}
	crowd(t, buyers, 64, buyer)
	n := h.Audit(t, run)
	if n[catalog.Sold] != len(sold) || n[catalog.Held] != abandoned || n[catalog.Sold]+n[catalog.Held]+n[catalog.Free] != copies {
		t.Errorf("after the first rush: %v, %d sold, %d left in baskets", n, len(sold), abandoned)
	}
	if n[catalog.Free] != 0 {
		t.Errorf("%d copies are free although thousands asked", n[catalog.Free])
	}
	// What was left in baskets comes back and is sold to those who come again.
	for round := 1; len(sold) < copies; round++ {
		h.Clock.Add(10 * time.Minute)
		h.stock(t, run.ID, copies-len(sold))
		abandoned = 0
		crowd(t, 200, 64, func(i int) error { return buyer(round*buyers + i) })
		if round > 20 {
			t.Fatalf("%d of %d sold after %d rounds", len(sold), copies, round)
		}
	}
	if n := h.Audit(t, run); n[catalog.Sold] != copies {
		t.Errorf("in the end: %v", n)
	}
}

// testExpiry lets holds and unpaid orders end while others buy and while they are paid. No copy is
// lost, none is anybody's twice, and every late payment has its copy or its refund.
func testExpiry(t *testing.T, h *House) {
	const copies = 40
	run := h.Run(t, copies)
	var mu sync.Mutex
	paid := map[shop.OrderID]shop.Order{}
	var refunds, lapses atomic.Int64
	visits := 500
	if testing.Short() {
		visits = 200
	}
	crowd(t, visits, 32, func(i int) error {
		b := Visitor(i)
		r := rand.New(rand.NewPCG(2, uint64(i)))
		h.Clock.Add(time.Duration(r.IntN(20)) * time.Second)
		basket, err := h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: 1 + r.IntN(2)})
		if err != nil {
			return expected(err, fault.Taken)
		}
		// To within microseconds of the end of the hold, on either side.
		wait := basket.Until.Sub(h.Clock.Now()) + time.Duration(r.IntN(9)-4)*time.Microsecond
		if r.IntN(3) == 0 {
			h.Clock.Add(max(wait, 0))
		}
		receipts, err := h.Shop.Place(ctx(t), Request(b, "k", basket.Copies...))
		if err != nil {
			lapses.Add(1)
			return expected(err, fault.Gone)
		}
		if r.IntN(8) != 0 {
			if r.IntN(2) == 0 {
				_, err := h.Shop.Cancel(ctx(t), receipts[0].Order, "desk")
				return err
			}
			return nil // never paid
		}
		if r.IntN(2) == 0 {
			h.Clock.Add(receipts[0].PayBy.Sub(h.Clock.Now()) + time.Duration(r.IntN(9)-4)*time.Microsecond)
		}
		o, err := h.Shop.MarkPaid(ctx(t), receipts[0].Order, "desk")
		if err != nil {
			return err
		}
		if o.State == shop.RefundDue {
			refunds.Add(1)
			return nil
		}
		mu.Lock()
		paid[o.ID] = o
		mu.Unlock()
		return nil
	})
	h.Clock.Add(6 * 24 * time.Hour)
	n := h.Audit(t, run)
	bought := map[int]shop.OrderID{}
	for id, o := range paid {
		for _, l := range o.Lines {
			if other, twice := bought[l.Number]; twice {
				t.Errorf("number %d is in the paid orders %s and %s", l.Number, other, id)
			}
			bought[l.Number] = id
		}
	}
	if n[catalog.Sold] != len(bought) || n[catalog.Free] != copies-len(bought) {
		t.Errorf("%v with %d paid, %d refunds, %d lapses", n, len(bought), refunds.Load(), lapses.Load())
	}
	for _, c := range must(h.Catalog.Grid(ctx(t), run.ID))(t) {
		if c.State == catalog.Sold && c.Order != string(bought[c.Number]) {
			t.Errorf("number %d is in order %s, paid was %s", c.Number, c.Order, bought[c.Number])
		}
	}
	if len(bought) == 0 || lapses.Load() == 0 {
		t.Errorf("the race tried nothing: %d paid, %d lapsed", len(bought), lapses.Load())
	}
}

// testIdempotency sends one request many times at once: one order, and the same answer to all.
func testIdempotency(t *testing.T, h *House) {
	run := h.Run(t, 100)
	for round := range 4 {
		b := Visitor(round)
		basket := must(h.Shop.Hold(ctx(t), b, shop.Want{Run: run.ID, Any: 3}))(t)
		good := Request(b, "k", basket.Copies...)
		bad := good
		bad.Mail = "changed@example.org"
		var mu sync.Mutex
		answers := map[string]int{}
		crowd(t, 50, 50, func(i int) error {
			if i%10 == 9 {
				// Whichever of the two requests comes first has the key.
				_, err := h.Shop.Place(ctx(t), bad)
				if err == nil {
					mu.Lock()
					answers["changed"]++
					mu.Unlock()
				}
				return expected(err, fault.Mismatch)
			}
			receipts, err := h.Shop.Place(ctx(t), good)
			if err != nil {
				return expected(err, fault.Mismatch)
			}
			body, err := json.Marshal(receipts)
			mu.Lock()
			answers[string(body)]++
			mu.Unlock()
			return err
		})
		if len(answers) != 1 {
			t.Errorf("one key had %d answers: %v", len(answers), answers)
		}
		for _, n := range answers {
			if n != 45 && n != 5 {
				t.Errorf("the answer was given %d times, want 45 (or 5, when the changed request was first)", n)
			}
		}
	}
	if n := h.Audit(t, run); n[catalog.Held] != 12 {
		t.Errorf("four orders of three: %v", n)
	}
}

// testLimits has one person buy by many tabs, browsers, accounts, mail addresses and letterboxes at once.
func testLimits(t *testing.T, h *House) {
	for what, disguise := range map[string]func(int, *shop.Request){
		"account": func(i int, r *shop.Request) { r.Buyer.Account = "ann" },
		"mail":    func(i int, r *shop.Request) { r.Mail = []string{"Ann@Example.org", "ann+tape@example.org"}[i%2] },
		"post": func(i int, r *shop.Request) {
			r.Address = shop.Address{Name: fmt.Sprint("Person ", i), Street: []string{"Ul. Żółwia 3", "ul zolwia 3"}[i%2], Code: "90-001", City: "Łódź", Country: "PL"}
		},
		"visitor": func(i int, r *shop.Request) { r.Buyer.Visitor = "one browser" },
	} {
		run := h.Run(t, 60, perPerson(2))
		var got atomic.Int64
		crowd(t, 30, 15, func(i int) error {
			b := shop.Buyer{Visitor: what + fmt.Sprint(i)}
			r := Request(b, fmt.Sprint("k", i))
			disguise(i, &r)
			basket, err := h.Shop.Hold(ctx(t), r.Buyer, shop.Want{Run: run.ID, Any: 1})
			if err != nil {
				return expected(err, fault.Limit)
			}
			r.Lines = Request(r.Buyer, "", basket.Copies...).Lines
			if len(r.Lines) == 0 {
				return nil
			}
			receipts, err := h.Shop.Place(ctx(t), r)
			if err == nil {
				got.Add(int64(len(receipts[0].Lines)))
			}
			return expected(err, fault.Limit, fault.Gone)
		})
		if got.Load() != 2 {
			t.Errorf("one person, known by %s, bought %d of a run with a limit of 2", what, got.Load())
		}
		h.Audit(t, run)
	}
	// A line each in two, and more at once than the limit.
	run := h.Run(t, 10, perPerson(3))
	_, err := h.Shop.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Any: 2}, shop.Want{Run: run.ID, Any: 2})
	refused(t, "two lines past the limit", err, fault.Limit)
	// What was called off may be bought again.
	r := h.buy(t, Visitor(2), run.ID, 3)
	_, err = h.Shop.Hold(ctx(t), Visitor(2), shop.Want{Run: run.ID, Any: 1})
	refused(t, "a fourth", err, fault.Limit)
	must(h.Shop.Cancel(ctx(t), r.Order, "desk"))(t)
	must(h.Shop.Hold(ctx(t), Visitor(2), shop.Want{Run: run.ID, Any: 3}))(t)
}

// testHandOnRace has many accept one offer, and many claim one code, at once: one gets it.
func testHandOnRace(t *testing.T, h *House) {
	codes, withCards := cards(t, 1)
	run := h.Run(t, 1, withCards)
	h.sent(t, Visitor(1), run.ID, 1)
	var owners atomic.Int64
	crowd(t, 20, 20, func(i int) error {
		_, err := h.Shop.Claim(ctx(t), fmt.Sprint("claims-", i), codes[1])
		if err == nil {
			owners.Add(1)
		}
		return expected(err, fault.Conflict)
	})
	if owners.Load() != 1 {
		t.Fatalf("%d people claimed one code", owners.Load())
	}
	for range 5 {
		owner := must(h.Catalog.Grid(ctx(t), run.ID))(t)[0].Owner
		token, _, err := h.Shop.OfferCopy(ctx(t), owner, run.ID, 1, "")
		ok(t, err)
		owners.Store(0)
		crowd(t, 20, 20, func(i int) error {
			_, err := h.Shop.Accept(ctx(t), fmt.Sprint("accepts-", i, owner), token)
			if err == nil {
				owners.Add(1)
			}
			return expected(err, fault.NotFound, fault.Gone)
		})
		if owners.Load() != 1 {
			t.Fatalf("%d people accepted one offer", owners.Load())
		}
	}
	h.Audit(t, run)
}

// testAnyPath walks the house at random and checks after every step that the rows say what a plain model says.
func testAnyPath(t *testing.T, h *House) {
	const copies = 8
	codes, withCards := cards(t, copies)
	run := h.Run(t, copies, withCards)
	r := rand.New(rand.NewPCG(3, 3))
	var orders []shop.OrderID
	steps := 400
	if testing.Short() {
		steps = 100
	}
	done := map[string]int{}
	for i := range steps {
		n := 1 + r.IntN(copies)
		v := Visitor(r.IntN(5))
		before := must(h.Catalog.Grid(ctx(t), run.ID))(t)
		var err error
		what := []string{"hold", "order", "order", "pay", "pack", "ship", "cancel", "back", "claim", "restock", "void", "time", "hand on", "grade", "sweep"}[r.IntN(15)]
		order := func(do func(shop.OrderID) (shop.Order, error)) {
			err = fault.New(fault.NotFound, "no order yet")
			if len(orders) > 0 {
				_, err = do(orders[max(0, len(orders)-1-r.IntN(4))])
			}
		}
		switch what {
		case "hold":
			_, err = h.Shop.Hold(ctx(t), v, shop.Want{Run: run.ID, Numbers: []int{n}})
		case "order":
			var receipts []shop.Receipt
			basket := must(h.Shop.Basket(ctx(t), v))(t)
			receipts, err = h.Shop.Place(ctx(t), Request(v, fmt.Sprint("k", i), basket.Copies...))
			for _, rec := range receipts {
				orders = append(orders, rec.Order)
			}
		case "pay":
			order(func(id shop.OrderID) (shop.Order, error) { return h.Shop.MarkPaid(ctx(t), id, "desk") })
		case "pack":
			order(func(id shop.OrderID) (shop.Order, error) { return h.Shop.MarkPacked(ctx(t), id, "desk") })
		case "ship":
			order(func(id shop.OrderID) (shop.Order, error) { return h.Shop.MarkShipped(ctx(t), id, "desk") })
		case "cancel":
			if err = fault.New(fault.Conflict, "not now"); r.IntN(4) == 0 {
				order(func(id shop.OrderID) (shop.Order, error) { return h.Shop.Cancel(ctx(t), id, "desk") })
			}
		case "back":
			order(func(id shop.OrderID) (shop.Order, error) { return h.Shop.TakeBack(ctx(t), id, "desk") })
		case "claim":
			_, err = h.Shop.Claim(ctx(t), v.Visitor, codes[n])
		case "restock":
			made, withNew := cards(t, 1)
			var one catalog.Run
			withNew(&one, nil)
			if _, err = h.Catalog.Restock(ctx(t), run.ID, n, one.Cards[0].SHA256, "desk"); err == nil {
				// The salt is the same in all these runs.
				codes[n] = made[1]
			}
		case "void":
			if err = fault.New(fault.Conflict, "not now"); r.IntN(40) == 0 {
				_, err = h.Catalog.Void(ctx(t), run.ID, n, ledger.Faulty, "spoiled", "desk")
			}
		case "time":
			h.Clock.Add(time.Duration(r.IntN(4)*r.IntN(4)*r.IntN(4)) * time.Hour / 2)
		case "hand on":
			owner := before[n-1].Owner
			if token, _, e := h.Shop.OfferCopy(ctx(t), owner, run.ID, n, ""); e != nil {
				err = e
			} else {
				_, err = h.Shop.Accept(ctx(t), fmt.Sprint("heir-", i), token)
			}
		case "grade":
			_, err = h.Catalog.Grade(ctx(t), run.ID, n, "VG+", "desk")
		case "sweep":
			_, err = h.Shop.Sweep(ctx(t))
		}
		if err != nil && fault.Of(err) == fault.Internal {
			t.Fatalf("step %d, %s: %v", i, what, err)
		}
		if err == nil {
			done[what]++
		}
		after := must(h.Catalog.Grid(ctx(t), run.ID))(t)
		for k, c := range after {
			if before[k].State == catalog.Void && c.State != catalog.Void {
				t.Fatalf("step %d, %s: void number %d is %s", i, what, c.Number, c.State)
			}
			if err != nil && (c.Seq != before[k].Seq) {
				t.Fatalf("step %d, %s was refused and changed number %d", i, what, c.Number)
			}
			if c.Number != k+1 || (c.Owner != "") != (c.State == catalog.Claimed) {
				t.Fatalf("step %d, %s: %+v", i, what, c)
			}
		}
	}
	h.Audit(t, run)
	for _, what := range []string{"hold", "order", "pay", "ship", "claim", "restock"} {
		if done[what] == 0 && !testing.Short() {
			t.Errorf("the walk never did %q: %v", what, done)
		}
	}
}
