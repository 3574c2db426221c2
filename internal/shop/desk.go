package shop

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// DeskTx lists the orders of a label.
type DeskTx interface {
	// OrdersIn are at most n orders of a label in a stored state, without their lines, the newest first or the
	// oldest; after is the last one of the page before, zero for the first page.
	OrdersIn(label catalog.LabelID, state OrderState, oldest bool, after Mark, n int) ([]Order, error)
	// OrdersWith are ids of at most n orders of a label that have a copy of this number of any run.
	OrdersWith(label catalog.LabelID, number, n int) ([]OrderID, error)
	CountOrders(label catalog.LabelID, now time.Time) (map[OrderState]int, error) // as shown: with lapsed ones
	OrderLines([]OrderID) (map[OrderID][]Line, error)
	// CopiesIn are at most n copies of a label in a state, those that have been so longest first.
	CopiesIn(label catalog.LabelID, state catalog.State, n int) ([]catalog.Copy, error)
}

// OrderStates are the states in which an order is shown, along its way.
var OrderStates = []OrderState{Placed, Paid, Packed, Shipped, Returned, RefundDue, Lapsed, Cancelled}

// stored are the states that an order can be in.
var stored = []OrderState{Placed, Paid, Packed, Shipped, Returned, RefundDue, Cancelled}

// Mark is a place in a list of orders.
type Mark struct {
	At time.Time // when the order was placed
	ID OrderID
}

// Mark is the order's place in a list.
func (o Order) Mark() Mark { return Mark{o.PlacedAt, o.ID} }

// Listing says which orders of a label to list.
type Listing struct {
	Label  catalog.LabelID
	State  OrderState // as shown; empty for all
	Search string     // part of the reference or of the name on the parcel, or the number of a copy; empty for all
	Oldest bool       // the oldest first, for work to be done in turn; otherwise the newest
	After  Mark       // the last one of the page before; zero for the first page
	Most   int        // of one page [50]
}

// mostSearched is how many orders one search looks through. What is older is found by its reference.
const mostSearched = 20_000

// Orders are one page of a label's orders with their lines, and whether there are more.
func (s *Shop) Orders(ctx context.Context, l Listing) (orders []Order, more bool, err error) {
	if l.Most <= 0 || l.Most > 200 {
		l.Most = 50
	}
	if utf8.RuneCountInString(l.Search) > 100 {
		return nil, false, fault.Field("q", "At most 100 characters, please.")
	}
	if l.State != "" && !slices.Contains(OrderStates, l.State) {
		return nil, false, fault.Field("state", "There is no such state of an order.")
	}
	err = s.store.View(ctx, func(tx Tx) error {
		orders, more, err = s.orders(tx, l)
		return err
	})
	return orders, more, err
}

func (s *Shop) orders(tx Tx, l Listing) (page []Order, more bool, err error) {
	fits, err := matching(tx, l)
	if err != nil {
		return nil, false, err
	}
	now := s.clock()
	queue := newMerge(tx, l)
	for seen := 0; seen < mostSearched; seen++ {
		o, ok, err := queue.next()
		if err != nil {
			return nil, false, err
		}
		if !ok {
			break
		}
		if l.State != "" && o.Shown(now) != l.State || !fits(o) {
			continue
		}
		if len(page) == l.Most {
			more = true
			break
		}
		page = append(page, o)
	}
	ids := make([]OrderID, len(page))
	for i, o := range page {
		ids[i] = o.ID
	}
	lines, err := tx.OrderLines(ids)
	for i := range page {
		page[i].Lines = lines[page[i].ID]
	}
	return page, more, err
}

// matching says which orders a search means. Names are compared folded, as the catalogue's are.
func matching(tx Tx, l Listing) (func(Order) bool, error) {
	text := strings.TrimSpace(l.Search)
	if text == "" {
		return func(Order) bool { return true }, nil
	}
	folded, compact := catalog.Fold(text), catalog.Compact(text)
	var with []OrderID
	if n, err := strconv.Atoi(strings.TrimPrefix(text, "#")); err == nil && n > 0 && n <= catalog.MaxCopies {
		if with, err = tx.OrdersWith(l.Label, n, mostSearched); err != nil {
			return nil, err
		}
	}
	numbered := make(map[OrderID]bool, len(with))
	for _, id := range with {
		numbered[id] = true
	}
	return func(o Order) bool {
		return numbered[o.ID] || len(compact) > 2 && strings.Contains(catalog.Compact(string(o.ID)), compact) ||
			strings.Contains(catalog.Fold(o.Address.Name), folded)
	}, nil
}

