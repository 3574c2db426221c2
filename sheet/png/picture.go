package png

import (
	"image"
	"math"

	"golang.org/x/image/draw"
	"golang.org/x/image/math/f64"

	"ferric/sheet"
)

// picture paints an image, averaging pixels where it shrinks and interpolating
// where it grows.
func (c *canvas) picture(p *sheet.Picture, s state) error {
	decoded, ok := c.pictures[p.Image]
	if !ok {
		var err error
		if decoded, err = p.Image.Decode(); err != nil {
			return err
		}
		c.pictures[p.Image] = decoded
	}
	if p.Clip != nil {
		var err error
		if s, err = c.clipped(sheet.RectPath(*p.Clip), s); err != nil || s.visible.Empty() {
			return err
		}
	}
	b := decoded.Bounds()
	unit := p.Image.Unit().Then(sheet.Matrix{A: float64(p.Box.W), D: float64(p.Box.H), E: float64(p.Box.X), F: float64(p.Box.Y)}).Then(s.m)
	m := sheet.MoveBy(sheet.MM(-b.Min.X), sheet.MM(-b.Min.Y)).Then(sheet.ScaleBy(1/float64(b.Dx()), 1/float64(b.Dy()))).Then(unit)
	box, err := pixelBounds(sheet.Mapped(sheet.RectPath(sheet.Rect{W: 1, H: 1}), unit), s.visible)
	if err != nil || box.Empty() || m.A*m.D == m.B*m.C {
		return err
	}
	// Painted on its own first, then through coverage, so that its edges are as
	// soft as those of a shape and a clip holds. On its own it is a pixel larger,
	// since the filter leaves out pixels whose middle is outside.
	m = m.Then(grown(unit))
	own := image.NewRGBA(box)
	filter := draw.Interpolator(draw.CatmullRom)
	if shrink := math.Sqrt(math.Abs(m.A*m.D - m.B*m.C)); shrink < 1 {
		filter = draw.BiLinear // over a kernel as wide as the source pixels that fall on one: an average
	}
	filter.Transform(own, f64.Aff3{m.A, m.C, m.E, m.B, m.D, m.F}, decoded, b, draw.Src, nil)
	return c.fill(sheet.Mapped(sheet.RectPath(sheet.Rect{W: 1, H: 1}), unit), s, own)
}

// grown stretches what fills the unit square under m by half a pixel on each side.
func grown(unit sheet.Matrix) sheet.Matrix {
	w, h := math.Hypot(unit.A, unit.B), math.Hypot(unit.C, unit.D)
	k := sheet.Matrix{A: (w + 1) / w, D: (h + 1) / h}
	k.E, k.F = (1-k.A)/2, (1-k.D)/2
	return inverse(unit).Then(k).Then(unit)
}

func inverse(m sheet.Matrix) sheet.Matrix {
	det := m.A*m.D - m.B*m.C
	return sheet.Matrix{A: m.D / det, B: -m.B / det, C: -m.C / det, D: m.A / det, E: (m.C*m.F - m.D*m.E) / det, F: (m.B*m.E - m.A*m.F) / det}
}
