package demo

import "math"

// onePole is a first-order filter.
type onePole struct{ k, state float32 }

func newOnePole(hz float64) onePole {
	return onePole{k: float32(1 - math.Exp(-2*math.Pi*hz/rate))}
}

// pass keeps what is below the corner.
func (f *onePole) pass(x []float32) {
	s := f.state
	for i, v := range x {
		s += (v - s) * f.k
		x[i] = s
	}
	f.state = flush(s)
}

// flush takes numbers too small to hear to zero: denormals would slow the processor.
func flush(x float32) float32 {
	if x < 1e-15 && x > -1e-15 {
		return 0
	}
	return x
}

// shelf tilts the sound: everything above (high) or below the corner, by a number of dB.
type shelf struct {
	f    [2]onePole
	gain float32
	high bool
}

func highShelf(hz, db float64) effect { return newShelf(hz, db, true) }
func lowShelf(hz, db float64) effect  { return newShelf(hz, db, false) }

func newShelf(hz, db float64, high bool) *shelf {
	f := newOnePole(hz)
	return &shelf{f: [2]onePole{f, f}, gain: float32(math.Pow(10, db/20) - 1), high: high}
}

func (s *shelf) process(l, r []float32) {
	k, a, b := s.f[0].k, s.f[0].state, s.f[1].state
	ofLow, ofHigh := s.gain, float32(0)
	if s.high {
		ofLow, ofHigh = 0, s.gain
	}
	r = r[:len(l)]
	for i, x := range l {
		y := r[i]
		a += (x - a) * k
		b += (y - b) * k
		l[i] = x + a*ofLow + (x-a)*ofHigh
		r[i] = y + b*ofLow + (y-b)*ofHigh
	}
	s.f[0].state, s.f[1].state = flush(a), flush(b)
}

// lowCut takes DC and rumble out, 12 dB an octave.
type lowCut struct{ f [4]onePole }

func newLowCut(hz float64) *lowCut {
	f := newOnePole(hz)
	return &lowCut{[4]onePole{f, f, f, f}}
}

func (c *lowCut) process(l, r []float32) {
	k := c.f[0].k
	a, b, d, e := c.f[0].state, c.f[1].state, c.f[2].state, c.f[3].state
	r = r[:len(l)]
	for i, x := range l {
		y := r[i]
		a += (x - a) * k
		b += (y - b) * k
		x -= a
		y -= b
		d += (x - d) * k
		e += (y - e) * k
		l[i] = x - d
		r[i] = y - e
	}
	c.f[0].state, c.f[1].state, c.f[2].state, c.f[3].state = flush(a), flush(b), flush(d), flush(e)
}

// svf is the state variable filter in Zavalishin's trapezoidal form: stable
// while its corner moves. It is written out as a matrix on its two states, so
// that a step waits for two multiplications of the step before, not five.
type svf struct {
	a11, a12, b1 float32
	a21, a22, b2 float32
	k            float32
	s1, s2       float32
}

// tune sets the corner and the resonance (q 0.5 is none, 0.7 flat).
func (f *svf) tune(hz, q float64) {
	g := math.Tan(math.Pi * min(hz, 0.45*rate) / rate)
	a := 1 / (1 + g*(g+1/q))
	f.a11, f.a12, f.b1 = float32(1-2*g*a*(1/q+g)), float32(-2*g*a), float32(2*g*a)
	f.a21, f.a22, f.b2 = float32(2*g*(1-g*a*(1/q+g))), float32(1-2*g*g*a), float32(2*g*g*a)
	f.k = float32(1 / q)
}

// step gives the low-pass and the band-pass of x; the high-pass is x - k·band - low.
func (f *svf) step(x float32) (low, band float32) {
	s1, s2 := f.s1, f.s2
	f.s1 = f.a11*s1 + (f.a12*s2 + f.b1*x)
	f.s2 = f.a22*s2 + (f.a21*s1 + f.b2*x)
	return (f.s2 + s2) * 0.5, (f.s1 + s1) * 0.5
}

// sweep is a low-pass whose corner moves slowly between two frequencies.
type sweep struct {
	f        [2]svf
	from, to float64 // hertz
	q        float64
	lfo      uint32
	hz       float64
}

func newSweep(from, to, seconds, q float64) *sweep {
	return &sweep{from: from, to: to, q: q, hz: 1 / seconds, lfo: 3 << 30}
}

func (s *sweep) process(l, r []float32) {
	s.lfo += step(s.hz) * uint32(len(l))
	x := 0.5 + 0.5*math.Sin(float64(s.lfo)*(2*math.Pi/(1<<32)))
	hz := s.from * math.Pow(s.to/s.from, x)
	s.f[0].tune(hz, s.q)
	s.f[1].tune(hz, s.q)
	f, g := s.f[0], s.f[1]
	r = r[:len(l)]
	for i := range l {
		l[i], _ = f.step(l[i])
		r[i], _ = g.step(r[i])
	}
	f.s1, f.s2, g.s1, g.s2 = flush(f.s1), flush(f.s2), flush(g.s1), flush(g.s2)
	s.f[0], s.f[1] = f, g
}

// chorus doubles a sound with two slowly drifting copies a side.
type chorus struct {
	buf         [2][2048]float32
	pos         int
	sine        *table
	lfo         uint32
	hz          float64
	depth, base float32 // frames
	wet, dry    float32
	was         [4]float32
}

