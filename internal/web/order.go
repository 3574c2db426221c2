package web

import (
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/parcel"
	"ferric/internal/shop"
)

// An order's page opens by its address alone: no account is needed to buy. The address is a secret: it is kept
// nowhere by browsers' caches, search engines or the Referer of what is opened next.
func orderRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /order/{id}/{secret}", who: secret, do: w.orderPage},
		{pattern: "POST /order/{id}/{secret}/cancel", who: secret, do: w.callOff},
		{pattern: "GET /account/orders", who: signedIn, do: w.orders},
	}
}

// orderView is an order as its buyer sees it.
type orderView struct {
	shop.Order
	Path   string
	State  shop.OrderState // as shown
	Label  catalog.Label
	Lines  []orderLine
	Beside []orderLink // placed in the same moment: one a label
	Now    time.Time
	Mails  bool
	Signed bool // the reader is signed in
	Sent   parcel.Sent
}

// orderLink leads to an order.
type orderLink struct {
	shop.Order
	Path  string
	State shop.OrderState
	Label catalog.Label
	Words string
}

// stateWords say what an order has come to.
func stateWords(s shop.OrderState) string {
	switch s {
	case shop.Placed:
		return "Waits for your payment"
	case shop.Lapsed:
		return "Not paid in time"
	case shop.Paid:
		return "Paid, to be packed"
	case shop.Packed:
		return "In its parcel"
	case shop.Shipped:
		return "On its way"
	case shop.Returned:
		return "Came back"
	case shop.Cancelled:
		return "Called off"
	case shop.RefundDue:
		return "Your money comes back"
	}
	return string(s)
}

// step is one of an order's stations.
type step struct {
	Words string
	Done  bool
	Now   bool
}

// steps are the stations of an order that goes its way.
func (o orderView) steps() []step {
	all := []step{{Words: "Ordered"}, {Words: "Paid"}, {Words: "Packed"}, {Words: "Sent"}}
	at := map[shop.OrderState]int{shop.Placed: 0, shop.Paid: 1, shop.Packed: 2, shop.Shipped: 3}
	n, ok := at[o.State]
	if !ok {
		return nil
	}
	for i := range all {
		all[i].Done, all[i].Now = i <= n, i == n
	}
	return all
}

func (o orderView) total() shop.Money { return o.Order.Total }

// address is where the parcel goes, a line each.
func (o orderView) address() []string {
	a := o.Order.Address
	lines := append([]string{a.Name}, strings.Split(a.Street, "\n")...)
	lines = append(lines, strings.TrimSpace(a.Code+" "+a.City))
	if a.Region != "" {
		lines = append(lines, a.Region)
	}
	if name := countryName(a.Country); name != "" {
		lines = append(lines, name)
	}
	var full []string
	for _, l := range lines {
		if l = strings.TrimSpace(l); l != "" {
			full = append(full, l)
		}
	}
	return full
}

// closed says to the browser that an address is a secret.
func (v *visit) closed() {
	h := v.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Robots-Tag", "noindex, nofollow")
}

func (v *visit) theOrder() (shop.Order, error) {
	v.closed()
	return v.web.cfg.Shop.OrderBySecret(v.r.Context(), shop.OrderID(v.path("id")), v.path("secret"))
}

func (w *Web) orderPage(v *visit) error {
	o, err := v.theOrder()
	if err != nil {
		return err
	}
	read := v.counter()
	view := orderView{Order: o, Path: v.r.URL.Path, State: o.Shown(v.Now), Now: v.Now, Mails: w.cfg.Mail != nil, Signed: v.SignedIn()}
	if view.Label, err = read.label(o.Label); err != nil {
		return err
	}
	if view.Sent, err = w.cfg.Parcels.Sent(v.r.Context(), o.ID); err != nil {
		return err
	}
	for _, l := range o.Lines {
		g, err := read.run(l.Run)
		if err != nil {
			return err
		}
		view.Lines = append(view.Lines, orderLine{g, l.Number, l.Minor, o.Total.Currency})
	}
	beside, err := w.cfg.Shop.Beside(v.r.Context(), o)
	if err != nil {
		return err
	}
	for _, b := range beside {
		if b.ID == o.ID {
			continue
		}
		link, err := v.orderLink(read, b)
		if err != nil {
			return err
		}
		view.Beside = append(view.Beside, link)
	}
	return v.show(page{Title: "Order " + string(o.ID), Accent: view.Label.Accent, Scripts: []string{"hold.js", "times.js"}, Styles: []string{"buy.css"}}, orderPage(view))
}

func (v *visit) orderLink(read *counter, o shop.Order) (l orderLink, err error) {
	l = orderLink{Order: o, Path: orderPath(o.ID, v.web.cfg.Shop.Secret(o.ID)), State: o.Shown(v.Now)}
	if l.Label, err = read.label(o.Label); err != nil {
		return l, err
	}
	var words []string
	for _, line := range o.Lines {
		g, err := read.run(line.Run)
		if err != nil {
			return l, err
		}
		words = append(words, g.Release.Title+" "+g.Run.Label(line.Number))
	}
	l.Words = strings.Join(words, ", ")
	return l, nil
}

func (w *Web) callOff(v *visit) error {
	o, err := v.theOrder()
	if err != nil {
		return err
	}
	after, err := w.cfg.Shop.CallOff(v.r.Context(), o.ID, o.Buyer.Visitor)
	if err != nil {
		return err
	}
	for _, l := range after.Lines {
		w.Changed(l.Run)
	}
	return v.say(orderPath(o.ID, v.path("secret")), "Called off. Its copies went back to the grid.")
}

// orders are those of the account.
func (w *Web) orders(v *visit) error {
	v.closed()
	all, err := w.cfg.Shop.OrdersBy(v.r.Context(), string(v.Account.ID))
	if err != nil {
		return err
	}
	read := v.counter()
	var links []orderLink
	for _, o := range all {
		l, err := v.orderLink(read, o)
		if err != nil {
			return err
		}
		links = append(links, l)
	}
	return v.show(page{Title: "Your orders", Scripts: []string{"times.js"}, Styles: []string{"buy.css"}}, ordersPage(links))
}
