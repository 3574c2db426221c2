package parcel

import (
	"strings"
	"time"

	"ferric/internal/shop"
	"ferric/sheet"
)

// SlipOptions say what a packing slip shows. Zero fields mean the default in brackets.
type SlipOptions struct {
	Paper  Paper  // [A4]
	Name   string // of the label; needed
	Claim  string // the address where a copy is claimed [not said]
	Prices bool   // what was paid [no: a parcel may be a present]
	Setup  Setup
}

const (
	slipMargin sheet.MM = 14
	slipGap    sheet.MM = 6 // on both sides of the line where two slips are cut apart
	slipHead   sheet.MM = 22
	slipRow    sheet.MM = 15
	slipFoot   sheet.MM = 6
)

// Slips are packing slips, in the order that the parcels have: for each its copies with a box to tick and the
// very number that goes in. Slips share a page, with a line between to cut them apart; an order of many copies goes on with a head of its own.
func (d *Desk) Slips(parcels []Parcel, o SlipOptions) (*sheet.Document, []Finding) {
	if o.Paper.W == 0 {
		o.Paper = Papers[0]
	}
	t := &slips{stick: stick{fonts: d.fonts}, o: o, doc: document("Packing slips, " + o.Name)}
	t.turn()
	for _, p := range parcels {
		t.slip(p)
	}
	t.finish()
	return t.doc, t.found
}

type slips struct {
	stick
	o    SlipOptions
	doc  *sheet.Document
	y    sheet.MM
	used bool // there is a slip on the page
}

func (t *slips) left() sheet.MM   { return slipMargin }
func (t *slips) width() sheet.MM  { return t.o.Paper.W - 2*slipMargin }
func (t *slips) bottom() sheet.MM { return t.o.Paper.H - slipMargin }

func (t *slips) finish() {
	if n := len(t.doc.Pages); n > 0 {
		t.doc.Pages[n-1].Add(t.items...)
		t.items = nil
	}
}

func (t *slips) turn() {
	t.finish()
	t.doc.Pages = append(t.doc.Pages, page(t.o.Paper.W, t.o.Paper.H))
	t.y, t.used = slipMargin, false
}

func (t *slips) slip(p Parcel) {
	t.order = p.Order
	whole := slipHead + slipRow*sheet.MM(len(p.Items)) + slipFoot
	switch {
	case t.used && t.y+2*slipGap+whole > t.bottom():
		t.turn()
	case t.used:
		t.y += slipGap
		t.rule(0, t.y, t.o.Paper.W, t.y, 0.15, hair, 2, 2)
		t.y += slipGap
	}
	t.used = true
	t.head(p, "")
	for _, item := range p.Items {
		if t.y+slipRow+slipFoot > t.bottom() {
			t.turn()
			t.used = true
			t.head(p, ", continued")
		}
		t.item(item, p)
	}
	if t.o.Claim != "" {
		t.line("The card in each case has a code that makes the copy yours by name: "+t.o.Claim, sheet.Body, 8, 6, sheet.Point{X: t.left(), Y: t.y + 1.6}, t.width(), sheet.Left, quiet)
	}
	t.y += slipFoot
}

func (t *slips) head(p Parcel, more string) {
	x, w := t.left(), t.width()
	t.line(t.o.Name, sheet.Title, 15, 9, sheet.Point{X: x, Y: t.y}, w-72, sheet.Left, ink)
	t.line(string(p.Order)+more, sheet.MonoBold, 12, 8, sheet.Point{X: x + w - 70, Y: t.y + 0.7}, 70, sheet.Right, ink)
	to := strings.Join(filled(p.To.Name, joined(p.To.Code, p.To.City)), ", ")
	t.line(to, sheet.Body, 11, 7, sheet.Point{X: x, Y: t.y + 8.4}, w-72, sheet.Left, ink)
	when := ""
	if !p.Placed.IsZero() {
		when = "ordered " + p.Placed.UTC().Format(time.DateOnly)
	}
	t.line(when, sheet.Body, 9, 7, sheet.Point{X: x + w - 70, Y: t.y + 8.8}, 70, sheet.Right, quiet)
	t.line(p.Country, sheet.BodyBold, 11, 7, sheet.Point{X: x, Y: t.y + 13.6}, w-72, sheet.Left, ink)
	t.line(copies(len(p.Items))+", "+grams(t.o.Setup.Gross(len(p.Items))), sheet.Body, 9, 7, sheet.Point{X: x + w - 70, Y: t.y + 14}, 70, sheet.Right, quiet)
	t.y += slipHead - 1.5
	t.rule(x, t.y, x+w, t.y, 0.3, ink)
	t.y += 1.5
}

// item is one copy: a box to tick, its number as large as it can be seen across a table, and what it is.
func (t *slips) item(i Item, p Parcel) {
	x, w := t.left(), t.width()
	t.frame(sheet.Rect{X: x + 0.4, Y: t.y + 3.4, W: 7, H: 7}, 0.4, ink, "tick")
	const number = 62
	t.line(i.Shown, sheet.MonoBold, 28, 16, sheet.Point{X: x + 12, Y: t.y + 1.2}, number-2, sheet.Left, ink)
	tx, tw := x+12+number, w-12-number
	if t.o.Prices {
		tw -= 26
		price := shop.Money{Minor: i.Minor, Currency: p.Currency}
		t.line(amount(price)+" "+price.Currency, sheet.Mono, 10, 7, sheet.Point{X: x + w - 24, Y: t.y + 4.8}, 24, sheet.Right, ink)
	}
	c := t.line(i.Catno, sheet.MonoBold, 11, 7, sheet.Point{X: tx, Y: t.y + 2}, tw*0.4, sheet.Left, ink)
	if c > 0 {
		c += 3
	}
	t.line(i.Title, sheet.BodyBold, 12, 7, sheet.Point{X: tx + c, Y: t.y + 1.7}, tw-c, sheet.Left, ink)
	t.line(i.Artist, sheet.Body, 10, 7, sheet.Point{X: tx, Y: t.y + 7.6}, tw, sheet.Left, quiet)
	t.y += slipRow
	t.rule(x, t.y-0.6, x+w, t.y-0.6, 0.1, hair)
}
