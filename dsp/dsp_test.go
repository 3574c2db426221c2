package dsp

import (
	"fmt"
	"math"
	"math/cmplx"
	"testing"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %.6g, want %.6g ± %g", what, got, want, tolerance)
	}
}

func TestDecibels(t *testing.T) {
	near(t, "DB(10)", DB(10), 20, 1e-12)
	near(t, "PowerDB(10)", PowerDB(10), 10, 1e-12)
	near(t, "Ratio(-6.0206)", Ratio(-6.0206), 0.5, 1e-6)
	if !math.IsInf(DB(0), -1) {
		t.Error("DB(0) is not -Inf")
	}
}

// Abramowitz & Stegun, Handbook of Mathematical Functions, table 9.8: e^-x·I0(x).
func TestBesselI0(t *testing.T) {
	near(t, "I0(0)", BesselI0(0), 1, 0)
	near(t, "I0(1)", BesselI0(1)*math.Exp(-1), 0.4657596077, 1e-9)
	near(t, "I0(5)", BesselI0(5)*math.Exp(-5), 0.1835408126, 1e-9)
	near(t, "I0(10)", BesselI0(10)*math.Exp(-10), 0.1278333372, 1e-9)
}

func TestWindows(t *testing.T) {
	w := make([]float64, 101)
	Kaiser(w, 8)
	near(t, "middle", w[50], 1, 0)
	near(t, "edge", w[0], 1/BesselI0(8), 1e-15)
	for i := range w {
		near(t, "symmetry", w[i], w[100-i], 1e-15)
	}
	h := make([]float64, 64)
	Hann(h)
	for i := range 32 {
		near(t, "halves of Hann", h[i]+h[i+32], 1, 1e-15)
	}
}

func TestFIRDesign(t *testing.T) {
	const reject, width = 100.0, 0.02
	n := KaiserLength(reject, width) | 1
	low, high := LowPass(n, 0.1, reject), HighPass(n, 0.1, reject)
	for f := 0.0; f <= 0.5; f += 0.0007 {
		l, h := cmplx.Abs(FIRResponse(low, f)), cmplx.Abs(FIRResponse(high, f))
		switch {
		case f < 0.1-width/2:
			near(t, fmt.Sprintf("low-pass at %.4f", f), DB(l), 0, 0.001)
		case f > 0.1+width/2:
			if DB(l) > -reject+1 {
				t.Errorf("low-pass at %.4f is %.1f dB", f, DB(l))
			}
		}
		near(t, fmt.Sprintf("sum at %.4f", f), l+h, 1, 1e-4)
	}
	near(t, "low-pass at its cut-off", cmplx.Abs(FIRResponse(low, 0.1)), 0.5, 0.001)
}

func TestConvolve(t *testing.T) {
	for _, taps := range []int{1, 2, 7, 32, 63} {
		for _, n := range []int{1, 5, 16, 512, 1300} {
			h, x := noise(1, taps, 1)[0], noise(1, n+taps-1, 1)[0]
			got := make([]float32, n)
			Convolve(got, x, h)
			for i := range got {
				var want float64
				for k := range h {
					want += float64(h[k]) * float64(x[i+k])
				}
				if math.Abs(float64(got[i])-want) > 2e-6 {
					t.Fatalf("%d taps, output %d of %d: %g, want %g", taps, i, n, got[i], want)
				}
			}
		}
	}
}

