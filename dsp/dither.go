package dsp

import "math"

// Dither rounds samples to whole numbers of a smaller width, with noise added before the
// rounding so that the error is noise and not distortion. The noise is triangular, ±1 step
// (TPDF): with it neither the mean nor the power of the error depends on the signal
// (Lipshitz, Wannamaker, Vanderkooy, "Quantization and Dither", JAES 40/5, 1992).
// It is a pure function of (seed, channel, position).
type Dither struct {
	bits  int
	seeds []uint64
	at    int64
}

// NewDither makes a dither to bits, 8 to 24, for a number of channels.
func NewDither(channels, bits int, seed uint64) *Dither {
	d := &Dither{bits: bits}
	for c := range channels {
		d.seeds = append(d.seeds, Hash(seed, uint64(c)))
	}
	return d
}

// Latency is 0.
func (d *Dither) Latency() int { return 0 }

// SetFrame says where the next block begins, to render a part of a programme as it is within the whole.
func (d *Dither) SetFrame(frame int64) { d.at = frame }

// Process rounds block in place. Every sample is then k / 2^(bits-1) exactly, for a whole k
// from -2^(bits-1) to 2^(bits-1)-1.
func (d *Dither) Process(block [][]float32) {
	scale := math.Ldexp(1, d.bits-1)
	for c, b := range block {
		seed := d.seeds[c]
		for i, v := range b {
			k := math.Floor(float64(float64(v)*scale) + Triangular(seed, uint64(d.at+int64(i))) + 0.5)
			b[i] = float32(min(max(k, -scale), scale-1) / scale)
		}
	}
	d.at += int64(len(block[0]))
}
