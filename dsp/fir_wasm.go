package dsp

// convolve makes eight outputs at a time, whose sums stay in locals: WebAssembly as Go compiles it has no vectors,
// and going through memory for every tap took three times as long. WebAssembly has no fused multiply-add, so results
// differ from other machines' by rounding.
func convolve(dst, src, taps []float32) {
	for len(dst) >= 8 {
		var a, b, c, d, e, f, g, h float32
		lo, hi := 0, len(taps)-1
		for lo < hi {
			t, x := taps[lo], (*[8]float32)(src[lo:])
			u, y := taps[hi], (*[8]float32)(src[hi:])
			a += t * x[0]
			a += u * y[0]
			b += t * x[1]
			b += u * y[1]
			c += t * x[2]
			c += u * y[2]
			d += t * x[3]
			d += u * y[3]
			e += t * x[4]
			e += u * y[4]
			f += t * x[5]
			f += u * y[5]
			g += t * x[6]
			g += u * y[6]
			h += t * x[7]
			h += u * y[7]
			lo++
			hi--
		}
		if lo == hi {
			t, x := taps[lo], (*[8]float32)(src[lo:])
			a += t * x[0]
			b += t * x[1]
			c += t * x[2]
			d += t * x[3]
			e += t * x[4]
			f += t * x[5]
			g += t * x[6]
			h += t * x[7]
		}
		*(*[8]float32)(dst) = [8]float32{a, b, c, d, e, f, g, h}
		dst, src = dst[8:], src[8:]
	}
	for i := range dst {
		var a float32
		lo, hi := 0, len(taps)-1
		for lo < hi {
			a += taps[lo] * src[i+lo]
			a += taps[hi] * src[i+hi]
			lo++
			hi--
		}
		if lo == hi {
			a += taps[lo] * src[i+lo]
		}
		dst[i] = a
	}
}
