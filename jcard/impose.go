package jcard

import (
	"errors"
	"fmt"
	"strings"

	"ferric/sheet"
)

// Paper is a stock of sheets, upright, in millimetres.
type Paper struct {
	Name string
	W, H MM
}

// ErrPaper is wrapped by errors about paper that is unknown or too small for what shall go on it.
var ErrPaper = errors.New("paper does not do")

// Papers that cards are imposed on, smaller before larger in each family.
func Papers() []Paper {
	return []Paper{
		{"A4", 210, 297}, {"A3", 297, 420},
		{"Letter", 215.9, 279.4}, {"Legal", 215.9, 355.6}, {"Tabloid", 279.4, 431.8},
	}
}

// ParsePaper reads a paper's name whatever its case; "" is A4.
func ParsePaper(name string) (Paper, error) {
	if name == "" {
		name = "A4"
	}
	for _, p := range Papers() {
		if strings.EqualFold(p.Name, name) {
			return p, nil
		}
	}
	return Paper{}, fmt.Errorf("%w: %.20q is not A4, A3, Letter, Legal or Tabloid", ErrPaper, name)
}

// larger is the next size of the same family.
func (p Paper) larger() (Paper, bool) {
	next := map[string]string{"A4": "A3", "Letter": "Legal", "Legal": "Tabloid"}[p.Name]
	if next == "" {
		return Paper{}, false
	}
	q, err := ParsePaper(next)
	return q, err == nil
}

// Distances on an imposed sheet, in millimetres.
const (
	edge     MM = 5    // no trim nearer to the edge of the paper: office printers leave 4 to 5 white
	markLong MM = 4    // crop marks and fold marks, from the bleed outwards
	markGap  MM = 6    // most that is left between two bleeds
	markThin MM = 0.12 // their stroke, a third of a point
)

// Imposition is many copies of one flat item on a sheet, upright, in rows and
// columns, so that a guillotine cuts through.
type Imposition struct {
	Paper         Paper
	W, H          MM // of the sheet as it lies: turned when it is landscape
	Columns, Rows int
	ItemW, ItemH  MM
	slots         []sheet.Point // top left corners of the trims, in reading order
}

// Impose finds the orientation of the sheet that holds most items of w by h
// millimetres, trimmed, each with its own bleed. Paper that does not hold one
// gives way to the next larger of its family.
func Impose(w, h, bleed MM, paper Paper) (Imposition, error) {
	for p, ok := paper, true; ok; p, ok = p.larger() {
		upright := grid(w, h, bleed, p, p.W, p.H)
		turned := grid(w, h, bleed, p, p.H, p.W)
		if len(turned.slots) > len(upright.slots) {
			upright = turned
		}
		if len(upright.slots) > 0 {
			return upright, nil
		}
	}
	return Imposition{}, fmt.Errorf("%w: %.1f × %.1f mm does not fit on %s or the next larger", ErrPaper, w, h, paper.Name)
}

func grid(w, h, bleed MM, paper Paper, sheetW, sheetH MM) Imposition {
	im := Imposition{Paper: paper, W: sheetW, H: sheetH, ItemW: w, ItemH: h}
	margin := max(bleed, edge)
	// n items need n·w + (n−1)·2·bleed + 2·margin.
	fit := func(room, item MM) int { return max(0, int((room-2*margin+2*bleed)/(item+2*bleed))) }
	im.Columns, im.Rows = fit(sheetW, w), fit(sheetH, h)
	if im.Columns == 0 || im.Rows == 0 {
		return Imposition{}
	}
	pitch := func(n int, room, item MM) (first, step MM) {
		step = item + 2*bleed
		used := MM(n)*step - 2*bleed
		if n > 1 {
			gap := min(markGap, (room-2*(margin+markLong)-used)/MM(n-1))
			step += max(gap, 0)
		}
		return (room - (MM(n-1)*step + item)) / 2, step
	}
	x0, dx := pitch(im.Columns, sheetW, w)
	y0, dy := pitch(im.Rows, sheetH, h)
	for r := range im.Rows {
		for c := range im.Columns {
			im.slots = append(im.slots, sheet.Point{X: x0 + MM(c)*dx, Y: y0 + MM(r)*dy})
		}
	}
	return im
}

// Up is how many items a sheet carries.
func (im Imposition) Up() int { return len(im.slots) }

// Landscape says that the sheet lies on its long side.
func (im Imposition) Landscape() bool { return im.W > im.H }

