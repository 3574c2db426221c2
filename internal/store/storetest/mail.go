package storetest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/mail"
	"ferric/internal/shop"
	"ferric/internal/store"
)

// noting is the house's shop with somebody who sends its notices.
func (h *House) noting(t testing.TB) *shop.Shop {
	t.Helper()
	return must(shop.New(h.DB.Shop(), shop.Config{Now: h.Clock.Now, Ledger: h.Ledger, Key: []byte(strings.Repeat("k", 32)), Notices: true}))(t)
}

// outbox is what is due, as "kind to".
func (h *House) outbox(t testing.TB) (lines []string) {
	t.Helper()
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error {
		due, err := tx.DueMails(h.Clock.Now(), 1000)
		lines = nil
		for _, n := range due {
			to := string(n.Order)
			if to == "" {
				to = fmt.Sprintf("%s about %d", n.Account, n.Number)
			}
			lines = append(lines, string(n.Kind)+" "+to)
		}
		slices.Sort(lines)
		return err
	}))
	return lines
}

func same(t testing.TB, what string, got []string, want ...string) {
	t.Helper()
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

// testNotices: a notice is there exactly when what it tells of is.
func testNotices(t *testing.T, h *House) {
	codes, withCards := cards(t, 5)
	run := h.Run(t, 5, withCards)
	s := h.noting(t)
	basket := must(s.Hold(ctx(t), Visitor(1), shop.Want{Run: run.ID, Numbers: []int{1, 2}}))(t)
	same(t, "a hold", h.outbox(t))
	r := must(s.Place(ctx(t), Request(Visitor(1), "k", basket.Copies...)))(t)[0]
	must(s.Place(ctx(t), Request(Visitor(1), "k", basket.Copies...)))(t) // the same again
	id := string(r.Order)
	same(t, "an order", h.outbox(t), "placed "+id)
	_, err := s.Place(ctx(t), Request(Visitor(2), "k", basket.Copies...))
	refused(t, "an order of what is gone", err, fault.Gone)
	same(t, "a refusal", h.outbox(t), "placed "+id)
	for range 2 {
		must(s.MarkPaid(ctx(t), r.Order, "desk"))(t)
	}
	must(s.MarkPacked(ctx(t), r.Order, "desk"))(t)
	must(s.MarkShipped(ctx(t), r.Order, "desk"))(t)
	same(t, "sent", h.outbox(t), "placed "+id, "paid "+id, "packed "+id, "shipped "+id)
	must(s.Claim(ctx(t), "ann", codes[1]))(t)
	_, _, err = s.OfferCopy(ctx(t), "ann", run.ID, 1, "bob")
	ok(t, err)
	must(s.AcceptOwn(ctx(t), "bob", run.ID, 1))(t)
	same(t, "handed on", h.outbox(t), "placed "+id, "paid "+id, "packed "+id, "shipped "+id,
		"claimed ann about 1", "offered bob about 1", "given ann about 1", "got bob about 1")

	errNo := errors.New("no")
	if err := h.DB.Update(ctx(t), func(tx *store.Tx) error {
		if err := tx.Notify(shop.Notice{Kind: shop.Got, Account: "eve", Number: 9, At: h.Clock.Now()}); err != nil {
			return err
		}
		return errNo
	}); !errors.Is(err, errNo) {
		t.Errorf("got %v", err)
	}
	if lines := h.outbox(t); len(lines) != 8 {
		t.Errorf("a notice of what did not happen is there: %q", lines)
	}
	same(t, "a shop that sends no mail", func() []string {
		before := len(h.outbox(t))
		h.buy(t, Visitor(3), run.ID, 1)
		return h.outbox(t)[before:]
	}())
}

// testOutbox: due in turn, put off, given up, forgotten; and what is gone stays gone.
func testOutbox(t *testing.T, h *House) {
	now := h.Clock.Now()
	note := func(id string, after time.Duration) mail.Note {
		return mail.Note{ID: id, Kind: mail.SignIn, Account: "ann", Mail: "ann@example.org", Token: "secret", Made: now, Next: now.Add(after)}
	}
	ids := func(notes []mail.Note) (ids []string) {
		for _, n := range notes {
			ids = append(ids, n.ID)
		}
		return ids
	}
	due := func(n int) (notes []mail.Note) {
		ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) (err error) { notes, err = tx.DueMails(h.Clock.Now(), n); return err }))
		return notes
	}
	put := func(n mail.Note) { ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error { return tx.PutMail(n) })) }
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error {
		for _, n := range []mail.Note{note("b", 0), note("a", -time.Minute), note("later", time.Hour)} {
			if err := tx.InsertMail(n); err != nil {
				return err
			}
		}
		return nil
	}))
	if got := due(10); !slices.Equal(ids(got), []string{"a", "b"}) || got[1] != note("b", 0) {
		t.Errorf("due are %+v", got)
	}
	if got := due(1); !slices.Equal(ids(got), []string{"a"}) {
		t.Errorf("the longest due is %v", ids(got))
	}
	a := note("a", 2*time.Hour)
	a.Tries, a.Reason = 1, "451"
	put(a)
	b := note("b", 0)
	b.Failed, b.Reason, b.Mail, b.Token = now, "550", "", ""
	put(b)
	if got := due(10); len(got) != 0 {
		t.Errorf("due are %v", ids(got))
	}
	h.Clock.Add(3 * time.Hour)
	if got := due(10); !slices.Equal(ids(got), []string{"later", "a"}) || got[1] != a {
		t.Errorf("due are %+v", got)
	}
	var failed []mail.Note
	read := func(tx *store.Tx) (err error) { failed, err = tx.FailedMails(10); return err }
	ok(t, h.DB.View(ctx(t), read))
	if len(failed) != 1 || failed[0] != b {
		t.Errorf("given up are %+v", failed)
	}
	ok(t, h.DB.Update(ctx(t), func(tx *store.Tx) error {
		if err := tx.DropMail("a"); err != nil {
			return err
		}
		return tx.ForgetMails(now.Add(time.Second))
	}))
	put(a)
	ok(t, h.DB.View(ctx(t), read))
	if got := due(10); !slices.Equal(ids(got), []string{"later"}) || len(failed) != 0 {
		t.Errorf("due are %v, given up %v", ids(got), ids(failed))
	}
}

