package web

import (
	"crypto/rand"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ferric/internal/catalog"
	"ferric/internal/fault"
	"ferric/internal/shop"
)

// The checkout turns what is held into orders, one a label.
//
//	GET  /checkout?price-RUN:17=12.00  asks where to send it and how it is paid
//	POST /checkout                     orders exactly the lines that the page showed; the hidden key makes sending twice one order
func checkoutRoutes(w *Web) []route {
	return []route{
		{pattern: "GET /checkout", who: anyone, do: w.checkout},
		{pattern: "POST /checkout", who: anyone, do: w.order},
	}
}

// checkoutView is the form, and what it orders.
type checkoutView struct {
	basketView
	Lines   []orderLine
	Key     string
	Mail    string
	Address shop.Address
	Method  shop.Method
	Mails   bool // the shop sends them
	Limited bool // a run of these has a limit a person
}

// orderLine is a copy and what is paid for it.
type orderLine struct {
	goods
	Number   int
	Minor    int64
	Currency string
}

func (l orderLine) money() shop.Money { return shop.Money{Minor: l.Minor, Currency: l.Currency} }

// value is the line as a hidden field: "RUN:17:1200".
func (l orderLine) value() string {
	return lineKey(l.Run.ID, l.Number) + ":" + strconv.FormatInt(l.Minor, 10)
}

// totals are the sums by label, as each is an order of its own.
func (c checkoutView) totals() (all []labelTotal) {
	for _, l := range c.Lines {
		i := slices.IndexFunc(all, func(t labelTotal) bool { return t.Label.ID == l.Label.ID })
		if i < 0 {
			i = len(all)
			all = append(all, labelTotal{Label: l.Label})
		}
		all[i].Lines = append(all[i].Lines, l)
		all[i].Sums = addMoney(all[i].Sums, l.money())
	}
	return all
}

// labelTotal is what one label will be paid.
type labelTotal struct {
	Label catalog.Label
	Lines []orderLine
	Sums  []shop.Money
}

// checkoutFields are those beside which an error stands.
var checkoutFields = []string{"mail", "name", "street", "code", "city", "region", "country", "method"}

func (w *Web) checkout(v *visit) error {
	b, err := v.basketView()
	if err != nil {
		return err
	}
	if len(b.Groups) == 0 {
		return v.goTo("/basket")
	}
	lines, err := b.prices(v.r.URL.Query())
	if err != nil {
		b.Err = err
		return v.again(firstOf(err), page{Title: "Your basket", Scripts: []string{"hold.js"}, Styles: []string{"buy.css"}}, basketPage(b))
	}
	c := checkoutView{basketView: b, Key: rand.Text(), Method: shop.Transfer, Mails: w.cfg.Mail != nil}
	if v.SignedIn() {
		c.Mail = v.Account.Mail
	}
	if err := v.orderLines(&c, lines); err != nil {
		return err
	}
	return v.show(c.page(), checkoutPage(c))
}

func (c checkoutView) page() page {
	return page{Title: "Order", Scripts: []string{"hold.js"}, Styles: []string{"buy.css"}}
}

// firstOf is one error of several, for the answer's status.
func firstOf(err error) error {
	if all, ok := err.(interface{ Unwrap() []error }); ok && len(all.Unwrap()) > 0 {
		return all.Unwrap()[0]
	}
	return err
}

// orderLines adds what the page tells of the lines.
func (v *visit) orderLines(c *checkoutView, lines []shop.Line) error {
	read := v.counter()
	for _, l := range lines {
		g, err := read.run(l.Run)
		if err != nil {
			return err
		}
		t, err := v.web.cfg.Shop.Terms(v.r.Context(), l.Run)
		if err != nil {
			return err
		}
		c.Limited = c.Limited || t.PerPerson > 0
		c.Lines = append(c.Lines, orderLine{g, l.Number, l.Minor, t.Price.Currency})
	}
	return nil
}

func (w *Web) order(v *visit) error {
	r := shop.Request{
		Buyer: v.Buyer(), Key: v.text("key"), Mail: v.text("mail"), Method: shop.Method(v.text("method")),
		Address: shop.Address{Name: v.text("name"), Street: strings.ReplaceAll(v.text("street"), "\r\n", "\n"), Code: v.text("code"),
			City: v.text("city"), Region: v.text("region"), Country: v.text("country")},
	}
	for _, s := range v.r.PostForm["line"] {
		l, err := parseLine(s)
		if err != nil {
			return err
		}
		r.Lines = append(r.Lines, l)
	}
	if !knownCountry(r.Address.Country) {
		r.Address.Country = ""
	}
	receipts, err := w.cfg.Shop.Place(v.r.Context(), r)
	if err != nil {
		return v.orderAgain(r, err)
	}
	for _, receipt := range receipts {
		for _, l := range receipt.Lines {
			w.Changed(l.Run)
		}
	}
	if v.wantsJSON() {
		return v.json(201, receipts)
	}
	return v.goTo(orderPath(receipts[0].Order, receipts[0].Secret))
}

// orderAgain shows the form once more, with what was typed and what was wrong.
func (v *visit) orderAgain(r shop.Request, err error) error {
	if len(r.Lines) == 0 || len(r.Lines) > 50 || v.wantsJSON() {
		return err
	}
	b, readErr := v.basketView()
	if readErr != nil {
		return readErr
	}
	c := checkoutView{basketView: b, Key: r.Key, Mail: r.Mail, Address: r.Address, Method: r.Method, Mails: v.web.cfg.Mail != nil}
	if fault.Is(err, fault.Mismatch) || c.Key == "" {
		c.Key = rand.Text()
	}
	c.Err = err
	if readErr := v.orderLines(&c, r.Lines); readErr != nil {
		return readErr
	}
	return v.again(err, c.page(), checkoutPage(c))
}

func parseLine(s string) (l shop.Line, err error) {
	bad := fault.New(fault.Invalid, "This page was changed on its way. Nothing was ordered; please begin again from the basket.")
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return l, bad
	}
	run, number, ok := parseLineKey(s[:i])
	minor, err := strconv.ParseInt(s[i+1:], 10, 64)
	if !ok || err != nil || minor < 0 {
		return l, bad
	}
	return shop.Line{Run: run, Number: number, Minor: minor}, nil
}

func orderPath(id shop.OrderID, secret string) string { return fmt.Sprintf("/order/%s/%s", id, secret) }

// sums are what is to be paid in all, one a currency.
func (c checkoutView) sums() (sums []shop.Money) {
	for _, l := range c.Lines {
		sums = addMoney(sums, l.money())
	}
	return sums
}

func (c checkoutView) mailHint() string {
	if c.Mails {
		return "For what happens to the order, and nothing else."
	}
	return "So that the label can reach you about the order, and for nothing else."
}