// The filters are held to the analogue prototypes' landmarks and the step to the formula.
func TestBiquads(t *testing.T) {
	const rate = 48000.0
	at := func(q Biquad, hz float64) float64 { return DB(cmplx.Abs(q.Response(hz, rate))) }
	lp, hp := LowPass2(1000, math.Sqrt2/2, rate), HighPass2(1000, math.Sqrt2/2, rate)
	near(t, "low-pass at its corner", at(lp, 1000), -3.0103, 1e-3)
	near(t, "low-pass at DC", at(lp, 0), 0, 1e-9)
	near(t, "low-pass at 10 kHz", at(lp, 10000), -43, 1.5)
	near(t, "high-pass at its corner", at(hp, 1000), -3.0103, 1e-3)
	near(t, "high-pass at 100 Hz", at(hp, 100), -40, 0.1)
	bp := BandPass2(3000, 2, rate)
	near(t, "band-pass at its middle", at(bp, 3000), 0, 1e-9)
	pk := Peak2(2000, 1, 6, rate)
	near(t, "peak at its middle", at(pk, 2000), 6, 1e-9)
	near(t, "peak at DC", at(pk, 0), 0, 1e-9)
	ls, hs := LowShelf2(500, math.Sqrt2/2, -4, rate), HighShelf2(5000, math.Sqrt2/2, 4, rate)
	near(t, "low shelf at DC", at(ls, 0), -4, 1e-9)
	near(t, "low shelf at its corner", at(ls, 500), -2, 1e-6)
	near(t, "high shelf at half the rate", at(hs, rate/2), 4, 1e-6)
	near(t, "high shelf at DC", at(hs, 0), 0, 1e-9)

	// The transform of the impulse answer is the response.
	for _, q := range []Biquad{lp, hp, bp, pk, ls, hs} {
		var s BiquadState
		const n = 8192
		x := make([]float64, n)
		for i := range x {
			in := 0.0
			if i == 0 {
				in = 1
			}
			x[i] = s.Step(&q, in)
		}
		f, y := NewFFT(n), make([]complex128, n/2+1)
		f.Forward(y, x)
		for k := 0; k <= n/2; k += 97 {
			if want := q.Response(float64(k)*rate/n, rate); cmplx.Abs(y[k]-want) > 1e-9 {
				t.Errorf("%v at bin %d: %v, want %v", q, k, y[k], want)
			}
		}
	}
}

func TestOnePole(t *testing.T) {
	p := NewOnePole(0.01, 1000)
	for range 10 {
		p.Step(1)
	}
	near(t, "after one time constant", p.Y, 1-1/math.E, 1e-12)
}

// The published first outputs of SplitMix64 for seed 1234567 (rosettacode.org/wiki/Pseudo-random_numbers/Splitmix64).
func TestHash(t *testing.T) {
	for i, want := range []uint64{6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431, 16408922859458223821} {
		if got := Hash(1234567, uint64(i)); got != want {
			t.Errorf("Hash(1234567, %d) = %d, want %d", i, got, want)
		}
	}
}

func TestTriangular(t *testing.T) {
	const n = 1 << 18
	var sum, square float64
	for i := range n {
		v := Triangular(5, uint64(i))
		if v <= -1 || v >= 1 {
			t.Fatalf("%g", v)
		}
		sum += v
		square += v * v
	}
	near(t, "mean", sum/n, 0, 0.003)
	near(t, "variance", square/n, 1./6, 0.002)
}

func TestSubsonic(t *testing.T) {
	const rate = 44100
	f := NewSubsonicFilter(2, 0, rate)
	at := func(hz float64) float64 { return DB(cmplx.Abs(f.Response(hz, rate))) }
	near(t, "at 25 Hz", at(25), -3.01, 0.01)
	near(t, "at 50 Hz", at(50), -0.017, 0.002)
	near(t, "at 80 Hz", at(80), 0, 0.001)
	near(t, "at 1 kHz", at(1000), 0, 1e-6)
	near(t, "at 12.5 Hz", at(12.5), -24.1, 0.1)

	// DC of half scale under a tone: the DC goes, the tone stays.
	x := sine(rate*2, 441, rate, 0.25, 0)
	for i := range x {
		x[i] += 0.5
	}
	in := [][]float32{x, x, x}
	out := process(in, 1000, NewSubsonicFilter(3, 0, rate))
	tail := out[2][rate:]
	var mean float64
	for _, v := range tail {
		mean += float64(v)
	}
	near(t, "DC after a second", mean/rate, 0, 1e-6)
	near(t, "tone", DB(amplitude(tail, 441, rate)/0.25), 0, 0.001)
	same(t, process(in, 77, NewSubsonicFilter(3, 0, rate)), out)
	same(t, [][]float32{out[0], out[1]}, [][]float32{out[2], out[2]})
}