func newChorus(k *kit, hz, depthMs, wet float64) *chorus {
	c := &chorus{sine: k.sine, hz: hz, depth: float32(depthMs * rate / 1000), base: 0.012 * rate, wet: float32(wet), dry: float32(1 - wet*0.4)}
	for i := range c.was {
		c.was[i] = c.tap(i)
	}
	return c
}

func (c *chorus) tap(i int) float32 {
	return c.base + c.depth*(1+c.sine.at(c.lfo+uint32(i)*0x4ccccccc)) + float32(i&1)*190
}

func (c *chorus) process(l, r []float32) {
	c.lfo += step(c.hz) * uint32(len(l))
	inv := 1 / float32(len(l))
	for ch, x := range [2][]float32{l, r} {
		buf := &c.buf[ch]
		a, b := c.was[2*ch], c.was[2*ch+1]
		toA, toB := c.tap(2*ch), c.tap(2*ch+1)
		da, db := (toA-a)*inv, (toB-b)*inv
		for i, v := range x {
			p := c.pos + i
			buf[p&2047] = v
			a += da
			b += db
			na, nb := int(a), int(b)
			fa, fb := a-float32(na), b-float32(nb)
			x0, x1 := buf[(p-na)&2047], buf[(p-na-1)&2047]
			y0, y1 := buf[(p-nb)&2047], buf[(p-nb-1)&2047]
			x[i] = v*c.dry + c.wet*0.5*(x0+(x1-x0)*fa+y0+(y1-y0)*fb)
		}
		c.was[2*ch], c.was[2*ch+1] = toA, toB
	}
	c.pos += len(l)
}

// sway moves a sound from side to side, as the tremolo of a stage piano does.
type sway struct {
	sine  *table
	lfo   uint32
	hz    float64
	depth float32
}

func (s *sway) process(l, r []float32) {
	st := step(s.hz)
	for i := range l {
		s.lfo += st
		x := s.depth * s.sine.at(s.lfo)
		l[i] *= 1 + x
		r[i] *= 1 - x
	}
}

// drive bends the tops of the wave like a warm amplifier: x/(1+|x|) after gain, level kept for small sounds.
type drive struct{ gain float32 }

func (d drive) process(l, r []float32) {
	inv := 1 / d.gain
	for _, x := range [2][]float32{l, r} {
		for i, v := range x {
			v *= d.gain
			a := v
			if a < 0 {
				a = -a
			}
			x[i] = v / (1 + 0.6*a) * inv
		}
	}
}

// echo is a tape echo: two heads that feed each other's side, each trip a
// little duller, thinner and rounder than the last, at a speed that wavers.
type echo struct {
	buf      [2][1 << 16]float32
	pos      int
	time     [2]float32 // frames
	feed     float32
	cross    float32
	low, cut [2]onePole
	sine     *table
	lfo      [2]uint32
	was      [2]float32
}

// newEcho sets the delay of each side in seconds, at most 1.4, and how much goes round again.
func newEcho(k *kit, left, right, feed, cross, dullHz float64) *echo {
	e := &echo{feed: float32(feed * (1 - cross)), cross: float32(feed * cross), sine: k.sine}
	e.time = [2]float32{float32(min(left, 1.4) * rate), float32(min(right, 1.4) * rate)}
	e.was = e.time
	for c := range e.low {
		e.low[c], e.cut[c] = newOnePole(dullHz), newOnePole(180)
	}
	return e
}

func (e *echo) process(l, r []float32) {
	e.lfo[0] += step(0.47) * uint32(len(l))
	e.lfo[1] += step(5.3) * uint32(len(l))
	waver := 22*e.sine.at(e.lfo[0]) + 2.2*e.sine.at(e.lfo[1])
	inv := 1 / float32(len(l))
	to := [2]float32{e.time[0] + waver, e.time[1] - waver}
	d0, d1 := (to[0]-e.was[0])*inv, (to[1]-e.was[1])*inv
	a, b := e.was[0], e.was[1]
	const mask = 1<<16 - 1
	for i := range l {
		a += d0
		b += d1
		p := e.pos + i
		na, nb := int(a), int(b)
		fa, fb := a-float32(na), b-float32(nb)
		x0, x1 := e.buf[0][(p-na)&mask], e.buf[0][(p-na-1)&mask]
		y0, y1 := e.buf[1][(p-nb)&mask], e.buf[1][(p-nb-1)&mask]
		x, y := x0+(x1-x0)*fa, y0+(y1-y0)*fb
		e.buf[0][p&mask] = e.trip(0, l[i]+x*e.feed+y*e.cross)
		e.buf[1][p&mask] = e.trip(1, r[i]+y*e.feed+x*e.cross)
		l[i], r[i] = x, y
	}
	e.was = to
	e.pos += len(l)
}

// trip is what a pass over the tape does to the sound.
func (e *echo) trip(c int, x float32) float32 {
	lo, cut := &e.low[c], &e.cut[c]
	lo.state += (x-lo.state)*lo.k + 1e-20
	y := lo.state
	cut.state += (y - cut.state) * cut.k
	y -= cut.state
	return y / (1 + 0.25*float32(math.Abs(float64(y))))
}
