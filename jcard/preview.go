package jcard

import (
	"fmt"
	"strings"
	"time"

	"ferric/sheet"
)

// Preview is a page to be looked at on a screen.
type Preview struct {
	Name string // a file name without ending: "jcard-outside"
	Page *sheet.Page
}

// Previews are the pages that show a pressing before it is printed: the card
// flat, on its stock and with its folds dashed; the card in its case; both
// sides of the cassette; and the first page or two of everything else. Pictures
// get passed around: claim codes are blotted out in them, and their QR codes say nothing.
func (s *Suite) Previews() ([]Preview, error) {
	s = s.blotted()
	out := []Preview{
		{"case", s.Case()},
		{"jcard-outside", s.flat(s.outside, s.Geometry.Folds(false), s.handNumber())},
		{"jcard-inside", s.flat(s.inside, s.Geometry.Folds(true), s.colophonStrip())},
		{"cassette-a", s.tapePage(0)},
		{"cassette-b", s.tapePage(1)},
	}
	documents := []struct {
		name  string
		pages int
		make  func() (*sheet.Document, error)
	}{
		{"jcards-numbered", 2, s.Numbered},
		{"shell-labels", 1, s.ShellLabels},
		{"insert", 1, func() (*sheet.Document, error) { return s.Insert(false) }},
		{"run-sheet", 3, func() (*sheet.Document, error) { return s.RunSheet(RunSheetOptions{}) }},
	}
	for _, d := range documents {
		doc, err := d.make()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", d.name, err)
		}
		n := 0
		for p, err := range doc.All() {
			if err != nil {
				return nil, fmt.Errorf("%s: %w", d.name, err)
			}
			n++
			name := d.name
			if d.pages > 1 {
				name = fmt.Sprintf("%s-%d", d.name, n)
			}
			out = append(out, Preview{name, p})
			if n == d.pages {
				break
			}
		}
	}
	return out, nil
}

// blotted is the suite with every character of its claim codes replaced.
func (s *Suite) blotted() *Suite {
	b := *s
	b.Edition.Claims = make([]Claim, len(s.Edition.Claims))
	for i, c := range s.Edition.Claims {
		b.Edition.Claims[i] = Claim{c.Label, strings.Map(func(r rune) rune {
			if r == '-' || r == ' ' {
				return r
			}
			return 'X'
		}, c.Code)}
	}
	return &b
}

// flat is one side of the card as it lies on a table: trimmed, on its stock, its folds dashed.
func (s *Suite) flat(g *sheet.Group, folds []MM, extra []sheet.Item) *sheet.Page {
	const margin = 6
	trim := s.Geometry.Trim()
	media := sheet.Rect{W: trim.W + 2*margin, H: trim.H + 2*margin}
	p := &sheet.Page{Media: media, Bleed: media, Trim: media}
	at := sheet.MoveBy(margin, margin)
	card := sheet.RectPath(sheet.Rect{X: margin, Y: margin, W: trim.W, H: trim.H})
	items := append([]sheet.Item{&sheet.Use{Group: g, At: at}}, moved(at, extra)...)
	p.Add(sheet.Filled(sheet.RectPath(media), mix(s.Palette.Paper, s.Palette.Line, 0.35)),
		sheet.Filled(card, s.Palette.Card),
		&sheet.Clip{Inside: card, Items: items})
	for _, x := range folds {
		f := stroke("fold", sheet.Point{X: margin + x, Y: margin - 3}, sheet.Point{X: margin + x, Y: margin + trim.H + 3}, s.Palette.Ink2.Alpha(0.55), 0.15)
		f.Dash = []MM{1, 1}
		p.Add(f)
	}
	return p
}

// tapePage is the cassette alone, at the start of a side.
func (s *Suite) tapePage(side int) *sheet.Page {
	const margin = 6
	media := sheet.Rect{W: shellW + 2*margin, H: shellH + 2*margin}
	p := &sheet.Page{Media: media, Bleed: media, Trim: media}
	p.Add(sheet.Filled(sheet.RectPath(media), s.Palette.Paper))
	p.Add(&sheet.Use{Group: s.Cassette(side, s.sampleNumber(), 4*time.Minute, s.shellColour()), At: sheet.MoveBy(margin, margin)})
	return p
}

func (s *Suite) sampleNumber() string {
	labels := s.Edition.Labels()
	if len(labels) == 0 {
		return ""
	}
	return labels[min(16, max(s.Edition.Run-1, 0))]
}

// shellColour suits the card: a warm dark shell.
func (s *Suite) shellColour() Shell {
	return Shell{Colour: mix(sheet.Hex(0x2B2825), s.Palette.Accent, 0.12)}
}

