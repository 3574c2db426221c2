package dsp

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"
)

func TestFFTAgainstSlow(t *testing.T) {
	for n := 4; n <= 1024; n *= 2 {
		x := make([]float64, n)
		for i := range x {
			x[i] = 2*Uniform(3, uint64(i)) - 1
		}
		f := NewFFT(n)
		got := make([]complex128, n/2+1)
		f.Forward(got, x)
		for k := range got {
			var want complex128
			for i, v := range x {
				want += complex(v, 0) * cmplx.Exp(complex(0, -2*math.Pi*float64(i*k%n)/float64(n)))
			}
			if cmplx.Abs(got[k]-want) > 1e-12*float64(n) {
				t.Fatalf("n %d bin %d: %v, want %v", n, k, got[k], want)
			}
		}
		back := make([]float64, n)
		f.Inverse(back, got)
		for i := range x {
			if math.Abs(back[i]-x[i]) > 1e-13 {
				t.Fatalf("n %d sample %d comes back as %g, was %g", n, i, back[i], x[i])
			}
		}
	}
}

func TestFFTLong(t *testing.T) {
	// Parseval's sum and a single tone at a length that the slow transform cannot do.
	const n = 1 << 17
	x := make([]float64, n)
	for i := range x {
		x[i] = math.Cos(2 * math.Pi * 12345 * float64(i) / n)
	}
	f := NewFFT(n)
	y := make([]complex128, n/2+1)
	f.Forward(y, x)
	for k, v := range y {
		want := 0.0
		if k == 12345 {
			want = n / 2
		}
		if cmplx.Abs(v-complex(want, 0)) > 1e-6 {
			t.Fatalf("bin %d is %v", k, v)
		}
	}
}

func BenchmarkFFT(b *testing.B) {
	for _, n := range []int{1024, 4096, 65536} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			f := NewFFT(n)
			x, y := make([]float64, n), make([]complex128, n/2+1)
			b.SetBytes(int64(8 * n))
			for range b.N {
				f.Forward(y, x)
			}
		})
	}
}