// Front places the item of slot i.
func (im Imposition) Front(i int) sheet.Matrix {
	p := im.slots[i]
	return sheet.Matrix{A: 1, D: 1, E: float64(p.X), F: float64(p.Y)}
}

// Back places the other side of the item of slot i on the back of the sheet,
// for a printer that turns the paper over its long edge. On an upright sheet
// the columns change places; on a landscape one the rows do, and the item
// stands on its head.
func (im Imposition) Back(i int) sheet.Matrix {
	p := im.slots[i]
	if im.Landscape() {
		return sheet.Matrix{A: -1, D: -1, E: float64(p.X + im.ItemW), F: float64(im.H - p.Y)}
	}
	return sheet.Matrix{A: 1, D: 1, E: float64(im.W - p.X - im.ItemW), F: float64(p.Y)}
}

// marks are the crop marks of the first n slots, and the fold marks at folds
// (x in the item), outside every bleed, seen from the front or from the back.
func (im Imposition) marks(n int, bleed MM, folds []MM, back bool) []sheet.Item {
	var slots []sheet.Rect
	for i := range n {
		m := im.Front(i)
		if back {
			m = im.Back(i)
		}
		a := m.Apply(sheet.Point{})
		b := m.Apply(sheet.Point{X: im.ItemW, Y: im.ItemH})
		slots = append(slots, sheet.Rect{X: min(a.X, b.X), Y: min(a.Y, b.Y), W: im.ItemW, H: im.ItemH})
	}
	var items []sheet.Item
	turned := back && im.Landscape()
	for _, s := range slots {
		free := func(r sheet.Rect) bool {
			for _, o := range slots {
				if overlaps(r, o.Inset(-bleed)) {
					return false
				}
			}
			return r.X >= 0 && r.Y >= 0 && r.X+r.W <= im.W && r.Y+r.H <= im.H
		}
		items = append(items, cropMarks(s, bleed, free)...)
		for _, f := range folds {
			if turned {
				f = im.ItemW - f
			}
			items = append(items, foldMarks(s, bleed, f, free)...)
		}
	}
	return items
}

// cropMarks are the eight strokes around a trim, shortened or left out where they are not free to stand.
func cropMarks(trim sheet.Rect, bleed MM, free func(sheet.Rect) bool) []sheet.Item {
	var items []sheet.Item
	add := func(x, y, dx, dy MM) {
		for long := markLong; long >= 1; long /= 2 {
			a := sheet.Point{X: x + dx*bleed, Y: y + dy*bleed}
			b := sheet.Point{X: x + dx*(bleed+long), Y: y + dy*(bleed+long)}
			r := sheet.Rect{X: min(a.X, b.X), Y: min(a.Y, b.Y), W: max(a.X, b.X) - min(a.X, b.X), H: max(a.Y, b.Y) - min(a.Y, b.Y)}
			if free(r) {
				items = append(items, stroke("crop", a, b, sheet.Hex(0), markThin))
				return
			}
		}
	}
	for _, x := range []MM{trim.X, trim.X + trim.W} {
		add(x, trim.Y, 0, -1)
		add(x, trim.Y+trim.H, 0, 1)
	}
	for _, y := range []MM{trim.Y, trim.Y + trim.H} {
		add(trim.X, y, -1, 0)
		add(trim.X+trim.W, y, 1, 0)
	}
	return items
}

func foldMarks(trim sheet.Rect, bleed, x MM, free func(sheet.Rect) bool) []sheet.Item {
	var items []sheet.Item
	for _, dy := range []MM{-1, 1} {
		y := trim.Y
		if dy > 0 {
			y += trim.H
		}
		for long := markLong; long >= 1; long /= 2 {
			a := sheet.Point{X: trim.X + x, Y: y + dy*bleed}
			b := sheet.Point{X: a.X, Y: y + dy*(bleed+long)}
			if free(sheet.Rect{X: a.X, Y: min(a.Y, b.Y), H: long}) {
				s := stroke("fold", a, b, sheet.Hex(0), markThin)
				s.Dash = []MM{0.6, 0.5}
				items = append(items, s)
				break
			}
		}
	}
	return items
}

func overlaps(a, b sheet.Rect) bool {
	const touch = 1e-9
	return a.X+a.W > b.X+touch && b.X+b.W > a.X+touch && a.Y+a.H > b.Y+touch && b.Y+b.H > a.Y+touch
}

func stroke(name string, a, b sheet.Point, c sheet.Colour, width MM) *sheet.Path {
	return sheet.Stroked(sheet.Polyline(a, b), c, width).Named(name)
}
