package shop

import (
	"context"
	"slices"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// Missed is what of a Want was not to be had.
type Missed struct {
	Numbers []int // somebody else has them
	Any     int   // so many of the any ones were not left
}

// None reports that everything was to be had.
func (m Missed) None() bool { return len(m.Numbers) == 0 && m.Any == 0 }

// Add makes the basket hold what is wanted of one run beside what it holds
// already. Unlike [Shop.Hold] it takes what is there: who chose three numbers
// at an opening and is too late for one has the other two. It is an error when none is to be had, and then nothing has changed.
// Numbers that the buyer holds already stay as they are.
func (s *Shop) Add(ctx context.Context, b Buyer, w Want) (Basket, Missed, error) {
	if err := b.check(); err != nil {
		return Basket{}, Missed{}, err
	}
	wants, err := s.sum([]Want{w})
	if err != nil {
		return Basket{}, Missed{}, err
	}
	wanted := wants[0]
	if wanted.total == 0 {
		return Basket{}, Missed{}, fault.Field("number", "Please choose a number, or how many of any.")
	}
	var basket Basket
	var missed Missed
	err = s.store.Update(ctx, func(tx Tx) error {
		missed = Missed{}
		h := holding{tx: tx, buyer: b, now: s.clock()}
		h.until = h.now.Add(s.cfg.HoldFor)
		if err := tx.Turn("", Person{"visitor", b.Visitor}); err != nil {
			return err
		}
		var err error
		if h.mine, err = tx.Basket(b.Visitor); err != nil {
			return err
		}
		if err := h.add(wanted, &missed); err != nil {
			return err
		}
		basket = newBasket(h.mine, h.now)
		if len(basket.Copies) > s.cfg.Basket {
			return fault.Newf(fault.Limit, "A basket holds %d copies at most.", s.cfg.Basket)
		}
		return nil
	})
	if err != nil {
		return Basket{}, Missed{}, err
	}
	return basket, missed, nil
}

// add narrows what is wanted to what is there, and holds it beside the basket's own.
func (h *holding) add(w wanted, missed *Missed) error {
	var own, there []int
	for _, c := range h.mine {
		if c.Run == w.run && !c.Lapsed(h.now) {
			own = append(own, c.Number)
		}
	}
	for _, n := range w.numbers {
		if slices.Contains(own, n) {
			continue
		}
		c, err := h.tx.Copy(w.run, n)
		if err != nil {
			return err
		}
		if c.Shown(h.now) == catalog.Free && c.Pool == catalog.Web {
			there = append(there, n)
		} else {
			missed.Numbers = append(missed.Numbers, n)
		}
	}
	lines := w.any
	w.any = nil
	for _, line := range lines {
		// Of the free ones, those chosen by number are not to be had once more.
		free, err := available(h.tx, line.Run, line.Variant, h.now, line.Any+len(there))
		if err != nil {
			return err
		}
		n := 0
		for _, c := range free {
			if n < line.Any && !slices.Contains(there, c.Number) {
				there = append(there, c.Number)
				n++
			}
		}
		missed.Any += line.Any - n
	}
	if len(there) == 0 {
		already := len(w.numbers) > len(missed.Numbers)
		switch {
		case len(missed.Numbers) == 1:
			return fault.Newf(fault.Taken, "Number %d is taken; please choose another.", missed.Numbers[0])
		case len(missed.Numbers) > 0:
			return fault.New(fault.Taken, "These numbers are taken; please choose others.")
		case missed.Any > 0 && !already:
			return fault.New(fault.Taken, "None is left just now. A hold that is not bought comes back.")
		}
	}
	w.numbers = append(own, there...)
	slices.Sort(w.numbers)
	w.total = len(w.numbers)
	return h.run(w)
}

// LetGo frees copies of the buyer's basket, by run. Those that are not in it stay as they are.
func (s *Shop) LetGo(ctx context.Context, b Buyer, numbers map[catalog.RunID][]int) error {
	if err := b.check(); err != nil {
		return err
	}
	return s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		if err := tx.Turn("", Person{"visitor", b.Visitor}); err != nil {
			return err
		}
		mine, err := tx.Basket(b.Visitor)
		if err != nil {
			return err
		}
		for _, c := range mine {
			if !slices.Contains(numbers[c.Run], c.Number) {
				continue
			}
			if _, err := act(tx, c, catalog.Act{Verb: catalog.LetGo, At: now, By: b.Visitor}); err != nil {
				return err
			}
		}
		return nil
	})
}
