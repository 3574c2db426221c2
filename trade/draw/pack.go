package draw

import "math"

// disc is a circle on the plane.
type disc struct{ x, y, r float64 }

// pack puts discs beside each other without overlap, close around the origin,
// in the order given, and returns the circle around all. It is the front-chain
// method: the discs on the outside form a ring, and each new one is laid into
// the gap of that ring which is nearest to the middle (Wang et al.,
// "Visualization of large hierarchical data by circle packing", CHI 2006).
func pack(d []disc) disc {
	switch len(d) {
	case 0:
		return disc{}
	case 1:
		return disc{0, 0, d[0].r}
	}
	d[0].x, d[1].x = -d[1].r, d[0].r
	if len(d) == 2 {
		return enclose(d)
	}
	touch(&d[2], d[0], d[1])

	next := make([]int, len(d))
	prev := make([]int, len(d))
	link := func(a, b int) { next[a], prev[b] = b, a }
	link(0, 1)
	link(1, 2)
	link(2, 0)
	a := 0
	for i := 3; i < len(d); {
		b := next[a]
		touch(&d[i], d[b], d[a])
		// Does the new disc run into another one of the ring? Look both ways, the nearer first.
		j, k := next[b], prev[a]
		sj, sk := d[b].r, d[a].r
		blocked := false
		for {
			if sj <= sk {
				if overlap(d[j], d[i]) {
					link(a, j)
					blocked = true
					break
				}
				sj += d[j].r
				j = next[j]
			} else {
				if overlap(d[k], d[i]) {
					a = k
					link(a, b)
					blocked = true
					break
				}
				sk += d[k].r
				k = prev[k]
			}
			if j == next[k] {
				break
			}
		}
		if blocked {
			continue
		}
		link(a, i)
		link(i, b)
		// Go on from the gap nearest to the middle.
		best, at := score(d, a, i), a
		for c := i; c != a; c = next[c] {
			if s := score(d, c, next[c]); s < best {
				best, at = s, c
			}
		}
		a = at
		i++
	}
	return enclose(d)
}

// score is how far the middle of a gap lies from the origin, squared.
func score(d []disc, a, b int) float64 {
	ab := d[a].r + d[b].r
	x := (d[a].x*d[b].r + d[b].x*d[a].r) / ab
	y := (d[a].y*d[b].r + d[b].y*d[a].r) / ab
	return x*x + y*y
}

// touch moves c so that it touches a and b, on the left of the way from a to b as y goes down.
func touch(c *disc, a, b disc) {
	dx, dy := b.x-a.x, b.y-a.y
	d2 := dx*dx + dy*dy
	if d2 == 0 {
		c.x, c.y = a.x+a.r+c.r, a.y
		return
	}
	a2, b2 := (a.r+c.r)*(a.r+c.r), (b.r+c.r)*(b.r+c.r)
	if a2 > b2 {
		x := (d2 + b2 - a2) / (2 * d2)
		y := math.Sqrt(math.Max(0, b2/d2-x*x))
		c.x, c.y = b.x-x*dx-y*dy, b.y-x*dy+y*dx
	} else {
		x := (d2 + a2 - b2) / (2 * d2)
		y := math.Sqrt(math.Max(0, a2/d2-x*x))
		c.x, c.y = a.x+x*dx-y*dy, a.y+x*dy+y*dx
	}
}

func overlap(a, b disc) bool {
	r := a.r + b.r - 1e-6
	dx, dy := b.x-a.x, b.y-a.y
	return r > 0 && r*r > dx*dx+dy*dy
}

// enclose is a circle around all discs: centred on their box, so a little larger than the smallest one.
func enclose(d []disc) disc {
	x0, y0, x1, y1 := math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)
	for _, c := range d {
		x0, x1 = math.Min(x0, c.x-c.r), math.Max(x1, c.x+c.r)
		y0, y1 = math.Min(y0, c.y-c.r), math.Max(y1, c.y+c.r)
	}
	out := disc{x: (x0 + x1) / 2, y: (y0 + y1) / 2}
	for _, c := range d {
		out.r = math.Max(out.r, math.Hypot(c.x-out.x, c.y-out.y)+c.r)
	}
	return out
}
