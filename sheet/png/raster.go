package png

import (
	"image"
	"image/draw"
	"math"

	"golang.org/x/image/vector"

	"ferric/sheet"
)

// raster turns outlines in pixels into coverage.
type raster struct {
	v    vector.Rasterizer
	mask image.Alpha
}

// tolerance is how far steps may be from a curve, in pixels.
const tolerance = 0.05

// coverage is how much of each pixel an outline covers, over the pixels of
// visible that it may touch. The mask is used again by the next call.
func (r *raster) coverage(outline []sheet.Segment, visible image.Rectangle) (*image.Alpha, error) {
	box, err := pixelBounds(outline, visible)
	if err != nil {
		return nil, err
	}
	w, h := box.Dx(), box.Dy()
	if n := w * h; cap(r.mask.Pix) < n {
		r.mask.Pix = make([]uint8, n)
	} else {
		r.mask.Pix = r.mask.Pix[:n]
		clear(r.mask.Pix)
	}
	r.mask.Stride, r.mask.Rect = w, box
	if w == 0 || h == 0 {
		return &r.mask, nil
	}
	r.v.Reset(w, h)
	r.v.DrawOp = draw.Src
	at := func(p vec) (float32, float32) {
		return float32(p.x - float64(box.Min.X)), float32(p.y - float64(box.Min.Y))
	}
	var here, start vec
	to := func(p vec) {
		here = p
		r.v.LineTo(at(p))
	}
	for _, s := range outline {
		switch s.Op {
		case sheet.Move:
			r.v.ClosePath()
			here = toVec(s.P[0])
			start = here
			r.v.MoveTo(at(here))
		case sheet.Line:
			to(toVec(s.P[0]))
		case sheet.Curve:
			curve(here, s, tolerance, to) // the rasteriser's own curves are coarser
		case sheet.Close:
			r.v.ClosePath()
			here = start
		}
	}
	r.v.ClosePath()
	r.v.Draw(&r.mask, box, image.Opaque, image.Point{})
	return &r.mask, nil
}

// pixelBounds holds the pixels that an outline's points span, within visible.
func pixelBounds(outline []sheet.Segment, visible image.Rectangle) (image.Rectangle, error) {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, s := range outline {
		n := 1
		switch s.Op {
		case sheet.Curve:
			n = 3
		case sheet.Close:
			n = 0
		}
		for _, p := range s.P[:n] {
			x, y := float64(p.X), float64(p.Y)
			if math.IsNaN(x) || math.IsNaN(y) || math.Abs(x) > 1e8 || math.Abs(y) > 1e8 {
				return image.Rectangle{}, errNumber
			}
			x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
		}
	}
	if x0 > x1 {
		return image.Rectangle{}, nil
	}
	box := image.Rect(int(math.Floor(x0)), int(math.Floor(y0)), int(math.Ceil(x1)), int(math.Ceil(y1))).Intersect(visible)
	if box.Empty() {
		return image.Rectangle{}, nil
	}
	return box, nil
}
