package pdf

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"ferric/sheet"
)

var (
	errNumber = errors.New("a measure is not a finite number")
	errDepth  = errors.New("groups are nested too deeply, or in a circle")
)

// maxDepth bounds groups in groups and clips in clips.
const maxDepth = 32

// content is a content stream being written: of a page, or of a form. Lengths
// in it are millimetres with y down, as on the sheet.
type content struct {
	f     *file
	b     []byte
	depth int
	err   error

	state                                // what the reader has in force
	stack                        []state // at each q
	translucent                  bool
	fonts, images, shades, masks map[string]ref    // by resource name
	alphas                       map[string]string // by resource name, the dictionary
}

// state is what painting operators depend on; "" is not known.
type state struct{ fill, stroke, width, dash, alpha, render string }

func newContent(f *file) *content {
	return &content{f: f, fonts: map[string]ref{}, images: map[string]ref{}, shades: map[string]ref{}, masks: map[string]ref{}, alphas: map[string]string{}}
}

func (c *content) bytes() []byte { return c.b }

// op writes an operator with its numbers.
func (c *content) op(name string, args ...float64) {
	decimals := 4
	if name == "cm" || name == "Tm" {
		decimals = 7
	}
	for _, x := range args {
		if math.IsNaN(x) || math.Abs(x) > 1e6 {
			c.err = errNumber
		}
		c.b = append(appendNumber(c.b, x, decimals), ' ')
	}
	c.b = append(append(c.b, name...), '\n')
}

func (c *content) save() {
	c.op("q")
	c.stack = append(c.stack, c.state)
}

func (c *content) restore() {
	c.op("Q")
	c.state, c.stack = c.stack[len(c.stack)-1], c.stack[:len(c.stack)-1]
}

// set writes an operator if what it sets is not in force already.
func (c *content) set(now *string, want string) {
	if *now != want {
		c.b = append(append(c.b, want...), '\n')
		*now = want
	}
}

