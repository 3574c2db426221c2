package jcard

import (
	"fmt"

	"ferric/master"
	"ferric/sheet"
)

// art is what stands where a cover stands: the cover itself, or a composition
// drawn from the release's name, the same for the same name.
type art struct {
	image *sheet.Image // nil: composed
	seed  uint64
	pal   Palette
}

// paint fills box. A cover keeps its proportions and is cropped at the middle.
func (a art) paint(box sheet.Rect, n *notes) []sheet.Item {
	if a.image == nil {
		return compose(a.seed, box, a.pal)
	}
	placed := a.image.Cover(box)
	n.art(a.image, placed, box)
	return []sheet.Item{&sheet.Picture{Image: a.image, Box: placed, Clip: &box}}
}

// art notes how a cover came out: too coarse, or cropped.
func (n *notes) art(im *sheet.Image, placed, box sheet.Rect) {
	const want = 300
	if dpi := im.DPI(placed); dpi < want && !n.coarse {
		n.coarse = true
		w, h := im.Size()
		need := func(px int) int { return int(float64(px)*want/dpi + 0.999) }
		severity := master.Care
		if dpi < want/2 {
			severity = master.Bad
		}
		n.add(severity, "art-resolution",
			fmt.Sprintf("the cover is %d × %d pixels, %.0f dpi at its printed size of %.0f × %.0f mm", w, h, dpi, placed.W, placed.H),
			fmt.Sprintf("print needs %d dpi; below, edges soften and pixels begin to show", want),
			fmt.Sprintf("use a picture of at least %d × %d pixels", need(w), need(h)))
	}
	if lost := 1 - float64(box.W*box.H/(placed.W*placed.H)); lost > 0.12 && !n.cropped {
		n.cropped = true
		n.add(master.Note, "art-cropped",
			fmt.Sprintf("this layout shows %.0f %% of the cover: its sides or ends are cut off to fill %.0f × %.0f mm", (1-lost)*100, box.W, box.H),
			"faces and words near the edge may be lost",
			"look at the preview; choose a layout that keeps square art whole, or draw the cover upright")
	}
}

// seedOf is a 64-bit number from a name (FNV-1a, then mixed so that near names differ).
func seedOf(parts ...string) uint64 {
	h := uint64(14695981039346656037)
	for _, p := range parts {
		for i := range len(p) {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
		h = (h ^ 0xFF) * 1099511628211
	}
	return scramble(h)
}

// scramble is the finaliser of SplitMix64.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xBF58476D1CE4E5B9
	x = (x ^ x>>27) * 0x94D049BB133111EB
	return x ^ x>>31
}

// pick is a number from 0 to n-1, a pure function of seed and position.
func pick(seed uint64, position, n int) int {
	return int(scramble(seed+uint64(position+1)*0x9E3779B97F4A7C15) % uint64(n))
}

// namedAccent is the accent of a release without a cover, out of a set of inks.
func namedAccent(seed uint64) sheet.Colour {
	inks := []uint32{0x9C3D17, 0x1F5F5B, 0x7A2E4D, 0x2F4F8F, 0x5B6B1E, 0x8A4B08, 0x4A3B7C, 0xA8323A}
	return sheet.Hex(inks[pick(seed, 7, len(inks))])
}

// compose draws a cover from a number: a field of quarter rounds, hubs and
// tape, in the accent, ink and paper.
func compose(seed uint64, box sheet.Rect, pal Palette) []sheet.Item {
	columns := 3 + pick(seed, 0, 2)
	cell := box.W / MM(columns)
	rows := int(box.H/cell + 0.999)
	light := mix(pal.Card, pal.Accent, 0.10)
	deep := mix(pal.Accent, pal.Ink, 0.45)
	inks := []sheet.Colour{pal.Accent, deep, mix(pal.Card, pal.Accent, 0.45), pal.Ink}
	var items []sheet.Item
	add := func(segments []sheet.Segment, c sheet.Colour) { items = append(items, sheet.Filled(segments, c)) }
	add(sheet.RectPath(box), light)
	last := -1
	for row := range rows {
		for col := range columns {
			i := 16 + (row*columns+col)*8
			at := sheet.Rect{X: box.X + MM(col)*cell, Y: box.Y + MM(row)*cell, W: cell, H: cell}
			ground := pick(seed, i, 5)
			figure := inks[pick(seed, i+1, len(inks))]
			if ground == 0 {
				add(sheet.RectPath(at.Inset(-0.03)), inks[pick(seed, i+2, 3)])
				figure = light
			}
			kind := pick(seed, i+3, 7)
			if kind == last {
				kind = (kind + 1) % 7
			}
			last = kind
			items = append(items, motif(kind, pick(seed, i+4, 4), at, figure, light)...)
		}
	}
	return []sheet.Item{&sheet.Clip{Inside: sheet.RectPath(box), Items: items}}
}

