package png

import (
	"image"
	stddraw "image/draw"
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
	// unit maps the unit square to where the picture goes, in pixels.
	unit := p.Image.Unit().Then(sheet.Matrix{A: float64(p.Box.W), D: float64(p.Box.H), E: float64(p.Box.X), F: float64(p.Box.Y)}).Then(s.m)
	square := sheet.Mapped(sheet.RectPath(sheet.Rect{W: 1, H: 1}), unit)
	box, err := pixelBounds(square, s.visible)
	if err != nil || box.Empty() || unit.A*unit.D == unit.B*unit.C {
		return err
	}
	w, h := math.Hypot(unit.A, unit.B), math.Hypot(unit.C, unit.D)
	source := shrunk(decoded, int(float64(decoded.Bounds().Dx())/w), int(float64(decoded.Bounds().Dy())/h))
	b := source.Bounds()
	// Painted on its own first, then through coverage, so that its edges are as
	// soft as those of a shape and a clip holds. On its own it is a pixel larger,
	// since the filter leaves out pixels whose middle is outside.
	k := sheet.Matrix{A: (w + 1) / w, D: (h + 1) / h}
	k.E, k.F = (1-k.A)/2, (1-k.D)/2
	m := sheet.MoveBy(sheet.MM(-b.Min.X), sheet.MM(-b.Min.Y)).Then(sheet.ScaleBy(1/float64(b.Dx()), 1/float64(b.Dy()))).Then(k).Then(unit)
	own := image.NewRGBA(box)
	filter := draw.CatmullRom
	if float64(b.Dx()) > w {
		filter = draw.BiLinear // over a kernel as wide as the source pixels that fall on one
	}
	filter.Transform(own, f64.Aff3{m.A, m.C, m.E, m.B, m.D, m.F}, source, b, draw.Src, nil)
	return c.fill(square, s, own)
}

// shrunk is an image whose pixels are the means of kx by ky pixels of another:
// the whole steps of a reduction, quicker than a filter of any width. The last
// row and column of blocks may be cut off by less than a block.
func shrunk(from image.Image, kx, ky int) image.Image {
	b := from.Bounds()
	if kx, ky = max(kx, 1), max(ky, 1); kx == 1 && ky == 1 {
		return from
	}
	w, h := b.Dx()/kx, b.Dy()/ky
	if w == 0 || h == 0 {
		return from
	}
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	row := image.NewRGBA(image.Rect(0, 0, b.Dx(), 1))
	sums := make([]uint64, 4*w)
	for y := range h {
		clear(sums)
		for dy := range ky {
			stddraw.Draw(row, row.Rect, from, image.Pt(b.Min.X, b.Min.Y+y*ky+dy), stddraw.Src)
			for x := range w {
				block := row.Pix[4*x*kx : 4*(x+1)*kx]
				var r, g, b, a uint64
				for i := 0; i+4 <= len(block); i += 4 {
					r, g, b, a = r+uint64(block[i]), g+uint64(block[i+1]), b+uint64(block[i+2]), a+uint64(block[i+3])
				}
				s := sums[4*x : 4*x+4 : 4*x+4]
				s[0], s[1], s[2], s[3] = s[0]+r, s[1]+g, s[2]+b, s[3]+a
			}
		}
		n := uint64(kx * ky)
		for i, s := range sums {
			out.Pix[y*out.Stride+i] = uint8((s + n/2) / n)
		}
	}
	return out
}
