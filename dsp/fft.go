package dsp

import (
	"fmt"
	"math"
	"math/bits"
	"math/cmplx"
)

// FFT is a Fourier transform of n real samples, n a power of two. It holds
// scratch space, so each goroutine needs its own.
//
// The samples are taken in pairs as n/2 complex numbers, transformed by Stockham's
// algorithm in steps of four (which sorts as it goes, so nothing is ever bit-reversed), and
// the spectrum of the pairs is taken apart into that of the samples.
type FFT struct {
	n    int
	half int          // n/2, the complex length
	turn []complex128 // exp(-2πik/half)
	part []complex128 // exp(-2πik/n), to take pairs apart
	a, b []complex128
}

// NewFFT plans a transform of n samples. It panics unless n is a power of two from 4 to 2^26.
func NewFFT(n int) *FFT {
	if n < 4 || n > 1<<26 || bits.OnesCount(uint(n)) != 1 {
		panic(fmt.Sprintf("dsp: FFT of %d samples", n))
	}
	f := &FFT{n: n, half: n / 2}
	f.turn = roots(f.half, f.half)
	f.part = roots(n, f.half/2+1)
	f.a, f.b = make([]complex128, f.half), make([]complex128, f.half)
	return f
}

// roots are the first count powers of exp(-2πi/n).
func roots(n, count int) []complex128 {
	r := make([]complex128, count)
	for k := range r {
		s, c := math.Sincos(-2 * math.Pi * float64(k) / float64(n))
		r[k] = complex(c, s)
	}
	return r
}

// Len is n.
func (f *FFT) Len() int { return f.n }

// Forward writes to dst[k] = Σ src[i]·exp(-2πi·ik/n) for k from 0 to n/2; dst holds n/2+1.
func (f *FFT) Forward(dst []complex128, src []float64) {
	_, _ = dst[f.half], src[f.n-1]
	for i := range f.a {
		f.a[i] = complex(src[2*i], src[2*i+1])
	}
	z := f.transform()
	dst[0] = complex(real(z[0])+imag(z[0]), 0)
	dst[f.half] = complex(real(z[0])-imag(z[0]), 0)
	for k := 1; k <= f.half/2; k++ {
		x, y := z[k], cmplx.Conj(z[f.half-k])
		even := (x + y) * 0.5
		odd := (x - y) * complex(0, -0.5) * f.part[k]
		dst[k] = even + odd
		dst[f.half-k] = cmplx.Conj(even - odd)
	}
}

// Inverse undoes Forward: dst holds n samples. The imaginary parts of src[0] and src[n/2] are taken as 0.
func (f *FFT) Inverse(dst []float64, src []complex128) {
	_, _ = src[f.half], dst[f.n-1]
	// The inverse is the forward transform of the conjugate, conjugated.
	f.a[0] = complex(real(src[0])+real(src[f.half]), -(real(src[0]) - real(src[f.half])))
	for k := 1; k <= f.half/2; k++ {
		x, y := src[k], cmplx.Conj(src[f.half-k])
		even := x + y
		odd := (x - y) * cmplx.Conj(f.part[k]) * complex(0, 1)
		f.a[k] = cmplx.Conj(even + odd)
		f.a[f.half-k] = even - odd
	}
	z := f.transform()
	scale := 1 / float64(f.n)
	for i, v := range z {
		dst[2*i] = real(v) * scale
		dst[2*i+1] = -imag(v) * scale
	}
}

// transform takes f.a to its spectrum, in f.a or f.b.
func (f *FFT) transform() []complex128 {
	x, y := f.a, f.b
	n, stride := f.half, 1
	for ; n >= 4; n, stride = n/4, stride*4 {
		f.four(y, x, n, stride)
		x, y = y, x
	}
	if n == 2 {
		for q := range stride {
			y[q], y[q+stride] = x[q]+x[q+stride], x[q]-x[q+stride]
		}
		x = y
	}
	return x
}

// four splits stride interleaved transforms of length n into four times as many of n/4.
func (f *FFT) four(y, x []complex128, n, stride int) {
	m := n / 4
	for p := range m {
		w1 := f.turn[p*stride]
		w2 := f.turn[2*p*stride]
		w3 := w1 * w2
		xa := x[stride*p:][:stride]
		xb := x[stride*(p+m):][:stride]
		xc := x[stride*(p+2*m):][:stride]
		xd := x[stride*(p+3*m):][:stride]
		ya := y[stride*4*p:][:stride]
		yb := y[stride*(4*p+1):][:stride]
		yc := y[stride*(4*p+2):][:stride]
		yd := y[stride*(4*p+3):][:stride]
		for q := range ya {
			a, b, c, d := xa[q], xb[q], xc[q], xd[q]
			ac, bd := a+c, b+d
			am, bm := a-c, b-d
			turned := complex(-imag(bm), real(bm))
			ya[q] = ac + bd
			yb[q] = times(w1, am-turned)
			yc[q] = times(w2, ac-bd)
			yd[q] = times(w3, am+turned)
		}
	}
}

// times is a·b without the checks for infinities that the language asks of complex products.
func times(a, b complex128) complex128 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}
