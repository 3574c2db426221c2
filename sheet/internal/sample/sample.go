// Package sample is a document with one of everything that a sheet can hold, for
// the tests of what paints sheets.
package sample

import (
	"bytes"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"

	"ferric/sheet"
)

// Document is one page with one of everything.
func Document(fonts *sheet.Fonts) (*sheet.Document, error) {
	ink, paper, oxide := sheet.Hex(0x1C1A17), sheet.Hex(0xF3EDE2), sheet.Hex(0x9C3D17)
	p := &sheet.Page{Media: sheet.Rect{W: 160, H: 120}, Bleed: sheet.Rect{X: 5, Y: 5, W: 150, H: 110}, Trim: sheet.Rect{X: 8, Y: 8, W: 144, H: 104}}
	cover, err := photo()
	if err != nil {
		return nil, err
	}
	fade, err := glow()
	if err != nil {
		return nil, err
	}
	p.Add(sheet.Filled(sheet.RectPath(p.Bleed), paper).Named("ground"))
	p.Add(&sheet.Picture{Image: cover, Box: sheet.Rect{X: 10, Y: 10, W: 40, H: 40}})
	p.Add(&sheet.Picture{Image: cover, Box: sheet.Rect{X: 50, Y: 5, W: 50, H: 50}, Clip: &sheet.Rect{X: 55, Y: 10, W: 20, H: 40}})
	p.Add(&sheet.Picture{Image: fade, Box: sheet.Rect{X: 15, Y: 15, W: 60, H: 30}})
	p.Add(&sheet.Path{Segments: sheet.RectPath(sheet.Rect{X: 10, Y: 30, W: 40, H: 20}),
		Gradient: &sheet.Gradient{From: sheet.Point{Y: 30}, To: sheet.Point{Y: 50}, Stops: []sheet.Stop{{At: 0, Colour: ink.Alpha(0)}, {At: 1, Colour: ink}}}})
	p.Add(&sheet.Path{Segments: sheet.RoundRect(sheet.Rect{X: 80, Y: 10, W: 60, H: 8}, 2),
		Gradient: &sheet.Gradient{From: sheet.Point{X: 80}, To: sheet.Point{X: 140}, Stops: []sheet.Stop{{At: 0.1, Colour: oxide}, {At: 0.5, Colour: sheet.Hex(0xE0B04F)}, {At: 1, Colour: sheet.Hex(0x2B6440)}}}})
	p.Add(sheet.Stroked(sheet.Polyline(sheet.Point{X: 78, Y: 5}, sheet.Point{X: 78, Y: 115}), ink, 0.2, 2, 1).Named("fold"))
	p.Add(&sheet.Path{Segments: sheet.Circle(sheet.Point{X: 130, Y: 35}, 10), Fill: &sheet.Colour{R: 0.6, G: 0.2, B: 0.1, A: 0.5}, Stroke: &ink, Width: 0.5})
	p.Add(&sheet.Path{Segments: sheet.Ring(sheet.Point{X: 120, Y: 35}, 10, 4), Fill: &sheet.Colour{R: 0.1, G: 0.3, B: 0.6, A: 0.5}})
	line := func(s string, st sheet.Style, x, y sheet.MM) {
		p.Add(fonts.Line(s, st).At(sheet.Point{X: x, Y: y}, sheet.Left, 0, ink)...)
	}
	line("AVATAR To Wave Tokyo", sheet.Style{Role: sheet.Title, Size: 22}, 10, 62)
	line("Łódź Žižkov Ærø “fi fl ffi” – 1½", sheet.Style{Role: sheet.Body, Size: 11}, 10, 68)
	line("Съешь ещё этих мягких булок", sheet.Style{Role: sheet.BodyItalic, Size: 11}, 10, 74)
	line("Ξεσκεπάζω την ψυχοφθόρα", sheet.Style{Role: sheet.BodyBold, Size: 11}, 10, 80)
	line("夜明けのカセットテープ、東京。", sheet.Style{Role: sheet.Title, Size: 14}, 10, 87)
	line("Mixed 東京 and ★ ♪ → ☐ text", sheet.Style{Role: sheet.Body, Size: 10}, 10, 93)
	line("שלום עולם and مرحبا بالعالم 12", sheet.Style{Role: sheet.Body, Size: 11}, 10, 99)
	line("SIDE A  03:14  C-60", sheet.Style{Role: sheet.Mono, Size: 9}, 10, 104)
	line("TRACKED OUT", sheet.Style{Role: sheet.TitleLight, Size: 9, Tracking: 0.3}, 10, 109)
	p.Add(fonts.Line("FERRIC 001 · Spine", sheet.Style{Role: sheet.Title, Size: 12}).At(sheet.Point{X: 146, Y: 10}, sheet.Left, 90, oxide)...)
	p.Add(fonts.Line("tilted", sheet.Style{Role: sheet.Title, Size: 16}).At(sheet.Point{X: 105, Y: 54}, sheet.Left, -20, oxide.Alpha(0.6))...)
	text := "Recorded over two winters in a kitchen, with the window open. Everything was played once and kept. 東京の夜、静かな部屋で録音された音楽。"
	p.Add(fonts.Paragraph(text, sheet.Style{Role: sheet.Body, Size: 8}, 45, sheet.Justified, 0).At(sheet.Point{X: 84, Y: 58}, ink)...)
	b, _ := fonts.Fit("An Exceedingly Long Title That Will Not Fit Where It Is Wanted", sheet.Style{Role: sheet.Title, Size: 18}, sheet.Fitting{Width: 45, MaxLines: 2})
	p.Add(b.At(sheet.Point{X: 84, Y: 84}, ink)...)
	code, err := sheet.QR("https://example.org/claim/ABCD-EFGH-JKLM", sheet.Rect{X: 84, Y: 98, W: 14, H: 14}, false)
	if err != nil {
		return nil, err
	}
	p.Add(sheet.Filled(code, ink).Named("qr"))
	bars, err := fonts.Barcode("4006381333931", sheet.Point{X: 103, Y: 98}, 0.8, 8, ink)
	if err != nil {
		return nil, err
	}
	p.Add(bars...)
	star := &sheet.Group{Box: sheet.Rect{X: -5, Y: -5, W: 10, H: 10}, Items: []sheet.Item{sheet.Filled(sheet.Polygon(points(5)...), oxide.Alpha(0.8))}}
	for i := range 4 {
		p.Add(&sheet.Use{Group: star, At: sheet.ScaleBy(0.5, 0.5).Then(sheet.TurnBy(float64(15 * i))).Then(sheet.MoveBy(86+sheet.MM(i)*6, 26))})
	}
	p.Add(&sheet.Clip{Inside: sheet.Circle(sheet.Point{X: 93, Y: 40}, 7), Items: []sheet.Item{
		&sheet.Picture{Image: cover, Box: sheet.Rect{X: 84, Y: 31, W: 18, H: 18}}}})
	return &sheet.Document{Title: `Tape (one) \ «夜»`, Author: "A <b>&</b> C", Creator: "Ferric test", Pages: []*sheet.Page{p}}, nil
}

func points(n int) []sheet.Point {
	var out []sheet.Point
	for i := range 2 * n {
		r := 5.0
		if i%2 == 1 {
			r = 2
		}
		sin, cos := math.Sincos(math.Pi * float64(i) / float64(n))
		out = append(out, sheet.Point{X: sheet.MM(r * sin), Y: sheet.MM(-r * cos)})
	}
	return out
}

func photo() (*sheet.Image, error) {
	m := image.NewRGBA(image.Rect(0, 0, 300, 300))
	for y := range 300 {
		for x := range 300 {
			m.Set(x, y, color.RGBA{uint8(x * 255 / 299), uint8(y * 255 / 299), uint8(128 + 100*math.Sin(float64(x*y)/3000)), 255})
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, nil); err != nil {
		return nil, err
	}
	return sheet.NewImage(b.Bytes())
}

// glow is a PNG whose alpha grows from left to right.
func glow() (*sheet.Image, error) {
	m := image.NewNRGBA(image.Rect(0, 0, 120, 60))
	for y := range 60 {
		for x := range 120 {
			m.Set(x, y, color.NRGBA{255, 240, 120, uint8(200 * x / 119)})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		return nil, err
	}
	return sheet.NewImage(b.Bytes())
}
