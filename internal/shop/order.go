package shop

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"encoding/json"
	"slices"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/fault"
)

// OrderID names an order, also on a transfer's reference line: "HKX7-3FDC-9LMN". It is no
// secret; the link to the order's page carries one beside it.
type OrderID string

// OrderState is how far an order has come.
type OrderState string

// The states of an order.
const (
	Placed    OrderState = "placed"    // waits for its money until PayBy
	Lapsed    OrderState = "lapsed"    // PayBy has passed: never stored, only shown
	Paid      OrderState = "paid"      // to be packed
	Packed    OrderState = "packed"    // to be sent
	Shipped   OrderState = "shipped"   // on its way
	Returned  OrderState = "returned"  // all of it came back
	Cancelled OrderState = "cancelled" // called off before it was sent
	RefundDue OrderState = "refund"    // paid after it lapsed, when no copy was left: the money goes back
)

// Order is copies of one label's runs, sold to one person.
type Order struct {
	ID      OrderID
	Label   catalog.LabelID
	Buyer   Buyer
	Mail    string
	Address Address
	MailKey string // what limits know the mail and the address by
	PostKey string
	State   OrderState
	Method  Method
	Lines   []Line
	Total   Money
	PlacedAt,
	PayBy,
	PaidAt,
	Changed time.Time
	Seq int
}

// Line is one copy of an order, and what is paid for it.
type Line struct {
	Run    catalog.RunID `json:"run"`
	Number int           `json:"number"`
	Minor  int64         `json:"minor"`
}

// Method is how an order is paid.
type Method string

// The ways of paying by hand.
const (
	Transfer Method = "transfer" // to the label's account, with the order's id as reference
	Cash     Method = "cash"     // at the show
)

// Request asks for an order of copies that the buyer holds.
type Request struct {
	Buyer   Buyer
	Key     string // made by the page once: the same request with the same key is one order
	Mail    string
	Address Address
	Method  Method
	Lines   []Line
}

// Receipt is the answer to a request, with nothing of the person in it. It is kept with the key.
type Receipt struct {
	Order  OrderID         `json:"order"`
	Label  catalog.LabelID `json:"label"`
	Secret string          `json:"secret"` // of the order page's link
	Lines  []Line          `json:"lines"`
	Total  Money           `json:"total"`
	PayBy  time.Time       `json:"pay_by"`
}

// Shown is the state to show at a time.
func (o Order) Shown(now time.Time) OrderState {
	if o.State == Placed && !o.PayBy.After(now) {
		return Lapsed
	}
	return o.State
}

func (s *Shop) check(r Request) error {
	if err := r.Buyer.check(); err != nil {
		return err
	}
	switch {
	case r.Key == "" || len(r.Key) > 128:
		return fault.Field("key", "The request needs a key of 1 to 128 characters.")
	case len(r.Lines) == 0:
		return fault.New(fault.Invalid, "The basket is empty.")
	case len(r.Lines) > s.cfg.Basket:
		return fault.Newf(fault.Limit, "A basket holds %d copies at most.", s.cfg.Basket)
	case r.Method != Transfer && r.Method != Cash:
		return fault.Field("method", "Please choose how to pay.")
	}
	if err := checkMail(r.Mail); err != nil {
		return err
	}
	return r.Address.check()
}

// Place makes orders, one a label, of copies that the buyer holds: all of them
// or none. A copy whose hold is over is still sold to them when nobody else has
// it. The same request with the same key gets the same receipts, byte by byte,
// however often and at once it is sent; a refusal is not kept, so that what was wrong can be mended.
func (s *Shop) Place(ctx context.Context, r Request) ([]Receipt, error) {
	if err := s.check(r); err != nil {
		return nil, err
	}
	r.Lines = slices.Clone(r.Lines)
	slices.SortFunc(r.Lines, func(a, b Line) int {
		if c := compare(a.Run, b.Run); c != 0 {
			return c
		}
		return a.Number - b.Number
	})
	request, err := fingerprint(r)
	if err != nil {
		return nil, err
	}
	var body []byte
	err = s.store.Update(ctx, func(tx Tx) error {
		now := s.clock()
		earlier, hash, first, err := tx.Recall(r.Buyer.Visitor, r.Key, request, now)
		if err != nil {
			return err
		}
		if !first {
			if subtle.ConstantTimeCompare([]byte(hash), []byte(request)) != 1 {
				return fault.New(fault.Mismatch, "This request was changed after it was sent once. Nothing was changed; please begin again from the basket.")
			}
			body = earlier
			return nil
		}
		receipts, err := s.place(tx, r, now)
		if err != nil {
			return err
		}
		if body, err = json.Marshal(receipts); err != nil {
			return err
		}
		return tx.Answer(r.Buyer.Visitor, r.Key, body)
	})
	if err != nil {
		return nil, err
	}
	var receipts []Receipt
	return receipts, json.Unmarshal(body, &receipts)
}

