package dsp

import "math"

// TrebleWeighting is the filter through which a TrebleLimiter of this
// configuration hears: a sine at the saturation limit comes out with amplitude
// 1. Its taps are symmetric and odd in number.
func TrebleWeighting(rate float64, cfg TrebleConfig) []float32 {
	return weighting(int(63*max(rate, 22050)/44100)/2*2+1, rate, cfg)
}

// FIRPower is the power gain of symmetric taps at freq cycles a sample.
func FIRPower(taps []float32, freq float64) float64 {
	sum := 0.0
	for i, v := range taps {
		sum += float64(float64(v) * math.Cos(2*math.Pi*freq*float64(i-len(taps)/2)))
	}
	return sum * sum
}
