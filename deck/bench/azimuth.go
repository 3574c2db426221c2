package bench

import (
	"fmt"
	"math"
	"math/cmplx"

	"ferric/dsp"
	"ferric/tape"
)

// TrackSpacing is the distance between the centres of the two tracks of a side,
// in metres: 0.6 mm of track and 0.3 mm between them (paolofrattini.it; the gap from common knowledge).
const TrackSpacing = 0.9e-3

// Skew is by how many seconds the tone near hz comes later on the right than on
// the left, unambiguous to half a period either way. guess resolves what lies
// beyond: the answer is the one nearest to it.
func Skew(left, right []float64, rate, hz, guess float64) (float64, error) {
	w := windowFor(min(len(left), len(right)), rate, hz)
	fft := dsp.NewFFT(w)
	win := make([]float64, w)
	dsp.Hann(win)
	l, r := make([]complex128, w/2+1), make([]complex128, w/2+1)
	a, b := make([]float64, w), make([]float64, w)
	var cross complex128
	var both, centre float64
	bin := rate / float64(w)
	lo, hi := max(1, int(hz*0.96/bin)-2), min(w/2, int(hz*1.04/bin)+2)
	for at := 0; at+w <= min(len(left), len(right)); at += w / 2 {
		for i := range a {
			a[i], b[i] = left[at+i]*win[i], right[at+i]*win[i]
		}
		fft.Forward(l, a)
		fft.Forward(r, b)
		for k := lo; k <= hi; k++ {
			c := l[k] * cmplx.Conj(r[k])
			cross += c
			p := cmplx.Abs(c)
			both += p
			centre += p * float64(k) * bin
		}
	}
	if both == 0 || cmplx.Abs(cross) < 0.3*both {
		return 0, fmt.Errorf("%w: no common tone near %.0f Hz", ErrSignal, hz)
	}
	centre /= both
	skew := cmplx.Phase(cross) / (2 * math.Pi * centre)
	return skew + math.Round((guess-skew)*centre)/centre, nil
}

// Azimuth is the angle of the gap from a skew of the two channels in seconds, in
// arc-minutes: 5.5 µs for each. Positive is right late.
func Azimuth(skew float64) float64 {
	return math.Atan(skew*float64(tape.Speed)/TrackSpacing) * 180 / math.Pi * 60
}
