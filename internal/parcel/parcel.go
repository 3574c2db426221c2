// Package parcel brings the right numbers to the right people: what to pack in
// which order, the papers for it, the files that postage shops read and write, and
// what became of each parcel.
//
// A parcel is one paid order. Its copies are numbered, so a mix-up cannot be
// mended by sending "the same" tape again: while packing, each number is
// confirmed against its order ([Desk.Confirm]), and a wrong one is refused. The heap is
// worked in the order that suits a kitchen table ([Sort]): one country after the
// other, as postage is bought, and within it by what is in the parcels, so that one
// box of tapes is open at a time.
//
// The papers are display lists (package sheet): packing slips, address labels,
// customs declarations. They show what a stranger typed, in any script, so
// nothing on them trusts a length; text that finds no room becomes smaller, then wraps,
// and is at last cut short with a [Finding] that says so.
//
// Postage itself is bought elsewhere, where labels are read from a table: Click & Drop and
// Pirate Ship. What they give back, a table of tracking numbers, is first read as a [Plan]
// that says of each row what would happen, and only then applied.
package parcel

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"ferric/internal/catalog"
	"ferric/internal/shop"
)

// Parcel is an order as papers and tables need it.
type Parcel struct {
	Order    shop.OrderID
	State    shop.OrderState
	To       shop.Address
	Country  string // the name of To.Country
	Mail     string // the buyer's; of those that may see it
	Placed   time.Time
	Items    []Item
	Currency string
	Sent     Sent
}

// Item is a copy in a parcel.
type Item struct {
	Run       catalog.RunID
	Number    int
	Shown     string // as printed on the copy: "17/100", "AP 1/5"
	Title     string
	Artist    string
	Catno     string
	Minor     int64 // what was paid for it
	Confirmed bool  // it was confirmed to be in the parcel
}

// Value is what was paid for the parcel's copies.
func (p Parcel) Value() shop.Money {
	m := shop.Money{Currency: p.Currency}
	for _, i := range p.Items {
		m.Minor += i.Minor
	}
	return m
}

// Missing are the copies that are not confirmed yet.
func (p Parcel) Missing() (left []Item) {
	for _, i := range p.Items {
		if !i.Confirmed {
			left = append(left, i)
		}
	}
	return left
}

// Sort puts parcels in packing order: those of the sender's own country first, then by the country's
// name; within a country by what is in them, catalogue number and number, and at last by when they were ordered.
// The copies within a parcel are in that order too.
func Sort(parcels []Parcel, home string) {
	for _, p := range parcels {
		slices.SortStableFunc(p.Items, func(a, b Item) int {
			return cmp.Or(cmp.Compare(catalog.Compact(a.Catno), catalog.Compact(b.Catno)), cmp.Compare(a.Run, b.Run), cmp.Compare(a.Number, b.Number))
		})
	}
	slices.SortStableFunc(parcels, func(a, b Parcel) int {
		return cmp.Or(
			first(a.To.Country == home, b.To.Country == home),
			cmp.Compare(catalog.Fold(a.Country), catalog.Fold(b.Country)), cmp.Compare(a.To.Country, b.To.Country),
			slices.CompareFunc(a.Items, b.Items, func(a, b Item) int {
				return cmp.Or(cmp.Compare(catalog.Compact(a.Catno), catalog.Compact(b.Catno)), cmp.Compare(a.Run, b.Run))
			}),
			slices.CompareFunc(a.Items, b.Items, func(a, b Item) int { return cmp.Compare(a.Number, b.Number) }),
			a.Placed.Compare(b.Placed), cmp.Compare(a.Order, b.Order))
	})
}

// first compares what comes first when it is true.
func first(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return -1
	}
	return 1
}

// Lines are the lines of an address as they stand on a parcel, without empty ones; home is the country from
// which it is sent, whose name is left out on its own parcels.
func (p Parcel) Lines(home string) (lines []string) {
	add := func(text string) {
		if text = clean(text); text != "" {
			lines = append(lines, text)
		}
	}
	add(p.To.Name)
	for l := range strings.SplitSeq(p.To.Street, "\n") {
		add(l)
	}
	if p.To.Country == "GB" || p.To.Country == "US" || p.To.Country == "CA" || p.To.Country == "AU" {
		// The code stands behind the town here, as people of these countries write it.
		add(strings.Join(filled(p.To.City, p.To.Region, p.To.Code), " "))
	} else {
		add(strings.Join(filled(p.To.Code, p.To.City), " "))
		add(p.To.Region)
	}
	if p.To.Country != home {
		add(strings.ToUpper(p.Country))
	}
	return lines
}

func filled(parts ...string) (full []string) {
	for _, s := range parts {
		if s = clean(s); s != "" {
			full = append(full, s)
		}
	}
	return full
}

// clean makes a stranger's text fit for one line: nothing hidden, single spaces, bounded.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if catalog.Hidden(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxText {
		s = string(r[:maxText])
	}
	return s
}

// maxText bounds one line of an address or a title.
const maxText = 300