// testAdd: what is there is taken, what is gone is said, and what was held stays.
func testAdd(t *testing.T, h *House) {
	run := h.Run(t, 10, perPerson(5), func(r *catalog.Run, _ *shop.Terms) {
		r.Pools = []catalog.Span{{Name: "web", First: 1, Last: 8}, {Name: "merch", First: 9, Last: 10}}
		r.Variants = []catalog.Span{{Name: "black", First: 1, Last: 4}, {Name: "gold", First: 5, Last: 10}}
	})
	other := h.Run(t, 3)
	ann, bob := Visitor(1), Visitor(2)
	add := func(b shop.Buyer, w shop.Want) (shop.Basket, shop.Missed, error) { return h.Shop.Add(ctx(t), b, w) }

	basket, missed, err := add(ann, shop.Want{Run: run.ID, Numbers: []int{3}})
	ok(t, err)
	wantNumbers(t, basket.Copies, 3)
	until := basket.Until
	h.Clock.Add(time.Minute)
	basket, missed, err = add(bob, shop.Want{Run: run.ID, Numbers: []int{9, 3, 5}})
	ok(t, err)
	wantNumbers(t, basket.Copies, 5)
	if !slices.Equal(missed.Numbers, []int{3, 9}) {
		t.Errorf("missed %+v, want 3, which is held, and 9, which is not sold here", missed)
	}
	basket, missed, err = add(ann, shop.Want{Run: run.ID, Numbers: []int{3, 4}})
	ok(t, err)
	wantNumbers(t, basket.Copies, 3, 4)
	if !missed.None() || !basket.Until.Equal(until) {
		t.Errorf("adding changed the hold that was there: missed %+v, until %v, was %v", missed, basket.Until, until)
	}
	must(h.Shop.Hold(ctx(t), ann, shop.Want{Run: other.ID, Any: 1}))(t)
	basket, missed, err = add(ann, shop.Want{Run: run.ID, Any: 2, Variant: "gold"})
	ok(t, err)
	if ns := numbers(basket.Copies); !missed.None() || !slices.Contains(ns, 6) || !slices.Contains(ns, 7) || len(ns) != 5 {
		t.Errorf("two more gold ones: %v, missed %+v", ns, missed)
	}
	basket, missed, err = add(bob, shop.Want{Run: run.ID, Numbers: []int{8}, Any: 2, Variant: "gold"})
	ok(t, err)
	wantNumbers(t, basket.Copies, 5, 8)
	if missed.Any != 2 {
		t.Errorf("missed %+v, want two of any", missed)
	}
	_, _, err = add(bob, shop.Want{Run: run.ID, Numbers: []int{3}})
	refused(t, "one that is held", err, fault.Taken)
	_, _, err = add(bob, shop.Want{Run: run.ID, Any: 1, Variant: "gold"})
	refused(t, "any, of none", err, fault.Taken)
	_, _, err = add(bob, shop.Want{Run: run.ID})
	refused(t, "nothing", err, fault.Invalid)
	_, _, err = add(ann, shop.Want{Run: run.ID, Any: 3})
	refused(t, "more than a person may have", err, fault.Limit)
	_, _, err = add(ann, shop.Want{Run: run.ID, Numbers: []int{11}})
	refused(t, "a number that is not", err, fault.NotFound)
	if basket, _, err = add(bob, shop.Want{Run: run.ID, Numbers: []int{5}}); err != nil || len(basket.Copies) != 2 {
		t.Errorf("adding one's own: %v, %v", numbers(basket.Copies), err)
	}

	ok(t, h.Shop.LetGo(ctx(t), bob, map[catalog.RunID][]int{run.ID: {8, 3}}))
	basket = must(h.Shop.Basket(ctx(t), bob))(t)
	wantNumbers(t, basket.Copies, 5)
	if got := must(h.Shop.Basket(ctx(t), ann))(t); len(got.Copies) != 5 {
		t.Errorf("letting go of another's copy changed that basket: %v", numbers(got.Copies))
	}

	h.Clock.Add(time.Hour)
	basket = must(h.Shop.Basket(ctx(t), bob))(t)
	if len(basket.Copies) != 0 || !slices.Equal(numbers(basket.Over), []int{5}) {
		t.Errorf("after its time the basket holds %v, over are %v", numbers(basket.Copies), numbers(basket.Over))
	}
	basket, missed, err = add(ann, shop.Want{Run: run.ID, Numbers: []int{5}})
	ok(t, err)
	wantNumbers(t, basket.Copies, 5)
	if got := must(h.Shop.Basket(ctx(t), bob))(t); len(got.Over) != 0 || !missed.None() {
		t.Errorf("what another holds is still shown as over: %v", numbers(got.Over))
	}
	h.Audit(t, run)
}

