package deck

import (
	"math"
	"math/cmplx"

	"ferric/dsp"
	"ferric/tape"
)

// What a head cannot read, all by the wavelength λ on the tape (the standard
// formulas of Wallace and of Westmijze; Eargle). In micrometres and hertz.

// coating is the thickness of magnetic coating that replay equalisation was
// made for, in micrometres (RTM Fox: 4.7; hifipig.com).
const coating = 4.7

// wavelength on tape in micrometres.
func wavelength(hz float64) float64 { return float64(tape.Wavelength(hz)) * 1e6 }

// GapLoss is the gain of a gap of um: sin(πg/λ)/(πg/λ), the gap counting 1.11 times its length.
func GapLoss(um, hz float64) float64 { return math.Abs(dsp.Sinc(1.11 * um / wavelength(hz))) }

// SpacingLoss is the gain through a distance of um from head to coating: e^(−2πd/λ), 54.6 dB a wavelength.
func SpacingLoss(um, hz float64) float64 { return math.Exp(-2 * math.Pi * um / wavelength(hz)) }

// ThicknessLoss is the gain of a coating of um: (1−e^(−2πδ/λ))/(2πδ/λ).
func ThicknessLoss(um, hz float64) float64 {
	x := 2 * math.Pi * um / wavelength(hz)
	if x < 1e-9 {
		return 1
	}
	return -math.Expm1(-x) / x
}

// AzimuthLoss is the gain of a gap turned by arcmin over the width of a track: sin(πx)/(πx), x = w·tan θ/λ.
func AzimuthLoss(arcmin, hz float64) float64 {
	return math.Abs(dsp.Sinc(float64(tape.TrackWidth) * 1e6 * math.Tan(arcmin/60*math.Pi/180) / wavelength(hz)))
}

// AzimuthSkew is by how many seconds the right channel comes later: the centres of the tracks lie 0.9 mm apart.
func AzimuthSkew(arcmin float64) float64 {
	return trackSpacing * math.Tan(arcmin/60*math.Pi/180) / float64(tape.Speed)
}

// trackSpacing between the centres of the two tracks of a side: 0.6 mm of track
// and 0.3 mm between (the gap is common knowledge), in metres.
const trackSpacing = 0.9e-3

// headGain is what the replay head makes of flux at hz. Only the difference
// counts for the coating: the recording was made to come back flat from the usual one.
func (m *Machine) headGain(extraUM, hz float64) float64 {
	return GapLoss(m.GapUM, hz) * SpacingLoss(m.SpacingUM+extraUM, hz) * AzimuthLoss(m.AzimuthArcmin, hz) *
		ThicknessLoss(m.ThicknessUM, hz) / ThicknessLoss(coating, hz)
}

// designFIR makes n taps (odd) whose gain follows gain(hz) at rate and which come late
// by delay seconds beside their middle. Everything that tape does to a
// frequency depends on place alone, so a symmetric filter reads it as well backwards.
func designFIR(n int, rate, delay float64, gain func(hz float64) float64) []float64 {
	fft := dsp.NewFFT(grid)
	spec := make([]complex128, grid/2+1)
	for k := range spec {
		hz := float64(k) * rate / float64(grid)
		spec[k] = cmplx.Rect(gain(hz), -2*math.Pi*hz*delay)
	}
	buf := make([]float64, grid)
	fft.Inverse(buf, spec)
	taps := make([]float64, n)
	dsp.Kaiser(taps, 5)
	for i := range taps {
		taps[i] *= buf[(i-n/2+grid)%grid]
	}
	return taps
}

// grid is how many points of frequency filters are designed at.
const grid = 4096

// response is the gain of symmetric taps at k/grid of the rate.
func response(taps []float64) []float64 {
	buf := make([]float64, grid)
	for i, t := range taps {
		buf[(i-len(taps)/2+grid)%grid] = t
	}
	spec := make([]complex128, grid/2+1)
	dsp.NewFFT(grid).Forward(spec, buf)
	gain := make([]float64, len(spec))
	for k, v := range spec {
		gain[k] = real(v)
	}
	return gain
}

// passBand is 1 up to lo and falls to 0 at hi as a cosine.
func passBand(hz, lo, hi float64) float64 {
	return 0.5 + 0.5*math.Cos(math.Pi*min(max((hz-lo)/(hi-lo), 0), 1))
}

// reversed32 rounds taps to samples, in reverse: Convolve correlates.
func reversed32(taps []float64) []float32 {
	out := make([]float32, len(taps))
	for i, t := range taps {
		out[len(taps)-1-i] = float32(t)
	}
	return out
}
