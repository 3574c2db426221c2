package bench

import (
	"fmt"
	"math"
	"math/cmplx"
	"slices"

	"ferric/deck/internal/weight"
	"ferric/dsp"
)

// Flutter is how steadily and how fast a tone runs.
type Flutter struct {
	WeightedPct   float64 // ±, two-sigma: exceeded 5 % of the time
	WRMSPct       float64 // weighted, root mean square
	UnweightedPct float64 // ±, two-sigma, 0.5 to 200 Hz
	SpeedErrorPct float64 // of the mean frequency from nominal
	CarrierHz     float64 // mean frequency
	Seconds       float64 // that were judged
}

const (
	highestWobble   = 200.0 // hertz
	shortestReading = 5.0   // seconds, AES6
	longestReading  = 300.0
	carrierLowest   = 200.0
)

// MeasureFlutter demodulates the tone in x and reads its wobble. nominal is the
// frequency it should have; the true one may lie up to 20 % away. At least 5
// seconds are judged after a margin of 0.5 s at each end; beyond five minutes nothing is.
//
// The tone is turned down to 0 Hz, filtered, and the rate at which its phase
// turns is its frequency. The whole reading is weighted in its spectrum.
func MeasureFlutter(x []float64, rate, nominal float64) (Flutter, error) {
	if nominal < carrierLowest || nominal > rate/3 {
		return Flutter{}, fmt.Errorf("%w: a tone of %.0f Hz at a rate of %.0f Hz (from %.0f Hz to a third of the rate)", ErrSignal, nominal, rate, carrierLowest)
	}
	if need := shortestReading + 2*margin; float64(len(x)) < need*rate {
		return Flutter{}, fmt.Errorf("%w: wow and flutter need %.0f s of tone", ErrSignal, need)
	}
	x = x[:min(len(x), int(longestReading*rate))]
	carrier := dominant(x[:min(len(x), int(4*rate))], rate, nominal*0.8, nominal*1.2)
	if carrier == 0 {
		return Flutter{}, fmt.Errorf("%w: no tone near %.0f Hz", ErrSignal, nominal)
	}
	freq, step := demodulate(x, rate, carrier)
	cut := min(max(int(margin/step), len(freq)/12), int(3/step)) // the slower the wobble, the longer the ends ring
	var mean float64
	for _, f := range freq[cut : len(freq)-cut] {
		mean += f
	}
	mean /= float64(len(freq) - 2*cut)
	dev := make([]float64, len(freq))
	for i, f := range freq {
		dev[i] = (f - mean) / mean
	}
	weighted, flat := weigh(dev, step)
	weighted, flat = weighted[cut:len(freq)-cut], flat[cut:len(freq)-cut]
	var sum float64
	for _, v := range weighted {
		sum += v * v
	}
	return Flutter{
		WeightedPct:   100 * twoSigma(weighted),
		WRMSPct:       100 * math.Sqrt(sum/float64(len(weighted))),
		UnweightedPct: 100 * twoSigma(flat),
		SpeedErrorPct: 100 * (mean/nominal - 1),
		CarrierHz:     mean,
		Seconds:       float64(len(weighted)) * step,
	}, nil
}

// margin at each end is left out of the reading, in seconds: filters settle there.
const margin = 0.5

// dominant is the frequency of the strongest tone between lo and hi, 0 when it does not stand out.
func dominant(x []float64, rate, lo, hi float64) float64 {
	w := 1 << 14
	for w > len(x) {
		w /= 2
	}
	spec := power(x, w)
	bin := rate / float64(w)
	var total, best float64
	at := 0
	for k, p := range spec {
		total += p
		if hz := float64(k) * bin; hz >= lo && hz <= hi && p > best {
			best, at = p, k
		}
	}
	if at == 0 || at >= len(spec)-1 {
		return 0
	}
	var around, centre float64
	for k := max(at-40, 0); k <= min(at+40, len(spec)-1); k++ {
		if math.Abs(float64(k-at)) <= max(3, 0.03*float64(at)) {
			around += spec[k]
			centre += spec[k] * float64(k)
		}
	}
	if around < 0.5*total || around == 0 {
		return 0
	}
	return centre / around * bin
}

