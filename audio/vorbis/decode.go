package vorbis

import (
	"math"
	mathbits "math/bits"
)

// decoder turns packets into samples.
type decoder struct {
	channels int
	sizes    [2]int // block sizes, short and long
	setup    setup
	bits     bits

	mdct    [2]*mdct
	windows [2][]float32 // rising halves

	spectrum [][]float32 // per channel: residue, then spectrum
	half     []float32   // middle half of an inverse transform
	tail     [][]float32 // what the next block is to be added to
	prev     int         // size index of the block before; -1: none

	ys     [][]int // floor points, final amplitudes
	used   [][]bool
	silent []bool // floor says nothing on this channel
	skip   []bool // nor is there residue
	lanes  [][]float32
	skips  []bool
	class  [][]int
	pcm    [][]float32
}

func (d *decoder) init() {
	d.prev = -1
	for i, n := range d.sizes {
		d.mdct[i] = newMDCT(n)
		w := make([]float32, n/2)
		for k := range w {
			s := math.Sin((float64(k) + 0.5) / float64(n) * math.Pi)
			w[k] = float32(math.Sin(math.Pi / 2 * s * s))
		}
		d.windows[i] = w
	}
	long := d.sizes[1]
	d.half = make([]float32, long/2)
	d.silent = make([]bool, d.channels)
	for range d.channels {
		d.spectrum = append(d.spectrum, make([]float32, long/2))
		d.tail = append(d.tail, make([]float32, long/4))
		d.pcm = append(d.pcm, make([]float32, long/2))
		d.ys = append(d.ys, make([]int, 65))
		d.used = append(d.used, make([]bool, 65))
		d.class = append(d.class, nil)
	}
}

// blockOf is which block size a packet has, -1 when it is no sound packet.
func (d *decoder) blockOf(packet []byte) int {
	d.bits.set(packet)
	if d.bits.read(1) != 0 {
		return -1
	}
	m := d.bits.read(mathbits.Len(uint(len(d.setup.modes) - 1)))
	if d.bits.over || m >= len(d.setup.modes) {
		return -1
	}
	if d.setup.modes[m].long {
		return 1
	}
	return 0
}

// decode decodes a packet into d.pcm and returns how many samples a channel are
// complete with it; ok is false when it is no sound packet.
func (d *decoder) decode(packet []byte) (n int, ok bool) {
	size := d.blockOf(packet)
	if size < 0 {
		return 0, false
	}
	b := &d.bits
	d.bits.set(packet)
	b.read(1)
	mode := d.setup.modes[b.read(mathbits.Len(uint(len(d.setup.modes)-1)))]
	if mode.long {
		b.read(2) // the neighbours' sizes, which are known from the neighbours
	}
	m := &d.setup.mappings[mode.mapping]
	half := d.sizes[size] / 2

	for c := range d.channels {
		clear(d.spectrum[c][:half])
		f := &d.setup.floors[m.floor[m.mux[c]]]
		d.silent[c] = !f.decode(b, d.setup.books, d.ys[c], d.used[c])
	}
	// A channel that is coupled to one with sound has residue, even when its own floor is silent.
	d.skip = append(d.skip[:0], d.silent...)
	skip := d.skip
	for i, mag := range m.magnitude {
		if ang := m.angle[i]; !skip[mag] || !skip[ang] {
			skip[mag], skip[ang] = false, false
		}
	}
	for sub := range m.residue {
		outs, skips := d.lanes[:0], d.skips[:0]
		for c, k := range m.mux {
			if k == sub {
				outs = append(outs, d.spectrum[c][:half])
				skips = append(skips, skip[c])
			}
		}
		d.lanes, d.skips = outs, skips
		if len(outs) > 0 {
			d.residue(&d.setup.residues[m.residue[sub]], outs, skips)
		}
	}
	for i := len(m.magnitude) - 1; i >= 0; i-- {
		uncouple(d.spectrum[m.magnitude[i]][:half], d.spectrum[m.angle[i]][:half])
	}
	prev := d.prev
	d.prev = size
	if prev >= 0 {
		n = (d.sizes[prev] + d.sizes[size]) / 4
	}
	for c := range d.channels {
		h := d.half[:half]
		if d.silent[c] {
			clear(h)
		} else {
			f := &d.setup.floors[m.floor[m.mux[c]]]
			f.apply(d.spectrum[c][:half], d.ys[c], d.used[c])
			d.mdct[size].inverse(h, d.spectrum[c][:half])
		}
		d.overlap(d.pcm[c], d.tail[c], h, prev, size)
	}
	return n, true
}