// paint writes items in order.
func (c *content) paint(items []sheet.Item) error {
	if c.depth++; c.depth > maxDepth {
		return errDepth
	}
	defer func() { c.depth-- }()
	for _, it := range items {
		var err error
		switch it := it.(type) {
		case *sheet.Path:
			err = c.path(it)
		case *sheet.Text:
			c.text(it)
		case *sheet.Picture:
			err = c.picture(it)
		case *sheet.Clip:
			c.save()
			c.outline(it.Inside)
			c.op("W")
			c.op("n")
			err = c.paint(it.Items)
			c.restore()
		case *sheet.Use:
			err = c.use(it)
		}
		if err == nil {
			err = c.err
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *content) outline(segments []sheet.Segment) {
	for i := 0; i < len(segments); i++ {
		if r, ok := rectangle(segments[i:]); ok {
			c.op("re", float64(r.X), float64(r.Y), float64(r.W), float64(r.H))
			i += 4
			continue
		}
		switch s := segments[i]; s.Op {
		case sheet.Move:
			c.op("m", float64(s.P[0].X), float64(s.P[0].Y))
		case sheet.Line:
			c.op("l", float64(s.P[0].X), float64(s.P[0].Y))
		case sheet.Curve:
			c.op("c", float64(s.P[0].X), float64(s.P[0].Y), float64(s.P[1].X), float64(s.P[1].Y), float64(s.P[2].X), float64(s.P[2].Y))
		case sheet.Close:
			c.op("h")
		}
	}
}

// rectangle says whether an outline begins with an upright rectangle: most do,
// those of a QR code all, and one operator says it.
func rectangle(s []sheet.Segment) (r sheet.Rect, ok bool) {
	if len(s) < 5 || s[0].Op != sheet.Move || s[1].Op != sheet.Line || s[2].Op != sheet.Line || s[3].Op != sheet.Line || s[4].Op != sheet.Close {
		return r, false
	}
	a, b, c, d := s[0].P[0], s[1].P[0], s[2].P[0], s[3].P[0]
	return sheet.Rect{X: a.X, Y: a.Y, W: c.X - a.X, H: c.Y - a.Y}, a.Y == b.Y && b.X == c.X && c.Y == d.Y && d.X == a.X
}

func (c *content) path(p *sheet.Path) error {
	if len(p.Segments) == 0 {
		return nil
	}
	if p.Gradient != nil {
		if err := c.gradient(p); err != nil {
			return err
		}
	}
	fill, stroke := p.Fill != nil && p.Gradient == nil, p.Stroke != nil
	if !fill && !stroke {
		return nil
	}
	fillAlpha, strokeAlpha := 1.0, 1.0
	if fill {
		c.set(&c.fill, colour(*p.Fill, "g", "rg"))
		fillAlpha = p.Fill.A
	}
	if stroke {
		c.set(&c.stroke, colour(*p.Stroke, "G", "RG"))
		c.set(&c.width, numbers(float64(p.Width))+" w")
		dash := make([]float64, len(p.Dash))
		for i, d := range p.Dash {
			dash[i] = float64(d)
		}
		c.set(&c.dash, "["+numbers(dash...)+"] 0 d")
		strokeAlpha = p.Stroke.A
	}
	c.setAlpha(fillAlpha, strokeAlpha)
	c.outline(p.Segments)
	switch {
	case fill && stroke:
		c.op("B")
	case fill:
		c.op("f")
	default:
		c.op("S")
	}
	return nil
}

// setAlpha names the opacity of fills and strokes.
func (c *content) setAlpha(fill, stroke float64) {
	f, s := int(math.Round(clamp(fill)*1000)), int(math.Round(clamp(stroke)*1000))
	name := fmt.Sprintf("A%d_%d", f, s)
	if f == s {
		name = fmt.Sprintf("A%d", f)
	}
	c.alphas[name] = fmt.Sprintf("<< /ca %s /CA %s >>", numbers(float64(f)/1000), numbers(float64(s)/1000))
	c.translucent = c.translucent || f < 1000 || s < 1000
	c.set(&c.alpha, "/"+name+" gs")
}

// colour writes grey as grey: black type then prints with black ink alone.
func colour(k sheet.Colour, grey, rgb string) string {
	if k.R == k.G && k.G == k.B {
		return numbers(clamp(k.R)) + " " + grey
	}
	return numbers(clamp(k.R), clamp(k.G), clamp(k.B)) + " " + rgb
}

func clamp(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}

func (c *content) picture(p *sheet.Picture) error {
	r, err := c.f.image(p.Image)
	if err != nil {
		return err
	}
	name := "I" + strconv.Itoa(int(r))
	c.images[name] = r
	c.save()
	if p.Clip != nil {
		c.op("re", float64(p.Clip.X), float64(p.Clip.Y), float64(p.Clip.W), float64(p.Clip.H))
		c.op("W")
		c.op("n")
	}
	c.setAlpha(1, 1)
	// An image fills the unit square with its first row at y = 1.
	m := sheet.Matrix{A: 1, D: -1, F: 1}.Then(p.Image.Unit()).Then(sheet.Matrix{A: float64(p.Box.W), D: float64(p.Box.H), E: float64(p.Box.X), F: float64(p.Box.Y)})
	c.op("cm", m.A, m.B, m.C, m.D, m.E, m.F)
	c.op("/" + name + " Do")
	c.restore()
	return nil
}

// form is a group as it is stored.
type form struct {
	ref         ref
	translucent bool
	open        bool // being written: using it now would be a circle
}

func (c *content) use(u *sheet.Use) error {
	form, err := c.f.group(u.Group, c.depth)
	if err != nil {
		return err
	}
	name := "X" + strconv.Itoa(int(form.ref))
	c.images[name] = form.ref
	c.translucent = c.translucent || form.translucent
	c.save()
	c.op("cm", u.At.A, u.At.B, u.At.C, u.At.D, u.At.E, u.At.F)
	c.op("/" + name + " Do")
	c.restore()
	return nil
}

// group stores a group as a form, once.
func (f *file) group(g *sheet.Group, depth int) (*form, error) {
	if known := f.groups[g]; known != nil {
		if known.open {
			return nil, errDepth
		}
		return known, nil
	}
	out := &form{ref: f.alloc(), open: true}
	f.groups[g] = out
	c := newContent(f)
	c.depth = depth
	if err := c.paint(g.Items); err != nil {
		return nil, err
	}
	out.open, out.translucent = false, c.translucent
	f.streamAs(out.ref, fmt.Sprintf("/Type /XObject /Subtype /Form /BBox [%s]\n/Resources %s",
		numbers(float64(g.Box.X), float64(g.Box.Y), float64(g.Box.X+g.Box.W), float64(g.Box.Y+g.Box.H)), c.resources()), c.bytes())
	return out, nil
}

// resources is the dictionary of what the stream names, in order of name.
func (c *content) resources() string {
	var b strings.Builder
	b.WriteString("<<")
	kind := func(title string, m map[string]string) {
		if len(m) == 0 {
			return
		}
		fmt.Fprintf(&b, " /%s <<", title)
		for _, name := range sorted(m) {
			fmt.Fprintf(&b, " /%s %s", name, m[name])
		}
		b.WriteString(" >>")
	}
	refs := func(m map[string]ref) map[string]string {
		out := map[string]string{}
		for name, r := range m {
			out[name] = r.String()
		}
		return out
	}
	states := refs(c.masks)
	for name, dict := range c.alphas {
		states[name] = dict
	}
	kind("Font", refs(c.fonts))
	kind("XObject", refs(c.images))
	kind("Shading", refs(c.shades))
	kind("ExtGState", states)
	b.WriteString(" >>")
	return b.String()
}

func sorted(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
