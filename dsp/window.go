package dsp

import "math"

// Kaiser fills w with the Kaiser window of shape beta, symmetric, 1 at its centre.
// It is close to the window that puts most of its energy in the main lobe:
// larger beta gives lower side lobes and a wider main lobe.
func Kaiser(w []float64, beta float64) {
	n := len(w)
	if n == 1 {
		w[0] = 1
		return
	}
	scale := 1 / BesselI0(beta)
	for i := range w {
		x := 2*float64(i)/float64(n-1) - 1
		w[i] = BesselI0(beta*math.Sqrt(max(0, 1-x*x))) * scale
	}
}

// KaiserBeta is the shape that gives a windowed-sinc filter a stop band of
// rejectDB (Kaiser 1974; Oppenheim & Schafer, Discrete-Time Signal Processing, 7.5).
func KaiserBeta(rejectDB float64) float64 {
	switch {
	case rejectDB > 50:
		return 0.1102 * (rejectDB - 8.7)
	case rejectDB >= 21:
		return 0.5842*math.Pow(rejectDB-21, 0.4) + 0.07886*(rejectDB-21)
	}
	return 0
}

// KaiserLength is the number of taps that a windowed-sinc filter needs for a
// stop band of rejectDB and a transition band of width cycles a sample.
func KaiserLength(rejectDB, width float64) int {
	return int(math.Ceil((rejectDB-7.95)/(14.357*width))) + 1
}

// BesselI0 is the modified Bessel function of the first kind, order 0, by its power series.
func BesselI0(x float64) float64 {
	sum, term := 1.0, 1.0
	half := x / 2
	for k := 1.0; k < 500; k++ {
		term *= (half / k) * (half / k)
		sum += term
		if term < sum*1e-17 {
			break
		}
	}
	return sum
}

// Hann fills w with the periodic Hann window, the kind for spectra: w[0] = 0, and
// windows half their length apart add up to 1.
func Hann(w []float64) {
	for i := range w {
		w[i] = 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(w)))
	}
}
