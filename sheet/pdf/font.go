package pdf

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ferric/sheet"
)

// fontInUse is a face as the file uses it: a Type 0 font whose codes are two bytes.
//
// Each pair of a glyph and the characters it stands for has a code of its own,
// counted from 1 as they are first used; code 0 is the face's empty box. The
// embedded subset has its glyphs in the same order, so that code, CID and glyph
// index are one number, and each code maps back to its characters whatever
// shape they took.
type fontInUse struct {
	ref   ref
	face  *sheet.Face
	codes map[cid]int
	cids  []cid // by code
}

type cid struct {
	glyph uint16
	text  string
}

func (f *file) useFont(face *sheet.Face) *fontInUse {
	u := f.fonts[face]
	if u == nil {
		u = &fontInUse{ref: f.alloc(), face: face, codes: map[cid]int{}, cids: []cid{{0, "\uFFFD"}}}
		f.fonts[face] = u
		f.fontOrder = append(f.fontOrder, u)
	}
	return u
}

// code is the number that shows a glyph for these characters.
func (u *fontInUse) code(glyph uint16, text string) int {
	k := cid{glyph, text}
	n, ok := u.codes[k]
	if !ok {
		n = len(u.cids)
		u.codes[k] = n
		u.cids = append(u.cids, k)
	}
	return n
}

// width is a glyph's advance in thousandths of an em, as /W states it.
func (u *fontInUse) width(glyph uint16) float64 {
	return math.Round(u.face.Advance(glyph)*1e5) / 100
}

// text shows a run of glyphs.
func (c *content) text(t *sheet.Text) {
	if len(t.Run.Glyphs) == 0 {
		return
	}
	u := c.f.useFont(t.Face)
	name := "F" + strconv.Itoa(int(u.ref))
	c.fonts[name] = u.ref
	c.set(&c.fill, colour(t.Colour, "g", "rg"))
	size := float64(t.Size.MM())
	render := "0 Tr"
	if t.Embolden > 0 {
		render = "2 Tr"
		c.set(&c.stroke, colour(t.Colour, "G", "RG"))
		c.set(&c.width, numbers(t.Embolden*size)+" w")
		c.set(&c.dash, "[] 0 d")
	}
	c.setAlpha(t.Colour.A, t.Colour.A)
	c.op("BT")
	c.b = append(c.b, "/"+name+" "...)
	c.op("Tf", size)
	c.set(&c.render, render)
	turn := sheet.TurnBy(t.Turn)
	stretch := t.Stretch
	if stretch == 0 {
		stretch = 1
	}
	// Glyphs have y up, the sheet has y down: the second column is turned over.
	c.op("Tm", turn.A*stretch, turn.B*stretch, -turn.C, -turn.D, float64(t.At.X), float64(t.At.Y))
	c.glyphs(u, t, size)
	c.op("ET")
}

// glyphs writes TJ arrays. A number in one moves the pen back by thousandths of
// an em; shifts up and down are a text rise. Where the characters of a cluster
// cannot be told glyph by glyph, or letters stand so far apart that a reader
// would see words, the true text is attached (ActualText).
func (c *content) glyphs(u *fontInUse, t *sheet.Text, size float64) {
	glyphs := t.Run.Glyphs
	spaced := spacedOut(u, glyphs)
	if spaced {
		c.op("/Span <</ActualText <FEFF" + utf16Hex(t.String) + ">>> BDC")
	}
	open, rise, pen := false, 0.0, 0.0 // pen: where the reader's pen is against ours, in thousandths
	show := func() {
		if open {
			c.b = append(c.b, "] TJ\n"...)
			open = false
		}
	}
	marked := false
	for i, g := range glyphs {
		head := i+1 < len(glyphs) && g.Text != "" && glyphs[i+1].Text == ""
		if marked && g.Text != "" {
			show()
			c.op("EMC")
			marked = false
		}
		if head && !spaced {
			show()
			c.op("/Span <</ActualText <FEFF" + utf16Hex(g.Text) + ">>> BDC")
			marked = true
		}
		if g.DY != rise {
			show()
			rise = g.DY
			c.op("Ts", rise*size)
		}
		if !open {
			c.b = append(c.b, '[')
			open = true
		}
		if back := pen - g.DX*1000; math.Abs(back) >= 0.05 {
			c.b = appendNumber(c.b, back, 1)
			pen -= math.Round(back*10) / 10
		}
		c.b = fmt.Appendf(c.b, "<%04X>", u.code(g.ID, g.Text))
		pen += u.width(g.ID) - g.Advance*1000
	}
	show()
	if marked {
		c.op("EMC")
	}
	if rise != 0 {
		c.op("Ts", 0)
	}
	if spaced {
		c.op("EMC")
	}
}

