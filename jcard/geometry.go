package jcard

import (
	"errors"
	"fmt"
	"strings"

	"ferric/sheet"
)

// MM is a length in millimetres.
type MM = sheet.MM

// Sizes are the panels of a J-card, in millimetres, as they lie on the outside from left to right.
//
// Three templates in use agree within a few millimetres
// (digitaldisc.com/templates_ac_jcard.html; cardgen, utils/dimensions.py;
// github.com/epochaudio/J-Card-Generator):
//
//	         height        flap        spine  front
//	from     100           16.9        12.7   63.5
//	to       101.6         25.4        12.7   66
//	here     101.6         25.4        12.7   65
//
// The front is 65 rather than 63.5 because that is what a Norelco case shows
// and what both ends of the range tolerate. Panels that fold in behind the
// front must be narrower or they bow: digitaldisc takes 1.6 mm off the first,
// 3.2 off the second and 7.9 off the third, and so do we.
type Sizes struct {
	Height MM
	Flap   MM    // folds over the back of the cassette
	Spine  MM    // 12.7 everywhere
	Front  MM    // the cover
	Inner  [3]MM // fold in behind the front; those that the card does not have are unused
}

// Fewest and most panels of a card: flap, spine and front alone, or with one to three more.
const (
	MinPanels = 3
	MaxPanels = 6
)

// Margins that every card keeps, in millimetres.
//
// Printers ask for 3 mm of bleed or 0.125 in (bandcds.co.uk/terms-conditions;
// cardgen), and a sheet may shift by 3 mm, so that text keeps 5 mm off trim and
// folds (bumpstudios.co.uk/artwork_specs.php). Spine and flap are too narrow
// for 5: they keep 3.2, cardgen's safe distance.
const (
	Bleed    MM = 3.2
	Safe     MM = 3.2
	TextSafe MM = 5
)

// ErrPanels is wrapped by errors about a number of panels that a card cannot have.
var ErrPanels = errors.New("a J-card has 3 to 6 panels")

// StandardSizes are Ferric's own. Six panels are 285.4 mm wide: with 5.8 mm to
// spare on either side they still come off an A4 sheet.
func StandardSizes() Sizes {
	return Sizes{Height: 101.6, Flap: 25.4, Spine: 12.7, Front: 65, Inner: [3]MM{63.4, 61.8, 57.1}}
}

// ErrSizes is wrapped by errors about a template that does not exist.
var ErrSizes = errors.New("no such card template")

// ParseSizes finds a template by name: "" or "ferric" is [StandardSizes],
// "digitaldisc" that house's, whose tolerances are 1/64 in, and "a6" the one
// of J-Card-Generator, four panels of which fill an A6 sheet, 148 × 100 mm. What
// digitaldisc prints as "221/32" for its second inner panel is taken as
// 2 12/32 in: 2 21/32 would be wider than the front.
func ParseSizes(name string) (Sizes, error) {
	switch strings.ToLower(name) {
	case "", "ferric":
		return StandardSizes(), nil
	case "digitaldisc":
		return Sizes{Height: 101.6, Flap: 25.4, Spine: 12.7, Front: 63.5, Inner: [3]MM{61.9, 60.3, 55.6}}, nil
	case "a6":
		return Sizes{Height: 100, Flap: 16.9, Spine: 12.7, Front: 66, Inner: [3]MM{52.3, 52.3, 52.3}}, nil
	}
	return Sizes{}, fmt.Errorf("%w: %.20q (there are ferric, digitaldisc, a6)", ErrSizes, name)
}

// Geometry is where the panels of one card lie. The outside's origin is the
// top left corner of its trim; the inside is the same sheet turned over, so its
// panels lie in the opposite order.
type Geometry struct {
	Panels  int
	Width   MM // of the flat, trimmed card
	Height  MM
	outside []MM // left edges of flap, spine, front, ... and the right edge of the last
}

// NewGeometry lays out panels of the given sizes.
func NewGeometry(panels int, s Sizes) (Geometry, error) {
	if panels < MinPanels || panels > MaxPanels {
		return Geometry{}, fmt.Errorf("%w, not %d", ErrPanels, panels)
	}
	g := Geometry{Panels: panels, Height: s.Height}
	widths := append([]MM{s.Flap, s.Spine, s.Front}, s.Inner[:panels-3]...)
	for i, w := range append([]MM{s.Height}, widths...) {
		if least := [...]MM{60, 12, 8, 40, 40, 40, 40}[i]; !(w >= least && w <= 150) {
			return Geometry{}, fmt.Errorf("%w: a measure of %g mm (height at least 60, flap 12, spine 8, other panels 40, none over 150)", ErrSizes, float64(w))
		}
	}
	x := MM(0)
	for _, w := range widths {
		g.outside = append(g.outside, x)
		x += w
	}
	g.outside = append(g.outside, x)
	g.Width = x
	return g, nil
}

// The three panels that every card has, by their place from the left of the outside. Panels 3 to 5 fold in behind the front.
const (
	Flap = iota
	Spine
	Front
)

// Outside is panel i (0 is the flap) as it lies on the outside of the card.
func (g Geometry) Outside(i int) sheet.Rect {
	return sheet.Rect{X: g.outside[i], Y: 0, W: g.outside[i+1] - g.outside[i], H: g.Height}
}

// Inside is the back of panel i as it lies on the inside of the card.
func (g Geometry) Inside(i int) sheet.Rect {
	r := g.Outside(i)
	r.X = g.Width - r.X - r.W
	return r
}

// Folds are the fold lines' x on the outside or the inside, left to right.
func (g Geometry) Folds(inside bool) []MM {
	folds := make([]MM, 0, g.Panels-1)
	for i := 1; i < g.Panels; i++ {
		x := g.outside[i]
		if inside {
			x = g.Width - g.outside[g.Panels-i]
		}
		folds = append(folds, x)
	}
	return folds
}

// Trim is the card's outline.
func (g Geometry) Trim() sheet.Rect { return sheet.Rect{W: g.Width, H: g.Height} }

// textArea is where text may stand on a panel.
func textArea(r sheet.Rect, panel int) sheet.Rect {
	switch panel {
	case Flap, Spine:
		return sheet.Rect{X: r.X + Safe, Y: r.Y + TextSafe, W: r.W - 2*Safe, H: r.H - 2*TextSafe}
	}
	return r.Inset(TextSafe)
}
