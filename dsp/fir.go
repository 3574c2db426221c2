package dsp

import "math"

// Sinc is sin(πx)/(πx), 1 at 0.
func Sinc(x float64) float64 {
	if x == 0 {
		return 1
	}
	return math.Sin(math.Pi*x) / (math.Pi * x)
}

// LowPass designs a linear-phase low-pass of n taps (odd, so that its delay of
// (n-1)/2 is whole) whose gain is one half at cutoff cycles a sample (0 to 0.5),
// with a stop band of rejectDB. Its taps sum to 1.
func LowPass(n int, cutoff, rejectDB float64) []float64 {
	taps := make([]float64, n)
	Kaiser(taps, KaiserBeta(rejectDB))
	mid := float64(n-1) / 2
	var sum float64
	for i := range taps {
		taps[i] *= Sinc(2 * cutoff * (float64(i) - mid))
		sum += taps[i]
	}
	for i := range taps {
		taps[i] /= sum
	}
	return taps
}

// HighPass designs the complement of LowPass: a unit impulse at the centre less the low-pass. n must be odd.
func HighPass(n int, cutoff, rejectDB float64) []float64 {
	taps := LowPass(n, cutoff, rejectDB)
	for i := range taps {
		taps[i] = -taps[i]
	}
	taps[(n-1)/2]++
	return taps
}

// Float32 rounds taps to the precision of samples.
func Float32(taps []float64) []float32 {
	out := make([]float32, len(taps))
	for i, t := range taps {
		out[i] = float32(t)
	}
	return out
}

// Convolve writes dst[i] = Σ taps[k]·src[i+k] for every i of dst; src must hold
// len(dst)+len(taps)-1 samples and not overlap dst. For a symmetric filter that
// is the filtered signal, (len(taps)-1)/2 samples late.
//
// It takes the taps one at a time from the two ends to the middle, so the large middle
// taps come last, where they cost the least precision: every output is the same chain of multiply-adds,
// however many outputs are made at once.
func Convolve(dst, src, taps []float32) { convolve(dst, src, taps) }

// FIRResponse is the complex gain of taps at freq cycles a sample, with phase taken from the middle tap.
func FIRResponse(taps []float64, freq float64) complex128 {
	var re, im float64
	mid := float64(len(taps)-1) / 2
	for i, t := range taps {
		s, c := math.Sincos(2 * math.Pi * freq * (float64(i) - mid))
		re += t * c
		im -= t * s
	}
	return complex(re, im)
}

// FIRPower is the power gain of symmetric taps at freq cycles a sample.
func FIRPower(taps []float32, freq float64) float64 {
	sum := 0.0
	for i, v := range taps {
		sum += float64(float64(v) * math.Cos(2*math.Pi*freq*float64(i-len(taps)/2)))
	}
	return sum * sum
}