// merge reads the lists of several states as one list in order, each a batch at a time.
type merge struct {
	tx      Tx
	l       Listing
	streams []stream
}

type stream struct {
	state OrderState
	batch []Order
	after Mark
	done  bool
}

func newMerge(tx Tx, l Listing) *merge {
	m := &merge{tx: tx, l: l}
	for _, state := range stored {
		if l.State == "" || l.State == state || l.State == Lapsed && state == Placed {
			m.streams = append(m.streams, stream{state: state, after: l.After})
		}
	}
	return m
}

// next is the next order of all.
func (m *merge) next() (o Order, ok bool, err error) {
	const atOnce = 64
	best := -1
	for i := range m.streams {
		s := &m.streams[i]
		if len(s.batch) == 0 && !s.done {
			if s.batch, err = m.tx.OrdersIn(m.l.Label, s.state, m.l.Oldest, s.after, atOnce); err != nil {
				return o, false, err
			}
			s.done = len(s.batch) < atOnce
			if n := len(s.batch); n > 0 {
				s.after = s.batch[n-1].Mark()
			}
		}
		if len(s.batch) > 0 && (best < 0 || m.before(s.batch[0], m.streams[best].batch[0])) {
			best = i
		}
	}
	if best < 0 {
		return o, false, nil
	}
	s := &m.streams[best]
	o, s.batch = s.batch[0], s.batch[1:]
	return o, true, nil
}

func (m *merge) before(a, b Order) bool {
	c := a.PlacedAt.Compare(b.PlacedAt)
	if c == 0 {
		c = compare(a.ID, b.ID)
	}
	return m.l.Oldest == (c < 0)
}

// CountOrders is how many orders of a label are in each state now, as shown.
func (s *Shop) CountOrders(ctx context.Context, label catalog.LabelID) (n map[OrderState]int, err error) {
	err = s.store.View(ctx, func(tx Tx) error { n, err = tx.CountOrders(label, s.clock()); return err })
	return n, err
}

// CameBack are at most n copies of a label that came back and wait to be restocked or made void.
func (s *Shop) CameBack(ctx context.Context, label catalog.LabelID, n int) (copies []catalog.Copy, err error) {
	err = s.store.View(ctx, func(tx Tx) error { copies, err = tx.CopiesIn(label, catalog.Returned, n); return err })
	return copies, err
}

// SellByHand says that a free copy was sold without an order: at a show, over
// the counter, by a shop that has it in consignment. Its new owner has it in hand and claims it with the code in its card.
func (s *Shop) SellByHand(ctx context.Context, run catalog.RunID, number int, by string) (catalog.Copy, error) {
	return s.byHand(ctx, run, number, by, func(c catalog.Copy) (catalog.Verb, error) {
		if c.State != catalog.Free {
			return "", fault.Newf(fault.Conflict, "Number %d is %s: only a free copy can be sold by hand.", number, c.State)
		}
		return catalog.Sell, nil
	})
}

// UndoHandSale says that a copy was not sold by hand after all, or was handed back at once. It is free again.
func (s *Shop) UndoHandSale(ctx context.Context, run catalog.RunID, number int, by string) (catalog.Copy, error) {
	return s.byHand(ctx, run, number, by, func(c catalog.Copy) (catalog.Verb, error) {
		if c.State != catalog.Sold || c.Order != "" {
			return "", fault.Newf(fault.Conflict, "Number %d was not sold by hand, or its owner has claimed it.", number)
		}
		return catalog.Cancel, nil
	})
}

func (s *Shop) byHand(ctx context.Context, run catalog.RunID, number int, by string, verb func(catalog.Copy) (catalog.Verb, error)) (c catalog.Copy, err error) {
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		if c, err = tx.Copy(run, number); err != nil {
			return err
		}
		if c, err = fresh(tx, c, now); err != nil {
			return err
		}
		v, err := verb(c)
		if err != nil {
			return err
		}
		before := c
		if c, err = act(tx, c, catalog.Act{Verb: v, At: now, By: by}); err != nil {
			return err
		}
		if v == catalog.Sell {
			if err := bookByHand(tx, c, now); err != nil {
				return err
			}
			return s.sold(tx, "", c)
		}
		if err := bookUndone(tx, before, now); err != nil {
			return err
		}
		return s.takenBack(tx, c)
	})
	if err != nil {
		return catalog.Copy{}, err
	}
	s.cfg.Ledger.Wake()
	return c, nil
}
