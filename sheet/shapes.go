package sheet

// kappa is the control arm of the cubic Bézier nearest to a quarter circle of radius 1.
const kappa = 0.5522847498307936

// RectPath is the outline of a rectangle.
func RectPath(r Rect) []Segment {
	return Polygon(Point{r.X, r.Y}, Point{r.X + r.W, r.Y}, Point{r.X + r.W, r.Y + r.H}, Point{r.X, r.Y + r.H})
}

// RoundRect is the outline of a rectangle with corners of radius; a radius too large is made to fit.
func RoundRect(r Rect, radius MM) []Segment {
	radius = min(radius, r.W/2, r.H/2)
	if radius <= 0 {
		return RectPath(r)
	}
	k := radius * (1 - kappa)
	x0, y0, x1, y1 := r.X, r.Y, r.X+r.W, r.Y+r.H
	return []Segment{
		{Op: Move, P: [3]Point{{x0 + radius, y0}}},
		{Op: Line, P: [3]Point{{x1 - radius, y0}}},
		{Op: Curve, P: [3]Point{{x1 - k, y0}, {x1, y0 + k}, {x1, y0 + radius}}},
		{Op: Line, P: [3]Point{{x1, y1 - radius}}},
		{Op: Curve, P: [3]Point{{x1, y1 - k}, {x1 - k, y1}, {x1 - radius, y1}}},
		{Op: Line, P: [3]Point{{x0 + radius, y1}}},
		{Op: Curve, P: [3]Point{{x0 + k, y1}, {x0, y1 - k}, {x0, y1 - radius}}},
		{Op: Line, P: [3]Point{{x0, y0 + radius}}},
		{Op: Curve, P: [3]Point{{x0, y0 + k}, {x0 + k, y0}, {x0 + radius, y0}}},
		{Op: Close},
	}
}

// Ellipse is the outline of an ellipse around c.
func Ellipse(c Point, rx, ry MM) []Segment {
	kx, ky := rx*kappa, ry*kappa
	return []Segment{
		{Op: Move, P: [3]Point{{c.X + rx, c.Y}}},
		{Op: Curve, P: [3]Point{{c.X + rx, c.Y + ky}, {c.X + kx, c.Y + ry}, {c.X, c.Y + ry}}},
		{Op: Curve, P: [3]Point{{c.X - kx, c.Y + ry}, {c.X - rx, c.Y + ky}, {c.X - rx, c.Y}}},
		{Op: Curve, P: [3]Point{{c.X - rx, c.Y - ky}, {c.X - kx, c.Y - ry}, {c.X, c.Y - ry}}},
		{Op: Curve, P: [3]Point{{c.X + kx, c.Y - ry}, {c.X + rx, c.Y - ky}, {c.X + rx, c.Y}}},
		{Op: Close},
	}
}

// Circle is the outline of a circle around c.
func Circle(c Point, r MM) []Segment { return Ellipse(c, r, r) }

// Ring is the outline of a disc with a round hole: the inner circle runs the other way round.
func Ring(c Point, outer, inner MM) []Segment {
	return append(Ellipse(c, outer, outer), Ellipse(c, inner, -inner)...)
}

// Polygon is the closed outline through points.
func Polygon(points ...Point) []Segment {
	if len(points) == 0 {
		return nil
	}
	return append(Polyline(points...), Segment{Op: Close})
}

// Polyline is the open outline through points.
func Polyline(points ...Point) []Segment {
	out := make([]Segment, 0, len(points)+1)
	for i, p := range points {
		op := Line
		if i == 0 {
			op = Move
		}
		out = append(out, Segment{Op: op, P: [3]Point{p}})
	}
	return out
}

// Mapped is an outline through a matrix.
func Mapped(segments []Segment, m Matrix) []Segment {
	out := make([]Segment, len(segments))
	for i, s := range segments {
		out[i] = Segment{Op: s.Op}
		for j := range s.P {
			out[i].P[j] = m.Apply(s.P[j])
		}
	}
	return out
}

// Filled is a path of one colour.
func Filled(segments []Segment, c Colour) *Path { return &Path{Segments: segments, Fill: &c} }

// Stroked is a line of a colour and width along an outline.
func Stroked(segments []Segment, c Colour, width MM, dash ...MM) *Path {
	return &Path{Segments: segments, Stroke: &c, Width: width, Dash: dash}
}

// Named gives the path a name and returns it.
func (p *Path) Named(name string) *Path { p.Name = name; return p }

// Bounds is the upright rectangle around all points of an outline, control
// points too.
func Bounds(segments []Segment) Rect {
	var lo, hi Point
	first := true
	for _, s := range segments {
		n := 1
		switch s.Op {
		case Curve:
			n = 3
		case Close:
			n = 0
		}
		for _, p := range s.P[:n] {
			if first {
				lo, hi, first = p, p, false
			}
			lo.X, lo.Y = min(lo.X, p.X), min(lo.Y, p.Y)
			hi.X, hi.Y = max(hi.X, p.X), max(hi.Y, p.Y)
		}
	}
	return Rect{lo.X, lo.Y, hi.X - lo.X, hi.Y - lo.Y}
}
