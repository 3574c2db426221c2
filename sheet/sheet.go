// Package sheet is a page in millimetres as a display list.
//
// A [Page] is a list of items painted in order: filled and stroked paths, text
// runs, pictures, and groups used again and again (the art of a J-card that a
// hundred numbered cards share). The origin is the top left corner of the
// page, x to the right, y down. Nothing here knows what a J-card is, or how a
// PDF is written: jcard lays out, sheet/pdf and sheet/png paint.
package sheet

// MM is a length in millimetres.
type MM float64

// Pt is a length in points, 1/72 inch: the measure of type.
type Pt float64

// MM is the same length in millimetres.
func (p Pt) MM() MM { return MM(p * 25.4 / 72) }

// Point is a place on the page.
type Point struct{ X, Y MM }

// Rect is an upright rectangle by its top left corner and its size.
type Rect struct{ X, Y, W, H MM }

// Colour is sRGB with alpha, 0 to 1.
type Colour struct{ R, G, B, A float64 }

// Matrix maps (x, y) to (A·x + C·y + E, B·x + D·y + F).
type Matrix struct{ A, B, C, D, E, F float64 }

// Page is one sheet of paper. Boxes nest: Media holds Bleed holds Trim; a zero Bleed or Trim equals Media.
type Page struct {
	Media Rect // X and Y are 0
	Bleed Rect
	Trim  Rect
	Items []Item
}

// Document is pages in order with what a PDF says about itself.
type Document struct {
	Title  string
	Author string
	Pages  []*Page
}

// Item is one thing on the page: *Path, *Text, *Picture or *Use.
type Item interface{ item() }

// Path is an outline, filled, stroked or both.
type Path struct {
	Segments []Segment
	Fill     *Colour // nil: not filled; nonzero winding
	Stroke   *Colour // nil: not stroked
	Width    MM      // of the stroke
	Dash     []MM    // on, off, ...; nil is solid
	Name     string  // what it is ("fold", "crop"), for tests and for people
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
// clockwise by Turn degrees around At. Shape makes it from a string.
type Text struct {
	Face   *Face
	Size   Pt
	At     Point
	Turn   float64
	Colour Colour
	Run    Run    // shaped glyphs
	String string // the characters, for search and copy
}

// Picture is an image that fills Box. Equal Image pointers are stored once.
type Picture struct {
	Image *Image
	Box   Rect
	Clip  *Rect // nil: all of it
}

// Image is a picture's bytes as they came and what they decode to. JPEG bytes go into a PDF as they are.
type Image struct {
	MIME          string
	Data          []byte
	Width, Height int
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
func (*Use) item()     {}

// Face is one font: its bytes, its metrics and its shaper.
type Face struct{}

// Run is a shaped line of glyphs.
type Run struct{}