func TestDither(t *testing.T) {
	for _, bits := range []int{16, 24} {
		step := math.Ldexp(1, 1-bits)
		for _, level := range []float64{0, 0.3, 0.7123} { // the error must not know the level
			const n = 100000
			x := make([]float32, n)
			for i := range x {
				x[i] = float32(level * step)
			}
			out := process([][]float32{x, x}, 999, NewDither(2, bits, 42))
			var sum, square, both float64
			for i, v := range out[0] {
				k := float64(v) / step
				if k != math.Trunc(k) {
					t.Fatalf("%d bits: %g is not a whole number of steps", bits, v)
				}
				e := k - float64(x[i])/step
				sum += e
				square += e * e
				both += e * (float64(out[1][i])/step - float64(x[i])/step)
			}
			near(t, fmt.Sprintf("%d bits: mean error at %g", bits, level), sum/n, 0, 0.008)
			near(t, fmt.Sprintf("%d bits: error power at %g", bits, level), square/n, 0.25, 0.006)
			near(t, fmt.Sprintf("%d bits: product of channels at %g", bits, level), both/n, 0, 0.008)
		}
		in := noise(2, 5000, 1.2)
		want := process(in, 5000, NewDither(2, bits, 7))
		same(t, process(in, 33, NewDither(2, bits, 7)), want)
		for _, ch := range want {
			for _, v := range ch {
				if v < -1 || float64(v) > 1-step {
					t.Fatalf("%d bits: %g is out of range", bits, v)
				}
			}
		}
		part := NewDither(2, bits, 7)
		part.SetFrame(2000)
		same(t, process([][]float32{in[0][2000:], in[1][2000:]}, 500, part), [][]float32{want[0][2000:], want[1][2000:]})
	}
}

func TestPeakFinder(t *testing.T) {
	// A quarter of the rate, every sample 3 dB under the top.
	x := sine(200, 1, 4, 1, math.Pi/4)
	dst, scratch := make([]float32, 100), make([]float32, 100)
	f := NewPeakFinder(4)
	f.Between(dst, x[:100+2*f.Reach()-1], scratch)
	for i, v := range dst {
		want := 0.0
		for p := 1; p < 4; p++ {
			at := float64(i+f.Reach()-1) + float64(p)/4
			want = max(want, math.Abs(math.Sin(math.Pi/2*at+math.Pi/4)))
		}
		near(t, fmt.Sprintf("interval %d", i), float64(v), want, 0.001)
	}
	// No wave of samples within ±1 may exceed the bound: try the worst, the signs of the taps.
	worst := make([]float32, peakTaps)
	for _, taps := range f.phases {
		for i, h := range taps {
			worst[i] = float32(math.Copysign(1, float64(h)))
		}
		f.Between(dst[:1], worst, scratch)
		if float64(dst[0]) > f.Bound()*1.000001 {
			t.Errorf("%g exceeds the bound %g", dst[0], f.Bound())
		}
	}
}

func TestCurve(t *testing.T) {
	near(t, "before", ferric.At(100), 5.3, 1e-12)
	near(t, "at a point", ferric.At(1000), 2.9, 1e-12)
	near(t, "between", ferric.At(math.Sqrt(1000*10000)), 0.8, 1e-9)
	near(t, "after", ferric.At(15000*1.5), -13.3, 1e-9)
	if !math.IsInf(Curve(nil).At(1000), 1) {
		t.Error("an empty curve limits")
	}
}