// overlap adds the first half of a block to the tail of the one before, under the
// window of the shorter of them, and keeps the rest as the next tail. half is the middle half of
// the inverse transform: its outer quarters are mirror images of it.
func (d *decoder) overlap(out, tail, half []float32, prev, size int) {
	short, long := d.sizes[0]/4, d.sizes[1]/4
	switch {
	case prev < 0:
	case prev == size:
		blend(out, tail, half, d.windows[size])
	case size == 1: // short to long
		blend(out, tail, half, d.windows[0])
		copy(out[2*short:], half[short:long])
	default: // long to short
		copy(out, tail[:long-short])
		blend(out[long-short:], tail[long-short:], half, d.windows[0])
	}
	q := d.sizes[size] / 4
	copy(tail, half[q:2*q])
}

// blend writes len(window) samples: tail going out, the front of half coming in.
func blend(out, tail, half, window []float32) {
	n := len(window) / 2
	out, tail, half = out[:2*n], tail[:n], half[:n]
	for i, t := range tail {
		j := 2*n - 1 - i
		h := half[n-1-i]
		wi, wj := window[i], window[j]
		out[i] = t*wj - h*wi
		out[j] = t*wi + h*wj
	}
}

// uncouple turns magnitude and angle into left and right.
func uncouple(mag, ang []float32) {
	ang = ang[:len(mag)]
	for i, m := range mag {
		a := ang[i]
		switch {
		case m > 0 && a > 0:
			ang[i] = m - a
		case m > 0:
			ang[i], mag[i] = m, m+a
		case a > 0:
			ang[i] = m + a
		default:
			ang[i], mag[i] = m, m-a
		}
	}
}

// decode reads a channel's floor points. It reports false for silence.
func (f *floor) decode(b *bits, books []codebook, y []int, used []bool) bool {
	if !b.flag() {
		return false
	}
	limit := [4]int{256, 128, 86, 64}[f.multiplier-1]
	width := mathbits.Len(uint(limit - 1))
	y[0], y[1] = b.read(width), b.read(width)
	at := 2
	for _, p := range f.partitions {
		c := &f.classes[p]
		v := 0
		if c.sub > 0 {
			v = books[c.master].next(b)
		}
		for range c.dim {
			book := c.books[v&(1<<c.sub-1)]
			v >>= c.sub
			y[at] = 0
			if book >= 0 {
				y[at] = books[book].next(b)
			}
			at++
		}
	}
	if b.over {
		return false
	}

	// Each point is stored as its distance from the line between its neighbours.
	used[0], used[1] = true, true
	for i := 2; i < at; i++ {
		lo, hi := f.low[i], f.high[i]
		predicted := onLine(f.xs[lo], y[lo], f.xs[hi], y[hi], f.xs[i])
		v := y[i]
		if v == 0 {
			used[i] = false
			y[i] = predicted
			continue
		}
		used[lo], used[hi], used[i] = true, true, true
		above, below := limit-predicted, predicted
		switch room := 2 * min(above, below); {
		case v >= room && above > below:
			y[i] = v - below + predicted
		case v >= room:
			y[i] = predicted - v + above - 1
		case v&1 != 0:
			y[i] = predicted - (v+1)/2
		default:
			y[i] = predicted + v/2
		}
		y[i] = min(max(y[i], 0), limit-1) // a damaged stream could leave the table
	}
	return true
}

func onLine(x0, y0, x1, y1, x int) int {
	dy := y1 - y0
	off := max(dy, -dy) * (x - x0) / (x1 - x0)
	if dy < 0 {
		return y0 - off
	}
	return y0 + off
}

// apply multiplies a residue by the floor's line, whose heights are steps of 140/256 dB.
func (f *floor) apply(s []float32, y []int, used []bool) {
	x0, y0 := 0, y[f.order[0]]*f.multiplier
	for _, i := range f.order[1:] {
		if !used[i] {
			continue
		}
		x1, y1 := f.xs[i], y[i]*f.multiplier
		line(s, x0, y0, x1, y1)
		x0, y0 = x1, y1
	}
	if x0 < len(s) {
		g := decibels[y0&255]
		for i := range s[x0:] {
			s[x0+i] *= g
		}
	}
}

