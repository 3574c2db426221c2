package dsp

import (
	"math"
	"testing"
)

// ferric is the curve of a 1994 ferric tape, measured on audiochrome.blogspot.com (2018).
var ferric = Curve{{400, 5.3}, {1000, 2.9}, {10000, -1.3}, {15000, -7.3}}

func sine(n int, hz, rate, amp, phase float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(amp * math.Sin(2*math.Pi*hz*float64(i)/rate+phase))
	}
	return x
}

// process runs a copy of in through p in blocks of size and takes the delay off.
func process(in [][]float32, size int, p interface {
	Process([][]float32)
	Latency() int
}) [][]float32 {
	n, lat := len(in[0]), p.Latency()
	buf := planar(len(in), n+lat)
	for c := range in {
		copy(buf[c], in[c])
	}
	view := make([][]float32, len(in))
	for at := 0; at < n+lat; at += size {
		to := min(at+size, n+lat)
		for c := range view {
			view[c] = buf[c][at:to]
		}
		p.Process(view)
	}
	for c := range view {
		buf[c] = buf[c][lat:]
	}
	return buf
}

// noise is white, even between -amp and amp, of one seed a channel.
func noise(channels, n int, amp float64) [][]float32 {
	b := planar(channels, n)
	for c := range b {
		for i := range b[c] {
			b[c][i] = float32(amp * (2*Uniform(uint64(c+1), uint64(i)) - 1))
		}
	}
	return b
}

func same(t *testing.T, got, want [][]float32) {
	t.Helper()
	for c := range want {
		for i := range want[c] {
			if got[c][i] != want[c][i] {
				t.Fatalf("channel %d frame %d is %g, want %g", c, i, got[c][i], want[c][i])
			}
		}
	}
}

// amplitude is the level of a sine of hz in x, by correlation.
func amplitude(x []float32, hz, rate float64) float64 {
	var re, im, w float64
	for i, v := range x {
		h := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(x)))
		s, c := math.Sincos(2 * math.Pi * hz * float64(i) / rate)
		re += float64(v) * c * h
		im += float64(v) * s * h
		w += h
	}
	return 2 * math.Hypot(re, im) / w
}

func TestTrebleTone(t *testing.T) {
	for _, rate := range []float64{44100, 48000, 96000} {
		for _, hz := range []float64{5000, 6500, 7500, 8500, 10000, 11500, 13000, 15000, 17000} {
			const ref = -12.0
			limit := ferric.At(hz) + ref
			x := sine(int(rate), hz, rate, Ratio(limit+6), 0.2)
			l := NewTrebleLimiter(2, rate, TrebleConfig{Saturation: ferric, ReferenceDB: ref})
			out := process([][]float32{x, x}, 1000, l)
			got := DB(amplitude(out[0][len(x)/4:len(x)*3/4], hz, rate)) - limit
			t.Logf("%g Hz at %g: %+.2f dB over the limit; %+v", hz, rate, got, l.Activity().All())
			if math.Abs(got) > 0.5 {
				t.Errorf("%g Hz at %g: %+.2f dB over the limit", hz, rate, got)
			}
		}
	}
}

func TestLimiterCeiling(t *testing.T) {
	in := noise(2, 200000, 1.6)
	l := NewLimiter(2, 44100, LimiterConfig{})
	out := process(in, 1024, l)
	f := NewPeakFinder(16)
	top := 0.0
	n := len(out[0]) - 2*peakReach
	b, s := make([]float32, n), make([]float32, n)
	for c := range out {
		f.Between(b, out[c][:n+2*peakReach-1], s)
		for _, v := range b {
			top = max(top, float64(v))
		}
	}
	t.Logf("%.3f dBTP %+v", DB(top), l.Activity().All())
	if DB(top) > -1 {
		t.Errorf("%.3f dBTP", DB(top))
	}
}
