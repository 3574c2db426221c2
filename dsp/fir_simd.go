//go:build !wasm

package dsp

import "github.com/tphakala/simd/f32"

// convolveTile is how many outputs convolve keeps in the first-level cache while it runs over the taps.
const convolveTile = 512

// convolve adds whole vectors, one tap at a time; the multiply-adds are fused whatever the width of the vector unit.
func convolve(dst, src, taps []float32) {
	for from := 0; from < len(dst); from += convolveTile {
		to := min(from+convolveTile, len(dst))
		out, in := dst[from:to], src[from:]
		n := to - from
		clear(out)
		lo, hi := 0, len(taps)-1
		for lo < hi {
			f32.AddScaled(out, taps[lo], in[lo:lo+n])
			f32.AddScaled(out, taps[hi], in[hi:hi+n])
			lo++
			hi--
		}
		if lo == hi {
			f32.AddScaled(out, taps[lo], in[lo:lo+n])
		}
	}
}
