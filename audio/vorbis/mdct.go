package vorbis

import (
	"math"
	mathbits "math/bits"
)

// mdct is the inverse modified discrete cosine transform of blocks of one size n,
//
//	y[t] = Σ x[k] cos(2π/n (t + 1/2 + n/4)(k + 1/2)),   k < n/2,
//
// by way of a complex FFT of n/4 points.
type mdct struct {
	n     int
	twist []complex64 // before and after the FFT
	roots []complex64 // of the FFT: e^(2πi k/(n/4)), k < n/8
	swap  []uint16    // bit reversal
	z     []complex64
}

func newMDCT(n int) *mdct {
	q := n / 4
	m := &mdct{n: n, twist: make([]complex64, q), roots: make([]complex64, q/2), swap: make([]uint16, q), z: make([]complex64, q)}
	for k := range m.twist {
		s, c := math.Sincos(2 * math.Pi * (float64(k) + 0.125) / float64(n))
		m.twist[k] = complex(float32(c), float32(s))
	}
	for k := range m.roots {
		s, c := math.Sincos(2 * math.Pi * float64(k) / float64(q))
		m.roots[k] = complex(float32(c), float32(s))
	}
	shift := 16 - mathbits.Len(uint(q-1))
	for k := range m.swap {
		m.swap[k] = mathbits.Reverse16(uint16(k)) >> shift
	}
	return m
}

// inverse writes the middle half of y, n/2 values from t = n/4 on, of the n/2
// coefficients in x. The outer quarters follow from it: y[n/4-1-t] = -y[n/4+t] and y[3n/4+t] = y[3n/4-1-t].
func (m *mdct) inverse(out, x []float32) {
	half, q := m.n/2, m.n/4
	z := m.z
	for k := range q {
		z[m.swap[k]] = mul(complex(x[half-1-2*k], x[2*k]), m.twist[k])
	}
	m.fft(z)
	for k, w := range m.twist {
		v := mul(z[k], w)
		out[2*k] = real(v)
		out[half-1-2*k] = -imag(v)
	}
}

func mul(a, b complex64) complex64 {
	return complex(real(a)*real(b)-imag(a)*imag(b), real(a)*imag(b)+imag(a)*real(b))
}

// fft transforms z, which is in bit-reversed order, in place; the sign in the exponent is plus.
func (m *mdct) fft(z []complex64) {
	// The first two rounds at once: their roots are 1 and i.
	for i := 0; i+3 < len(z); i += 4 {
		q := z[i : i+4 : i+4]
		a, b, c, d := q[0]+q[1], q[0]-q[1], q[2]+q[3], q[2]-q[3]
		d = complex(-imag(d), real(d))
		q[0], q[1], q[2], q[3] = a+c, b+d, a-c, b-d
	}
	for size := 8; size <= len(z); size *= 2 {
		h, step := size/2, len(z)/size
		for at := 0; at < len(z); at += size {
			lo, hi := z[at:at+h], z[at+h:at+size]
			hi = hi[:len(lo)]
			r := 0
			for i, a := range lo {
				b := mul(hi[i], m.roots[r])
				lo[i], hi[i] = a+b, a-b
				r += step
			}
		}
	}
}
