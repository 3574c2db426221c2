package sheet

import (
	"bytes"
	"encoding/binary"
	"io"
	"slices"
	"sync"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/cff"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/harfbuzz"
)

// Face is one font: its bytes, its metrics and its shaper. It is parsed when it
// is first asked for something, and its outlines only when one is asked for. It
// may be used by many goroutines.
type Face struct {
	Name string // PostScript name, "Roboto-Bold"
	Data []byte // the font file, never changed

	parse   sync.Once
	mu      sync.Mutex // guards the next three, which keep caches
	face    *font.Face
	shaper  *harfbuzz.Font
	buffer  *harfbuzz.Buffer // used again, since it keeps the plans of shaping
	metrics Metrics

	draw     sync.Once
	drawMu   sync.Mutex // guards what outlines uses
	outlines func(glyph uint16) []opentype.Segment
}

// Metrics are a face's vertical measures in em, all positive.
type Metrics struct {
	UnitsPerEm                int
	Ascent, Descent, LineGap  float64 // of a line as the face's maker set it
	CapHeight, XHeight        float64
	UnderlineDepth, Underline float64 // of the middle of an underline below the baseline, and its thickness
}

func newFace(name string, data []byte) *Face { return &Face{Name: name, Data: data} }

// ready parses what setting type needs: all but the outlines, which are most of
// a file, and the tables for vertical lines.
func (f *Face) ready() {
	f.parse.Do(func() {
		face := f.without("glyf", "loca", "CFF ", "vhea", "vmtx", "VORG")
		f.face, f.shaper, f.buffer = face, harfbuzz.NewFont(face), harfbuzz.NewBuffer()
		f.metrics = readMetrics(face)
		if f.metrics.CapHeight == 0 { // an OS/2 table older than version 2, as DejaVu has
			f.metrics.CapHeight, f.metrics.XHeight = f.glyphTop(face, 'H'), f.glyphTop(face, 'x')
		}
	})
}

// without parses the face as if it had no such tables. The faces are compiled in
// and tested, so that one which does not parse is a broken build.
func (f *Face) without(tables ...string) *font.Face {
	n := int(binary.BigEndian.Uint16(f.Data[4:]))
	head, kept := bytes.Clone(f.Data[:12]), 0
	for i := range n {
		if rec := f.Data[12+16*i : 28+16*i]; !slices.Contains(tables, string(rec[:4])) {
			head = append(head, rec...)
			kept++
		}
	}
	binary.BigEndian.PutUint16(head[4:], uint16(kept))
	face, err := font.ParseTTF(io.NewSectionReader(overlay{head, f.Data}, 0, int64(len(f.Data))))
	if err != nil {
		panic("sheet: embedded face " + f.Name + ": " + err.Error())
	}
	return face
}

// overlay is data with another beginning.
type overlay struct{ head, data []byte }

func (o overlay) ReadAt(b []byte, at int64) (int, error) {
	if at >= int64(len(o.data)) {
		return 0, io.EOF
	}
	n := copy(b, o.data[at:])
	if at < int64(len(o.head)) {
		copy(b[:n], o.head[at:])
	}
	if n < len(b) {
		return n, io.EOF
	}
	return n, nil
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

// glyphTop is how high a TrueType glyph reaches, in em, by its bounding box.
func (f *Face) glyphTop(face *font.Face, r rune) float64 {
	loca, glyf, head := f.Table("loca"), f.Table("glyf"), f.Table("head")
	g, _ := face.Font.NominalGlyph(r)
	var at int
	if long := head[51] != 0; long {
		at = int(binary.BigEndian.Uint32(loca[4*g:]))
	} else {
		at = 2 * int(binary.BigEndian.Uint16(loca[2*g:]))
	}
	return float64(int16(binary.BigEndian.Uint16(glyf[at+8:]))) / float64(face.Upem())
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
	f.draw.Do(f.readOutlines)
	f.drawMu.Lock()
	segments := f.outlines(glyph)
	f.drawMu.Unlock()
	if len(segments) == 0 {
		return nil
	}
	k := em / float64(f.metrics.UnitsPerEm)
	at := func(p opentype.SegmentPoint) Point { return Point{MM(float64(p.X) * k), MM(-float64(p.Y) * k)} }
	out := make([]Segment, 0, len(segments)+4)
	var here Point
	for i, s := range segments {
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

// readOutlines parses the outlines of either kind.
func (f *Face) readOutlines() {
	if data := f.Table("CFF "); data != nil {
		parsed, err := cff.Parse(data)
		if err != nil {
			panic("sheet: embedded face " + f.Name + ": " + err.Error())
		}
		f.outlines = func(glyph uint16) []opentype.Segment {
			segments, _, err := parsed.LoadGlyph(glyph)
			if err != nil {
				return nil
			}
			return segments
		}
		return
	}
	face := f.without("GPOS", "GSUB", "GDEF")
	f.outlines = func(glyph uint16) []opentype.Segment {
		o, _ := face.GlyphDataOutline(font.GID(glyph))
		return o.Segments
	}
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