// motif is one figure of a composition in its square, turned by quarters.
func motif(kind, quarters int, at sheet.Rect, ink, hole sheet.Colour) []sheet.Item {
	s := at.W
	mid := sheet.Point{X: at.X + s/2, Y: at.Y + s/2}
	turn := sheet.MoveBy(-mid.X, -mid.Y).Then(sheet.TurnBy(float64(quarters) * 90)).Then(sheet.MoveBy(mid.X, mid.Y))
	shape := func(segments []sheet.Segment) sheet.Item { return sheet.Filled(sheet.Mapped(segments, turn), ink) }
	corner := sheet.Point{X: at.X, Y: at.Y}
	switch kind {
	case 0: // a quarter round
		return []sheet.Item{shape(quarter(corner, s))}
	case 1: // two quarter rounds, one inside the other
		return []sheet.Item{shape(quarter(corner, s)), sheet.Filled(sheet.Mapped(quarter(corner, s*0.5), turn), hole)}
	case 2: // a hub
		items := []sheet.Item{sheet.Filled(sheet.Ring(mid, s*0.42, s*0.19), ink)}
		for i := range 6 {
			tooth := sheet.RectPath(sheet.Rect{X: mid.X - s*0.025, Y: mid.Y - s*0.2, W: s * 0.05, H: s * 0.07})
			m := sheet.MoveBy(-mid.X, -mid.Y).Then(sheet.TurnBy(float64(i) * 60)).Then(sheet.MoveBy(mid.X, mid.Y))
			items = append(items, sheet.Filled(sheet.Mapped(tooth, m), ink))
		}
		return items
	case 3: // tape: five bands
		var items []sheet.Item
		for i := range 5 {
			items = append(items, shape(sheet.RectPath(sheet.Rect{X: at.X, Y: at.Y + s*MM(i)/5, W: s, H: s / 10})))
		}
		return items
	case 4: // a pack: rings of tape around a corner
		var items []sheet.Item
		for i := 5; i > 0; i-- {
			c := ink
			if i%2 == 0 {
				c = hole
			}
			items = append(items, sheet.Filled(sheet.Mapped(quarter(corner, s*MM(i)/5), turn), c))
		}
		return items
	case 5: // half a disc
		return []sheet.Item{shape(half(sheet.Point{X: mid.X, Y: at.Y}, s/2))}
	}
	return []sheet.Item{sheet.Filled(sheet.Circle(mid, s*0.16), ink)}
}

// arm is the control arm of the cubic Bézier nearest to a quarter of a circle of radius 1.
const arm = 0.5522847498

// quarter is a quarter disc of radius r in the lower right of c.
func quarter(c sheet.Point, r MM) []sheet.Segment {
	return []sheet.Segment{
		{Op: sheet.Move, P: [3]sheet.Point{c}},
		{Op: sheet.Line, P: [3]sheet.Point{{X: c.X + r, Y: c.Y}}},
		{Op: sheet.Curve, P: [3]sheet.Point{{X: c.X + r, Y: c.Y + arm*r}, {X: c.X + arm*r, Y: c.Y + r}, {X: c.X, Y: c.Y + r}}},
		{Op: sheet.Close},
	}
}

// half is half a disc of radius r below c.
func half(c sheet.Point, r MM) []sheet.Segment {
	return []sheet.Segment{
		{Op: sheet.Move, P: [3]sheet.Point{{X: c.X + r, Y: c.Y}}},
		{Op: sheet.Curve, P: [3]sheet.Point{{X: c.X + r, Y: c.Y + arm*r}, {X: c.X + arm*r, Y: c.Y + r}, {X: c.X, Y: c.Y + r}}},
		{Op: sheet.Curve, P: [3]sheet.Point{{X: c.X - arm*r, Y: c.Y + r}, {X: c.X - r, Y: c.Y + arm*r}, {X: c.X - r, Y: c.Y}}},
		{Op: sheet.Close},
	}
}
