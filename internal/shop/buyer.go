package shop

import (
	"context"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// OrdersBy are the orders of an account, the latest first, at most 500.
func (s *Shop) OrdersBy(ctx context.Context, account string) (os []Order, err error) {
	if account == "" {
		return nil, nil
	}
	err = s.store.View(ctx, func(tx Tx) error { os, err = tx.OrdersBy(account, 500); return err })
	return os, err
}

// Beside are the orders that were placed together with this one, this one among them: a basket
// with copies of several labels becomes one order a label.
func (s *Shop) Beside(ctx context.Context, o Order) (os []Order, err error) {
	err = s.store.View(ctx, func(tx Tx) error { os, err = tx.OrdersAt(o.Buyer.Visitor, o.PlacedAt); return err })
	return os, err
}

// Acquired is when a copy came to its owner: by claim, or by being handed on.
type Acquired struct {
	Run    catalog.RunID
	Number int
	At     time.Time
}

// Acquired are the times at which the account got the copies that it owns.
func (s *Shop) Acquired(ctx context.Context, account string) (when []Acquired, err error) {
	if account == "" {
		return nil, nil
	}
	err = s.store.View(ctx, func(tx Tx) error { when, err = tx.Acquired(account); return err })
	return when, err
}

// CallOff is the buyer's own [Shop.Cancel]: only while the order is not paid.
func (s *Shop) CallOff(ctx context.Context, id OrderID, by string) (Order, error) {
	return s.step(ctx, id, func(tx Tx, o *Order, now time.Time) error {
		switch o.State {
		case Cancelled:
			return errUnchanged
		case Placed:
			return s.cancel(tx, o, now, by)
		}
		return fault.Newf(fault.Conflict, "This order is %s by now. Nothing was changed; please write to the label.", o.Shown(now))
	})
}

// cancel frees an order's copies.
func (s *Shop) cancel(tx Tx, o *Order, now time.Time, by string) error {
	copies, err := tx.OrderCopies(o.ID)
	if err != nil {
		return err
	}
	for _, c := range copies {
		if _, err := act(tx, c, catalog.Act{Verb: catalog.Cancel, At: now, By: by}); err != nil {
			return err
		}
		if c.State == catalog.Held {
			continue // it was never paid
		}
		if err := s.takenBack(tx, c); err != nil {
			return err
		}
	}
	paid := o.State != Placed
	o.State = Cancelled
	if !paid {
		return nil
	}
	return bookCancelled(tx, o, now)
}
