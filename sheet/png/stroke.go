package png

import (
	"math"

	"ferric/sheet"
)

// vec is a point or a direction in the plane.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec           { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec           { return vec{a.x - b.x, a.y - b.y} }
func (a vec) scale(k float64) vec     { return vec{a.x * k, a.y * k} }
func (a vec) dot(b vec) float64       { return a.x*b.x + a.y*b.y }
func (a vec) cross(b vec) float64     { return a.x*b.y - a.y*b.x }
func (a vec) length() float64         { return math.Hypot(a.x, a.y) }
func (a vec) point() sheet.Point      { return sheet.Point{X: sheet.MM(a.x), Y: sheet.MM(a.y)} }
func toVec(p sheet.Point) vec         { return vec{float64(p.X), float64(p.Y)} }
func between(a, b vec, t float64) vec { return a.add(b.sub(a).scale(t)) }

// polyline is an outline made of straight steps.
type polyline struct {
	points []vec
	closed bool
}

// miterLimit is that of PDF: beyond ten widths a corner is cut off.
const miterLimit = 10

// stroke is the outline of a line of some width along an outline: a quadrangle
// for each step and a polygon for each corner, all running the same way round,
// so that they join where they overlap. Ends are butt, corners mitred. A line
// thinner than a pixel under m is drawn one pixel wide, as viewers do.
func stroke(segments []sheet.Segment, width float64, dash []sheet.MM, m sheet.Matrix) []sheet.Segment {
	scale := math.Sqrt(math.Abs(m.A*m.D - m.B*m.C))
	if !(scale > 0) || math.IsInf(scale, 0) {
		return nil
	}
	width = max(width, 0.7/scale)
	var out []sheet.Segment
	for _, line := range flatten(segments, 0.1/scale) {
		for _, piece := range dashed(line, dash, 0.05/scale) {
			out = outlineOf(out, piece, width/2)
		}
	}
	return out
}

// flatten turns an outline into straight steps that stay within tolerance of it.
func flatten(segments []sheet.Segment, tolerance float64) []polyline {
	var out []polyline
	var now polyline
	flush := func() {
		if len(now.points) > 1 {
			out = append(out, now)
		}
		now = polyline{}
	}
	put := func(p vec) {
		if n := len(now.points); n == 0 || now.points[n-1] != p {
			now.points = append(now.points, p)
		}
	}
	for _, s := range segments {
		switch s.Op {
		case sheet.Move:
			flush()
			put(toVec(s.P[0]))
		case sheet.Line:
			put(toVec(s.P[0]))
		case sheet.Curve:
			if len(now.points) == 0 {
				continue
			}
			curve(now.points[len(now.points)-1], s, tolerance, put)
		case sheet.Close:
			if n := len(now.points); n > 1 {
				first := now.points[0]
				if now.points[n-1] == first {
					now.points = now.points[:n-1]
				}
				now.closed = true
				flush()
				now.points = []vec{first}
			}
		}
	}
	flush()
	return out
}

// curve puts points on a cubic Bézier so that the steps between them stay
// within tolerance of it: the distance from curve to chord falls with the
// square of the number of steps.
func curve(a vec, s sheet.Segment, tolerance float64, put func(vec)) {
	b, c, d := toVec(s.P[0]), toVec(s.P[1]), toVec(s.P[2])
	bend := max(a.add(c).sub(b.scale(2)).length(), b.add(d).sub(c.scale(2)).length())
	n := int(min(max(math.Ceil(math.Sqrt(0.75*bend/tolerance)), 1), 500))
	for i := 1; i <= n; i++ {
		t := float64(i) / float64(n)
		ab, bc, cd := between(a, b, t), between(b, c, t), between(c, d, t)
		put(between(between(ab, bc, t), between(bc, cd, t), t))
	}
}

// maxDashes bounds the pieces of one line.
const maxDashes = 100_000

// dashed cuts a line into its dashes.
func dashed(line polyline, dash []sheet.MM, shortest float64) []polyline {
	total := 0.0
	for _, d := range dash {
		total += max(float64(d), 0)
	}
	if len(dash) == 0 || !(total > shortest) {
		return []polyline{line}
	}
	points := line.points
	if line.closed {
		points = append(points[:len(points):len(points)], points[0])
	}
	var out []polyline
	which, left := 0, float64(dash[0])
	now := []vec{points[0]}
	for i := 1; i < len(points); i++ {
		from, to := points[i-1], points[i]
		length, done := to.sub(from).length(), 0.0
		for length-done > left {
			done += max(left, 0)
			cut := between(from, to, done/length)
			if which%2 == 0 {
				out = append(out, polyline{points: append(now, cut)})
			}
			if len(out) > maxDashes {
				return out
			}
			now = []vec{cut}
			which++
			left = max(float64(dash[which%len(dash)]), shortest/10)
		}
		left -= length - done
		now = append(now, to)
	}
	if which%2 == 0 && len(now) > 1 {
		out = append(out, polyline{points: now})
	}
	return out
}

// outlineOf adds the polygons that cover a line to out.
func outlineOf(out []sheet.Segment, line polyline, half float64) []sheet.Segment {
	p := line.points
	n := len(p)
	steps := n - 1
	if line.closed {
		steps = n
	}
	directions := make([]vec, steps)
	for i := range directions {
		d := p[(i+1)%n].sub(p[i])
		if l := d.length(); l > 0 {
			d = d.scale(1 / l)
		}
		directions[i] = d
		side := vec{-d.y, d.x}.scale(half)
		a, b := p[i], p[(i+1)%n]
		out = polygon(out, a.sub(side), b.sub(side), b.add(side), a.add(side))
	}
	for i := range steps {
		if i == 0 && !line.closed {
			continue
		}
		out = corner(out, p[i], directions[(i+steps-1)%steps], directions[i], half)
	}
	return out
}

// corner fills the wedge outside a bend, up to the mitre's tip.
func corner(out []sheet.Segment, at, from, to vec, half float64) []sheet.Segment {
	turn := from.cross(to)
	if math.Abs(turn) < 1e-9 {
		return out
	}
	outer := -half
	if turn < 0 {
		outer = half
	}
	a := at.add(vec{-from.y, from.x}.scale(outer))
	b := at.add(vec{-to.y, to.x}.scale(outer))
	// The mitre is 1/sin(angle/2) widths long; cos of the turn is from·to.
	if halfSine := math.Sqrt(max(0, (1+from.dot(to))/2)); halfSine > 1.0/miterLimit {
		middle := a.add(b).scale(0.5).sub(at)
		tip := at.add(middle.scale(half * half / middle.dot(middle)))
		return polygon(out, at, a, tip, b)
	}
	return polygon(out, at, a, b)
}

// polygon adds a polygon, turned so that all run the same way round.
func polygon(out []sheet.Segment, points ...vec) []sheet.Segment {
	area := 0.0
	for i, p := range points {
		area += p.cross(points[(i+1)%len(points)])
	}
	if area == 0 {
		return out
	}
	for i := range points {
		p := points[i]
		if area < 0 {
			p = points[len(points)-1-i]
		}
		op := sheet.Line
		if i == 0 {
			op = sheet.Move
		}
		out = append(out, sheet.Segment{Op: op, P: [3]sheet.Point{p.point()}})
	}
	return append(out, sheet.Segment{Op: sheet.Close})
}