func fingerprint(r Request) (string, error) {
	b, err := json.Marshal(r)
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), err
}

func (s *Shop) place(tx Tx, r Request, now time.Time) ([]Receipt, error) {
	terms := map[catalog.RunID]Terms{}
	count := map[catalog.RunID]int{}
	orders := map[catalog.LabelID]*Order{}
	var labels []catalog.LabelID
	for i, l := range r.Lines {
		if i > 0 && l.Run == r.Lines[i-1].Run && l.Number == r.Lines[i-1].Number {
			return nil, fault.Newf(fault.Invalid, "Number %d is in the basket twice.", l.Number)
		}
		t, known := terms[l.Run]
		if !known {
			var err error
			if t, err = tx.Terms(l.Run); err != nil {
				return nil, err
			}
			terms[l.Run] = t
		}
		count[l.Run]++
		price := Money{l.Minor, t.Price.Currency}
		if err := price.check("price"); err != nil {
			return nil, err
		}
		if l.Minor < t.Price.Minor || l.Minor > t.Price.Minor && !t.PayMore {
			return nil, fault.Newf(fault.Conflict, "The price of this run is %s; please look at the basket again.", t.Price)
		}
		o := orders[t.Label]
		if o == nil {
			o = &Order{ID: newOrderID(), Label: t.Label, Buyer: r.Buyer, Mail: r.Mail, Address: r.Address, MailKey: MailKey(r.Mail), PostKey: postKey(r.Address), State: Placed, Method: r.Method,
				Total: Money{0, t.Price.Currency}, PlacedAt: now, PayBy: now.Add(s.cfg.PayFor), Changed: now, Seq: 1}
			orders[t.Label] = o
			labels = append(labels, t.Label)
		}
		if o.Total.Currency != t.Price.Currency {
			return nil, fault.New(fault.Conflict, "This basket has prices in two currencies of one label; please order them one after the other.")
		}
		o.Lines = append(o.Lines, l)
		o.Total.Minor += l.Minor
	}
	ps := persons(r.Buyer, r.Mail, r.Address)
	for _, run := range sortedKeys(count) {
		if err := limit(tx, terms[run], ps, count[run], now); err != nil {
			return nil, err
		}
	}
	var receipts []Receipt
	for _, label := range labels {
		o := orders[label]
		if err := tx.InsertOrder(*o); err != nil {
			return nil, err
		}
		for _, l := range o.Lines {
			if err := reserve(tx, o, l, terms[l.Run], now); err != nil {
				return nil, err
			}
		}
		if err := s.notifyOrder(tx, *o, now); err != nil {
			return nil, err
		}
		receipts = append(receipts, Receipt{o.ID, label, s.secret("order", string(o.ID)), o.Lines, o.Total, o.PayBy})
	}
	return receipts, nil
}

// reserve takes a copy over into the order: one that the buyer holds, or, when
// their time was over, one that is still free while the sale is open.
func reserve(tx Tx, o *Order, l Line, t Terms, now time.Time) error {
	c, err := tx.Copy(l.Run, l.Number)
	if err != nil {
		return err
	}
	switch {
	case c.State == catalog.Held && !c.Lapsed(now) && c.Holder == o.Buyer.Visitor && c.Order == "":
	case c.Shown(now) == catalog.Free && c.Pool == catalog.Web && t.open(now) == nil:
		if c, err = fresh(tx, c, now); err != nil {
			return err
		}
	default:
		return fault.Newf(fault.Gone, "Number %d is no longer in your basket: its time was over. The rest is still yours; please look at the basket again.", l.Number)
	}
	_, err = act(tx, c, catalog.Act{Verb: catalog.Reserve, At: now, By: o.Buyer.Visitor, Holder: o.Buyer.Visitor, Order: string(o.ID), Until: o.PayBy})
	return err
}

// Order is an order, for the label's desk.
func (s *Shop) Order(ctx context.Context, id OrderID) (o Order, err error) {
	err = s.store.View(ctx, func(tx Tx) error { o, err = tx.Order(id); return err })
	return o, err
}

// OrderBySecret is an order, for whoever has its link. A wrong secret and an order that does not exist are one answer.
func (s *Shop) OrderBySecret(ctx context.Context, id OrderID, secret string) (Order, error) {
	o, err := s.Order(ctx, id)
	right := subtle.ConstantTimeCompare([]byte(secret), []byte(s.Secret(id))) == 1
	if err == nil && !right || fault.Is(err, fault.NotFound) {
		return Order{}, fault.New(fault.NotFound, "There is no such order, or its link is not complete.")
	}
	return o, err
}

// Secret is the part of an order's link that only its buyer has.
func (s *Shop) Secret(id OrderID) string { return s.secret("order", string(id)) }

func sortedKeys[K ~string, V any](m map[K]V) []K {
	ks := make([]K, 0, len(m))
	for k := range m {
		ks = append(ks, k)
	}
	slices.Sort(ks)
	return ks
}
