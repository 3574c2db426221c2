package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ferric/internal/parcel"
	"ferric/internal/shop"
)

func deskOrderRoutes(w *Web) []route {
	move := func(do func(*visit, shop.OrderID) (shop.Order, error), said string) func(*visit) error {
		return func(v *visit) error { return w.orderStep(v, do, said) }
	}
	s := w.cfg.Shop
	return []route{
		{pattern: "GET /desk/{label}/orders", who: member, do: w.deskOrders},
		{pattern: "GET /desk/{label}/orders/{order}", who: member, do: w.deskOrder},
		{pattern: "POST /desk/{label}/orders/{order}/paid", who: books, do: move(func(v *visit, id shop.OrderID) (shop.Order, error) {
			return s.MarkPaid(v.r.Context(), id, string(v.Account.ID))
		}, "Marked paid.")},
		{pattern: "POST /desk/{label}/orders/{order}/packed", who: packer, do: move(func(v *visit, id shop.OrderID) (shop.Order, error) {
			return s.MarkPacked(v.r.Context(), id, string(v.Account.ID))
		}, "Marked packed.")},
		{pattern: "POST /desk/{label}/orders/{order}/shipped", who: packer, do: move(func(v *visit, id shop.OrderID) (shop.Order, error) {
			return s.MarkShipped(v.r.Context(), id, string(v.Account.ID))
		}, "Marked sent.")},
		{pattern: "POST /desk/{label}/orders/{order}/cancel", who: books, do: move(func(v *visit, id shop.OrderID) (shop.Order, error) {
			return s.Cancel(v.r.Context(), id, string(v.Account.ID))
		}, "Called off. Its copies are free again.")},
		{pattern: "POST /desk/{label}/orders/{order}/back", who: packer, do: move(func(v *visit, id shop.OrderID) (shop.Order, error) {
			return s.TakeBack(v.r.Context(), id, string(v.Account.ID), v.linesBack()...)
		}, "Noted as come back.")},
	}
}

// deskLine is an order in a list. What the reader's role does not cover is empty.
type deskLine struct {
	ID     shop.OrderID
	Path   string
	State  shop.OrderState
	Placed time.Time
	PayBy  time.Time // while it waits for its money
	Name   string    // on the parcel
	Place  string    // "90-001 Łódź, PL": who packs
	Copies []string  // "Harbour Lights 17/100"
	Total  string    // who keeps the books
	Method shop.Method
}

// deskLines are orders as a role may see them.
func deskLines(names *counter, orders []shop.Order, d deskView, now time.Time) ([]deskLine, error) {
	var lines []deskLine
	for _, o := range orders {
		l := deskLine{ID: o.ID, Path: d.path("orders", string(o.ID)), State: o.Shown(now), Placed: o.PlacedAt, Name: o.Address.Name, Method: o.Method}
		if l.State == shop.Placed {
			l.PayBy = o.PayBy
		}
		if l.Name == "" {
			l.Name = "somebody who has left"
		} else if d.packer() {
			l.Place = strings.TrimSpace(o.Address.Code+" "+o.Address.City) + ", " + o.Address.Country
		}
		if d.books() {
			l.Total = money(o.Total)
		}
		for _, c := range o.Lines {
			g, err := names.run(c.Run)
			if err != nil {
				return nil, err
			}
			l.Copies = append(l.Copies, g.Release.Title+" "+g.Run.Label(c.Number))
		}
		lines = append(lines, l)
	}
	return lines, nil
}

// deskOrdersView is the list of a label's orders.
type deskOrdersView struct {
	deskView
	Count  map[shop.OrderState]int
	State  shop.OrderState
	Search string
	Lines  []deskLine
	Next   string // address of the next page
}

func (o deskOrdersView) at(state shop.OrderState) string {
	return o.path("orders") + query("state", string(state), "q", o.Search)
}

