package shop

import (
	"context"
	"slices"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Want is what a buyer wants of one run: numbers they chose, and any others beside them.
type Want struct {
	Run     catalog.RunID
	Numbers []int
	Any     int
	Variant string // of the Any ones; empty for all alike
}

// Basket is the copies that a buyer holds.
type Basket struct {
	Copies []catalog.Copy // by run and number
	Over   []catalog.Copy // that the buyer held until their time was over, and nobody has taken since
	Now    time.Time      // the server's time, which the page's clock runs by
	Until  time.Time      // when the first of them is let go; zero when the basket is empty
}

// Hold makes the basket hold, of each run that is named, exactly what is
// wanted: all of it or, with an error, nothing changed. Copies of the run that
// the buyer holds already are kept, with the time they have left, and those no
// longer wanted are let go, so that asking twice is asking once and nobody is
// ever in their own way. Runs that are not named stay as they are; a run named
// with nothing wanted is let go.
func (s *Shop) Hold(ctx context.Context, b Buyer, wants ...Want) (Basket, error) {
	if err := b.check(); err != nil {
		return Basket{}, err
	}
	runs, err := s.sum(wants)
	if err != nil {
		return Basket{}, err
	}
	var basket Basket
	err = s.store.Update(ctx, func(tx Tx) error {
		h := holding{tx: tx, buyer: b, now: s.clock()}
		h.until = h.now.Add(s.cfg.HoldFor)
		// One turn a basket: the same buyer's other tabs wait.
		if err := tx.Turn("", Person{"visitor", b.Visitor}); err != nil {
			return err
		}
		if h.mine, err = tx.Basket(b.Visitor); err != nil {
			return err
		}
		for _, r := range runs {
			if err := h.run(r); err != nil {
				return err
			}
		}
		basket = newBasket(h.mine, h.now)
		if len(basket.Copies) > s.cfg.Basket {
			return fault.Newf(fault.Limit, "A basket holds %d copies at most.", s.cfg.Basket)
		}
		return nil
	})
	if err != nil {
		return Basket{}, err
	}
	return basket, nil
}

// Basket is what the buyer holds now.
func (s *Shop) Basket(ctx context.Context, b Buyer) (basket Basket, err error) {
	if err := b.check(); err != nil {
		return Basket{}, err
	}
	err = s.store.View(ctx, func(tx Tx) error {
		mine, err := tx.Basket(b.Visitor)
		basket = newBasket(mine, s.clock())
		return err
	})
	return basket, err
}

func newBasket(mine []catalog.Copy, now time.Time) Basket {
	b := Basket{Now: now}
	for _, c := range mine {
		if c.Lapsed(now) {
			b.Over = append(b.Over, c)
			continue
		}
		b.Copies = append(b.Copies, c)
		if b.Until.IsZero() || c.HeldUntil.Before(b.Until) {
			b.Until = c.HeldUntil
		}
	}
	slices.SortFunc(b.Copies, byKey)
	slices.SortFunc(b.Over, byKey)
	return b
}

// wanted is the summed demand of one run.
type wanted struct {
	run     catalog.RunID
	numbers []int
	any     []Want
	total   int
}

// sum adds up the wants of each run, in the order in which runs are locked. Two
// lines of one run are one demand: checked one by one, each would find enough.
func (s *Shop) sum(wants []Want) ([]wanted, error) {
	if len(wants) == 0 || len(wants) > s.cfg.Basket {
		return nil, fault.Newf(fault.Invalid, "A basket has 1 to %d lines.", s.cfg.Basket)
	}
	byRun := map[catalog.RunID]*wanted{}
	for _, w := range wants {
		if w.Run == "" || w.Any < 0 || w.Any > s.cfg.Basket || len(w.Numbers) > s.cfg.Basket {
			return nil, fault.Newf(fault.Limit, "A basket holds %d copies at most.", s.cfg.Basket)
		}
		r := byRun[w.Run]
		if r == nil {
			r = &wanted{run: w.Run}
			byRun[w.Run] = r
		}
		r.numbers = append(r.numbers, w.Numbers...)
		if w.Any > 0 {
			r.any = append(r.any, w)
			r.total += w.Any
		}
	}
	var runs []wanted
	for _, r := range byRun {
		slices.Sort(r.numbers)
		r.numbers = slices.Compact(r.numbers)
		r.total += len(r.numbers)
		runs = append(runs, *r)
	}
	slices.SortFunc(runs, func(a, b wanted) int { return compare(a.run, b.run) })
	return runs, nil
}

// holding is one Hold at work.
type holding struct {
	tx         Tx
	buyer      Buyer
	now, until time.Time
	mine       []catalog.Copy // what the buyer's basket holds, changing
}

// run makes the basket hold exactly what is wanted of one run.
func (h *holding) run(w wanted) error {
	own, others := split(h.mine, func(c catalog.Copy) bool { return c.Run == w.run && !c.Lapsed(h.now) })
	var kept []catalog.Copy
	if w.total > 0 {
		t, err := h.tx.Terms(w.run)
		if err != nil {
			return err
		}
		if err := t.open(h.now); err != nil {
			return err
		}
		ps := []Person{{"visitor", h.buyer.Visitor}}
		if h.buyer.Account != "" {
			ps = []Person{{"account", h.buyer.Account}, ps[0]}
		}
		if err := limit(h.tx, t, ps, w.total, h.now); err != nil {
			return err
		}
		chosen, rest := split(own, func(c catalog.Copy) bool { return slices.Contains(w.numbers, c.Number) })
		kept, own = chosen, rest
		for _, n := range w.numbers {
			if !slices.ContainsFunc(kept, func(c catalog.Copy) bool { return c.Number == n }) {
				c, err := h.choose(w.run, n)
				if err != nil {
					return err
				}
				kept = append(kept, c)
			}
		}
		for _, line := range w.any {
			var got []catalog.Copy
			if got, own, err = h.take(line, own); err != nil {
				return err
			}
			kept = append(kept, got...)
		}
	}
	for _, c := range own {
		if _, err := act(h.tx, c, catalog.Act{Verb: catalog.LetGo, At: h.now, By: h.buyer.Visitor}); err != nil {
			return err
		}
	}
	h.mine = append(others, kept...)
	return nil
}

// choose holds one number.
func (h *holding) choose(run catalog.RunID, n int) (catalog.Copy, error) {
	c, err := h.tx.Copy(run, n)
	if err != nil {
		return c, err
	}
	if c.Shown(h.now) != catalog.Free {
		return c, fault.Newf(fault.Taken, "Number %d is taken; please choose another.", n)
	}
	return h.hold(c)
}

func (h *holding) hold(c catalog.Copy) (catalog.Copy, error) {
	c, err := fresh(h.tx, c, h.now)
	if err != nil {
		return c, err
	}
	return act(h.tx, c, catalog.Act{Verb: catalog.Hold, At: h.now, By: h.buyer.Visitor, Holder: h.buyer.Visitor, Until: h.until})
}

// take holds any copies of a line: first of those that the buyer has, then the lowest free numbers.
func (h *holding) take(line Want, own []catalog.Copy) (got, rest []catalog.Copy, err error) {
	for _, c := range own {
		if len(got) < line.Any && (line.Variant == "" || line.Variant == c.Variant) {
			got = append(got, c)
		} else {
			rest = append(rest, c)
		}
	}
	more, err := available(h.tx, line.Run, line.Variant, h.now, line.Any-len(got))
	if err != nil {
		return nil, nil, err
	}
	if missing := line.Any - len(got) - len(more); missing > 0 {
		if left := len(got) + len(more); left > 0 {
			return nil, nil, fault.Newf(fault.Taken, "Only %d are left.", left)
		}
		return nil, nil, fault.New(fault.Taken, "None is left just now. A hold that is not bought comes back.")
	}
	for _, c := range more {
		if c, err = h.hold(c); err != nil {
			return nil, nil, err
		}
		got = append(got, c)
	}
	return got, rest, nil
}

// available are at most n copies that anybody may have now.
func available(tx Tx, run catalog.RunID, variant string, now time.Time, n int) ([]catalog.Copy, error) {
	if n <= 0 {
		return nil, nil
	}
	free, err := tx.Free(run, variant, n)
	if err != nil || len(free) >= n {
		return free, err
	}
	over, err := tx.Lapsed(run, variant, now, n-len(free))
	return append(free, over...), err
}

func split(all []catalog.Copy, yes func(catalog.Copy) bool) (in, out []catalog.Copy) {
	for _, c := range all {
		if yes(c) {
			in = append(in, c)
		} else {
			out = append(out, c)
		}
	}
	return in, out
}

func byKey(a, b catalog.Copy) int {
	if c := compare(a.Run, b.Run); c != 0 {
		return c
	}
	return a.Number - b.Number
}

func compare[T ~string](a, b T) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