// spacedOut says whether a run is tracked so widely that gaps look like spaces.
func spacedOut(u *fontInUse, glyphs []sheet.Glyph) bool {
	wide, n := 0, 0
	for _, g := range glyphs {
		if g.Text != " " && g.Text != "" {
			n++
			if g.Advance*1000-u.width(g.ID) > 80 {
				wide++
			}
		}
	}
	return n > 1 && wide*2 > n
}

// font writes the objects of a font: the Type 0 font, its descendant, the
// descriptor, the subset and the map to Unicode.
func (f *file) font(u *fontInUse) {
	glyphs := make([]uint16, len(u.cids))
	for i, k := range u.cids {
		glyphs[i] = k.glyph
	}
	cff := u.face.Table("CFF ") != nil
	var program []byte
	if cff {
		program = subsetCFF(u.face, glyphs)
	} else {
		program = subsetTrueType(u.face, glyphs)
	}
	name := subsetTag(program) + "+" + u.face.Name

	var widths []byte
	for _, g := range glyphs {
		widths = append(appendNumber(widths, u.width(g), 2), ' ')
	}
	var file ref
	kind, fileKey, gid := "CIDFontType2", "FontFile2", " /CIDToGIDMap /Identity"
	if cff {
		kind, fileKey, gid = "CIDFontType0", "FontFile3", ""
		file = f.stream("/Subtype /CIDFontType0C", program)
	} else {
		file = f.stream(fmt.Sprintf("/Length1 %d", len(program)), program)
	}
	unicode := f.stream("/Type /CMap /CMapName /Adobe-Identity-UCS", toUnicode(u.cids))

	descriptor, descendant := f.alloc(), f.alloc()
	m := u.face.Metrics()
	head := u.face.Table("head")
	bbox := make([]float64, 4)
	for i := range bbox {
		bbox[i] = math.Round(float64(int16(binary.BigEndian.Uint16(head[36+2*i:]))) * 1000 / float64(m.UnitsPerEm))
	}
	italic := float64(int32(binary.BigEndian.Uint32(u.face.Table("post")[4:]))) / 65536
	flags := 4 // symbolic: codes are not of a standard encoding
	if italic != 0 {
		flags |= 64
	}
	stem := 80
	if strings.Contains(u.face.Name, "Bold") {
		stem = 140
	}
	f.begin(descriptor)
	f.printf("<< /Type /FontDescriptor /FontName /%s /Flags %d /FontBBox [%s] /ItalicAngle %s /Ascent %s /Descent %s /CapHeight %s /StemV %d /%s %v >>\n",
		name, flags, numbers(bbox...), numbers(italic), numbers(math.Round(m.Ascent*1000)), numbers(math.Round(-m.Descent*1000)), numbers(math.Round(m.CapHeight*1000)), stem, fileKey, file)
	f.end()
	f.begin(descendant)
	f.printf("<< /Type /Font /Subtype /%s /BaseFont /%s /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >>%s\n/FontDescriptor %v /DW 1000 /W [0 [%s]] >>\n",
		kind, name, gid, descriptor, strings.TrimSpace(string(widths)))
	f.end()
	base := name
	if cff {
		base += "-Identity-H"
	}
	f.begin(u.ref)
	f.printf("<< /Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%v] /ToUnicode %v >>\n", base, descendant, unicode)
	f.end()
}

// subsetTag is six capital letters that depend on the subset's bytes alone.
func subsetTag(program []byte) string {
	h := sha256.Sum256(program)
	n := binary.BigEndian.Uint64(h[:])
	tag := make([]byte, 6)
	for i := range tag {
		tag[i] = 'A' + byte(n%26)
		n /= 26
	}
	return string(tag)
}

// toUnicode is the CMap from codes to characters, in blocks of a hundred as the format wants.
func toUnicode(cids []cid) []byte {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	codes := make([]int, 0, len(cids))
	for code, k := range cids {
		if k.text != "" {
			codes = append(codes, code)
		}
	}
	for block := range slices.Chunk(codes, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n", len(block))
		for _, code := range block {
			fmt.Fprintf(&b, "<%04X> <%s>\n", code, utf16Hex(cids[code].text))
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return []byte(b.String())
}