// line is Bresenham's, as the specification draws it.
func line(s []float32, x0, y0, x1, y1 int) {
	dy, dx := y1-y0, x1-x0
	base := dy / dx
	rest := max(dy, -dy) - max(base, -base)*dx
	step := 1
	if dy < 0 {
		step = -1
	}
	y, err := y0, 0
	end := min(x1, len(s))
	for x := x0; x < end; x++ {
		s[x] *= decibels[y&255]
		y += base
		if err += rest; err >= dx {
			err -= dx
			y += step
		}
	}
}

// decibels is the floor's scale: 10^((i-255)·140/256/20), which is the specification's table.
var decibels = func() (t [256]float32) {
	for i := range t {
		t[i] = float32(math.Pow(10, float64(i-255)*140/256/20))
	}
	return t
}()

// residue reads the vectors of one submap.
func (d *decoder) residue(r *residue, outs [][]float32, skip []bool) {
	b, books := &d.bits, d.setup.books
	n := len(outs[0])
	lanes := len(outs) // partitions side by side
	if r.kind == 2 {   // all channels as one, interleaved
		all := true
		for _, s := range skip {
			all = all && s
		}
		if all {
			return
		}
		n *= len(outs)
		lanes = 1
		skip = []bool{false}
	}
	begin, end := min(r.begin, n), min(r.end, n)
	parts := (end - begin) / r.size
	cb := &books[r.classbook]
	for c := range lanes {
		if cap(d.class[c]) < parts {
			d.class[c] = make([]int, parts)
		}
		d.class[c] = d.class[c][:parts]
	}
	for pass := range 8 {
		for part := 0; part < parts; {
			if pass == 0 {
				for c := range lanes {
					if skip[c] {
						continue
					}
					v := cb.next(b)
					if v < 0 {
						return
					}
					for i := cb.dim - 1; i >= 0; i-- {
						if part+i < parts {
							d.class[c][part+i] = v % len(r.books)
						}
						v /= len(r.books)
					}
				}
			}
			stop := min(part+cb.dim, parts)
			for ; part < stop; part++ {
				for c := range lanes {
					if skip[c] {
						continue
					}
					book := r.books[d.class[c][part]][pass]
					if book < 0 {
						continue
					}
					at := begin + part*r.size
					ok := false
					switch r.kind {
					case 0:
						ok = books[book].addSpread(b, outs[c][at:at+r.size])
					case 1:
						ok = books[book].addRun(b, outs[c][at:at+r.size])
					default:
						ok = books[book].addInterleaved(b, outs, at, r.size)
					}
					if !ok {
						return
					}
				}
			}
		}
	}
}

// addSpread adds vectors whose elements lie evenly spread over out (residue type 0).
func (c *codebook) addSpread(b *bits, out []float32) bool {
	step := len(out) / c.dim
	for i := range step {
		v := c.vector(b)
		if v == nil {
			return false
		}
		for k, x := range v {
			out[i+k*step] += x
		}
	}
	return true
}

// addRun adds vectors one after the other (residue type 1).
func (c *codebook) addRun(b *bits, out []float32) bool {
	for len(out) > 0 {
		v := c.vector(b)
		if v == nil {
			return false
		}
		n := min(len(v), len(out))
		for k, x := range v[:n] {
			out[k] += x
		}
		out = out[n:]
	}
	return true
}

// addInterleaved adds vectors across the channels (residue type 2): size values from place at on.
func (c *codebook) addInterleaved(b *bits, outs [][]float32, at, size int) bool {
	if len(outs) == 2 && at&1 == 0 && c.dim&1 == 0 && size%c.dim == 0 {
		l, r := outs[0][at/2:][:size/2], outs[1][at/2:][:size/2]
		for i := 0; i < len(l); i += c.dim / 2 {
			v := c.vector(b)
			if v == nil {
				return false
			}
			l, r := l[i:i+len(v)/2], r[i:i+len(v)/2]
			for k := range l {
				l[k] += v[2*k]
				r[k] += v[2*k+1]
			}
		}
		return true
	}
	ch, x := at%len(outs), at/len(outs)
	for left := size; left > 0; {
		v := c.vector(b)
		if v == nil {
			return false
		}
		n := min(len(v), left)
		for _, e := range v[:n] {
			outs[ch][x] += e
			if ch++; ch == len(outs) {
				ch = 0
				x++
			}
		}
		left -= n
	}
	return true
}
