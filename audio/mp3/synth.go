package mp3

import "math"

// channel is what one channel carries from granule to granule.
type channel struct {
	overlap [32][18]float32   // second halves of the last transforms
	ring    [16]([64]float32) // the last 16 matrixed vectors
	head    int               // the newest of them
	lines   [576]float32      // of the granule at work
	bands   [18][32]float32   // subband samples
}

// reorder sorts short blocks from window by window to line by line.
func reorder(lines *[576]float32, b *bands) {
	var tmp [576]float32
	at := 0
	for i := range b.long {
		at += b.width[i]
	}
	for i := b.long; i+2 < b.n; i += 3 {
		w := b.width[i]
		src := lines[at : at+3*w]
		dst := tmp[:3*w]
		for k := range w {
			dst[3*k], dst[3*k+1], dst[3*k+2] = src[k], src[w+k], src[2*w+k]
		}
		copy(src, dst)
		at += 3 * w
	}
}

// antialias butterflies the seams of the first n subbands.
func antialias(lines *[576]float32, n int) {
	for sb := 1; sb < n; sb++ {
		lo, hi := lines[18*sb-8:18*sb], lines[18*sb:18*sb+8]
		for i := range 8 {
			a, b := lo[7-i], hi[i]
			lo[7-i] = a*butterfly[i][0] - b*butterfly[i][1]
			hi[i] = b*butterfly[i][0] + a*butterfly[i][1]
		}
	}
}

// butterfly is table 3-B.9: cs and ca from c.
var butterfly = func() (t [8][2]float32) {
	for i, c := range [8]float64{-0.6, -0.535, -0.33, -0.185, -0.095, -0.041, -0.0142, -0.0037} {
		s := math.Sqrt(1 + c*c)
		t[i] = [2]float32{float32(1 / s), float32(c / s)}
	}
	return t
}()

// blockWindows are the windows of the four block types; that of short blocks has 12 points.
var blockWindows = func() (t [4][36]float32) {
	sine := func(i, n int) float32 { return float32(math.Sin(math.Pi / float64(n) * (float64(i) + 0.5))) }
	for i := range 36 {
		t[0][i] = sine(i, 36)
		switch {
		case i < 18:
			t[1][i] = sine(i, 36)
		case i < 24:
			t[1][i] = 1
		case i < 30:
			t[1][i] = sine(i-18, 12)
		}
	}
	for i := range 36 {
		t[3][i] = t[1][35-i]
	}
	for i := range 12 {
		t[2][i] = sine(i, 12)
	}
	return t
}()

// hybrid transforms each subband's 18 lines to 18 samples, adds the overlap and
// inverts every second sample of every second subband.
func (c *channel) hybrid(g *granule) {
	used := (g.filled + 17) / 18
	if g.blockType == shortBlocks {
		used = 32
		reorder(&c.lines, &g.bands)
		if g.mixed {
			antialias(&c.lines, 2)
		}
	} else {
		used = min(32, used+1) // the butterflies reach one further
		antialias(&c.lines, used)
	}
	for sb := range 32 {
		over := &c.overlap[sb]
		if sb >= used {
			for i := range 18 {
				c.bands[i][sb] = over[i]
			}
			*over = [18]float32{}
		} else {
			in := (*[18]float32)(c.lines[18*sb:])
			kind := g.blockType
			if g.mixed && sb < 2 {
				kind = 0
			}
			if kind == shortBlocks {
				c.short(in, over, sb)
			} else {
				c.long(in, over, sb, &blockWindows[kind])
			}
		}
		if sb&1 != 0 {
			for i := 1; i < 18; i += 2 {
				c.bands[i][sb] = -c.bands[i][sb]
			}
		}
	}
}

// long does a transform of 36 points. Its output is v, a DCT-IV of the lines, unfolded:
// v[9..17], then -v backwards, then -v forwards.
func (c *channel) long(in, over *[18]float32, sb int, w *[36]float32) {
	v := dct4of18(in)
	for i := range 9 {
		a, b := v[9+i], v[8-i]
		c.bands[i][sb] = a*w[i] + over[i]
		c.bands[17-i][sb] = -a*w[17-i] + over[17-i]
		over[i], over[17-i] = -b*w[18+i], -b*w[35-i]
	}
}

// cosines for dct4of18: even and odd outputs of the folded transform.
var (
	cos18 = func() (t [18]float32) {
		for k := range t {
			t[k] = float32(2 * math.Cos(math.Pi/72*float64(2*k+1)))
		}
		return t
	}()
	cosEven, cosOdd = func() (e, o [9][9]float32) {
		for m := range 9 {
			for k := range 9 {
				e[m][k] = float32(math.Cos(math.Pi / 36 * float64(2*m*(2*k+1))))
				o[m][k] = float32(math.Cos(math.Pi / 36 * float64((2*m+1)*(2*k+1))))
			}
		}
		return e, o
	}()
)

// dct4of18 is v[n] = Σ x[k] cos(π/72 (2n+1)(2k+1)). The sums v[n] + v[n-1] are a
// DCT-II of 2x[k]cos(π/72 (2k+1)), which folds into two halves.
func dct4of18(x *[18]float32) (v [18]float32) {
	var s, d [9]float32
	for k := range 9 {
		a, b := x[k]*cos18[k], x[17-k]*cos18[17-k]
		s[k], d[k] = a+b, a-b
	}
	var last float32
	for m := range 9 {
		e, o := &cosEven[m], &cosOdd[m]
		var even, odd float32
		for k := range 9 {
			even += s[k] * e[k]
			odd += d[k] * o[k]
		}
		if m == 0 {
			even /= 2
		}
		last = even - last
		v[2*m] = last
		last = odd - last
		v[2*m+1] = last
	}
	return v
}

