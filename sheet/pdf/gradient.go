package pdf

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ferric/sheet"
)

var errStops = errors.New("a gradient needs two stops or more that rise from 0 to 1")

// gradient paints an axial shading inside the path; opacity that changes along
// it is a second shading, of greys, as a soft mask.
func (c *content) gradient(p *sheet.Path) error {
	g := p.Gradient
	if len(g.Stops) < 2 {
		return errStops
	}
	for i, s := range g.Stops {
		if !(s.At >= 0 && s.At <= 1) || i > 0 && s.At < g.Stops[i-1].At {
			return errStops
		}
	}
	opaque := true
	for _, s := range g.Stops {
		opaque = opaque && s.Colour.A >= 1
	}
	shade := c.f.shading(g, "/DeviceRGB", func(k sheet.Colour) string { return numbers(clamp(k.R), clamp(k.G), clamp(k.B)) })
	name := "S" + strconv.Itoa(int(shade))
	c.shades[name] = shade
	c.save()
	c.outline(p.Segments)
	c.op("W")
	c.op("n")
	c.setAlpha(1, 1)
	if !opaque {
		c.translucent = true
		mask := c.f.mask(g, p)
		c.masks["M"+strconv.Itoa(int(mask))] = mask
		c.op("/M" + strconv.Itoa(int(mask)) + " gs")
	}
	c.op("/" + name + " sh")
	c.restore()
	return nil
}

// shading writes an axial shading from one point to the other, once for equal ones.
func (f *file) shading(g *sheet.Gradient, space string, value func(sheet.Colour) string) ref {
	var parts, bounds, encode []string
	piece := func(a, b sheet.Stop) {
		parts = append(parts, fmt.Sprintf("<< /FunctionType 2 /Domain [0 1] /C0 [%s] /C1 [%s] /N 1 >>", value(a.Colour), value(b.Colour)))
		encode = append(encode, "0 1")
	}
	stops := g.Stops
	if first := stops[0]; first.At > 0 {
		stops = append([]sheet.Stop{{At: 0, Colour: first.Colour}}, stops...)
	}
	if last := stops[len(stops)-1]; last.At < 1 {
		stops = append(stops[:len(stops):len(stops)], sheet.Stop{At: 1, Colour: last.Colour})
	}
	for i := 1; i < len(stops); i++ {
		piece(stops[i-1], stops[i])
		if i < len(stops)-1 {
			bounds = append(bounds, numbers(stops[i].At))
		}
	}
	function := parts[0]
	if len(parts) > 1 {
		function = fmt.Sprintf("<< /FunctionType 3 /Domain [0 1] /Functions [%s] /Bounds [%s] /Encode [%s] >>",
			strings.Join(parts, " "), strings.Join(bounds, " "), strings.Join(encode, " "))
	}
	dict := fmt.Sprintf("<< /ShadingType 2 /ColorSpace %s /Coords [%s] /Extend [true true]\n/Function %s >>\n", space,
		numbers(float64(g.From.X), float64(g.From.Y), float64(g.To.X), float64(g.To.Y)), function)
	if r, ok := f.shadings[dict]; ok {
		return r
	}
	r := f.alloc()
	f.begin(r)
	f.printf("%s", dict)
	f.end()
	f.shadings[dict] = r
	return r
}

// mask writes the graphics state whose soft mask is the gradient's opacity over the path.
func (f *file) mask(g *sheet.Gradient, p *sheet.Path) ref {
	shade := f.shading(g, "/DeviceGray", func(k sheet.Colour) string { return numbers(clamp(k.A)) })
	b := sheet.Bounds(p.Segments)
	key := fmt.Sprintf("mask %v %v", shade, b)
	if r, ok := f.shadings[key]; ok {
		return r
	}
	form := f.stream(fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [%s] /Group << /Type /Group /S /Transparency /CS /DeviceGray >>\n/Resources << /Shading << /S %v >> >>",
		numbers(float64(b.X), float64(b.Y), float64(b.X+b.W), float64(b.Y+b.H)), shade), []byte("/S sh\n"))
	r := f.alloc()
	f.begin(r)
	f.printf("<< /SMask << /Type /Mask /S /Luminosity /G %v >> >>\n", form)
	f.end()
	f.shadings[key] = r
	return r
}
