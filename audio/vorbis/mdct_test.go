package vorbis

import (
	"math"
	"testing"
)

// The fast transform against its definition.
func TestInverseMDCT(t *testing.T) {
	for _, n := range []int{64, 128, 256, 2048} {
		x := make([]float32, n/2)
		for k := range x {
			x[k] = float32(math.Sin(float64(k*k)*0.37 + 1))
		}
		got := make([]float32, n/2)
		newMDCT(n).inverse(got, x)
		for i := range got {
			tt := float64(i + n/4)
			var want float64
			for k := range x {
				want += float64(x[k]) * math.Cos(2*math.Pi/float64(n)*(tt+0.5+float64(n)/4)*(float64(k)+0.5))
			}
			if math.Abs(want-float64(got[i])) > 2e-4 {
				t.Fatalf("n=%d: y[%d] is %g, not %g", n, i, got[i], want)
			}
		}
	}
}
