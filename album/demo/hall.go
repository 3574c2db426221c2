package demo

import "math"

// hall is the room of a piece: a feedback delay network of eight lines (Jot
// and Chaigne, 1991) mixed by a Hadamard matrix, behind a delay and four
// allpasses a side that blur the onset. Half the lines drift by a few frames,
// slowly, so that no tone of the room rings.
//
// It runs a block at a time, line by line: every line is longer than a block.
type hall struct {
	pre     [2]ring
	preLen  int
	diffuse [2][4]allpass
	lines   [8]hallLine
	low     *lowCut // takes the lowest bass out of the room
	damp    float32 // one-pole coefficient of every line: high notes die first
	state   [8]float32
	wet     float32
	lfo     uint32
	sine    *table
}

type hallLine struct {
	ring   [4096]float32
	len    float32
	feed   float32 // what is left after one trip
	drift  float32 // frames
	offset float32 // of the drift, at the end of the last block
}

// ring is a delay line whose place counts up for ever.
type ring struct {
	buf [4096]float32
	pos int
}

type allpass struct {
	buf  []float32
	pos  int
	gain float32
}

// newHall makes a room that takes t60 seconds to die away by 60 dB at middle
// frequencies; bright, 0..1, is how long the treble lasts.
func newHall(k *kit, t60, bright, preDelay, size float64) *hall {
	h := &hall{preLen: max(1, int(preDelay*rate)), sine: k.sine, wet: 0.5, damp: float32(0.25 + 0.7*bright), low: newLowCut(110)}
	for i, n := range [8]float64{1277, 1427, 1613, 1831, 2053, 2311, 2617, 2939} {
		n *= size
		ln := &h.lines[i]
		ln.len = float32(math.Round(n))
		ln.feed = float32(math.Pow(10, -3*n/(t60*rate)) / math.Sqrt(8))
		if i%2 == 0 {
			ln.drift = 6 + float32(i)
		}
	}
	for c, lens := range [2][4]int{{142, 107, 379, 277}, {149, 113, 367, 283}} {
		for i, n := range lens {
			h.diffuse[c][i] = allpass{buf: make([]float32, n), gain: [4]float32{0.72, 0.72, 0.6, 0.6}[i]}
		}
	}
	return h
}

func (h *hall) process(l, r []float32) {
	h.low.process(l, r)
	for c, x := range [2][]float32{l, r} {
		p := &h.pre[c]
		for i, v := range x {
			p.buf[p.pos&4095] = v
			x[i] = p.buf[(p.pos-h.preLen)&4095]
			p.pos++
		}
		for i := range h.diffuse[c] {
			h.diffuse[c][i].process(x)
		}
	}
	pos := h.pre[0].pos - len(l) // the block's place in every line
	h.lfo += step(0.31) * uint32(len(l))
	var out [8][blockLen]float32
	for k := range h.lines {
		ln := &h.lines[k]
		ln.read(out[k][:len(l)], pos, h.sine.at(h.lfo+uint32(k)<<29))
	}
	a, b, c, d, e, f, g, q := &out[0], &out[1], &out[2], &out[3], &out[4], &out[5], &out[6], &out[7]
	damp := h.damp
	s0, s1, s2, s3, s4, s5, s6, s7 := h.state[0], h.state[1], h.state[2], h.state[3], h.state[4], h.state[5], h.state[6], h.state[7]
	r = r[:len(l)]
	for i := range l {
		j := i & (blockLen - 1)
		x0, x1, x2, x3, x4, x5, x6, x7 := a[j], b[j], c[j], d[j], e[j], f[j], g[j], q[j]
		// Eight one-poles side by side: none waits for another.
		s0 += (x0 - s0) * damp
		s1 += (x1 - s1) * damp
		s2 += (x2 - s2) * damp
		s3 += (x3 - s3) * damp
		s4 += (x4 - s4) * damp
		s5 += (x5 - s5) * damp
		s6 += (x6 - s6) * damp
		s7 += (x7 - s7) * damp
		x0, x1, x2, x3, x4, x5, x6, x7 = s0, s1, s2, s3, s4, s5, s6, s7
		inL, inR := l[i], r[i]
		l[i] = (x0 - x2 + x4 - x6 + 0.4*(x1-x5)) * h.wet
		r[i] = (x1 - x3 + x5 - x7 + 0.4*(x2-x4)) * h.wet
		// The Hadamard matrix, as three rounds of sums and differences.
		x0, x1, x2, x3, x4, x5, x6, x7 = x0+x1, x0-x1, x2+x3, x2-x3, x4+x5, x4-x5, x6+x7, x6-x7
		x0, x2, x1, x3, x4, x6, x5, x7 = x0+x2, x0-x2, x1+x3, x1-x3, x4+x6, x4-x6, x5+x7, x5-x7
		x0, x4, x1, x5, x2, x6, x3, x7 = x0+x4, x0-x4, x1+x5, x1-x5, x2+x6, x2-x6, x3+x7, x3-x7
		a[j], b[j], c[j], d[j] = x0*h.lines[0].feed+inL, x1*h.lines[1].feed+inR, x2*h.lines[2].feed-inL, x3*h.lines[3].feed-inR
		e[j], f[j], g[j], q[j] = x4*h.lines[4].feed+inL, x5*h.lines[5].feed-inR, x6*h.lines[6].feed+inL, x7*h.lines[7].feed+inR
	}
	h.state = [8]float32{s0, s1, s2, s3, s4, s5, s6, s7}
	for k := range h.lines {
		ln := &h.lines[k]
		for i, v := range out[k][:len(l)] {
			ln.ring[(pos+i)&4095] = v
		}
	}
}

// read takes a block out of the line, its length moving evenly to where the drift is now.
func (ln *hallLine) read(dst []float32, pos int, lfo float32) {
	if ln.drift == 0 {
		base := pos - int(ln.len)
		for i := range dst {
			dst[i] = ln.ring[(base+i)&4095]
		}
		return
	}
	to := ln.drift * lfo
	slope := (to - ln.offset) / float32(len(dst))
	back := ln.len + ln.drift + ln.offset
	for i := range dst {
		back += slope
		n := int(back)
		f := back - float32(n)
		p := pos + i - n
		x, y := ln.ring[p&4095], ln.ring[(p-1)&4095]
		dst[i] = x + (y-x)*f
	}
	ln.offset = to
}

func (a *allpass) process(x []float32) {
	g := a.gain
	for len(x) > 0 {
		buf := a.buf[a.pos:]
		n := min(len(x), len(buf))
		buf = buf[:n]
		for i, v := range x[:n] {
			d := buf[i]
			w := v + g*d
			x[i] = d - g*w
			buf[i] = w
		}
		x = x[n:]
		if a.pos += n; a.pos == len(a.buf) {
			a.pos = 0
		}
	}
}
