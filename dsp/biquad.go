package dsp

import (
	"math"
	"math/cmplx"
)

// Biquad is a second-order filter, y = (b0 + b1/z + b2/z²) / (1 + a1/z + a2/z²) · x.
type Biquad struct{ B0, B1, B2, A1, A2 float64 }

// BiquadState is the memory of one Biquad on one channel (transposed direct form II).
type BiquadState struct{ S1, S2 float64 }

// Step filters one sample.
func (s *BiquadState) Step(q *Biquad, x float64) float64 {
	y := float64(q.B0*x) + s.S1
	s.S1 = float64(q.B1*x) - float64(q.A1*y) + s.S2
	s.S2 = float64(q.B2*x) - float64(q.A2*y)
	return y
}

// Settle clears a memory that has decayed below anything audible (-600 dB), before it
// reaches the subnormal numbers that processors are slow at.
func (s *BiquadState) Settle() {
	if math.Abs(s.S1) < 1e-30 && math.Abs(s.S2) < 1e-30 {
		*s = BiquadState{}
	}
}

// Response is the complex gain at hz for sampling rate rate.
func (q Biquad) Response(hz, rate float64) complex128 {
	z := cmplx.Exp(complex(0, -2*math.Pi*hz/rate))
	return (complex(q.B0, 0) + complex(q.B1, 0)*z + complex(q.B2, 0)*z*z) /
		(1 + complex(q.A1, 0)*z + complex(q.A2, 0)*z*z)
}

// The designs below are the bilinear transforms of analogue prototypes in
// R. Bristow-Johnson's Audio EQ Cookbook (w3.org/TR/audio-eq-cookbook): exact at
// hz, warped towards rate/2.

// LowPass2 is a second-order low-pass with quality q (0.7071 is Butterworth).
func LowPass2(hz, q, rate float64) Biquad {
	c, alpha := cookbook(hz, q, rate)
	return normal((1-c)/2, 1-c, (1-c)/2, 1+alpha, -2*c, 1-alpha)
}

// HighPass2 is a second-order high-pass with quality q.
func HighPass2(hz, q, rate float64) Biquad {
	c, alpha := cookbook(hz, q, rate)
	return normal((1+c)/2, -(1 + c), (1+c)/2, 1+alpha, -2*c, 1-alpha)
}

// BandPass2 is a second-order band-pass, 0 dB at hz.
func BandPass2(hz, q, rate float64) Biquad {
	c, alpha := cookbook(hz, q, rate)
	return normal(alpha, 0, -alpha, 1+alpha, -2*c, 1-alpha)
}

// Peak2 lifts or cuts by gainDB at hz.
func Peak2(hz, q, gainDB, rate float64) Biquad {
	c, alpha := cookbook(hz, q, rate)
	a := math.Pow(10, gainDB/40)
	return normal(1+alpha*a, -2*c, 1-alpha*a, 1+alpha/a, -2*c, 1-alpha/a)
}

// LowShelf2 lifts or cuts everything below hz by gainDB.
func LowShelf2(hz, q, gainDB, rate float64) Biquad {
	c, alpha := cookbook(hz, q, rate)
	a := math.Pow(10, gainDB/40)
	r := 2 * math.Sqrt(a) * alpha
	return normal(a*((a+1)-(a-1)*c+r), 2*a*((a-1)-(a+1)*c), a*((a+1)-(a-1)*c-r),
		(a+1)+(a-1)*c+r, -2*((a-1)+(a+1)*c), (a+1)+(a-1)*c-r)
}

// HighShelf2 lifts or cuts everything above hz by gainDB.
func HighShelf2(hz, q, gainDB, rate float64) Biquad {
	c, alpha := cookbook(hz, q, rate)
	a := math.Pow(10, gainDB/40)
	r := 2 * math.Sqrt(a) * alpha
	return normal(a*((a+1)+(a-1)*c+r), -2*a*((a-1)+(a+1)*c), a*((a+1)+(a-1)*c-r),
		(a+1)-(a-1)*c+r, 2*((a-1)-(a+1)*c), (a+1)-(a-1)*c-r)
}

func cookbook(hz, q, rate float64) (cos, alpha float64) {
	s, c := math.Sincos(2 * math.Pi * hz / rate)
	return c, s / (2 * q)
}

func normal(b0, b1, b2, a0, a1, a2 float64) Biquad {
	return Biquad{b0 / a0, b1 / a0, b2 / a0, a1 / a0, a2 / a0}
}

// OnePole is a first-order smoother: y moves towards x by the share K a step.
type OnePole struct{ K, Y float64 }

// NewOnePole is a smoother whose answer to a step has covered 63 % after seconds.
func NewOnePole(seconds, rate float64) OnePole {
	return OnePole{K: -math.Expm1(-1 / (seconds * rate))}
}

// Step takes one sample and returns the smoothed value.
func (p *OnePole) Step(x float64) float64 {
	p.Y += float64(p.K * (x - p.Y))
	return p.Y
}
