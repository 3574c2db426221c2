package shop

import (
	"context"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/journal"
)

// What the shop writes into the label's books, each in the transaction of the change itself.
// Holding and ordering write nothing: no money has come. What was paid before there were
// books is not in them, and so nothing is written when it is called off or comes back.

// bookPaid writes down that an order's money has come.
func bookPaid(tx Tx, o *Order, now time.Time) error {
	if o.State == RefundDue {
		if o.Total.Minor == 0 {
			return nil
		}
		return journal.Write(tx, journal.PaidInVain(o.Label, string(o.ID), now, o.Total.Currency, o.Total.Minor))
	}
	return journal.Write(tx, journal.Paid(o.Label, string(o.ID), now, o.Total.Currency, sales(o.Lines)))
}

func sales(lines []Line) (s []journal.Sale) {
	for _, l := range lines {
		s = append(s, journal.Sale{Run: l.Run, Copies: 1, Minor: l.Minor})
	}
	return s
}

// booked is an entry, when it is in the books.
func booked(tx Tx, kind journal.Kind, reference string) (e journal.Entry, found bool, err error) {
	e, err = tx.JournalEntry(kind, reference)
	if fault.Is(err, fault.NotFound) {
		return e, false, nil
	}
	return e, err == nil, err
}

// bookCancelled writes down that a paid order was called off.
func bookCancelled(tx Tx, o *Order, now time.Time) error {
	paid, found, err := booked(tx, journal.KindOrder, string(o.ID))
	if err != nil || !found {
		return err
	}
	return journal.Write(tx, journal.Cancelled(paid, now))
}

// bookReturned writes down that copies of an order came back.
func bookReturned(tx Tx, o *Order, back []catalog.Copy, now time.Time) error {
	_, found, err := booked(tx, journal.KindOrder, string(o.ID))
	if err != nil || !found {
		return err
	}
	var lines []Line
	for _, l := range o.Lines {
		for _, c := range back {
			if c.Run == l.Run && c.Number == l.Number {
				lines = append(lines, l)
			}
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return journal.Write(tx, journal.Returned(o.Label, string(o.ID), o.Seq+1, now, o.Total.Currency, sales(lines)))
}

// handReference names the sale without an order that a copy is at.
func handReference(c catalog.Copy, step int) string {
	return journal.HandReference(c.Run, c.Number, step)
}

// bookByHand writes down that a copy was sold by hand, at the run's price. A run that was never on sale has none, and nothing is written.
func bookByHand(tx Tx, c catalog.Copy, now time.Time) error {
	t, err := tx.Terms(c.Run)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return journal.Write(tx, journal.ByHand(t.Label, handReference(c, c.Seq), now, t.Price.Currency, journal.Sale{Run: c.Run, Copies: 1, Minor: t.Price.Minor}))
}

// bookUndone writes down that the sale at which a copy was is undone. Before is the copy as it was sold.
func bookUndone(tx Tx, before catalog.Copy, now time.Time) error {
	for step := before.Seq; step > 0; step-- { // it was sold at this step of its history or shortly before
		for _, kind := range []journal.Kind{journal.KindHand, journal.KindConsigned, journal.KindArtist} {
			e, found, err := booked(tx, kind, handReference(before, step))
			if err != nil {
				return err
			}
			if !found {
				continue
			}
			if _, undone, err := booked(tx, journal.KindUnhand, e.Reference); err != nil || undone {
				return err // that was a sale before; this one is older than the books
			}
			return journal.Write(tx, journal.Undone(e, now))
		}
	}
	return nil
}

// Elsewhere is copies that left without an order and not at the run's price: another shop sold
// them and settled, or an artist got them.
type Elsewhere struct {
	Run        catalog.RunID
	Numbers    []int
	Price      Money           // of one copy; 0 for a gift
	Commission int             // what the other shop kept of it, in parts per million
	Artist     journal.PayeeID // who got them: the price comes off what they are owed; empty for a shop's sale
	Note       string          // which shop; when
	By         string
}

const mostElsewhere = 500

// SellElsewhere says so of free copies of any pool: all of them or none. Each is undone as a sale by hand is.
func (s *Shop) SellElsewhere(ctx context.Context, e Elsewhere) error {
	if len(e.Numbers) == 0 || len(e.Numbers) > mostElsewhere {
		return fault.Field("numbers", "Which numbers? At most %d at once.", mostElsewhere)
	}
	if err := e.Price.check("amount"); err != nil {
		return err
	}
	err := s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		t, err := tx.Terms(e.Run)
		if err != nil {
			return err
		}
		if t.Price.Currency != e.Price.Currency {
			return fault.Field("currency", "This run is sold in %s.", t.Price.Currency)
		}
		for _, n := range e.Numbers {
			c, err := tx.Copy(e.Run, n)
			if err != nil {
				return err
			}
			if c, err = fresh(tx, c, now); err != nil {
				return err
			}
			if c.State != catalog.Free {
				return fault.Field("numbers", "Number %d is %s: only a free copy can be sold. Nothing was changed.", n, c.State)
			}
			if c, err = act(tx, c, catalog.Act{Verb: catalog.Sell, At: now, By: e.By}); err != nil {
				return err
			}
			if err := s.sold(tx, "", c); err != nil {
				return err
			}
			sale := journal.Sale{Run: e.Run, Copies: 1, Minor: e.Price.Minor}
			entry := journal.ToArtist(t.Label, handReference(c, c.Seq), now, e.Note, e.Price.Currency, sale, e.Artist)
			if e.Artist == "" {
				if entry, err = journal.Consigned(t.Label, handReference(c, c.Seq), now, e.Note, e.Price.Currency, sale, e.Commission); err != nil {
					return err
				}
			}
			if err := journal.Write(tx, entry); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.cfg.Ledger.Wake()
	return nil
}
