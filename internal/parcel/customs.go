package parcel

import (
	"strconv"
	"strings"

	"ferric/internal/shop"
	"ferric/sheet"
)

// Declaration is what a customs form CN22 asks for: description, quantity, net weight, value, tariff (HS) code, origin,
// and whether it is a gift or sold. It is for a letter or small packet of goods up to 300 SDR (about 270 GBP) and 2 kg;
// above that a CN23 is asked for, which the post's own counter or page makes.
type Declaration struct {
	Order    shop.OrderID
	To       string // the country of destination
	Contents string
	Quantity int
	NetG     int
	GrossG   int
	Value    shop.Money
	Tariff   string
	Origin   string // the country's code
	Gift     bool   // otherwise sold
}

// europe are the members of the EU's customs union, between which parcels need no customs form. Some of their
// territories lie outside of it (the Canaries, Büsingen): their parcels need one, which no country's code tells.
const europe = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MC MT NL PL PT RO SE SI SK"

// Abroad reports whether a parcel passes customs on its way.
func Abroad(from, to string) bool {
	return from != to && !(from != "" && strings.Contains(europe, from) && strings.Contains(europe, to))
}

// Declare is the customs declaration of a parcel.
func (s Setup) Declare(p Parcel) Declaration {
	n := len(p.Items)
	return Declaration{Order: p.Order, To: p.Country, Contents: s.Contents, Quantity: n, NetG: s.Net(n), GrossG: s.Gross(n), Value: p.Value(), Tariff: s.Tariff, Origin: s.Made()}
}

// Bounds of a CN22.
const (
	mostGBP  = 270_00
	mostGram = 2000
)

// check says what a CN22 cannot say. The bound in other currencies moves with their rates, which nothing here knows.
func (c Declaration) check() (found []Finding) {
	note := func(text string) { found = append(found, Finding{c.Order, text}) }
	if c.Value.Currency == "GBP" && c.Value.Minor > mostGBP {
		note("Worth more than about 270 GBP: it needs a CN23 in place of this form.")
	}
	if c.GrossG > mostGram {
		note("Heavier than 2 kg: it needs a CN23 in place of this form.")
	}
	if c.Tariff == "" {
		note("The form has no tariff code: fill it in among the parcel settings.")
	}
	if c.Origin == "" {
		note("The form has no country of origin: fill it in among the parcel settings.")
	}
	return found
}

// Foreign are those of the parcels that pass customs.
func Foreign(parcels []Parcel, s Setup) (abroad []Parcel) {
	for _, p := range parcels {
		if Abroad(s.Country, p.To.Country) {
			abroad = append(abroad, p)
		}
	}
	return abroad
}

// The size of the form, as post offices hand it out: a quarter of an A4 sheet with an edge to cut away. No source
// at hand gives it, so it is from memory; what counts is what stands on it.
const (
	formW sheet.MM = 74
	formH sheet.MM = 105
)

// Customs are forms CN22 of parcels, to be cut out: four to an A4 or Letter sheet, one on a thermal label. They wait for date and signature.
func (d *Desk) Customs(parcels []Parcel, s Setup, f Format) (*sheet.Document, []Finding) {
	doc := document("Customs declarations CN22")
	t := stick{fonts: d.fonts}
	cols, rows := int((f.W-10)/formW), int((f.H-10)/formH)
	cols, rows = max(cols, 1), max(rows, 1)
	left, top := (f.W-sheet.MM(cols)*formW)/2, (f.H-sheet.MM(rows)*formH)/2
	var found []Finding
	for i, p := range parcels {
		at := i % (cols * rows)
		if at == 0 {
			doc.Pages = append(doc.Pages, page(f.W, f.H))
		}
		t.order = p.Order
		c := s.Declare(p)
		found = append(found, c.check()...)
		t.form(c, sheet.Rect{X: left + sheet.MM(at%cols)*formW, Y: top + sheet.MM(at/cols)*formH, W: formW, H: formH})
		doc.Pages[len(doc.Pages)-1].Add(t.items...)
		t.items = nil
	}
	if len(doc.Pages) == 0 {
		doc.Pages = append(doc.Pages, page(f.W, f.H))
	}
	return doc, append(found, t.found...)
}

// form draws one declaration into its frame.
func (t *stick) form(c Declaration, r sheet.Rect) {
	t.frame(r, 0.15, hair, "cut")
	b := r.Inset(3.5)
	at := func(x, y sheet.MM) sheet.Point { return sheet.Point{X: b.X + x, Y: b.Y + y} }
	t.line("CUSTOMS DECLARATION", sheet.Title, 12, 8, at(0, 0), b.W-18, sheet.Left, ink)
	t.line("CN22", sheet.MonoBold, 12, 8, at(b.W-16, 0), 16, sheet.Right, ink)
	t.line(c.To, sheet.Body, 8, 6, at(0, 6), b.W-30, sheet.Left, quiet)
	t.line(string(c.Order), sheet.Mono, 7, 6, at(b.W-28, 6.2), 28, sheet.Right, quiet)
	y := sheet.MM(11.5)
	for i, kind := range []struct {
		words string
		on    bool
	}{{"Gift", c.Gift}, {"Sale of goods", !c.Gift}} {
		x := sheet.MM(i) * 24
		box := sheet.Rect{X: b.X + x, Y: b.Y + y, W: 4, H: 4}
		t.frame(box, 0.3, ink, "tick")
		if kind.on {
			t.rule(box.X+0.7, box.Y+0.7, box.X+3.3, box.Y+3.3, 0.5, ink)
			t.rule(box.X+3.3, box.Y+0.7, box.X+0.7, box.Y+3.3, 0.5, ink)
		}
		t.line(kind.words, sheet.Body, 9, 7, at(x+5.5, y), 30, sheet.Left, ink)
	}
	y = 18.5
	field := func(x, w sheet.MM, name, value string, role sheet.Role, size sheet.Pt) {
		t.line(name, sheet.Body, 6.5, 5, at(x, y+0.8), w-1, sheet.Left, quiet)
		t.line(value, role, size, 6, at(x, y+4), w-1, sheet.Left, ink)
	}
	half := b.W / 2
	line := func(h sheet.MM) {
		y += h
		t.rule(b.X, b.Y+y, b.X+b.W, b.Y+y, 0.15, ink)
	}
	line(0)
	field(0, b.W, "Description of contents", c.Contents, sheet.BodyBold, 11)
	line(10.5)
	field(0, half, "Quantity", strconv.Itoa(c.Quantity), sheet.Mono, 11)
	field(half, half, "Net weight, kg", kilos(c.NetG), sheet.Mono, 11)
	line(10.5)
	field(0, half, "Value", amount(c.Value)+" "+c.Value.Currency, sheet.Mono, 11)
	field(half, half, "HS tariff code", c.Tariff, sheet.Mono, 11)
	line(10.5)
	field(0, b.W, "Country of origin", c.Origin, sheet.Mono, 11)
	line(10.5)
	field(0, half, "Total weight, kg", kilos(c.GrossG), sheet.MonoBold, 11)
	field(half, half, "Total value", amount(c.Value)+" "+c.Value.Currency, sheet.MonoBold, 11)
	line(10.5)
	t.line("Date and sender's signature", sheet.Body, 6.5, 5, at(0, y+0.8), b.W, sheet.Left, quiet)
}