// testAddRace: many tabs of few people add at once; no tab loses what another one added, and no number is held twice.
func testAddRace(t *testing.T, h *House) {
	run := h.Run(t, 24)
	var wait sync.WaitGroup
	all := func(add func(b shop.Buyer, tab int)) {
		for tab := range 24 {
			wait.Go(func() { add(Visitor(tab%3), tab) })
		}
		wait.Wait()
	}
	all(func(b shop.Buyer, tab int) {
		if _, _, err := h.Shop.Add(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{tab + 1}}); err != nil {
			t.Errorf("tab %d: %v", tab, err)
		}
	})
	all(func(b shop.Buyer, tab int) {
		_, _, err := h.Shop.Add(ctx(t), b, shop.Want{Run: run.ID, Numbers: []int{(tab+1)%24 + 1}})
		refused(t, "what another holds", err, fault.Taken)
	})
	held := map[int]int{}
	for b := range 3 {
		for _, c := range must(h.Shop.Basket(ctx(t), Visitor(b)))(t).Copies {
			held[c.Number]++
		}
	}
	if len(held) != 24 {
		t.Errorf("%d of 24 are held", len(held))
	}
	for n, times := range held {
		if times != 1 {
			t.Errorf("number %d is held %d times", n, times)
		}
	}
	h.Audit(t, run)
}

// testBuyersOrders: an account finds its orders, and an order those placed with it.
func testBuyersOrders(t *testing.T, h *House) {
	a, b := h.Run(t, 3), h.runOf(t, 1, 3)
	ann := shop.Buyer{Visitor: "visitor-ann", Account: "ann"}
	basket := must(h.Shop.Hold(ctx(t), ann, shop.Want{Run: a.ID, Any: 1}, shop.Want{Run: b.ID, Any: 1}))(t)
	two := must(h.Shop.Place(ctx(t), Request(ann, "k", basket.Copies...)))(t)
	if len(two) != 2 {
		t.Fatalf("%d orders of two labels' copies", len(two))
	}
	h.Clock.Add(time.Minute)
	basket = must(h.Shop.Hold(ctx(t), ann, shop.Want{Run: a.ID, Any: 1}))(t)
	third := must(h.Shop.Place(ctx(t), Request(ann, "l", basket.Copies...)))(t)[0]
	h.buy(t, Visitor(2), a.ID, 1)
	mine := must(h.Shop.OrdersBy(ctx(t), "ann"))(t)
	if len(mine) != 3 || mine[0].ID != third.Order || len(mine[0].Lines) != 1 {
		t.Errorf("ann's orders are %+v", mine)
	}
	beside := must(h.Shop.Beside(ctx(t), mine[1]))(t)
	if len(beside) != 2 {
		t.Errorf("%d orders placed together", len(beside))
	}
	if got := must(h.Shop.OrdersBy(ctx(t), ""))(t); len(got) != 0 {
		t.Errorf("nobody has %d orders", len(got))
	}
	must(h.Shop.CallOff(ctx(t), third.Order, "ann"))(t)
	must(h.Shop.CallOff(ctx(t), third.Order, "ann"))(t)
	must(h.Shop.MarkPaid(ctx(t), two[0].Order, "desk"))(t)
	_, err := h.Shop.CallOff(ctx(t), two[0].Order, "ann")
	refused(t, "calling off what is paid", err, fault.Conflict)
	h.Audit(t, a)
}

