package sheet

import "math"

// MoveBy is the matrix that shifts by (dx, dy).
func MoveBy(dx, dy MM) Matrix { return Matrix{A: 1, D: 1, E: float64(dx), F: float64(dy)} }

// ScaleBy is the matrix that scales around the origin.
func ScaleBy(sx, sy float64) Matrix { return Matrix{A: sx, D: sy} }

// TurnBy is the matrix that turns clockwise by degrees around the origin.
// Quarter turns are exact.
func TurnBy(degrees float64) Matrix {
	sin, cos := sinCos(degrees)
	return Matrix{cos, sin, -sin, cos, 0, 0}
}

// Then is the matrix that does m first and n after it.
func (m Matrix) Then(n Matrix) Matrix {
	return Matrix{
		m.A*n.A + m.B*n.C, m.A*n.B + m.B*n.D,
		m.C*n.A + m.D*n.C, m.C*n.B + m.D*n.D,
		m.E*n.A + m.F*n.C + n.E, m.E*n.B + m.F*n.D + n.F,
	}
}

// Apply maps a point.
func (m Matrix) Apply(p Point) Point {
	x, y := float64(p.X), float64(p.Y)
	return Point{MM(m.A*x + m.C*y + m.E), MM(m.B*x + m.D*y + m.F)}
}

// sinCos is exact at quarter turns, where math.Sincos leaves 6e-17.
func sinCos(degrees float64) (sin, cos float64) {
	switch d := math.Mod(math.Mod(degrees, 360)+360, 360); d {
	case 0:
		return 0, 1
	case 90:
		return 1, 0
	case 180:
		return 0, -1
	case 270:
		return -1, 0
	default:
		return math.Sincos(d * math.Pi / 180)
	}
}