// demodulate returns the momentary frequency of the tone near carrier every step seconds.
func demodulate(x []float64, rate, carrier float64) (freq []float64, step float64) {
	hop := max(1, int(rate/2000))
	step = float64(hop) / rate
	// The image lies at twice the carrier below: the filter must end well before.
	pass := min(300, 0.55*carrier)
	stop := min(450, 1.3*carrier)
	n := dsp.KaiserLength(100, (stop-pass)/rate)/2*2 + 1
	taps := dsp.LowPass(n, (pass+stop)/2/rate, 100)
	// The taps are turned with the carrier, so that mixing and filtering are one pass over the samples that count.
	turned := make([]complex128, n)
	for i, t := range taps {
		turned[i] = cmplx.Rect(t, -2*math.Pi*carrier/rate*float64(i))
	}
	phases := len(x)/hop + 1
	z := make([]complex128, 0, phases)
	for at := 0; at < len(x); at += hop {
		from := at - n/2
		lo, hi := max(0, -from), min(n, len(x)-from)
		var re, im float64
		for i := lo; i < hi; i++ {
			v := x[from+i]
			re += v * real(turned[i])
			im += v * imag(turned[i])
		}
		// The turn since the start of the recording.
		turns := math.Mod(carrier/rate*float64(from), 1)
		z = append(z, complex(re, im)*cmplx.Rect(1, -2*math.Pi*turns))
	}
	freq = make([]float64, len(z)-1)
	for i := range freq {
		freq[i] = carrier + cmplx.Phase(z[i+1]*cmplx.Conj(z[i]))/(2*math.Pi*step)
	}
	return freq, step
}

// weigh applies the weighting, and for comparison a flat band of 0.5 to 200 Hz,
// to deviations step seconds apart. A difference of phases over one step is a
// mean over it; that loss is undone too.
func weigh(dev []float64, step float64) (weighted, flat []float64) {
	n := 4
	for n < len(dev)+int(4/step) {
		n *= 2
	}
	fft := dsp.NewFFT(n)
	buf := make([]float64, n)
	copy(buf, dev)
	spec := make([]complex128, n/2+1)
	fft.Forward(spec, buf)
	other := make([]complex128, len(spec))
	for k := range spec {
		hz := float64(k) / (float64(n) * step)
		v := spec[k]
		spec[k] = 0
		if k == 0 || hz > 1.5*highestWobble {
			continue
		}
		v /= complex(dsp.Sinc(hz*step), 0)
		spec[k] = v * complex(dsp.Ratio(weight.FlutterDB(hz)), 0)
		if hz >= 0.5 && hz <= highestWobble {
			other[k] = v
		}
	}
	weighted, flat = make([]float64, n), make([]float64, n)
	fft.Inverse(weighted, spec)
	fft.Inverse(flat, other)
	return weighted[:len(dev)], flat[:len(dev)]
}

// twoSigma is the magnitude that is exceeded 5 % of the time.
func twoSigma(v []float64) float64 {
	a := make([]float64, len(v))
	for i, x := range v {
		a[i] = math.Abs(x)
	}
	slices.Sort(a)
	return a[min(len(a)-1, int(0.95*float64(len(a))))]
}

// Jitter is the timing error of the tone in x by band: the root mean square, in
// seconds, of its displacement from a steady clock between lo and hi hertz.
func Jitter(x []float64, rate, nominal float64, bands [][2]float64) ([]float64, error) {
	if float64(len(x)) < (shortestReading+2*margin)*rate {
		return nil, fmt.Errorf("%w: jitter needs %.0f s of tone", ErrSignal, shortestReading+2*margin)
	}
	carrier := dominant(x[:min(len(x), int(4*rate))], rate, nominal*0.8, nominal*1.2)
	if carrier == 0 {
		return nil, fmt.Errorf("%w: no tone near %.0f Hz", ErrSignal, nominal)
	}
	freq, step := demodulate(x, rate, carrier)
	cut := int(margin / step)
	freq = freq[cut : len(freq)-cut]
	var mean float64
	for _, f := range freq {
		mean += f / float64(len(freq))
	}
	// Hann-windowed spectrum of the deviation; displacement is its integral, 1/(2πf).
	n := 4
	for n < len(freq) {
		n *= 2
	}
	buf := make([]float64, n)
	var gain float64
	for i, f := range freq {
		w := 0.5 - 0.5*math.Cos(2*math.Pi*float64(i)/float64(len(freq)))
		buf[i] = (f/mean - 1) * w
		gain += w * w
	}
	spec := make([]complex128, n/2+1)
	dsp.NewFFT(n).Forward(spec, buf)
	out := make([]float64, len(bands))
	for k := 1; k < len(spec); k++ {
		hz := float64(k) / (float64(n) * step)
		for b, band := range bands {
			if hz >= band[0] && hz < band[1] {
				d := cmplx.Abs(spec[k]) / (2 * math.Pi * hz)
				out[b] += d * d * 2 / (float64(n) * gain)
			}
		}
	}
	for b := range out {
		out[b] = math.Sqrt(out[b])
	}
	return out, nil
}
