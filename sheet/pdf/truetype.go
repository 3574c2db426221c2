package pdf

import (
	"encoding/binary"

	"ferric/sheet"
)

// subsetTrueType is a TrueType font with only these glyphs, in this order, and
// after them the parts of composite ones. Glyph programs are kept as they are.
func subsetTrueType(face *sheet.Face, glyphs []uint16) []byte {
	be := binary.BigEndian
	head, loca, glyf := face.Table("head"), face.Table("loca"), face.Table("glyf")
	hhea, hmtx, maxp := face.Table("hhea"), face.Table("hmtx"), face.Table("maxp")
	long := be.Uint16(head[50:]) != 0
	shape := func(g uint16) []byte {
		var from, to int
		if long {
			from, to = int(be.Uint32(loca[4*int(g):])), int(be.Uint32(loca[4*int(g)+4:]))
		} else {
			from, to = 2*int(be.Uint16(loca[2*int(g):])), 2*int(be.Uint16(loca[2*int(g)+2:]))
		}
		return glyf[from:to]
	}

	order := append([]uint16(nil), glyphs...)
	index := map[uint16]uint16{} // of parts
	for i, g := range order {
		if _, ok := index[g]; !ok {
			index[g] = uint16(i)
		}
	}
	var newGlyf, newLoca, newHmtx []byte
	metrics := int(be.Uint16(hhea[34:]))
	for i := 0; i < len(order); i++ {
		newLoca = be.AppendUint32(newLoca, uint32(len(newGlyf)))
		g := append([]byte(nil), shape(order[i])...)
		eachPart(g, func(part []byte) {
			old := be.Uint16(part)
			if _, ok := index[old]; !ok {
				index[old] = uint16(len(order))
				order = append(order, old)
			}
			be.PutUint16(part, index[old])
		})
		newGlyf = append(newGlyf, g...)
		for len(newGlyf)%4 != 0 {
			newGlyf = append(newGlyf, 0)
		}
		old := int(order[i])
		advance := be.Uint16(hmtx[4*min(old, metrics-1):])
		bearing := be.Uint16(hmtx[4*min(old, metrics-1)+2:])
		if old >= metrics {
			bearing = be.Uint16(hmtx[4*metrics+2*(old-metrics):])
		}
		newHmtx = be.AppendUint16(be.AppendUint16(newHmtx, advance), bearing)
	}
	newLoca = be.AppendUint32(newLoca, uint32(len(newGlyf)))

	head = append([]byte(nil), head...)
	be.PutUint32(head[8:], 0) // checkSumAdjustment, set when all is put together
	be.PutUint16(head[50:], 1)
	hhea = append([]byte(nil), hhea...)
	be.PutUint16(hhea[34:], uint16(len(order)))
	maxp = append([]byte(nil), maxp...)
	be.PutUint16(maxp[4:], uint16(len(order)))

	tables := []table{{"cvt ", face.Table("cvt ")}, {"fpgm", face.Table("fpgm")}, {"glyf", newGlyf}, {"head", head},
		{"hhea", hhea}, {"hmtx", newHmtx}, {"loca", newLoca}, {"maxp", maxp}, {"prep", face.Table("prep")}}
	return assemble(tables)
}

// eachPart calls visit with the glyph index inside each component of a composite glyph.
func eachPart(g []byte, visit func(part []byte)) {
	if len(g) < 10 || int16(binary.BigEndian.Uint16(g)) >= 0 {
		return
	}
	const (
		wordArgs = 1 << 0
		scale    = 1 << 3
		more     = 1 << 5
		xyScale  = 1 << 6
		twoByTwo = 1 << 7
	)
	for at := 10; at+4 <= len(g); {
		flags := binary.BigEndian.Uint16(g[at:])
		visit(g[at+2:])
		at += 6
		if flags&wordArgs != 0 {
			at += 2
		}
		switch {
		case flags&scale != 0:
			at += 2
		case flags&xyScale != 0:
			at += 4
		case flags&twoByTwo != 0:
			at += 8
		}
		if flags&more == 0 {
			return
		}
	}
}

type table struct {
	tag  string
	data []byte
}

// assemble puts tables, in order of tag, into an OpenType file with its sums right.
func assemble(tables []table) []byte {
	be := binary.BigEndian
	var have []table
	for _, t := range tables {
		if len(t.data) > 0 {
			have = append(have, t)
		}
	}
	n := len(have)
	search, log := 1, 0
	for search*2 <= n {
		search, log = search*2, log+1
	}
	out := be.AppendUint32(nil, 0x00010000)
	for _, v := range []int{n, search * 16, log, (n - search) * 16} {
		out = be.AppendUint16(out, uint16(v))
	}
	at, headAt := 12+16*n, 0
	for _, t := range have {
		if t.tag == "head" {
			headAt = at
		}
		out = append(out, t.tag...)
		out = be.AppendUint32(out, checksum(t.data))
		out = be.AppendUint32(out, uint32(at))
		out = be.AppendUint32(out, uint32(len(t.data)))
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range have {
		out = append(out, t.data...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	be.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) (sum uint32) {
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	if len(b) > 0 {
		var last [4]byte
		copy(last[:], b)
		sum += binary.BigEndian.Uint32(last[:])
	}
	return sum
}