// testOffersTo: an offer by name is seen by that person alone, and its link is no second way in.
func testOffersTo(t *testing.T, h *House) {
	codes, withCards := cards(t, 3)
	run := h.Run(t, 3, withCards)
	h.sent(t, Visitor(1), run.ID, 3)
	for n := 1; n <= 3; n++ {
		must(h.Shop.Claim(ctx(t), "ann", codes[n]))(t)
	}
	byName, _, err := h.Shop.OfferCopy(ctx(t), "ann", run.ID, 1, "bob")
	ok(t, err)
	link, _, err := h.Shop.OfferCopy(ctx(t), "ann", run.ID, 2, "")
	ok(t, err)
	_, _, err = h.Shop.OfferCopy(ctx(t), "ann", run.ID, 3, "bob")
	ok(t, err)
	if got := must(h.Shop.OffersTo(ctx(t), "bob"))(t); len(got) != 2 {
		t.Errorf("bob is offered %d copies", len(got))
	}
	if got := must(h.Shop.OffersTo(ctx(t), ""))(t); len(got) != 0 {
		t.Errorf("nobody is offered %d copies", len(got))
	}
	_, err = h.Shop.Accept(ctx(t), "eve", byName)
	refused(t, "another's offer by its token", err, fault.NotFound)
	_, err = h.Shop.OfferByToken(ctx(t), "eve", byName)
	refused(t, "looking at it", err, fault.NotFound)
	_, err = h.Shop.AcceptOwn(ctx(t), "eve", run.ID, 1)
	refused(t, "another's offer by its number", err, fault.NotFound)
	_, err = h.Shop.AcceptOwn(ctx(t), "eve", run.ID, 2)
	refused(t, "a link by its number", err, fault.NotFound)
	refused(t, "declining another's offer", h.Shop.Decline(ctx(t), "eve", run.ID, 1), fault.NotFound)
	ok(t, h.Shop.Decline(ctx(t), "bob", run.ID, 3))
	_, err = h.Shop.AcceptOwn(ctx(t), "bob", run.ID, 3)
	refused(t, "what was declined", err, fault.NotFound)
	if o := must(h.Shop.OfferByToken(ctx(t), "eve", link))(t); o.Number != 2 {
		t.Errorf("the link offers number %d", o.Number)
	}
	if c := must(h.Shop.AcceptOwn(ctx(t), "bob", run.ID, 1))(t); c.Owner != "bob" {
		t.Errorf("number 1 is %q's", c.Owner)
	}
	acquired := h.Clock.Now()
	h.Clock.Add(time.Hour)
	must(h.Catalog.Grade(ctx(t), run.ID, 1, "VG+", "bob"))(t)
	if got := must(h.Shop.Acquired(ctx(t), "bob"))(t); len(got) != 1 || got[0] != (shop.Acquired{Run: run.ID, Number: 1, At: acquired}) {
		t.Errorf("bob got %+v", got)
	}
	if got := must(h.Shop.Acquired(ctx(t), ""))(t); len(got) != 0 {
		t.Errorf("nobody got %+v", got)
	}
	_, err = h.Shop.OfferOf(ctx(t), "bob", run.ID, 1)
	refused(t, "the offer after it", err, fault.NotFound)
	h.Clock.Add(15 * 24 * time.Hour)
	_, err = h.Shop.OfferByToken(ctx(t), "eve", link)
	refused(t, "a link after its time", err, fault.Gone)
	_, err = h.Shop.OfferOf(ctx(t), "ann", run.ID, 2)
	refused(t, "the owner's own, after its time", err, fault.NotFound)
	h.Audit(t, run)
}
