package png

import (
	"image"
	"image/color"
	"math"

	"ferric/sheet"
)

// ramp is a linear gradient as an image without bounds, in pixels.
type ramp struct {
	from   sheet.Point
	dx, dy float64 // along which t grows by 1 from its start to its end, over length squared
	table  [1024]color.RGBA64
}

// newRamp maps a gradient to pixels. Under a matrix that shears, lines of equal
// colour are kept square to the axis, which a preview may.
func newRamp(g *sheet.Gradient, m sheet.Matrix) *ramp {
	a, b := m.Apply(g.From), m.Apply(g.To)
	r := &ramp{from: a}
	x, y := float64(b.X-a.X), float64(b.Y-a.Y)
	if l := x*x + y*y; l > 0 {
		r.dx, r.dy = x/l, y/l
	}
	for i := range r.table {
		r.table[i] = colourAt(g.Stops, float64(i)/float64(len(r.table)-1))
	}
	return r
}

func colourAt(stops []sheet.Stop, t float64) color.RGBA64 {
	k := stops[0].Colour
	for i := 1; i < len(stops); i++ {
		a, b := stops[i-1], stops[i]
		if t < a.At {
			break
		}
		u := 1.0
		if t < b.At {
			u = (t - a.At) / (b.At - a.At)
		}
		mix := func(x, y float64) float64 { return x + (y-x)*u }
		k = sheet.Colour{R: mix(a.Colour.R, b.Colour.R), G: mix(a.Colour.G, b.Colour.G), B: mix(a.Colour.B, b.Colour.B), A: mix(a.Colour.A, b.Colour.A)}
	}
	v := func(x float64) uint16 { return uint16(math.Round(min(max(x, 0), 1) * min(max(k.A, 0), 1) * 65535)) }
	return color.RGBA64{v(k.R), v(k.G), v(k.B), v(1)}
}

func (r *ramp) ColorModel() color.Model { return color.RGBA64Model }

// Bounds is all that an image can be.
func (r *ramp) Bounds() image.Rectangle { return image.Rect(-1e9, -1e9, 1e9, 1e9) }

// At is the colour at the middle of a pixel.
func (r *ramp) At(x, y int) color.Color { return r.RGBA64At(x, y) }

// RGBA64At is At without an allocation.
func (r *ramp) RGBA64At(x, y int) color.RGBA64 {
	t := (float64(x)+0.5-float64(r.from.X))*r.dx + (float64(y)+0.5-float64(r.from.Y))*r.dy
	return r.table[int(math.Round(min(max(t, 0), 1)*float64(len(r.table)-1)))]
}
