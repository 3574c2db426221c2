package sheet

import (
	"bytes"
	"encoding/binary"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/harfbuzz"
)

// Face is one font: its bytes, its metrics and its shaper. It is parsed when it
// is first asked for something, and may be used by many goroutines.
type Face struct {
	Name string // PostScript name, "Roboto-Bold"
	Data []byte // the font file, never changed

	parse   sync.Once
	mu      sync.Mutex // guards the next three, which keep caches
	face    *font.Face
	shaper  *harfbuzz.Font
	buffer  *harfbuzz.Buffer // used again, since it keeps the plans of shaping
	metrics Metrics
}

// Metrics are a face's vertical measures in em, all positive.
type Metrics struct {
	UnitsPerEm                int
	Ascent, Descent, LineGap  float64 // of a line as the face's maker set it
	CapHeight, XHeight        float64
	UnderlineDepth, Underline float64 // of the middle of an underline below the baseline, and its thickness
}

func newFace(name string, data []byte) *Face { return &Face{Name: name, Data: data} }

// ready parses the face. The faces are compiled in and tested, so that one
// which does not parse is a broken build.
func (f *Face) ready() {
	f.parse.Do(func() {
		face, err := font.ParseTTF(bytes.NewReader(f.Data))
		if err != nil {
			panic("sheet: embedded face " + f.Name + ": " + err.Error())
		}
		f.face, f.shaper, f.buffer = face, harfbuzz.NewFont(face), harfbuzz.NewBuffer()
		f.metrics = readMetrics(face)
	})
}

func readMetrics(face *font.Face) Metrics {
	upem := float64(face.Upem())
	m := Metrics{UnitsPerEm: int(face.Upem())}
	if e, ok := face.FontHExtents(); ok {
		m.Ascent, m.Descent, m.LineGap = float64(e.Ascender)/upem, -float64(e.Descender)/upem, float64(e.LineGap)/upem
	}
	m.CapHeight = float64(face.LineMetric(font.CapHeight)) / upem
	m.XHeight = float64(face.LineMetric(font.XHeight)) / upem
	m.UnderlineDepth = -float64(face.LineMetric(font.UnderlinePosition)) / upem
	m.Underline = float64(face.LineMetric(font.UnderlineThickness)) / upem
	return m
}

// Metrics are the face's measures.
func (f *Face) Metrics() Metrics {
	f.ready()
	return f.metrics
}

// Has says whether the face has a glyph for the character.
func (f *Face) Has(r rune) bool {
	f.ready()
	_, ok := f.face.Font.NominalGlyph(r)
	return ok
}

// Advance is the width of a glyph in em, without kerning.
func (f *Face) Advance(glyph uint16) float64 {
	f.ready()
	f.mu.Lock()
	defer f.mu.Unlock()
	return float64(f.face.HorizontalAdvance(font.GID(glyph))) / float64(f.metrics.UnitsPerEm)
}

// Outline is a glyph's shape with its origin at (0, 0), y down, closed, when
// the em measures em: a size in millimetres gives millimetres, UnitsPerEm
// gives the font's own units exactly. A glyph without a shape gives nil.
func (f *Face) Outline(glyph uint16, em float64) []Segment {
	f.ready()
	f.mu.Lock()
	o, ok := f.face.GlyphDataOutline(font.GID(glyph))
	f.mu.Unlock()
	if !ok || len(o.Segments) == 0 {
		return nil
	}
	k := em / float64(f.metrics.UnitsPerEm)
	at := func(p opentype.SegmentPoint) Point { return Point{MM(float64(p.X) * k), MM(-float64(p.Y) * k)} }
	out := make([]Segment, 0, len(o.Segments)+4)
	var here Point
	for i, s := range o.Segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			if i > 0 {
				out = append(out, Segment{Op: Close})
			}
			here = at(s.Args[0])
			out = append(out, Segment{Op: Move, P: [3]Point{here}})
		case opentype.SegmentOpLineTo:
			here = at(s.Args[0])
			out = append(out, Segment{Op: Line, P: [3]Point{here}})
		case opentype.SegmentOpQuadTo:
			c, end := at(s.Args[0]), at(s.Args[1])
			out = append(out, quadratic(here, c, end))
			here = end
		case opentype.SegmentOpCubeTo:
			here = at(s.Args[2])
			out = append(out, Segment{Op: Curve, P: [3]Point{at(s.Args[0]), at(s.Args[1]), here}})
		}
	}
	return append(out, Segment{Op: Close})
}

// Table is one table of the font file, nil when it has none.
func (f *Face) Table(tag string) []byte {
	d := f.Data
	if len(d) < 12 || len(tag) != 4 {
		return nil
	}
	n := int(binary.BigEndian.Uint16(d[4:]))
	for i := 0; i < n && 28+16*i <= len(d); i++ {
		rec := d[12+16*i : 28+16*i]
		if string(rec[:4]) == tag {
			from, size := uint64(binary.BigEndian.Uint32(rec[8:])), uint64(binary.BigEndian.Uint32(rec[12:]))
			if from+size > uint64(len(d)) {
				return nil
			}
			return d[from : from+size]
		}
	}
	return nil
}

// quadratic is a quadratic Bézier as the cubic one that is the same curve.
func quadratic(from, c, to Point) Segment {
	third := func(a, b Point) Point { return Point{a.X + (b.X-a.X)*2/3, a.Y + (b.Y-a.Y)*2/3} }
	return Segment{Op: Curve, P: [3]Point{third(from, c), third(to, c), to}}
}