// query is the part of an address behind its question mark; empty values are left out.
func query(pairs ...string) string {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

func (w *Web) deskOrders(v *visit) error {
	ctx := v.r.Context()
	q := v.r.URL.Query()
	o := deskOrdersView{deskView: v.deskView(tabOrders), State: shop.OrderState(q.Get("state")), Search: strings.TrimSpace(q.Get("q"))}
	l := shop.Listing{Label: v.Label.ID, State: o.State, Search: o.Search, After: parseMark(q.Get("after")),
		Oldest: o.State == shop.Placed || o.State == shop.Paid || o.State == shop.Packed} // work is done in turn
	orders, more, err := w.cfg.Shop.Orders(ctx, l)
	if err != nil {
		return err
	}
	if o.Count, err = w.cfg.Shop.CountOrders(ctx, v.Label.ID); err != nil {
		return err
	}
	if o.Lines, err = deskLines(v.counter(), orders, o.deskView, v.Now); err != nil {
		return err
	}
	if more {
		o.Next = o.path("orders") + query("state", string(o.State), "q", o.Search, "after", formatMark(orders[len(orders)-1].Mark()))
	}
	return v.show(o.page("Orders"), deskOrdersPage(o))
}

func formatMark(m shop.Mark) string { return fmt.Sprintf("%d.%s", m.At.UnixMicro(), m.ID) }

// parseMark is a place in the list; the first page for what is none.
func parseMark(s string) shop.Mark {
	at, id, ok := strings.Cut(s, ".")
	us, err := strconv.ParseInt(at, 10, 64)
	if !ok || err != nil || len(id) > 32 {
		return shop.Mark{}
	}
	return shop.Mark{At: time.UnixMicro(us).UTC(), ID: shop.OrderID(id)}
}

// deskOrderView is one order, as far as a role covers it.
type deskOrderView struct {
	deskView
	deskLine
	Lines   []deskCopy
	Street  []string // packer
	City    string   // packer
	Mail    string   // owner: packer and accountant need no way to write to the buyer
	PaidAt  time.Time
	Changed time.Time
	Guest   bool
	Sent    parcel.Sent // packer
}

// deskCopy is a copy of an order.
type deskCopy struct {
	Title  string
	Number string
	Catno  string
	Value  string // as the form for copies that came back sends it
	Path   string // of the copy on the desk
	Price  string // books
}

// labelOrder is the order of the address, when it is one of the address's label.
func (w *Web) labelOrder(v *visit) (shop.Order, error) {
	o, err := w.cfg.Shop.Order(v.r.Context(), shop.OrderID(v.path("order")))
	if err == nil && o.Label != v.Label.ID {
		err = errNoOrder
	}
	return o, err
}

func (w *Web) deskOrder(v *visit) error {
	o, err := w.labelOrder(v)
	if err != nil {
		return err
	}
	d := v.deskView(tabOrders)
	names := v.counter()
	lines, err := deskLines(names, []shop.Order{o}, d, v.Now)
	if err != nil {
		return err
	}
	view := deskOrderView{deskView: d, deskLine: lines[0], PaidAt: o.PaidAt, Changed: o.Changed, Guest: o.Buyer.Account == ""}
	if d.packer() {
		for s := range strings.SplitSeq(o.Address.Street, "\n") {
			view.Street = append(view.Street, strings.TrimSpace(s))
		}
		view.City = strings.TrimSpace(o.Address.Code + " " + o.Address.City)
		if o.Address.Region != "" {
			view.City += ", " + o.Address.Region
		}
		view.Place = countryName(o.Address.Country)
		if view.Sent, err = w.cfg.Parcels.Sent(v.r.Context(), o.ID); err != nil {
			return err
		}
	}
	if d.owner() {
		view.Mail = o.Mail
	}
	for _, l := range o.Lines {
		g, err := names.run(l.Run)
		if err != nil {
			return err
		}
		c := deskCopy{Title: g.Release.Title, Number: g.Run.Label(l.Number), Catno: g.Release.CatalogNumber, Value: lineKey(l.Run, l.Number), Path: d.copyPath(g, l.Number)}
		if d.books() {
			c.Price = money(shop.Money{Minor: l.Minor, Currency: o.Total.Currency})
		}
		view.Lines = append(view.Lines, c)
	}
	p := d.page("Order " + string(o.ID))
	p.Styles = append(p.Styles, "packing.css")
	return v.show(p, deskOrderPage(view))
}

// orderStep moves an order of the label on and says so on its page.
func (w *Web) orderStep(v *visit, do func(*visit, shop.OrderID) (shop.Order, error), said string) error {
	o, err := w.labelOrder(v)
	if err != nil {
		return err
	}
	after, err := do(v, o.ID)
	if err != nil {
		return err
	}
	if after.State == shop.RefundDue {
		said = "The money came after the order lapsed, and no copy is left: please send it back."
	}
	path := v.deskView(tabOrders).path("orders", string(o.ID))
	if next := v.r.PostFormValue("from"); next == "today" {
		path = v.deskView(tabToday).path()
		said = string(o.ID) + ": " + said
	}
	return v.say(path, said)
}

// linesBack are the copies that a form says came back.
func (v *visit) linesBack() (lines []shop.Line) {
	for _, s := range v.r.PostForm["copy"] {
		if run, number, ok := parseLineKey(s); ok && len(lines) < 100 {
			lines = append(lines, shop.Line{Run: run, Number: number})
		}
	}
	return lines
}
