// Package sheet is a page in millimetres as a display list.
//
// A [Page] is a list of items painted in order: filled and stroked paths, text
// runs, pictures, clipped parts, and groups used again and again (the art of a
// J-card that a hundred numbered cards share). The origin is the top left
// corner of the page, x to the right, y down, turns are clockwise. Nothing here
// knows what a J-card is, or how a PDF is written: jcard lays out, sheet/pdf
// and sheet/png paint.
//
// Type is set with [Fonts]: a [Style] names a [Role] (title, text, numbers) and
// a size; [Fonts.Line] shapes one line, [Fonts.Paragraph] breaks a text into
// lines, [Fonts.Fit] makes a long title fit. What they return is placed with
// its At method, which gives items for a page.
package sheet

import "iter"

// MM is a length in millimetres.
type MM float64

// Pt is a length in points, 1/72 inch: the measure of type.
type Pt float64

// MM is the same length in millimetres.
func (p Pt) MM() MM { return MM(p * 25.4 / 72) }

// Pt is the same length in points.
func (m MM) Pt() Pt { return Pt(m * 72 / 25.4) }

// Point is a place on the page.
type Point struct{ X, Y MM }

// Rect is an upright rectangle by its top left corner and its size.
type Rect struct{ X, Y, W, H MM }

// Inset is the rectangle made smaller by d on every side; a negative d makes it larger.
func (r Rect) Inset(d MM) Rect { return Rect{r.X + d, r.Y + d, r.W - 2*d, r.H - 2*d} }

// Colour is sRGB with alpha, 0 to 1.
type Colour struct{ R, G, B, A float64 }

// Hex is an opaque colour from 0xRRGGBB.
func Hex(rgb uint32) Colour {
	return Colour{float64(rgb>>16&255) / 255, float64(rgb>>8&255) / 255, float64(rgb&255) / 255, 1}
}

// Alpha is the colour with another opacity.
func (c Colour) Alpha(a float64) Colour { c.A = a; return c }

// Matrix maps (x, y) to (A·x + C·y + E, B·x + D·y + F).
type Matrix struct{ A, B, C, D, E, F float64 }

// Page is one sheet of paper. Boxes nest: Media holds Bleed holds Trim; a zero Bleed or Trim equals Media.
type Page struct {
	Media Rect // X and Y are 0
	Bleed Rect
	Trim  Rect
	Items []Item
}

// Add puts items on top of what the page has.
func (p *Page) Add(items ...Item) { p.Items = append(p.Items, items...) }

// Document is pages in order with what a PDF says about itself.
type Document struct {
	Title    string
	Author   string
	Subject  string
	Keywords []string
	Language string // BCP 47, "en" or "pt-BR"; "" says nothing
	Creator  string // the program that laid it out, "Ferric 1.0"
	Created  string // RFC 3339 date and time; "" says nothing, so that the same input gives the same bytes
	Pages    []*Page
	More     iter.Seq2[*Page, error] // pages after those, made one at a time as they are written: ten thousand cards in the memory of one; nil is none
}

// All are the pages in order. It stops at the first error of More.
func (d *Document) All() iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		for _, p := range d.Pages {
			if !yield(p, nil) {
				return
			}
		}
		if d.More == nil {
			return
		}
		for p, err := range d.More {
			if !yield(p, err) || err != nil {
				return
			}
		}
	}
}

// Item is one thing on the page: *Path, *Text, *Picture, *Clip or *Use.
type Item interface{ item() }

// Path is an outline, filled, stroked or both.
type Path struct {
	Segments []Segment
	Fill     *Colour   // nil: not filled; nonzero winding
	Gradient *Gradient // fills in place of Fill
	Stroke   *Colour   // nil: not stroked
	Width    MM        // of the stroke; ends are butt, corners mitred
	Dash     []MM      // on, off, ...; nil is solid
	Name     string    // what it is ("fold", "crop"), for tests and for people
}

// Gradient runs straight from one point to another and stays at its end colours beyond them.
type Gradient struct {
	From, To Point
	Stops    []Stop // at least two, At rising from 0 to 1
}

// Stop is a gradient's colour at a part of the way, 0 to 1.
type Stop struct {
	At     float64
	Colour Colour
}

// Op is what a Segment does.
type Op byte

// The four drawing operations; Curve is a cubic Bézier.
const (
	Move Op = iota
	Line
	Curve
	Close
)

// Segment is one step of an outline. Move and Line use P[0], Curve uses P[0], P[1] as control points and P[2] as end.
type Segment struct {
	Op Op
	P  [3]Point
}

// Text is one line of glyphs from one face, its baseline starting at At, turned
// clockwise by Turn degrees around At. [Fonts.Line] makes it from a string.
type Text struct {
	Face     *Face
	Size     Pt
	At       Point
	Turn     float64
	Stretch  float64 // width of the glyphs, 0.8 for four fifths; 0 means 1
	Embolden float64 // em of outline stroked around each glyph, for a face that has no bold; 0 is none
	Colour   Colour
	Run      Run    // shaped glyphs
	String   string // the characters, for search and copy
}

// Picture is an image that fills Box. Equal Image pointers are stored once.
type Picture struct {
	Image *Image
	Box   Rect
	Clip  *Rect // nil: all of it
}

// Clip paints its items only inside an outline.
type Clip struct {
	Inside []Segment
	Items  []Item
}

// Group is items painted together many times; it is stored once.
type Group struct {
	Items []Item
	Box   Rect // all that it may paint
}

// Use paints a group through a matrix.
type Use struct {
	Group *Group
	At    Matrix
}

func (*Path) item()    {}
func (*Text) item()    {}
func (*Picture) item() {}
func (*Clip) item()    {}
func (*Use) item()     {}
