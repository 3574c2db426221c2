package pdf

import (
	"bytes"
	"fmt"
	"io"
	"testing"

	"ferric/sheet"
	"ferric/sheet/internal/sample"
)

// BenchmarkCold is what a new process pays for one card: faces parsed, text
// set, subsets made, file written. The goal is 150 ms with the start of the
// process.
func BenchmarkCold(b *testing.B) {
	for b.Loop() {
		doc, err := sample.Document(sheet.NewFonts())
		if err != nil {
			b.Fatal(err)
		}
		if err := Write(io.Discard, doc); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkWarm is the same with the faces parsed.
func BenchmarkWarm(b *testing.B) {
	fonts := sheet.NewFonts()
	for b.Loop() {
		doc, err := sample.Document(fonts)
		if err != nil {
			b.Fatal(err)
		}
		if err := Write(io.Discard, doc); err != nil {
			b.Fatal(err)
		}
	}
}

// numbered is n cards that share their art, each with its number, code and QR.
func numbered(fonts *sheet.Fonts, n int) (*sheet.Document, error) {
	one, err := sample.Document(fonts)
	if err != nil {
		return nil, err
	}
	page := one.Pages[0]
	art := &sheet.Group{Items: page.Items, Box: page.Media}
	doc := &sheet.Document{Title: "Numbered"}
	ink := sheet.Hex(0)
	for i := range n {
		p := &sheet.Page{Media: page.Media, Bleed: page.Bleed, Trim: page.Trim}
		code := fmt.Sprintf("FERR-%04d-ABCD-%04X-WXYZ", i, i*7919%65536)
		qr, err := sheet.QR("https://example.org/claim/"+code, sheet.Rect{X: 140, Y: 100, W: 12, H: 12}, false)
		if err != nil {
			return nil, err
		}
		p.Add(&sheet.Use{Group: art, At: sheet.MoveBy(0, 0)}, sheet.Filled(qr, ink))
		p.Add(fonts.Line(fmt.Sprintf("%d/%d", i+1, n), sheet.Style{Role: sheet.MonoBold, Size: 9}).At(sheet.Point{X: 120, Y: 110}, sheet.Left, 0, ink)...)
		p.Add(fonts.Line(code, sheet.Style{Role: sheet.Mono, Size: 7}).At(sheet.Point{X: 100, Y: 113}, sheet.Left, 0, ink)...)
		doc.Pages = append(doc.Pages, p)
	}
	return doc, nil
}

// BenchmarkNumbered500 is 500 numbered cards from cold. The goal is 3 s.
func BenchmarkNumbered500(b *testing.B) {
	var out bytes.Buffer
	for b.Loop() {
		doc, err := numbered(sheet.NewFonts(), 500)
		if err != nil {
			b.Fatal(err)
		}
		out.Reset()
		if err := Write(&out, doc); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(out.Len())/1024, "KiB")
}
