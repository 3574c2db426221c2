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
	if err != nil || box.Empty() {
		return err
	}
	// Painted on its own first, then through coverage, so that its edges are as
	// soft as those of a shape and a clip holds.
	own := image.NewRGBA(box)
	filter := draw.Interpolator(draw.CatmullRom)
	if shrink := math.Sqrt(math.Abs(m.A*m.D - m.B*m.C)); shrink < 1 {
		filter = draw.BiLinear // over a kernel as wide as the source pixels that fall on one: an average
	}
	filter.Transform(own, f64.Aff3{m.A, m.C, m.E, m.B, m.D, m.F}, decoded, b, draw.Src, nil)
	return c.fill(sheet.Mapped(sheet.RectPath(sheet.Rect{W: 1, H: 1}), unit), s, own)
}