// Case is a picture of the card folded in its case, spine towards the viewer's
// left, with the cassette beside it: 240 by 150 mm, for a page or a report.
func (s *Suite) Case() *sheet.Page {
	media := sheet.Rect{W: 240, H: 150}
	p := &sheet.Page{Media: media, Bleed: media, Trim: media}
	p.Add(sheet.Filled(sheet.RectPath(media), s.Palette.Paper))

	// The front stands upright; the spine goes back into the picture on its
	// left, seen at a slant.
	front, spine := s.Geometry.Outside(Front), s.Geometry.Outside(Spine)
	const x, y, depth = 46.0, 24.0, 0.62
	const rise = 0.32 // how far the spine's far edge is lifted, of its width
	face := sheet.MoveBy(x-front.X, y-front.Y)
	side := sheet.MoveBy(-spine.X-spine.W, 0).Then(sheet.Matrix{A: depth, B: rise, C: 0, D: 1, E: x, F: y})
	s.shadow(p, sheet.Rect{X: x - 8, Y: y + front.H + 1, W: front.W + 14, H: 9})
	panel := func(r sheet.Rect, m sheet.Matrix) {
		corners := sheet.RectPath(r)
		g := &sheet.Group{Items: []sheet.Item{
			sheet.Filled(corners, s.Palette.Card),
			&sheet.Clip{Inside: corners, Items: []sheet.Item{&sheet.Use{Group: s.outside, At: sheet.Matrix{A: 1, D: 1}}}},
		}, Box: r}
		p.Add(&sheet.Use{Group: g, At: m})
	}
	panel(spine, side)
	panel(front, face)
	quad := sheet.Mapped(sheet.RectPath(spine), side)
	p.Add(sheet.Filled(quad, sheet.Hex(0).Alpha(0.14)))

	// The clear case around both: a rim, and a streak of light.
	const rim = 2.6
	ox, oy := MM(x), MM(y)
	white, ink := sheet.Hex(0xFFFFFF), s.Palette.Ink
	box := sheet.Rect{X: ox - 0.6, Y: oy - rim, W: front.W + rim + 0.6, H: front.H + 2*rim}
	back := spine.W*depth + 1.2
	lift := MM(-spine.W * rise)
	sideWall := sheet.Polygon(
		sheet.Point{X: box.X, Y: box.Y}, sheet.Point{X: box.X - back, Y: box.Y + lift},
		sheet.Point{X: box.X - back, Y: box.Y + box.H + lift}, sheet.Point{X: box.X, Y: box.Y + box.H})
	topWall := sheet.Polygon(
		sheet.Point{X: box.X, Y: box.Y}, sheet.Point{X: box.X + box.W, Y: box.Y},
		sheet.Point{X: box.X + box.W - back, Y: box.Y + lift}, sheet.Point{X: box.X - back, Y: box.Y + lift})
	p.Add(sheet.Filled(topWall, white.Alpha(0.35)), sheet.Stroked(topWall, ink.Alpha(0.35), 0.25))
	p.Add(sheet.Filled(sideWall, white.Alpha(0.10)), sheet.Stroked(sideWall, ink.Alpha(0.35), 0.25))
	p.Add(sheet.Filled(sheet.RoundRect(box, 0.8), white.Alpha(0.05)), sheet.Stroked(sheet.RoundRect(box, 0.8), ink.Alpha(0.45), 0.3))
	p.Add(sheet.Stroked(sheet.RoundRect(box.Inset(0.7), 0.5), white.Alpha(0.55), 0.25))
	streak := sheet.Polygon(
		sheet.Point{X: box.X + box.W*0.52, Y: box.Y}, sheet.Point{X: box.X + box.W*0.78, Y: box.Y},
		sheet.Point{X: box.X + box.W*0.36, Y: box.Y + box.H}, sheet.Point{X: box.X + box.W*0.10, Y: box.Y + box.H})
	p.Add(&sheet.Path{Segments: streak, Gradient: &sheet.Gradient{
		From: sheet.Point{X: box.X, Y: box.Y}, To: sheet.Point{X: box.X + box.W*0.3, Y: box.Y + box.H},
		Stops: []sheet.Stop{{At: 0, Colour: white.Alpha(0.16)}, {At: 1, Colour: white.Alpha(0)}},
	}})

	const tapeX, tapeY = 126.0, 58.0
	s.shadow(p, sheet.Rect{X: tapeX + 2, Y: tapeY + shellH - 1, W: shellW - 4, H: 7})
	p.Add(&sheet.Use{Group: s.Cassette(0, s.sampleNumber(), 4*time.Minute, s.shellColour()), At: sheet.MoveBy(tapeX, tapeY)})
	return p
}

// shadow is a soft ellipse on the table.
func (s *Suite) shadow(p *sheet.Page, r sheet.Rect) {
	c := sheet.Point{X: r.X + r.W/2, Y: r.Y + r.H/2}
	const steps = 24
	for i := range steps {
		k := 1 - MM(i)/steps
		p.Add(sheet.Filled(sheet.Ellipse(c, r.W/2*(0.55+0.45*k), r.H/2*k), s.Palette.Ink.Alpha(0.011)))
	}
}
