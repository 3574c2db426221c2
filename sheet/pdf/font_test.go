package pdf

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/cff"
	"github.com/go-text/typesetting/font/opentype/tables"

	"ferric/sheet"
)

func glyphsOf(face *sheet.Face, fonts *sheet.Fonts, role sheet.Role, s string) []uint16 {
	out := []uint16{0}
	for _, p := range fonts.Line(s, sheet.Style{Role: role, Size: 10}).Pieces {
		if p.Face == face {
			for _, g := range p.Run.Glyphs {
				out = append(out, g.ID)
			}
		}
	}
	return out
}

// The subset, given back the tables that a PDF does not need, has the very
// outlines and widths of the whole font.
func TestSubsetTrueType(t *testing.T) {
	fonts := sheet.NewFonts()
	for _, role := range []sheet.Role{sheet.Body, sheet.Title, sheet.BodyItalic, sheet.Mono} {
		face := fonts.Face(role)
		glyphs := glyphsOf(face, fonts, role, "AÅÄ¾ fi é ŵ Ђ Ώ 01 AA")
		small := &sheet.Face{Name: face.Name, Data: subsetTrueType(face, glyphs)}
		if len(small.Data) > 30_000 {
			t.Errorf("%v: a subset of %d bytes", role, len(small.Data))
		}
		if got := checksum(small.Data); got != 0xB1B0AFBA {
			t.Errorf("%v: the sum of the file is %08X", role, got)
		}
		var kept []table
		for _, tag := range []string{"cmap", "cvt ", "fpgm", "glyf", "head", "hhea", "hmtx", "loca", "maxp", "name", "post", "prep"} {
			data := small.Table(tag)
			if tag == "cmap" || tag == "name" || tag == "post" {
				data = face.Table(tag)
			}
			kept = append(kept, table{tag, data})
		}
		parsed, err := font.ParseTTF(bytes.NewReader(assemble(kept)))
		if err != nil {
			t.Fatal(err)
		}
		whole, err := font.ParseTTF(bytes.NewReader(face.Data))
		if err != nil {
			t.Fatal(err)
		}
		for i, g := range glyphs {
			a, _ := parsed.GlyphDataOutline(font.GID(i))
			b, _ := whole.GlyphDataOutline(font.GID(g))
			if !reflect.DeepEqual(a, b) {
				t.Errorf("%v: glyph %d is not glyph %d of the whole font", role, i, g)
			}
			if a, b := parsed.HorizontalAdvance(font.GID(i)), whole.HorizontalAdvance(font.GID(g)); a != b {
				t.Errorf("%v: glyph %d is %v wide, not %v", role, i, a, b)
			}
		}
	}
}

func TestSubsetCFF(t *testing.T) {
	fonts := sheet.NewFonts()
	face := fonts.Line("東", sheet.Style{}).Pieces[0].Face
	glyphs := glyphsOf(face, fonts, sheet.Body, "夜明けのカセットテープ、東京。鬱")
	data := subsetCFF(face, glyphs)
	if len(data) > 6000 {
		t.Errorf("a subset of %d bytes", len(data))
	}
	parsed, err := cff.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	whole, err := font.ParseTTF(bytes.NewReader(face.Data))
	if err != nil {
		t.Fatal(err)
	}
	if len(parsed.Charstrings) != len(glyphs) {
		t.Fatalf("%d glyphs, want %d", len(parsed.Charstrings), len(glyphs))
	}
	for i, g := range glyphs {
		a, _, err := parsed.LoadGlyph(tables.GlyphID(i))
		if err != nil {
			t.Fatal(err)
		}
		b, _ := whole.GlyphDataOutline(font.GID(g))
		if !reflect.DeepEqual(a, b.Segments) {
			t.Errorf("glyph %d is not glyph %d of the whole font:\n%v\n%v", i, g, a, b.Segments)
		}
	}
}

func TestCharstringNumbers(t *testing.T) {
	for v, want := range map[int][]byte{0: {139}, 107: {246}, -107: {32}, 108: {247, 0}, 1131: {250, 255}, -108: {251, 0}, -1131: {254, 255}, 1132: {28, 4, 108}, -32768: {28, 128, 0}} {
		if got := number(nil, v); !bytes.Equal(got, want) {
			t.Errorf("%d: % d, want % d", v, got, want)
		}
	}
}

// A glyph that stands for different characters has a code for each.
func TestCodes(t *testing.T) {
	u := &fontInUse{face: nil, codes: map[cid]int{}, cids: []cid{{0, "\uFFFD"}}}
	if a, b, c := u.code(5, "a"), u.code(5, "b"), u.code(5, "a"); a != 1 || b != 2 || c != 1 {
		t.Errorf("codes %d %d %d", a, b, c)
	}
}
