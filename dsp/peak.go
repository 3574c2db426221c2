package dsp

import (
	"math"

	"github.com/tphakala/simd/f32"
)

// The highest point of a sampled wave lies between samples: a sine at a quarter of
// the rate can peak 3 dB above every one of its samples. ITU-R BS.1770-4, annex 2,
// measures the true peak on the wave oversampled at least four times. PeakFinder
// does that with 32 taps a phase, where the annex gives 12.

const (
	peakTaps  = 32 // taps a phase
	peakReach = peakTaps / 2
)

// PeakFinder measures the peaks of a wave between its samples.
type PeakFinder struct {
	phases [][]float32 // phases[p] interpolates at (p+1)/(len+1) of the way from one sample to the next
	bound  float64     // no interpolated value exceeds this times the largest sample under the taps
}

// NewPeakFinder makes a finder that looks at oversample-1 points between samples: 4 is what the
// standard asks at 44.1 and 48 kHz, 2 serves at 88.2 and 96 kHz, 1 looks at the samples alone.
func NewPeakFinder(oversample int) *PeakFinder {
	var points []float64
	for p := 1; p < oversample; p++ {
		points = append(points, float64(p)/float64(oversample))
	}
	return newPeakFinder(points)
}

// newPeakFinder makes a finder that looks at the given points between samples, each above 0 and below 1.
func newPeakFinder(points []float64) *PeakFinder {
	f := &PeakFinder{bound: 1}
	beta := KaiserBeta(70)
	for _, frac := range points {
		taps := make([]float64, peakTaps)
		var sum, abs float64
		for k := range taps {
			x := float64(k-peakReach+1) - frac // distance from the point to tap k
			w := x / peakReach
			taps[k] = Sinc(x) * BesselI0(beta*math.Sqrt(max(0, 1-w*w)))
			sum += taps[k]
		}
		for k := range taps {
			taps[k] /= sum
			abs += math.Abs(taps[k])
		}
		f.bound = max(f.bound, abs)
		f.phases = append(f.phases, Float32(taps))
	}
	return f
}

// Reach is how many samples before and after an interval the finder looks at.
func (f *PeakFinder) Reach() int { return peakReach }

// Bound is the most by which a point between samples can exceed the largest sample within Reach of it.
// A stretch whose largest sample times Bound is below some level holds no true peak above it.
func (f *PeakFinder) Bound() float64 { return f.bound }

// Between writes to dst[i] the largest magnitude found strictly between sample i and i+1 of the stretch
// that starts at src[Reach()-1]. src must hold len(dst)+2·Reach()-1 samples; scratch holds len(dst).
func (f *PeakFinder) Between(dst, src, scratch []float32) {
	clear(dst)
	f.raise(dst, src, scratch, 0)
}

// raise lifts dst[i] to what Between would write, leaving out points between samples all of whose
// kind stay at or below floor, and returns the highest.
func (f *PeakFinder) raise(dst, src, scratch []float32, floor float32) (top float32) {
	scratch = scratch[:len(dst)]
	for _, taps := range f.phases {
		Convolve(scratch, src, taps)
		high := f32.MaxAbs(scratch)
		top = max(top, high)
		if high > floor {
			raiseAbs(dst, scratch)
		}
	}
	return top
}

// raiseAbs lifts dst[i] to |v[i]|. Magnitudes of floats are in the order of their bits, which are cheaper to compare.
func raiseAbs(dst, v []float32) {
	dst = dst[:len(v)]
	for i, x := range v {
		dst[i] = math.Float32frombits(max(math.Float32bits(dst[i]), math.Float32bits(x)&^(1<<31)))
	}
}
