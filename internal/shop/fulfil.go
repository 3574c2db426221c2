package shop

import (
	"context"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// MarkPaid says that the money for an order has come. By is who says so. An
// order that had lapsed gets its copies when they are still there, else the
// next free ones of the run, and becomes RefundDue when a line finds none: then
// no copy is kept for it. Saying it twice changes nothing.
func (s *Shop) MarkPaid(ctx context.Context, id OrderID, by string) (Order, error) {
	return s.step(ctx, id, func(tx Tx, o *Order, now time.Time) error {
		switch o.State {
		case Paid, RefundDue:
			return errUnchanged
		case Placed:
		default:
			return fault.Newf(fault.Conflict, "This order is %s.", o.State)
		}
		var got []catalog.Copy
		for i, l := range o.Lines {
			c, err := payable(tx, o, l, now)
			if err != nil {
				return err
			}
			if c.Number == 0 {
				return refund(tx, o, got, now, by)
			}
			if c, err = act(tx, c, catalog.Act{Verb: catalog.Pay, At: now, By: by, Order: string(o.ID)}); err != nil {
				return err
			}
			o.Lines[i].Number = c.Number
			got = append(got, c)
		}
		o.State, o.PaidAt = Paid, now
		if err := bookPaid(tx, o, now); err != nil {
			return err
		}
		return s.sold(tx, o.Buyer.Account, got...)
	})
}

// payable is the copy that a line is paid for: its own, or the next. Its Number is 0 when there is none.
func payable(tx Tx, o *Order, l Line, now time.Time) (catalog.Copy, error) {
	c, err := tx.Copy(l.Run, l.Number)
	if err != nil || c.Order == string(o.ID) && c.State == catalog.Held {
		return c, err
	}
	if c.Shown(now) == catalog.Free && c.Pool == catalog.Web {
		return fresh(tx, c, now)
	}
	next, err := available(tx, l.Run, c.Variant, now, 1)
	if err != nil || len(next) == 0 {
		return catalog.Copy{}, err
	}
	return fresh(tx, next[0], now)
}

// refund gives back the copies that a late payment found, because it did not find all.
func refund(tx Tx, o *Order, got []catalog.Copy, now time.Time, by string) error {
	held, err := tx.OrderCopies(o.ID)
	if err != nil {
		return err
	}
	for _, c := range held {
		if _, err := act(tx, c, catalog.Act{Verb: catalog.Cancel, At: now, By: by}); err != nil {
			return err
		}
	}
	o.State, o.PaidAt = RefundDue, now
	return bookPaid(tx, o, now)
}

// MarkPacked says that a paid order is in its parcel.
func (s *Shop) MarkPacked(ctx context.Context, id OrderID, by string) (Order, error) {
	return s.forward(ctx, id, by, Paid, Packed, catalog.Sold, catalog.Pack)
}

// MarkShipped says that the parcel is on its way.
func (s *Shop) MarkShipped(ctx context.Context, id OrderID, by string) (Order, error) {
	return s.forward(ctx, id, by, Packed, Shipped, catalog.Packed, catalog.Ship)
}

// forward moves an order and its copies one step on. Copies that are elsewhere already (claimed at the counter) stay there.
func (s *Shop) forward(ctx context.Context, id OrderID, by string, from, to OrderState, at catalog.State, verb catalog.Verb) (Order, error) {
	return s.step(ctx, id, func(tx Tx, o *Order, now time.Time) error {
		if o.State == to {
			return errUnchanged
		}
		if o.State != from {
			return fault.Newf(fault.Conflict, "This order is %s; only one that is %s can be %s.", o.Shown(now), from, to)
		}
		copies, err := tx.OrderCopies(o.ID)
		if err != nil {
			return err
		}
		for _, c := range copies {
			if c.State != at {
				continue
			}
			if _, err := act(tx, c, catalog.Act{Verb: verb, At: now, By: by}); err != nil {
				return err
			}
		}
		o.State = to
		return nil
	})
}

// Cancel calls an order off before it is sent. Its copies are free at once. Money that came for it is the label's to give back.
func (s *Shop) Cancel(ctx context.Context, id OrderID, by string) (Order, error) {
	return s.step(ctx, id, func(tx Tx, o *Order, now time.Time) error {
		switch o.State {
		case Cancelled:
			return errUnchanged
		case Placed, Paid, Packed:
		default:
			return fault.Newf(fault.Conflict, "This order is %s and can no longer be called off.", o.State)
		}
		return s.cancel(tx, o, now, by)
	})
}

// TakeBack says that copies of a sent order came back; with no numbers, all of
// them. A copy that came back is sold again only when the label restocks it.
func (s *Shop) TakeBack(ctx context.Context, id OrderID, by string, lines ...Line) (Order, error) {
	return s.step(ctx, id, func(tx Tx, o *Order, now time.Time) error {
		if o.State == Returned {
			return errUnchanged
		}
		if o.State != Shipped {
			return fault.Newf(fault.Conflict, "This order is %s: nothing of it can have come back.", o.Shown(now))
		}
		copies, err := tx.OrderCopies(o.ID)
		if err != nil {
			return err
		}
		left := len(copies)
		var back []catalog.Copy
		for _, c := range copies {
			if len(lines) > 0 && !contains(lines, c) {
				continue
			}
			if _, err := act(tx, c, catalog.Act{Verb: catalog.Return, At: now, By: by}); err != nil {
				return err
			}
			if err := s.takenBack(tx, c); err != nil {
				return err
			}
			back = append(back, c)
			left--
		}
		if left == len(copies) {
			return fault.New(fault.Invalid, "None of these copies is in the order.")
		}
		if left == 0 {
			o.State = Returned
		}
		return bookReturned(tx, o, back, now)
	})
}

func contains(lines []Line, c catalog.Copy) bool {
	for _, l := range lines {
		if l.Run == c.Run && l.Number == c.Number {
			return true
		}
	}
	return false
}

// errUnchanged says that there is nothing to do, which is fine.
var errUnchanged = fault.New(fault.Conflict, "nothing to change")

func (s *Shop) step(ctx context.Context, id OrderID, do func(Tx, *Order, time.Time) error) (out Order, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		o, err := tx.Order(id)
		if err != nil {
			return err
		}
		before := o.State
		if err := do(tx, &o, now); err != nil {
			out = o
			return err
		}
		o.Seq++
		o.Changed = now
		out = o
		if err := tx.PutOrder(o); err != nil || o.State == before {
			return err
		}
		return s.notifyOrder(tx, o, now)
	})
	if err == error(errUnchanged) {
		return out, nil
	}
	if err != nil {
		return Order{}, err
	}
	s.cfg.Ledger.Wake()
	return out, nil
}