// short does three transforms of 12 points, six samples apart.
func (c *channel) short(in, over *[18]float32, sb int) {
	var out [36]float32
	w := &blockWindows[shortBlocks]
	for win := range 3 {
		var v [6]float32
		for n := range v {
			for k := range 6 {
				v[n] += in[3*k+win] * cosShort[n][k]
			}
		}
		o := out[6+6*win:][:12]
		for i := range 3 {
			o[i] += v[3+i] * w[i]
			o[5-i] -= v[3+i] * w[5-i]
			o[6+i] -= v[2-i] * w[6+i]
			o[11-i] -= v[2-i] * w[11-i]
		}
	}
	for i := range 18 {
		c.bands[i][sb] = out[i] + over[i]
		over[i] = out[18+i]
	}
}

var cosShort = func() (t [6][6]float32) {
	for n := range 6 {
		for k := range 6 {
			t[n][k] = float32(math.Cos(math.Pi / 24 * float64((2*n+1)*(2*k+1))))
		}
	}
	return t
}()

// synthesise turns 18 vectors of 32 subband samples into 576 samples (section 2.4.3.4.2.2 of the standard).
func (c *channel) synthesise(out []float32) {
	for t := range 18 {
		x := &c.bands[t]
		dct32(x)
		// The matrixed vector is the DCT-II mirrored: cosines of 16+i.
		c.head = (c.head - 1) & 15
		v := &c.ring[c.head]
		for i := range 16 {
			v[i] = x[16+i]
			v[17+i] = -x[31-i]
			v[32+i] = -x[16-i]
			v[48+i] = -x[i]
		}
		v[16] = 0
		var acc [32]float32
		for i := range 8 {
			a := (*[32]float32)(c.ring[(c.head+2*i)&15][:32])
			b := (*[32]float32)(c.ring[(c.head+2*i+1)&15][32:])
			w := &window[i]
			for j := range 32 {
				acc[j] += a[j]*w[0][j] + b[j]*w[1][j]
			}
		}
		copy(out[32*t:], acc[:])
	}
}

// window is the synthesis window, cut as synthesise reads it.
var window = func() (t [8][2][32]float32) {
	at := func(i int) float32 {
		switch {
		case i <= 256:
			return float32(windowHalf[i]) / (1 << 16)
		case i%64 == 0: // the mirror keeps the sign here and changes it elsewhere
			return float32(windowHalf[512-i]) / (1 << 16)
		}
		return -float32(windowHalf[512-i]) / (1 << 16)
	}
	for i := range 8 {
		for half := range 2 {
			for j := range 32 {
				t[i][half][j] = at(64*i + 32*half + j)
			}
		}
	}
	return t
}()

// dct32 is x[n] = Σ x[k] cos(π/64 n(2k+1)), in place, after Lee: a DCT of half
// the size of the sums of mirrored pairs, another of their differences.
func dct32(x *[32]float32) {
	var t [32]float32
	for i := range 16 {
		a, b := x[i], x[31-i]
		t[i], t[16+i] = a+b, (a-b)*secants[i]
	}
	dct16((*[16]float32)(t[:16]))
	dct16((*[16]float32)(t[16:]))
	for i := range 15 {
		x[2*i], x[2*i+1] = t[i], t[16+i]+t[17+i]
	}
	x[30], x[31] = t[15], t[31]
}

func dct16(x *[16]float32) {
	var t [16]float32
	for i := range 8 {
		a, b := x[i], x[15-i]
		t[i], t[8+i] = a+b, (a-b)*secants[16+i]
	}
	dct8((*[8]float32)(t[:8]))
	dct8((*[8]float32)(t[8:]))
	for i := range 7 {
		x[2*i], x[2*i+1] = t[i], t[8+i]+t[9+i]
	}
	x[14], x[15] = t[7], t[15]
}

func dct8(x *[8]float32) {
	a0, b0 := x[0]+x[7], (x[0]-x[7])*secants[24]
	a1, b1 := x[1]+x[6], (x[1]-x[6])*secants[25]
	a2, b2 := x[2]+x[5], (x[2]-x[5])*secants[26]
	a3, b3 := x[3]+x[4], (x[3]-x[4])*secants[27]
	a0, a1, a2, a3 = dct4(a0, a1, a2, a3)
	b0, b1, b2, b3 = dct4(b0, b1, b2, b3)
	x[0], x[2], x[4], x[6] = a0, a1, a2, a3
	x[1], x[3], x[5], x[7] = b0+b1, b1+b2, b2+b3, b3
}

func dct4(a, b, c, d float32) (float32, float32, float32, float32) {
	s, u := a+d, (a-d)*secants[28]
	t, v := b+c, (b-c)*secants[29]
	o := (u - v) * secants[30]
	return s + t, u + v + o, (s - t) * secants[30], o
}

// secants are 1/(2cos(π/N (i+1/2))) for N = 32, 16, 8, 4, 2, one after the other.
var secants = func() (t [31]float32) {
	at := 0
	for n := 32; n >= 2; n /= 2 {
		for i := range n / 2 {
			t[at] = float32(1 / (2 * math.Cos(math.Pi/float64(n)*(float64(i)+0.5))))
			at++
		}
	}
	return t
}()
