package pdf

import (
	"encoding/binary"
	"math"

	"ferric/sheet"
)

// subsetCFF is a bare CFF font (Adobe Technical Note 5176), keyed by CID, with
// these glyphs in this order. The outlines are written anew as Type 2
// charstrings (Technical Note 5177) from the shapes that the face gives, so
// that no subroutine, hint or dictionary of the large original is carried
// along: what remains is plain curves, exact to the font unit.
func subsetCFF(face *sheet.Face, glyphs []uint16) []byte {
	n := len(glyphs)
	charstrings := make([][]byte, n)
	for i, g := range glyphs {
		charstrings[i] = charstring(face, g)
	}
	chars := index(charstrings)
	charset := []byte{0}
	if n > 1 { // glyph i is CID i: one range from 1
		charset = binary.BigEndian.AppendUint16([]byte{2, 0, 1}, uint16(n-2))
	}
	fdSelect := []byte{3, 0, 1, 0, 0, 0}
	fdSelect = binary.BigEndian.AppendUint16(fdSelect, uint16(n))
	private := append(append(append(number(nil, 0), 20), number(nil, 0)...), 21) // defaultWidthX, nominalWidthX

	front := append([]byte{1, 0, 4, 4}, index([][]byte{[]byte(face.Name)})...)
	strings, global := index([][]byte{[]byte("Adobe"), []byte("Identity")}), []byte{0, 0}
	// Offsets have a fixed size, so the parts can be laid out before they are known.
	top := func(charsetAt, fdSelectAt, charsAt, fdArrayAt int) []byte {
		var d []byte
		d = append(number(number(number(d, 391), 392), 0), 12, 30) // ROS: Adobe Identity 0
		d = append(number(d, n), 12, 34)                           // CIDCount
		d = append(fixed(d, charsetAt), 15)
		d = append(fixed(d, fdSelectAt), 12, 37)
		d = append(fixed(d, charsAt), 17)
		return append(fixed(d, fdArrayAt), 12, 36)
	}
	fd := func(privateAt int) []byte {
		return append(fixed(fixed(nil, len(private)), privateAt), 18)
	}
	charsetAt := len(front) + len(index([][]byte{top(0, 0, 0, 0)})) + len(strings) + len(global)
	fdSelectAt := charsetAt + len(charset)
	charsAt := fdSelectAt + len(fdSelect)
	privateAt := charsAt + len(chars)
	fdArrayAt := privateAt + len(private)

	out := append(front, index([][]byte{top(charsetAt, fdSelectAt, charsAt, fdArrayAt)})...)
	for _, part := range [][]byte{strings, global, charset, fdSelect, chars, private, index([][]byte{fd(privateAt)})} {
		out = append(out, part...)
	}
	return out
}

// index is a CFF INDEX with four-byte offsets.
func index(items [][]byte) []byte {
	out := append(binary.BigEndian.AppendUint16(nil, uint16(len(items))), 4)
	at := uint32(1)
	out = binary.BigEndian.AppendUint32(out, at)
	for _, it := range items {
		at += uint32(len(it))
		out = binary.BigEndian.AppendUint32(out, at)
	}
	for _, it := range items {
		out = append(out, it...)
	}
	return out
}

// number is an integer in a dictionary or charstring, -32768 to 32767.
func number(b []byte, v int) []byte {
	switch {
	case v >= -107 && v <= 107:
		return append(b, byte(v+139))
	case v >= 108 && v <= 1131:
		return append(b, byte((v-108)>>8+247), byte(v-108))
	case v >= -1131 && v <= -108:
		return append(b, byte((-v-108)>>8+251), byte(-v-108))
	}
	return append(b, 28, byte(v>>8), byte(v))
}

// fixed is an integer that always takes five bytes, in a dictionary.
func fixed(b []byte, v int) []byte { return binary.BigEndian.AppendUint32(append(b, 29), uint32(v)) }

const (
	csLine  = 5
	csCurve = 8
	csEnd   = 14
	csMove  = 21
	csStack = 48 // the operands that an operator may have
)

// charstring is a glyph's width and outline.
func charstring(face *sheet.Face, glyph uint16) []byte {
	upem := float64(face.Metrics().UnitsPerEm)
	out := number(nil, int(math.Round(face.Advance(glyph)*upem)))
	x, y := 0, 0
	var args []int
	op := byte(0)
	flush := func() {
		for _, v := range args {
			out = number(out, v)
		}
		if op != 0 {
			out = append(out, op)
		}
		args, op = args[:0], 0
	}
	put := func(next byte, points ...sheet.Point) {
		if op != next || next == csMove || len(args)+2*len(points) > csStack {
			flush()
			op = next
		}
		for _, p := range points {
			px, py := int(math.Round(float64(p.X))), int(math.Round(-float64(p.Y)))
			args = append(args, px-x, py-y)
			x, y = px, py
		}
	}
	for _, s := range face.Outline(glyph, upem) {
		switch s.Op {
		case sheet.Move:
			put(csMove, s.P[0])
		case sheet.Line:
			put(csLine, s.P[0])
		case sheet.Curve:
			put(csCurve, s.P[0], s.P[1], s.P[2])
		}
	}
	flush()
	return append(out, csEnd)
}
